"""Every check of one endpoint's rows, one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Final

from ...contract import Contract
from ...interaction import Envelope, Source
from ...paths import dig
from ...platform import Endpoint
from ...report.events import Finding
from .completeness import LEAST, Baseline, emptied, list_emptied, missing, promised, promised_rows
from .contracts import violated
from .declared import Declared
from .formats import malformed_mail, not_json
from .limits import exceeded, limits_of
from .table import NULL, Table
from .times import SKEW, far_from_others, in_future, newest, out_of_order, stale, unsorted
from .uniqueness import keys, shared


@dataclass(frozen=True)
class Sample:
    """What one endpoint was found to hold, and what is known of it.

    Attributes:
        id: The endpoint's; an account's is told by its platform's (`hubspot/contacts` for `hubspot@eu/contacts`).
        endpoint: Its declaration.
        rows: Its rows.
        now: When they were read, in Unix seconds.
        answers: The answers they came in.
        sizes: Of the answers, in bytes.
        elapsed: Of the answers, in seconds; None where nobody measured.
        complete: Whether all rows were read.
        once: False where the rows come from several reads: each of them may hold the same row.
        contract: What the answers are held to, None where there is none.
        baseline: How often each field held something before.
        source: Who answered.
        before: How many rows were there when it was recorded, by the same source.
        own: Whether what is known of it is the workspace's own, and not reference data.
    """

    id: str
    endpoint: Endpoint
    rows: Table
    now: float
    answers: Sequence[Envelope] = ()
    sizes: Sequence[int] = ()
    elapsed: Sequence[float | None] = ()
    complete: bool = True
    once: bool = True
    contract: Contract | None = None
    baseline: Baseline = field(default_factory=dict)
    source: Source = Source.UNKNOWN
    before: int = 0
    own: bool = False

    @cached_property
    def pages(self) -> list[Table]:
        """The rows of each answer."""
        found = [dig(answer["body"], self.endpoint.records) for answer in self.answers]
        return [Table(rows) for rows in found if isinstance(rows, list) and rows]

    @cached_property
    def promised(self) -> Mapping[str, tuple[int, int]]:
        """What the contract's evidence tells of each field, where it is evidence about who answered here."""
        return promised(self.contract, self.endpoint) if self.contract is not None and self._evident else {}

    @property
    def held(self) -> int:
        """How many rows the list held before, by the recording or by the contract's evidence."""
        if self.contract is None or not self._evident:
            return self.before
        return max(self.before, promised_rows(self.contract, self.endpoint))

    @property
    def _evident(self) -> bool:
        """Whether the contract's evidence is about who answered here."""
        known = _EVIDENCE.get(self.source, (self.source,))
        return self.contract is not None and self.contract.evidence.source in known


_EVIDENCE: Final = {Source.LIVE: (Source.LIVE, Source.IMPORTED)}
"""Who answers -> whose answers say how often a field is filled. A sandbox fills what real accounts leave empty."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found, and what could not be looked at, with the reason."""

    findings: tuple[Finding, ...]
    skipped: tuple[str, ...] = ()
    newest: float | None = None


_CONTENT_TYPE: Final = "/headers/content-type"
NO_ROWS: Final = "no rows to look at"
"""What is said of an answer without rows: it has not passed."""


def examine(sample: Sample, declared: Declared | None = None) -> Examined:
    """Every check that one endpoint's rows allow; what they do not allow is said in `skipped`."""
    asked = declared or Declared.of()
    rows, key = sample.rows, sample.endpoint.key
    found = violated(sample.contract, sample.answers) if sample.contract is not None else []
    if not any(one.path == _CONTENT_TYPE for one in found):
        found += not_json(sample.answers)
    skipped = [] if sample.contract is not None else ["no contract to hold the answers to"]
    found += exceeded(sample.sizes, sample.elapsed, limits_of(sample.id, asked.limits))
    if sample.sizes and all(one is None for one in sample.elapsed):
        skipped.append("nobody timed the answers")
    if not len(rows):
        return Examined((*found, *_emptied(sample)), (*skipped, NO_ROWS))
    found += _unique(sample, asked)
    found += _complete(sample, asked)
    if not (sample.baseline or sample.promised):
        skipped.append("nothing tells how often each field used to hold something")
    found += malformed_mail(rows, key=key)
    found += out_of_order(rows, key=key, moved_in=sample.source is Source.LIVE)
    found += in_future(rows, sample.now, id=sample.id, key=key, planned=asked.planned)
    found += far_from_others(rows, key=key)
    found += unsorted(sample.pages, sample.endpoint)
    fresh, reason = _fresh(sample, asked)
    return Examined(tuple(found + fresh), (*skipped, *reason), newest(rows, until=sample.now + SKEW))


def _emptied(sample: Sample) -> list[Finding]:
    """Breaking where the workspace's own evidence had a good number of rows; a list under one parent may be empty."""
    if sample.endpoint.kind != "list":
        return []
    sure = sample.own and sample.held >= LEAST and not sample.endpoint.parents
    return list_emptied(sample.held, severity="breaking" if sure else "warning")


def _unique(sample: Sample, asked: Declared) -> list[Finding]:
    lots = [sample.rows] if sample.once else sample.pages
    found: list[Finding] = []
    for rows in lots if sample.endpoint.kind == "list" else ():
        found += keys(rows, sample.endpoint.key)
        for one in asked.unique:
            path = _of(one.source, sample.id)
            if path:
                found += shared(rows, path, folded=one.folded, severity=one.severity, key=sample.endpoint.key)
    return found


def _complete(sample: Sample, asked: Declared) -> list[Finding]:
    wanted = [(path, one) for one in asked.filled if (path := _of(one.source, sample.id))]
    settled = [path for path, _ in wanted]
    found = emptied(sample.rows, sample.baseline, accepted=settled, key=sample.endpoint.key)
    settled += sample.baseline
    found += emptied(sample.rows, sample.promised, empty=NULL, accepted=settled, key=sample.endpoint.key)
    for path, one in wanted:
        found += missing(sample.rows, path, share=one.share, severity=one.severity, key=sample.endpoint.key)
    return found


def _fresh(sample: Sample, asked: Declared) -> tuple[list[Finding], list[str]]:
    wanted = asked.fresh(sample.id)
    if wanted is None:
        return [], []
    if newest(sample.rows, wanted.field) is None:
        return [], ["no moment tells how fresh the rows are"]
    found = stale(sample.rows, sample.now, wanted, key=sample.endpoint.key)
    if found and not (sample.complete or sample.endpoint.newest_first or wanted.every):
        return [], ["how fresh the rows are cannot be told from the first pages"]
    return found, []


def _of(source: str, id: str) -> str:
    """The path of a place at this endpoint, "" for another endpoint's."""
    endpoint, _, path = source.partition(":")
    return path if fnmatchcase(id, endpoint) else ""
