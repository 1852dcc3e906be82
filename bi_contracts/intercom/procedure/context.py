"""What the steps of a run share: what was found until now, and the means to find more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from ...interaction import Source
from .line import Line
from .mcp_client import Ended, Server
from .settings import Settings
from .testbed import Testbed
from .truth import Truth
from .usage import Usage

Tell = Callable[[Line], None]


@dataclass(frozen=True, slots=True)
class Seen:
    """What the server had used when it had been asked so many questions."""

    asked: int
    used: Usage


@dataclass
class Measured:
    """What was measured on the way, for the performance step and the charts.

    Attributes:
        synced: What the sync's own process said of it.
        progress: Seconds since the sync began, conversations held by then.
        bytes: Size of the database after the sync,
        held: and the conversations in it.
        searches: Seconds that searches took, rounds without judging included.
        complex: The same for searches with several filters at once.
        gets: The same for single conversations.
        statuses: The same for the status.
        server: What the server's process had used when it had started, before the rounds, and after each of them.
        writes: Conversations a second, written into an empty database.
    """

    synced: Mapping[str, Any] = field(default_factory=dict)
    progress: list[tuple[float, float]] = field(default_factory=list)
    bytes: int = 0
    held: int = 0
    searches: list[float] = field(default_factory=list)
    complex: list[float] = field(default_factory=list)
    gets: list[float] = field(default_factory=list)
    statuses: list[float] = field(default_factory=list)
    server: list[Seen] = field(default_factory=list)
    writes: float = 0.0


@dataclass
class Context:
    """A run on its way.

    Attributes:
        testbed: Who answers, and where files lie.
        tell: Is given every line as it is found.
        lines: All of them.
        source: Who really answered.
        workspace: Name and id of the Intercom workspace.
        truth: What the store holds.
        server: The MCP server, while it runs.
        ended: How it ended.
        before: The processes that this one had started before the run.
        measured: What was measured.
        broken: Sections whose step could not be done.
        stack: Closes the server.
    """

    testbed: Testbed
    tell: Tell = lambda _: None
    step: Callable[[str, float], None] = lambda _what, _share: None
    lines: list[Line] = field(default_factory=list)
    source: Source = Source.UNKNOWN
    workspace: str = ""
    truth: Truth | None = None
    server: Server | None = None
    ended: Ended | None = None
    before: frozenset[int] = frozenset()
    measured: Measured = field(default_factory=Measured)
    broken: set[str] = field(default_factory=set)
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def connected(self) -> bool:
        """Whether anybody answered who it is."""
        return bool(self.workspace)

    @property
    def settings(self) -> Settings:
        return self.testbed.settings

    def say(self, line: Line) -> None:
        """Adds a line, and tells it."""
        self.lines.append(line)
        self.tell(line)

    def of(self, section: str) -> list[Line]:
        """The lines of a section."""
        return [line for line in self.lines if line.section == section]

    def judge(self, key: str, value: float) -> Any:
        """A figure held against its target: the mark."""
        return self.settings.targets[key].judge(value)

    def target(self, key: str) -> str:
        """A target as it is printed."""
        return self.settings.targets[key].said
