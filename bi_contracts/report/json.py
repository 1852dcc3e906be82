"""The report as JSON, for programs. Keys are only ever added while `schema` stays the same."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from .events import Chart, Finding, Outcome, Recommendation
from .figures import figures_of, number
from .stream import Report, Tally
from .values import plain

SCHEMA = "bi-contracts/report/1"

REVISION = 1
"""Grows with every key that is added: 1 has phases, recommendations, figures and charts."""


def render(report: Report) -> str:
    """ASCII only, so that no consumer can stumble over an encoding. Outcomes and findings keep their order."""
    return json.dumps(plain(document(report)), indent=2, allow_nan=False) + "\n"


def document(report: Report) -> dict[str, Any]:
    """The report as a JSON document."""
    summary = report.summary
    return {
        "schema": SCHEMA,
        "revision": REVISION,
        **_run(report),
        "verdict": summary.verdict.value,
        "worst": summary.worst,
        "counts": tally(summary.total),
        "sources": summary.sources,
        "live": summary.live,
        "platforms": {name: tally(row) for name, row in summary.platforms.items()},
        "phases": phases(report),
        "recommendations": [recommendation(one) for one in report.recommendations],
        "outcomes": [outcome_of(outcome) for outcome in report.outcomes],
    }


def tally(counts: Tally) -> dict[str, int]:
    """Counts by name."""
    return {name: value for name, value in asdict(counts).items() if name != "interrupted"}


def phases(report: Report) -> dict[str, Any]:
    """Each phase in the order in which it ran: its counts, what they come to, and when it ran if that is known."""
    spans = {name: span for name, span in report.spans.items() if span.measured}
    return {
        name: {
            "verdict": counts.verdict.value,
            "counts": tally(counts),
            "start": spans[name].start if name in spans else None,
            "elapsed": spans[name].elapsed if name in spans else None,
        }
        for name, counts in report.summary.phases.items()
    }


def recommendation(one: Recommendation) -> dict[str, Any]:
    """What to do, and why."""
    return {"text": one.text, "severity": one.severity, "platform": one.platform, "evidence": one.evidence}


def _run(report: Report) -> dict[str, Any]:
    started = report.started
    return {
        "title": report.title,
        "verb": started.verb if started else None,
        "started_at": started.at.isoformat() if started else None,
        "tool_version": started.tool_version if started else None,
        "facts": started.facts if started else {},
        "finished": not report.interrupted,
        "elapsed": report.finished.elapsed if report.finished else None,
    }


def outcome_of(outcome: Outcome) -> dict[str, Any]:
    """One check with all that it found and measured."""
    return {
        "subject": outcome.subject,
        "platform": outcome.platform,
        "check": outcome.check,
        "status": outcome.verdict.value,
        "worst": outcome.worst,
        "source": outcome.provenance,
        "live": outcome.live,
        "samples": outcome.samples,
        "elapsed": outcome.elapsed,
        "note": outcome.note,
        "artifact": outcome.artifact,
        "phase": outcome.phase,
        "figures": figures_of(outcome),
        "charts": [_chart(chart) for chart in outcome.charts],
        "findings": [_finding(finding) for finding in outcome.findings],
    }


def _chart(chart: Chart) -> dict[str, Any]:
    return {
        "kind": chart.kind,
        "title": chart.title,
        "x": chart.x,
        "y": chart.y,
        "series": [
            {"name": one.name, "points": [[number(x), number(y)] for x, y in one.points]} for one in chart.series
        ],
        "marks": {str(name): number(value) for name, value in chart.marks.items()},
        "edge": number(chart.edge) if chart.edge is not None else None,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "path": finding.path,
        "before": finding.before,
        "after": finding.after,
        "message": finding.message,
        "evidence": finding.evidence,
        "explanation": finding.explanation,
    }
