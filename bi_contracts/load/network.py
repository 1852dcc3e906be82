"""The network as asyncio has it, for httpcore: a turn of the event loop less for every read and write."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import httpcore

PIECE = 65_536
"""Bytes that are buffered for a reader."""


ARRIVED = "arrived"
"""The extra information of a stream that says when its last bytes came, by the clock of the event loop."""


class Reader(asyncio.StreamReader):
    """Notes when bytes come: before anybody has had the time to read them, also where many come at once."""

    arrived = 0.0

    def feed_data(self, data: Any) -> None:
        """Called by the event loop."""
        self.arrived = asyncio.get_running_loop().time()
        super().feed_data(data)


class Stream(httpcore.AsyncNetworkStream):
    """One connection. Timeouts are not heeded here: a run has its own, over the whole request."""

    def __init__(self, reader: Reader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        """Raises `httpcore.ReadError`."""
        try:
            return await self._reader.read(max_bytes)
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        """Raises `httpcore.WriteError`."""
        try:
            self._writer.write(buffer)
            await self._writer.drain()
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    async def aclose(self) -> None:
        """Closes it at once: nobody waits for a farewell, which TLS would have."""
        self._writer.transport.abort()
        with suppress(OSError):
            await self._writer.wait_closed()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Raises `httpcore.ConnectError`."""
        try:
            await self._writer.start_tls(ssl_context, server_hostname=server_hostname)
        except OSError as error:  # ssl.SSLError is one
            await self.aclose()
            raise httpcore.ConnectError(str(error)) from error
        except BaseException:  # cancelled: nobody else knows of this connection yet
            self._writer.transport.abort()
            raise
        return self

    def get_extra_info(self, info: str) -> Any:
        """`arrived`; and `is_readable`, which of an idle connection means that the server has closed it."""
        if info == ARRIVED:
            return self._reader.arrived
        if info == "is_readable":
            return self._reader.at_eof() or self._reader.exception() is not None or self._writer.is_closing()
        return self._writer.get_extra_info({"server_addr": "peername", "client_addr": "sockname"}.get(info, info))


class Backend(httpcore.AsyncNetworkBackend):
    """Opens connections."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Raises `httpcore.ConnectError`."""
        try:
            loop = asyncio.get_running_loop()
            reader = Reader(limit=PIECE, loop=loop)
            protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
            transport, _ = await loop.create_connection(lambda: protocol, host, port)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        return Stream(reader, asyncio.StreamWriter(transport, protocol, reader, loop))

    async def sleep(self, seconds: float) -> None:
        """Waits."""
        await asyncio.sleep(seconds)
