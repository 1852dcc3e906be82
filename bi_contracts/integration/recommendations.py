"""What to do about what a run has found: one row a kind of finding, and the outcomes that ask for it as evidence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..errors import ExitCode
from ..redact import redact_text
from ..registry import installed
from ..report.events import (
    SEVERITIES,
    Event,
    Finding,
    Finished,
    Outcome,
    Recommendation,
    Severity,
    Status,
    by_severity,
    worst_of,
)
from ..report.figures import plain_number
from ..report.stream import Report
from ..report.values import clean, counted, shown, told

__all__ = ["MOST_EVIDENCE", "RULES", "Recommendation", "Rule", "recommend", "recommended"]

MOST_EVIDENCE = 12
"""Outcomes that a recommendation names; its text says how many there are."""

_VARIABLE = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
_CONDITION = re.compile(r"^([a-z]+)\(?([\d.]*)\)?\s*[<>]=?\s*([\d.]+)$")
_ACROSS = {"gateway": "the business gateway", "platforms": "several platforms", "": "the run"}
"""What is checked beside single platforms, as a person writes it."""

_BAD = (Status.FAILED, Status.ERROR)
_GOING_UNNOTICED = ("mock", "stale", "cache", "degraded")


@dataclass(frozen=True, slots=True)
class Case:
    """The outcomes about one platform that ask for one thing.

    Attributes:
        platform: The platform's name; "" where it is about none of them.
        title: As a person writes it.
        outcomes: Those that ask for it, the worst first.
        ran: How many checks of the platform ran in the phases of these outcomes.
        replay: Whether recordings answered.
        unset: Platform -> the variables that any check of the run says it lacks.
    """

    platform: str
    title: str
    outcomes: tuple[Outcome, ...]
    ran: int
    replay: bool
    unset: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def first(self) -> str:
        """The worst outcome in few words."""
        row = self.outcomes[0]
        said = next((told(finding) or finding.rule for finding in by_severity(row.findings)), "")
        why = shown(redact_text(clean(said or row.note.partition("\n")[0])), 120)
        return f"{clean(row.subject)} {clean(row.check)}{f': {why}' if why else ''}"

    @property
    def ids(self) -> str:
        """What to type for these endpoints: their id, or a glob over the platform's."""
        subjects = list(dict.fromkeys(clean(row.subject) for row in self.outcomes))
        return subjects[0] if len(subjects) == 1 else f"'{clean(self.outcomes[0].platform)}/*'"


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of advice: which outcomes ask for it, what to say, and how much it matters: None is as much as they."""

    name: str
    asks: Callable[[Outcome], bool]
    says: Callable[[Case], str]
    severity: Severity | None = None


def recommend(events: Iterable[Event]) -> tuple[Recommendation, ...]:
    """What the outcomes of a stream ask for, the worst first; nothing where all is well."""
    report = Report.of(events)
    found = [one for rule in RULES for one in _by_platform(rule, report)]
    return tuple(sorted(found, key=lambda one: SEVERITIES.index(one.severity)))


def recommended(events: Iterable[Event]) -> list[Event]:
    """The stream with its recommendations before its end; one that has some already is left as it is."""
    stream = list(events)
    if any(isinstance(event, Recommendation) for event in stream):
        return stream
    end = next((at for at, event in enumerate(stream) if isinstance(event, Finished)), len(stream))
    return [*stream[:end], *recommend(stream), *stream[end:]]


def _by_platform(rule: Rule, report: Report) -> Iterator[Recommendation]:
    asking: dict[str, list[Outcome]] = {}
    for outcome in report.ordered:
        if rule.asks(outcome):
            asking.setdefault(_about(outcome), []).append(outcome)
    lacking = _lacking(report)
    titles = _ACROSS | {platform.name: platform.title for platform in installed()}
    for platform in sorted(asking):
        rows = tuple(asking[platform])
        case = Case(
            platform,
            titles.get(platform, clean(platform)),
            rows,
            _ran(report, platform, rows),
            _replay(report),
            lacking,
        )
        severity = rule.severity or worst_of(map(_severity, rows)) or "warning"
        evidence = tuple(_named(row) for row in rows[:MOST_EVIDENCE])
        yield Recommendation(rule.says(case), evidence, severity, platform)


def _ran(report: Report, platform: str, rows: Sequence[Outcome]) -> int:
    phases = {row.phase for row in rows}
    return sum(
        row.verdict != Status.SKIPPED for row in report.outcomes if _about(row) == platform and row.phase in phases
    )


def _replay(report: Report) -> bool:
    return report.started is not None and report.started.facts.get("mode") == "replay"


def _about(outcome: Outcome) -> str:
    """The platform, also where its name stands in that of a benchmark: `gateway/gong_calls_light_load`."""
    known = {platform.name for platform in installed()}
    if outcome.platform in known:
        return outcome.platform
    words = re.split(r"[^a-z0-9]+", outcome.subject.lower())
    return next((word for word in words if word in known), outcome.platform)


def _severity(outcome: Outcome) -> Severity:
    if outcome.verdict == Status.FAILED:
        return "breaking"
    return "warning" if outcome.verdict == Status.ERROR else outcome.worst or "warning"


def _named(outcome: Outcome) -> str:
    """`linear/me valid credential: failed (credential-refused: HTTP 401)`."""
    why = shown(redact_text(clean(_why(outcome))), 200)
    return f"{clean(outcome.subject)} {clean(outcome.check)}: {outcome.verdict}{f' ({why})' if why else ''}"


def _why(outcome: Outcome) -> str:
    """The worst finding, or else the first line of the note."""
    for finding in by_severity(outcome.findings)[:1]:
        more = f" and {len(outcome.findings) - 1} more" if len(outcome.findings) > 1 else ""
        return f"{': '.join(filter(None, (finding.rule, told(finding))))}{more}"
    return outcome.note.partition(";" if _unset(outcome) else "\n")[0]


def _name(outcome: Outcome) -> str:
    return clean(outcome.subject.partition("/")[2] or outcome.subject)


def _graves(outcome: Outcome) -> Iterator[Finding]:
    """The findings that are worth doing something about."""
    return (finding for finding in outcome.findings if finding.severity != "info")


def _has(*rules: str) -> Callable[[Outcome], bool]:
    """Whether an outcome has a finding by one of these rules; one that ends in `-` stands for all that begin so."""
    exact, prefixes = frozenset(rules), tuple(rule for rule in rules if rule.endswith("-"))
    return lambda outcome: any(
        finding.rule in exact or (bool(prefixes) and finding.rule.startswith(prefixes)) for finding in _graves(outcome)
    )


def _bad_in(phase: str) -> Callable[[Outcome], bool]:
    return lambda outcome: outcome.phase == phase and outcome.verdict in _BAD and not _misconfigured(outcome)


def _misconfigured(outcome: Outcome) -> bool:
    """A mistake in what was typed or set: it says nothing about any platform."""
    return outcome.verdict == Status.ERROR and outcome.exit_code in (ExitCode.USAGE, ExitCode.CONFIGURATION)


def _too_slow(outcome: Outcome) -> bool:
    return any(_slowness(finding) for finding in _graves(outcome))


def _slowness(finding: Finding) -> str:
    """`p95 8,200 ms over the 8,000 ms threshold` of a finding about time."""
    if finding.rule == "answer-too-slow":
        return told(finding)
    if finding.rule != "sla-breached" or not str(finding.evidence.get("metric", "")).startswith("http_req_duration"):
        return ""
    found = _CONDITION.match(str(finding.evidence.get("condition", "")).replace(" ", ""))
    if found is None or not isinstance(finding.after, int | float):
        return told(finding)
    return (
        f"{found[1]}{found[2]} {plain_number(finding.after)} ms over the {plain_number(float(found[3]))} ms threshold"
    )


def _says_slow(case: Case) -> str:
    worst = case.outcomes[0]
    slow = next(filter(None, map(_slowness, by_severity(worst.findings))))
    more = f", and {counted(len(case.outcomes) - 1, 'more check')}" if len(case.outcomes) > 1 else ""
    return f"Consider optimizing {case.title} API response times ({redact_text(clean(slow))} in {_name(worst)}{more})"


def _unset(outcome: Outcome) -> list[str]:
    """The variables that a skipped check would need."""
    told = outcome.verdict == Status.SKIPPED and re.search(r"\b(not set|unset|malformed)\b", outcome.note)
    return list(dict.fromkeys(_VARIABLE.findall(outcome.note))) if told else []


def _lacking(report: Report) -> dict[str, tuple[str, ...]]:
    """Platform -> the variables that its own checks say they lack."""
    found: dict[str, dict[str, None]] = {}
    for row in report.outcomes:
        if row.platform not in _ACROSS:
            found.setdefault(row.platform, {}).update(dict.fromkeys(_unset(row)))
    return {platform: tuple(names) for platform, names in found.items() if names}


def _says_unset(case: Case) -> str:
    """A note may name a second platform without its variables: those are known from that platform's own checks."""
    named: dict[str, None] = {}
    for row in case.outcomes:
        named |= dict.fromkeys(_unset(row))
        if case.platform in _ACROSS:
            words = re.split(r"[^a-z0-9_@-]+", row.note)
            named |= dict.fromkeys(name for word in words for name in case.unset.get(word, ()))
    names = list(named)
    return f"Set {_listed(names)} to have {case.title} checked ({counted(len(case.outcomes), 'check')} skipped)"


