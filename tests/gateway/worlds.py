"""Sandboxes that gateways of tests are built over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, TypeVar

import httpx

from bi_contracts.gateway import in_process
from bi_contracts.registry import platforms
from bi_contracts.resilience import RetryConfig
from bi_contracts.sandbox import Sandbox
from bi_contracts.session import Upstream
from bi_contracts.workspace import Workspace

Answer = TypeVar("Answer")
ONCE = RetryConfig(max_attempts=1)


@cache
def workspace() -> Workspace:
    """No configuration, no credentials; the packaged reference."""
    return Workspace.discover(environ={})


def sandbox(rows: int = 30, seed: str = "bi") -> Sandbox:
    """A world that stands still at the time of its rows."""
    made = Sandbox(platforms(), rows=rows, seed=seed, enforce_limits=False)
    made.clock.set(made.world.present)
    made.clock.freeze()
    return made


def upstream(world: Sandbox) -> Upstream:
    """What answers from a world."""
    return Upstream(workspace(), "sandbox", world)


@asynccontextmanager
async def gateway(world: Sandbox | Upstream | None = None, **options: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a gateway over a world; it does not try again unless it is told to."""
    given = world if isinstance(world, Upstream) else upstream(world or sandbox())
    async with in_process(given, **{"retry": ONCE, **options}) as client:
        yield client


def asked(
    question: Callable[[httpx.AsyncClient], Awaitable[Answer]], world: Sandbox | Upstream | None = None, **options: Any
) -> Answer:
    """What comes of asking a gateway of its own."""

    async def ask() -> Answer:
        async with gateway(world, **options) as client:
            return await question(client)

    return asyncio.run(ask())


def get(path: str, world: Sandbox | Upstream | None = None, **options: Any) -> httpx.Response:
    """One GET below /api/business."""
    return asked(lambda client: client.get(f"/api/business/{path}"), world, **options)


def post(path: str, body: Any = None, world: Sandbox | Upstream | None = None, **options: Any) -> httpx.Response:
    """One POST below /api/business; without a body none is sent."""
    sent = {} if body is None else {"json": body}
    return asked(lambda client: client.post(f"/api/business/{path}", **sent), world, **options)


@cache
def well(path: str) -> httpx.Response:
    """One GET of a gateway over a world where all is well."""
    return get(path)


def section(answer: httpx.Response, id: str) -> dict[str, Any]:
    """What an answer says of one of its sections."""
    found: dict[str, Any] = next(one for one in answer.json()["sections"] if one["id"] == id)
    return found
