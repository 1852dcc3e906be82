"""Completeness: fields that ought to hold something do, as often as they used to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import comb
from typing import Any, Final

from ...contract import Contract
from ...paths import Json
from ...platform import Endpoint
from ...report.events import Finding, Severity
from . import stated
from .found import counted, finding
from .table import EMPTY, Table

Baseline = Mapping[str, tuple[int, int]]
"""Dotted path -> how often something stood there, and how many objects could have it."""

LUCK: Final = 0.001
"""Below this chance, a field that holds something less often than before is not merely having a bad page."""
LEAST: Final = 5
"""Fewer samples than this say nothing about how often a field holds something."""


@dataclass(frozen=True, slots=True)
class Filled:
    """How often a field must hold something.

    Raises `ConfigurationError` for a value that cannot be, such as a share outside of 0..1.

    Attributes:
        source: `endpoint id:dotted path`, `hubspot/contacts:properties.email`.
        share: The least share of the objects that have it, from 0 to 1; 0 accepts a field that is always empty.
        severity: Of the finding.
    """

    source: str
    share: float = 1.0
    severity: Severity = "breaking"

    def __post_init__(self) -> None:
        who = f"Filled {self.source}"
        stated.place(who, self.source)
        stated.number(who, "share", self.share, most=1.0)
        stated.severity(who, "severity", self.severity)


def missing(
    rows: Table, path: str, *, share: float = 1.0, severity: Severity = "breaking", key: str = ""
) -> list[Finding]:
    """The field at `path` is absent, null or empty in more objects than `share` allows."""
    seen, of = rows.filled(path)
    if not of and len(rows):
        of = len(rows)
    if not of or seen / of >= share:
        return []
    empty = [number for number, value in rows.column(path) if value in EMPTY] or range(len(rows))
    wanted = "must always hold something" if share == 1.0 else f"must hold something in {share:.0%}"
    return [
        finding(
            "field-incomplete",
            severity,
            path,
            f"{wanted}, and is empty in {counted(of - seen, of)}",
            table=rows,
            rows=empty,
            of=of,
            key=key,
            share=round(seen / of, 4),
        )
    ]


def emptied(
    rows: Table,
    baseline: Baseline,
    *,
    empty: Sequence[Json] = EMPTY,
    accepted: Iterable[str] = (),
    key: str = "",
) -> list[Finding]:
    """Fields that hold something clearly less often than they did in the baseline.

    A field that was always sparse may stay so: what counts is whether these rows and the baseline's can be draws
    from one and the same lot (Fisher's exact test, one-sided). `accepted` paths are left out. Where the objects
    themselves are gone, the field that holds them is named, not what was inside. `empty` are the values that the
    baseline counts as nothing.
    """
    known = set(accepted)
    found = []
    for path, (before, could) in sorted(baseline.items()):
        seen, of = rows.filled(path, empty)
        if path in known or min(could, of) < LEAST or before == 0 or not _rarer(before, could, seen, of):
            continue
        gone = "holds nothing any more" if seen == 0 else f"holds something in only {counted(seen, of, 'object')}"
        found.append(
            finding(
                "field-emptied" if seen == 0 else "field-sparser",
                "breaking" if seen == 0 and before == could else "warning",
                path,
                f"{gone}; the baseline has it in {before} of {could}",
                table=rows,
                rows=[number for number, value in rows.column(path) if value in empty],
                of=of,
                key=key,
                seen=seen,
                share=round(seen / of, 4),
                baseline_seen=before,
                baseline_of=could,
                explanation="A field that falls silent is how a broken sync, a lost scope or a renamed field shows.",
            )
        )
    return found


def _rarer(before: int, could: int, seen: int, of: int) -> bool:
    """Whether `seen` of `of` is too few to come from where `before` of `could` came from."""
    if seen * could >= before * of:
        return False
    return _hypergeometric(before + seen, could + of, of, seen) < LUCK


def _hypergeometric(good: int, total: int, drawn: int, most: int) -> float:
    """The chance of at most `most` good ones among `drawn` out of `total` with `good` good ones."""
    if total > _EXACT:
        return _normal(good, total, drawn, most)
    least = max(0, drawn + good - total)
    ways = sum(comb(good, hit) * comb(total - good, drawn - hit) for hit in range(least, most + 1))
    return ways / comb(total, drawn)


_EXACT: Final = 2_000
"""Above so many samples the normal approximation is as good, and does not take long."""


def _normal(good: int, total: int, drawn: int, most: int) -> float:
    from math import erf, sqrt

    mean = drawn * good / total
    variance = mean * (1 - good / total) * (total - drawn) / (total - 1)
    return 0.5 * (1 + erf((most + 0.5 - mean) / sqrt(2 * variance))) if variance else float(most >= mean)


def observed(rows: Table) -> dict[str, tuple[int, int]]:
    """These rows as a baseline for others."""
    return {path: rows.filled(path) for path in rows.columns}


def promised(contract: Contract, endpoint: Endpoint) -> dict[str, tuple[int, int]]:
    """What a contract's evidence tells: how often each field of a row was there and not null; nothing without it."""
    prefix = _prefix(endpoint)
    return {
        path: (seen, of)
        for pointer, entry in contract.evidence.counts.items()
        if (path := _below(pointer, prefix))
        for seen, of in _counts(entry)
    }


def promised_rows(contract: Contract, endpoint: Endpoint) -> int:
    """How many rows of a list a contract's evidence has seen; 0 where it tells nothing."""
    entry = contract.evidence.counts.get(_prefix(endpoint).removesuffix("/"), {})
    seen = entry.get("seen")
    return seen if isinstance(seen, int) and endpoint.kind == "list" else 0


def list_emptied(before: int, *, severity: Severity = "warning") -> list[Finding]:
    """A list without a row, that held some `before`."""
    if not before:
        return []
    said = f"the list is empty; {before} row{' was' if before == 1 else 's were'} there before"
    why = "A list that falls empty is how a lost scope, a new filter or a broken sync shows."
    return [finding("list-emptied", severity, "", said, explanation=why, seen=0, baseline_seen=before)]


def _prefix(endpoint: Endpoint) -> str:
    inside = "".join(f"/{step}" for step in endpoint.records.split(".")) if endpoint.records else ""
    return f"/body{inside}/*/" if endpoint.kind == "list" else f"/body{inside}/"


def _below(pointer: str, prefix: str) -> str:
    """The dotted path in a row; "" for a pointer that leads elsewhere, or through variants and maps."""
    if not pointer.startswith(prefix) or "<" in pointer or "{*}" in pointer:
        return ""
    steps = pointer.removeprefix(prefix).split("/")
    return "" if steps[-1] == "*" else ".".join(step.replace("~1", "/").replace("~0", "~") for step in steps)


def _counts(entry: Mapping[str, Any]) -> Iterator[tuple[int, int]]:
    seen, of, types = entry.get("seen"), entry.get("of"), entry.get("types", {})
    if isinstance(seen, int) and isinstance(of, int):
        yield seen - int(types.get("null") or 0), of
