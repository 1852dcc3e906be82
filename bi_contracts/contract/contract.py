"""A contract: what a response looks like, and what that knowledge rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote

from ..errors import ContractNotFound, InvalidContract
from ..files import write_text
from ..interaction import Envelope, Source
from .decide import envelope_shape
from .document import parse, write
from .evidence import Evidence, rebuild, tabulate
from .observation import observe
from .reading import Reader
from .responses import as_envelopes
from .schema import DIALECT, to_schema
from .shape import Shape
from .violation import Validation, Violation

EVIDENCE: Final = "x-evidence"
SAYING: Final = {"type", "properties", "required", "additionalProperties", "patternProperties", "const", "enum"} | {
    *("$ref", "allOf", "anyOf", "oneOf", "not", "if")
}
"""Keywords of which a contract has at least one: a schema without any accepts everything, and checks nothing."""


@dataclass(frozen=True)
class Contract:
    """`schema` is a JSON Schema of the whole envelope: `status`, `headers`, `body`."""

    id: str
    schema: Mapping[str, Any]
    evidence: Evidence = field(default_factory=Evidence)

    @classmethod
    def infer(
        cls,
        id: str,
        responses: Iterable[Envelope],
        *,
        source: Source | str = Source.UNKNOWN,
        recorded_at: datetime | str = "",
        api_version: str = "",
    ) -> Contract:
        """Fold responses, in any order, into a contract. They are read once and not kept.

        Raises ConfigurationError, naming the response by number, for one that is not shaped like a response,
        and InvalidContract when there is none: a contract that rests on nothing would pass everything.
        """
        shape = envelope_shape(observe(as_envelopes(responses)))
        if not shape.seen:
            raise InvalidContract(f"{id}: there are no responses to infer a contract from.")
        when = recorded_at.isoformat() if isinstance(recorded_at, datetime) else recorded_at
        evidence = Evidence(shape.seen, str(source), when, api_version, tabulate(shape))
        return cls(id, as_document(id, shape), evidence)

    @classmethod
    def from_json(cls, text: str, where: str = "contract", *, compiled: bool = True) -> Contract:
        """Read a contract file's text. Raises InvalidContract, naming `where` and the position.

        `compiled=False` leaves out what only validating needs: whoever wants the shape alone saves its memory.
        """
        document = parse(text, where)
        evidence = _read_evidence(document.pop(EVIDENCE, None), where)
        contract = cls(_read_id(document, where), document, evidence)
        if compiled:
            contract.validation.check(where, text)
        if not SAYING & document.keys():
            raise InvalidContract(f"{where}: not a contract: it has no `properties`, `type` or the like to check by.")
        return contract

    @classmethod
    def load(cls, path: str | Path, *, compiled: bool = True) -> Contract:
        """Read a contract file, as `from_json` does. Raises ContractNotFound or InvalidContract."""
        try:
            text = Path(path).read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            raise ContractNotFound(f"{path}: no contract here; `bi-contracts infer` makes one.") from None
        except UnicodeDecodeError as error:
            raise InvalidContract(f"{path}: not UTF-8 text ({error.reason} at byte {error.start}).") from None
        except OSError as error:
            raise InvalidContract(f"{path}: cannot be read ({error.strerror or error}).") from None
        return cls.from_json(text, str(path), compiled=compiled)

    def to_json(self) -> str:
        """The file's text: the schema, then one `x-evidence` block. The same contract gives the same bytes."""
        about = self.evidence.as_dict() if self.evidence != Evidence() else None
        return write(self.schema, EVIDENCE, about)

    def save(self, path: str | Path) -> None:
        """Write the file whole or not at all. Raises ConfigurationError when the folder is not writable."""
        write_text(path, self.to_json())

    def violations(self, response: Envelope) -> Iterator[Violation]:
        """Where a response breaks the contract, most telling first; nothing when it keeps it."""
        return self.validation.violations(response)

    @cached_property
    def shape(self) -> Shape:
        """The schema, as edited, with the counts of the evidence."""
        return Reader(self.schema, self.evidence.counts).read(self.schema)

    @cached_property
    def validation(self) -> Validation:
        """The compiled schema, built once."""
        return Validation(self.schema)

    @property
    def inferred_schema(self) -> dict[str, Any] | None:
        """The schema that the evidence alone gives; None where there is no evidence."""
        return as_document(self.id, rebuild(self.evidence.counts)) if self.evidence.counts else None


def as_document(id: str, shape: Shape) -> dict[str, Any]:
    """A schema file's object for a shape of envelopes."""
    return {"$schema": DIALECT, "$id": quote(id, safe="/-._~"), "title": id} | to_schema(shape)


def _read_id(document: Mapping[str, Any], where: str) -> str:
    found = document.get("$id") or document.get("title") or Path(where).name.split(".")[0]
    if not isinstance(found, str):
        raise InvalidContract(f"{where}: at /$id: expected a string.")
    return unquote(found)


def _read_evidence(block: Any, where: str) -> Evidence:
    if block is None:
        return Evidence()
    counts = block.get("counts", {}) if isinstance(block, Mapping) else None
    samples = block.get("samples", 0) if isinstance(block, Mapping) else None
    if not isinstance(counts, Mapping) or not isinstance(samples, int) or not all(map(_is_entry, counts.values())):
        raise InvalidContract(f"{where}: at /{EVIDENCE}: not an evidence block; delete it or infer the contract again.")
    texts = {key: str(block.get(key, "")) for key in ("recorded_at", "api_version", "described_by", "corrected_by")}
    return Evidence(samples, str(block.get("source", Source.UNKNOWN)), **texts, counts=dict(counts))


def _is_entry(entry: Any) -> bool:
    return (
        isinstance(entry, Mapping)
        and all(isinstance(entry.get(key, 0), int) for key in ("seen", "of"))
        and isinstance(entry.get("types", {}), Mapping)
        and all(isinstance(count, int) for count in entry.get("types", {}).values())
    )
