"""Clocks that are wrong for a while, and set right."""

from __future__ import annotations

import asyncio

import pytest

from bi_contracts.health import Settings, State
from bi_contracts.health.burn import DAY, Budget

from .making import DOWN, START, UP, World, settings

MONTH = 30 * DAY


@pytest.mark.parametrize("jump", [-DAY, MONTH, -MONTH])
def test_a_pause_is_never_longer_than_the_interval(jump: float) -> None:
    """A clock that is set while platforms are asked must not put the watch to sleep for a day."""
    world, slept = World(), list[float]()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.sleep(0)

    probe = world.monitor.probe

    async def probing() -> object:
        world.now += jump
        return await probe()

    world.monitor.probe = probing  # type: ignore[assignment]
    world.states["gong"] = UP
    asyncio.run(world.monitor.watch(rounds=3, sleep=sleep))
    assert all(0 <= one <= world.settings.interval for one in slept)
    assert len(slept) == 2


def test_what_is_seen_after_a_clock_ran_ahead_is_counted() -> None:
    """One look in a month to come must not make a month of looks too old to be kept."""
    world = World(settings=settings(objective=0.99))
    world.look(UP, after=MONTH)
    world.looks([UP, DOWN, UP], after=-MONTH / 2)
    world.now = START
    world.looks([UP] * 5)
    budget = world.monitor.memory.budgets["gong"]
    assert budget.count(world.now, 3600) == (5, 0)


def test_slices_to_come_are_forgotten_and_no_others() -> None:
    """The slice that is under way stays, and the next one, for clocks are never quite the same."""
    budget = Budget().add(START, UP).add(START + 60, UP)
    assert budget.until(START) == budget
    assert budget.add(START + MONTH, UP).until(START).minutes.count(START, 3600) == (0, 0)


def test_a_channel_that_asked_to_wait_is_not_waited_for_until_the_clock_catches_up() -> None:
    """It asked for a minute; then the clock was set back by a day."""
    world = World(settings=settings(failures=1, remind=0))
    world.chat.refuse, world.chat.wait = True, 60.0
    world.looks([UP, DOWN])
    world.chat.refuse = False
    world.look(DOWN, after=-DAY)
    assert world.chat.kinds == ["opened"]


def test_reminders_go_on_after_a_clock_was_set_back() -> None:
    """What was told in a day to come was told by a clock that was wrong."""
    world = World(settings=settings(failures=1, remind=3600))
    world.looks([UP, DOWN])
    world.look(DOWN, after=-DAY)
    world.look(DOWN, after=60)
    assert world.chat.kinds == ["opened", "reminder"]


def test_evidence_from_the_future_is_no_fresh_evidence() -> None:
    """Regression row: never healthy without fresh evidence. A page that is drawn a day before it knows nothing."""
    look = World(settings=Settings(objective=0)).look(UP)
    (row,) = look.rows(look.at - DAY)
    assert row.state is State.UNKNOWN
