"""The report as JSON, for programs. Keys are only ever added while `schema` stays the same."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from .events import Finding, Outcome
from .stream import Report, Tally
from .values import plain

SCHEMA = "bi-contracts/report/1"


def render(report: Report) -> str:
    """ASCII only, so that no consumer can stumble over an encoding. Outcomes and findings keep their order."""
    return json.dumps(plain(document(report)), indent=2, allow_nan=False) + "\n"


def document(report: Report) -> dict[str, Any]:
    """The report as a JSON document."""
    summary = report.summary
    return {
        "schema": SCHEMA,
        **_run(report),
        "verdict": summary.verdict.value,
        "worst": summary.worst,
        "counts": tally(summary.total),
        "sources": summary.sources,
        "live": summary.live,
        "platforms": {name: tally(row) for name, row in summary.platforms.items()},
        "outcomes": [_outcome(outcome) for outcome in report.outcomes],
    }


def tally(counts: Tally) -> dict[str, int]:
    """Counts by name."""
    return asdict(counts)


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


def _outcome(outcome: Outcome) -> dict[str, Any]:
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
        "findings": [_finding(finding) for finding in outcome.findings],
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
