"""Histograms and timelines as inline SVG.

Lengths across are percentages and text is set outside of what is stretched, so that a chart fills a phone as well as
a page and its words stay readable.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..axes import Axis, short
from ..events import Chart, Series
from ..figures import drawn, plain_number
from ..markup import Html, el
from ..values import clean, counted
from .marks import Mark, Placed, marks_of, placed, reach

LEFT, WIDTH = 9.0, 89.5
"""Where the plot begins and how wide it is, in percent."""

HEIGHT, ROW, FOOT = 150, 16, 36
"""Pixels: the plot, a row of labels above it, and what stands below it."""

MOST_BARS = 80
MOST_POINTS = 240
HUES = 4

Point = tuple[float, float]


def plot(chart: Chart, id: str) -> Html:
    """A chart with its heading, a description for those who cannot see it, and a key where it has several series."""
    series = [Series(one.name, tuple(_known(one.points))) for one in chart.series]
    drawing = _histogram if chart.kind == "histogram" else _timeline
    marks = marks_of(chart.marks.items(), _unit(chart.x if chart.kind == "histogram" else chart.y))
    height, pieces = drawing(chart, [one for one in series if one.points], marks)
    title, told = f"{id}-title", f"{id}-told"
    picture = el(
        "svg",
        el("title", chart.title, id=title),
        el("desc", _told(chart, series, marks), id=told),
        *pieces,
        role="img", aria_labelledby=f"{title} {told}", class_="plot", width="100%", height=str(height),
    )  # fmt: skip
    key = _key(series) if len(series) > 1 else ""
    return el("figure", el("figcaption", chart.title), key, picture, class_="chart-box")


def _known(points: Iterable[tuple[float, float]]) -> Iterator[Point]:
    for x, y in points:
        at, value = drawn(x), drawn(y)
        if at is not None and value is not None:
            yield at, value


def _unit(axis: str) -> str:
    """`ms` of `latency in ms`."""
    return clean(axis.rpartition(" in ")[2]) if " in " in axis else ""


def _told(chart: Chart, series: Sequence[Series], marks: Sequence[Mark]) -> str:
    """The chart in one sentence a series, and its lines."""
    kind = f"{chart.kind.capitalize()} of {chart.y} by {chart.x}."
    lines = [f"Lines at {', '.join(mark.text for mark in marks)}."] if marks else []
    return " ".join([kind, *map(_told_series, series), *lines])


def _told_series(one: Series) -> str:
    if not one.points:
        return f"{one.name}: nothing to draw."
    x, y = max(one.points, key=lambda point: point[1])
    count = counted(len(one.points), "value")
    return f"{one.name}: {count}, the highest {plain_number(y)} at {plain_number(x)}."


def _key(series: Sequence[Series]) -> Html:
    return el("p", *[el("span", _swatch(hue), one.name) for hue, one in enumerate(series)], class_="legend")


def _swatch(hue: int) -> Html:
    fill = el("rect", width="28", height="12", class_=f"hue-{hue % HUES}")
    return el("svg", fill, class_="swatch", width="28", height="12", aria_hidden="true")


def _histogram(chart: Chart, series: Sequence[Series], marks: Sequence[Mark]) -> tuple[int, list[Html]]:
    bars = [_bars(one.points, drawn(chart.edge)) for one in series]
    edges = sorted({edge for row in bars for low, high, _ in row for edge in (low, high)})
    plain = Axis.over(edges)
    across = Axis.over([*edges, *reach(plain, marks)], logarithmic=_geometric(bars[0]) if bars else False)
    up = Axis.over((count for row in bars for _, _, count in row), zero=True).rounded()
    whole = all(count == int(count) for row in bars for _, _, count in row)
    labels = list(placed(marks, LEFT, WIDTH, across))
    top = 28 + ROW * (1 + max((label.row for label in labels), default=-1))
    columns = [_column(bar, hue, across, up, top) for hue, row in reversed(list(enumerate(bars))) for bar in row]
    # A line may run through another one's label, which must stay readable.
    lines = [_upright(label, top) for label in labels if across.holds(label.mark.value)]
    words = [_words(label, across, top) for label in labels]
    return _height(top), [*_grid(up, chart.y, top, whole), *columns, *lines, *words, *_across(across, chart.x, top)]


def _bars(points: Sequence[Point], edge: float | None) -> list[tuple[float, float, float]]:
    """(from, to, how many) of each bar; neighbours are put together where there are too many of them."""
    row = sorted(points)
    last = row[-1][0] if row else 0.0
    width = last - row[-2][0] if len(row) > 1 else 1.0
    ends = [x for x, _ in row[1:]] + [edge if edge is not None and edge > last else last + (width or 1.0)]
    bars = [(x, end, y) for (x, y), end in zip(row, ends, strict=True)]
    size = -(-len(bars) // MOST_BARS)
    groups = [bars[start : start + size] for start in range(0, len(bars), size or 1)]
    return [(group[0][0], group[-1][1], sum(count for _, _, count in group)) for group in groups]


def _geometric(bars: Sequence[tuple[float, float, float]]) -> bool:
    """Whether bars grow so that only a logarithmic axis shows them alike."""
    widths = [high - low for low, high, _ in bars]
    return len(bars) > 3 and bars[0][0] > 0 and min(widths) > 0 and widths[-1] > 4 * widths[0]


def _column(bar: tuple[float, float, float], hue: int, across: Axis, up: Axis, top: int) -> Html:
    low, high, count = bar
    start, end = _x(across, low), _x(across, high)
    height = max(HEIGHT * (up.at(count) - up.at(0)), 1.0 if count > 0 else 0.0)
    said = f"{plain_number(low)} to {plain_number(high)}: {plain_number(count)}"
    return el(
        "rect", el("title", said), class_=f"hue-{hue % HUES}",
        x=f"{start:.2f}%", width=f"{max(0.1, (end - start) * 0.92):.2f}%",
        y=f"{top + HEIGHT * (1 - up.at(0)) - height:.1f}", height=f"{height:.1f}",
    )  # fmt: skip


def _upright(label: Placed, top: int) -> Html:
    """A line from its label down to the axis."""
    x, kind = f"{label.x:.2f}%", "limit" if label.mark.limit else "stat"
    return el("line", x1=x, x2=x, y1=str(_foot(label, top) - 9), y2=str(top + HEIGHT), class_=f"mark-line {kind}")


def _words(label: Placed, across: Axis, top: int) -> Html:
    """The label of a line; an arrow points to one that lies outside."""
    mark, shift = label.mark, "-4" if label.anchor == "end" else "4"
    text = mark.text
    if not across.holds(mark.value):
        text = f"{text} →" if mark.value > across.high else f"← {text}"
    kind, place = "limit" if mark.limit else "stat", {"x": f"{label.x:.2f}%", "y": str(_foot(label, top))}
    return el("text", text, **place, dx=shift, text_anchor=label.anchor, class_=f"mark-label {kind}")


def _foot(label: Placed, top: int) -> int:
    return top - 8 - ROW * label.row


def _timeline(chart: Chart, series: Sequence[Series], marks: Sequence[Mark]) -> tuple[int, list[Html]]:
    rows = [_thinned(sorted(one.points)) for one in series]
    across = Axis.over((x for row in rows for x, _ in row), zero=True)
    plain = Axis.over((y for row in rows for _, y in row), zero=True)
    whole = all(y == int(y) for row in rows for _, y in row)
    near = reach(plain, marks)
    up = Axis.over([plain.low, plain.high, *near]).rounded()
    outside = [mark for mark in marks if mark.value not in near]
    top = 28 + ROW * len(outside)
    curves = [piece for hue, row in reversed(list(enumerate(rows))) for piece in _curve(row, hue, across, up, top)]
    level = list(_levels([mark for mark in marks if mark.value in near], up, top))
    beyond = [_beyond(mark, number, up) for number, mark in enumerate(outside)]
    return _height(top), [*_grid(up, chart.y, top, whole), *curves, *level, *beyond, *_across(across, chart.x, top)]


def _thinned(points: Sequence[Point]) -> Sequence[Point]:
    """The least and the greatest of every stretch where there are too many points: peaks are kept."""
    if len(points) <= MOST_POINTS:
        return points
    size = -(-2 * len(points) // MOST_POINTS)
    kept: list[Point] = []
    for start in range(0, len(points), size):
        stretch = points[start : start + size]
        ends = {min(stretch, key=lambda point: point[1]), max(stretch, key=lambda point: point[1])}
        kept += sorted(ends)
    return kept


def _curve(points: Sequence[Point], hue: int, across: Axis, up: Axis, top: int) -> Iterator[Html]:
    """The line, stretched to the plot; few points have dots too, so that a single one can be seen."""
    places = [(1000 * across.at(x), HEIGHT * (1 - up.at(y))) for x, y in points]
    path = "".join(f"{'L' if index else 'M'}{x:.0f} {y:.1f}" for index, (x, y) in enumerate(places))
    foot = HEIGHT * (1 - up.at(0))
    first, last = places[0][0], places[-1][0]
    yield el(
        "svg",
        el("path", d=f"{path}L{last:.0f} {foot:.1f}L{first:.0f} {foot:.1f}Z", class_=f"area hue-{hue % HUES}"),
        el("path", d=path, class_=f"line hue-{hue % HUES}"),
        x=f"{LEFT}%", y=str(top), width=f"{WIDTH}%", height=str(HEIGHT),
        viewBox=f"0 0 1000 {HEIGHT}", preserveAspectRatio="none",
    )  # fmt: skip
    if len(points) <= 40:
        yield from (
            el(
                "circle",
                el("title", f"{plain_number(x)}: {plain_number(y)}"),
                cx=f"{_x(across, x):.2f}%", cy=f"{top + HEIGHT * (1 - up.at(y)):.1f}",
                r="2.5", class_=f"hue-{hue % HUES}",
            )
            for x, y in points
        )  # fmt: skip


def _levels(marks: Sequence[Mark], up: Axis, top: int) -> Iterator[Html]:
    """Lines across; labels whose lines lie close together stand side by side."""
    heights = [top + HEIGHT * (1 - up.at(mark.value)) for mark in marks]
    slot = 0
    for index, (mark, y) in enumerate(zip(marks, heights, strict=True)):
        slot = slot + 1 if index and heights[index - 1] - y < ROW - 2 else 0
        kind = "limit" if mark.limit else "stat"
        yield el("line", x1=f"{LEFT}%", x2=f"{LEFT + WIDTH}%", y1=f"{y:.1f}", y2=f"{y:.1f}", class_=f"mark-line {kind}")
        place = LEFT + WIDTH - slot % 3 * WIDTH / 3
        label = {"x": f"{place:.2f}%", "dx": "-4", "y": f"{y - 4:.1f}", "text_anchor": "end"}
        yield el("text", mark.text, **label, class_=f"mark-label {kind}")


def _beyond(mark: Mark, row: int, up: Axis) -> Html:
    """The label of a line that would lie far outside."""
    kind, arrow = "limit" if mark.limit else "stat", "↑" if mark.value > up.high else "↓"
    return el(
        "text", f"{mark.text} {arrow}", x="98.5%", y=str(30 + ROW * row), text_anchor="end", class_=f"mark-label {kind}"
    )


def _grid(up: Axis, title: str, top: int, whole: bool) -> Iterator[Html]:
    """The upright axis: its name above it, a line and a number for each tick; whole ones for what is counted."""
    yield el("text", title, x="0", y="11", class_="axis-title")
    for tick in (tick for tick in up.ticks(5) if not whole or tick == int(tick)):
        y = top + HEIGHT * (1 - up.at(tick))
        yield el("line", x1=f"{LEFT}%", x2=f"{LEFT + WIDTH}%", y1=f"{y:.1f}", y2=f"{y:.1f}", class_="grid-line")
        yield el("text", short(tick), x=f"{LEFT}%", dx="-5", y=f"{y + 4:.1f}", text_anchor="end", class_="tick")


def _across(across: Axis, title: str, top: int) -> Iterator[Html]:
    """The level axis: a number for each tick, its name below."""
    foot = top + HEIGHT
    yield el("line", x1=f"{LEFT}%", x2=f"{LEFT + WIDTH}%", y1=str(foot), y2=str(foot), class_="axis-line")
    for tick in across.ticks(6):
        x = _x(across, tick)
        anchor = "end" if x > 96 else "middle"
        yield el("line", x1=f"{x:.2f}%", x2=f"{x:.2f}%", y1=str(foot), y2=str(foot + 4), class_="axis-line")
        yield el("text", short(tick), x=f"{x:.2f}%", y=str(foot + 16), text_anchor=anchor, class_="tick")
    yield el("text", title, x="98.5%", y=str(foot + 32), text_anchor="end", class_="axis-title")


def _x(across: Axis, value: float) -> float:
    return LEFT + WIDTH * across.at(value)


def _height(top: int) -> int:
    return top + HEIGHT + FOOT
