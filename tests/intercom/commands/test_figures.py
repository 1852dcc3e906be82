"""Percentiles, and the test for a trend."""

from __future__ import annotations

import math
import random
from statistics import median

from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.intercom.procedure.figures import Spread, per_second
from bi_contracts.intercom.procedure.trend import LEAST, trend

values = st.lists(st.floats(0, 1e6), min_size=1, max_size=60)


@given(values)
@settings(max_examples=40)
def test_percentiles_are_values_that_were_measured(found: list[float]) -> None:
    """None is invented, they are in order, and the order of the measurements does not matter."""
    spread = Spread.of(found)
    assert {spread.p50, spread.p95, spread.p99, spread.most} <= set(found)
    assert spread.p50 <= spread.p95 <= spread.p99 <= spread.most == max(found)
    assert spread == Spread.of(sorted(found))


def test_nothing_measured_is_no_zero() -> None:
    """Without values every figure is unknown, in JSON too."""
    spread = Spread.of([])
    assert math.isnan(spread.p50)
    assert str(spread) == "nothing measured"
    assert spread.as_dict() == {"n": 0, "mean": None, "p50": None, "p95": None, "p99": None, "most": None}
    assert str(Spread.of([0.001]).times(1000)) == "p50 1, p95 1, p99 1"
    assert per_second(5, 0) == 0


def test_a_steady_rise_is_a_trend_and_noise_is_none() -> None:
    """A line under noise as large as its steps is found; the noise alone is not, whatever the seed."""
    for seed in range(20):
        noise = [random.Random(seed).gauss(0, 1000) for _ in range(24)]
        rising = [1000 * at + each for at, each in enumerate(noise)]
        assert trend(rising).grows(500)
        assert not trend(noise).grows(500)


def test_a_single_outlier_neither_makes_nor_hides_a_trend() -> None:
    """The slope is the median of all pairs'."""
    flat = [0.0] * 10 + [1e9] + [0.0] * 10
    line = [float(at) for at in range(21)]
    line[10] = -1e9
    assert not trend(flat).grows(1)
    assert trend(line).slope == 1.0
    assert trend(line).grows(0.5)


def test_too_few_values_tell_nothing() -> None:
    """A trend needs eight values; ties alone are none."""
    assert not trend(range(LEAST - 1)).grows(0.1)
    assert not trend([5.0] * 20).grows(0.1)
    assert trend(range(LEAST)).slope == median([1.0])


@given(st.lists(st.integers(0, 10**9), min_size=LEAST, max_size=30))
@settings(max_examples=30)
def test_what_falls_never_grows(found: list[int]) -> None:
    """Values in falling order have no rise."""
    assert not trend(sorted(found, reverse=True)).grows(1e-9)
