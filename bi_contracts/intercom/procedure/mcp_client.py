"""A conversation with an MCP server that is started as a desktop program starts it: over stdin and stdout."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import supervisor
from .actions import Broken

LONGEST = 60.0
"""Seconds that one tool may take."""

FIRST = 30.0
"""Seconds that a server may take to start."""

LEFT = 5.0
"""Seconds that are waited for the word how a server ended."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool answered.

    Attributes:
        tool: Its name.
        arguments: What it was asked.
        structured: Structured content, None where there was none.
        text: The text content.
        error: Why there is no answer, "" where there is one.
        seconds: How long it took.
    """

    tool: str
    arguments: Mapping[str, Any]
    structured: Any = field(default=None, repr=False)
    text: str = field(default="", repr=False)
    error: str = ""
    seconds: float = 0.0

    @property
    def timed(self) -> tuple[float, ...]:
        """How long it took, for statistics: how fast a tool refuses says nothing."""
        return () if self.error else (self.seconds,)

    @property
    def value(self) -> Any:
        """The structured content; where there is none, what the text holds as JSON, and else the text.

        The protocol's library for Python wraps a text as `{"result": text}`: that is no structure.
        """
        if self.structured is not None and not _is_text(self.structured):
            return self.structured
        try:
            return json.loads(self.text)
        except ValueError:
            return self.text


def _is_text(structured: Any) -> bool:
    return isinstance(structured, Mapping) and set(structured) == {"result"} and isinstance(structured["result"], str)


@dataclass
class Server:
    """A server that runs.

    Attributes:
        pid: Its process.
        started_in: Seconds until it had said who it is and which tools it has.
        tools: Name -> how its arguments look (JSON Schema).
        outputs: Name -> how its answers look, for tools that say so.
        described: Name -> what it says of itself.
        name: What it calls itself.
        asked: Every answer that it gave.
        log: Where its stderr goes.
    """

    client: Any = field(repr=False)
    pid: int = 0
    started_in: float = 0.0
    tools: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    outputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    described: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    asked: list[Answer] = field(default_factory=list)
    log: Path | None = None

    async def ask(self, tool: str, arguments: Mapping[str, Any], *, longest: float = LONGEST) -> Answer:
        """What a tool answers. The protocol's own client holds structured answers against the tool's schema."""
        started = time.perf_counter()
        try:
            told = await self.client.call_tool(tool, dict(arguments), read_timeout_seconds=longest)
        except Exception as error:  # whatever the server did, it is an answer that is wrong, and no end of the run
            answer = Answer(tool, arguments, error=_said(error), seconds=time.perf_counter() - started)
        else:
            seconds = time.perf_counter() - started
            text = "\n".join(part.text for part in told.content if getattr(part, "type", "") == "text")
            refused = (text or "an error without words") if told.is_error else ""
            answer = Answer(tool, arguments, told.structured_content, text, refused, seconds)
        self.asked.append(answer)
        return answer


@dataclass
class Ended:
    """How a server ended.

    Attributes:
        code: Its exit code, None where nobody saw it end.
        terminated: Whether it had to be told to.
        seconds: How long it took to end.
    """

    code: int | None = None
    terminated: bool = False
    seconds: float = 0.0


@asynccontextmanager
async def serving(
    command: Sequence[str],
    folder: Path,
    environ: Mapping[str, str],
    *,
    cwd: Path | None = None,
    first: float = FIRST,
) -> AsyncIterator[tuple[Server, Ended]]:
    """A server for as long as the block lasts; how it ended is known after it.

    Raises `Broken` for a command that cannot be run or speaks no MCP, naming its last words.
    """
    from mcp import Client, StdioServerParameters, stdio_client

    status, log = folder / "server.json", folder / "server.log"
    run = [str(Path(supervisor.__file__)), str(status), *command]
    process = StdioServerParameters(command=sys.executable, args=["-I", *run], env={**os.environ, **environ}, cwd=cwd)
    ended, started = Ended(), time.perf_counter()
    with log.open("w", encoding="utf-8") as errors:
        client = Client(stdio_client(process, errors))
        try:
            # One task from beginning to end: the client's scopes must be left where they were entered.
            async with asyncio.timeout(first):
                server = await _begun(client, started, log)
        except Exception as error:
            raise _failed(command, error, status, log) from None
        server.pid = int(_status(status).get("pid", 0))
        try:
            yield server, ended
        finally:
            closing = time.perf_counter()
            await client.__aexit__(None, None, None)
            told = await _last(status)
            ended.seconds = time.perf_counter() - closing
            ended.code, ended.terminated = told.get("code"), bool(told.get("terminated"))


async def _begun(client: Any, started: float, log: Path) -> Server:
    await client.__aenter__()
    try:
        listed = (await client.list_tools()).tools
    except BaseException:
        await client.__aexit__(None, None, None)
        raise
    return Server(
        client,
        started_in=time.perf_counter() - started,
        tools={tool.name: tool.input_schema for tool in listed},
        outputs={tool.name: tool.output_schema for tool in listed if tool.output_schema},
        described={tool.name: tool.description or "" for tool in listed},
        name=getattr(client.server_info, "name", "") or "",
        log=log,
    )


def _failed(command: Sequence[str], error: Exception, status: Path, log: Path) -> Broken:
    told = _status(status)
    why = told.get("error") or last_words(log) or _said(error) or type(error).__name__
    code = f" (exit code {told['code']})" if "code" in told else ""
    return Broken(f"{command[0]}: no MCP server{code}: {why}", "server start")


def last_words(log: Path) -> str:
    """The last line that a server wrote on stderr, redacted; "" where it wrote none."""
    from ...redact import redact_text

    try:
        lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return ""
    return redact_text(next((line.strip() for line in reversed(lines) if line.strip()), "")[:300])


async def _last(status: Path) -> dict[str, Any]:
    until = time.monotonic() + LEFT
    while "code" not in (told := _status(status)) and time.monotonic() < until and told:
        await asyncio.sleep(0.02)
    return told


def _status(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _said(error: BaseException) -> str:
    """The innermost words of an error that may hold others. No longer than a line."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return " ".join(str(error).split())[:300]
