"""The sandbox over HTTP: an ASGI 3 application, for any server and any client in any language.

Path layout: `/notion/v1/users`. Host layout: `Host: api.notion.com` and the real path. Links in answers are
made from the URL that the client used, so they can be followed in either.
"""

from __future__ import annotations

import asyncio

import httpx

from ..serving import Application, Receive, Scope, Send
from .answer import Answer, json_answer
from .engine import Sandbox
from .exchange import address

BODY_LIMIT = 10 * 1024 * 1024
"""Bytes of a request body; a larger one is refused with 413."""

SILENCE = 60.0
"""Seconds a timeout fault stays silent for a client that does not give up."""

PIECES_AT_ONCE = 64
"""Pieces of a chunked body between which other requests get their turn."""


def application(sandbox: Sandbox) -> Application:
    """The ASGI application of a sandbox."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            await _http(sandbox, scope, receive, send)

    return app


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        event = (await receive())["type"]
        await send({"type": f"{event}.complete"})
        if event == "lifespan.shutdown":
            return


async def _http(sandbox: Sandbox, scope: Scope, receive: Receive, send: Send) -> None:
    content = await _body(receive)
    try:
        url = address(_url(scope))
        request = httpx.Request(scope["method"], url, headers=scope["headers"], content=content or None)
        request.url = url
    except (httpx.InvalidURL, ValueError) as problem:
        return await _send(send, json_answer(400, {"error": f"bad address: {problem}"}))
    if content is None:
        return await _send(send, sandbox.too_large(request))
    exchange = sandbox.begin(request)
    fault = exchange.fault if exchange is not None else None
    if exchange is not None and exchange.delay:
        await asyncio.sleep(exchange.delay)
    if fault is not None and fault.timeout:
        await _silence(receive)
        return await _send(send, Answer(200, [("content-length", "2")], b"{}", broken=True))
    answer = sandbox.finish(request, exchange)
    return await _send(send, answer.without_body() if scope["method"] == "HEAD" else answer)


def _url(scope: Scope) -> str:
    """The URL as the client wrote it."""
    host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
    if not host:
        name, port = scope.get("server") or ("", None)
        host = f"{name}:{port}" if port else "localhost"
    path = scope.get("raw_path") or scope["path"].encode()
    query = scope.get("query_string", b"")
    tail = path.partition(b"?")[0] + (b"?" + query if query else b"")
    return f"{scope.get('scheme', 'http')}://{host}{tail.decode('latin-1')}"


async def _body(receive: Receive) -> bytes | None:
    """The body of a request, None where it is larger than anybody wants to read."""
    parts, size = [], 0
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            return b""
        part = event.get("body", b"")
        size += len(part)
        if size > BODY_LIMIT:
            return None
        parts.append(part)
        if not event.get("more_body"):
            return b"".join(parts)


async def _send(send: Send, answer: Answer) -> None:
    """Where the connection is to break, the application ends before the body does: the server then closes it."""
    headers = [
        (name.encode("latin-1", "replace"), value.encode("latin-1", "replace")) for name, value in _framed(answer)
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if not answer.piece and not answer.broken:
        return await send({"type": "http.response.body", "body": answer.body})
    for number, piece in enumerate(answer.pieces(), 1):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        if number % PIECES_AT_ONCE == 0:
            await asyncio.sleep(0)
    if not answer.broken:
        await send({"type": "http.response.body", "body": b""})
    return None


def _framed(answer: Answer) -> list[tuple[str, str]]:
    """The headers. `transfer-encoding` is the server's own to write."""
    return [pair for pair in answer.framed() if pair[0] != "transfer-encoding"]


async def _silence(receive: Receive) -> None:
    """Waits until the client gives up."""

    async def gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            continue

    try:
        await asyncio.wait_for(gone(), SILENCE)
    except TimeoutError:
        return
