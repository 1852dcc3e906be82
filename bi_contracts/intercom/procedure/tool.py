"""One tool of an MCP server, asked once, and whether its answer has the form that the tool states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .actions import Broken
from .correctness import ids_of
from .mcp_client import Answer, Server, serving
from .questions import renamed
from .truth import Truth


@dataclass(frozen=True, slots=True)
class Asked:
    """One call.

    Attributes:
        tool: Its name.
        arguments: What it was asked.
        problem: What is wrong with the answer, "" where nothing is.
        said: What is good about it.
        seconds: How long it took.
        value: What it answered.
    """

    tool: str
    arguments: Mapping[str, Any]
    problem: str
    said: str
    seconds: float
    value: Any = field(repr=False, default=None)

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


async def listed(command: Sequence[str], folder: Path, environ: Mapping[str, str]) -> list[tuple[str, str]]:
    """Every tool with the first sentence of its description. Raises `Broken` where no server starts."""
    async with serving(command, folder, environ) as (server, _):
        return [(name, _first(server.described.get(name, ""))) for name in server.tools]


async def asked(
    command: Sequence[str], folder: Path, environ: Mapping[str, str], tool: str, arguments: Mapping[str, Any] | None
) -> Asked:
    """Asks it; without arguments, for something that it can answer. Raises `Broken` where there is no such tool."""
    async with serving(command, folder, environ) as (server, _):
        if tool not in server.tools:
            raise Broken(f"the server has no tool {tool!r}; it has {', '.join(server.tools)}", "tools")
        given = await _usual(server, tool) if arguments is None else arguments
        answer = await server.ask(tool, given)
    return _judged(server, answer)


async def _usual(server: Server, tool: str) -> Mapping[str, Any]:
    """Arguments that need nobody: none, or the id of a conversation that a search finds."""
    required = server.tools[tool].get("required", ())
    if "limit" in server.tools[tool].get("properties", {}) and not required:
        return {"limit": 5}
    if not required:
        return {}
    id = await _some_id(server)
    if id and (found := renamed({"id": id}, server.tools[tool])):
        return found
    words = ", ".join(required)
    raise Broken(f"{tool} needs {words}, and nothing was found to ask for: give --arguments", "tool:" + tool)


async def _some_id(server: Server) -> str:
    search = "search_conversations"
    if search not in server.tools:
        return ""
    found = await server.ask(search, renamed({"limit": 1}, server.tools[search]) or {})
    return next(iter(ids_of(found.value, Truth({}, False))), "")


def _judged(server: Server, answer: Answer) -> Asked:
    """The client has held the answer against the tool's schema: what it found stands in the error."""
    states = answer.tool in server.outputs
    said = "the answer has the form that the tool states" if states else "answered; the tool states no form"
    return Asked(answer.tool, answer.arguments, answer.error, said, answer.seconds, answer.value)


def _first(text: str) -> str:
    return text.strip().split("\n")[0].split(". ")[0].rstrip(".")
