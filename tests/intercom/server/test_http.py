"""The same tools over HTTP, on loopback."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client

from bi_contracts.intercom.server.access import KEY, Access
from bi_contracts.intercom.server.http import application
from bi_contracts.serving import running

from .worlds import saying, tools

COMMAND = str(Path(sys.executable).with_name("bi-contracts"))
SECRET = "0123456789abcdef"
ASKED = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
HEADERS = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-06-18"}


@contextmanager
def serving(served: Path, access: Access | None = None, **made: Any) -> Iterator[str]:
    with tools(served, **made) as found, running(application(found, access or Access.granted("::1", [], {}))) as url:
        yield url


def test_clients_at_once_are_each_answered_rightly(served: Path) -> None:
    """Five clients, each with its own conversations, over streamable HTTP."""

    async def one(url: str, start: int) -> list[tuple[str, str]]:
        async with Client(f"{url}/mcp") as client:
            ids = [str(number) for number in range(start, 50, 5)]
            results = [await client.call_tool("get_conversation", {"id": id}) for id in ids]
            return [(id, one.structured_content["conversation"]["id"]) for id, one in zip(ids, results, strict=True)]

    async def all_of(url: str) -> list[list[tuple[str, str]]]:
        return await asyncio.gather(*(one(url, start) for start in range(5)))

    with serving(served) as url:
        answers = [pair for each in asyncio.run(all_of(url)) for pair in each]
    assert len(answers) == 50
    assert all(wanted == got for wanted, got in answers)


def test_progress_travels_with_the_answer(served: Path, tmp_path: Path) -> None:
    """On the stream of the call that asked for it."""
    seen: list[float] = []
    mark = tmp_path / "heard"

    async def ask(url: str) -> Any:
        async def heard(done: float, _total: float | None, _message: str | None) -> None:
            seen.append(done)
            mark.touch()

        async with Client(f"{url}/mcp") as client:
            return await client.call_tool("sync_conversations", {}, progress_callback=heard)

    end = "say(failed=dict(kind='X', message='enough'))"
    script = f"say(step=dict(phase='heads', done=3)); until({str(mark)!r}); {end}"
    with serving(served, start=saying(script)) as url:
        result = asyncio.run(ask(url))
    assert seen == [3.0]
    assert "enough" in result.content[0].text


def test_other_hosts_pages_and_keys_are_refused(served: Path) -> None:
    """Before anything of the protocol is looked at."""
    access = Access.granted("127.0.0.1", ["desk.example"], {KEY: SECRET})
    key = {"Authorization": f"Bearer {SECRET}"}
    with serving(served, access) as url, httpx.Client(base_url=url, headers=HEADERS) as client:
        refused = {
            421: client.post("/mcp", json=ASKED, headers={**key, "Host": "evil.example"}),
            403: client.post("/mcp", json=ASKED, headers={**key, "Origin": "https://evil.example"}),
            401: client.post("/mcp", json=ASKED, headers={"Authorization": "Bearer wrong"}),
        }
        good = client.post("/mcp", json=ASKED, headers={**key, "Host": "desk.example:3000"})
        health = client.get("/healthz")
    assert {status: answer.status_code for status, answer in refused.items()} == {421: 421, 403: 403, 401: 401}
    assert refused[401].headers["www-authenticate"] == "Bearer"
    assert (good.status_code, "search_conversations" in good.text) == (200, True)
    assert (health.status_code, health.json()["status"]) == (200, "ok")


def test_a_request_that_is_none_is_answered_and_the_server_goes_on(served: Path) -> None:
    """With an error of the protocol."""
    wrong = (b"", b"[]", b"{", b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":5}', b"\xff" * 99)
    with serving(served) as url, httpx.Client(base_url=url, headers=HEADERS) as client:
        kind = {"Content-Type": "application/json"}
        answers = [client.post("/mcp", content=body, headers=kind) for body in wrong]
        good = client.post("/mcp", json=ASKED)
    assert all(400 <= answer.status_code < 500 or '"error"' in answer.text for answer in answers)
    assert good.status_code == 200


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends processes without a word")
def test_the_command_serves_until_it_is_told_to_end(served: Path, tmp_path: Path) -> None:
    """It says where, answers there, and ends with 0."""
    command = [COMMAND, "intercom", "serve", "--http", "--port", "0", "--store", str(served)]
    environ = {name: value for name, value in os.environ.items() if name != KEY}
    with subprocess.Popen(command, cwd=tmp_path, env=environ, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = process.stderr.readline()
        url = next(word for word in said.split() if word.startswith("http")).rstrip(";")
        answer = httpx.post(url, json=ASKED, headers=HEADERS)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--host", "0.0.0.0"], "--http"),
        (["--http", "--host", "0.0.0.0"], "--allow-host"),
        (["--http", "--host", "0.0.0.0", "--allow-host", "desk.example"], KEY),
        (["--http", "--port", "70000"], "--port"),
        (["--mode", "replay", "--from", "http://127.0.0.1:1"], "--from"),
        (["--from", "sandbox"], "--from"),
    ],
)  # fmt: skip
def test_what_cannot_be_served_is_said_in_one_line(options: list[str], said: str) -> None:
    """Before anything is opened to others."""
    from click.testing import CliRunner

    from bi_contracts.cli import cli

    result = CliRunner().invoke(cli, ["intercom", "serve", *options], env={KEY: ""})
    assert result.exit_code != 0
    assert said in f"{result.output}{result.exception}"


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to type."""
    from click.testing import CliRunner

    from bi_contracts.cli import cli

    monkeypatch.setitem(sys.modules, "bi_contracts.intercom.server.wiring", None)
    result = CliRunner().invoke(cli, ["intercom", "serve", "--http", "--port", "0"])
    assert "pip install 'bi-contracts[intercom]'" in str(result.exception)
    assert gc.isenabled()
