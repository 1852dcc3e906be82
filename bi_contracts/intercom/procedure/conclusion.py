"""What the lines of a run come to: success, partial success, or failure with what has to be done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from .actions import ADVICE, steps, typed
from .line import (
    CONNECTION,
    INTEGRITY,
    PERFORMANCE,
    SERVER,
    SYNC,
    Line,
    Mark,
)

API = "https://api.intercom.io"


class Verdict(StrEnum):
    """The three outcomes, and a run in which nothing took place."""

    PASSED = "passed"
    PARTIAL = "partial"
    FAILED = "failed"
    NOTHING_RAN = "nothing ran"


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure as it is listed: whose it is, what it is, and why."""

    section: str
    text: str
    cause: str = ""


@dataclass(frozen=True)
class Conclusion:
    """A run, judged.

    Attributes:
        lines: All of them, in order.
        base: The API's address, for what to type.
        server: The command of the server that was tested, () for our own.
    """

    lines: tuple[Line, ...]
    base: str = API
    server: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Failed where anything is bad, partial where something asks to be looked at."""
        marks = {line.mark for line in self.lines}
        if Mark.BAD in marks:
            return Verdict.FAILED
        if Mark.WARNING in marks:
            return Verdict.PARTIAL
        return Verdict.PASSED if Mark.GOOD in marks else Verdict.NOTHING_RAN

    @property
    def failures(self) -> tuple[Failure, ...]:
        """What is bad, and which of the seed's two later parts could not run for it."""
        found = [Failure(line.section, _named(line), line.cause) for line in self.lines if line.mark is Mark.BAD]
        skipped = {line.section: line.text for line in self.lines if line.mark is Mark.SKIPPED}
        return (*found, *(Failure(name, skipped[name]) for name in (SYNC, SERVER) if name in skipped))

    @property
    def warnings(self) -> dict[str, tuple[Line, ...]]:
        """Heading -> lines to look at. Slow results stand beside those that are not."""
        slow = tuple(line for line in self.lines if _measured(line))
        rest = [line for line in self.lines if line.mark is Mark.WARNING and line not in slow]
        found = {
            "Performance Issues Detected": slow if any(line.mark is Mark.WARNING for line in slow) else (),
            "Data Integrity Warnings": tuple(line for line in rest if line.section == INTEGRITY),
            "Warnings": tuple(line for line in rest if line.section != INTEGRITY),
        }
        return {heading: lines for heading, lines in found.items() if lines}

    @property
    def required(self) -> tuple[str, ...]:
        """What has to be done about what is bad, in order."""
        return self._steps(line for line in self.lines if line.mark is Mark.BAD)

    @property
    def recommended(self) -> tuple[str, ...]:
        """What to do about warnings, those of integrity left out."""
        return self._steps(line for line in self._warned if line.section != INTEGRITY)

    @property
    def investigate(self) -> tuple[str, ...]:
        """Where to look for the reason of integrity warnings."""
        return self._steps(line for line in self._warned if line.section == INTEGRITY)

    @property
    def _warned(self) -> Iterable[Line]:
        return (line for line in self.lines if line.mark is Mark.WARNING)

    @property
    def typed(self) -> Mapping[str, str]:
        """What stands in the steps for the API and the server."""
        host = self.base.partition("://")[2].partition("/")[0]
        return {"base": self.base, "host": host, **typed(self.server)}

    def _steps(self, lines: Iterable[Line]) -> tuple[str, ...]:
        return steps((line.problem for line in lines if line.problem), **self.typed)


_SLOW = ("slow sync", "slow queries", "memory")
_SPEEDS = ((SYNC, "Sync Speed"), (PERFORMANCE, "Query Response"), (PERFORMANCE, "Memory Usage"))


def _measured(line: Line) -> bool:
    return (line.section, line.name) in _SPEEDS or (line.mark is Mark.WARNING and line.problem in _SLOW)


def _named(line: Line) -> str:
    """The line with its name, which a failed connection needs none of."""
    plain = (line.section, line.name) in ((CONNECTION, "Status"),) or line.name == line.section
    return line.said if plain else f"{line.name}: {line.said}"


def bad(section: str, name: str, text: str, problem: str, **more: object) -> Line:
    """A line that fails the run, with the usual cause of its problem."""
    return Line(section, name, text, Mark.BAD, ADVICE[problem.partition(":")[0]].cause, problem, **more)  # type: ignore[arg-type]


def warning(section: str, name: str, text: str, problem: str, **more: object) -> Line:
    """A line that asks to be looked at."""
    return Line(section, name, text, Mark.WARNING, "", problem, **more)  # type: ignore[arg-type]
