"""When requests of the open model start."""

from __future__ import annotations

import math
import statistics
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.load import BenchmarkConfig, Stage
from bi_contracts.load.arrivals import arrivals

rates = st.floats(0.5, 200)
lengths = st.floats(0.1, 5)


@given(rates, lengths)
def test_a_constant_rate_is_even(rate: float, seconds: float) -> None:
    """One request every 1/rate seconds, from the beginning on, none at or after the end."""
    found = list(arrivals(BenchmarkConfig("b", "/", arrival_rate=rate, duration_seconds=seconds)))
    assert found == pytest.approx([number / rate for number in range(len(found))])
    assert len(found) == BenchmarkConfig("b", "/", arrival_rate=rate, duration_seconds=seconds).planned


@given(rates, st.integers(0, 50))
def test_a_run_by_number_has_that_many(rate: float, number: int) -> None:
    """Whatever the rate."""
    config = BenchmarkConfig("b", "/", arrival_rate=rate, total_requests=number)
    assert len(list(arrivals(config))) == number


@given(st.lists(st.builds(Stage, st.floats(0.1, 3), st.floats(0, 100)), min_size=1, max_size=4), st.floats(0, 100))
def test_a_ramp_has_as_many_requests_as_the_rate_summed_over_time(stages: list[Stage], first: float) -> None:
    """And they come by growing time, within the stages."""
    config = BenchmarkConfig("b", "/", arrival_rate=first or None, ramp=tuple(stages))
    found = list(arrivals(config))
    assert abs(len(found) - (config.planned or 0)) <= len(stages)
    assert all(earlier <= later + 1e-9 for earlier, later in pairwise(found))
    assert all(0 <= at <= (config.window or 0) + 1e-9 for at in found)


def test_a_ramp_goes_evenly() -> None:
    """From 0 to 10 a second in 2 seconds: after t seconds 2.5 t**2 requests are due."""
    found = list(arrivals(BenchmarkConfig("b", "/", ramp=(Stage(2, 10),))))
    assert found == pytest.approx([math.sqrt(number / 2.5) for number in range(10)])


def test_poisson_arrivals_have_exponential_gaps() -> None:
    """Mean and standard deviation of the gaps are both 1/rate."""
    found = list(arrivals(BenchmarkConfig("b", "/", arrival_rate=100, total_requests=20_000, poisson=True, seed=1)))
    gaps = [later - earlier for earlier, later in pairwise(found)]
    assert statistics.mean(gaps) == pytest.approx(0.01, rel=0.03)
    assert statistics.stdev(gaps) == pytest.approx(0.01, rel=0.03)


@given(st.integers())
def test_the_same_seed_gives_the_same_arrivals(seed: int) -> None:
    """A run with Poisson arrivals can be repeated."""
    config = BenchmarkConfig("b", "/", arrival_rate=50, duration_seconds=1, poisson=True, seed=seed)
    assert list(arrivals(config)) == list(arrivals(config))
