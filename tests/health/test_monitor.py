"""The watch: looks, their rhythm, and what they remember."""

from __future__ import annotations

import asyncio

import pytest

from bi_contracts.errors import ConfigurationError, ExitCode
from bi_contracts.health import Look, Monitor, State
from bi_contracts.health.codec import decoded, encoded
from bi_contracts.health.incidents import KEPT
from bi_contracts.health.maintenance import Window
from bi_contracts.health.memory import Memory

from .making import DEGRADED, DOWN, START, UNKNOWN, UP, World, settings


def test_a_watch_begins_its_looks_in_their_interval() -> None:
    """The time that a look takes is part of the interval; after the last one nobody waits."""
    world = World()
    world.states["gong"] = UP
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        world.now += seconds

    probe = world.monitor.probe

    async def slowly() -> object:
        world.now += 7
        return await probe()

    world.monitor.probe = slowly  # type: ignore[assignment]
    looks: list[Look] = []
    asyncio.run(world.monitor.watch(looks.append, rounds=3, sleep=sleep))
    assert pauses == [53, 53]
    assert [look.at for look in looks] == [START + 7, START + 67, START + 127]


def test_a_watch_that_is_stopped_ends_between_two_looks() -> None:
    """Whoever interrupts waits for no interval."""
    world = World()
    world.states["gong"] = UP

    async def watch() -> int:
        stop, looks = asyncio.Event(), []

        def told(look: Look) -> None:
            looks.append(look)
            if len(looks) == 2:
                stop.set()

        async def sleep(_: float) -> None:
            await asyncio.sleep(0 if len(looks) < 2 else 3600)

        await asyncio.wait_for(world.monitor.watch(told, stop=stop, sleep=sleep), 60)
        return len(looks)

    assert asyncio.run(watch()) == 2


def test_a_memory_that_cannot_be_kept_silences_nobody() -> None:
    """A full disk is reported, and people are told all the same."""
    world = World(settings=settings(failures=1))

    def full(_: Memory) -> None:
        raise ConfigurationError("health.json: no space left")

    world.monitor.keep = full
    world.looks([UP, DOWN])
    assert world.chat.kinds == ["opened"]
    assert set(world.said) == {"health.json: no space left"}


def test_states_survive_the_process() -> None:
    """Two failures before a restart and one after it are three in a row: a run by cron has a memory."""
    world = World()
    world.looks([UP, DOWN, DOWN])
    world.started(decoded(Memory, encoded(world.monitor.memory)))
    look = world.look(DOWN)
    assert [change.after for change in look.changes] == [DOWN]
    assert world.chat.kinds == ["opened"]


def test_a_platform_that_is_not_watched_this_time_keeps_its_state() -> None:
    """A run for one platform forgets and ends nothing of the others."""
    world = World(names=("gong", "slack"), settings=settings(failures=1, successes=1))
    world.look(DOWN)
    world.names = ("gong",)
    world.started(world.monitor.memory)
    world.look(UP)
    assert world.monitor.memory.standings["slack"].state is DOWN
    assert "slack/state" in world.monitor.memory.ledger


def test_exit_codes_say_what_was_found() -> None:
    """0 all up, 1 some are not, 4 none is, 5 nobody could be asked."""
    world = World(names=("gong", "slack"), settings=settings(failures=3))
    for states, expected in (
        ((UP, UP), ExitCode.GOOD),
        ((UP, DOWN), ExitCode.FINDINGS),
        ((UP, DEGRADED), ExitCode.FINDINGS),
        ((DOWN, DOWN), ExitCode.UPSTREAM),
        ((UNKNOWN, UP), ExitCode.FINDINGS),
        ((UNKNOWN, UNKNOWN), ExitCode.NOTHING_RAN),
    ):
        assert world.look(*states).exit_code is expected, states


def test_a_platform_without_credentials_does_not_fail_the_others() -> None:
    """What was not asked is neither good nor bad; overall it is not healthy."""
    look = World(names=("gong", "slack")).look(UNKNOWN, UP)
    assert (look.exit_code, look.overall()) == (ExitCode.GOOD, "unknown")


def test_maintenance_counts_for_nothing() -> None:
    """A platform that fails in its window fails no run; where all are in theirs, nothing ran."""
    world = World(names=("gong", "slack"), settings=settings(maintenance=(Window("gong", START, START + 600),)))
    assert world.look(DOWN, UP).exit_code is ExitCode.GOOD
    world = World(settings=settings(maintenance=(Window("*", START, START + 600),)))
    look = world.look(UP)
    assert (look.exit_code, look.overall()) == (ExitCode.NOTHING_RAN, "unknown")


