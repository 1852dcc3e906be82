"""A run as the house's reports: every line an outcome, every warning a finding, advice with its evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, timedelta

from ... import __version__
from ...errors import ExitCode
from ...report.events import (
    NOT_LIVE,
    Chart,
    Event,
    Finding,
    Finished,
    Outcome,
    Recommendation,
    Series,
    Severity,
    Started,
    Status,
)
from .actions import ADVICE, steps
from .line import PERFORMANCE, SERVER, SYNC, Line, Mark
from .run import Run
from .steps import STEPS
from .tree import Report

TITLE = "Intercom MCP Integration Test Report"

_STATUS = {Mark.SKIPPED: Status.SKIPPED, Mark.BAD: Status.FAILED}


def title(run: Run) -> str:
    """The title, which says so where it was not Intercom that answered."""
    return TITLE if run.shown == "live" else f"{TITLE} ({run.shown or 'nobody answered'}: {NOT_LIVE})"


def source(run: Run) -> str:
    """Who answered, and what that is worth."""
    return "live" if run.shown == "live" else f"{run.shown or 'nobody answered'} ({NOT_LIVE})"


def tree(run: Run) -> Report:
    """The run as it is printed."""
    ended = run.started_at + timedelta(seconds=run.elapsed)
    metrics = tuple(_metrics(run)) if run.settings.performance else ()
    return Report(title(run), source(run), run.conclusion, run.elapsed, ended.astimezone(UTC), metrics)


_METRICS = (
    ("Sync Speed", SYNC, "Sync Speed"),
    ("Query Response", PERFORMANCE, "Query Response"),
    ("Memory Usage", PERFORMANCE, "Memory Usage"),
    ("Database Size", PERFORMANCE, "Database Size"),
    ("API Efficiency", SYNC, "API Calls"),
)


def _metrics(run: Run) -> Iterator[Line]:
    """The performance report's five lines."""
    for name, section, of in _METRICS:
        found = next((line for line in run.lines if (line.section, line.name) == (section, of)), None)
        if found is not None:
            yield replace(found, name=name, mark=Mark.PLAIN)


def events(run: Run) -> list[Event]:
    """The run as a stream that every writer reads."""
    facts = {
        "mode": run.settings.mode,
        "source": source(run),
        "outcome": run.conclusion.verdict.value,
        "days": f"{run.settings.days:g}",
        "conversations at most": str(run.settings.max_conversations or "all"),
        "server": run.settings.server[0] if run.settings.server else "our own",
    }
    phases = tuple(dict.fromkeys(step.name for step in STEPS))
    started = Started(title(run), "intercom test", run.started_at, __version__, facts, phases)
    outcomes = [_outcome(run, line) for line in run.lines]
    return [started, *outcomes, *run.timed, *_recommendations(run), Finished(run.elapsed)]


def exit_code(run: Run) -> ExitCode:
    """What the process ends with; where several apply, the lowest. Warnings do not fail it."""
    from ...report import exit_code as of

    return of([*events(run)])


def _outcome(run: Run, line: Line) -> Outcome:
    findings = tuple(_findings(line))
    return Outcome(
        f"intercom/{_slug(line.section)}",
        line.name,
        _STATUS.get(line.mark, Status.PASSED),
        findings,
        "" if line.mark is Mark.SKIPPED else str(run.source),
        line.samples,
        line.elapsed,
        line.said,
        exit_code=line.exit_code,
        phase=_phase(line),
        figures=line.figures,
        charts=(*line.charts, *_progress(run, line)),
    )


def _findings(line: Line) -> Iterator[Finding]:
    if line.mark in (Mark.WARNING, Mark.BAD):
        severity: Severity = "breaking" if line.mark is Mark.BAD else "warning"
        cause = line.cause or (ADVICE[line.problem.partition(":")[0]].cause if line.problem else "")
        yield Finding(line.problem or "procedure", severity, "", message=cause or line.said)


def _slug(section: str) -> str:
    return section.lower().replace(" ", "-")


def _phase(line: Line) -> str:
    """The step that a line comes from. The server's are two: it is started, then asked."""
    if line.section == SERVER and line.name not in ("Startup", "Tool Registration", SERVER):
        return "queries"
    return next(step.name for step in STEPS if step.section == line.section)


def _progress(run: Run, line: Line) -> Sequence[Chart]:
    points = tuple(run.progress)
    if (line.section, line.name) != (SYNC, "Sync Speed") or len(points) < 2:
        return ()
    return (Chart("timeline", "Conversations synced", "s", "conversations", (Series("held", points),)),)


def _recommendations(run: Run) -> Iterator[Recommendation]:
    told = run.conclusion
    groups: dict[str, list[Line]] = {}
    for line in run.lines:
        if line.mark in (Mark.WARNING, Mark.BAD) and line.problem:
            groups.setdefault(line.problem, []).append(line)
    for problem, lines in sorted(groups.items(), key=lambda group: not _grave(group[1])):
        severity: Severity = "breaking" if _grave(lines) else "warning"
        cause = ADVICE[problem.partition(":")[0]].cause
        text = f"{cause}: {'; '.join(steps([problem], **told.typed))}"
        evidence = tuple(f"{line.section}, {line.name}: {line.said}" for line in lines)
        yield Recommendation(text, evidence, severity, "intercom")


def _grave(lines: Sequence[Line]) -> bool:
    return any(line.mark is Mark.BAD for line in lines)
