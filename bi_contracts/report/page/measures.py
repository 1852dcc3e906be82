"""What was measured: figures and charts of each outcome that has any."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..axes import Axis
from ..charts import range_bar, span_ticks
from ..events import Outcome
from ..figures import amount, drawn, label
from ..markup import Html, breakable, el
from ..stream import Report
from ..values import counted
from .filters import Filter
from .parts import badge, note, section, status, table
from .plots import plot

MOST_DRAWN = 60
"""Outcomes whose charts are drawn: those of any more stand in the JSON report, or no browser would open the page."""

_SPREAD = ("p50", "p95", "p99")


def carded(report: Report) -> frozenset[int]:
    """The numbers (from 1, the worst first) of the outcomes whose charts are drawn."""
    charted = [index for index, outcome in enumerate(report.ordered, 1) if outcome.charts]
    return frozenset(charted[:MOST_DRAWN])


def measures(report: Report, shown: Filter) -> Html:
    """A card for each outcome with charts. Figures of all others stand beside their checks."""
    rows = list(enumerate(report.ordered, 1))
    drawn_ones = carded(report)
    spreads = _spreads(rows, shown, drawn_ones)
    cards = [_card(outcome, index, shown) for index, outcome in rows if index in drawn_ones]
    more = _more(sum(bool(outcome.charts) for _, outcome in rows) - len(cards))
    if not cards and not spreads:
        return Html("")
    within = shown.within(outcome for index, outcome in rows if index in drawn_ones or _spread(outcome))
    return section("What was measured", spreads, *cards, more, class_=within)


def figures_line(outcome: Outcome) -> Html:
    """An outcome's figures in a row; nothing where it has none."""
    pairs = [
        el("span", _of(label(str(name))), " ", amount(str(name), value)) for name, value in outcome.figures.items()
    ]
    return el("p", *pairs, class_="pairs") if pairs else Html("")


def _of(text: str) -> Html:
    return el("span", text, class_="of")


def _checked(outcome: Outcome) -> Iterator[Html]:
    """The check's name, where the phase does not say as much."""
    if outcome.check != outcome.phase:
        yield el("span", f" {outcome.check}", class_="of")


def _more(count: int) -> Html:
    if count <= 0:
        return Html("")
    return el(
        "p",
        f"The charts of {counted(count, 'more check')} are not drawn here; the JSON report has them.",
        class_="note",
    )


def _card(outcome: Outcome, index: int, shown: Filter) -> Html:
    id = f"measured_{index}"
    head = [el("span", breakable(outcome.subject), class_="subject"), " ", outcome.check]
    phase = [_of(outcome.phase)] if outcome.phase else []
    about = el("p", status(outcome.verdict), badge(outcome.provenance), *phase, class_="about")
    charts = [plot(chart, f"{id}-{number}") for number, chart in enumerate(outcome.charts, 1)]
    body = el("div", _figure_table(outcome), el("div", *charts, class_="plots"), class_="beside")
    return el(
        "article", el("h3", *head, id=f"{id}-title"), about, note(outcome), body,
        id=id, class_=f"outcome card {outcome.verdict} {shown.classes(outcome)}", aria_labelledby=f"{id}-title",
    )  # fmt: skip


def _figure_table(outcome: Outcome) -> Html:
    if not outcome.figures:
        return Html("")
    rows = [
        el("tr", el("th", label(str(name)), scope="row"), el("td", amount(str(name), value), class_="number"))
        for name, value in outcome.figures.items()
    ]
    return table(f"Figures of {outcome.check} on {outcome.subject}", ("figure", "value"), rows, "figures")


def _spreads(rows: Sequence[tuple[int, Outcome]], shown: Filter, linked: frozenset[int]) -> Html:
    """Latencies side by side on one axis, the slowest first, where several outcomes have all three percentiles."""
    known = [(index, outcome, spread) for index, outcome in rows if (spread := _spread(outcome))]
    if len(known) < 2:
        return Html("")
    known = sorted(known, key=lambda row: row[2][1], reverse=True)[:MOST_DRAWN]
    axis = Axis.over((value for _, _, spread in known for value in spread), logarithmic=True)
    lines = [
        _spread_row(index if index in linked else 0, outcome, spread, axis, shown) for index, outcome, spread in known
    ]
    scale = el(
        "tr",
        el("th", el("span", "ms", class_="sr"), scope="row"),
        el("td", colspan="3", class_="void"),
        el("td", span_ticks(axis, " ms"), class_="chart when"),
        class_="scale",
    )
    heads = ("check", *_SPREAD, "p50 to p95, and p99")
    return table("Latencies side by side", heads, [*lines, scale], "spreads")


def _spread(outcome: Outcome) -> tuple[float, float, float] | None:
    """50th, 95th and 99th percentile in milliseconds."""
    median = outcome.figures.get("p50_ms", outcome.figures.get("median_ms"))
    values = [drawn(value) for value in (median, outcome.figures.get("p95_ms"), outcome.figures.get("p99_ms"))]
    low, high, last = values
    if low is None or high is None or last is None or not 0 < low <= high <= last:
        return None
    return low, high, last


def _spread_row(index: int, outcome: Outcome, spread: tuple[float, float, float], axis: Axis, shown: Filter) -> Html:
    cells = [
        el("td", amount("x_ms", value), class_="number", data_label=name)
        for name, value in zip(_SPREAD, spread, strict=True)
    ]
    name = breakable(outcome.subject)
    return el(
        "tr",
        el("th", el("a", name, href=f"#measured_{index}") if index else name, *_checked(outcome), scope="row"),
        *cells,
        el("td", range_bar(spread, axis, str(outcome.verdict)), class_="chart when", data_label="spread"),
        class_=shown.classes(outcome),
    )  # fmt: skip
