"""Stands between the procedure's processes and whoever answers, on this machine only: counts, and keeps what passes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx

from ...client import as_response
from ...interaction import Interaction, Source
from ...redact import Policy, redact_interaction
from ...serving import Application, Receive, Scope, Send, running
from ...session import as_request, moved
from .recording import NAME

_HOP = frozenset({"host", "connection", "content-length", "transfer-encoding", "content-encoding", "keep-alive"})


@dataclass
class Proxy:
    """Passes requests on.

    Attributes:
        inner: Who answers.
        target: Where requests go in place of this machine, "" where `inner` takes any address.
        keeps: Whether what passes is kept.
        stage: What is going on: kept exchanges belong to it.
        url: Where it is served.
        kept: Stage, request, response, seconds.
    """

    inner: httpx.AsyncBaseTransport
    target: str = ""
    keeps: bool = False
    stage: str = "connection"
    url: str = ""
    kept: list[tuple[str, httpx.Request, httpx.Response, float, datetime]] = field(default_factory=list, repr=False)

    @contextmanager
    def served(self) -> Iterator[str]:
        """Serves it for as long as the block lasts; gives its address."""
        with running(self._application()) as url:
            self.url = url
            yield url

    def interactions(self, here: str, there: str, source: Source, rules: Policy) -> list[Interaction]:
        """What was kept, redacted, as if it had been asked at the declared place."""
        return [
            moved(redact_interaction(_interaction(exchange, source), rules), here.rstrip("/"), there.rstrip("/"))
            for exchange in self.kept
        ]

    def _application(self) -> Application:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "lifespan":
                return await self._lifespan(receive, send)
            response = await self._passed(scope, await _body(receive))
            headers = [(name, value) for name, value in response.headers.raw if name.decode().lower() not in _HOP]
            body = response.content
            headers.append((b"content-length", str(len(body)).encode()))
            await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
            return await send({"type": "http.response.body", "body": body})

        return app

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        """Connections end where they began: in the loop of the server."""
        while True:
            event = (await receive())["type"]
            if event == "lifespan.shutdown":
                await self.inner.aclose()
            await send({"type": f"{event}.complete"})
            if event == "lifespan.shutdown":
                return

    async def _passed(self, scope: Scope, body: bytes) -> httpx.Response:
        query = scope.get("query_string", b"").decode("latin-1")
        path = scope.get("raw_path", b"").decode("latin-1").partition("?")[0] or scope["path"]
        tail = f"{path}?{query}" if query else path
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
        asked = httpx.Request(scope["method"], f"{self.url}{tail}", headers=headers, content=body or None)
        request = asked
        if self.target:
            kept = [(name, value) for name, value in headers if name.lower() not in _HOP]
            request = httpx.Request(scope["method"], f"{self.target}{tail}", headers=kept, content=body or None)
        began, stage = time.perf_counter(), self.stage
        try:
            response = await self.inner.handle_async_request(request)
            response.request = request
            await response.aread()
        except httpx.TransportError as error:
            # Whoever asked learns that nobody answered: as from a gateway (RFC 9110 section 15.6.3).
            words = type(error).__name__
            response = httpx.Response(
                502, json={"type": "error.list", "errors": [{"code": "no_answer", "message": words}]}
            )
        if self.keeps:
            self.kept.append((stage, asked, response, time.perf_counter() - began, datetime.now(UTC)))
        return response


def _interaction(exchange: tuple[str, httpx.Request, httpx.Response, float, datetime], source: Source) -> Interaction:
    stage, request, response, elapsed, at = exchange
    moment = at.replace(microsecond=0)
    return Interaction(f"{NAME}/{stage}", as_request(request), as_response(response), elapsed, moment, source)


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        event = await receive()
        parts.append(event.get("body", b""))
        if event["type"] == "http.disconnect" or not event.get("more_body"):
            return b"".join(parts)
