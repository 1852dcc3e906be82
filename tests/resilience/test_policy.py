"""The whole policy: total timeout, retry, breaker, limiter, attempt timeout, in this order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from bi_contracts.dialects import RateDialect
from bi_contracts.errors import ApiError, BreakerOpen, ConfigurationError, RateLimited, TimedOut, Unauthorized
from bi_contracts.registry import platforms
from bi_contracts.resilience import (
    Breaker,
    Breakers,
    CircuitBreakerConfig,
    Limiter,
    Policies,
    Policy,
    RetryConfig,
    State,
)

from .virtual import now, run

DOWN = ApiError("down", status=503)


def policy(**settings: Any) -> Policy:
    return Policy("gong", **{"retry": RetryConfig(jitter=False), "clock": now, **settings})


def breaker(**settings: Any) -> Breaker:
    return Breaker("gong", CircuitBreakerConfig(**settings), clock=now)


async def down() -> str:
    raise DOWN


async def well() -> str:
    return "rows"


async def hang() -> str:
    await asyncio.sleep(1e6)
    return "late"


async def ended(awaitable: Any) -> Any:
    try:
        return await awaitable
    except Exception as error:
        return error


def test_a_good_call_is_just_made() -> None:
    """Nothing is in the way of what works."""
    assert run(policy().call(well)) == "rows"


def test_one_logical_call_is_one_failure() -> None:
    """Three attempts that fail are one failure, for they were one call."""

    async def calls() -> tuple[int, State]:
        guard = breaker(failure_threshold=2)
        one = policy(breaker=guard)
        await ended(one.call(down))
        return guard.figures.failed, guard.state

    assert run(calls()) == (1, State.CLOSED)


def test_a_call_that_recovers_is_no_failure() -> None:
    """What a retry put right is a success."""

    async def calls() -> tuple[int, int]:
        guard, ends = breaker(), iter([DOWN, DOWN, None])

        async def flaky() -> None:
            if (end := next(ends)) is not None:
                raise end

        await policy(breaker=guard).call(flaky)
        return guard.figures.calls, guard.figures.failed

    assert run(calls()) == (1, 0)


def test_the_breaker_is_asked_before_every_attempt() -> None:
    """Once others have opened it, a call that waits for its next attempt is not made again; it says what it met."""

    async def calls() -> tuple[int, Any]:
        guard, asked = breaker(failure_threshold=1), []

        async def fn() -> None:
            asked.append(now())
            raise DOWN

        waiting = asyncio.create_task(ended(policy(breaker=guard).call(fn)))
        await asyncio.sleep(0.5)
        guard.fail(guard.acquire())
        return len(asked), await waiting

    asked, error = run(calls())
    assert asked == 1
    assert isinstance(error, BreakerOpen)
    assert error.__cause__ is DOWN


def test_an_open_breaker_ends_a_call_without_an_attempt() -> None:
    """Nobody is asked, and nobody waits."""

    async def calls() -> tuple[Any, float]:
        guard = breaker()
        guard.force_open()
        return await ended(policy(breaker=guard).call(well)), now()

    error, took = run(calls())
    assert isinstance(error, BreakerOpen)
    assert took == 0.0


def test_exactly_so_many_calls_at_once_try_a_half_open_breaker() -> None:
    """Of a hundred calls through the whole policy, retries and all, as many reach the platform as there are permits."""

    async def calls() -> int:
        guard, inside = breaker(failure_threshold=1, half_open_permits=3, recovery_timeout=10.0), []
        await ended(policy(breaker=guard).call(down))
        await asyncio.sleep(10)

        async def probe() -> None:
            inside.append(1)
            await asyncio.sleep(1)

        await asyncio.gather(*(ended(policy(breaker=guard).call(probe)) for _ in range(100)))
        assert guard.state is State.CLOSED
        return len(inside)

    assert run(calls()) == 3


def test_a_probe_keeps_its_permit_through_its_retries() -> None:
    """It is one call, so it takes one permit, and nobody else gets one meanwhile."""

    async def calls() -> tuple[list[Any], State]:
        guard = breaker(failure_threshold=1, recovery_timeout=10.0)
        await ended(policy(breaker=guard).call(down))
        await asyncio.sleep(10)
        ends = iter([DOWN, None])

        async def flaky() -> str:
            if (end := next(ends)) is not None:
                raise end
            return "rows"

        probe = asyncio.create_task(ended(policy(breaker=guard).call(flaky)))
        await asyncio.sleep(0.5)
        other = await ended(policy(breaker=guard).call(well))
        return [await probe, type(other)], guard.state

    assert run(calls()) == (["rows", BreakerOpen], State.CLOSED)


@pytest.mark.parametrize("moment", [0.5, 1.5], ids=["in an attempt", "in a wait"])
def test_cancellation_counts_for_nothing_and_gives_the_permit_back(moment: float) -> None:
    """Whoever gives up says nothing about the service."""

    async def calls() -> tuple[State, str]:
        guard = breaker(failure_threshold=1, recovery_timeout=10.0)
        await ended(policy(breaker=guard).call(down))
        await asyncio.sleep(10)

        async def slow() -> None:
            await asyncio.sleep(1)
            raise DOWN

        probe = asyncio.create_task(policy(breaker=guard).call(slow))
        await asyncio.sleep(moment)
        probe.cancel()
        with pytest.raises(asyncio.CancelledError):
            await probe
        return guard.state, await policy(breaker=guard).call(well)

    assert run(calls()) == (State.HALF_OPEN, "rows")


def test_a_refused_credential_counts_for_nothing() -> None:
    """A service that says no is up."""

    async def calls() -> tuple[int, State]:
        guard = breaker(failure_threshold=1)

        async def fn() -> None:
            raise Unauthorized("no", status=401)

        await ended(policy(breaker=guard).call(fn))
        return guard.figures.calls, guard.state

    assert run(calls()) == (0, State.CLOSED)


def test_each_attempt_has_its_timeout() -> None:
    """What hangs is cut and tried again; the error says after how many seconds."""

    async def calls() -> tuple[Any, float]:
        return await ended(policy(attempt_timeout=5.0).call(hang, endpoint="calls")), now()

    error, took = run(calls())
    assert isinstance(error, TimedOut)
    assert str(error) == "gong/calls: no answer within 5 s"
    assert took == pytest.approx(5 + 1 + 5 + 2 + 5)


def test_the_total_timeout_is_around_everything() -> None:
    """However many attempts there would be, the call ends then; what had been met before is the cause."""

    async def calls() -> tuple[Any, float, int]:
        guard = breaker()
        one = policy(breaker=guard, attempt_timeout=5.0, total_timeout=8.0)
        return await ended(one.call(hang)), now(), guard.figures.failed

    error, took, failed = run(calls())
    assert isinstance(error, TimedOut)
    assert str(error) == "gong: no answer, with all attempts and waits, in 8 s"
    assert isinstance(error.__cause__, TimedOut)
    assert (took, failed) == (pytest.approx(8.0), 1)


def test_a_timeout_of_the_callers_own_is_left_alone() -> None:
    """A TimeoutError that the call itself raises is raised as it is."""

    async def fn() -> None:
        raise TimeoutError("mine")

    async def calls() -> Any:
        return await ended(policy(retry=RetryConfig(max_attempts=1)).call(fn))

    assert str(run(calls())) == "mine"


def test_a_timeout_around_the_policy_works() -> None:
    """The policy hands cancellation on, so that timeouts of its callers hold."""

    async def calls() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3):
                await policy(attempt_timeout=None).call(hang)
        return now()

    assert run(calls()) == pytest.approx(3.0)


def test_waits_go_through_the_given_sleep() -> None:
    """Who gives a sleep waits by it, with the same seconds."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def calls() -> float:
        await ended(policy(sleep=sleep).call(down))
        return now()

    assert run(calls()) == 0.0
    assert slept == [1.0, 2.0]


