"""Charts as inline SVG: what is drawn where, what is told, and what no number can break."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings

from bi_contracts.report import Chart, Series
from bi_contracts.report.axes import Axis
from bi_contracts.report.page.marks import marks_of, placed
from bi_contracts.report.page.plots import MOST_BARS, MOST_POINTS, plot

from .streams import HOSTILE, charts

EVEN = Series("answered", tuple((float(at * 10), float(count)) for at, count in enumerate((1, 4, 9, 3, 1))))
GROWING = Series("answered", tuple((10 * 1.5**at, float(count)) for at, count in enumerate((1, 4, 9, 3, 1, 1, 2))))


def drawn(chart: Chart) -> ET.Element:
    return ET.fromstring(plot(chart, "c"))


def histogram(series: Series = EVEN, **more: Any) -> Chart:
    return Chart("histogram", "Latency", "latency in ms", "requests", (series,), **more)


def timeline(*series: Series, **more: Any) -> Chart:
    return Chart("timeline", "Over time", "seconds since the start", "latency in ms", series, **more)


def texts(figure: ET.Element, kind: str) -> list[str]:
    return [node.text or "" for node in figure.iter("text") if kind in (node.get("class") or "").split()]


def bars(figure: ET.Element) -> list[ET.Element]:
    return [node for node in figure.iter("rect") if node.get("y") is not None]


@settings(max_examples=50, deadline=None)
@given(charts)
def test_every_chart_is_a_picture_with_finite_numbers(chart: Chart) -> None:
    """Whatever the numbers and names: well-formed, named, and no coordinate that a browser would refuse."""
    figure = drawn(chart)
    svg = figure.find("svg")
    assert svg is not None
    assert svg.get("role") == "img"
    assert {node.get("id") for node in svg if node.tag in ("title", "desc")} == {"c-title", "c-told"}
    assert svg.get("aria-labelledby") == "c-title c-told"
    for node in figure.iter():
        for name in ("x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "width", "height", "d"):
            assert not re.search(r"nan|inf|e[+-]?\d", node.get(name) or "", re.IGNORECASE)
        assert float((node.get("width") or "0").rstrip("%")) >= 0
        assert float(node.get("height") or 0) >= 0


@pytest.mark.parametrize("text", HOSTILE)
def test_names_add_no_element(text: str) -> None:
    """Titles, axes, series and marks are text."""

    def shape(word: str) -> list[str]:
        chart = Chart("histogram", word, word, word, (Series(word, EVEN.points),), {word: 20.0})
        return [node.tag for node in drawn(chart).iter()]

    assert shape(text) == shape("harmless")


def test_a_histogram_has_a_bar_for_each_count() -> None:
    """The bars stand side by side in order, as high as their counts, and each says what it counts."""
    rects = bars(drawn(histogram(edge=50.0)))
    heights = [float(rect.get("height") or 0) for rect in rects]
    assert [round(height / heights[0]) for height in heights] == [1, 4, 9, 3, 1]
    lefts = [float((rect.get("x") or "").rstrip("%")) for rect in rects]
    assert lefts == sorted(lefts)
    assert [rect.findtext("title") for rect in rects][:2] == ["0 to 10: 1", "10 to 20: 4"]
    assert rects[-1].findtext("title") == "40 to 50: 1"


def test_axes_carry_round_numbers_and_units() -> None:
    """Both axes have their names with units, and ticks."""
    figure = drawn(histogram())
    assert texts(figure, "axis-title") == ["requests", "latency in ms"]
    assert texts(figure, "tick") == ["0", "5", "10", "0", "10", "20", "30", "40", "50"]


def test_bars_that_grow_stand_on_a_logarithmic_axis() -> None:
    """Bars of a constant ratio are all as wide."""
    widths = {rect.get("width") for rect in bars(drawn(histogram(GROWING, edge=10 * 1.5**7)))}
    assert len(widths) == 1


def test_marks_have_lines_and_labels() -> None:
    """Percentiles and thresholds are lines with a name, a value and a unit, and differ from each other."""
    figure = drawn(histogram(marks={"p50": 21.0, "p(95)<40": 40.0}))
    assert texts(figure, "stat") == ["p50 21 ms"]
    assert texts(figure, "limit") == ["p(95)<40"]
    assert sum("mark-line" in (node.get("class") or "") for node in figure.iter("line")) == 2


def test_a_mark_far_away_does_not_squeeze_the_chart() -> None:
    """A threshold far beyond what was measured is told with an arrow, and has no line."""
    for marks, words in (({"limit": 8000.0}, "limit 8,000 ms →"), ({"limit": -8000.0}, "← limit -8,000 ms")):
        figure = drawn(histogram(marks=marks))
        assert texts(figure, "limit") == [words]
        assert texts(figure, "tick")[-1] == "50"


@pytest.mark.parametrize("count", [2, 5, 12])
def test_labels_do_not_run_into_each_other(count: int) -> None:
    """Labels in one row never overlap, however close their lines stand."""
    marks = marks_of(((f"p{number}", 100 + number) for number in range(count)), "ms")
    labels = list(placed(marks, 9, 90, Axis(0, 200)))
    spans = [
        (label.row, *sorted((label.x, label.x + (-1 if label.anchor == "end" else 1) * len(label.mark.text) * 2.1)))
        for label in labels
    ]
    for (row, _, end), (next_row, start, _) in pairwise(sorted(spans)):
        assert row != next_row or end <= start


def test_a_timeline_is_one_line_a_series() -> None:
    """Each series is a line with the area below it, and a key says which is which."""
    lines = [
        Series(name, tuple((float(at), at * slope) for at in range(10))) for name, slope in (("p50", 1.0), ("p95", 3.0))
    ]
    figure = drawn(timeline(*lines, marks={"limit": 30.0, "p99": 29.5}))
    assert len(list(figure.iter("path"))) == 4
    assert [span.find("svg").tail for span in figure.iter("span") if span.find("svg") is not None] == ["p50", "p95"]  # type: ignore[union-attr]
    assert texts(figure, "mark-label") == ["p99 29.5 ms", "limit 30 ms"]


def test_a_limit_far_above_a_timeline_is_told() -> None:
    """It has an arrow in place of a line; one far below has too."""
    series = Series("p50", ((0.0, 1.0), (1.0, 2.0)))
    assert texts(drawn(timeline(series, marks={"limit": 900.0})), "limit") == ["limit 900 ms ↑"]
    assert texts(drawn(timeline(series, marks={"limit": -900.0})), "limit") == ["limit -900 ms ↓"]


def test_many_points_are_thinned_and_the_peak_is_kept() -> None:
    """A long run is drawn with a bounded number of points, and its one peak can be seen."""
    points = tuple((float(at), 999.0 if at == 13_337 else 1.0) for at in range(20_000))
    path = next(drawn(timeline(Series("p95", points))).iter("path")).get("d") or ""
    assert path.count("L") <= MOST_POINTS + 2
    assert len(set(re.findall(r" (-?[\d.]+)", path))) >= 3


def test_many_bars_are_put_together() -> None:
    """A histogram of a thousand bars is drawn with fewer, and counts as many."""
    figure = drawn(histogram(Series("s", tuple((float(at), 2.0) for at in range(1000)))))
    counts = [int((rect.findtext("title") or "").rpartition(": ")[2]) for rect in bars(figure)]
    assert len(counts) <= MOST_BARS
    assert sum(counts) == 2000


def test_the_description_says_what_is_to_be_seen() -> None:
    """Who cannot see the chart learns its kind, its highest value and its lines."""
    described = drawn(histogram(marks={"p95": 33.0})).find("svg/desc")
    assert described is not None
    assert described.text == (
        "Histogram of requests by latency in ms. answered: 5 values, the highest 9 at 20. Lines at p95 33 ms."
    )
    empty = drawn(timeline(Series("none", ()))).find("svg/desc")
    assert empty is not None
    assert "none: nothing to draw." in (empty.text or "")
