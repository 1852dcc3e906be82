"""Connections of a load run. A generator must not slow down when a target does.

The pool of httpx walks through all of its connections, and for each idle one again, on every request: after a stall
of a second, when a hundred are open, that takes longer than the requests themselves. Here the next idle connection is
taken off a pile, whatever their number, and there is no limit to wait for.
"""

from __future__ import annotations

import ssl
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import suppress

import httpcore
import httpx

from .network import Backend

IDLE = 4.0
"""Seconds after which an idle connection is not used again; many servers close theirs after five."""


class Connections(httpx.AsyncBaseTransport):
    """HTTP/1.1 over as many connections as there are requests under way; the last one that was free is used first."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self._context = context
        self._network = Backend()
        self._idle: dict[str, list[httpcore.AsyncHTTPConnection]] = defaultdict(list)
        self._used: set[httpcore.AsyncHTTPConnection] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Sends one request. Raises the errors of httpx."""
        assert isinstance(request.stream, httpx.AsyncByteStream)
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        sent = httpcore.Request(
            request.method, url, headers=request.headers.raw, content=request.stream, extensions=request.extensions
        )
        connection = await self._connection(url.origin)
        try:
            response = await connection.handle_async_request(sent)
        except BaseException as error:
            self._used.discard(connection)
            with suppress(httpcore.NetworkError):
                await connection.aclose()
            raise as_httpx(error, request) from error
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_Body(self, url.origin, connection, response, request),
            extensions=response.extensions,
        )

    async def _connection(self, origin: httpcore.Origin) -> httpcore.AsyncHTTPConnection:
        idle = self._idle[str(origin)]
        while idle:
            connection = idle.pop()
            if not connection.has_expired():
                break
            await connection.aclose()
        else:
            connection = httpcore.AsyncHTTPConnection(
                origin, ssl_context=self._context, keepalive_expiry=IDLE, network_backend=self._network
            )
        self._used.add(connection)
        return connection

    async def give_back(self, origin: httpcore.Origin, connection: httpcore.AsyncHTTPConnection) -> None:
        """The answer was read, or nobody wants the rest of it: the connection is kept if it can be used again."""
        self._used.discard(connection)
        if connection.is_idle():
            self._idle[str(origin)].append(connection)
        else:
            await connection.aclose()

    async def aclose(self) -> None:
        """Closes every connection."""
        kept = [*self._used, *(one for idle in self._idle.values() for one in idle)]
        self._used.clear()
        self._idle.clear()
        for connection in kept:
            await connection.aclose()


class _Body(httpx.AsyncByteStream):
    """The bytes of an answer; at their end the connection goes back."""

    def __init__(
        self,
        owner: Connections,
        origin: httpcore.Origin,
        connection: httpcore.AsyncHTTPConnection,
        response: httpcore.Response,
        request: httpx.Request,
    ) -> None:
        self._owner = owner
        self._origin = origin
        self._connection = connection
        self._response = response
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for part in self._response.aiter_stream():
                yield part
        except Exception as error:
            raise as_httpx(error, self._request) from error

    async def aclose(self) -> None:
        await self._response.aclose()
        await self._owner.give_back(self._origin, self._connection)


def as_httpx(error: BaseException, request: httpx.Request) -> BaseException:
    """The error of httpx for one of httpcore, which has the same name; any other as it is."""
    if type(error).__module__.partition(".")[0] != "httpcore":
        return error
    kind = getattr(httpx, type(error).__name__, httpx.TransportError)
    made: httpx.TransportError = kind(str(error), request=request)
    return made
