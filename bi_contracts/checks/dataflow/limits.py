"""Answers that are too large, or take too long."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from ...report.events import Finding, Severity
from . import stated
from .found import counted, finding

MEBIBYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """How large and how slow an answer may be. None does not ask.

    Raises `ConfigurationError` for a value that cannot be.

    Attributes:
        endpoint: Its id, with wildcards; the last declaration that fits holds.
        max_bytes: Of one answer, decoded.
        max_seconds: From the request to the whole answer.
        severity: Of the finding.
    """

    endpoint: str = "*"
    max_bytes: int | None = 10 * MEBIBYTE
    max_seconds: float | None = 5.0
    severity: Severity = "warning"

    def __post_init__(self) -> None:
        who = f"Limits {self.endpoint}"
        stated.endpoint(who, self.endpoint)
        stated.number(who, "max_bytes", self.max_bytes, whole=True, none=True)
        stated.number(who, "max_seconds", self.max_seconds, none=True)
        stated.severity(who, "severity", self.severity)


def limits_of(id: str, declared: Sequence[Limits]) -> Limits:
    """The limits of an endpoint: the last declared that fits, else the defaults."""
    return next((one for one in reversed(declared) if fnmatchcase(id, one.endpoint)), Limits())


def exceeded(sizes: Sequence[int], elapsed: Iterable[float | None], limits: Limits) -> list[Finding]:
    """Answers beyond the limits. An answer that nobody timed says nothing about time."""
    timed = [one for one in elapsed if one is not None]
    found = []
    if limits.max_bytes is not None and (large := [one for one in sizes if one > limits.max_bytes]):
        said = f"{counted(len(large), len(sizes), 'answer')} above {limits.max_bytes} bytes, the largest {max(large)}"
        found.append(_finding("payload-too-large", limits, said, len(large), len(sizes), largest_bytes=max(large)))
    if limits.max_seconds is not None and (slow := [one for one in timed if one > limits.max_seconds]):
        said = f"{counted(len(slow), len(timed), 'answer')} took over {limits.max_seconds:g} s, up to {max(slow):.3f} s"
        found.append(_finding("answer-too-slow", limits, said, len(slow), len(timed), slowest_s=round(max(slow), 6)))
    return found


def _finding(rule: str, limits: Limits, said: str, seen: int, of: int, **more: Any) -> Finding:
    return finding(rule, limits.severity, "", said, seen=seen, of=of, **more)
