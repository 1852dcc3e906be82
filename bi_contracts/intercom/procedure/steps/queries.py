"""Whether the server's answers are right: held against the store, question by question."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from random import Random
from typing import Any

from ..conclusion import bad, warning
from ..context import Context
from ..correctness import wrong_conversation, wrong_search, wrong_status
from ..line import SERVER, Line
from ..mcp_client import Answer, Server
from ..questions import Question, drawn, renamed
from ..reply import Change, changed
from ..truth import Known, Truth, truth_of

SEARCHES = 20
GETS = 10
UNKNOWN = "999999999999999999"
"""An id that no conversation has."""

PATIENCE = 60.0
"""Seconds that a sync which was triggered may take."""

PAGES = 200
"""Pages of one conversation that are followed."""


async def run(context: Context) -> None:
    """Asks every tool. Another server is told to sync first: it has a store of its own."""
    server = context.server
    if server is None:
        return
    foreign = bool(context.settings.server)
    synced = await _sync(context, server) if foreign else None
    context.say(await _searches(context, server))
    context.say(await _gets(context, server))
    context.say(await _status(context, server))
    context.say(synced or await _sync(context, server))


async def _searches(context: Context, server: Server) -> Line:
    name = "search_conversations"
    if name not in server.tools:
        return _absent(name)
    truth = context.truth or Truth({}, True)
    questions = drawn(truth, Random(context.settings.seed), server.tools[name], SEARCHES)
    wrong: list[str] = []
    for number, question in enumerate(questions, 1):
        answer = await server.ask(name, question.arguments(server.tools[name]) or {})
        context.measured.searches += answer.timed
        if problem := wrong_search(question, answer, truth):
            wrong.append(f"{question.kind}: {problem}")
        context.step("queries", number / len(questions))
    return _judged(name, len(questions), wrong, "test queries successful", _kinds(questions))


def _kinds(questions: list[Question]) -> str:
    kinds = dict.fromkeys(question.kind for question in questions)
    return f" ({', '.join(kinds)})" if kinds else ""


async def _gets(context: Context, server: Server) -> Line:
    name = "get_conversation"
    if name not in server.tools:
        return _absent(name)
    wrong: list[str] = []
    chosen = picked(context.truth, Random(context.settings.seed))
    for one in chosen:
        arguments = renamed({"id": one.id}, server.tools[name])
        answer, value = await whole(server, arguments or {"id": one.id})
        context.measured.gets += answer.timed
        problem = f"an error: {answer.error}" if answer.error else wrong_conversation(one, value)
        wrong += [problem] if problem else []
    stranger = await server.ask(name, renamed({"id": UNKNOWN}, server.tools[name]) or {"id": UNKNOWN})
    if not stranger.error and "messages" in str(stranger.value)[:2000] and "not" not in str(stranger.value).lower():
        wrong.append("an answer about a conversation that nobody has")
    return _judged(name, len(chosen), wrong, "individual retrievals successful", ", and one that nobody has refused")


def picked(truth: Truth | None, chance: Random) -> list[Known]:
    """The longest, the shortest, the newest, the oldest, and others; all where they are few."""
    if truth is None or not truth.known:
        return []
    by_age = list(truth.known.values())
    by_length = sorted(by_age, key=lambda one: len(one.messages))
    first = {one.id: one for one in (by_age[0], by_age[-1], by_length[-1], by_length[0])}
    rest = [one for one in by_age if one.id not in first]
    return [*first.values(), *chance.sample(rest, min(len(rest), GETS - len(first)))]


async def whole(server: Server, arguments: Mapping[str, Any]) -> tuple[Answer, Any]:
    """The first answer about a conversation, and all its pages put together."""
    first = await server.ask("get_conversation", arguments)
    value = first.value
    if not isinstance(value, Mapping) or not isinstance(value.get("messages"), list):
        return first, value
    pages, cursor = [value], value.get("next_cursor")
    while cursor and len(pages) < PAGES:
        page = (await server.ask("get_conversation", {**arguments, "cursor": cursor})).value
        if not isinstance(page, Mapping):
            break
        pages.append(page)
        cursor = page.get("next_cursor")
    return first, {**value, "messages": _joined(pages)}


def _joined(pages: list[Any]) -> list[dict[str, Any]]:
    """The messages of all pages; one that was cut is whole again."""
    found: dict[str, dict[str, Any]] = {}
    for message in (message for page in pages for message in page.get("messages", ())):
        id = str(message.get("id"))
        if id in found:
            found[id]["text"] = str(found[id].get("text", "")) + str(message.get("text", ""))
        else:
            found[id] = dict(message)
    return list(found.values())


async def _status(context: Context, server: Server) -> Line:
    name = "get_server_status"
    if name not in server.tools:
        return _absent(name)
    answer = await server.ask(name, {})
    context.measured.statuses += answer.timed
    held = len(context.truth.known) if context.truth and context.truth.complete else None
    if answer.error:
        return bad(SERVER, name, f"an error: {answer.error}", f"tool:{name}")
    if held is not None and (problem := wrong_status(held, answer.value)):
        made = warning if context.settings.server else bad
        return made(SERVER, name, problem, f"tool:{name}")
    told = f": tells the {held:,} conversations that are held" if held is not None else ""
    return Line(SERVER, name, f"Status reporting functional{told}", samples=1)


async def _sync(context: Context, server: Server) -> Line:
    """Triggers a sync. In a sandbox of ours a reply is written before, and has to be found after."""
    name = "sync_conversations"
    if name not in server.tools:
        return _absent(name)
    change = None if context.settings.server else changed(context)
    answer = await server.ask(name, _as_before(context, server), longest=PATIENCE)
    if answer.error:
        return bad(SERVER, name, f"an error: {answer.error}", f"tool:{name}")
    if problem := await _ended(server, answer):
        return bad(SERVER, name, problem, f"tool:{name}")
    _read_again(context)
    if change is not None and (problem := await _found(context, server, change)):
        return bad(SERVER, name, problem, f"tool:{name}")
    shown = "; a reply that was written meanwhile was found" if change is not None else ""
    return Line(SERVER, name, f"Manual sync triggers working{_figures(answer)}{shown}", samples=1)


def _as_before(context: Context, server: Server) -> dict[str, Any]:
    """No more than was asked of the first sync, where the tool can be told."""
    most, known = context.testbed.most, server.tools["sync_conversations"].get("properties", {})
    return {"max_conversations": most} if most and "max_conversations" in known else {}


def _figures(answer: Answer) -> str:
    told = answer.value.get("sync") if isinstance(answer.value, Mapping) else None
    calls = told.get("calls") if isinstance(told, Mapping) else None
    return f" ({calls} call{'' if calls == 1 else 's'})" if isinstance(calls, int) else ""


async def _ended(server: Server, answer: Answer) -> str:
    """Waits for a sync that goes on. What is wrong with it, "" where it ended well."""
    value, until = answer.value, time.monotonic() + PATIENCE
    while isinstance(value, Mapping) and value.get("state") == "running":
        if time.monotonic() > until or "get_sync_status" not in server.tools:
            return "still running after a minute"
        await asyncio.sleep(0.1)
        value = (await server.ask("get_sync_status", {})).value
        if isinstance(value, Mapping) and "running" in value:
            value = {**value, "state": "running" if value["running"] else "done", "sync": value.get("latest")}
    told = value.get("sync") if isinstance(value, Mapping) else None
    outcome = told.get("outcome") if isinstance(told, Mapping) else "done"
    return "" if outcome in ("done", "partial") else f"the sync {outcome}: {told.get('error', '')}"  # type: ignore[union-attr]


def _read_again(context: Context) -> None:
    from ...store import open_store

    if not context.settings.server:
        with open_store(context.testbed.store) as store:
            context.truth = truth_of(store)


async def _found(context: Context, server: Server, change: Change) -> str:
    """What is wrong with how a changed conversation is shown, "" where it is shown as it is now."""
    searched = await server.ask("search_conversations", {"query": change.word})
    if change.id not in str(searched.value):
        return "a reply that was written before it is not found after it"
    _, value = await whole(server, {"id": change.id})
    known = context.truth.known.get(change.id) if context.truth else None
    if known is None or change.word not in known.words:
        return "a reply that was written before it is not in the store after it"
    return wrong_conversation(known, value)


def _judged(name: str, asked: int, wrong: list[str], good: str, more: str) -> Line:
    figures = {"asked": float(asked), "wrong": float(len(wrong))}
    if wrong:
        kinds = "; ".join(dict.fromkeys(wrong[:3]))
        text = f"{len(wrong)} of {asked} answers are wrong: {kinds}"
        return bad(SERVER, name, text, f"tool:{name}", figures=figures, samples=asked)
    if not asked:
        return warning(SERVER, name, "not asked: there are no conversations", "no data")
    return Line(SERVER, name, f"{asked} {good}{more}", figures=figures, samples=asked)


def _absent(name: str) -> Line:
    return bad(SERVER, name, "the server has no such tool", "tools")
