"""One event stream, several writers: terminal, JSON, Markdown, HTML, JUnit, SARIF."""

from __future__ import annotations

from .events import (
    NOT_LIVE,
    SEVERITIES,
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
    Timed,
)
from .stream import Report, Summary, Tally, Verdict, exit_code, summary
from .writers import FORMATS, SUFFIXES, render

__all__ = [
    "FORMATS",
    "NOT_LIVE",
    "SEVERITIES",
    "SUFFIXES",
    "Chart",
    "Event",
    "Finding",
    "Finished",
    "Outcome",
    "Recommendation",
    "Report",
    "Series",
    "Severity",
    "Started",
    "Status",
    "Summary",
    "Tally",
    "Timed",
    "Verdict",
    "exit_code",
    "render",
    "summary",
]
