"""The watch over HTTP, on this machine: metrics, the status page, the same as JSON, and whether the watch goes on."""

from __future__ import annotations

import json
from collections.abc import Callable

from ..serving import Receive, Scope, Send
from .look import Look
from .metrics import TEXT, exposition
from .page import render

LATE = 3
"""Intervals without a look after which the watch itself is not well."""


class Board:
    """An ASGI 3 application that shows the latest look. A watch hangs up each; requests read it, in any thread."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._look: Look | None = None

    def hang(self, look: Look) -> None:
        """From now on this is the latest look."""
        self._look = look

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await _lifespan(receive, send)
        if scope["type"] == "http":
            status, kind, text = self.answer(scope["method"], scope["path"])
            await _send(send, status, kind, b"" if scope["method"] == "HEAD" else text.encode())
        return None

    def answer(self, method: str, path: str) -> tuple[int, str, str]:
        """Status, media type and body."""
        if path not in ("/healthz", "/metrics", "/status", "/status.json", "/"):
            return 404, _PLAIN, "there are /status, /status.json, /metrics and /healthz\n"
        if method not in ("GET", "HEAD"):
            return 405, _PLAIN, "only GET and HEAD\n"
        look, now = self._look, self._clock()
        if path == "/healthz":
            return self._alive(look, now)
        if look is None:
            return 503, _PLAIN, "nobody was looked at yet\n"
        if path == "/metrics":
            return 200, TEXT, exposition(look, now)
        if path == "/status.json":
            return 200, _JSON, json.dumps(look.as_dict(now))
        return 200, "text/html; charset=utf-8", render(look, now)

    def _alive(self, look: Look | None, now: float) -> tuple[int, str, str]:
        """Whether the watch itself goes on, which says nothing about the platforms."""
        age = None if look is None else now - look.at
        late = look is None or age is None or age > LATE * look.settings.interval + 30
        words = {"watch": "late" if late else "going on", "last_look_age": None if age is None else round(age, 1)}
        return 503 if late else 200, _JSON, json.dumps(words)


_PLAIN, _JSON = "text/plain; charset=utf-8", "application/json"
_HEADERS = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        event = (await receive())["type"]
        await send({"type": f"{event}.complete"})
        if event == "lifespan.shutdown":
            return


async def _send(send: Send, status: int, kind: str, body: bytes) -> None:
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode()), *_HEADERS]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
