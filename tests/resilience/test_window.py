"""What a window has counted is what it would find by looking through everything again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.resilience.window import FAILED, RAN, SLOW, CountWindow, TimeWindow

OUTCOMES = st.sampled_from([RAN, RAN | FAILED, RAN | SLOW, RAN | FAILED | SLOW])


def counted(outcomes: list[int]) -> tuple[int, int, int]:
    return len(outcomes), sum(bool(each & FAILED) for each in outcomes), sum(bool(each & SLOW) for each in outcomes)


@given(size=st.integers(1, 5), outcomes=st.lists(OUTCOMES, min_size=1, max_size=20))
def test_a_window_of_calls_counts_the_last_ones(size: int, outcomes: list[int]) -> None:
    """After every call it holds that call and the `size - 1` before it."""
    window = CountWindow(size)
    for number, outcome in enumerate(outcomes, 1):
        window.add(outcome, 0.0)
        assert (window.calls, window.failed, window.slow) == counted(outcomes[:number][-size:])


@given(
    size=st.integers(1, 5),
    start=st.floats(0, 1e6),
    steps=st.lists(st.tuples(OUTCOMES, st.floats(0, 3)), min_size=1, max_size=20),
)
def test_a_window_of_seconds_counts_the_last_ones(size: int, start: float, steps: list[tuple[int, float]]) -> None:
    """After every call it holds the calls of that second and of the `size - 1` seconds before it."""
    window, now, seen = TimeWindow(size), start, list[tuple[int, int]]()
    for outcome, passed in steps:
        now += passed
        window.add(outcome, now)
        seen.append((int(now), outcome))
        recent = [each for second, each in seen if second > int(now) - size]
        assert (window.calls, window.failed, window.slow) == counted(recent)
