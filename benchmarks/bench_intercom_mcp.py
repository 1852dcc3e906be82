"""How fast the MCP server answers, and what memory it takes.

    python benchmarks/bench_intercom_mcp.py [--store FILE] [--calls 300] [--clients 5]

The server is started as a desktop client starts it, and asked over its stdin and stdout by a bare client (lines of
JSON-RPC, nothing checked) and by the official one (which holds every answer against the tool's schema); then over
HTTP by several official clients at once. Without --store, a store of 10,000 conversations is made.

`start` is from the start of the process to its list of tools. A figure is the median of the calls, with the 99th
percentile. Memory is what the server's process has resident after all of that.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SERVE = [str(Path(sys.executable).with_name("bi-contracts")), "intercom", "serve", "--no-sync"]
TARGETS = {"get p50": (5.0, "ms"), "memory": (90.0, "MB"), "start": (1.0, "s")}
INITIALIZE = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "bench", "version": "0"},
}


def made(folder: Path, count: int = 10_000) -> Path:
    """A store of so many conversations."""
    from bi_contracts.intercom.records import whole_conversation
    from bi_contracts.intercom.store import open_store

    path = folder / "store.db"
    words = ("refund", "order", "invoice", "late", "broken", "thanks", "again", "please", "help", "login")

    def one(number: int) -> dict[str, Any]:
        at = 1_700_000_000 + number * 60
        author = {"type": "user", "id": f"c{number % 999}", "name": "Ann", "email": f"ann{number % 999}@example.com"}
        texts = [" ".join(words[(number + step + n) % len(words)] for n in range(9)) for step in range(5)]
        parts = [
            {"id": f"{number}-{n}", "part_type": "comment", "body": text, "created_at": at + n, "author": author}
            for n, text in enumerate(texts)
        ]
        return {
            "id": str(number), "created_at": at, "updated_at": at + 9, "state": "open", "open": True,
            "source": {"type": "conversation", "body": "hello", "author": author},
            "contacts": {"contacts": [{"id": author["id"]}]},
            "conversation_parts": {"conversation_parts": parts, "total_count": len(parts)},
        }  # fmt: skip

    with open_store(path) as store:
        for start in range(0, count, 500):
            with store.batch() as batch:
                batch.bodies([(whole_conversation(one(n)), 1_800_000_000) for n in range(start, start + 500)])
    return path


class Bare:
    """A client that writes lines and reads lines."""

    def __init__(self, store: Path) -> None:
        self.process = subprocess.Popen(
            [*SERVE, "--store", str(store)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.numbers = itertools.count(1)

    def ask(self, method: str, params: dict[str, Any]) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        line = json.dumps({"jsonrpc": "2.0", "id": next(self.numbers), "method": method, "params": params})
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())["result"]

    def call(self, name: str, arguments: dict[str, Any]) -> Any:
        result = self.ask("tools/call", {"name": name, "arguments": arguments})
        assert not result.get("isError"), result["content"]
        return result["structuredContent"]

    def notify(self, method: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", "method": method}).encode() + b"\n")

    def memory(self) -> float:
        import psutil

        return float(psutil.Process(self.process.pid).memory_info().rss / 2**20)

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


def shown(name: str, times: Sequence[float]) -> None:
    in_order = sorted(times)
    p99 = in_order[min(len(in_order) - 1, int(len(in_order) * 0.99))]
    print(f"  {name:34} p50 {statistics.median(times):8.2f} ms   p99 {p99:8.2f} ms")


def target(name: str, value: float) -> None:
    most, unit = TARGETS[name]
    print(f"  {name:34} {value:8.2f} {unit:3}   target {most:g} {unit}   ratio {value / most:.2f}")


def bare(store: Path, calls: int) -> None:
    began = time.perf_counter()
    client = Bare(store)
    client.ask("initialize", INITIALIZE)
    client.notify("notifications/initialized")
    client.ask("tools/list", {})
    start = time.perf_counter() - began
    ids = found(client)
    print("over stdin and stdout, a bare client")
    target("start", start)
    figures: dict[str, list[float]] = {}
    plan = plan_of(ids)
    for n in range(calls):
        for name, (tool, arguments) in plan(n).items():
            began = time.perf_counter()
            client.call(tool, arguments)
            figures.setdefault(name, []).append((time.perf_counter() - began) * 1000)
    for name, times in figures.items():
        shown(name, times)
    target("get p50", statistics.median(figures["get_conversation"]))
    target("memory", client.memory())
    client.close()


def found(client: Bare) -> list[str]:
    """Ids from all over the store."""
    ids: list[str] = []
    cursor = None
    for _ in range(8):
        page = client.call("search_conversations", {"limit": 25, "cursor": cursor})
        ids += [one["id"] for one in page["conversations"]]
        if (cursor := page["next_cursor"]) is None:
            break
    return ids


def plan_of(ids: list[str]) -> Any:
    words = ("refund", "order", "invoice please", "account", "login")

    def plan(n: int) -> dict[str, tuple[str, dict[str, Any]]]:
        word = words[n % len(words)]
        return {
            "get_conversation": ("get_conversation", {"id": ids[n * 7 % len(ids)]}),
            "search_conversations": ("search_conversations", {"query": word, "limit": 5}),
            "search_conversations, ranked": ("search_conversations", {"query": word, "limit": 5, "ranked": True}),
            "get_server_status": ("get_server_status", {}),
        }

    return plan


async def official(store: Path, calls: int) -> None:
    from mcp import Client, StdioServerParameters, stdio_client

    asked = StdioServerParameters(command=SERVE[0], args=[*SERVE[1:], "--store", str(store)], env=dict(os.environ))
    print("over stdin and stdout, the official client")
    async with Client(stdio_client(asked, errlog=subprocess.DEVNULL)) as client:  # type: ignore[arg-type]
        await timed(client, calls)


async def timed(client: Any, calls: int) -> None:
    page = (await client.call_tool("search_conversations", {"limit": 25})).structured_content
    plan = plan_of([one["id"] for one in page["conversations"]])
    figures: dict[str, list[float]] = {}
    for n in range(calls):
        for name, (tool, arguments) in plan(n).items():
            began = time.perf_counter()
            result = await client.call_tool(tool, arguments)
            assert not result.is_error
            figures.setdefault(name, []).append((time.perf_counter() - began) * 1000)
    for name, times in figures.items():
        shown(name, times)


@contextmanager
def served(store: Path) -> Iterator[tuple[str, int]]:
    process = subprocess.Popen(
        [*SERVE, "--store", str(store), "--http", "--port", "0"], stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        yield process.stderr.readline().split()[3].rstrip(";"), process.pid
    finally:
        process.terminate()
        process.wait(10)
        process.stderr.close()


async def http(store: Path, calls: int, clients: int) -> None:
    import psutil
    from mcp import Client

    async def one(url: str) -> list[float]:
        times = []
        async with Client(url) as client:
            page = (await client.call_tool("search_conversations", {"limit": 25})).structured_content
            ids = [row["id"] for row in page["conversations"]]
            for n in range(calls):
                began = time.perf_counter()
                result = await client.call_tool("get_conversation", {"id": ids[n % len(ids)]})
                assert not result.is_error
                times.append((time.perf_counter() - began) * 1000)
        return times

    with served(store) as (url, pid):
        print(f"over HTTP, {clients} official clients at once")
        began = time.perf_counter()
        times = [took for each in await asyncio.gather(*(one(url) for _ in range(clients))) for took in each]
        shown("get_conversation", times)
        print(f"  {'calls a second':34} {len(times) / (time.perf_counter() - began):12.0f}")
        target("memory", psutil.Process(pid).memory_info().rss / 2**20)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--store", type=Path)
    parser.add_argument("--calls", type=int, default=300)
    parser.add_argument("--clients", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = asked.store or made(Path(folder))
        bare(store, asked.calls)
        asyncio.run(official(store, asked.calls))
        asyncio.run(http(store, asked.calls, asked.clients))


if __name__ == "__main__":
    main()
