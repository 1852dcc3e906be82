"""What is given where there is no answer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bi_contracts.errors import ApiError, BreakerOpen, ConfigurationError, CredentialsMissing, Failure, UnknownEndpoint
from bi_contracts.resilience import (
    Breaker,
    Bypass,
    Degraded,
    Kept,
    LastGood,
    Mock,
    Policy,
    Recording,
    Result,
    RetryConfig,
    Source,
    Stale,
)

DOWN = ApiError("down", status=503)
ONCE = RetryConfig(max_attempts=1)


class Moment:
    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


async def well() -> list[int]:
    return [1, 2]


async def down() -> list[int]:
    raise DOWN


def fetched(fn: Any, *fallbacks: Any, **settings: Any) -> Result[Any]:
    return asyncio.run(Policy("gong", retry=ONCE).fetch(fn, fallbacks=fallbacks, **settings))


def test_an_answer_comes_as_it_is() -> None:
    """Where the platform answers, no fallback is asked."""
    assert fetched(well, Mock(lambda: [9])) == Result([1, 2], Source.LIVE)


def test_an_answer_is_from_whom_it_was_asked() -> None:
    """The sandbox's answer does not pass for the platform's."""
    assert fetched(well, source=Source.SANDBOX).source is Source.SANDBOX


def test_a_call_may_say_itself_what_its_answer_is() -> None:
    """A replay knows how old it is."""

    async def replayed() -> Result[list[int]]:
        return Result([1], Source.REPLAY, 3600.0)

    assert fetched(replayed) == Result([1], Source.REPLAY, 3600.0)


def test_upstream_down_is_never_a_success() -> None:
    """Regression: upstream down is never counted as a successful request; without fallbacks there is no value."""
    result = fetched(down)
    assert (result.ok, result.value, result.source, result.error) == (False, None, Source.UNAVAILABLE, DOWN)


@pytest.mark.parametrize(
    ("fallback", "value", "source"),
    [
        (Recording(lambda: _kept(Kept([7], 900.0)), now=lambda: 1000.0), [7], Source.STALE),
        (Mock(lambda: [9]), [9], Source.MOCK),
        (Mock(lambda: _kept([9])), [9], Source.MOCK),
        (Degraded([]), [], Source.DEGRADED),
        (Bypass(), None, Source.BYPASSED),
    ],
    ids=["recording", "mock", "asynchronous mock", "degraded", "bypass"],
)
def test_a_fallback_is_marked_as_what_it_is(fallback: Any, value: Any, source: Source) -> None:
    """Regression: mock results are marked. Each gives its value with its own source, and none is a success."""
    result = fetched(down, fallback)
    assert (result.value, result.source, result.ok) == (value, source, False)


async def _kept(value: Any) -> Any:
    return value


def test_all_but_the_bypass_say_what_went_wrong() -> None:
    """The error stays with the value; who goes without on purpose has none."""
    assert fetched(down, Degraded([])).error is DOWN
    assert fetched(down, Bypass()).error is None


def test_the_last_good_answer_is_kept_without_asking_for_it() -> None:
    """An answer that came by once is there when it is needed, with its age."""
    moment = Moment()
    store = LastGood(now=moment)
    assert fetched(well, Stale(store, "gong/calls")).ok
    moment.now += 90.0
    result = fetched(down, Stale(store, "gong/calls"))
    assert (result.value, result.source, result.age) == ([1, 2], Source.STALE, 90.0)


def test_a_stale_answer_is_still_there_when_the_fallback_reads_it() -> None:
    """Regression: a cache that throws away what is older than its TTL has nothing when it is needed most."""
    moment = Moment()
    store = LastGood(now=moment)
    fetched(well, Stale(store, "gong/calls"))
    moment.now += 7 * 86_400.0
    assert store.fresh("gong/calls", ttl=60.0) is None
    assert fetched(down, Stale(store, "gong/calls")).age == 7 * 86_400.0


def test_what_is_not_an_answer_is_never_kept_as_one() -> None:
    """A made-up value must not come back later as the last good one."""
    store = LastGood()

    async def stale() -> Result[list[int]]:
        return Result([9], Source.MOCK, 0.0, DOWN)

    fetched(down, Stale(store, "k"), Mock(lambda: [9]))
    fetched(stale, Stale(store, "k"))
    assert store.get("k") is None


def test_a_replayed_answer_is_kept_with_its_age() -> None:
    """An hour old when it came is two hours old an hour later."""
    moment = Moment(10_000.0)
    store = LastGood(now=moment)

    async def replayed() -> Result[list[int]]:
        return Result([1], Source.REPLAY, 3600.0)

    fetched(replayed, Stale(store, "k"))
    moment.now += 3600.0
    assert fetched(down, Stale(store, "k")).age == 7200.0


def test_fallbacks_are_tried_as_given_and_each_failure_is_noted() -> None:
    """The first that has something is taken; the notes say what was tried before."""

    def broken() -> Any:
        raise ZeroDivisionError

    result = fetched(down, Stale(LastGood(), "k"), Mock(broken), Degraded([]), Mock(lambda: [9]))
    assert result.source is Source.DEGRADED
    assert result.notes == ("asked: service", "stale: nothing kept", "mock: ZeroDivisionError")


def test_where_no_fallback_has_anything_the_first_error_stands() -> None:
    """What is unavailable says why it was asked in vain, not why a fallback failed."""
    result = fetched(down, Stale(LastGood(), "k"))
    assert (result.source, result.error, result.notes) == (
        Source.UNAVAILABLE,
        DOWN,
        ("asked: service", "stale: nothing kept"),
    )


@pytest.mark.parametrize(
    "trouble",
    [TimeoutError(), CredentialsMissing("gong", ["GONG_ACCESS_KEY"]), Failure("a finding"), UnknownEndpoint("a/b", [])],
    ids=lambda error: type(error).__name__,
)
def test_trouble_of_any_kind_becomes_a_result(trouble: Exception) -> None:
    """Whoever fetches gets a result and not an exception."""

    async def fn() -> None:
        raise trouble

    assert fetched(fn).error is trouble


def test_an_open_breaker_becomes_a_result() -> None:
    """The fallback stands in while the platform is not asked."""
    guard = Breaker("gong")
    guard.force_open()
    result = asyncio.run(Policy("gong", breaker=guard).fetch(well, fallbacks=[Degraded([])]))
    assert result.source is Source.DEGRADED
    assert isinstance(result.error, BreakerOpen)


def test_a_mistake_in_the_program_is_not_covered_up() -> None:
    """A TypeError is nobody's outage: no fallback hides it."""

    async def fn() -> None:
        raise TypeError("a mistake")

    with pytest.raises(TypeError):
        fetched(fn, Mock(lambda: [9]))