def test_one_failed_probe_is_no_alarm_and_no_good_exit() -> None:
    """Upstream down is never counted healthy: what is not confirmed yet is seen in the table and in the exit code."""
    world = World()
    look = world.looks([UP, DOWN])[-1]
    (row,) = look.rows()
    assert (row.state, look.overall(), look.exit_code) == (DOWN, "unhealthy", ExitCode.UPSTREAM)
    assert row.words == "server error: HTTP 503; 1 of 3 bad answers"
    assert world.chat.taken == []


def test_a_platform_that_comes_back_says_how_far_it_is() -> None:
    """Confirmed down and one good answer: still down, and why."""
    (row,) = World().looks([DOWN, UP])[-1].rows()
    assert (row.state, row.words) == (DOWN, "server error: HTTP 503; 1 of 2 better answers")


def test_what_gets_worse_says_what_was_seen_last() -> None:
    """Confirmed degraded and one failed answer: the failure, and how far it is from being confirmed."""
    (row,) = World().looks([DEGRADED, DOWN])[-1].rows()
    assert (row.state, row.words) == (DOWN, "server error: HTTP 503; 1 of 3 bad answers")


def test_what_gets_better_by_half_says_so() -> None:
    """Confirmed down and one late answer: still down."""
    (row,) = World().looks([DOWN, DEGRADED])[-1].rows()
    assert (row.state, row.words) == (DOWN, "server error: HTTP 503; 1 of 2 better answers")


def test_a_look_grows_old() -> None:
    """What is served later than it was seen shows the age, and beyond `max_age` that nothing is known."""
    look = World().look(UP)
    assert look.overall(look.at + 900) == "healthy"
    assert look.overall(look.at + 901) == "unknown"
    (row,) = look.rows(look.at + 3600)
    assert (row.state, row.words) == (State.UNKNOWN, "the last evidence is 1 h old")


def test_an_incident_has_a_beginning_a_worst_and_an_end() -> None:
    """Degraded, then down, then up: one incident."""
    world = World(settings=settings(failures=1, successes=1))
    world.looks([UP, DEGRADED, DOWN, DEGRADED, UP])
    (incident,) = world.monitor.memory.incidents
    assert (incident.worst, incident.began, incident.ended) == (DOWN, START + 120, START + 300)
    assert incident.detail == "HTTP 503"


def test_incidents_do_not_pile_up() -> None:
    """The latest are kept, and all that last."""
    world = World(names=("gong", "slack"), settings=settings(failures=1, successes=1))
    world.look(DOWN)
    for _ in range(KEPT + 5):
        world.look(UP, DOWN)
        world.look(DOWN, DOWN)
    incidents = world.monitor.memory.incidents
    assert len([one for one in incidents if one.ended is not None]) == KEPT
    assert {one.platform for one in incidents if one.ended is None} == {"gong", "slack"}


def test_an_incident_in_maintenance_is_none() -> None:
    """What was announced is not listed; what becomes unknown is none either."""
    world = World(settings=settings(failures=1, maintenance=(Window("gong", START, START + 200),)))
    world.looks([UP, DOWN, UP, UP, UNKNOWN])
    assert world.monitor.memory.incidents == ()


def test_a_look_as_json_holds_no_more_than_is_shown() -> None:
    """Every name, in ISO 8601 and seconds, ready for a dashboard."""
    plain = World().look(UP).as_dict()
    assert plain["overall_status"] == "healthy"
    assert plain["platforms"][0] == {
        "platform": "gong",
        "state": "up",
        "confirmed": "up",
        "since": "2026-02-02T02:41:00Z",
        "observed": "up",
        "reason": "",
        "detail": "",
        "duration_ms": 125.0,
        "status": 200,
        "remaining": 42,
        "evidence_at": "2026-02-02T02:41:00Z",
        "evidence_age": 0.0,
        "source": "live",
    }


def test_what_fails_in_maintenance_uses_no_budget() -> None:
    """It was announced: counted as maintenance, neither good nor bad."""
    window = Window("gong", START, START + 150)
    world = World(settings=settings(maintenance=(window,)))
    world.looks([DOWN, UP, DOWN])
    budget = world.monitor.memory.budgets["gong"]
    assert budget.count(world.now, 3600) == (0, 1)
    assert sum(one.maintenance for one in budget.days.buckets) == 2


def test_what_goes_wrong_is_told_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    """Unless somebody else is to hear it."""
    world = World(settings=settings(failures=1))
    watch = Monitor(["gong"], world.probe, world.settings, channels=world.channels, clock=lambda: world.now)
    world.states["gong"] = DOWN
    world.chat.refuse = True
    asyncio.run(watch.tick())
    assert capsys.readouterr().err == "bi-contracts: channel chat: HTTP 500; not sent yet (tried once): gong is down\n"


def test_a_platform_that_can_be_asked_no_more_says_why() -> None:
    """Unknown, with the variable's name, though there is fresh evidence from before."""
    (row,) = World().looks([UP, UNKNOWN])[-1].rows()
    assert (row.state, row.words) == (State.UNKNOWN, "not set: GONG_ACCESS_KEY is not set")
