"""The report as SARIF 2.1.0 (OASIS), for code-scanning pages and editors."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from .events import NOT_LIVE, Finding, Outcome, Status
from .json import tally
from .stream import Report
from .values import clean, evidence_text, plain, shown, told, warnings_of

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"breaking": "error", "warning": "warning", "info": "note"}


def render(report: Report) -> str:
    """One run. What failed without a finding is a result of its own; errors and skips are notifications."""
    return json.dumps(plain(document(report)), indent=2, allow_nan=False) + "\n"


def document(report: Report) -> dict[str, Any]:
    """The report as a SARIF 2.1.0 log."""
    rules = _rules(report.outcomes)
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    driver = {"name": "bi-contracts", "rules": rules}
    if report.started and report.started.tool_version:
        driver["version"] = report.started.tool_version
    run = {
        "tool": {"driver": driver},
        "invocations": [_invocation(report)],
        "results": [result for outcome in report.outcomes for result in _results(outcome, index)],
        "properties": {"counts": tally(report.summary.total), "sources": report.summary.sources},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rules(outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    known: dict[str, str] = {}
    for outcome in outcomes:
        for finding in outcome.findings:
            known[finding.rule] = known.get(finding.rule) or finding.explanation
        if _failed_bare(outcome):
            known.setdefault(_bare_rule(outcome), f"The check {outcome.check} failed.")
    return [_rule(name, known[name]) for name in sorted(known)]


def _rule(name: str, explanation: str) -> dict[str, Any]:
    return {"id": name, "shortDescription": {"text": clean(explanation or name) or "no name"}}


def _failed_bare(outcome: Outcome) -> bool:
    return outcome.verdict == Status.FAILED and not outcome.findings


def _bare_rule(outcome: Outcome) -> str:
    return f"{outcome.check}-failed"


def _results(outcome: Outcome, index: dict[str, int]) -> list[dict[str, Any]]:
    found = [_result(outcome, finding, index) for finding in outcome.findings]
    if _failed_bare(outcome):
        text = outcome.note or f"{outcome.check} failed"
        found.append(_result(outcome, Finding(_bare_rule(outcome), "breaking", "", message=text), index))
    return found


def _result(outcome: Outcome, finding: Finding, index: dict[str, int]) -> dict[str, Any]:
    return {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "level": _LEVELS[finding.severity],
        "message": {"text": _message(outcome, finding)},
        "locations": [_location(outcome, finding)],
        "partialFingerprints": {"biContracts/v1": _fingerprint(outcome, finding)},
        "properties": {
            "severity": finding.severity,
            "before": finding.before,
            "after": finding.after,
            "evidence": finding.evidence,
            "source": outcome.provenance,
            "live": outcome.live,
            "samples": outcome.samples,
        },
    }


def _message(outcome: Outcome, finding: Finding) -> str:
    change = f"{shown(finding.before)} → {shown(finding.after)}"
    parts = (
        f"{clean(outcome.subject)} {clean(finding.path)}: {clean(told(finding) or finding.rule)}",
        change if finding.before is not None or finding.after is not None else "",
        evidence_text(finding),
        "" if outcome.live else f"{clean(outcome.provenance)}: {NOT_LIVE}",
    )
    return "; ".join(filter(None, parts))


def _location(outcome: Outcome, finding: Finding) -> dict[str, Any]:
    name = f"{outcome.subject}#{finding.path}"
    logical = {"name": finding.path, "fullyQualifiedName": name, "kind": "value"}
    location: dict[str, Any] = {"logicalLocations": [logical]}
    if outcome.artifact:
        # Code scanning on GitHub shows no result without a file.
        uri = {"uri": quote(clean(outcome.artifact).replace("\\", "/"))}
        location["physicalLocation"] = {"artifactLocation": uri, "region": {"startLine": 1}}
    return location


def _fingerprint(outcome: Outcome, finding: Finding) -> str:
    parts = (outcome.subject, outcome.check, finding.rule, finding.path)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _invocation(report: Report) -> dict[str, Any]:
    errors = [_notification("error", _about(row)) for row in report.outcomes if row.verdict == Status.ERROR]
    skipped = [_notification("note", _about(row)) for row in report.outcomes if row.verdict == Status.SKIPPED]
    proper = report.ran and not report.interrupted
    provisos = [_notification("warning" if proper else "error", sentence) for sentence in warnings_of(report)]
    invocation: dict[str, Any] = {
        "executionSuccessful": proper and not errors,
        "toolExecutionNotifications": provisos + errors + skipped,
    }
    if report.started:
        invocation |= _start(report.started.at)
    return invocation


def _start(at: datetime) -> dict[str, str]:
    # SARIF wants UTC; a naive time is left out, since guessing a zone would make the report depend on the machine.
    return {"startTimeUtc": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"} if at.tzinfo else {}


def _about(outcome: Outcome) -> str:
    return f"{outcome.subject} {outcome.check} {outcome.verdict}: {outcome.note or 'no reason given'}"


def _notification(level: str, text: str) -> dict[str, Any]:
    return {"level": level, "message": {"text": clean(text, lines=True)}}
