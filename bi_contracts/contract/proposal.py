"""A new inference merged into a contract that a person may have edited: what they wrote stays.

Three schemas meet: what the old evidence alone gives, what stands in the file, what the new samples give. Where
the file differs from its own evidence a person spoke, and is kept; elsewhere the new samples are followed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import unified_diff
from typing import Any, Final

from ..interaction import Envelope
from ..paths import Json
from .contract import Contract, as_document
from .document import write
from .evidence import rebuild, tabulate
from .keyed import keyed
from .responses import as_envelope
from .tightening import by_status, tightened

_MISSING: Final = object()
_SETS: Final = frozenset({"required", "enum", "type"})


@dataclass(frozen=True, slots=True)
class Proposal:
    """`contract` is what accepting would write; `diff` shows how its schema differs, `""` where it does not."""

    contract: Contract
    diff: str

    @property
    def changed(self) -> bool:
        """Whether the schema would change; new counts alone are no change."""
        return bool(self.diff)


def propose(current: Contract, inferred: Contract, responses: Sequence[Envelope] = ()) -> Proposal:
    """The contract to accept after new samples: inferred anew, hand edits of `current` kept.

    One that was imported from a vendor's description and has seen no responses yet is tightened by them; `responses`
    are those that `inferred` rests on.
    """
    described = bool(current.evidence.described_by and inferred.evidence.counts)
    inferred = _keyed(inferred, current) if described else inferred
    base = current.inferred_schema
    if base is None and described and responses:
        return _tightened(current, inferred, responses)
    if base is not None and described:
        base, inferred = _as_tightened(current), replace(inferred, schema=_as_tightened(inferred))
    theirs = dict(inferred.schema) | {key: base[key] for key in ("$id", "title") if base is not None}
    schema = _grown(current.schema, theirs) if base is None else _merged(base, current.schema, theirs)
    described_by = inferred.evidence.described_by or current.evidence.described_by
    corrected_by = current.evidence.corrected_by
    evidence = replace(inferred.evidence, described_by=described_by, corrected_by=corrected_by)
    contract = replace(inferred, id=current.id, schema=schema, evidence=evidence)
    return Proposal(contract, diff_text(current, contract))


def _keyed(inferred: Contract, current: Contract) -> Contract:
    """The inference, its objects maps where the contract has maps."""
    shape = keyed(rebuild(inferred.evidence.counts), current.shape)
    evidence = replace(inferred.evidence, counts=tabulate(shape))
    return replace(inferred, schema=as_document(inferred.id, shape), evidence=evidence)


def _as_tightened(contract: Contract) -> dict[str, Any]:
    """The schema that the evidence gives, its statuses told apart as in a contract that was tightened."""
    return as_document(contract.id, by_status(rebuild(contract.evidence.counts)))


def _tightened(current: Contract, inferred: Contract, responses: Sequence[Envelope]) -> Proposal:
    shape = tightened(current.shape, inferred.shape, [as_envelope(response) for response in responses])
    said = current.evidence
    evidence = replace(
        inferred.evidence,
        described_by=said.described_by,
        corrected_by=said.corrected_by,
        api_version=inferred.evidence.api_version or said.api_version,
    )
    contract = Contract(current.id, as_document(current.id, shape), evidence)
    return Proposal(contract, diff_text(current, contract))


def diff_text(old: Contract, new: Contract) -> str:
    """A unified diff of two schemas, evidence left out; `""` where they are the same."""
    before, after = (write(one.schema, "", None).splitlines(keepends=True) for one in (old, new))
    return "".join(unified_diff(before, after, f"{old.id} (contract)", f"{new.id} (proposed)", n=3))


def _merged(base: Json, ours: Json, theirs: Json) -> Json:
    if ours == theirs or _same(base, theirs):
        return ours
    if _same(base, ours):
        return theirs
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        return _merged_keys(base if isinstance(base, Mapping) else {}, ours, theirs)
    return ours


def _same(one: Json, two: Json) -> bool:
    return one is two if _MISSING in (one, two) else bool(one == two)


def _merged_keys(base: Mapping[str, Any], ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for key in _key_order(ours, theirs):
        three = (base.get(key, _MISSING), ours.get(key, _MISSING), theirs.get(key, _MISSING))
        value = _merged_value(key, *three)
        if value is not _MISSING:
            merged[key] = value
    return merged


def _key_order(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    """Our order; keys that are new come before the first of ours that they stand before in theirs."""
    order = list(ours)
    follower: str | None = None
    for key in reversed(list(theirs)):
        if key not in ours:
            order.insert(order.index(follower) if follower is not None else len(order), key)
        follower = key
    return order


def _merged_value(key: str, base: Json, ours: Json, theirs: Json) -> Json:
    if key in _SETS and all(_is_set(value) for value in (base, ours, theirs)):
        return _merged_sets(base, ours, theirs)
    if key in ("oneOf", "anyOf") and all(isinstance(value, list) for value in (base, ours, theirs)):
        return _merged_branches(base, ours, theirs)
    return _merged(base, ours, theirs)


def _is_set(value: Json) -> bool:
    return isinstance(value, list) and all(not isinstance(item, (dict, list)) for item in value)


def _merged_sets(base: list[Json], ours: list[Json], theirs: list[Json]) -> list[Json]:
    """Additions and removals of both sides."""
    kept = [item for item in ours if item in theirs or item not in base]
    grown = kept + [item for item in theirs if item not in base and item not in ours]
    return sorted(grown) if all(isinstance(item, str) for item in grown) and ours == sorted(ours) else grown


def _merged_branches(base: list[Json], ours: list[Json], theirs: list[Json]) -> list[Json]:
    three = [{_branch_name(branch): branch for branch in branches} for branches in (base, ours, theirs)]
    if any(len(named) < len(branches) for named, branches in zip(three, (base, ours, theirs), strict=True)):
        return ours
    return list(_merged_keys(*three).values())


def _branch_name(branch: Json) -> str:
    """What tells a variant from its siblings: its constants, else its type."""
    if not isinstance(branch, Mapping):
        return repr(branch)
    properties = branch.get("properties") or {}
    pinned = {
        key: value["const"] for key, value in properties.items() if isinstance(value, Mapping) and "const" in value
    }
    return repr((branch.get("type"), branch.get("not"), sorted(pinned.items(), key=str)))


def _grown(ours: Json, theirs: Json) -> Json:
    """A schema written by hand, with the properties that it does not know yet; nothing it says is touched."""
    if not isinstance(ours, Mapping) or not isinstance(theirs, Mapping):
        return ours
    grown = dict(ours)
    for key in ("items", "additionalProperties"):
        if key in ours and key in theirs:
            grown[key] = _grown(ours[key], theirs[key])
    known, seen = ours.get("properties"), theirs.get("properties")
    if isinstance(known, Mapping) and isinstance(seen, Mapping):
        grown["properties"] = {
            key: _grown(known[key], seen.get(key)) if key in known else seen[key] for key in _key_order(known, seen)
        }
    return grown
