"""Recordings as a transport of httpx: no socket, no server, and no patching, so that it can be used concurrently."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import httpx

from ..errors import CassetteMiss
from ..interaction import Request
from ..redact import DEFAULT, Policy, redact_request
from .index import Playback
from .shelf import index_of

_HOP = frozenset({"content-length", "content-encoding", "transfer-encoding", "connection", "keep-alive"})


ELAPSED = "bi_contracts.elapsed"
"""The extension of a response that says how long the platform took when it was recorded, in seconds."""


class ReplayTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers from the cassettes in these files; raises `CassetteMiss` for what was not recorded.

    Raises `CassetteError` for a file that is no cassette.
    """

    def __init__(self, paths: Sequence[Path], policy: Policy = DEFAULT) -> None:
        self._policy = policy
        self.playback = Playback(index_of(paths, policy))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        return self._answer(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        return self._answer(request)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        headers = tuple(request.headers.multi_items())
        asked = redact_request(Request(request.method, str(request.url), headers, request.content), self._policy)
        found = self.playback.play(asked)
        if found is None:
            raise self._miss(asked)
        kept = [(name, value) for name, value in found.response.headers if name.lower() not in _HOP]
        extensions = {} if found.elapsed is None else {ELAPSED: found.elapsed}
        return httpx.Response(
            found.response.status, headers=kept, content=found.response.body, request=request, extensions=extensions
        )

    def _miss(self, asked: Request) -> CassetteMiss:
        near = self.playback.index.nearest(asked)
        hint = f"; the closest is {near}" if near else ""
        return CassetteMiss(
            f"no recording of {asked.method} {asked.url}{hint}",
            closest=str(near) if near else "",
            difference=near.difference if near else (),
        )
