"""Who is told what, and when."""

from __future__ import annotations

import pytest

from bi_contracts.health import Settings
from bi_contracts.health.maintenance import Window
from bi_contracts.health.wiring import Wiring

from .making import DEGRADED, DOWN, START, UNKNOWN, UP, Taking, World, settings


def test_one_message_tells_of_a_confirmed_change() -> None:
    """Three bad answers, one message; more of them, no more messages."""
    world = World()
    world.looks([UP, UP, DOWN, DOWN])
    assert world.chat.taken == []
    world.looks([DOWN, DOWN, DOWN, DOWN])
    (message,) = world.chat.taken
    assert (message.kind, message.level, message.title) == ("opened", "critical", "gong is down")
    assert message.text == "server error: HTTP 503"


def test_the_end_is_told_with_its_duration() -> None:
    """Send on resolved: the same key, `info`, and how long it lasted."""
    world = World()
    world.looks([UP, DOWN, DOWN, DOWN, DOWN, UP, UP])
    opened, resolved = world.chat.taken
    assert (resolved.kind, resolved.level, resolved.key) == ("resolved", "info", opened.key)
    assert resolved.duration == 180
    assert resolved.title == "gong is up again after 3 min"


def test_a_platform_that_was_always_well_is_no_news() -> None:
    """The first evidence that all is well is told to nobody."""
    world = World()
    world.looks([UP, UP, UP])
    assert world.chat.taken == []


def test_a_platform_of_which_nothing_was_ever_known_is_no_news() -> None:
    """Credentials that were never set are shown and not sent."""
    world = World()
    world.looks([UNKNOWN, UNKNOWN])
    assert world.chat.taken == []


def test_what_becomes_unknown_is_a_warning() -> None:
    """Nobody knows how it is any more: the variable's name says why."""
    world = World()
    world.looks([UP, UNKNOWN])
    (message,) = world.chat.taken
    assert (message.level, message.label) == ("warning", "unknown")
    assert message.text == "not set: GONG_ACCESS_KEY is not set"


def test_getting_worse_is_one_message_on_the_same_key() -> None:
    """Degraded that becomes down is a change, and no second alarm."""
    world = World()
    world.looks([UP, DEGRADED, DEGRADED, DEGRADED, DOWN, DOWN, DOWN])
    first, second = world.chat.taken
    assert (first.kind, first.level, first.label) == ("opened", "warning", "degraded")
    assert (second.kind, second.level, second.label) == ("changed", "critical", "down")
    assert first.key == second.key == "gong/state"
    assert second.began == first.began


@pytest.mark.parametrize(("every", "expected"), [(0, 0), (120, 5), (180, 3), (600, 1), (10_000, 0)])
def test_reminders_come_in_their_interval(every: float, expected: int) -> None:
    """Ten minutes after the alarm there were as many reminders as fit; 0 is none."""
    world = World(settings=settings(remind=every, failures=1))
    world.look(UP)
    world.looks([DOWN] * 11)
    assert world.chat.kinds == ["opened", *["reminder"] * expected]


def test_a_long_gap_is_one_reminder() -> None:
    """Whoever did not look for an hour is not told the same ten times."""
    world = World(settings=settings(remind=60, failures=1, max_age=100_000))
    world.looks([UP, DOWN])
    world.look(DOWN, after=3600)
    assert world.chat.kinds == ["opened", "reminder"]
    assert world.chat.taken[-1].title == "gong is still down after 1 h (reminder 1)"


def test_flapping_below_the_threshold_is_silent() -> None:
    """Up and down in turn for an hour: nobody is told anything."""
    world = World()
    world.looks([UP, DOWN] * 30)
    assert world.chat.taken == []


def test_maintenance_is_silent() -> None:
    """In a window nobody hears of an outage; who is still out afterwards is told of."""
    window = Window("go*", START + 100, START + 400)
    world = World(settings=settings(failures=1, maintenance=(window,)))
    looks = world.looks([UP, DOWN, DOWN, DOWN])
    assert [row.state.value for row in looks[-1].rows()] == ["maintenance"]
    assert world.chat.taken == []
    world.looks([DOWN, DOWN, DOWN])
    assert world.chat.kinds == ["opened"]


