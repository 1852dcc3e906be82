"""What the queries, the measurements and the end of a run come to where not all is well."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bi_contracts.intercom.procedure.context import Context, Measured, Seen
from bi_contracts.intercom.procedure.line import Line, Mark, worst
from bi_contracts.intercom.procedure.mcp_client import Answer, Ended, Server
from bi_contracts.intercom.procedure.steps import (
    cleanup,
    performance,
    queries,
)
from bi_contracts.intercom.procedure.truth import Truth
from bi_contracts.intercom.procedure.usage import Usage

from .lines import context
from .test_correctness import truth

MB = 2**20


class Told:
    """A server that answers what it is told to."""

    def __init__(self, *answers: Answer, tools: Mapping[str, Any] | None = None) -> None:
        self.answers, self.asked = list(answers), []
        self.tools = queries_schema() if tools is None else tools
        self.pid = 0

    async def ask(self, tool: str, arguments: Mapping[str, Any], **_: Any) -> Answer:
        self.asked.append((tool, arguments))
        return replace(self.answers.pop(0), tool=tool, arguments=arguments)


def queries_schema() -> dict[str, Any]:
    """The four tools, with our names."""
    names = ("search_conversations", "get_conversation", "get_server_status", "sync_conversations")
    return {name: {"properties": {"query": {}, "id": {}, "limit": {}, "cursor": {}}} for name in names}


def asked(step: Callable[[Context, Server], Any], one: Context, *answers: Answer, **more: Any) -> Line:
    """The line of a step of the queries."""
    found = asyncio.run(step(one, Told(*answers, **more)))  # type: ignore[arg-type]
    assert isinstance(found, Line)
    return found


# Queries


def test_tools_that_are_missing_or_err_fail() -> None:
    """Each by its name."""
    one = context()
    for step in (queries._searches, queries._gets, queries._status, queries._sync):
        assert asked(step, one, tools={}).text == "the server has no such tool"
    broken = Answer("", {}, error="boom")
    assert asked(queries._status, one, broken).text == "an error: boom"
    assert asked(queries._sync, one, broken).problem == "tool:sync_conversations"


def test_without_conversations_nothing_is_asked() -> None:
    """Which is no pass."""
    assert asked(queries._gets, context(), Answer("", {}, error="unknown")).mark is Mark.WARNING


def test_wrong_conversations_are_counted() -> None:
    """Errors, other conversations, and one that nobody has."""
    one = context()
    one.truth = Truth({"3": truth().known["3"]}, True)
    stranger = Answer("", {}, {"conversation": {"id": "999"}, "messages": []})
    found = asked(queries._gets, one, Answer("", {}, error="boom"), stranger)
    assert found.text == ("2 of 1 answers are wrong: an error: boom; an answer about a conversation that nobody has")


def test_a_conversation_in_pages_is_put_together() -> None:
    """A message that was cut is whole again."""
    pages = [
        Answer("", {}, {"messages": [{"id": "1", "text": "one"}, {"id": "2", "text": "tw"}], "next_cursor": "c"}),
        Answer("", {}, {"messages": [{"id": "2", "text": "o"}], "next_cursor": None}),
    ]
    _, value = asyncio.run(queries.whole(Told(*pages), {"id": "5"}))  # type: ignore[arg-type]
    assert [message["text"] for message in value["messages"]] == ["one", "two"]
    broken = [pages[0], Answer("", {}, error="gone")]
    _, value = asyncio.run(queries.whole(Told(*broken), {"id": "5"}))  # type: ignore[arg-type]
    assert [message["text"] for message in value["messages"]] == ["one", "tw"]


def ended(*values: Any, **more: Any) -> str:
    first, *later = (Answer("", {}, value) for value in values)
    return asyncio.run(queries._ended(Told(*later, **more), first))  # type: ignore[arg-type]


def test_a_sync_that_goes_on_is_waited_for() -> None:
    """Until it ended, well or not; where nobody can say, that is wrong."""
    status = {"get_sync_status": {}}
    assert ended({"state": "done", "sync": {"outcome": "done"}}) == ""
    assert ended({"state": "running"}, {"running": False, "latest": {"outcome": "done"}}, tools=status) == ""
    assert ended({"state": "done", "sync": {"outcome": "failed", "error": "401"}}) == "the sync failed: 401"
    assert ended({"state": "running"}) == "still running after a minute"
    assert ended("started") == ""


def test_a_status_that_miscounts() -> None:
    """Ours fails, another server's is a warning."""
    one = context()
    one.truth = truth()
    wrong = Answer("", {}, {"held": {"conversations": 3}})
    assert asked(queries._status, one, wrong).mark is Mark.BAD
    other = context(server=("other",))
    other.truth = truth()
    assert asked(queries._status, other, wrong).mark is Mark.WARNING


