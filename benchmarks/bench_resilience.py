"""What resilience costs, and whom a half-open breaker lets through: ours beside its peers, in the same run.

    python benchmarks/bench_resilience.py [--rounds 7] [--calls 20000] [--quick]

Peers are measured where they are installed: `pip install pybreaker aiobreaker circuitbreaker purgatory`. In every round
they all take turns, so that a busy machine slows them all; a figure is the median of the rounds, with least and most.
A call is one of an asynchronous function that does nothing; what it costs without anything around it is taken off.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import statistics
import time
import warnings
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.util import find_spec
from typing import Any

import stamina

from bi_contracts.dialects import RateDialect
from bi_contracts.errors import ApiError
from bi_contracts.resilience import Breaker, CircuitBreakerConfig, Limiter, Policy

PROBES = 100
PAUSE = 0.05
"""Seconds that a breaker stays open here."""

BREAKER_TARGET, POLICY_TARGET = 2.0, 100.0
"""Microseconds a call."""

Call = Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]]
"""Calls a function through a breaker."""


@dataclass
class Subject:
    """One way to guard a call, and what was measured of it. `made` gives a fresh one."""

    name: str
    made: Callable[[], Call]
    micros: list[float] = field(default_factory=list)


async def nothing() -> None:
    pass


async def failing() -> None:
    raise ApiError("down", status=503)


# The breakers


def ours(permits: int = 1, **settings: Any) -> Callable[[], Call]:
    def made() -> Call:
        config = {"failure_threshold": 1, "recovery_timeout": PAUSE, "half_open_permits": permits, **settings}
        breaker = Breaker("ours", CircuitBreakerConfig(**config))

        async def call(fn: Callable[[], Awaitable[Any]]) -> Any:
            token = breaker.acquire()
            try:
                value = await fn()
            except asyncio.CancelledError:
                breaker.release(token)
                raise
            except Exception:
                breaker.fail(token)
                raise
            breaker.succeed(token)
            return value

        return call

    return made


def of_pybreaker() -> Call:
    import pybreaker

    breaker = pybreaker.CircuitBreaker(fail_max=1, reset_timeout=PAUSE)

    async def call(fn: Callable[[], Awaitable[Any]]) -> Any:
        with breaker.calling():
            return await fn()

    return call


def of_aiobreaker() -> Call:
    import aiobreaker

    breaker = aiobreaker.CircuitBreaker(fail_max=1, timeout_duration=timedelta(seconds=PAUSE))
    return breaker.call_async


def of_circuitbreaker() -> Call:
    import circuitbreaker

    breaker = circuitbreaker.CircuitBreaker(failure_threshold=1, recovery_timeout=PAUSE)

    async def guarded(fn: Callable[[], Awaitable[Any]]) -> Any:
        return await fn()

    return breaker.decorate(guarded)


def of_purgatory() -> Call:
    import purgatory

    factory = purgatory.AsyncCircuitBreakerFactory(default_threshold=1, default_ttl=PAUSE)

    async def call(fn: Callable[[], Awaitable[Any]]) -> Any:
        async with await factory.get_breaker("peer"):
            return await fn()

    return call


PEERS = {
    "pybreaker": of_pybreaker,
    "aiobreaker": of_aiobreaker,
    "circuitbreaker": of_circuitbreaker,
    "purgatory": of_purgatory,
}


def breakers() -> list[Subject]:
    found = [Subject("ours, count window", ours()), Subject("ours, time window", ours(window="time", size=60))]
    return found + [Subject(name, made) for name, made in PEERS.items() if find_spec(name)]


# Who is let through


async def admitted(made: Callable[[], Call]) -> int:
    """How many of a hundred probes at once reach the service after the breaker has been open for long enough."""
    call, inside, over = made(), 0, asyncio.Event()
    await asyncio.gather(call(failing), return_exceptions=True)
    await asyncio.sleep(PAUSE * 1.5)

    async def probe() -> None:
        nonlocal inside
        inside += 1
        await over.wait()

    tasks = [asyncio.create_task(_run(call, probe)) for _ in range(PROBES)]
    for _ in range(20):
        await asyncio.sleep(0)
    reached = inside
    over.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    return reached


async def cancelled_is_failure(made: Callable[[], Call]) -> bool:
    """Whether a call that was cancelled opens a breaker that one failure opens."""
    call, forever = made(), asyncio.Event()
    task = asyncio.create_task(_run(call, forever.wait))
    await asyncio.sleep(0.001)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    (end,) = await asyncio.gather(call(nothing), return_exceptions=True)
    return isinstance(end, Exception)


async def _run(call: Call, fn: Callable[[], Awaitable[Any]]) -> Any:
    return await call(fn)


# What it costs


async def bare(fn: Callable[[], Awaitable[Any]]) -> Any:
    return await fn()


async def micros(call: Call, calls: int) -> float:
    """Microseconds a call."""
    started = time.perf_counter()
    for _ in range(calls):
        await call(nothing)
    return (time.perf_counter() - started) / calls * 1e6


def pair() -> Callable[[], float]:
    """`acquire` and `succeed` alone, without the coroutine around them."""
    breaker = Breaker("ours")

    def run() -> float:
        calls = 100_000
        started = time.perf_counter()
        for _ in range(calls):
            breaker.succeed(breaker.acquire())
        return (time.perf_counter() - started) / calls * 1e6

    return run


def policies() -> list[Subject]:
    def stamina_alone() -> Call:
        async def call(fn: Callable[[], Awaitable[Any]]) -> Any:
            async for attempt in stamina.retry_context(on=ApiError, attempts=3, timeout=None):
                with attempt:
                    return await fn()
            return None

        return call

    def timeouts_alone() -> Call:
        async def call(fn: Callable[[], Awaitable[Any]]) -> Any:
            async with asyncio.timeout(120), asyncio.timeout(30):
                return await fn()

        return call

    wide = RateDialect(limit=10**9, window=1.0)
    return [
        Subject("two timeouts alone", timeouts_alone),
        Subject("stamina alone", stamina_alone),
        Subject("policy: timeouts, retry, breaker", lambda: Policy("p", breaker=Breaker("p")).call),
        Subject("policy with limiter", lambda: Policy("p", breaker=Breaker("p"), limiter=Limiter(wide)).call),
        Subject("policy with limiter, fetch", lambda: Policy("p", breaker=Breaker("p"), limiter=Limiter(wide)).fetch),
    ]


async def measure(subjects: list[Subject], rounds: int, calls: int) -> None:
    fixed = [(subject, subject.made()) for subject in subjects]
    for _ in range(rounds):
        gc.collect()
        floor = await micros(bare, calls)
        for subject, call in fixed:
            subject.micros.append(await micros(call, calls) - floor)


def shown(subject: Subject, beside: Subject) -> str:
    found = subject.micros
    ratio = statistics.median(one / other for one, other in zip(found, beside.micros, strict=True))
    return (
        f"  {subject.name:<34} {statistics.median(found):8.2f}  ({min(found):.2f}-{max(found):.2f})"
        f"  {ratio:7.2f} x {beside.name}"
    )


def verdict(name: str, found: float, target: float) -> str:
    return f"  {name}: {found:.2f} µs, target {target:g}: {'held' if found <= target else 'MISSED'}"


async def main(rounds: int, calls: int) -> None:
    print(f"of {PROBES} half-open probes at once, let through:")
    for permits in (1, 7, 50, 100):
        print(f"  {f'ours with {permits} permits':<34} {await admitted(ours(permits)):>4}")
    for name, made in PEERS.items():
        print(f"  {name:<34} {await admitted(made) if find_spec(name) else 'not installed':>4}")

    print("\na cancelled call counts as a failure:")
    for subject in breakers()[1:]:
        print(f"  {subject.name.partition(',')[0]:<34} {'yes' if await cancelled_is_failure(subject.made) else 'no'}")

    found = breakers()
    await measure(found, rounds, calls)
    alone = pair()
    pairs = [alone() for _ in range(rounds)]
    print("\nmicroseconds a call, breaker alone:")
    print("\n".join(shown(subject, found[0]) for subject in found))
    least, most = min(pairs), max(pairs)
    print(f"  {'ours, acquire and succeed, no await':<34} {statistics.median(pairs):8.2f}  ({least:.2f}-{most:.2f})")

    whole = policies()
    await measure(whole, rounds, max(1000, calls // 10))
    print("\nmicroseconds a call, policy:")
    print("\n".join(shown(subject, whole[1]) for subject in whole))

    print("\ntargets:")
    print(verdict("breaker", statistics.median(found[0].micros), BREAKER_TARGET))
    print(verdict("breaker, time window", statistics.median(found[1].micros), BREAKER_TARGET))
    print(verdict("whole policy", statistics.median(whole[3].micros), POLICY_TARGET))


if __name__ == "__main__":
    warnings.simplefilter("ignore", DeprecationWarning)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    asyncio.run(main(3 if given.quick else given.rounds, 2_000 if given.quick else given.calls))