def test_an_alarm_before_maintenance_is_ended_after_it() -> None:
    """What was told before the window and mended in it is told to be over."""
    window = Window("*", START + 150, START + 400)
    world = World(settings=settings(failures=1, successes=1, maintenance=(window,)))
    world.looks([UP, DOWN, UP, UP, UP])
    assert world.chat.kinds == ["opened"]
    world.looks([UP, UP])
    assert world.chat.kinds == ["opened", "resolved"]


def two(least: str) -> tuple[Settings, dict[str, Taking]]:
    """One channel that hears everything, and one that hears what is at least so bad."""
    wirings = (Wiring("chat", "slack"), Wiring("pager", "webhook", least))
    return settings(failures=1, successes=1, channels=wirings), {"chat": Taking(), "pager": Taking()}


def test_a_channel_hears_what_is_bad_enough_and_its_end() -> None:
    """Degraded is not for the pager, down is; and whoever was told is told the end."""
    given, channels = two("critical")
    world = World(settings=given, channels=channels)
    world.looks([UP, DEGRADED, UP])
    assert channels["pager"].kinds == []
    world.looks([DEGRADED, DOWN, UP])
    assert channels["pager"].kinds == ["changed", "resolved"]
    assert channels["chat"].kinds == ["opened", "resolved", "opened", "changed", "resolved"]


def test_a_channel_hears_of_its_platforms_only() -> None:
    """Names and globs choose whose messages go where."""
    wirings = (Wiring("chat", "slack", platforms=("hub*",)),)
    world = World(names=("gong", "hubspot"), settings=settings(failures=1, channels=wirings))
    world.look(UP)
    world.look(DOWN)
    assert [one.platform for one in world.chat.taken] == ["hubspot"]


def test_messages_of_a_sandbox_say_so() -> None:
    """A drill is never taken for an outage."""
    world = World(settings=settings(failures=1), options={"mode": "sandbox"})

    async def probe() -> list[object]:
        from .making import evidence

        return [evidence(state, world.now, source="sandbox") for state in world.states.values()]

    world.monitor.probe = probe  # type: ignore[assignment]
    world.looks([UP, DOWN])
    (message,) = world.chat.taken
    assert (message.title, message.key) == ("[sandbox] gong is down", "sandbox/gong/state")


def test_a_change_of_the_configuration_is_told_once() -> None:
    """Info: what is watched otherwise than before. The first configuration is no change."""
    world = World()
    world.look(UP)
    assert world.chat.taken == []
    world.settings = settings(failures=1)
    world.started(world.monitor.memory)
    world.looks([UP, UP])
    (message,) = world.chat.taken
    assert (message.kind, message.level, message.text) == ("notice", "info", "changed: platforms")


def burning_world(**changes: object) -> World:
    return World(settings=settings(objective=0.99, minimum=10, minimum_bad=2, remind=0, **changes))


def test_failures_too_short_to_confirm_burn_the_budget() -> None:
    """One probe in five fails, never three in a row: no outage, and the budget is gone in hours all the same."""
    world = burning_world()
    world.looks([UP, UP, UP, UP, DOWN] * 12)
    assert [one.key for one in world.chat.taken] == ["gong/burn"]
    assert world.chat.taken[0].title == "gong is burning its error budget fast"
    assert "14.4x over 1 h and 5 min" in world.chat.taken[0].text
    world.looks([UP] * 80, after=300)
    assert world.chat.kinds[-1] == "resolved"
    assert world.chat.taken[-1].title.startswith("gong is within its error budget again after")


def test_an_outage_that_burns_is_one_message_at_the_look_that_confirms_it() -> None:
    """A budget that burns at the very look that confirms an outage is not told beside it."""
    world = World(settings=settings(objective=0.99, minimum=3, minimum_bad=3, remind=0, failures=4))
    world.looks([UP, UP, DOWN, DOWN, DOWN, DEGRADED])
    assert [one.key for one in world.chat.taken] == ["gong/state"]


def test_an_outage_is_not_told_twice() -> None:
    """What an outage burns was told with the outage: neither while it lasts nor after it is there another alarm."""
    world = burning_world()
    world.looks([UP] * 12 + [DOWN] * 12 + [UP] * 120, after=300)
    assert [(one.key, one.kind) for one in world.chat.taken] == [("gong/state", "opened"), ("gong/state", "resolved")]