# Performance and cleanup


def measured(**more: Any) -> Context:
    one = context()
    one.truth = truth()
    usage = {"peak": 80 * MB, "wrote": None}
    one.measured = Measured(synced={"usage": usage, "run": {"conversations": 36}}, bytes=9000, held=3, **more)
    return one


def test_without_a_server_nothing_of_it_is_told() -> None:
    """Skipped, never passed; the sync's memory is known all the same."""
    one = measured()
    assert performance._response(one).mark is Mark.SKIPPED
    assert performance._cpu(one).mark is Mark.SKIPPED
    assert performance._memory(one).text == "80MB peak (target: <100MB): sync 80MB, the server did not run"
    one.measured.synced = {}
    assert performance._memory(one).mark is Mark.SKIPPED
    assert performance._size(one).text == "8.8KB (2.9KB per conversation)"


def test_missed_targets_are_warnings_and_then_failures() -> None:
    """By a factor of two, each kind of query by its own target."""
    slow = performance._response(measured(searches=[0.15], gets=[0.01], statuses=[0.001]))
    assert (slow.mark, slow.problem) == (Mark.WARNING, "slow queries")
    status = performance._response(measured(searches=[0.01], statuses=[0.5]))
    assert (status.mark, status.exit_code) == (Mark.BAD, 6)
    assert "status 500ms (target: <10ms)" in status.text
    large = measured()
    large.measured.synced = {"usage": {"peak": 120 * MB}, "run": {"conversations": 20_000}}
    assert performance._memory(large).said == "120MB peak (target: <150MB): sync 120MB, the server did not run"


def seen(*megabytes: int) -> list[Seen]:
    return [Seen(at * 10, Usage(size * MB, size * MB, at * 0.01, 0)) for at, size in enumerate(megabytes)]


def test_a_server_that_grows_with_every_round_leaks() -> None:
    """And one that has grown once does not."""
    one = context()
    one.measured.server = seen(70, *range(70, 90, 2))
    assert cleanup._memory(one, 0).problem == "leak"
    one.measured.server = seen(60, *[70] * 9)
    assert cleanup._memory(one, 0).text.startswith("Fully released (the server grew by 0.0MB over 8 rounds")
    one.measured.server = []
    assert cleanup._memory(one, 0).text == "Fully released"


def test_how_a_server_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """By itself, by force, with an error, or not at all."""
    monkeypatch.setattr(cleanup, "children", frozenset)  # other tests' processes come and go
    one = context()
    assert cleanup._server(one, 0).text == "was not started"
    for ended_, mark in ((Ended(0), Mark.GOOD), (Ended(0, True), Mark.WARNING), (Ended(3), Mark.BAD)):
        one.ended = ended_
        assert cleanup._server(one, 0).mark is mark
    assert "processes still run" in cleanup._server(one, os.getpid()).text


def test_what_is_left_of_a_database(tmp_path: Path) -> None:
    """Somebody's lock fails; no database at all is no failure."""
    path = tmp_path / "data.db"
    assert cleanup._database(path).text == "was not made"
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("CREATE TABLE t (x)")
        holder.execute("BEGIN EXCLUSIVE")
        assert "cannot be locked" in cleanup._database(path).text
        holder.execute("ROLLBACK")
    path.with_name("data.db-journal").write_text("")
    assert cleanup._database(path).problem == "leftovers"


def test_files_that_cannot_be_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are named."""
    monkeypatch.setattr(cleanup, "removed", lambda _: ["run-1/data.db"])
    assert cleanup._files(context()).text == "1 left: run-1/data.db"


def test_the_worst_of_some_lines() -> None:
    """Skipped lines count for nothing."""
    lines = [Line("x", "a", ""), Line("x", "b", "", Mark.SKIPPED), Line("x", "c", "", Mark.WARNING)]
    assert worst(lines) is Mark.WARNING
    assert worst(lines[1:2]) is Mark.SKIPPED
