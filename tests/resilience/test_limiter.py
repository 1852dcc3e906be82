"""Declared rate limits are kept, wherever a platform's window begins."""

from __future__ import annotations

import asyncio
import math
from typing import Literal

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.dialects import Quota, RateDialect
from bi_contracts.errors import ConfigurationError, RateLimited
from bi_contracts.resilience import Limiter

from .virtual import now, run


async def admitted(limiter: Limiter, count: int, endpoint: str = "calls") -> list[float]:
    """The moments at which so many requests that are there from the start are let through."""
    moments: list[float] = []

    async def one() -> None:
        async with limiter.slot(endpoint):
            moments.append(now())

    await asyncio.gather(*(one() for _ in range(count)))
    return moments


def most_in_a_window(moments: list[float], window: float) -> int:
    """The most requests in any window of that length, its end left out."""
    return max(sum(begin <= each < begin + window - 1e-6 for each in moments) for begin in moments)


@given(
    limit=st.integers(1, 60),
    window=st.sampled_from([1.0, 7.0, 60.0, 86_400.0]),
    burst=st.floats(0, 1),
)
def test_no_window_ever_holds_more_than_the_limit(limit: int, window: float, burst: float) -> None:
    """A burst at the start and the refill together stay within the declared limit, wherever the window is laid."""

    async def calls() -> list[float]:
        return await admitted(Limiter(RateDialect(limit, window), burst=burst, clock=now), 3 * limit + 2)

    assert most_in_a_window(run(calls()), window) <= limit


@given(limit=st.integers(1, 200), burst=st.floats(0, 0.5))
def test_the_pace_is_near_the_limit(limit: int, burst: float) -> None:
    """What is given away for the burst is the burst and no more."""

    async def calls() -> list[float]:
        return await admitted(Limiter(RateDialect(limit, 10.0), burst=burst, clock=now), 2 * limit + 2)

    moments = run(calls())
    capacity = max(1, int(limit * burst))
    assert moments[-1] == pytest.approx((2 * limit + 2 - capacity) * 10.0 / (limit - capacity + 1), rel=1e-6, abs=1e-6)


def test_a_burst_goes_at_once() -> None:
    """A share of the limit does not wait."""

    async def calls() -> list[float]:
        return await admitted(Limiter(RateDialect(100, 10.0), clock=now), 11)

    moments = run(calls())
    assert moments[:10] == [0.0] * 10
    assert moments[10] > 0


def test_a_long_window_gives_half_at_once() -> None:
    """A day's requests are not paced evenly from the first one on."""

    async def calls() -> list[float]:
        return await admitted(Limiter(RateDialect(100, 86_400.0), clock=now), 50)

    assert set(run(calls())) == {0.0}


def test_every_quota_of_an_endpoint_holds() -> None:
    """A second's limit and a minute's hold both; another endpoint is free of the one that is not its own."""
    dialect = RateDialect(1000, 1.0, quotas=(Quota("search", 2, 60.0, endpoints=("search*",)),))

    async def calls() -> tuple[list[float], list[float]]:
        limiter = Limiter(dialect, clock=now)
        return await admitted(limiter, 20, "users"), await admitted(limiter, 3, "search_tasks")

    users, search = run(calls())
    assert max(users) == 0.0
    assert most_in_a_window(search, 60.0) <= 2


@pytest.mark.parametrize(("per", "second"), [("path", 0.0), ("platform", 10.0)])
def test_paths_are_counted_apart_where_they_are_declared_so(per: Literal["platform", "path"], second: float) -> None:
    """Slack counts each method by itself, most platforms count everything together."""

    async def calls() -> float:
        limiter = Limiter(RateDialect(1, 10.0, per=per), clock=now)
        await admitted(limiter, 1, "users")
        return (await admitted(limiter, 1, "conversations"))[0]

    assert run(calls()) == pytest.approx(second)


def test_a_tier_has_a_limit_of_its_own() -> None:
    """Another figure for an endpoint is another count."""

    async def calls() -> tuple[float, float]:
        limiter = Limiter(RateDialect(60, 60.0, per="path", tiers={"slow": 1}), burst=0.0, clock=now)
        return max(await admitted(limiter, 2, "slow")), max(await admitted(limiter, 2, "fast"))

    slow, fast = run(calls())
    assert (slow, fast - slow) == (pytest.approx(60.0), pytest.approx(1.0))


def test_points_are_not_guessed() -> None:
    """What a query costs is known only from its answer, so nothing is counted before."""
    dialect = RateDialect(1000, 1.0, quotas=(Quota("complexity", 1, 3600.0, counts="points"),))

    async def calls() -> float:
        return max(await admitted(Limiter(dialect, clock=now), 5))

    assert run(calls()) == 0.0


STATED = RateDialect(100, 60.0, headers={"x-remaining": "remaining", "x-reset": "reset_seconds"}, retry_after=False)


