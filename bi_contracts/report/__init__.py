"""One event stream, several writers: terminal, JSON, Markdown, HTML, JUnit, SARIF."""

from __future__ import annotations

from .events import NOT_LIVE, SEVERITIES, Event, Finding, Finished, Outcome, Severity, Started, Status
from .stream import Report, Summary, Tally, Verdict, exit_code, summary
from .writers import FORMATS, SUFFIXES, render

__all__ = [
    "FORMATS",
    "NOT_LIVE",
    "SEVERITIES",
    "SUFFIXES",
    "Event",
    "Finding",
    "Finished",
    "Outcome",
    "Report",
    "Severity",
    "Started",
    "Status",
    "Summary",
    "Tally",
    "Verdict",
    "exit_code",
    "render",
    "summary",
]
