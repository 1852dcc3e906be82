"""Middlewares of aiohttp, under which vcrpy's patch lies: they see what is recorded and what is replayed.

aiohttp runs middlewares inside of the method that vcrpy replaces. Without this, one that raises for an error status
leaves nothing to record, and in replay none runs at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

Send = Callable[..., Any]


@dataclass
class Asked:
    """A request as middlewares look at it; what they write into `headers` is sent."""

    method: str
    url: Any
    headers: Any
    session: Any
    body: Any = None
    original_url: Any = field(init=False)

    def __post_init__(self) -> None:
        self.original_url = self.url


@contextmanager
def around_middlewares() -> Iterator[None]:
    """While the block runs, middlewares stand around whatever answers a session's requests."""
    try:
        from aiohttp import client
    except ImportError:
        yield
        return
    session = client.ClientSession
    answering = session._request
    session._request = _with_middlewares(answering)  # type: ignore[method-assign]
    try:
        yield
    finally:
        session._request = answering  # type: ignore[method-assign]


def _with_middlewares(answering: Send) -> Send:
    async def request(self: Any, method: str, url: Any, **given: Any) -> Any:
        chosen = given.pop("middlewares", None)
        chain = getattr(self, "_middlewares", ()) if chosen is None else chosen
        if not chain:
            return await answering(self, method, url, **given)
        from aiohttp.client_middlewares import build_client_middlewares

        async def send(asked: Any) -> Any:
            # The session's own middlewares must not run a second time, below.
            return await answering(self, asked.method, url, **{**given, "headers": asked.headers, "middlewares": ()})

        asked = Asked(method, self._build_url(url), self._prepare_headers(given.get("headers")), self)
        asked.body = given.get("data") if given.get("data") is not None else given.get("json")
        return await build_client_middlewares(send, chain)(asked)  # type: ignore[arg-type]

    return request