def test_an_error_of_the_given_sleep_is_raised() -> None:
    """It is not taken for the policy's own timeout."""

    async def sleep(_: float) -> None:
        raise TimeoutError("mine")

    with pytest.raises(TimeoutError, match="mine"):
        run(policy(sleep=sleep).call(down))


def test_a_slow_call_is_told_to_the_breaker() -> None:
    """What counts is the attempt that answered, not the waits before it."""

    async def calls() -> int:
        guard, ends = breaker(slow_call_seconds=2.0), iter([DOWN, None])

        async def fn() -> None:
            if (end := next(ends)) is not None:
                raise end
            await asyncio.sleep(1.5)

        await policy(breaker=guard).call(fn)
        return guard.figures.slow

    assert run(calls()) == 0


def test_a_slow_failure_is_told_to_the_breaker() -> None:
    """What failed late is counted as late too, by the last attempt's own seconds."""

    async def calls() -> list[int]:
        guard, found = breaker(slow_call_seconds=2.0), []

        async def fn() -> None:
            await asyncio.sleep(1.9 if not found else 2.1)
            raise DOWN

        for _ in range(2):
            await ended(policy(breaker=guard).call(fn))
            found.append(guard.figures.slow)
        return found

    assert run(calls()) == [0, 1]


def test_a_timeout_in_a_queue_blames_what_was_met_before_it() -> None:
    """Refused for a rate limit, then out of time while waiting for a turn: nothing that a breaker counts."""

    async def calls() -> tuple[str, int, bool]:
        guard, shared = breaker(), Limiter(RateDialect(limit=1, window=100.0), clock=now)

        async def fn() -> None:
            raise RateLimited("slow down")

        error = await ended(policy(breaker=guard, limiter=shared, total_timeout=10.0).call(fn))
        return str(error), guard.figures.calls, isinstance(error.__cause__, RateLimited)

    assert run(calls()) == ("gong: no answer, with all attempts and waits, in 10 s", 0, True)


