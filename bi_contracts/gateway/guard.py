"""What every request passes before it is looked at: whose name it was sent to, how big it is, what it says it holds.

A page of the web must not be able to read this machine's gateway. It may point its own name at 127.0.0.1 (DNS
rebinding), so the Host header is held against the few names that are ours; it may post from afar, so a body must be
JSON, which a browser does not send elsewhere without asking first, and a foreign Origin is refused.
"""

from __future__ import annotations

import json
import re
import time
from urllib.parse import urlsplit

from ..interaction import DEGRADED_HEADER
from ..serving import Application, Receive, Scope, Send
from .metrics import Metrics

HOSTS = frozenset({"127.0.0.1", "localhost", "::1", "gateway", "testserver"})
"""Names that are this gateway's: loopback, and those that clients in process use."""
LARGEST = 64 * 1024
"""Bytes in a request's body."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})
JSON = "application/json"
_DEGRADED = DEGRADED_HEADER.encode()
_HOST = re.compile(r"\[([0-9a-f:.]+)\](?::[0-9]*)?|([^:@/\[\]]*)(?::[0-9]*)?|([0-9a-f:]+)")


class Refusal(Exception):
    """The request is not looked at any further."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


class Guard:
    """Refuses what must not come in, and counts what goes out."""

    def __init__(self, application: Application, metrics: Metrics) -> None:
        self.application, self.metrics = application, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        started = time.perf_counter()
        status, degraded = 500, False

        async def noting(message: Scope) -> None:
            nonlocal status, degraded
            if message["type"] == "http.response.start":
                status = message["status"]
                degraded = any(name == _DEGRADED for name, _ in message["headers"])
            await send(message)

        try:
            headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
            if sum(name.lower() == b"host" for name, _ in scope["headers"]) > 1:
                raise Refusal(421, "a request names one host")
            checked(headers, scope["method"])
            await self.application(scope, await _limited(headers, receive), noting)
        except Refusal as refusal:
            await _refuse(refusal, noting)
        finally:
            method = scope["method"] if scope["method"] in METHODS else "other"
            route = getattr(scope.get("route"), "path", "other")
            self.metrics.request(route, method, status, time.perf_counter() - started, degraded=degraded)


def checked(headers: dict[str, str], method: str) -> None:
    """Raises `Refusal` for a foreign Host (421), a foreign Origin (403) and a body that is not JSON (415)."""
    if host_of(headers.get("host", "")) not in HOSTS:
        raise Refusal(421, "this gateway answers to 127.0.0.1, localhost and ::1")
    origin = headers.get("origin")
    if origin is not None and (host_of_origin(origin) not in HOSTS):
        raise Refusal(403, "pages of other origins may not ask this gateway")
    if method != "POST":
        return
    kind = headers.get("content-type")
    empty = kind is None and headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers
    if not empty and (kind or "").partition(";")[0].strip().lower() != JSON:
        raise Refusal(415, f"send {JSON}")


def host_of(value: str) -> str:
    """The name in a Host header, without its port and brackets."""
    found = _HOST.fullmatch(value.strip().lower())
    return next(filter(None, found.groups()), "") if found else ""


def host_of_origin(origin: str) -> str:
    """The name in an Origin header; "" where there is none."""
    try:
        return urlsplit(origin).hostname or ""
    except ValueError:
        return ""


async def _limited(headers: dict[str, str], receive: Receive) -> Receive:
    """The body read whole. Raises `Refusal` (413) where it is larger than it may be."""
    stated = headers.get("content-length", "0")
    if stated.isdecimal() and int(stated[:20]) > LARGEST:
        raise Refusal(413, f"a body has at most {LARGEST} bytes")
    if stated == "0" and "transfer-encoding" not in headers:
        return receive
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return _again(message, receive)
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > LARGEST:
            raise Refusal(413, f"a body has at most {LARGEST} bytes")
    return _again({"type": "http.request", "body": body, "more_body": False}, receive)


def _again(message: Scope, receive: Receive) -> Receive:
    """Gives a message that was read, and then what comes after it."""
    waiting = [message]

    async def first() -> Scope:
        return waiting.pop() if waiting else await receive()

    return first


async def _refuse(refusal: Refusal, send: Send) -> None:
    body = json.dumps({"detail": refusal.detail}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
