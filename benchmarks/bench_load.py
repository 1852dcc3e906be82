"""What load generators report when a target stalls, beside what is true; and how many requests a second ours sends.

    python benchmarks/bench_load.py [--seconds 10] [--rates 300,500] [--rounds 3] [--quick]

The target is a server process of its own with one route of 20 ms, so two cores are shared by it and the generator. In
the stall test it is asyncio alone, and once, 4 s after its first request, it stops for 1 s: its only thread sleeps, as
in a long garbage collection. In the rate test it is uvicorn, and never stops.

The truth is computed, not measured. Customers come every 1/rate seconds whatever the target does. Who comes while it
stands still waits for the end of that and is served in 20 ms then; who was being served is done when it goes on; all
others wait 20 ms. The target says when it really stood still, for on a busy machine that is not to the millisecond
what was asked for; the ratios are to the truth of that stall. Percentiles are by nearest rank, as everywhere here.
Figures are medians of the rounds. Run it on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TextIO

from bi_contracts.load import BenchmarkConfig, LoadResult, client_for, run, swarm

SERVICE = 0.02
STALL_AT, STALL = 4.0, 1.0
STALL_COLUMNS = ("requests", "p50 ms", "p95 ms", "p99 ms", "max ms", "p95/truth", "p99/truth", "lag p99")
RATE_COLUMNS = ("wanted/s", "sent/s", "failed", "p50 ms", "p99 ms", "lag p50", "lag p99", "lag max", "valid")


class Answering(asyncio.Protocol):
    """One route of 20 ms, and nothing else that takes time: what is late here is late because of the stall."""

    begun = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, _: bytes) -> None:
        loop = asyncio.get_running_loop()
        if not Answering.begun:
            Answering.begun = time.monotonic()
            loop.call_later(STALL_AT, stand_still)
        loop.call_later(SERVICE, self.answer)

    def answer(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")


def stand_still() -> None:
    started = time.monotonic()
    time.sleep(STALL)
    print(started - Answering.begun, time.monotonic() - Answering.begun, flush=True)


async def serve_stalling() -> None:
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0, backlog=1024)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


def serve_plain() -> None:
    """An ordinary server: uvicorn, one route, 20 ms."""
    from bi_contracts import serving

    async def application(scope: serving.Scope, receive: serving.Receive, send: serving.Send) -> None:
        if scope["type"] == "lifespan":
            while True:
                event = (await receive())["type"]
                await send({"type": f"{event}.complete"})
                if event == "lifespan.shutdown":
                    return
        await asyncio.sleep(SERVICE)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"{}"})

    serving.serve(application, started=lambda url: print(url, flush=True))


@contextmanager
def target(kind: str) -> Iterator[tuple[str, TextIO]]:
    """The address, and what the process tells afterwards."""
    command = [sys.executable, __file__, "--serve", kind]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip(), process.stdout
    finally:
        process.terminate()
        process.wait()


def truth(rate: float, seconds: float, at: float = STALL_AT, end: float = STALL_AT + STALL) -> list[float]:
    """The latency of every customer of the stalling target, in ms, sorted."""
    found = []
    for number in range(round(rate * seconds)):
        start = number / rate
        if at <= start < end:
            done = end + SERVICE
        elif start < at < start + SERVICE:
            done = end
        else:
            done = start + SERVICE
        found.append(1000 * (done - start))
    return sorted(found)


def ranked(values: list[float], percent: float) -> float:
    return values[max(1, math.ceil(percent * len(values) / 100)) - 1]


def measured(config: BenchmarkConfig, url: str) -> LoadResult:
    async def main() -> LoadResult:
        async with client_for(url) as client:
            return await run(config, client)

    return asyncio.run(main())


def stall_test(rounds: int, rate: float, seconds: float) -> None:
    users = 10
    think = users / rate - SERVICE
    tools = {
        "open, ours": BenchmarkConfig("open", "/", arrival_rate=rate, duration_seconds=seconds),
        f"closed, ours, {users} users": BenchmarkConfig(
            "closed", "/", users, think_seconds=think, duration_seconds=seconds
        ),
    }
    if find_spec("locust") is not None:
        tools[f"closed, Locust, {users} users"] = tools[f"closed, ours, {users} users"]
    real = truth(rate, seconds)
    print(f"stall of {STALL:g} s in {seconds:g} s at {rate:g} requests/s, service {1000 * SERVICE:g} ms\n")
    print(" " * 26 + "".join(f"{name:>10}" for name in STALL_COLUMNS))
    line(f"{'truth, computed':26}", [len(real), *(ranked(real, p) for p in (50, 95, 99, 100)), 1.0, 1.0, 0.0])
    for name, config in tools.items():
        rows = []
        for _ in range(rounds):
            with target("stall") as (url, told):
                found = swarm.run(config, url, 1) if "Locust" in name else measured(config, url)
                stalled = truth(rate, seconds, *map(float, told.readline().split()))
            assert not found.failed, found.errors
            rows.append(
                [
                    found.completed,
                    *(found.percentile_ms(p) for p in (50, 95, 99, 100)),
                    found.percentile_ms(95) / ranked(stalled, 95),
                    found.percentile_ms(99) / ranked(stalled, 99),
                    1000 * found.lag.percentile(99),
                ]
            )
        line(f"{name:26}", [statistics.median(column) for column in zip(*rows, strict=True)])
    print()


def line(name: str, row: list[float]) -> None:
    number, p50, p95, p99, most, of95, of99, lag = row
    times = "".join(f"{value:10.1f}" for value in (p50, p95, p99, most))
    print(f"{name}{number:10.0f}{times}{of95:9.2f}x{of99:9.2f}x{lag:10.1f}", flush=True)


def rate_test(rounds: int, rates: list[float], seconds: float) -> None:
    print("open model on httpx, target on the other core\n")
    print("".join(f"{name:>10}" for name in RATE_COLUMNS))
    with target("plain") as (url, _):
        for rate in rates:
            found = [
                measured(BenchmarkConfig("rate", "/", arrival_rate=rate, duration_seconds=seconds), url)
                for _ in range(rounds)
            ]
            lags = [statistics.median(1000 * one.lag.percentile(p) for one in found) for p in (50, 99, 100)]
            sent = statistics.median(one.completed / max(seconds, one.elapsed - SERVICE) for one in found)
            p50, p99 = (statistics.median(one.percentile_ms(p) for one in found) for p in (50, 99))
            valid = f"{sum(one.valid for one in found)} of {rounds}"
            failed = sum(one.failed for one in found)
            row = "".join(f"{value:10.2f}" for value in (p50, p99, *lags))
            print(f"{rate:10.0f}{sent:10.1f}{failed:10}{row}{valid:>10}", flush=True)


def end_with_input() -> None:
    """A target ends with whoever started it, however that one ended."""
    sys.stdin.read()
    os._exit(0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--serve", choices=["plain", "stall"], help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rate", type=float, default=100.0, help="of the stall test")
    parser.add_argument("--rates", default="300,500,700")
    parser.add_argument("--quick", action="store_true", help="one round, 6 seconds")
    given = parser.parse_args()
    if given.serve:
        threading.Thread(target=end_with_input, daemon=True).start()
        return serve_plain() if given.serve == "plain" else asyncio.run(serve_stalling())
    rounds, seconds = (1, 6.0) if given.quick else (given.rounds, given.seconds)
    print(f"Python {sys.version.split()[0]}, {Path(__file__).name}\n")
    stall_test(rounds, given.rate, seconds)
    return rate_test(rounds, [float(rate) for rate in given.rates.split(",")], seconds / 2)


if __name__ == "__main__":
    main()
