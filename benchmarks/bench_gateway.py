"""How fast the gateway starts and answers, in process: from rows that are kept, and asking the sandbox every time.

    python benchmarks/bench_gateway.py [--rounds 50] [--rows 120]

A figure is the median of the rounds in milliseconds, with the worst. The bare column is a route of the same framework
that returns the same bytes, measured in turn: what is above it is the gateway's own. Nothing fails on a time.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform as machine
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from fastapi import FastAPI, Response

from bi_contracts.gateway import in_process
from bi_contracts.registry import platforms
from bi_contracts.sandbox import Sandbox
from bi_contracts.session import Upstream
from bi_contracts.workspace import Workspace

ROUTES = (
    *("healthz", "api/business/gong/recent?days=7", "api/business/gong/recent?days=30", "api/business/crm/contacts"),
    *("api/business/crm/pipeline", "api/business/dashboard", "api/business/projects/overview"),
    *("api/business/signals", "api/business/leads", "api/business/analytics"),
)
TRIGGER = "api/business/workflows/trigger"
WORKFLOW = {"workflow": "lead-qualification"}
ANEW = {"cache-control": "no-cache"}


def world(rows: int) -> Upstream:
    """A sandbox in process."""
    sandbox = Sandbox(platforms(), rows=rows, enforce_limits=False)
    sandbox.clock.set(sandbox.world.present)
    return Upstream(Workspace.discover(), "sandbox", sandbox)


def bare(content: bytes) -> httpx.AsyncClient:
    """A route that returns these bytes."""
    app = FastAPI()

    @app.get("/")
    async def same() -> Response:
        return Response(content, media_type="application/json")

    return httpx.AsyncClient(base_url="http://bare", transport=httpx.ASGITransport(app=app))


async def timed(ask: Callable[[], Awaitable[Any]], rounds: int) -> list[float]:
    """Milliseconds of each round, after one that does not count."""
    await ask()
    took = []
    for _ in range(rounds):
        started = time.perf_counter()
        await ask()
        took.append((time.perf_counter() - started) * 1000)
    return took


async def starts(rounds: int, rows: int) -> list[float]:
    """Milliseconds to start and to end a gateway over a reader that is there."""
    given = world(rows)

    async def once() -> None:
        async with in_process(given):
            pass

    return await timed(once, rounds)


def said(took: list[float]) -> str:
    return f"{statistics.median(took):7.2f} ({max(took):.1f})"


async def report(rounds: int, rows: int) -> None:
    """Everything, as a table."""
    print(f"Python {machine.python_version()}, {os.cpu_count()} cores, {rows} rows an endpoint, {rounds} rounds")
    print(f"load before: {os.getloadavg()[0]:.2f}\n")
    print(f"start and end: {said(await starts(rounds, rows))} ms\n")
    print(f"{'route':44}{'kept, ms':>18}{'bare, ms':>18}{'ratio':>8}{'asked anew, ms':>20}{'bytes':>10}")
    async with in_process(world(rows), max_age=3600) as client:
        asks: list[tuple[str, Callable[..., Awaitable[httpx.Response]]]] = [
            (route, lambda route=route, **more: client.get(f"/{route}", **more)) for route in ROUTES
        ]
        asks.append((f"POST {TRIGGER}", lambda **more: client.post(f"/{TRIGGER}", json=WORKFLOW, **more)))
        for route, ask in asks:
            answer = await ask()
            async with bare(answer.content) as plain:
                kept, base = await timed(ask, rounds), await timed(lambda plain=plain: plain.get("/"), rounds)
            anew = await timed(lambda ask=ask: ask(headers=ANEW), max(3, rounds // 10))
            ratio = statistics.median(kept) / statistics.median(base)
            print(f"{route:44}{said(kept):>18}{said(base):>18}{ratio:8.1f}{said(anew):>20}{len(answer.content):10}")
    print(f"\nload after: {os.getloadavg()[0]:.2f}")


def main() -> None:
    """Reads the command line and prints the table."""
    parser = argparse.ArgumentParser(description="How fast the gateway starts and answers, in process.")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--rows", type=int, default=120)
    given = parser.parse_args()
    asyncio.run(report(given.rounds, given.rows))


if __name__ == "__main__":
    main()
