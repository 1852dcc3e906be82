"""When a breaker opens, whom it lets through, and how it closes."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from bi_contracts.errors import ApiError, BreakerOpen, ConfigurationError, Unauthorized
from bi_contracts.resilience import Breaker, Breakers, CircuitBreakerConfig, State, Transition


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def opened(clock: Clock, **settings: Any) -> Breaker:
    breaker = Breaker("gong", CircuitBreakerConfig(**{"failure_threshold": 1, **settings}), clock=clock)
    breaker.fail(breaker.acquire())
    return breaker


def refused(breaker: Breaker) -> bool:
    try:
        breaker.acquire()
    except BreakerOpen:
        return True
    return False


def test_the_names_of_the_seed_are_positional_too() -> None:
    """`CircuitBreakerConfig(5, 60, Exception)` and its keywords mean the same, and are the defaults."""
    assert CircuitBreakerConfig(5, 60, Exception) == CircuitBreakerConfig()


def test_the_defaults_are_those_of_the_documentation() -> None:
    """Whoever relies on a default finds out here that it changed."""
    found = CircuitBreakerConfig()
    assert (found.window, found.size, found.minimum_calls, found.failure_rate) == ("count", 100, 10, 0.5)
    assert (found.slow_call_rate, found.slow_call_seconds, found.half_open_permits) == (1.0, 60.0, 1)


def test_failures_in_a_row_open_it() -> None:
    """So many in a row open it, and no earlier."""
    breaker = Breaker(config=CircuitBreakerConfig(failure_threshold=3))
    for _ in range(2):
        breaker.fail(breaker.acquire())
    assert breaker.state is State.CLOSED
    breaker.fail(breaker.acquire())
    assert breaker.state is State.OPEN


def test_a_success_ends_the_row() -> None:
    """What counts is a row, not a sum over all time."""
    breaker = Breaker(config=CircuitBreakerConfig(failure_threshold=2))
    for _ in range(4):
        breaker.fail(breaker.acquire())
        breaker.succeed(breaker.acquire())
    assert breaker.state is State.CLOSED


def test_a_rate_says_nothing_before_the_minimum_of_calls() -> None:
    """Nine failures of nine do not open it where ten calls are the minimum; the tenth does."""
    breaker = Breaker(config=CircuitBreakerConfig(failure_threshold=0, minimum_calls=10))
    for _ in range(9):
        breaker.fail(breaker.acquire())
    assert breaker.state is State.CLOSED
    breaker.fail(breaker.acquire())
    assert breaker.state is State.OPEN


def test_the_rate_is_met_exactly() -> None:
    """7 of 100 is a rate of 0.07, whatever binary fractions make of it."""
    config = CircuitBreakerConfig(failure_threshold=0, minimum_calls=100, failure_rate=0.07)
    breaker = Breaker(config=config)
    for _ in range(7):
        breaker.fail(breaker.acquire())
    for _ in range(93):
        breaker.succeed(breaker.acquire())
    assert breaker.state is State.OPEN


def test_slow_calls_open_it_though_they_succeed() -> None:
    """A service that answers too late is not well either."""
    config = CircuitBreakerConfig(minimum_calls=4, slow_call_rate=0.5, slow_call_seconds=1.0)
    breaker = Breaker(config=config)
    for seconds in (0.9, 1.0, 0.1, 5.0):
        breaker.succeed(breaker.acquire(), seconds)
    assert breaker.state is State.OPEN


def test_a_failure_may_be_slow_too() -> None:
    """One call can be both."""
    breaker = Breaker(config=CircuitBreakerConfig(slow_call_seconds=1.0))
    breaker.fail(breaker.acquire(), 2.0)
    assert (breaker.figures.failed, breaker.figures.slow) == (1, 1)


def test_calls_leave_a_window_of_seconds_as_they_grow_old() -> None:
    """What failed more than `size` seconds ago is forgotten."""
    clock = Clock()
    config = CircuitBreakerConfig(failure_threshold=0, window="time", size=10, minimum_calls=4)
    breaker = Breaker(config=config, clock=clock)
    for _ in range(3):
        breaker.fail(breaker.acquire())
    clock.now = 10.0
    breaker.fail(breaker.acquire())
    assert (breaker.state, breaker.figures.calls) == (State.CLOSED, 1)


def test_an_open_one_refuses_and_says_when_to_come_back() -> None:
    """Nobody is asked, and the error says for how long."""
    clock = Clock()
    breaker = opened(clock, recovery_timeout=60.0)
    clock.now = 20.0
    with pytest.raises(BreakerOpen, match=r"gong: not asked.*tried again in 40 s") as caught:
        breaker.acquire()
    assert (caught.value.retry_in, breaker.retry_in, breaker.figures.refused) == (40.0, 40.0, 1)


@pytest.mark.parametrize("permits", [1, 7, 100])
def test_exactly_so_many_of_a_hundred_probes_at_once_are_let_through(permits: int) -> None:
    """A half-open breaker admits as many calls as it has permits: not one more, not one less."""
    clock = Clock()
    breaker = opened(clock, half_open_permits=permits)
    clock.now = 60.0
    inside = asyncio.Event()

    async def probe() -> bool:
        try:
            breaker.acquire()
        except BreakerOpen:
            return False
        await inside.wait()
        return True

    async def everybody() -> list[bool]:
        tasks = [asyncio.create_task(probe()) for _ in range(100)]
        await asyncio.sleep(0)
        inside.set()
        return await asyncio.gather(*tasks)

    assert sum(asyncio.run(everybody())) == permits


def test_threads_are_counted_as_tasks_are() -> None:
    """Exactly so many of a hundred calls from eight threads are let through."""
    clock = Clock()
    breaker = opened(clock, half_open_permits=7)
    clock.now = 60.0
    with ThreadPoolExecutor(8) as pool:
        turned_away = list(pool.map(lambda _: refused(breaker), range(100)))
    assert turned_away.count(False) == 7


def test_a_permit_that_was_given_back_is_another_callers() -> None:
    """A cancelled probe leaves its place to the next."""
    clock = Clock()
    breaker = opened(clock)
    clock.now = 60.0
    token = breaker.acquire()
    assert refused(breaker)
    breaker.release(token)
    assert not refused(breaker)


def test_it_closes_when_its_probes_went_well() -> None:
    """All permits must have been used before it closes."""
    clock = Clock()
    breaker = opened(clock, half_open_permits=2)
    clock.now = 60.0
    first, second = breaker.acquire(), breaker.acquire()
    breaker.succeed(first)
    assert breaker.state is State.HALF_OPEN
    breaker.succeed(second)
    assert breaker.state is State.CLOSED


def test_it_opens_again_as_soon_as_its_probes_cannot_go_well_any_more() -> None:
    """One of two has failed, which is the rate: the other need not be waited for."""
    clock = Clock()
    breaker = opened(clock, half_open_permits=2)
    clock.now = 60.0
    first, _ = breaker.acquire(), breaker.acquire()
    breaker.fail(first)
    assert (breaker.state, breaker.retry_in) == (State.OPEN, 60.0)


def test_slow_probes_open_it_again() -> None:
    """Half-open, a slow answer is judged as it is when closed."""
    clock = Clock()
    breaker = opened(clock, slow_call_seconds=1.0)
    clock.now = 60.0
    breaker.succeed(breaker.acquire(), 2.0)
    assert breaker.state is State.OPEN


def test_a_call_that_began_before_it_opened_does_not_decide_after() -> None:
    """A late answer from before says nothing about whether the service is back."""
    clock = Clock()
    config = CircuitBreakerConfig(failure_threshold=1)
    breaker = Breaker(config=config, clock=clock)
    late, failing = breaker.acquire(), breaker.acquire()
    breaker.fail(failing)
    clock.now = 60.0
    probe = breaker.acquire()
    breaker.succeed(late)
    breaker.release(late)
    assert (breaker.state, refused(breaker)) == (State.HALF_OPEN, True)
    breaker.succeed(probe)
    assert breaker.state is State.CLOSED


def test_looking_takes_no_permit() -> None:
    """`check` says whether a call would be refused and changes nothing."""
    clock = Clock()
    breaker = opened(clock)
    with pytest.raises(BreakerOpen):
        breaker.check()
    clock.now = 60.0
    breaker.check()
    assert breaker.state is State.OPEN
    breaker.acquire()
    with pytest.raises(BreakerOpen, match="waits for a trial call"):
        breaker.check()


def test_forced_open_refuses_until_it_is_reset() -> None:
    """A person's word holds longer than any timeout."""
    clock = Clock()
    breaker = Breaker(clock=clock)
    breaker.force_open()
    clock.now = 1e9
    with pytest.raises(BreakerOpen, match="by hand"):
        breaker.acquire()
    breaker.reset()
    assert not refused(breaker)


