"""The pace: as fast as the limit allows, and never faster in any window."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from bi_contracts.dialects import Budget
from bi_contracts.intercom.sync.pace import BODIES, HEADS, Pace

from ..failures.workspace import Quick


def timed(work: Callable[[], Awaitable[Any]]) -> Any:
    """Runs it in time that passes only by waiting."""

    async def whole() -> Any:
        return await work()

    with asyncio.Runner(loop_factory=Quick) as runner:
        return runner.run(whole())


async def slots(pace: Pace, number: int, workers: int, idle: float = 0.0) -> list[float]:
    """The moments at which so many calls may be made by workers that want them at once."""
    loop, taken = asyncio.get_running_loop(), list[float]()

    async def worker() -> None:
        while len(taken) < number:
            await pace.take()
            taken.append(loop.time())
            pace.landed()
            if idle and len(taken) % 50 == 0:
                await asyncio.sleep(idle)

    await asyncio.gather(*(worker() for _ in range(workers)))
    return taken


@settings(max_examples=25, deadline=None)
@given(limit=some.integers(1, 400), workers=some.integers(1, 40), idle=some.sampled_from([0.0, 0.3, 7.0]))
def test_no_window_holds_more_slots_than_the_limit(limit: int, workers: int, idle: float) -> None:
    """Wherever a window begins."""
    taken = timed(lambda: slots(Pace(limit, 10.0), min(3 * limit, 300) + 2, workers, idle))
    for first, start in enumerate(taken):
        assert sum(start <= at < start + 10.0 - 1e-6 for at in taken[first:]) <= limit


def test_the_pace_comes_near_the_limit() -> None:
    """More than 98 % of 1667 calls in 10 s."""
    taken = timed(lambda: slots(Pace(1667, 10.0), 5000, 40))
    assert 5000 / (taken[-1] - taken[0]) > 0.98 * 166.7


def test_a_new_limit_is_learnt_from_an_answer() -> None:
    """Until then the declared one holds."""

    async def work() -> tuple[int, float]:
        pace = Pace(167, 10.0)
        pace.learn(Budget(1667, 1666, 1000.0), 990.0)
        return pace.limit, pace.spacing

    limit, spacing = timed(work)
    assert limit == 1667
    assert spacing < 0.0062


def test_heads_go_before_bodies() -> None:
    """Whoever waits in the lower lane is next."""

    async def work() -> list[str]:
        pace, order = Pace(20, 10.0), list[str]()

        async def call(name: str, lane: int) -> None:
            await pace.take(lane)
            order.append(name)

        waiting = [call(f"body {n}", BODIES) for n in range(4)] + [call("head", HEADS)]
        await asyncio.gather(*waiting)
        return order

    assert timed(work)[:2] == ["body 0", "head"]


def test_who_shares_the_token_is_left_room() -> None:
    """Where answers tell of more calls than ours, the rest of the window is spread over what is left."""

    async def work() -> tuple[float, float]:
        pace = Pace(100, 10.0)
        await pace.take()
        pace.landed()
        alone = pace.spacing
        pace.learn(Budget(100, 60, 1010.0), 1000.0)
        return alone, pace.spacing

    alone, shared = timed(work)
    assert shared > 1.5 * alone


def test_nothing_is_sent_while_others_have_used_up_the_window() -> None:
    """The next slot is in the next window."""

    async def work() -> float:
        pace = Pace(100, 10.0)
        await pace.take()
        pace.landed()
        pace.learn(Budget(100, 0, 1004.0), 1000.0)
        await pace.take()
        return asyncio.get_running_loop().time()

    assert 4.0 <= timed(work) <= 10.0


def test_others_that_stop_are_forgotten() -> None:
    """Windows with nobody else in them give the whole limit back."""

    async def work() -> tuple[float, float, float]:
        pace = Pace(100, 10.0)
        alone = pace.spacing
        pace.learn(Budget(100, 60, 1010.0), 1000.0)
        shared = pace.spacing
        for window in range(1, 8):
            pace.learn(Budget(100, 99, 1010.0 + 10 * window), 1001.0 + 10 * window)
        return alone, shared, pace.spacing

    alone, shared, after = timed(work)
    assert alone == after < shared


def test_an_answer_of_the_last_window_changes_nothing() -> None:
    """It took its time, and tells of a count that is over."""

    async def work() -> tuple[float, float]:
        pace = Pace(100, 10.0)
        pace.learn(Budget(100, 99, 1020.0), 1011.0)
        before = pace.spacing
        pace.learn(Budget(100, 0, 1010.0), 1009.0)
        return before, pace.spacing

    before, after = timed(work)
    assert before == after


def test_whoever_stops_waiting_uses_no_slot() -> None:
    """A cancelled call leaves its turn to the next."""

    async def work() -> float:
        pace = Pace(10, 10.0)
        await pace.take()
        gone = asyncio.ensure_future(pace.take())
        stays = asyncio.ensure_future(pace.take())
        await asyncio.sleep(0)
        gone.cancel()
        await stays
        with pytest.raises(asyncio.CancelledError):
            await gone
        return asyncio.get_running_loop().time()

    assert timed(work) == pytest.approx(Pace(10, 10.0, clock=lambda: 0.0).spacing)


def test_nobody_waits_where_nobody_refuses() -> None:
    """A sandbox in process without limits is asked as fast as it answers, and still after a refusal's wait."""

    async def work() -> tuple[float, float]:
        pace, loop = Pace(1, 10.0, enforced=False), asyncio.get_running_loop()
        await slots(pace, 50, 5)
        before = loop.time()
        pace.learn(Budget(1, 0, 2000.0), 1.0)
        pace.pause(3.0)
        await slots(pace, 50, 5)
        return before, loop.time()

    assert timed(work) == (0.0, pytest.approx(3.0))
