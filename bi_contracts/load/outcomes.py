"""A result held against its thresholds, as one outcome of a report."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import ExitCode, SlaBreached
from ..redact import redact_text
from ..report.events import Chart, Finding, Outcome, Series, Status
from .result import LoadResult
from .sla import SLAThresholds
from .thresholds import Breach, Threshold, breaches

BARS = 40
"""Bars of a histogram."""

_EXPLANATION = (
    "A service level is measured on every request of the run, failures among them, each from the moment it was due."
)


def limits(sla: SLAThresholds | None, thresholds: Sequence[Threshold] = ()) -> tuple[Threshold, ...]:
    """Everything that a run is held to."""
    return (*(sla.thresholds if sla is not None else ()), *thresholds)


def check(result: LoadResult, thresholds: Sequence[Threshold]) -> None:
    """Raises `SlaBreached` that says which thresholds a valid run does not hold."""
    found = breaches(thresholds, result) if result.valid else ()
    if found:
        raise SlaBreached(f"{result.config.name}: {'; '.join(map(str, found))}")


def outcome(result: LoadResult, thresholds: Sequence[Threshold] = (), *, subject: str = "") -> Outcome:
    """The run as one row of a report.

    Nothing that did not run has passed, nor has a run whose generator lagged: it is an error, and no threshold is
    judged by it. A breach ends the process with 6, a run in which nothing was sent with 5.
    """
    status, code, findings = _verdict(result, thresholds)
    return Outcome(
        subject or f"gateway/{result.config.name}",
        "load",
        status,
        findings,
        source=result.source,
        samples=result.completed,
        elapsed=result.elapsed,
        note="; ".join([*_first_note(result), *result.notes]) if result.completed else "no request ran",
        exit_code=code,
        phase="load",
        figures=result.figures,
        charts=charts(result, thresholds),
    )


def _verdict(
    result: LoadResult, thresholds: Sequence[Threshold]
) -> tuple[Status, ExitCode | None, tuple[Finding, ...]]:
    if not result.completed:
        return Status.SKIPPED, ExitCode.NOTHING_RAN, ()
    failures = _failures(result)
    if not result.valid:
        return Status.ERROR, ExitCode.NOTHING_RAN, failures
    breached = tuple(_finding(one) for one in breaches(thresholds, result))
    if breached:
        return Status.FAILED, ExitCode.SLA_BREACHED, (*breached, *failures)
    if not result.successful:
        return Status.FAILED, ExitCode.UPSTREAM, failures
    return Status.PASSED, None, failures


def _first_note(result: LoadResult) -> list[str]:
    return [f"not valid: {result.invalid}"] if result.invalid else []


def _finding(breach: Breach) -> Finding:
    one = breach.threshold
    wanted = f"{one.operator} {one.limit:g}"
    return Finding(
        "sla-breached",
        "breaking",
        "",
        before=wanted,
        after=round(breach.value, 4),
        message=str(breach),
        evidence={"metric": one.key, "condition": one.condition},
        explanation=_EXPLANATION,
    )


def _failures(result: LoadResult) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            "requests-failed",
            "warning",
            "",
            message=f"{redact_text(kind)}: {many} of {result.completed} requests",
            evidence={"seen": many, "of": result.completed},
        )
        for kind, many in result.errors.items()
    )


def charts(result: LoadResult, thresholds: Sequence[Threshold] = ()) -> tuple[Chart, ...]:
    """How the latencies are distributed, and how latency and rate went over time."""
    if not result.completed:
        return ()
    return _histogram(result, thresholds), *_timelines(result)


def _histogram(result: LoadResult, thresholds: Sequence[Threshold]) -> Chart:
    least, most = result.latency.minimum, result.latency.maximum
    width = (most - least) / BARS or max(most, 1e-6) / BARS
    edges = [least + width * number for number in range(1, BARS)]
    below = [*result.latency.counts(edges), result.completed]
    bars = zip([0, *below], below, strict=False)
    points = tuple(
        (1000 * (least + width * number), float(upper - lower)) for number, (lower, upper) in enumerate(bars)
    )
    marks = {f"p{percent}": result.percentile_ms(percent) for percent in (50, 95, 99)}
    marks |= {f"limit {one.condition}": one.limit for one in thresholds if one.metric == "http_req_duration"}
    return Chart(
        "histogram",
        f"Latency of {result.config.name}",
        "latency in ms",
        "requests",
        (Series("requests", points),),
        {name: at for name, at in marks.items() if at <= 2000 * most},
        edge=1000 * (least + width * BARS),
    )


def _timelines(result: LoadResult) -> tuple[Chart, ...]:
    if len(result.seconds) < 2:
        return ()
    rows = sorted(result.seconds.items())
    p50 = tuple((float(at), 1000 * second.latency.percentile(50)) for at, second in rows)
    p95 = tuple((float(at), 1000 * second.latency.percentile(95)) for at, second in rows)
    rate = tuple((float(at), float(second.latency.number)) for at, second in rows)
    failed = tuple((float(at), float(second.failed)) for at, second in rows)
    when = "seconds since the start"
    return (
        Chart("timeline", "Latency over time", when, "latency in ms", (Series("p95", p95), Series("p50", p50))),
        Chart(
            "timeline", "Requests over time", when, "requests a second", (Series("due", rate), Series("failed", failed))
        ),
    )
