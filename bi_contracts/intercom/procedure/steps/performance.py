"""How fast answers come and what they cost: measured on the server that runs, and on this machine's disk."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from ....errors import ExitCode
from ....report.events import Chart, Series
from ..conclusion import bad, warning
from ..context import Context, Measured, Seen
from ..figures import Spread
from ..line import PERFORMANCE, Line, Mark
from ..mcp_client import Server
from ..questions import Question, drawn, renamed, several
from ..tree import number, size
from ..usage import usage

SECONDS = 10.0
"""After so long no further round is begun."""

SAMPLES = 200
"""Conversations that are written to see how fast the disk is."""

LARGE = 10_000
"""Conversations from which on the target of a large data set holds for memory."""


async def run(context: Context) -> None:
    """Asks in rounds, then says what all of it took."""
    if context.server is not None:
        await _rounds(context, context.server)
    context.say(_response(context))
    context.say(_memory(context))
    context.say(_size(context))
    context.say(_cpu(context))
    context.say(_disk(context))


async def _rounds(context: Context, server: Server) -> None:
    schema = server.tools.get("search_conversations", {})
    questions = drawn(context.truth, Random(context.settings.seed), schema, 12) if context.truth else []
    measured, started = context.measured, time.perf_counter()
    _used(measured, server)
    for done in range(context.settings.rounds):
        if time.perf_counter() - started > SECONDS:
            break
        await _round(measured, server, questions, context)
        _used(measured, server)
        context.step("performance", (done + 1) / context.settings.rounds)


def _used(measured: Measured, server: Server) -> None:
    if (used := usage(server.pid)) is not None:
        measured.server.append(Seen(len(server.asked), used))


async def _round(measured: Measured, server: Server, questions: list[Question], context: Context) -> None:
    for question in questions:
        asked = question.arguments(server.tools["search_conversations"]) or {}
        measured.searches += (await server.ask("search_conversations", asked)).timed
    if context.truth and (asked := several(context.truth, server.tools.get("search_conversations", {}))):
        measured.complex += (await server.ask("search_conversations", asked)).timed
    if "get_conversation" in server.tools and context.truth:
        for id in list(context.truth.known)[:5]:
            asked = renamed({"id": id}, server.tools["get_conversation"]) or {"id": id}
            measured.gets += (await server.ask("get_conversation", asked)).timed
    if "get_server_status" in server.tools:
        for _ in range(3):
            measured.statuses += (await server.ask("get_server_status", {})).timed


def _response(context: Context) -> Line:
    """Searches are what is judged first; single conversations and the status have targets of their own."""
    measured = context.measured
    if not measured.searches:
        return Line(PERFORMANCE, "Query Response", "not measured: no query was answered", Mark.SKIPPED)
    kinds = (
        ("search", "search_ms", Spread.of(measured.searches).times(1000)),
        ("complex", "tool_ms", Spread.of(measured.complex).times(1000)),
        ("get", "get_ms", Spread.of(measured.gets).times(1000)),
        ("status", "status_ms", Spread.of(measured.statuses).times(1000)),
    )
    known = [(name, key, spread) for name, key, spread in kinds if spread.n]
    figures: dict[str, float] = {}
    for name, _, spread in known:
        figures |= {f"{name}_average_ms": spread.mean, f"{name}_p95_ms": spread.p95, f"{name}_p99_ms": spread.p99}
    marks = {name: context.judge(key, spread.mean) for name, key, spread in known}
    search = known[0][2]
    text = f"{_ms(search.mean)} average ({context.target('search_ms')}), {_ms(search.p95)} p95 of {search.n} searches"
    more = [f"{_NAMES[name]} {_ms(spread.mean)} ({context.target(key)})" for name, key, spread in known[1:]]
    return _made(
        max(marks.values(), key=list(Mark).index),
        "Query Response",
        "; ".join([text, *more]),
        "slow queries",
        target=context.target("search_ms"),
        figures=figures,
        charts=tuple(_charts(measured)),
        samples=sum(spread.n for _, _, spread in known),
    )


_NAMES = {"complex": "with several filters", "get": "one conversation", "status": "status"}


def _ms(value: float) -> str:
    return f"{value:.0f}ms" if value >= 10 else f"{value:.1f}ms"


def _charts(measured: Measured) -> Iterator[Chart]:
    yield _histogram("Searches through the server", measured.searches)
    if measured.gets:
        yield _histogram("Single conversations through the server", measured.gets)
    if len(measured.server) > 2:
        points = tuple((float(at), seen.used.resident / 2**20) for at, seen in enumerate(measured.server))
        yield Chart("timeline", "Memory of the server", "round of queries", "MB", (Series("resident", points),))


def _histogram(title: str, seconds: list[float], bars: int = 20) -> Chart:
    known = sorted(value * 1000 for value in seconds)
    low, high = known[0], max(known[-1], known[0] + 1e-3)
    width = (high - low) / bars
    counts = [0] * bars
    for value in known:
        counts[min(bars - 1, int((value - low) / width))] += 1
    points = tuple((low + width * at, float(count)) for at, count in enumerate(counts))
    spread = Spread.of(known)
    marks = {"p50": spread.p50, "p95": spread.p95}
    return Chart("histogram", title, "ms", "queries", (Series("queries", points),), marks, high)


def _memory(context: Context) -> Line:
    """The larger of the two processes: of the sync, and of the server."""
    synced = context.measured.synced
    sync = int(synced["usage"]["peak"]) if synced else 0
    serve = max((seen.used.peak for seen in context.measured.server), default=0)
    if not sync and not serve:
        return Line(PERFORMANCE, "Memory Usage", "not measured: neither the sync nor the server ran", Mark.SKIPPED)
    large = context.truth is not None and int(synced.get("run", {}).get("conversations", 0)) >= LARGE
    key = "peak_memory_mb" if large else "memory_mb"
    known = {name: used / 2**20 for name, used in (("sync", sync), ("server", serve)) if used}
    peak, figures = max(known.values()), {f"{name}_peak_mb": used for name, used in known.items()}
    told = [
        f"{name} {known[name]:.0f}MB" if name in known else f"the {name} did not run" for name in ("sync", "server")
    ]
    text = f"{peak:.0f}MB peak ({context.target(key)}): {', '.join(told)}"
    mark = context.judge(key, peak)
    return _made(mark, "Memory Usage", text, "memory", target=context.target(key), figures=figures)


def _size(context: Context) -> Line:
    held, count = context.measured.held, context.measured.bytes
    each = f" ({size(count / held)} per conversation)" if held else ""
    figures = {"database_bytes": float(count), "each_bytes": count / held if held else 0.0}
    return Line(PERFORMANCE, "Database Size", f"{size(count)}{each}", figures=figures)


def _cpu(context: Context) -> Line:
    """Of one processor, as if one query came each second: so fast as they came, they would always take all of it."""
    rounds = context.measured.server[1:]
    asked = rounds[-1].asked - rounds[0].asked if rounds else 0
    if not asked:
        return Line(PERFORMANCE, "CPU Usage", "not measured: no query was answered", Mark.SKIPPED)
    each = (rounds[-1].used.cpu - rounds[0].used.cpu) / asked
    target, took = context.target("cpu_percent"), f"{each * 1000:.1f}ms each, {asked} queries"
    text = f"{each * 100:.1f}% at one query a second ({target}): {took}"
    return _made(
        context.judge("cpu_percent", each * 100),
        "CPU Usage",
        text,
        "slow queries",
        target=context.target("cpu_percent"),
        figures={"cpu_percent": each * 100, "cpu_each_ms": each * 1000},
    )


def _disk(context: Context) -> Line:
    """Conversations a second into an empty database on the same disk, and what the sync wrote for what it kept."""
    rate = context.measured.writes = writes(context.testbed.folder / "scratch.db")
    wrote = context.measured.synced["usage"]["wrote"] if context.measured.synced else None
    figures = {"writes_per_second": rate}
    text = f"{number(round(rate))} conversations/second written to SQLite ({context.target('write_speed')})"
    if wrote and context.measured.bytes:
        ratio = wrote / context.measured.bytes
        figures["written_per_byte"] = ratio
        text += f"; the sync wrote {ratio:.1f} bytes for each byte kept"
    mark = context.judge("write_speed", rate)
    return _made(mark, "Disk I/O", text, "slow sync", target=context.target("write_speed"), figures=figures)


def writes(path: Path, conversations: int = SAMPLES) -> float:
    """Conversations a second that are written into an empty database, five messages each, searchable at once."""
    from ...records import whole_conversation
    from ...store import open_store
    from ..database import write_speed

    bodies = [whole_conversation(_made_up(number)) for number in range(conversations)]
    with open_store(path) as store:
        return write_speed(store, bodies)[0]


def _made_up(number: int) -> dict[str, Any]:
    at = 1_700_000_000 + number * 60
    author = {"type": "user", "id": f"{number % 40:024x}", "name": "Somebody", "email": f"u{number % 40}@example.com"}
    parts = [
        {
            "type": "conversation_part",
            "id": str(number * 10 + place),
            "part_type": "comment",
            "body": f"<p>Message {place} of conversation {number}, of about as many words as people write.</p>",
            "created_at": at + place,
            "updated_at": at + place,
            "author": author,
        }
        for place in range(1, 6)
    ]
    return {
        "type": "conversation",
        "id": str(900_000_000 + number),
        "created_at": at,
        "updated_at": at + 9,
        "state": "open",
        "open": True,
        "source": {"type": "conversation", "body": f"<p>Question {number}</p>", "author": author},
        "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": author["id"]}]},
        "conversation_parts": {"conversation_parts": parts, "total_count": len(parts)},
    }


def _made(mark: Mark, name: str, text: str, problem: str, **more: Any) -> Line:
    makers: dict[Mark, Callable[..., Line]] = {Mark.WARNING: warning, Mark.BAD: bad}
    if mark is Mark.BAD:
        more["exit_code"] = ExitCode.SLA_BREACHED
    if mark not in makers:
        return Line(PERFORMANCE, name, text, Mark.GOOD, **more)
    return makers[mark](PERFORMANCE, name, text, problem, **more)
