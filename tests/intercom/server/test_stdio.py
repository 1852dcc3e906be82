"""The server as a desktop client runs it: a process that speaks on stdin and stdout."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters, stdio_client

from bi_contracts.intercom.store import open_store

COMMAND = str(Path(sys.executable).with_name("bi-contracts"))
INITIALIZE = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "0"}}


class Speaker:
    """A client that writes lines and reads lines, and nothing else."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process, self.number = process, 0

    def ask(self, method: str, params: dict[str, Any]) -> Any:
        self.number += 1
        self.send(json.dumps({"jsonrpc": "2.0", "id": self.number, "method": method, "params": params}).encode())
        return self.heard()

    def send(self, line: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def heard(self) -> Any:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def call(self, name: str, arguments: dict[str, Any]) -> Any:
        return self.ask("tools/call", {"name": name, "arguments": arguments})["result"]


# The environment is a desktop's, whose path does not have the command: it is named by its absolute path.
@contextmanager
def running(command: list[str], folder: Path, **environ: str) -> Iterator[Speaker]:
    kept = {name: os.environ[name] for name in ("HOME", "SYSTEMROOT") if name in os.environ}
    process = subprocess.Popen(
        command, cwd=folder, env={**kept, "PATH": os.defpath, **environ},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        speaker = Speaker(process)
        speaker.ask("initialize", INITIALIZE)
        speaker.send(b'{"jsonrpc":"2.0","method":"notifications/initialized"}')
        yield speaker
    finally:
        process.kill()
        process.wait()
        for end in (process.stdin, process.stdout, process.stderr):
            assert end is not None
            with suppress(BrokenPipeError):
                end.close()


def test_stdout_carries_the_protocol_and_nothing_else(served: Path, tmp_path: Path) -> None:
    """Whatever prints, logs or warns, in this process or below it; and what is no request does not end the server.

    It has imported half of mcp: the client's half, and the HTTP server, wait; asked for, they are there.
    """
    noise = (
        "import sys, os, warnings, logging, subprocess\n"
        "import bi_contracts.intercom.server.tools as tools\n"
        "before = tools.Tools.get_data_info\n"
        "async def loud(self, asked, tell):\n"
        "    assert not {'mcp.client', 'mcp.server.mcpserver', 'httpx', 'cryptography'} & set(sys.modules)\n"
        "    import mcp\n"
        "    assert mcp.Client and mcp.server.MCPServer and mcp.ClientSession\n"
        "    assert not hasattr(mcp, 'nothing')\n"
        "    print('printed'); os.write(1, b'written'); warnings.warn('warned'); logging.error('logged')\n"
        "    subprocess.run([sys.executable, '-c', 'print(123)'])\n"
        "    assert sys.stdin.read() == ''\n"
        "    return await before(self, asked, tell)\n"
        "tools.Tools.get_data_info = loud\n"
        "from bi_contracts.cli import main\n"
        f"sys.argv = ['bi-contracts', 'intercom', 'serve', '--store', {str(served)!r}]\n"
        "main()\n"
    )
    with running([sys.executable, "-c", noise], tmp_path) as speaker:
        for line in (b"no json", b"[1,2]", b'{"jsonrpc":"2.0"}', b"\xff\xfe", b"", b'{"a":' + b"[" * 5000):
            speaker.send(line)
        speaker.send(b"x" * (5 * 2**20))
        assert speaker.call("get_data_info", {})["isError"] is False
        assert speaker.process.stdin is not None
        speaker.process.stdin.close()
        assert speaker.process.stdout is not None
        assert speaker.process.stdout.read() == b""
        assert speaker.process.wait(20) == 0
        assert speaker.process.stderr is not None
        logged = speaker.process.stderr.read().decode()
    assert all(word in logged for word in ("printed", "written", "123"))


def test_the_log_has_no_word_of_what_was_asked_or_answered(served: Path, tmp_path: Path) -> None:
    """Names of tools, times, sizes, outcomes; also in the file that test mode keeps."""
    environ = {"FASTINTERCOM_TEST_WORKSPACE": str(tmp_path / "ws"), "FASTINTERCOM_TEST_LOG_LEVEL": "DEBUG"}
    command = [COMMAND, "intercom", "serve", "--test-mode", "--verbose", "--store", str(served)]
    with running(command, tmp_path, **environ) as speaker:
        speaker.call("search_conversations", {"query": "zanzibar refund", "contact": "ann@customers.example"})
        speaker.call("get_conversation", {"id": "500"})
        speaker.call("get_conversation", {"id": "zanzibar", "colour": "zanzibar"})
        speaker.ask("zanzibar/method", {"zanzibar": 1})
        assert speaker.process.stdin is not None
        speaker.process.stdin.close()
        assert speaker.process.stderr is not None
        logged = speaker.process.stderr.read().decode()
        assert speaker.process.wait(20) == 0
    logged += (tmp_path / "ws" / "logs" / "fast-intercom-mcp.log").read_text()
    assert "get_conversation ok" in logged
    assert "get_conversation ValidationError" in logged
    for word in ("zanzibar", "ann@", "refund", "Ignore", "Bob"):
        assert word not in logged


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends processes without a word")
def test_a_signal_ends_the_server_and_its_sync(tmp_path: Path) -> None:
    """Between two batches: the lease is given back, what was written is held."""
    path = tmp_path / "store.db"
    command = [COMMAND, "intercom", "serve", "--mode", "sandbox", "--store", str(path)]
    with running(command, tmp_path) as speaker:
        begun = speaker.call("sync_conversations", {"wait_seconds": 0})
        assert begun["isError"] is False, begun
        for _ in range(200):
            if path.exists() and _leased(path):
                break
            time.sleep(0.02)
        speaker.process.send_signal(signal.SIGTERM)
        assert speaker.process.wait(20) == 0
    with open_store(path) as store, store.lease():
        assert store.status().latest is not None


def _leased(path: Path) -> bool:
    from bi_contracts.errors import StoreError
    from bi_contracts.intercom.store.lease import holder_of

    try:
        with open_store(path, create=False) as store:
            return holder_of(store, "sync") is not None
    except StoreError:
        return False


def test_a_client_makes_a_store_and_reads_it(tmp_path: Path) -> None:
    """From nothing, on the sandbox: the server starts without a store, syncs, and serves what it synced."""
    asked = StdioServerParameters(
        command=COMMAND,
        args=["intercom", "serve", "--mode", "sandbox", "--store", "new.db", "--max-seconds", "60"],
        cwd=tmp_path,
    )

    async def ask() -> Any:
        with (tmp_path / "log").open("w") as log:
            async with Client(stdio_client(asked, errlog=log)) as client:
                none = await client.call_tool("search_conversations", {})
                early = await client.call_tool("sync_conversations", {"wait_seconds": 0})
                synced = await client.call_tool("sync_conversations", {"max_conversations": 20})
                found = await client.call_tool("search_conversations", {"limit": 5})
                id = found.structured_content["conversations"][0]["id"]
                return none, early, synced, found, await client.call_tool("get_conversation", {"id": id})

    none, early, synced, found, one = asyncio.run(ask())
    assert none.is_error
    assert early.structured_content["freshness"]["source"] == "none"
    assert not synced.is_error, synced.content[0].text
    assert synced.structured_content["state"] == "done"
    assert synced.structured_content["sync"]["conversations"] > 0
    assert found.structured_content["freshness"]["source"] == "sandbox"
    assert one.structured_content["messages"]
    assert (tmp_path / "new.db").exists()
