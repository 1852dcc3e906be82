"""The numbers at the top: tiles, recommendations, platforms."""

from __future__ import annotations

from ..charts import severity_bar, swatch
from ..events import SEVERITIES, Recommendation
from ..markup import Html, el, prose
from ..stream import Report, Tally
from .parts import number, section, severity, table

_UNFOLDED = 3
"""Lines of evidence that are shown without being asked for."""


def tiles(total: Tally) -> Html:
    """Every count of the run."""
    counts = (
        ("breaking", total.breaking, "breaking"),
        ("warning", total.warning, "warnings"),
        ("info", total.info, "info"),
        ("failed", total.failed, "checks failed"),
        ("error", total.errors, "errors"),
        ("skipped", total.skipped, "skipped"),
        ("passed", total.passed, "passed"),
        ("plain", total.samples, "samples"),
    )
    rows = [
        el("li", el("b", str(count)), el("span", label), class_=f"tile {kind}{'' if count else ' zero'}")
        for kind, count, label in counts
    ]
    return el("section", el("ul", *rows, class_="tiles"), aria_label="Numbers")


def recommendations(report: Report) -> Html:
    """What to do, each with the outcomes that ask for it."""
    if not report.recommendations:
        return Html("")
    rows = [_recommendation(one) for one in report.recommendations]
    return section("What to do", el("ul", *rows, class_="advice"))


def _recommendation(one: Recommendation) -> Html:
    evidence = el(
        "details",
        el("summary", "evidence"),
        el("ul", *[el("li", prose(line)) for line in one.evidence]),
        open="" if len(one.evidence) <= _UNFOLDED else None,
    )
    return el("li", severity(one.severity), el("div", el("p", prose(one.text)), evidence))


def platforms(report: Report) -> Html:
    """Findings and checks of each platform."""
    tallies = report.summary.platforms
    if not tallies:
        return Html("")
    longest = max(tally.findings for tally in tallies.values())
    rows = [_platform(name, tally, longest) for name, tally in tallies.items()]
    heads = ("platform", "findings", "breaking", "warning", "info", "failed", "errors", "skipped", "passed")
    legend = el("p", *map(_key, SEVERITIES), class_="legend") if longest else ""
    found = table("Findings by severity, and checks, for each platform", heads, rows, "platforms")
    return section("Platforms", legend, found)


def _key(name: str) -> Html:
    return el("span", swatch(name), name)


def _platform(name: str, tally: Tally, longest: int) -> Html:
    counts = {
        "breaking": tally.breaking,
        "warning": tally.warning,
        "info": tally.info,
        "failed": tally.failed,
        "errors": tally.errors,
        "skipped": tally.skipped,
        "passed": tally.passed,
    }
    cells = [number(label, count) for label, count in counts.items()]
    bar = severity_bar(tally, longest) if tally.findings else ""
    chart = el("td", bar, class_="chart" if bar else "chart void", data_label="findings")
    return el("tr", el("th", name, scope="row"), chart, *cells)
