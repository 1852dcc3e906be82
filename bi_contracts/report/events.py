"""What a run says about itself: one stream of frozen values, read by every writer.

A stream is `Started`, any number of `Outcome`, `Finished`. Only outcomes are needed; a stream that has
`Started` and no `Finished` was interrupted and never counts as good. A long run adds a `Timed` for each phase
that it has been through, and a `Recommendation` for what its outcomes ask for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, get_args

from ..errors import ExitCode

Severity = Literal["breaking", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""Worst first."""

GATEWAY = "gateway"
"""The source of what a gateway says about itself: no platform is behind it."""

NOT_LIVE = "not evidence about the live API"


class Status(StrEnum):
    """How one check of one endpoint ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Started:
    """The run begins. `facts` are shown as they are: mode, command line, host; `phases` were asked for."""

    title: str
    verb: str
    at: datetime
    tool_version: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    phases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found. `path` is a JSON pointer (RFC 6901) over the response envelope.

    `evidence` is free. Whole numbers `seen` and `of` (fresh samples), `baseline_seen` and `baseline_of` (the
    contract's) are drawn as shares; a `sentence` stands for a missing message and tells the rest.
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
class Series:
    """One line or one row of bars in a chart: points of (x, y), by growing x."""

    name: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Numbers that people would rather look at than read.

    Attributes:
        kind: `histogram` (x is a bar's lower bound, y how many) or `timeline` (x is seconds since the start).
        title: What is shown.
        x: Name and unit of the x axis: `latency in ms`.
        y: Name and unit of the y axis: `requests`.
        series: What is drawn, the first one in front.
        marks: Name -> x (histogram) or y (timeline) of lines that are drawn across: percentiles, thresholds.
        edge: The upper bound of a histogram's last bar.
    """

    kind: Literal["histogram", "timeline"]
    title: str
    x: str
    y: str
    series: tuple[Series, ...]
    marks: Mapping[str, float] = field(default_factory=dict)
    edge: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """One check (`drift`, `contract`, `replay`, ...) of one subject (`asana/tasks`).

    `elapsed` is in seconds, `artifact` the contract or cassette that was read, relative to the workspace.
    `exit_code` overrides what a failure (1) or an error (4) ends the process with. `phase` is the part of a long run
    that it belongs to (`connection`, `load`), `figures` are numbers worth keeping by name and unit (`p95_ms`).
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
    phase: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)
    charts: tuple[Chart, ...] = ()

    def __post_init__(self) -> None:
        Status(self.status)

    @property
    def platform(self) -> str:
        """The platform that the subject belongs to."""
        return self.subject.partition("/")[0]

    @property
    def across(self) -> bool:
        """Whether it is about no single platform: a workflow over several, rules as such, a phase as a whole."""
        return self.platform in ("platforms", "rules") or self.subject == self.phase != ""

    @property
    def verdict(self) -> Status:
        """The status, except that nothing which found a breaking change has passed."""
        if self.status in (Status.ERROR, Status.FAILED):
            return Status(self.status)
        return Status.FAILED if self.worst == "breaking" else Status(self.status)

    @property
    def worst(self) -> Severity | None:
        """The worst severity among the findings, None where there are none."""
        return worst_of(finding.severity for finding in self.findings)

    @property
    def provenance(self) -> str:
        """Who answered; never empty."""
        return str(self.source) or "unknown"

    @property
    def answered(self) -> bool:
        """Whether somebody answered: a check that was skipped, failed or erred may have got no answer to speak of.

        What a gateway says about itself is none.
        """
        if self.source == GATEWAY:
            return False
        return str(self.source) not in ("", "unknown") or self.samples > 0 or self.verdict == Status.PASSED

    @property
    def live(self) -> bool:
        """Whether this says something about the vendor's API."""
        return self.provenance == "live"


@dataclass(frozen=True, slots=True)
class Timed:
    """A phase took place: `start` seconds after the run began, for `elapsed` seconds, whatever came of it.

    It is not `finished` where it was interrupted.
    """

    phase: str
    start: float
    elapsed: float
    finished: bool = True


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What to do about some outcomes, and which they are.

    Attributes:
        text: One sentence for people.
        evidence: A line for each outcome that asks for it: subject, check, and what came of it. Never empty.
        severity: How much it matters.
        platform: Whom it is about, "" for several.
    """

    text: str
    evidence: tuple[str, ...]
    severity: Severity = "warning"
    platform: str = ""

    def __post_init__(self) -> None:
        severity_rank(self.severity)
        if not self.evidence:
            raise ValueError(f"a recommendation without evidence: {self.text!r}")


@dataclass(frozen=True, slots=True)
class Finished:
    """The run came to its end. `elapsed` is in seconds."""

    elapsed: float | None = None


Event = Started | Outcome | Timed | Recommendation | Finished


def severity_rank(severity: str) -> int:
    """0 is the worst. Raises ValueError on a severity that is none of ours."""
    if severity not in SEVERITIES:
        raise ValueError(f"no severity {severity!r}: it is one of {', '.join(SEVERITIES)}")
    return SEVERITIES.index(severity)


def worst_of(severities: Iterable[Severity]) -> Severity | None:
    """The worst of several severities, None of none."""
    return min(severities, key=severity_rank, default=None)


def by_severity(findings: Iterable[Finding]) -> list[Finding]:
    """Worst first, then by path and rule."""
    return sorted(findings, key=lambda finding: (severity_rank(finding.severity), finding.path, finding.rule))
