"""Percentiles by nearest rank, exact and in little memory."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.load.histogram import PRECISION, Distribution, nearest_rank

durations = st.lists(st.floats(0, 1000), min_size=1, max_size=200)
percents = st.floats(0, 100)


@given(durations, percents)
def test_a_percentile_is_the_least_value_with_that_share_at_or_below(values: list[float], percent: float) -> None:
    """The nearest-rank definition, word for word: never a value between two that were measured."""
    found = Distribution(values).percentile(percent)
    assert found in values
    assert sum(value <= found for value in values) >= percent * len(values) / 100 - 1e-6
    lower = [value for value in values if value < found]
    assert not lower or len(lower) < percent * len(values) / 100 + 1e-6


@given(durations, percents)
def test_buckets_are_within_the_stated_precision(values: list[float], percent: float) -> None:
    """Once there are more values than are kept as they are; number, mean, least and most stay exact."""
    exact, rough = Distribution(values), Distribution(values, exact=1)
    assert rough.percentile(percent) == pytest.approx(exact.percentile(percent), rel=2.1 * PRECISION, abs=1e-6)
    assert (rough.number, rough.total, rough.minimum, rough.maximum) == (
        exact.number, exact.total, exact.minimum, exact.maximum,
    )  # fmt: skip


@given(durations)
def test_counts_below_edges_add_up(values: list[float]) -> None:
    """As a histogram needs them."""
    edges = [0.0, 1.0, 10.0, 1000.0]
    assert Distribution(values).counts(edges) == [sum(value <= edge for value in values) for edge in edges]
    assert Distribution(values, exact=1).counts([1001.0]) == [len(values)]


@given(durations)
def test_ranks_of_another_tool_give_the_same_percentiles_back(values: list[float]) -> None:
    """Where every rank is known."""
    ordered = sorted(values)
    made = Distribution.of_ranks(len(ordered), dict(enumerate(ordered, 1)), mean=3.0)
    assert [made.percentile(p) for p in (1, 50, 95, 100)] == [
        Distribution(values).percentile(p) for p in (1, 50, 95, 100)
    ]
    assert made.mean == pytest.approx(3.0)


def test_ranks_without_the_highest_are_refused() -> None:
    """Nothing could be said of the slowest requests."""
    with pytest.raises(ValueError, match="rank 3"):
        Distribution.of_ranks(3, {1: 0.1})


def test_nothing_has_no_percentiles() -> None:
    """0, and not an error: a run in which no request ended has a report too."""
    empty = Distribution()
    assert (len(empty), empty.mean, empty.percentile(95), empty.counts([1.0])) == (0, 0.0, 0.0, [0])


def test_values_between_are_not_invented() -> None:
    """The median of two values is the lower one; the 95th percentile of twenty is the nineteenth."""
    assert Distribution([1.0, 2.0]).percentile(50) == 1.0
    assert Distribution(map(float, range(1, 21))).percentile(95) == 19.0


@pytest.mark.parametrize("value", [-0.1, math.nan, math.inf])
def test_what_is_no_duration_is_refused(value: float) -> None:
    """A clock that went backwards must not go unseen."""
    with pytest.raises(ValueError, match="no duration"):
        Distribution([value])


@pytest.mark.parametrize("percent", [-1, 100.1])
def test_percentiles_lie_between_0_and_100(percent: float) -> None:
    """Anything else is a mistake."""
    with pytest.raises(ValueError, match="between 0 and 100"):
        nearest_rank(10, percent)


def test_adding_after_asking_is_seen() -> None:
    """A run that is on is looked at every second."""
    values = Distribution([3.0, 1.0])
    assert values.percentile(100) == 3.0
    assert values.percentile(50) == 1.0
    values.add(0.5)
    assert values.percentile(50) == 1.0
    assert values.percentile(1) == 0.5
