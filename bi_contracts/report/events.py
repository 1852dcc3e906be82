"""What a run says about itself: one stream of frozen values, read by every writer.

A stream is `Started`, any number of `Outcome`, `Finished`. Only outcomes are needed; a stream that has
`Started` and no `Finished` was interrupted and never counts as good.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, get_args

from ..errors import BiContractsError, ExitCode

Severity = Literal["breaking", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""Worst first."""

NOT_LIVE = "not evidence about the live API"


class Status(StrEnum):
    """How one check of one endpoint ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    ERROR = "error"


class Verdict(StrEnum):
    """How the whole run ended, worst first."""

    FAILED = "failed"
    ERROR = "error"
    INCOMPLETE = "incomplete"
    NOTHING_RAN = "nothing ran"
    WARNINGS = "passed with warnings"
    PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Started:
    """The run begins. `facts` are shown as they are: mode, command line, host."""

    title: str
    verb: str
    at: datetime
    tool_version: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found. `path` is a JSON pointer (RFC 6901) over the response envelope.

    `evidence` is free; where it has whole numbers `seen` and `of`, writers draw them as a share.
    `explanation` says what the rule means, once for all its findings. Raises ValueError on another severity.
    """

    rule: str
    severity: Severity
    path: str
    before: Any = None
    after: Any = None
    message: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    explanation: str = ""

    def __post_init__(self) -> None:
        severity_rank(self.severity)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One check (`drift`, `contract`, `replay`, ...) of one subject (`asana/tasks`).

    `elapsed` is in seconds, `artifact` the contract or cassette that was read, relative to the workspace.
    `exit_code` overrides what a failure (1) or an error (4) ends the process with.
    """

    subject: str
    check: str
    status: Status
    findings: tuple[Finding, ...] = ()
    source: str = ""
    samples: int = 0
    elapsed: float | None = None
    note: str = ""
    artifact: str = ""
    exit_code: ExitCode | None = None

    def __post_init__(self) -> None:
        Status(self.status)

    @property
    def platform(self) -> str:
        return self.subject.partition("/")[0]

    @property
    def verdict(self) -> Status:
        """The status, except that nothing which found a breaking change has passed."""
        if self.status in (Status.ERROR, Status.FAILED):
            return Status(self.status)
        return Status.FAILED if self.worst == "breaking" else Status(self.status)

    @property
    def worst(self) -> Severity | None:
        return worst_of(finding.severity for finding in self.findings)

    @property
    def provenance(self) -> str:
        """Who answered; never empty."""
        return str(self.source) or "unknown"

    @property
    def answered(self) -> bool:
        """Whether anybody was asked: a skipped check without a source has no provenance to speak of."""
        return self.verdict != Status.SKIPPED or bool(self.source)

    @property
    def live(self) -> bool:
        """Whether this says something about the vendor's API."""
        return self.provenance == "live"


@dataclass(frozen=True, slots=True)
class Finished:
    """The run came to its end. `elapsed` is in seconds."""

    elapsed: float | None = None


Event = Started | Outcome | Finished


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
        return self.breaking + self.warning + self.info

    @property
    def worst(self) -> Severity | None:
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
        return self.total.worst

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


def severity_rank(severity: str) -> int:
    """0 is the worst. Raises ValueError on a severity that is none of ours."""
    if severity not in SEVERITIES:
        raise ValueError(f"no severity {severity!r}: it is one of {', '.join(SEVERITIES)}")
    return SEVERITIES.index(severity)


def worst_of(severities: Iterable[Severity]) -> Severity | None:
    return min(severities, key=severity_rank, default=None)


def by_severity(findings: Iterable[Finding]) -> list[Finding]:
    """Worst first, then by path and rule."""
    return sorted(findings, key=lambda finding: (severity_rank(finding.severity), finding.path, finding.rule))


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
