"""Burn rates against a recount of everything that happened."""

from __future__ import annotations

from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.health.burn import DAY, HOUR, MINUTE, PAIRS, Budget, Guard, Ring, burn_rate, burning
from bi_contracts.health.evidence import State

from .making import DEGRADED, DOWN, START, UNKNOWN, UP

Event = tuple[float, State]
STATES = st.sampled_from([UP, UP, DEGRADED, DOWN, UNKNOWN, State.MAINTENANCE])
STEPS = st.lists(st.tuples(st.floats(0, 40_000), STATES), max_size=60)
GOOD, BAD = (UP, DEGRADED), (DOWN,)


def events(steps: list[tuple[float, State]]) -> list[Event]:
    """Steps of time as moments."""
    now, found = START, []
    for step, state in steps:
        now += step
        found.append((now, state))
    return found


def budget_of(found: list[Event]) -> Budget:
    budget = Budget()
    for at, state in found:
        budget = budget.add(at, state)
    return budget


def recount(found: list[Event], now: float, window: float, width: float) -> tuple[int, int]:
    """Good and bad of all events in the slices of a window, each looked at again."""
    slices = round(window / width)
    within = [state for at, state in found if floor(now / width) - slices < floor(at / width) <= floor(now / width)]
    return sum(state in GOOD for state in within), sum(state in BAD for state in within)


WIDTHS = {5 * MINUTE: MINUTE, 30 * MINUTE: MINUTE, HOUR: MINUTE, 6 * HOUR: MINUTE, 3 * DAY: 30 * MINUTE, 30 * DAY: DAY}


@given(STEPS, st.floats(0, 400_000), st.sampled_from(sorted(WIDTHS)))
def test_a_window_counts_what_a_recount_counts(steps: list[tuple[float, State]], later: float, window: float) -> None:
    """For every history, every window: the ring forgets nothing that the window still holds."""
    found = events(steps)
    now = (found[-1][0] if found else START) + later
    assert budget_of(found).count(now, window) == recount(found, now, window, WIDTHS[window])


@given(st.lists(st.tuples(st.floats(0, 900), STATES), max_size=80), st.sampled_from([0.95, 0.99, 0.999]))
def test_pairs_burn_where_a_recount_says_so(steps: list[tuple[float, State]], objective: float) -> None:
    """Both windows over the rate, and enough probes in the longer one: no more and no less."""
    found = events(steps)
    now = found[-1][0] if found else START
    expected = []
    for pair in PAIRS:
        shares = []
        for window in (pair.long, pair.short):
            good, bad = recount(found, now, window, WIDTHS[window])
            shares.append((bad / (good + bad) if good + bad else 0.0, good + bad, bad))
        enough = shares[0][1] >= 5 and shares[0][2] >= 2
        if enough and all(share / (1 - objective) > pair.rate for share, _, _ in shares):
            expected.append(pair)
    assert list(burning(budget_of(found), now, objective, Guard(5, 2))) == expected


@given(STEPS)
def test_a_ring_never_grows_beyond_what_it_keeps(steps: list[tuple[float, State]]) -> None:
    """However long it is watched, there are no more slices than fit."""
    budget = budget_of(events(steps))
    for ring in (budget.minutes, budget.halves, budget.days):
        assert len(ring.buckets) <= ring.kept / ring.width
        assert list(ring.buckets) == sorted(ring.buckets)


def test_a_full_ring_keeps_just_what_its_windows_need() -> None:
    """Seven hours, a probe a minute: 360 minutes stay."""
    ring = Ring(60, 21_600)
    for minute in range(420):
        ring = ring.add(START + 60 * minute, UP)
    assert len(ring.buckets) == 360
    assert ring.count(START + 60 * 419, 21_600) == (360, 0)


@given(STEPS, st.randoms())
def test_the_order_of_events_does_not_matter_within_what_is_kept(
    steps: list[tuple[float, State]], random: object
) -> None:
    """Evidence that comes late, within the window, is counted where it belongs."""
    found = [(START + at % 20_000, state) for at, state in steps]
    mixed = list(found)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert budget_of(mixed) == budget_of(sorted(found, key=lambda one: one[0]))


def test_the_rates_are_those_of_the_workbook() -> None:
    """14.4x over 1 h and 5 min, 6x over 6 h and 30 min, 1x over 3 d and 6 h."""
    assert [str(pair) for pair in PAIRS] == [
        "14.4x over 1 h and 5 min",
        "6x over 6 h and 30 min",
        "1x over 3 d and 6 h",
    ]
    assert [pair.level for pair in PAIRS] == ["critical", "critical", "warning"]


def test_a_rate_of_one_uses_the_budget_up_in_its_time() -> None:
    """One failure in a hundred, where one in a hundred is allowed."""
    assert burn_rate(99, 1, 0.99) == pytest.approx(1)
    assert burn_rate(0, 0, 0.99) == 0
    assert burn_rate(0, 5, 0.99) == pytest.approx(100)


def test_a_single_failure_of_few_probes_alarms_nobody() -> None:
    """One failed probe of three is a rate of 33 and says nothing: too few probes, too few failures."""
    budget = budget_of([(START, UP), (START + 60, UP), (START + 120, DOWN)])
    assert budget.rate(START + 120, HOUR, 0.99) > 14.4
    assert burning(budget, START + 120, 0.99) == ()
    assert burning(budget, START + 120, 0.99, Guard(1, 1)) != ()


def test_a_fast_burn_is_told_and_ends_soon_after_the_last_failure() -> None:
    """The short window ends the alarm within five minutes, while the long one still remembers."""
    found = [(START + 60 * minute, UP) for minute in range(40)]
    found += [(START + 60 * minute, DOWN) for minute in range(40, 60)]
    last = found[-1][0]
    assert PAIRS[0] in burning(budget_of(found), last, 0.99)
    found += [(last + 60 * minute, UP) for minute in range(1, 7)]
    assert PAIRS[0] not in burning(budget_of(found), found[-1][0], 0.99)


def test_without_an_objective_nothing_burns() -> None:
    """No budget, no alarm."""
    budget = budget_of([(START + 60 * minute, DOWN) for minute in range(60)])
    assert burning(budget, START + 3600, 0) == ()


def test_what_is_left_of_a_budget_never_falls_below_nothing() -> None:
    """1 where nobody asked, 0 where more was used up than there was."""
    assert Budget().remaining(START, 0.99) == 1
    assert budget_of([(START, DOWN)]).remaining(START, 0.99) == 0
    assert budget_of([(START, UP)] * 199 + [(START, DOWN)]).remaining(START, 0.99) == pytest.approx(0.5)


def test_slots_are_the_last_slices_oldest_first() -> None:
    """One slot a slice, empty ones included, the one of now last."""
    ring = Ring(60, 3600).add(START, UP).add(START + 120, DOWN)
    slots = ring.slots(START + 130, 4)
    assert [(one.up, one.down) for one in slots] == [(0, 0), (1, 0), (0, 0), (0, 1)]
