"""The policy around our own client, in front of a platform that fails as platforms do."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import pytest

from bi_contracts.client import AsyncClient
from bi_contracts.errors import RateLimited, Unauthorized, Unreachable
from bi_contracts.platform import Platform
from bi_contracts.registry import platforms
from bi_contracts.resilience import Breaker, CircuitBreakerConfig, LastGood, Policy, RetryConfig, Source, Stale, State
from bi_contracts.sandbox import Sandbox

PLATFORMS = platforms()


class Bench:
    """A platform in a sandbox whose time stands still, and a policy whose sleeps only move that time on."""

    def __init__(self, platform: Platform, **settings: Any) -> None:
        self.platform = platform
        self.sandbox = Sandbox([platform], rows=3, enforce_limits=False)
        self.sandbox.clock.freeze(1_768_000_000.0)
        self.slept: list[float] = []
        self.asked = 0
        self.breaker = Breaker(
            platform.name, CircuitBreakerConfig(failure_threshold=2, recovery_timeout=30.0), clock=self.sandbox.now
        )
        retry = RetryConfig(jitter=False, budget=1000.0)
        self.policy = Policy(
            platform.name, retry=retry, breaker=self.breaker, clock=self.sandbox.now, sleep=self.sleep, **settings
        )

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.sandbox.clock.advance(seconds)

    @property
    def place(self) -> str:
        """The endpoint as the sandbox finds it: Gong's identity is the first of its workspaces."""
        return {"gong": "workspaces"}.get(self.platform.name, self.platform.identity)

    async def ask(self, client: AsyncClient) -> Any:
        self.asked += 1
        return await client.identity()

    def run(self, work: Callable[[Callable[[], Any]], Any]) -> Any:
        async def inside() -> Any:
            credentials = self.sandbox.credentials(self.platform.name)
            async with AsyncClient(self.platform, credentials, transport=self.sandbox.async_transport()) as client:
                return await work(lambda: self.ask(client))

        return asyncio.run(inside())

    def call(self) -> Any:
        return self.run(self.policy.call)

    def fault(self, text: str, times: int = 1) -> None:
        self.sandbox.fault(text, platform=self.platform.name, endpoint=self.place, times=times)


each_platform = pytest.mark.parametrize("platform", PLATFORMS, ids=lambda each: each.name)


@each_platform
def test_a_burst_of_503_is_outlived(platform: Platform) -> None:
    """Two refusals, two waits, and then the answer."""
    bench = Bench(platform)
    bench.fault("status=503", times=2)
    assert bench.call() is not None
    assert bench.slept == [1.0, 2.0]


@each_platform
def test_retry_after_as_a_date_is_waited_for(platform: Platform) -> None:
    """Regression: `Retry-After` dates. The platform names a moment, and the policy waits exactly until then."""
    bench = Bench(platform)
    bench.fault("rate-limit; retry-after-date=2")
    assert bench.call() is not None
    assert bench.slept == [2.0]


@each_platform
def test_retry_after_in_seconds_is_waited_for(platform: Platform) -> None:
    """Longer than `max_delay` too, for the platform knows better."""
    bench = Bench(platform)
    bench.fault("rate-limit; retry-after=90")
    assert bench.call() is not None
    assert bench.slept == [90.0]


@each_platform
def test_a_503_that_says_when_is_waited_for(platform: Platform) -> None:
    """Our client hands `Retry-After` of any refusal on."""
    bench = Bench(platform)
    bench.fault("status=503; retry-after=7")
    assert bench.call() is not None
    assert bench.slept == [7.0]


@each_platform
def test_a_refused_credential_is_not_tried_twice(platform: Platform) -> None:
    """Nobody waits, nobody asks again, and the breaker hears nothing of it."""
    bench = Bench(platform)
    bench.fault("unauthorized", times=9)
    with pytest.raises(Unauthorized):
        bench.call()
    assert (bench.slept, bench.asked, bench.breaker.figures.calls) == ([], 1, 0)


def test_a_platform_that_is_down_opens_the_breaker_and_comes_back() -> None:
    """Two calls fail, the third is not made; after the recovery time one tries, and it closes."""
    bench = Bench(PLATFORMS[0])
    store = LastGood(now=bench.sandbox.now)

    async def fetch(ask: Callable[[], Any]) -> Any:
        return await bench.policy.fetch(ask, source=Source.SANDBOX, fallbacks=[Stale(store, "me")])

    assert bench.run(fetch).ok
    bench.fault("status=503", times=6)
    assert [bench.run(fetch).source for _ in range(2)] == [Source.STALE] * 2
    assert bench.breaker.state is State.OPEN
    before = bench.asked
    held = bench.run(fetch)
    assert (held.source, held.ok, bench.asked) == (Source.STALE, False, before)
    bench.sandbox.clock.advance(30.0)
    assert bench.run(fetch).ok
    assert bench.breaker.state is State.CLOSED


def test_a_wait_that_is_too_long_ends_the_call_at_once() -> None:
    """With a budget of ten seconds nobody begins to wait an hour."""
    bench = Bench(PLATFORMS[0], total_timeout=10.0)
    bench.fault("rate-limit; retry-after=3600")
    with pytest.raises(RateLimited) as caught:
        bench.call()
    assert (caught.value.retry_after, bench.slept) == (3600.0, [])


def test_a_platform_that_nobody_serves_is_unavailable() -> None:
    """Regression: upstream down is never counted as a successful request, when the connection itself is refused too."""
    platform = PLATFORMS[0]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # taken, and nobody listens
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"

        async def fetch() -> Any:
            policy = Policy(platform.name, retry=RetryConfig(base_delay=0.0, max_attempts=2))
            async with AsyncClient(
                platform, Sandbox([platform]).credentials(platform.name), base_url=address
            ) as client:
                return await policy.fetch(client.identity)

        result = asyncio.run(fetch())
    assert (result.source, result.ok) == (Source.UNAVAILABLE, False)
    assert isinstance(result.error, Unreachable)
    assert result.notes == ("asked: network",)
