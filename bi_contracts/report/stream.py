"""A stream of events read to its end: what it counts to, and what the process ends with."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from ..errors import BiContractsError, ExitCode
from .events import (
    SEVERITIES,
    Event,
    Finished,
    Outcome,
    Recommendation,
    Severity,
    Started,
    Status,
    Timed,
    severity_rank,
)


class Verdict(StrEnum):
    """How the whole run ended, worst first."""

    FAILED = "failed"
    ERROR = "error"
    INCOMPLETE = "incomplete"
    NOTHING_RAN = "nothing ran"
    WARNINGS = "passed with warnings"
    PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many outcomes and findings of each kind. `samples` are responses looked at.

    They are not all where what is counted was `interrupted`.
    """

    outcomes: int = 0
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    errors: int = 0
    breaking: int = 0
    warning: int = 0
    info: int = 0
    samples: int = 0
    interrupted: bool = False

    @classmethod
    def of(cls, outcomes: Iterable[Outcome], interrupted: bool = False) -> Tally:
        """The counts of some outcomes."""
        rows = tuple(outcomes)
        statuses = [row.verdict for row in rows]
        severities = [finding.severity for row in rows for finding in row.findings]
        return cls(
            outcomes=len(rows),
            passed=statuses.count(Status.PASSED),
            failed=statuses.count(Status.FAILED),
            skipped=statuses.count(Status.SKIPPED),
            errors=statuses.count(Status.ERROR),
            breaking=severities.count("breaking"),
            warning=severities.count("warning"),
            info=severities.count("info"),
            samples=sum(row.samples for row in rows),
            interrupted=interrupted,
        )

    @property
    def findings(self) -> int:
        """Findings of every severity."""
        return self.breaking + self.warning + self.info

    @property
    def worst(self) -> Severity | None:
        """The worst severity that was counted, None where nothing was."""
        return next((severity for severity in SEVERITIES if getattr(self, severity)), None)

    @property
    def ran(self) -> int:
        """How many were done: all but the skipped ones."""
        return self.outcomes - self.skipped

    @property
    def verdict(self) -> Verdict:
        """What these counts come to; where nothing ran, that is what it says."""
        if self.failed or self.breaking:
            return Verdict.FAILED
        if self.errors:
            return Verdict.ERROR
        if self.interrupted:
            return Verdict.INCOMPLETE
        if not self.ran:
            return Verdict.NOTHING_RAN
        return Verdict.WARNINGS if self.warning else Verdict.PASSED


@dataclass(frozen=True, slots=True)
class Summary:
    """The run in numbers.

    Platforms, subjects and sources are in alphabetical order, phases in the order in which they ran; a phase that was
    gone through without an outcome counts to nothing. What was skipped has no source, and what is about no single
    platform is not among the platforms.
    """

    verdict: Verdict
    total: Tally
    platforms: Mapping[str, Tally]
    subjects: Mapping[str, Tally]
    sources: Mapping[str, int]
    phases: Mapping[str, Tally] = field(default_factory=dict)

    @property
    def worst(self) -> Severity | None:
        """The worst severity of the run, None where nothing was found."""
        return self.total.worst

    @property
    def headline(self) -> str:
        """The verdict in words; a pass says so where not every answer was live."""
        if self.verdict not in (Verdict.PASSED, Verdict.WARNINGS) or self.live:
            return self.verdict
        return f"{self.verdict}, but {'only partly' if 'live' in self.sources else 'not'} against the live API"

    @property
    def live(self) -> bool:
        """Whether every answer came from the live API, and there is one."""
        return set(self.sources) == {"live"}


@dataclass(frozen=True, slots=True)
class Span:
    """When a phase took place, in seconds since the run began; not `measured` where that is put together."""

    start: float
    elapsed: float
    measured: bool = True