def _says_connection(case: Case) -> str:
    bad = f"{len(case.outcomes)} of {counted(case.ran, 'check')} failed"
    return f"Connection reliability issues detected for {case.title} integration ({bad}: {case.first})"


def _says_stale(case: Case) -> str:
    if case.replay:
        return f"Record {case.title} again: `bi-contracts record {case.ids}` ({case.first})"
    return f"Find out why no newer data arrives from {case.title} ({case.first})"


def _says_contract(case: Case) -> str:
    ids = case.ids
    return (
        f"Look at what {case.title} answers against its contract: `bi-contracts check {ids}`, and `bi-contracts drift"
        f" {ids}` for fresh answers ({counted(len(case.outcomes), 'check')} affected, {case.first})"
    )


def _says_drift(case: Case) -> str:
    return (
        f"Review how the {case.title} API has changed: `bi-contracts drift {case.ids}`, then accept or mend it"
        f" ({case.first})"
    )


def _says_data(case: Case) -> str:
    rules = list(dict.fromkeys(clean(finding.rule) for row in case.outcomes for finding in _graves(row)))
    return (
        f"Mend the data of {case.title}: {_listed(rules[:5])}{', ...' if len(rules) > 5 else ''}"
        f" ({counted(len(case.outcomes), 'check')} affected, {case.first})"
    )


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


