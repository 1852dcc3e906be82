"""Several MCP clients at once on one store: each must be answered as a client is that is alone."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import ConfigurationError
from .figures import Spread, per_second
from .line import Mark
from .mcp_client import Answer, Server, last_words, serving
from .queries import sampled
from .result import Result, Row, Section
from .running import importable, ours
from .targets import TARGETS

if TYPE_CHECKING:
    from ..store.store import Store

Call = tuple[str, dict[str, Any]]

STARTING = 30.0
"""Seconds that a server over HTTP may take to start."""

_BANNER = re.compile(r"(http://\S+/mcp)")
_VARYING = frozenset({"freshness", "age_seconds", "server", "uptime_seconds", "memory_bytes"})
"""Members of answers that say when and by whom they were given."""


@dataclass(slots=True)
class Client:
    """What one client asked and was told. `wrong` are answers that a client alone was not given."""

    number: int
    answers: list[Answer] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def errors(self) -> list[str]:
        return [f"{one.tool}: {one.error}" for one in self.answers if one.error]

    @property
    def spread(self) -> Spread:
        """How long answers took, in milliseconds."""
        return Spread.of(1000 * one.seconds for one in self.answers)


def workload(store: Store) -> list[Call]:
    """A mixture of calls: words that are there, and one that is not; single conversations; status and coverage."""
    ids, words = sampled(store)
    calls: list[Call] = [("search_conversations", {"query": word, "limit": 5}) for word in words]
    calls += [("search_conversations", {"query": word, "limit": 5, "ranked": True}) for word in words[:3]]
    calls += [("search_conversations", {"limit": 10}), ("search_conversations", {"query": "zyxwvutsrq"})]
    calls += [("get_conversation", {"id": id}) for id in ids[:10]]
    return [*calls, ("get_server_status", {}), ("get_data_info", {})]


def command(address: str, *options: str) -> list[str]:
    """Our own server on a store, which never asks Intercom."""
    return ours("serve", "--store", address, "--no-sync", *options)


async def run(
    address: str, calls: Sequence[Call], number: int, rounds: int, folder: Path, *, http: bool
) -> tuple[list[Client], float]:
    """Lets a client ask alone, then so many at once, and says how long these took. Raises `ConfigurationError`."""
    if http:
        with _served(address, folder) as url:
            return await _both(lambda _: _over_http(url), calls, number, rounds)
    return await _both(lambda at: _over_stdio(address, folder / f"client-{at}"), calls, number, rounds)


async def _both(opened: Any, calls: Sequence[Call], number: int, rounds: int) -> tuple[list[Client], float]:
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(opened(0))
        expected = [steady((await first.ask(tool, arguments)).value) for tool, arguments in calls]
        servers = [first, *[await stack.enter_async_context(opened(at)) for at in range(1, number)]]
        started = time.perf_counter()
        asking = [_asked(at + 1, server, calls, expected, rounds) for at, server in enumerate(servers)]
        found = await asyncio.gather(*asking)
        return list(found), time.perf_counter() - started


async def _asked(number: int, server: Server, calls: Sequence[Call], expected: Sequence[Any], rounds: int) -> Client:
    """Every client begins elsewhere, so that different things are asked at the same time."""
    client = Client(number)
    for at in range(rounds * len(calls)):
        which = (at + number * 7) % len(calls)
        tool, arguments = calls[which]
        answer = await server.ask(tool, arguments)
        client.answers.append(answer)
        if not answer.error and steady(answer.value) != expected[which]:
            client.wrong.append(tool)
    return client


def steady(value: Any) -> Any:
    """An answer without what says when it was given."""
    if isinstance(value, Mapping):
        return {name: steady(each) for name, each in value.items() if name not in _VARYING}
    if isinstance(value, list):
        return [steady(each) for each in value]
    return value


def result(clients: Sequence[Client], elapsed: float, source: str, *, http: bool) -> Result:
    """What came of it."""
    answers = [one for client in clients for one in client.answers]
    errors = [error for client in clients for error in client.errors]
    wrong = [tool for client in clients for tool in client.wrong]
    whole = Spread.of(1000 * one.seconds for one in answers)
    # Several at once share this machine's processor: slow answers are worth a look, wrong ones are findings.
    target = TARGETS["tool_ms"].said.partition(": ")[2]
    slow = Mark.GOOD if TARGETS["tool_ms"].judge(whole.p95) is Mark.GOOD else Mark.WARNING
    rows = (
        Row("Clients", len(clients), note="over HTTP, one server" if http else "over stdio, a server each"),
        Row("Answers", len(answers), note=f"{per_second(len(answers), elapsed):.3g}/s", key="answers"),
        Row("Errors", len(errors), mark=Mark.BAD if errors else Mark.GOOD, note=errors[0] if errors else ""),
        Row(
            "Not as for a client alone", len(wrong), mark=Mark.BAD if wrong else Mark.GOOD,
            note=", ".join(sorted(set(wrong))), target="0",
        ),
        Row("Answer, p50", whole.p50, "ms", key="answer_p50_ms"),
        Row("Answer, p95", whole.p95, "ms", slow, target, f"p99 {whole.p99:.3g} ms", "answer_p95_ms"),
    )  # fmt: skip
    each = tuple(_each(client) for client in clients)
    advice = ("Ask for fewer at once, or give the store a faster disk",) if rows[-1].mark is not Mark.GOOD else ()
    return Result("clients", "Concurrent clients", source, (Section("All", rows), Section("Clients", each)), advice)


def _each(client: Client) -> Row:
    good = not client.errors and not client.wrong
    mark = Mark.GOOD if good else Mark.BAD
    return Row(f"Client {client.number}", f"{len(client.answers)} answers", mark=mark, note=f"{client.spread} ms")


@asynccontextmanager
async def _over_stdio(address: str, folder: Path) -> AsyncIterator[Server]:
    folder.mkdir(parents=True, exist_ok=True)
    async with serving(command(address), folder, importable()) as (server, _):
        yield server


@asynccontextmanager
async def _over_http(url: str) -> AsyncIterator[Server]:
    from mcp import Client as Protocol

    async with Protocol(url) as client:
        yield Server(client)


@contextmanager
def _served(address: str, folder: Path) -> Iterator[str]:
    """Our server over HTTP, in a process; gives its address. Raises `ConfigurationError` with its last words."""
    log = folder / "server.log"
    environ = {**os.environ, **importable()}
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(
            command(address, "--http", "--port", "0"), stdout=subprocess.DEVNULL, stderr=errors, env=environ
        )
        try:
            yield _address(process, log)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + STARTING
    while process.poll() is None and time.monotonic() < until:
        found = _BANNER.search(log.read_text(encoding="utf-8", errors="replace"))
        if found:
            return found[1]
        time.sleep(0.02)
    raise ConfigurationError(f"the server did not start: {last_words(log) or 'it said nothing'}")