@dataclass(frozen=True, slots=True)
class Report:
    """A stream that has been read to its end."""

    started: Started | None
    outcomes: tuple[Outcome, ...]
    finished: Finished | None
    timings: tuple[Timed, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()

    @classmethod
    def of(cls, events: Iterable[Event]) -> Report:
        """Raises TypeError on what is no event: a finding must never be lost by passing the wrong thing."""
        started: Started | None = None
        finished: Finished | None = None
        outcomes: list[Outcome] = []
        timings: list[Timed] = []
        recommendations: list[Recommendation] = []
        for event in events:
            match event:
                case Started():
                    started = started or event
                case Outcome():
                    outcomes.append(event)
                case Timed():
                    timings.append(event)
                case Recommendation():
                    recommendations.append(event)
                case Finished():
                    finished = event
                case _:
                    raise TypeError(f"not an event: {event!r}")
        return cls(started, tuple(outcomes), finished, tuple(timings), tuple(recommendations))

    @property
    def interrupted(self) -> bool:
        """True where the run began and did not end."""
        return self.started is not None and self.finished is None

    @property
    def title(self) -> str:
        return self.started.title if self.started else "bi-contracts"

    @property
    def ran(self) -> bool:
        return any(outcome.verdict != Status.SKIPPED for outcome in self.outcomes)

    @property
    def ordered(self) -> tuple[Outcome, ...]:
        """Worst first, then what is about the live API, then by subject and check."""
        return tuple(sorted(self.outcomes, key=_outcome_order))

    @property
    def summary(self) -> Summary:
        total = Tally.of(self.outcomes, self.interrupted)
        unfinished = {timing.phase for timing in self.timings if not timing.finished}
        return Summary(
            verdict=total.verdict,
            total=total,
            platforms=_tallies((outcome.platform, outcome) for outcome in self.outcomes if not outcome.across),
            subjects=_tallies((outcome.subject, outcome) for outcome in self.outcomes),
            sources=_counted(outcome.provenance for outcome in self.outcomes if outcome.answered),
            phases={phase: Tally.of(self.of_phase(phase), phase in unfinished) for phase in self.phases},
        )

    @property
    def phases(self) -> tuple[str, ...]:
        """The phases that took place or have outcomes, in the order in which they ran."""
        timed = [timing.phase for timing in sorted(self.timings, key=lambda timing: timing.start)]
        return tuple(dict.fromkeys(filter(None, [*timed, *(outcome.phase for outcome in self.outcomes)])))

    @property
    def spans(self) -> dict[str, Span]:
        """When each phase took place; where nobody timed them, their checks' own times laid end to end."""
        if self.timings:
            return {timing.phase: Span(_sane(timing.start), _sane(timing.elapsed)) for timing in self.timings}
        spans: dict[str, Span] = {}
        start = 0.0
        for phase in self.phases:
            elapsed = sum(_sane(row.elapsed) for row in self.outcomes if row.phase == phase)
            spans[phase] = Span(start, elapsed, measured=False)
            start += elapsed
        return spans

    def of_phase(self, phase: str) -> tuple[Outcome, ...]:
        """The outcomes of a phase, the worst first; of "", those that belong to none."""
        return tuple(outcome for outcome in self.ordered if outcome.phase == phase)


def summary(events: Iterable[Event]) -> Summary:
    """The run in numbers."""
    return Report.of(events).summary


def exit_code(events: Iterable[Event], fail_on: str = "breaking") -> ExitCode:
    """What the process ends with; where several apply, the lowest.

    1: an outcome failed, or a finding is at least as bad as `fail_on`. 4, or the outcome's own code: a check
    could not be done. 5: nothing ran, or the run was interrupted. Raises BiContractsError on another `fail_on`.
    """
    if fail_on not in SEVERITIES:
        raise BiContractsError(f"cannot fail on {fail_on!r}: choose one of {', '.join(SEVERITIES)}")
    report = Report.of(events)
    bad = {_outcome_code(outcome, fail_on) for outcome in report.outcomes} - {ExitCode.GOOD}
    if bad:
        return min(bad)
    return ExitCode.GOOD if report.ran and not report.interrupted else ExitCode.NOTHING_RAN


def _outcome_code(outcome: Outcome, fail_on: str) -> ExitCode:
    if outcome.verdict == Status.FAILED:
        return outcome.exit_code or ExitCode.FINDINGS
    if outcome.worst is not None and severity_rank(outcome.worst) <= severity_rank(fail_on):
        return ExitCode.FINDINGS
    if outcome.verdict == Status.ERROR:
        return outcome.exit_code or ExitCode.UPSTREAM
    return ExitCode.GOOD


def _sane(seconds: float | None) -> float:
    """Seconds with which one can reckon: never negative, never beyond all bounds."""
    return min(max(seconds, 0.0), 1e12) if seconds is not None and math.isfinite(seconds) else 0.0


_STATUS_ORDER: Sequence[Status] = (Status.FAILED, Status.ERROR, Status.PASSED, Status.SKIPPED)


def _outcome_order(outcome: Outcome) -> tuple[int, int, bool, str, str]:
    rank = len(SEVERITIES) if outcome.worst is None else severity_rank(outcome.worst)
    return _STATUS_ORDER.index(outcome.verdict), rank, not outcome.live, outcome.subject, outcome.check


def _tallies(rows: Iterable[tuple[str, Outcome]]) -> dict[str, Tally]:
    groups: dict[str, list[Outcome]] = {}
    for key, outcome in rows:
        groups.setdefault(key, []).append(outcome)
    return {key: Tally.of(groups[key]) for key in sorted(groups)}


def _counted(names: Iterable[str]) -> dict[str, int]:
    rows = sorted(names)
    return {name: rows.count(name) for name in dict.fromkeys(rows)}
