"""Runs as lines: what a good one, a slow one and a refused one look like."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bi_contracts.errors import ExitCode
from bi_contracts.intercom.procedure.conclusion import Conclusion, bad
from bi_contracts.intercom.procedure.context import Context
from bi_contracts.intercom.procedure.line import (
    CONNECTION,
    INTEGRITY,
    LAYOUT,
    PERFORMANCE,
    SERVER,
    SYNC,
    Line,
    Mark,
)
from bi_contracts.intercom.procedure.settings import Settings
from bi_contracts.intercom.procedure.tree import Report

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
NO_DATA = "Skipped due to data unavailability"


def good() -> list[Line]:
    """Every line of the report, all of them good."""
    return [Line(section, name, f"{name} is well") for section, names in LAYOUT.items() for name in names]


def changed(lines: list[Line], *others: Line) -> list[Line]:
    """The same lines, but some."""
    known = {(line.section, line.name): line for line in others}
    return [known.get((line.section, line.name), line) for line in lines]


def refused() -> list[Line]:
    """What a wrong token leads to."""
    return [
        Line("Environment", "Python Version", "3.11.5", Mark.PLAIN),
        bad(CONNECTION, "Status", "401 Unauthorized", "unauthorized", exit_code=ExitCode.CONFIGURATION),
        Line("Database", "Database", "Initialized successfully"),
        Line(SYNC, SYNC, "Skipped due to API failure", Mark.SKIPPED),
        Line(INTEGRITY, INTEGRITY, NO_DATA, Mark.SKIPPED),
        Line(SERVER, SERVER, NO_DATA, Mark.SKIPPED),
        Line(PERFORMANCE, PERFORMANCE, NO_DATA, Mark.SKIPPED),
        Line("Cleanup", "Temp Files", "All cleaned up"),
    ]


def report(lines: list[Line], source: str = "live", title: str = "Intercom MCP Integration Test Report") -> Report:
    """The lines as they are printed."""
    return Report(title, source, Conclusion(tuple(lines)), 83.2, AT)


def context(folder: Path = Path(), **settings: Any) -> Context:
    """A run that has not begun."""
    asked = Settings(folder, **settings)
    testbed = SimpleNamespace(
        settings=asked, folder=folder, store=folder / "data.db", days=7.0, most=0, mode="sandbox", sandbox=None
    )
    return Context(testbed)  # type: ignore[arg-type]
