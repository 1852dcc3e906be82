"""A proxy on this machine that breaks connections on purpose: in the middle of answers, and by refusing new ones."""

from __future__ import annotations

import asyncio
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from socket import SO_LINGER, SOL_SOCKET
from urllib.parse import urlsplit

PIECE = 16_384
FIRST = 2
"""The request whose answer is cut first: the first one is small."""


@dataclass(slots=True)
class Cuts:
    """What the proxy does.

    Attributes:
        times: Answers that are still to be cut.
        every: Requests from one cut to the next; a client gives up where the same one is cut again and again.
        refused_for: Seconds after a cut in which new connections are refused.
        made: Answers that were cut.
        refused: Connections that were refused.
    """

    times: int
    every: int = 20
    refused_for: float = 0.3
    made: int = 0
    refused: int = 0
    until: float = 0.0
    left: int = FIRST

    def due(self) -> bool:
        """Counts a request, and says whether its answer is to be cut."""
        self.left -= 1
        if self.times <= 0 or self.left > 0:
            return False
        self.times -= 1
        self.left = self.every
        return True


@dataclass(slots=True)
class Connection:
    """A connection. `doomed` is whether its next answer is to be cut."""

    doomed: bool = False


class CuttingProxy:
    """Passes bytes between clients and one address, for as long as its loop runs."""

    def __init__(self, target: str, cuts: Cuts) -> None:
        parts = urlsplit(target)
        self._host, self._port, self._cuts = parts.hostname or "127.0.0.1", parts.port or 80, cuts

    async def serve(self) -> asyncio.Server:
        """Listens at a free port."""
        return await asyncio.start_server(self._client, "127.0.0.1", 0)

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if asyncio.get_running_loop().time() < self._cuts.until:
            self._cuts.refused += 1
            _reset(writer)
            return
        try:
            upstream, up = await asyncio.open_connection(self._host, self._port)
        except OSError:
            _reset(writer)
            return
        connection = Connection()
        asking = asyncio.create_task(self._questions(reader, up, connection))
        with suppress(asyncio.CancelledError, OSError):  # cancelled: the proxy ends
            await self._answers(upstream, writer, connection)
        asking.cancel()
        for one in (up, writer):
            one.close()
        with suppress(asyncio.CancelledError, OSError):
            await asking

    async def _questions(self, reader: asyncio.StreamReader, up: asyncio.StreamWriter, connection: Connection) -> None:
        """Passes requests on, which clients send in one piece or two: the second is a body, and counts as well."""
        while piece := await reader.read(PIECE):
            connection.doomed = connection.doomed or self._cuts.due()
            up.write(piece)
            await up.drain()

    async def _answers(
        self, upstream: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: Connection
    ) -> None:
        """Passes answers on; of one that is to be cut half of a piece, and then nothing more."""
        while piece := await upstream.read(PIECE):
            writer.write(piece[: len(piece) // 2] if connection.doomed else piece)
            await writer.drain()
            if connection.doomed:
                self._cuts.made += 1
                self._cuts.until = asyncio.get_running_loop().time() + self._cuts.refused_for
                return _reset(writer)
        return None


def _reset(writer: asyncio.StreamWriter) -> None:
    """Ends a connection with RST: what a cable that is pulled looks like to whoever reads."""
    socket = writer.get_extra_info("socket")
    if socket is not None:
        with suppress(OSError):
            socket.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@contextmanager
def cutting(target: str, cuts: Cuts) -> Iterator[str]:
    """The proxy before an address, in a thread, for as long as the block lasts; gives its own address."""
    ready, ended, found = threading.Event(), threading.Event(), list[str]()

    async def run() -> None:
        server = await CuttingProxy(target, cuts).serve()
        found.append(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        ready.set()
        while not ended.is_set():
            await asyncio.sleep(0.01)
        server.close()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await asyncio.sleep(0.01)  # transports close in the turn after

    thread = threading.Thread(target=lambda: asyncio.run(run()), name="cutting proxy", daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield found[0]
    finally:
        ended.set()
        thread.join(10)
