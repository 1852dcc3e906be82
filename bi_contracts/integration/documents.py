"""The JSON documents of a run: the structure that dashboards of the first framework read, and all the rest beside it.

A rate is the share of what ran: `null` where nothing did or it was interrupted, and 1.0 only where all of it passed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ..report.events import Outcome, Status
from ..report.figures import drawn, figures_of
from ..report.json import outcome_of, recommendation
from ..report.stream import Report, Tally, Verdict
from ..report.values import plain, warnings_of

SECTIONS: Mapping[str, str] = {
    "connection": "connection_tests",
    "data flow": "data_flow_tests",
    "workflow": "workflow_tests",
    "resilience": "resilience_tests",
    "load": "performance_benchmarks",
    "health": "health_checks",
}
"""Phase -> its key in the comprehensive document. All six are always there."""

_STATUSES = {
    Verdict.FAILED: "failed",
    Verdict.ERROR: "error",
    Verdict.INCOMPLETE: "error",
    Verdict.NOTHING_RAN: "nothing_ran",
    Verdict.WARNINGS: "passed_with_warnings",
    Verdict.PASSED: "passed",
}
_GOOD = (Verdict.PASSED, Verdict.WARNINGS)


def comprehensive(report: Report) -> dict[str, Any]:
    """Every phase with every check, and the summary."""
    groups = _groups(report)
    unfinished = {_section(name) for name, tally in report.summary.phases.items() if tally.interrupted}
    return {
        **_times(report),
        "run": _run(report),
        **{
            key: (_benchmarks if key == SECTIONS["load"] else section)(rows, key in unfinished)
            for key, rows in groups.items()
        },
        "summary": _summary(report),
    }


def executive(report: Report) -> dict[str, Any]:
    """The run in numbers, for a dashboard: what came of it, phase by phase and platform by platform."""
    tallies = report.summary
    return {
        **_times(report),
        "run": _run(report),
        **_summary(report),
        "totals": _counts(tallies.total),
        "phases": {name: _counts(tally) for name, tally in tallies.phases.items()},
        "platforms": {name: _counts(tally) for name, tally in tallies.platforms.items()},
    }


def performance(report: Report) -> dict[str, Any]:
    """The load phase alone."""
    rows = report.of_phase("load")
    about = {"sources": _sources(rows), "live": bool(rows) and set(_sources(rows)) == {"live"}}
    return {**_times(report), "run": _run(report), **about, **_benchmarks(rows, _interrupted(report, "load"))}


def section(outcomes: Iterable[Outcome], interrupted: bool = False) -> dict[str, Any]:
    """Checks as `summary` and `results`. `failed` has the errors in it: whatever ran and did not pass."""
    rows = tuple(outcomes)
    return {"summary": _counts(Tally.of(rows, interrupted)), "results": [plain(outcome_of(row)) for row in rows]}


def rate(part: int, whole: int) -> float | None:
    """A share with four decimals, rounded down so that 1.0 means all; None of nothing."""
    return part * 10_000 // whole / 10_000 if whole > 0 else None


def _counts(tally: Tally) -> dict[str, Any]:
    return {
        "total_tests": tally.outcomes,
        "passed": tally.passed,
        "failed": tally.failed + tally.errors,
        "errors": tally.errors,
        "skipped": tally.skipped,
        "success_rate": None if tally.interrupted else rate(tally.passed, tally.ran),
        "status": _STATUSES[tally.verdict],
    }


def _groups(report: Report) -> dict[str, tuple[Outcome, ...]]:
    """Key -> outcomes. A phase of another name has a key of its own, what belongs to none is `other_tests`."""
    groups: dict[str, tuple[Outcome, ...]] = dict.fromkeys(SECTIONS.values(), ())
    for phase in dict.fromkeys(row.phase for row in report.outcomes):
        key = _section(phase)
        groups[key] = (*groups.get(key, ()), *(row for row in report.outcomes if row.phase == phase))
    return groups


def _section(phase: str) -> str:
    return SECTIONS.get(phase) or f"{re.sub(r'[^a-z0-9]+', '_', phase.lower()).strip('_') or 'other'}_tests"


def _interrupted(report: Report, phase: str) -> bool:
    return report.summary.phases.get(phase, Tally()).interrupted


def _benchmarks(rows: Sequence[Outcome], interrupted: bool) -> dict[str, Any]:
    """`test_summary` counts requests; each benchmark has its figures under its name."""
    requests = [_requests(row) for row in rows]
    total, good = sum(sent for sent, _ in requests), sum(answered for _, answered in requests)
    counted = section(rows, interrupted)
    named: dict[str, Any] = {}
    for row in rows:
        name = row.subject.rpartition("/")[2]
        key = name if name not in named else f"{row.subject} {len(named) + 1}"
        named[key] = {
            "status": str(row.verdict),
            "source": row.provenance,
            "note": row.note,
            "figures": figures_of(row),
        }
    summary = {
        "total_requests": total,
        "successful_requests": good,
        "overall_success_rate": rate(good, total),
        "total_benchmarks": len(rows),
    }
    return {"test_summary": summary, **counted, "benchmarks": named}


def _requests(row: Outcome) -> tuple[int, int]:
    """How many requests a benchmark sent, and how many of them were answered well: never more than were sent."""
    if row.verdict == Status.SKIPPED:
        return 0, 0
    figures = {name: drawn(value) for name, value in row.figures.items()}
    sent = max(0, int(figures.get("requests") or 0))
    good = figures.get("successful")
    failed = figures.get("failed")
    if good is None:
        good = sent - failed if failed is not None else sent * (figures.get("success_rate") or 0.0)
    return sent, min(sent, max(0, int(good)))


def _times(report: Report) -> dict[str, Any]:
    started, finished = report.started, report.finished
    elapsed = drawn(finished.elapsed) if finished and finished.elapsed is not None else None
    start = _utc(started.at) if started else None
    end = None
    if start is not None and elapsed is not None and elapsed < timedelta.max.total_seconds() / 1e4:
        end = start + timedelta(seconds=max(0.0, elapsed))
    return {
        "start_time": start.isoformat(timespec="seconds") if start else None,
        "end_time": end.isoformat(timespec="seconds") if end else None,
        "duration_seconds": elapsed,
    }


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _run(report: Report) -> dict[str, Any]:
    started = report.started
    return {
        "title": report.title,
        "verb": started.verb if started else None,
        "tool_version": started.tool_version if started else None,
        "facts": dict(started.facts) if started else {},
        "finished": not report.interrupted,
    }


def _summary(report: Report) -> dict[str, Any]:
    """What came of the run, who answered, and what to do. Phases that an interrupted run did not come to count, too."""
    found = report.summary
    asked = report.started.phases if report.started else ()
    return {
        "overall_status": _STATUSES[found.verdict],
        "phases_passed": sum(tally.verdict in _GOOD for tally in found.phases.values()),
        "total_phases": len({*asked, *found.phases}),
        "recommendations": [one.text for one in report.recommendations],
        "recommendation_details": [recommendation(one) for one in report.recommendations],
        "sources": dict(found.sources),
        "live": found.live,
        "statement": _statement(report),
    }


def _statement(report: Report) -> str:
    """The verdict, and what a reader must know before believing it."""
    return " ".join([f"{report.summary.headline[:1].upper()}{report.summary.headline[1:]}.", *warnings_of(report)])


def _sources(rows: Iterable[Outcome]) -> dict[str, int]:
    names = sorted(row.provenance for row in rows if row.answered)
    return {name: names.count(name) for name in dict.fromkeys(names)}
