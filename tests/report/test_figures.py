"""Figures with their units, and axes with round numbers."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.report import Chart, Series
from bi_contracts.report.axes import Axis, short
from bi_contracts.report.figures import amount, drawn, figures_of, figures_text, label, number
from bi_contracts.report.sparks import spark

from .streams import HOSTILE, outcome

sane = st.floats(-1e15, 1e15)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("p95_ms", 12.34, "p95 12.3 ms"),
        ("p95_ms", 8200.0, "p95 8,200 ms"),
        ("requests", 1234, "requests 1,234"),
        ("success_rate", 0.9876, "success rate 98.76 %"),
        ("success_rate", 1.0, "success rate 100 %"),
        ("success_rate", 0.999999, "success rate > 99.99 %"),
        ("error_rate", 0.00001, "error rate < 0.01 %"),
        ("error_rate", 0.0, "error rate 0 %"),
        ("success_rate", 12.0, "success rate 12"),
        ("arrival_rate", 0.5, "arrival rate 0.5"),
        ("memory_bytes", 83_000_000, "memory 83 MB"),
        ("memory_bytes", 12, "memory 12 B"),
        ("memory_bytes", 5e17, "memory 1,000 TB"),
        ("cpu_percent", 31.25, "cpu 31.2 %"),
        ("throughput_rps", 250.4, "throughput 250 /s"),
        ("call_us", 1.4, "call 1.4 µs"),
        ("elapsed_s", 0.00606, "elapsed 6.06 ms"),
        ("elapsed_seconds", 125.0, "elapsed 2 min 5 s"),
        ("elapsed_s", 0.0, "elapsed 0 s"),
        ("ms", 5, "ms 5"),
        ("lag", float("nan"), "lag —"),
        ("lag", None, "lag —"),
        ("lag", "abc", "lag —"),
    ],
)
def test_a_figure_in_words(name: str, value: Any, text: str) -> None:
    """The unit is at the end of the name; shares are percentages that are never rounded to all or nothing."""
    assert f"{label(name)} {amount(name, value)}" == text


def test_figures_in_a_row() -> None:
    """All of them, in their order."""
    assert figures_text({"b_ms": 1, "a": 2.5}) == "b 1 ms, a 2.5"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, 1),
        (True, 1),
        (2.5, 2.5),
        (Decimal("2.5"), 2.5),
        (math.inf, None),
        ("x", None),
        (None, None),
        (10**400, 10**400),
    ],
)
def test_a_figure_as_json(value: Any, expected: Any) -> None:
    """A number stays one, what is none is null."""
    assert number(value) == expected
    assert figures_of(outcome(figures={"a": value})) == {"a": expected}


@pytest.mark.parametrize(
    ("value", "expected"), [(1e300, 1e15), (-1e300, -1e15), (10**400, 1e15), (math.nan, None), ([], None), ("7", 7.0)]
)
def test_what_can_be_drawn(value: Any, expected: float | None) -> None:
    """Numbers beyond all reckoning are kept to a size, what is no number is left out."""
    assert drawn(value) == expected


@pytest.mark.parametrize("name", HOSTILE)
def test_names_of_figures_are_made_visible(name: str) -> None:
    """A figure's name is anybody's text."""
    assert all(char.isprintable() for char in figures_text({name: 1}))


@given(st.lists(sane, max_size=6), st.booleans(), st.booleans())
def test_every_value_lies_on_its_axis(values: list[float], zero: bool, logarithmic: bool) -> None:
    """An axis has two ends, all values between them, and places for them from 0 to 1 in their order."""
    axis = Axis.over(values, zero=zero, logarithmic=logarithmic)
    assert axis.low < axis.high
    assert all(axis.holds(value) for value in values)
    places = [axis.at(value) for value in sorted(values)]
    assert all(0 <= place <= 1 for place in places)
    assert places == sorted(places)


@given(sane, sane, st.booleans(), st.integers(2, 8))
def test_ticks_are_few_and_on_the_axis(one: float, other: float, logarithmic: bool, most: int) -> None:
    """At most as many as asked for, in order, each where the axis is."""
    axis = Axis.over([one, other], logarithmic=logarithmic)
    ticks = axis.ticks(most)
    assert len(ticks) <= most
    assert ticks == sorted(set(ticks))
    room = (axis.high - axis.low) * 1e-6
    assert all(axis.low - room <= tick <= axis.high + room for tick in ticks)


@given(sane, sane)
def test_a_rounded_axis_holds_the_plain_one(one: float, other: float) -> None:
    """Rounding moves the ends apart, never together."""
    axis = Axis.over([one, other])
    rounded = axis.rounded()
    room = (axis.high - axis.low) * 1e-6
    assert rounded.low <= axis.low + room
    assert rounded.high >= axis.high - room


@pytest.mark.parametrize(
    ("axis", "ticks"),
    [
        (Axis(0, 10), [0, 2, 4, 6, 8, 10]),
        (Axis(0, 0.9), [0, 0.2, 0.4, 0.6, 0.8]),
        (Axis(-5, 5), [-4, -2, 0, 2, 4]),
        (Axis(3, 90, True), [5, 10, 20, 50]),
        (Axis(1, 1e5, True), [1, 10, 100, 1000, 1e4, 1e5]),
        (Axis(1, 1e9, True), [1, 100, 1e4, 1e6, 1e8]),
        (Axis(1.1, 1.9, True), []),
    ],
)
def test_ticks_are_round_numbers(axis: Axis, ticks: list[float]) -> None:
    """1, 2, 2.5 and 5 times a power of ten."""
    assert axis.ticks() == pytest.approx(ticks)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.25, "0.25"),
        (12.0, "12"),
        (1500, "1,500"),
        (15000, "15k"),
        (2.5e6, "2.5M"),
        (3e9, "3G"),
        (4e12, "4T"),
    ],
)
def test_ticks_are_short(value: float, text: str) -> None:
    """Few characters, whatever the size."""
    assert short(value) == text


def test_a_histogram_in_one_line() -> None:
    """A block a bar, a space for none; at most 24 of them."""
    bars = Series("s", tuple((float(at), float(at % 5)) for at in range(9)))
    chart = Chart("histogram", "t", "x", "y", (bars,))
    assert spark(outcome(charts=(chart,))) == "\u00a0▃▅▇█\u00a0▃▅▇"
    wide = Chart("histogram", "t", "x", "y", (Series("s", tuple((float(at), 1.0) for at in range(1000))),))
    assert len(spark(outcome(charts=(wide,)))) <= 24
    assert spark(outcome()) == ""
    assert spark(outcome(charts=(Chart("histogram", "t", "x", "y", ()),))) == ""
    assert spark(outcome(charts=(Chart("timeline", "t", "x", "y", (bars,)),))) == ""