_contract = _has("contract-", "contract-violated")
_stale = _has("data-stale", "stale-recording")
_failing = _has("requests-failed")


def _drifted(outcome: Outcome) -> bool:
    return outcome.check == "drift" and any(_graves(outcome))


def _dirty(outcome: Outcome) -> bool:
    """Findings about data that no other row has advice for."""
    other = (_contract, _stale, _too_slow, _drifted)
    return outcome.phase == "data flow" and any(_graves(outcome)) and not any(asks(outcome) for asks in other)


def _lagged(outcome: Outcome) -> bool:
    return outcome.phase == "load" and outcome.verdict == Status.ERROR and outcome.note.startswith("not valid")


def _fell_back(outcome: Outcome) -> bool:
    return outcome.verdict == Status.PASSED and outcome.source.startswith(_GOING_UNNOTICED)


def _unexplained(outcome: Outcome) -> bool:
    """What is bad, and no other row has anything to say about."""
    bad = outcome.verdict in _BAD or any(_graves(outcome))
    return bad and not any(rule.asks(outcome) for rule in RULES[:-1])


RULES: tuple[Rule, ...] = (
    Rule("connection", _bad_in("connection"), _says_connection),
    Rule(
        "configuration",
        _misconfigured,
        lambda case: f"Mend the configuration or the credentials that these checks use ({case.first})",
    ),
    Rule("response times", _too_slow, _says_slow),
    Rule(
        "failing under load",
        _failing,
        lambda case: f"Find out why requests to {case.title} fail under load ({case.first})",
    ),
    Rule(
        "generator lag",
        _lagged,
        lambda case: f"Repeat the load run with a lower rate or on an idle machine: it says nothing ({case.first})",
    ),
    Rule("contract", _contract, _says_contract),
    Rule("drift", _drifted, _says_drift),
    Rule("stale", _stale, _says_stale),
    Rule("data quality", _dirty, _says_data),
    Rule("workflow", _bad_in("workflow"), lambda case: f"Mend the step that broke ({case.first})"),
    Rule(
        "resilience",
        _bad_in("resilience"),
        lambda case: f"Do not rely on the resilience policy towards {case.title} until this holds ({case.first})",
    ),
    Rule("health", _bad_in("health"), lambda case: f"See to {case.title}, which is not healthy ({case.first})"),
    Rule(
        "fallback",
        _fell_back,
        lambda case: (
            f"Bring {case.title} back: {counted(len(case.outcomes), 'check')} had to do without it ({case.first})"
        ),
        "warning",
    ),
    Rule("credentials", lambda outcome: bool(_unset(outcome)), _says_unset, "info"),
    Rule("other", _unexplained, lambda case: f"Look into {case.title} ({case.first})"),
)
"""In the order in which they are told where they matter alike. The last one has what no other has advice for."""
