"""One rule that applies at one path, before the findings of several variants are put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..paths import Json
from .facts import Fact
from .odds import DOUBT, by_order
from .rules import rule
from .severity import Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """`pointer` is an evidence pointer; `evidence` counts as `Change.evidence` does."""

    rule: str
    severity: Severity
    pointer: str
    before: Json
    after: Json
    evidence: Mapping[str, Any]


def made(name: str, pointer: str, before: Fact, after: Fact, was: Json, now: Json, doubtful: bool = False) -> Finding:
    """A finding with the severity of its rule, one lower where samples leave it in doubt."""
    severity = rule(name).severity
    if doubtful:
        severity = Severity.WARNING if severity is Severity.BREAKING else Severity.INFO
    evidence = {"seen": after.seen, "of": after.of, "baseline_seen": before.seen, "baseline_of": before.of}
    return Finding(name, severity, pointer, was, now, evidence)


def is_doubtful(before: int | None, after: int | None, odd: int, samples: int | None = None) -> bool:
    """Whether the contradiction may be a rare case that the baseline had not met.

    `odd` of `after` fresh cases contradict all `before` of the baseline. A contract written by hand is not in doubt.
    Nor is a path that stood in each of the baseline's `samples`, however few, when every fresh case contradicts it.
    """
    if before is None or not after or not odd:
        return False
    if odd == after and samples is not None and before >= samples:
        return False
    return before < 2 or by_order(before, after, odd) > DOUBT


def total(counts: Mapping[Any, int | None]) -> int | None:
    """The sum of the counts that are known, None where none is."""
    known = [count for count in counts.values() if count is not None]
    return sum(known) if known else None