def test_a_refusal_makes_everybody_wait() -> None:
    """A rate limit that one call met holds for the others: they wait, and are not refused too."""

    async def calls() -> list[float]:
        shared, asked = Limiter(RateDialect(limit=1000, window=1.0), clock=now), list[float]()

        async def fn() -> None:
            asked.append(now())
            if len(asked) == 1:
                raise RateLimited("slow down", retry_after=30.0)

        one = policy(limiter=shared)
        await asyncio.gather(one.call(fn, endpoint="calls"), _later(1.0, lambda: one.call(fn, endpoint="users")))
        return asked

    async def _later(seconds: float, call: Callable[[], Any]) -> None:
        await asyncio.sleep(seconds)
        await call()

    assert run(calls()) == [0.0, pytest.approx(30.0), pytest.approx(30.0)]


def test_a_stated_wait_that_does_not_fit_is_not_begun() -> None:
    """The limiter knows of an hour to wait and the call has a minute: it ends at once, as a rate limit."""

    async def calls() -> tuple[Any, float]:
        shared = Limiter(RateDialect(limit=5, window=1.0), clock=now)
        shared.pause("calls", 3600.0)
        return await ended(policy(limiter=shared, total_timeout=60.0).call(well, endpoint="calls")), now()

    error, took = run(calls())
    assert isinstance(error, RateLimited)
    assert (error.retry_after, took) == (3600.0, 0.0)


def test_who_waited_for_the_limiter_is_asked_again_whether_the_breaker_is_open() -> None:
    """Calls in a queue do not go on to fail one by one once the breaker has opened."""

    async def calls() -> tuple[int, list[type]]:
        guard, asked = breaker(failure_threshold=2), []
        shared = Limiter(RateDialect(limit=1, window=1.0), clock=now)
        one = policy(breaker=guard, limiter=shared, retry=RetryConfig(max_attempts=1))

        async def fn() -> None:
            asked.append(1)
            raise DOWN

        ends = await asyncio.gather(*(ended(one.call(fn)) for _ in range(6)))
        return len(asked), [type(end) for end in ends]

    asked, ends = run(calls())
    assert asked == 2
    assert ends == [ApiError, ApiError, BreakerOpen, BreakerOpen, BreakerOpen, BreakerOpen]


def test_an_open_breaker_is_known_before_the_limiter_is_waited_for() -> None:
    """Nobody queues for a platform that will not be asked."""

    async def calls() -> float:
        guard, shared = breaker(), Limiter(RateDialect(limit=1, window=100.0), clock=now)
        one = policy(breaker=guard, limiter=shared)
        await one.call(well)
        guard.force_open()
        await ended(one.call(well))
        return now()

    assert run(calls()) == 0.0


