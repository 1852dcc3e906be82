"""What a phase is given, for tests: over a sandbox that can be broken, or over the packaged recordings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from bi_contracts.integration.context import Context, Phase
from bi_contracts.reading import Reader
from bi_contracts.registry import platforms, select
from bi_contracts.report.events import Outcome
from bi_contracts.sandbox import Sandbox
from bi_contracts.session import Upstream
from bi_contracts.workspace import Workspace

ALIVE = httpx.MockTransport(lambda _: httpx.Response(200, json={"status": "alive"}))


def sandbox(rows: int = 30, names: Sequence[str] = ()) -> Sandbox:
    """A sandbox of some platforms, or of all, at the time of its rows."""
    found = Sandbox([one for one in platforms() if not names or one.name in names], rows=rows, enforce_limits=False)
    found.clock.set(found.world.present)
    return found


@asynccontextmanager
async def opened(
    workspace: Path,
    origin: str,
    *,
    given: Sandbox | None = None,
    globs: Sequence[str] = ("*",),
    gateway: httpx.AsyncBaseTransport = ALIVE,
    quick: bool = False,
    own: Sequence[Any] = (),
    environ: Mapping[str, str] | None = None,
) -> AsyncIterator[Context]:
    """A context, closed at the end."""
    space = Workspace(workspace, environ=environ or {})
    upstream = Upstream(space, origin, given)
    http = httpx.AsyncClient(transport=gateway, base_url="http://gateway")
    async with Reader(upstream) as reader, http:
        yield Context(upstream, reader, select(globs, space), http, quick, tuple(own))


def outcomes(phase: Phase, workspace: Path, origin: str, **how: Any) -> list[Outcome]:
    """All outcomes of a phase."""

    async def run() -> list[Outcome]:
        async with opened(workspace, origin, **how) as context:
            return [outcome async for outcome in phase(context)]

    return asyncio.run(run())


class Breaking(httpx.AsyncBaseTransport):
    """Passes requests on, but for one path, which is answered by `answer`."""

    def __init__(self, usual: httpx.AsyncBaseTransport, path: str, answer: Callable[[], httpx.Response]) -> None:
        self.usual = usual
        self.path = path
        self.answer = answer

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.path and self.path in request.url.path:
            await request.aread()
            return self.answer()
        return await self.usual.handle_async_request(request)
