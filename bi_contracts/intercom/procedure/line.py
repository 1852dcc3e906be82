"""What the procedure says, one line at a time: every line has a verdict and the figures that it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ...errors import ExitCode
from ...report.events import Chart


class Mark(StrEnum):
    """How a line came out, the best first."""

    PLAIN = "plain"
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"
    SKIPPED = "skipped"

    @property
    def ran(self) -> bool:
        return self is not Mark.SKIPPED


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the report.

    Attributes:
        section: `API Connection`.
        name: `Rate Limits`.
        text: What was found, with its figures.
        mark: How it came out.
        cause: Why it is bad, in a few words.
        problem: Key of what to do about it: `actions.ACTIONS`. "" where it is good.
        figures: Name with unit (`p95_ms`) -> number.
        charts: For the page.
        samples: How many answers or rows were looked at.
        elapsed: Seconds that it took.
        exit_code: What the process ends with where it is bad.
        target: What is asked for, as it is printed: `target: <100ms`.
    """

    section: str
    name: str
    text: str
    mark: Mark = Mark.GOOD
    cause: str = ""
    problem: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)
    charts: tuple[Chart, ...] = ()
    samples: int = 0
    elapsed: float | None = None
    exit_code: ExitCode | None = None
    target: str = ""

    @property
    def said(self) -> str:
        """The text with the target beside it."""
        return f"{self.text} ({self.target})" if self.target and self.target not in self.text else self.text


ENVIRONMENT = "Environment"
CONNECTION = "API Connection"
DATABASE = "Database"
SYNC = "Data Sync"
INTEGRITY = "Data Integrity"
SERVER = "MCP Server"
PERFORMANCE = "Performance"
CLEANUP = "Cleanup"

TOOLS = ("search_conversations", "get_conversation", "get_server_status", "sync_conversations")
"""What the testing document asks of any server."""

LAYOUT: Mapping[str, tuple[str, ...]] = {
    ENVIRONMENT: ("Python Version", "Package Version", "Test Workspace", "API Workspace"),
    CONNECTION: ("Status", "Permissions", "Rate Limits", "Response Time"),
    SYNC: ("Date Range", "Conversations", "Messages", "Customers", "Sync Speed", "API Calls", "Duration"),
    INTEGRITY: ("Conversation IDs", "Message Threading", "Timestamps", "Customer Links", "Schema Validation"),
    SERVER: ("Startup", "Tool Registration", *TOOLS),
    PERFORMANCE: ("Query Response", "Memory Usage", "Database Size", "CPU Usage", "Disk I/O"),
    CLEANUP: ("MCP Server", "Database", "Temp Files", "Memory"),
}
"""The sections of the printed report and their lines, in order."""


def worst(lines: tuple[Line, ...] | list[Line]) -> Mark:
    """The worst mark of some lines; skipped where nothing of them ran."""
    ran = [line.mark for line in lines if line.mark.ran]
    order = list(Mark)
    return max(ran, key=order.index, default=Mark.SKIPPED)
