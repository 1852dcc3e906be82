"""The quick form of a run: one line for each thing that works, as it is found."""

from __future__ import annotations

from dataclasses import dataclass, field

from .line import CONNECTION, DATABASE, ENVIRONMENT, PERFORMANCE, SERVER, SYNC, TOOLS, Line, Mark
from .tree import Style


@dataclass
class Quick:
    """Gives a line for people wherever enough is known for one.

    Attributes:
        style: How marks are drawn.
    """

    style: Style
    known: dict[tuple[str, str], Line] = field(default_factory=dict)

    def told(self, line: Line) -> str:
        """What to say now, "" for nothing. Whatever is not good is said at once."""
        self.known[line.section, line.name] = line
        if line.mark in (Mark.BAD, Mark.WARNING):
            return self._marked(line.mark, f"{line.section}, {line.name}", line.said)
        if not line.mark.ran:
            return ""
        match line.section, line.name:
            case (str() as section, "Status") if section == CONNECTION:
                workspace = self.known.get((ENVIRONMENT, "API Workspace"))
                return self._good("API Connection", f"Connected to {workspace.text if workspace else 'a workspace'}")
            case (str() as section, _) if section == DATABASE:
                return self._good("Database", line.text)
            case (str() as section, "Duration") if section == SYNC:
                return self._good("Sync", f"{self._text(SYNC, 'Conversations')}, {self._text(SYNC, 'Date Range')}")
            case (str() as section, "sync_conversations") if section == SERVER:
                good = all((found := self.known.get((SERVER, name))) and found.mark is Mark.GOOD for name in TOOLS)
                return self._good("Queries", "All MCP tools working correctly") if good else ""
            case (str() as section, "Query Response") if section == PERFORMANCE:
                return self._good("Performance", f"{self._text(SYNC, 'Sync Speed')}, {line.text}")
            case (str() as section, "Memory Usage") if section == PERFORMANCE:
                return self._good("Memory", line.text)
        return ""

    def _text(self, section: str, name: str) -> str:
        found = self.known.get((section, name))
        return found.text if found else "unknown"

    def _good(self, name: str, text: str) -> str:
        return self._marked(Mark.GOOD, name, text)

    def _marked(self, mark: Mark, name: str, text: str) -> str:
        return f"{self.style.mark(mark)}{name}: {text}"
