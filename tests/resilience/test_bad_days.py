"""Clocks that go back, threads that meet, calls that are cancelled: what must hold all the same."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from threading import Event, Thread
from typing import Any

import pytest

from bi_contracts.dialects import Quota, RateDialect
from bi_contracts.errors import ApiError, CassetteMiss, CredentialsMissing
from bi_contracts.resilience import (
    Breaker,
    Bypass,
    CircuitBreakerConfig,
    Degraded,
    Fallback,
    LastGood,
    Limiter,
    Mock,
    Policy,
    Result,
    RetryConfig,
    Source,
    Stale,
    State,
)

from .virtual import run


def test_what_a_clock_that_ran_ahead_has_kept_gives_way() -> None:
    """Else the answer of before would be told for a day, as if it were of now."""
    moment = [100_000.0]
    store = LastGood(now=lambda: moment[0])
    store.keep("gong/calls", "before")
    moment[0] = 10_000.0
    store.keep("gong/calls", "after")
    moment[0] = 10_060.0
    kept = store.get("gong/calls")
    assert kept is not None
    assert (kept.value, store.age(kept)) == ("after", 60.0)


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("restless")
def test_answers_are_kept_and_read_by_many_threads() -> None:
    """One that is pushed out while another thread reads it is gone, and no crash."""
    store, wrong = LastGood(capacity=1), list[Exception]()

    def use(number: int) -> None:
        try:
            for step in range(2000):
                store.keep(f"{number}/{step % 2}", step)
                store.get(f"{1 - number}/{step % 2}")
        except Exception as error:
            wrong.append(error)

    threads = [Thread(target=use, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (wrong, len(store)) == ([], 1)


class Pretending:
    """A fallback that says it is the platform."""

    name = "pretending"

    def learn(self, result: Result[Any]) -> None:
        """Learns nothing."""

    async def offer(self, error: Exception) -> Result[Any]:  # noqa: ARG002
        return Result(["made up"], Source.LIVE)


def test_a_fallback_never_passes_for_an_answer() -> None:
    """Regression row: mock and stale never count as success, whatever a fallback of one's own says."""

    async def down() -> list[str]:
        raise ApiError("gong/calls: server error", status=503)

    policy = Policy("gong", retry=RetryConfig(max_attempts=1))
    found = asyncio.run(policy.fetch(down, fallbacks=[Pretending(), Degraded([])]))
    assert (found.source, found.ok) == (Source.DEGRADED, False)
    assert "pretending: passes for an answer" in found.notes


@pytest.mark.parametrize("error", [CassetteMiss("not recorded"), CredentialsMissing("gong", ["GONG_ACCESS_KEY"])])
@pytest.mark.parametrize("kind", ["stale", "mock", "degraded", "bypass", "none"])
def test_what_a_person_must_mend_is_never_success(error: Exception, kind: str) -> None:
    """A missing recording or credential stands in the result or its notes, and the result is no answer."""
    store = LastGood()
    store.keep("key", ["old"])
    every: dict[str, list[Fallback]] = {
        "stale": [Stale(store, "key")],
        "mock": [Mock(list)],
        "degraded": [Degraded([])],
        "bypass": [Bypass()],
        "none": [],
    }

    async def ask() -> list[str]:
        raise error

    found = asyncio.run(Policy("gong").fetch(ask, fallbacks=every[kind]))
    assert not found.ok
    assert found.error is error or kind == "bypass"
    assert found.notes[0] == "asked: config"


@pytest.mark.parametrize("steps", range(0, 60, 3))
def test_a_call_that_is_cancelled_anywhere_gives_its_permit_back(steps: int) -> None:
    """Before the first attempt, in it, between two, in the last: a half-open breaker has all its permits again."""

    async def cancelled() -> tuple[bool, Breaker]:
        breaker = Breaker("gong", CircuitBreakerConfig(1, 0, half_open_permits=2))
        breaker.fail(breaker.acquire())
        limiter = Limiter(RateDialect(limit=1000, window=1.0))
        retry = RetryConfig(base_delay=0.01, jitter=False)
        policy = Policy("gong", breaker=breaker, limiter=limiter, retry=retry)

        async def ask() -> None:
            await asyncio.sleep(0.01)
            raise ApiError("gong/calls: server error", status=503)

        call = asyncio.create_task(policy.call(ask))
        for _ in range(steps):
            await asyncio.sleep(0)
        call.cancel()
        (outcome,) = await asyncio.gather(call, return_exceptions=True)
        return isinstance(outcome, asyncio.CancelledError), breaker

    was_cancelled, breaker = run(cancelled())
    assert was_cancelled
    assert breaker.state in (State.OPEN, State.HALF_OPEN)
    tokens = [breaker.acquire(), breaker.acquire()]
    assert all(breaker.holds(token) for token in tokens)


def test_turns_of_who_left_are_given_back() -> None:
    """Whoever gives up while it waits for the second's limit has not used up the day's."""
    day = Quota("daily", limit=100, window=86_400.0)
    limiter = Limiter(RateDialect(limit=10, window=1.0, quotas=(day,)))

    async def impatient() -> int:
        through = 0
        for _ in range(300):
            try:
                async with asyncio.timeout(0.001):
                    await limiter.wait()
                    through += 1
            except TimeoutError:
                pass
        return through

    async def ask() -> tuple[int, float]:
        through = await impatient()
        return through, limiter._buckets["daily", "100"]._level

    through, used = run(ask())
    assert used <= through <= 10


def test_two_loops_at_once_share_one_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    """In threads, each with a loop that runs: turns are given out one after another, and not by each loop its own."""
    slept: list[float] = []
    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await real(0)

    limiter = Limiter(RateDialect(limit=10, window=100.0), clock=lambda: 0.0)
    begun, ended = Event(), Event()

    async def hold() -> None:
        await limiter.wait()
        begun.set()
        while not ended.is_set():
            await real(0.001)

    async def ask() -> None:
        for _ in range(4):
            await limiter.wait()

    other = Thread(target=lambda: asyncio.run(hold()))
    other.start()
    try:
        assert begun.wait(30)
        monkeypatch.setattr(asyncio, "sleep", sleep)
        asyncio.run(ask())
    finally:
        ended.set()
        other.join()
    assert slept == pytest.approx([10.0, 20.0, 30.0, 40.0])


def test_a_turn_that_is_waited_for_in_vain_is_given_back() -> None:
    """Where loops share a pace, too."""
    limiter = Limiter(RateDialect(limit=10, window=100.0), clock=lambda: 0.0)

    async def ask() -> float:
        await limiter.wait()
        (bucket,) = limiter._buckets.values()
        bucket._shared = True
        call = asyncio.create_task(limiter.wait())
        await asyncio.sleep(0)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        return bucket._level

    assert asyncio.run(ask()) == 1.0
