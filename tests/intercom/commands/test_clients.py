"""Several MCP clients at once."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bi_contracts.errors import ConfigurationError, ExitCode
from bi_contracts.intercom.procedure import clients
from bi_contracts.intercom.procedure.line import Mark
from bi_contracts.intercom.procedure.mcp_client import Answer
from bi_contracts.intercom.store.store import Store


@pytest.mark.parametrize("transport", ["stdio", "http"])
def test_clients_at_once_are_answered_as_one_alone(run: Callable, transport: str) -> None:
    """Each with a server of its own, or all with one; every answer is compared."""
    ended = run(
        "intercom", "clients", "--clients", "2", "--rounds", "1", "--conversations", "3", "--transport", transport
    )
    assert ended.exit_code == 0, ended.output
    assert "Not as for a client alone: ✅ 0" in ended.stdout
    assert "(source: mock)" in ended.stdout


def test_an_answer_that_differs_and_an_error_are_failures() -> None:
    """Named by the tool; latencies are told for each client."""
    client = clients.Client(1, [Answer("get_conversation", {}, seconds=0.5), Answer("search", {}, error="broke")])
    client.wrong.append("get_conversation")
    told = clients.result([client], 1.0, "mock", http=False)
    assert told.mark is Mark.BAD
    assert "get_conversation" in told.text()
    assert "search: broke" in told.text()
    assert told.advice


def test_what_says_when_it_was_answered_is_not_compared() -> None:
    """Ages and servers differ; everything else must not, however deep."""
    first = {"freshness": {"age_seconds": 1}, "rows": [{"id": "1", "memory_bytes": 5}]}
    again = {"freshness": {"age_seconds": 2}, "rows": [{"id": "1", "memory_bytes": 6}]}
    assert clients.steady(first) == clients.steady(again) == {"rows": [{"id": "1"}]}
    assert clients.steady(first) != clients.steady({"rows": [{"id": "2"}]})


def test_the_workload_is_a_mixture(mock_store: Store) -> None:
    """Searches that find and one that does not, single conversations, status."""
    calls = clients.workload(mock_store)
    tools = {tool for tool, _ in calls}
    assert tools == {"search_conversations", "get_conversation", "get_server_status", "get_data_info"}
    assert len(calls) > 20


def test_a_wrong_answer_is_noticed() -> None:
    """A server that answers two clients differently from one alone is found out."""

    class Server:
        async def ask(self, tool: str, _: object) -> Answer:
            return Answer(tool, {}, structured={"rows": []})

    asked = clients._asked(1, Server(), [("search", {})], [{"rows": [1]}], 1)  # type: ignore[arg-type]
    assert asyncio.run(asked).wrong == ["search"]


def test_a_server_that_does_not_start_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its last words."""
    monkeypatch.setattr(clients, "command", lambda *_: [sys.executable, "-c", "import sys; sys.exit('no such store')"])
    with pytest.raises(ConfigurationError, match="no such store"), clients._served("x", tmp_path):
        pass


def test_a_server_that_does_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is left behind."""
    program = (
        "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        " print('http://127.0.0.1:1/mcp', file=sys.stderr, flush=True); time.sleep(60)"
    )
    monkeypatch.setattr(clients, "command", lambda *_: [sys.executable, "-c", program])
    real, kept = subprocess.Popen.wait, []

    def wait(self: subprocess.Popen[bytes], timeout: float | None = None) -> int:
        kept.append(self)
        return real(self, 0.01 if timeout else None)

    monkeypatch.setattr(subprocess.Popen, "wait", wait)
    with clients._served("x", tmp_path) as url:
        assert url == "http://127.0.0.1:1/mcp"
    assert kept[0].returncode == -9


def test_a_store_that_is_not_there_is_told(run: Callable) -> None:
    """Nothing is made in its place."""
    assert run("intercom", "clients", "--store", "none.db").exit_code == ExitCode.CONFIGURATION
    assert not Path("none.db").exists()
