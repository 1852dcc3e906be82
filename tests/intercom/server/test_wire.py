"""Lines in, lines out, in two threads that nobody has to wait for."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import pytest

from bi_contracts.intercom.server.stdio import serve_stdio
from bi_contracts.intercom.server.wire import LONGEST, Wire

from .worlds import tools


@dataclass
class Ends:
    """A wire, and the client's ends of it."""

    wire: Wire
    writes: int
    reads: int
    rest: bytes = b""

    def line(self) -> bytes:
        while b"\n" not in self.rest:
            self.rest += os.read(self.reads, 65536)
        line, _, self.rest = self.rest.partition(b"\n")
        return line


@pytest.fixture
def ends() -> Iterator[Ends]:
    (theirs, writes), (reads, ours) = os.pipe(), os.pipe()
    yield Ends(Wire(theirs, ours), writes, reads)
    for end in (theirs, writes, reads, ours):
        with suppress(OSError):
            os.close(end)


def test_lines_come_as_they_were_sent(ends: Ends) -> None:
    """Whatever pieces they arrive in; half a letter waits for its other half."""
    sent = 'one\n{"é🤖": 1}\nrest'.encode()

    async def heard() -> list[str]:
        ends.wire.open()
        task = asyncio.ensure_future(asyncio.to_thread(_feed, ends.writes, sent))
        found = [line async for line in ends.wire]
        await task
        return found

    assert asyncio.run(heard()) == ["one", '{"é🤖": 1}']


def _feed(end: int, text: bytes) -> None:
    for at in range(len(text)):
        os.write(end, text[at : at + 1])
    os.close(end)


def test_a_line_without_end_is_dropped(ends: Ends) -> None:
    """It does not fill the memory, and what follows is heard."""

    async def heard() -> list[str]:
        ends.wire.open()
        task = asyncio.ensure_future(asyncio.to_thread(_flood, ends.writes))
        found = [line async for line in ends.wire]
        await task
        return found

    first, second = asyncio.run(heard())
    assert len(first) < LONGEST
    assert second == "after"


def _flood(end: int) -> None:
    piece = b"x" * 2**16
    for _ in range(LONGEST // len(piece) + 2):
        os.write(end, piece)
    os.write(end, b"\nafter\n")
    os.close(end)


def test_what_was_answered_is_written_before_the_end(ends: Ends) -> None:
    """In its order, whole."""
    texts = [f"{number}" * 5000 + "\n" for number in range(30)]
    got: list[bytes] = []

    def read() -> None:
        while chunk := os.read(ends.reads, 65536):
            got.append(chunk)

    async def write() -> None:
        ends.wire.open()
        for text in texts:
            await ends.wire.write(text)
            await ends.wire.flush()

    thread = Thread(target=read)
    thread.start()
    asyncio.run(write())
    ends.wire.close()
    os.close(ends.wire._out)
    thread.join(10)
    assert b"".join(got) == "".join(texts).encode()


def test_a_client_that_is_gone_ends_the_writing(ends: Ends) -> None:
    """Without an error: its end of stdin says so too."""

    async def write() -> None:
        ends.wire.open()
        await ends.wire.write("x\n")

    os.close(ends.reads)
    asyncio.run(write())
    ends.wire.close()
    assert ends.wire._written.is_set()


def test_serving_ends_with_its_stdin(served: Path, ends: Ends) -> None:
    """Every request before that is answered."""
    client = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "0"}}
    answers: list[bytes] = []

    def converse() -> None:
        for number, (method, params) in enumerate([("initialize", client), ("ping", {}), ("tools/list", {})]):
            line = json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
            os.write(ends.writes, line.encode() + b"\n")
            answers.append(ends.line())
        os.close(ends.writes)

    thread = Thread(target=converse)
    thread.start()
    with tools(served) as found:
        serve_stdio(found, ends.wire)
    thread.join(10)
    assert [json.loads(line)["id"] for line in answers] == [0, 1, 2]
    assert len(json.loads(answers[2])["result"]["tools"]) == 11
