"""A stream of events read to its end: what it counts to, and what the process ends with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ..errors import BiContractsError, ExitCode
from .events import SEVERITIES, Event, Finished, Outcome, Severity, Started, Status, severity_rank


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
    """How many outcomes and findings of each kind. `samples` are responses looked at."""

    outcomes: int = 0
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    errors: int = 0
    breaking: int = 0
    warning: int = 0
    info: int = 0
    samples: int = 0

    @classmethod
    def of(cls, outcomes: Iterable[Outcome]) -> Tally:
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
        )

    @property
    def findings(self) -> int:
        """Findings of every severity."""
        return self.breaking + self.warning + self.info

    @property
    def worst(self) -> Severity | None:
        """The worst severity that was counted, None where nothing was."""
        return next((severity for severity in SEVERITIES if getattr(self, severity)), None)


@dataclass(frozen=True, slots=True)
class Summary:
    """The run in numbers. Platforms, subjects and sources are in alphabetical order; what was skipped has no source."""

    verdict: Verdict
    total: Tally
    platforms: Mapping[str, Tally]
    subjects: Mapping[str, Tally]
    sources: Mapping[str, int]

    @property
    def worst(self) -> Severity | None:
        """The worst severity of the run, None where nothing was found."""
        return self.total.worst

    @property
    def headline(self) -> str:
        """The verdict in words; a pass that no live answer stands behind says so."""
        passed = self.verdict in (Verdict.PASSED, Verdict.WARNINGS)
        return (
            f"{self.verdict}, but not against the live API" if passed and "live" not in self.sources else self.verdict
        )

    @property
    def live(self) -> bool:
        """Whether every answer came from the live API, and there is one."""
        return set(self.sources) == {"live"}


@dataclass(frozen=True, slots=True)
class Report:
    """A stream that has been read to its end."""

    started: Started | None
    outcomes: tuple[Outcome, ...]
    finished: Finished | None

    @classmethod
    def of(cls, events: Iterable[Event]) -> Report:
        """Raises TypeError on what is no event: a finding must never be lost by passing the wrong thing."""
        started: Started | None = None
        finished: Finished | None = None
        outcomes: list[Outcome] = []
        for event in events:
            match event:
                case Started():
                    started = started or event
                case Outcome():
                    outcomes.append(event)
                case Finished():
                    finished = event
                case _:
                    raise TypeError(f"not an event: {event!r}")
        return cls(started, tuple(outcomes), finished)

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
        total = Tally.of(self.outcomes)
        return Summary(
            verdict=self._verdict(total),
            total=total,
            platforms=_tallies((outcome.platform, outcome) for outcome in self.outcomes),
            subjects=_tallies((outcome.subject, outcome) for outcome in self.outcomes),
            sources=_counted(outcome.provenance for outcome in self.outcomes if outcome.answered),
        )

    def _verdict(self, total: Tally) -> Verdict:
        if total.failed or total.breaking:
            return Verdict.FAILED
        if total.errors:
            return Verdict.ERROR
        if self.interrupted:
            return Verdict.INCOMPLETE
        if not self.ran:
            return Verdict.NOTHING_RAN
        return Verdict.WARNINGS if total.warning else Verdict.PASSED


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
