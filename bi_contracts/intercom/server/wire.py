"""stdin and stdout for the protocol alone: whatever else prints goes to stderr, whatever else reads finds the end.

Reading and writing happen in two threads that nobody has to wait for: a server that is told to end can end, though a
client sends nothing more, or reads nothing more.
"""

from __future__ import annotations

import asyncio
import os
from codecs import getincrementaldecoder
from collections.abc import AsyncIterator
from queue import SimpleQueue
from threading import Event, Thread
from typing import Self

LONGEST = 4 * 2**20
"""Characters of a line. A longer one is no request of this protocol's: it is dropped, and answered as unreadable."""

CHUNK = 65536
PATIENCE = 2.0
"""Seconds that the last answers have to be read."""


class Wire:
    """The two ends, as `mcp.server.stdio.stdio_server` takes them: lines to iterate over, and `write` and `flush`."""

    def __init__(self, reads: int, writes: int) -> None:
        self._in, self._out = reads, writes
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._texts: SimpleQueue[bytes | None] = SimpleQueue()
        self._written, self._opened = Event(), False

    @classmethod
    def taken(cls) -> Self:
        """This process's stdin and stdout, taken from everybody else in it. Raises OSError where they are closed."""
        reads, writes = os.dup(0), os.dup(1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)
        return cls(reads, writes)

    def open(self) -> None:
        """Begins to read and to write; within a loop."""
        self._opened = True
        loop = asyncio.get_running_loop()
        Thread(target=self._read, args=(loop,), name="stdin", daemon=True).start()
        Thread(target=self._write, name="stdout", daemon=True).start()

    def close(self) -> None:
        """Waits until what was answered is written, for a while. Whatever prints later still goes to stderr."""
        self._texts.put(None)
        self._written.wait(PATIENCE if self._opened else 0)

    async def __aiter__(self) -> AsyncIterator[str]:
        while (line := await self._lines.get()) is not None:
            yield line

    async def write(self, text: str) -> None:
        self._texts.put(text.encode("utf-8", "replace"))

    async def flush(self) -> None:
        """Nothing is kept back."""

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        decoder, rest = getincrementaldecoder("utf-8")("replace"), ""
        try:
            while chunk := _chunk(self._in):
                *lines, rest = (rest + decoder.decode(chunk)).split("\n")
                for line in lines:
                    loop.call_soon_threadsafe(self._lines.put_nowait, line)
                if len(rest) > LONGEST:
                    rest = "\0"  # no JSON, however it goes on
            loop.call_soon_threadsafe(self._lines.put_nowait, None)
        except RuntimeError:
            return  # the loop has ended

    def _write(self) -> None:
        try:
            while (text := self._texts.get()) is not None:
                while text:
                    text = text[os.write(self._out, text) :]
        except OSError:
            pass  # the client is gone; its end of stdin says so too
        finally:
            self._written.set()


def _chunk(end: int) -> bytes:
    try:
        return os.read(end, CHUNK)
    except OSError:
        return b""