def answer(status: int = 200, **headers: str) -> httpx.Response:
    date = {"date": "Thu, 01 Jan 1970 00:16:40 GMT"}  # 1000 s
    return httpx.Response(status, headers={**date, **{name.replace("_", "-"): text for name, text in headers.items()}})


@pytest.mark.parametrize(
    ("response", "wait"),
    [
        (answer(x_remaining="0", x_reset="1030"), 30.0),
        (answer(x_remaining="1", x_reset="1030"), 0.0),
        (answer(429, retry_after="5"), 5.0),
        (answer(429, retry_after="0.5"), 0.5),
        (answer(), 0.0),
    ],
    ids=["nothing left", "one left", "refused", "refused for a moment", "says nothing"],
)
def test_what_the_platform_states_is_heeded(response: httpx.Response, wait: float) -> None:
    """Where an answer says that nothing is left, everybody waits until its reset, whatever was counted here."""

    async def calls() -> float:
        limiter = Limiter(STATED, clock=now)
        limiter.learn("calls", response)
        return (await admitted(limiter, 1, "users"))[0]

    assert run(calls()) == pytest.approx(wait)


def test_a_pause_of_one_path_leaves_the_others_alone() -> None:
    """Where paths are counted apart, they are refused apart."""

    async def calls() -> list[float]:
        limiter = Limiter(RateDialect(100, 1.0, per="path"), clock=now)
        limiter.pause("users", 30.0)
        return await admitted(limiter, 1, "calls") + await admitted(limiter, 1, "users")

    assert run(calls()) == [0.0, pytest.approx(30.0)]


def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    """Of two waits the longer counts; when it is over it is forgotten."""

    async def calls() -> list[float]:
        limiter = Limiter(RateDialect(100, 1.0), clock=now)
        limiter.pause("a", 30.0)
        limiter.pause("b", 5.0)
        return await admitted(limiter, 1) + await admitted(limiter, 1)

    assert run(calls()) == [pytest.approx(30.0), pytest.approx(30.0)]


def test_what_a_platform_states_keeps_nobody_out_for_ever() -> None:
    """A wrong figure, however large, holds for a day at most."""

    async def calls() -> list[float]:
        limiter = Limiter(RateDialect(100, 1.0), clock=now)
        limiter.pause("calls", math.inf)
        return await admitted(limiter, 1)

    assert run(calls()) == [pytest.approx(86_400.0)]


def test_an_impatient_caller_is_told_at_once() -> None:
    """The error says whose limit it is and how long it lasts."""

    async def calls() -> None:
        limiter = Limiter(RateDialect(100, 1.0), name="gong", clock=now)
        limiter.pause("", 30.0)
        with pytest.raises(RateLimited, match=r"gong/calls: the rate limit is used up; wait 30 s") as caught:
            await limiter.wait("calls", patience=30.0)
        assert (caught.value.retry_after, now()) == (30.0, 0.0)

    run(calls())


def test_the_next_event_loop_does_not_begin_a_new_burst() -> None:
    """What was used in one loop is used in the next one too, and nothing warns."""
    clock = {"now": 0.0}
    limiter = Limiter(RateDialect(10, 10.0), burst=0.5, clock=lambda: clock["now"])
    clock["now"] = 100.0
    first = run(admitted(limiter, 5), start=100.0)
    clock["now"] = 101.0
    second = run(admitted(limiter, 5), start=101.0)
    assert first == [100.0] * 5
    assert second[0] > 101.0
    assert most_in_a_window(first + second, 10.0) <= 10


def test_a_later_event_loop_has_its_burst() -> None:
    """What was used long ago is free again, in another loop too."""
    clock = {"now": 0.0}
    limiter = Limiter(RateDialect(10, 10.0), burst=0.5, clock=lambda: clock["now"])
    run(admitted(limiter, 5))
    clock["now"] = 1000.0
    assert run(admitted(limiter, 5), start=1000.0) == [1000.0] * 5


def test_what_is_left_of_a_burst_is_left_in_the_next_event_loop() -> None:
    """Three of five were used, so two go at once and the third waits."""
    limiter = Limiter(RateDialect(10, 10.0), burst=0.5, clock=lambda: 0.0)
    run(admitted(limiter, 3))
    assert [each > 0 for each in run(admitted(limiter, 3))] == [False, False, True]


def test_a_wait_is_one_request_unless_more_are_said() -> None:
    """Without a block, too, one turn is taken, or as many as are asked for."""

    async def calls() -> list[float]:
        limiter, found = Limiter(RateDialect(1, 10.0), clock=now), []
        for requests in (1, 2):
            await limiter.wait("calls", requests=requests)
            found.append(now())
        return found

    assert run(calls()) == [0.0, pytest.approx(20.0)]


@pytest.mark.parametrize("burst", [-0.1, 1.1, math.nan])
def test_a_burst_is_a_share(burst: float) -> None:
    """More than the limit can never be given."""
    with pytest.raises(ConfigurationError, match="burst"):
        Limiter(RateDialect(1, 1.0), burst=burst)