def test_cancellation_is_not_covered_up() -> None:
    """Whoever cancels wants no fallback."""

    async def calls() -> None:
        async def hang() -> None:
            await asyncio.sleep(60)

        task = asyncio.create_task(Policy().fetch(hang, fallbacks=[Degraded([])]))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(calls())


def test_a_recording_that_does_not_exist_is_nothing() -> None:
    """The next fallback is asked."""
    assert fetched(down, Recording(lambda: _kept(None)), Degraded([])).source is Source.DEGRADED


def test_an_own_fallback_is_as_good_as_ours() -> None:
    """A name and two methods are all it takes."""

    class Yesterday:
        name = "yesterday"
        seen: list[Result[Any]] = []  # noqa: RUF012

        def learn(self, result: Result[Any]) -> None:
            self.seen.append(result)

        async def offer(self, error: Exception) -> Result[Any] | None:
            return Result([0], Source.STALE, 86_400.0, error)

    own = Yesterday()
    assert fetched(well, own).ok
    assert fetched(down, own).age == 86_400.0
    assert len(own.seen) == 1


# The store


def test_the_store_keeps_so_many_and_lets_go_of_what_nobody_wants() -> None:
    """What was neither kept nor read for longest goes first."""
    store = LastGood(capacity=2)
    store.keep("a", 1)
    store.keep("b", 2)
    store.get("a")
    store.keep("c", 3)
    assert [store.get(key) is not None for key in "abc"] == [True, False, True]
    assert len(store) == 2


def test_an_older_answer_does_not_replace_a_newer_one() -> None:
    """Answers may come in another order than they were given."""
    store = LastGood(now=lambda: 1000.0)
    store.keep("k", "new", at=900.0)
    store.keep("k", "old", at=800.0)
    assert store.get("k") == Kept("new", 900.0)


def test_fresh_is_what_is_no_older_than_the_ttl() -> None:
    """At the very age it still is fresh."""
    moment = Moment()
    store = LastGood(now=moment)
    store.keep("k", 1)
    moment.now += 60.0
    assert store.fresh("k", ttl=60.0) is not None
    moment.now += 0.1
    assert store.fresh("k", ttl=60.0) is None
    assert store.fresh("none", ttl=60.0) is None


def test_a_store_for_nothing_is_refused() -> None:
    """A capacity of 0 could never hold a last good answer."""
    with pytest.raises(ConfigurationError, match="capacity"):
        LastGood(capacity=0)
