"""The state machine: what evidence confirms, and what it does not."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.health import Limits, Reason, Standing, State, overall
from bi_contracts.health.state import Change, advance

from .making import DEGRADED, DOWN, START, UNKNOWN, UP, evidence

ANSWERS = st.sampled_from([UP, DEGRADED, DOWN])
LIMITS = st.builds(Limits, failures=st.integers(1, 5), successes=st.integers(1, 5))


def walked(states: Sequence[State], limits: Limits | None = None, gap: float = 60.0) -> tuple[Standing, list[Change]]:
    """The standing after a look at each of the states, and the changes on the way."""
    standing, changes = Standing("gong", since=START), []
    for number, state in enumerate(states):
        now = START + number * gap
        standing, change = advance(standing, evidence(state, now), now, limits or Limits(), 900)
        changes += [change] if change is not None else []
    return standing, changes


def by_windows(states: Sequence[State], limits: Limits) -> list[State]:
    """The confirmed states, by looking back at the last answers each time: slow, and plain to see."""
    found, state = [], UNKNOWN
    for end in range(1, len(states) + 1):
        good, bad = states[:end][-limits.successes :], states[:end][-limits.failures :]
        enough_good, enough_bad = len(good) == limits.successes, len(bad) == limits.failures
        if state is UNKNOWN:
            state = states[end - 1]
        elif state is not UP and enough_good and set(good) == {UP}:
            state = UP
        elif state is DOWN:
            state = DEGRADED if enough_good and DOWN not in good else DOWN
        elif enough_bad and set(bad) == {DOWN}:
            state = DOWN
        elif enough_bad and UP not in bad:
            state = DEGRADED
        found.append(state)
    return found


@given(st.lists(ANSWERS, max_size=20), LIMITS)
def test_states_are_what_the_last_answers_agree_on(states: list[State], limits: Limits) -> None:
    """Counters and a look back at the answers come to the same state, for every history and threshold."""
    for end, expected in enumerate(by_windows(states, limits), 1):
        assert walked(states[:end], limits)[0].state is expected


@given(st.lists(ANSWERS, min_size=1, max_size=40), LIMITS, st.floats(0, 10_000), st.floats(1, 5_000))
def test_nothing_is_up_without_fresh_evidence(
    states: list[State], limits: Limits, later: float, max_age: float
) -> None:
    """Whatever was seen, `up` after a look that asked nobody has evidence younger than `max_age`."""
    standing = walked(states, limits)[0]
    assert standing.evidence is not None
    now = standing.evidence.at + later
    after, _ = advance(standing, None, now, limits, max_age)
    assert after.state is UNKNOWN or now - standing.evidence.at <= max_age
    assert (after.state is UNKNOWN) == (now - standing.evidence.at > max_age)


@given(st.lists(ANSWERS, max_size=60), LIMITS)
def test_a_change_leads_from_the_state_before_to_another(states: list[State], limits: Limits) -> None:
    """Changes are a chain: each begins where the last one ended, and none stays where it is."""
    _, changes = walked(states, limits)
    assert all(one.before is not one.after for one in changes)
    chain = [UNKNOWN, *(one.after for one in changes)]
    assert [one.before for one in changes] == chain[:-1]


def test_the_first_evidence_counts_at_once() -> None:
    """Where nothing is known there is nothing to flap from."""
    for state in (UP, DEGRADED, DOWN):
        assert walked([state])[0].state is state


def test_two_failures_of_three_change_nothing() -> None:
    """A state changes for the worse with the third bad answer in a row, not before."""
    assert walked([UP, DOWN, DOWN])[0].state is UP
    assert walked([UP, DOWN, DOWN, UP, DOWN, DOWN])[0].state is UP
    assert walked([UP, DOWN, DOWN, DOWN])[0].state is DOWN


def test_one_success_of_two_changes_nothing() -> None:
    """A state changes for the better with the second good answer in a row."""
    assert walked([DOWN, UP])[0].state is DOWN
    assert walked([DOWN, UP, DOWN, UP])[0].state is DOWN
    assert walked([DOWN, UP, UP])[0].state is UP


def test_bad_answers_of_both_kinds_are_degraded() -> None:
    """Down and degraded in turn is not up, and not down either."""
    assert walked([UP, DOWN, DEGRADED, DOWN])[0].state is DEGRADED


def test_a_failed_answer_is_seen_before_it_is_confirmed() -> None:
    """Upstream down is never counted healthy: what was last seen counts where it is worse than what is confirmed."""
    standing = walked([UP, DOWN])[0]
    assert (standing.state, standing.observed, standing.worst) == (UP, DOWN, DOWN)
    assert walked([DOWN, UP])[0].worst is DOWN


def test_evidence_that_is_old_when_it_comes_says_nothing() -> None:
    """A probe whose answer lies before `max_age` is no evidence."""
    after, change = advance(Standing("gong"), evidence(UP, START), START + 1000, Limits(), 900)
    assert (after.state, change) == (UNKNOWN, None)


def test_evidence_from_the_future_says_nothing() -> None:
    """Where the clock was set back by more than `max_age`, what is known is unknown until somebody asks again."""
    standing = walked([UP])[0]
    after, change = advance(standing, None, START - 5000, Limits(), 900)
    assert after.state is UNKNOWN
    assert change is not None
    assert change.reason is Reason.STALE


def test_unset_credentials_are_unknown_with_the_variables_name() -> None:
    """Who cannot be asked is unknown from that moment on, however fresh the last evidence is."""
    standing, changes = walked([UP, UNKNOWN])
    assert standing.state is UNKNOWN
    assert standing.detail == "GONG_ACCESS_KEY is not set"
    assert changes[-1] == Change("gong", UP, UNKNOWN, START + 60, Reason.NOT_SET, "GONG_ACCESS_KEY is not set")


def test_a_gap_in_the_evidence_begins_the_count_anew() -> None:
    """Failures before a gap and failures after it are not in a row; nor is it up since before the gap."""
    standing = walked([UP, DOWN, DOWN])[0]
    later = START + 10_000
    after, change = advance(standing, evidence(UP, later), later, Limits(), 900)
    assert (after.state, change, after.since, after.bad) == (UP, None, later, 0)


def test_a_state_keeps_its_first_moment() -> None:
    """`since` is when it was confirmed, not when it was last seen."""
    assert walked([UP, UP, UP])[0].since == START
    assert walked([UP, DOWN, DOWN, DOWN, DOWN])[0].since == START + 180


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], "unknown"),
        (["up", "up"], "healthy"),
        (["up", "unknown"], "unknown"),
        (["up", "maintenance"], "unknown"),
        (["maintenance"], "unknown"),
        (["up", "degraded", "unknown"], "degraded"),
        (["up", "degraded", "down"], "unhealthy"),
        (["down"], "unhealthy"),
        ({"gong": "up", "slack": "down"}, "unhealthy"),
    ],
)
def test_all_together_are_healthy_only_where_every_one_is_up(states: object, expected: str) -> None:
    """One that is unknown, or in maintenance, is enough for `unknown`; nothing at all is `unknown` too."""
    assert overall(states) == expected  # type: ignore[arg-type]