def test_a_wait_for_the_limiter_is_no_failure_of_the_platform() -> None:
    """A total timeout that ends a queue counts for nothing: nobody was asked."""

    async def calls() -> tuple[Any, int]:
        guard, shared = breaker(), Limiter(RateDialect(limit=1, window=100.0), clock=now)
        one = policy(breaker=guard, limiter=shared, total_timeout=10.0)
        await one.call(well)
        return await ended(one.call(well)), guard.figures.failed

    error, failed = run(calls())
    assert str(error) == "gong: its rate limit left no turn in 10 s"
    assert failed == 0


def test_an_attempt_of_several_requests_takes_several_turns() -> None:
    """A read of three pages is three requests in the platform's eyes."""

    async def calls() -> float:
        one = policy(limiter=Limiter(RateDialect(limit=1, window=10.0), clock=now))
        await one.call(well, requests=3)
        return now()

    assert run(calls()) == pytest.approx(20.0)


@pytest.mark.parametrize("name", ["total_timeout", "attempt_timeout"])
def test_a_timeout_leaves_some_time(name: str) -> None:
    """A policy under which nothing could ever be done is not made."""
    with pytest.raises(ConfigurationError, match="timeouts"):
        Policy(**{name: 0.0})  # type: ignore[arg-type]


def test_one_policy_serves_several_event_loops() -> None:
    """Nothing in it belongs to a loop."""
    one = Policy("gong", breaker=Breaker(), limiter=Limiter(RateDialect(limit=100, window=1.0)))
    assert [asyncio.run(one.call(well)) for _ in range(3)] == ["rows"] * 3


# Without asyncio


def test_a_blocking_call_is_tried_again_too() -> None:
    """The same schedule, the same breaker, without an event loop."""
    ends, slept, guard = iter([DOWN, httpx.ConnectError("refused"), None]), list[float](), Breaker("gong")

    def fn() -> str:
        if (end := next(ends)) is not None:
            raise end
        return "rows"

    one = Policy("gong", retry=RetryConfig(jitter=False), breaker=guard)
    assert one.call_blocking(fn, sleep=slept.append) == "rows"
    assert (slept, guard.figures.calls, guard.figures.failed) == ([1.0, 2.0], 1, 0)


def test_a_blocking_call_ends_with_the_error_itself() -> None:
    """What is masked for logs is not masked for who called, and it is one failure."""
    error, guard = httpx.ConnectError("refused"), Breaker("gong")

    def fn() -> None:
        raise error

    with pytest.raises(httpx.ConnectError) as caught:
        Policy(breaker=guard, retry=RetryConfig(base_delay=0.0)).call_blocking(fn)
    assert caught.value is error
    assert guard.figures.failed == 1


def test_a_blocking_call_is_refused_by_an_open_breaker() -> None:
    """It is the same breaker."""
    guard = Breaker("gong")
    guard.force_open()
    with pytest.raises(BreakerOpen):
        Policy(breaker=guard).call_blocking(lambda: "rows")


def test_a_blocking_call_begins_no_wait_beyond_its_budget() -> None:
    """The budget holds between attempts; an attempt itself cannot be interrupted."""

    def fn() -> None:
        raise RateLimited("slow down", retry_after=3600.0)

    slept: list[float] = []
    with pytest.raises(RateLimited):
        Policy(retry=RetryConfig(budget=60.0)).call_blocking(fn, sleep=slept.append)
    assert slept == []


# One a platform


def test_a_platform_has_one_policy_from_its_declaration() -> None:
    """Its breaker, its limits, the same ones for everybody."""
    gong, slack = (each for each in platforms() if each.name in ("gong", "slack"))
    made = Policies(breakers=Breakers(CircuitBreakerConfig(failure_threshold=9)), total_timeout=9.0)
    one = made.of(gong)
    assert one is made.of(gong)
    assert one is not made.of(slack)
    assert one.breaker is made.breakers.of("gong")
    assert one.limiter is not None
    assert one.limiter.dialect is gong.limits
    assert (one.name, one.total_timeout, one.breaker.config.failure_threshold) == ("gong", 9.0, 9)


def test_limits_can_be_left_alone() -> None:
    """In a replay there is no quota to keep to."""
    assert Policies(limits=False).of(platforms()[0]).limiter is None