def test_disabled_lets_everything_through() -> None:
    """It counts nothing, so it never opens."""
    breaker = Breaker(config=CircuitBreakerConfig(failure_threshold=1))
    breaker.disable()
    breaker.check()
    for _ in range(5):
        breaker.fail(breaker.acquire())
    assert (breaker.state, breaker.figures.calls) == (State.DISABLED, 0)


def test_every_change_of_state_is_told_with_its_reason() -> None:
    """A listener hears who went where, when, and why."""
    clock, heard = Clock(), list[Transition]()
    breaker = Breaker("gong", CircuitBreakerConfig(failure_threshold=2), clock=clock, listener=heard.append)
    for _ in range(2):
        breaker.fail(breaker.acquire())
    clock.now = 60.0
    breaker.succeed(breaker.acquire())
    assert heard == [
        Transition("gong", State.CLOSED, State.OPEN, 0.0, "2 failures in a row"),
        Transition("gong", State.OPEN, State.HALF_OPEN, 60.0, "60 s have passed"),
        Transition("gong", State.HALF_OPEN, State.CLOSED, 60.0, "1 trial calls went well"),
    ]


def test_what_people_switch_is_told_too() -> None:
    """By hand is a reason like others."""
    heard: list[Transition] = []
    breaker = Breaker("gong", clock=Clock(5.0), listener=heard.append)
    breaker.force_open()
    assert heard == [Transition("gong", State.CLOSED, State.FORCED_OPEN, 5.0, "by hand")]


