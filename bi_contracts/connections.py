"""Many connections to one host at once, each kept by itself.

httpcore's pool looks at all of its connections with every request: with forty of them that costs more than a
millisecond each time. Here a request takes a connection that is free, and gives it back when its answer was read.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator

import httpx


class Connections(httpx.AsyncBaseTransport):
    """As many transports of one connection each as requests are in flight.

    Args:
        verify: As httpx takes it.
    """

    def __init__(self, verify: ssl.SSLContext | bool = True) -> None:
        self._verify = verify
        self._free: list[httpx.AsyncBaseTransport] = []
        self._all: list[httpx.AsyncBaseTransport] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        transport = self._free.pop() if self._free else self._another()
        try:
            response = await transport.handle_async_request(request)
        except BaseException:
            self._free.append(transport)
            raise
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = _Returning(response.stream, self._free, transport)
        return response

    async def aclose(self) -> None:
        for transport in self._all:
            await transport.aclose()

    def _another(self) -> httpx.AsyncBaseTransport:
        one = httpx.Limits(max_connections=1, max_keepalive_connections=1)
        transport = httpx.AsyncHTTPTransport(verify=self._verify, limits=one)
        self._all.append(transport)
        return transport


class _Returning(httpx.AsyncByteStream):
    """An answer's body; when it is closed, its connection is free again."""

    def __init__(
        self, body: httpx.AsyncByteStream, free: list[httpx.AsyncBaseTransport], transport: httpx.AsyncBaseTransport
    ) -> None:
        self._body, self._free = body, free
        self._transport: httpx.AsyncBaseTransport | None = transport

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._body:
            yield piece

    async def aclose(self) -> None:
        try:
            await self._body.aclose()
        finally:
            if self._transport is not None:
                self._free.append(self._transport)
                self._transport = None


def proxied() -> bool:
    """Whether the environment names a proxy: connections are httpx's own then."""
    from urllib.request import getproxies

    return bool(getproxies())
