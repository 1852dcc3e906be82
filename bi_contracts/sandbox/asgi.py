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

BODY_LIMIT = 10 * 1024 * 1024
"""Bytes of a request body; a larger one is refused with 413."""

SILENCE = 60.0
"""Seconds a timeout fault stays silent for a client that does not give up."""


class _TooLarge(Exception):
    pass


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
    try:
        request = httpx.Request(
            scope["method"], _url(scope), headers=scope["headers"], content=await _body(receive) or None
        )
    except _TooLarge:
        return await _send(send, json_answer(413, {"error": f"the body is larger than {BODY_LIMIT} bytes"}))
    except (httpx.InvalidURL, ValueError) as problem:
        return await _send(send, json_answer(400, {"error": f"bad address: {problem}"}))
    exchange = sandbox.begin(request)
    fault = exchange.fault if exchange is not None else None
    if fault is not None:
        await asyncio.sleep(fault.latency)
        if fault.timeout:
            await _silence(receive)
            return await _broken(send, Answer(200, [("content-length", "1")], b""))
    answer = sandbox.finish(request, exchange)
    if fault is not None and fault.reset:
        return await _broken(send, answer)
    return await _send(send, answer, bodyless=scope["method"] == "HEAD")


def _url(scope: Scope) -> str:
    """The URL as the client wrote it."""
    headers = dict(scope["headers"])
    host = headers.get(b"host", b"").decode("latin-1")
    if not host:
        name, port = scope.get("server") or ("", None)
        host = f"{name}:{port}" if port else "localhost"
    path = scope.get("raw_path") or scope["path"].encode()
    query = scope.get("query_string", b"")
    tail = path.partition(b"?")[0] + (b"?" + query if query else b"")
    return f"{scope.get('scheme', 'http')}://{host}{tail.decode('latin-1')}"


async def _body(receive: Receive) -> bytes:
    parts, size = [], 0
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            return b""
        part = event.get("body", b"")
        size += len(part)
        if size > BODY_LIMIT:
            raise _TooLarge
        parts.append(part)
        if not event.get("more_body"):
            return b"".join(parts)


async def _send(send: Send, answer: Answer, *, bodyless: bool = False) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": _raw(answer)})
    await send({"type": "http.response.body", "body": b"" if bodyless else answer.body})


async def _broken(send: Send, answer: Answer) -> None:
    """Half an answer: the server closes the connection when the application ends before the body does."""
    await send({"type": "http.response.start", "status": answer.status, "headers": _raw(answer)})
    half = answer.body[: len(answer.body) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})


def _raw(answer: Answer) -> list[tuple[bytes, bytes]]:
    headers = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in answer.headers]
    if any(name == b"content-length" for name, _ in headers):
        return headers
    return [*headers, (b"content-length", str(len(answer.body)).encode())]


async def _silence(receive: Receive) -> None:
    """Waits until the client gives up."""

    async def gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            continue

    try:
        await asyncio.wait_for(gone(), SILENCE)
    except TimeoutError:
        return