def test_a_listener_that_fails_harms_no_call(caplog: pytest.LogCaptureFixture) -> None:
    """What it raises is logged; the breaker goes on."""

    def listener(_: Transition) -> None:
        raise ZeroDivisionError

    breaker = Breaker("gong", CircuitBreakerConfig(failure_threshold=1), listener=listener)
    breaker.fail(breaker.acquire())
    assert breaker.state is State.OPEN
    assert "listener of circuit breaker gong" in caplog.text


def test_nobody_need_listen(caplog: pytest.LogCaptureFixture) -> None:
    """Without a listener a change of state is nobody's error."""
    breaker = Breaker(config=CircuitBreakerConfig(failure_threshold=1))
    breaker.fail(breaker.acquire())
    assert caplog.text == ""


def test_a_listener_may_ask_the_breaker() -> None:
    """It is told outside the lock."""
    seen: list[State] = []
    breaker = Breaker(
        config=CircuitBreakerConfig(failure_threshold=1), listener=lambda _: seen.append(breaker.figures.state)
    )
    breaker.fail(breaker.acquire())
    assert seen == [State.OPEN]


def test_only_what_is_expected_and_counts_is_a_failure() -> None:
    """`expected_exception` narrows, and a refused credential never counts."""
    config = CircuitBreakerConfig(expected_exception=ApiError)
    assert config.is_failure(ApiError("down", status=500))
    assert not config.is_failure(TimeoutError())
    assert not CircuitBreakerConfig().is_failure(Unauthorized("no", status=401))
    assert CircuitBreakerConfig(counts=lambda _: True).is_failure(Unauthorized("no", status=401))


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": 0},
        {"minimum_calls": 0},
        {"half_open_permits": 0},
        {"failure_threshold": -1},
        {"recovery_timeout": float("nan")},
        {"failure_rate": 0.0},
        {"slow_call_rate": 1.1},
        {"window": "week"},
    ],
    ids=str,
)
def test_figures_that_cannot_be_meant_are_refused(wrong: dict[str, Any]) -> None:
    """A breaker that could never work is not made."""
    with pytest.raises(ConfigurationError, match="circuit breaker"):
        CircuitBreakerConfig(**wrong)


def test_what_a_breaker_has_seen_lasts_longer_than_a_call() -> None:
    """Regression: breaker state survives across calls, and across event loops."""
    breakers = Breakers(CircuitBreakerConfig(failure_threshold=2))

    async def failing_call() -> None:
        breaker = breakers.of("gong")
        breaker.fail(breaker.acquire())

    asyncio.run(failing_call())
    asyncio.run(failing_call())
    assert breakers.states() == {"gong": State.OPEN}
    assert breakers.of("gong") is breakers.of("gong")


def test_a_breaker_may_have_settings_of_its_own() -> None:
    """One platform is judged otherwise than the others."""
    breakers = Breakers(configs={"slack": CircuitBreakerConfig(failure_threshold=1)})
    assert breakers.of("slack").config.failure_threshold == 1
    assert breakers.of("gong").config == CircuitBreakerConfig()
    assert [each.name for each in breakers] == ["slack", "gong"]
