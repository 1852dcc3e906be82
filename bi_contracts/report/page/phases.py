"""The phases of a long run: what came of each, when it ran, and how each platform fared in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..axes import Axis
from ..charts import span_bar, span_ticks, status_bar
from ..events import Outcome, Status
from ..markup import Html, el, join
from ..stream import Report, Span, Tally, Verdict
from ..values import counted, duration
from .filters import Filter
from .parts import number, section, table, verdict

_MARKS = {
    Verdict.FAILED: ("failed", "✕"),
    Verdict.ERROR: ("error", "!"),
    Verdict.INCOMPLETE: ("error", "!"),
    Verdict.NOTHING_RAN: ("skipped", "–"),
    Verdict.WARNINGS: ("warning", "▲"),
    Verdict.PASSED: ("passed", "✓"),
}


def phases(report: Report, shown: Filter) -> Html:
    """The phases as a table with a timeline in it; nothing where no outcome belongs to one."""
    tallies = report.summary.phases
    if not tallies:
        return Html("")
    spans = report.spans
    axis = Axis.over((edge for span in spans.values() for edge in (span.start, span.start + span.elapsed)), zero=True)
    rows = [_phase(name, tally, spans.get(name), axis, shown) for name, tally in tallies.items()]
    heads = ("phase", "result", "checks", "failed", "errors", "skipped", "passed", "took", "when")
    scale = [_scale(axis)] if spans else []
    found = table("Checks of each phase, and when it ran", heads, [*rows, *scale], "phases")
    return section("Phases", found, _exactness(spans), _matrix(report))


def _phase(name: str, tally: Tally, span: Span | None, axis: Axis, shown: Filter) -> Html:
    counts = {"failed": tally.failed, "errors": tally.errors, "skipped": tally.skipped, "passed": tally.passed}
    index = shown.phases[name]
    title = el("a", name, href=f"#phase_{index}") if tally.outcomes else join(name)
    bar = status_bar(tally) if tally.outcomes else ""
    when = span_bar(span.start, span.elapsed, axis, _MARKS[tally.verdict][0]) if span else ""
    return el(
        "tr",
        el("th", title, scope="row"),
        el("td", verdict(tally.verdict), data_label="result"),
        el("td", bar, class_="chart" if bar else "chart void", data_label="checks"),
        *[number(label, count) for label, count in counts.items()],
        el("td", duration(span.elapsed) if span else "–", class_="number", data_label="took"),
        el("td", when, class_="chart when" if when else "chart void", data_label="when"),
    )


def _scale(axis: Axis) -> Html:
    """A last row with the seconds since the start."""
    return el(
        "tr",
        el("th", el("span", "seconds since the start", class_="sr"), scope="row"),
        el("td", colspan="7", class_="void"),
        el("td", span_ticks(axis), class_="chart when"),
        class_="scale",
    )


def _exactness(spans: Mapping[str, Span]) -> Html:
    if all(span.measured for span in spans.values()):
        return Html("")
    words = "When a phase ran was not recorded: its checks' own times are added up and laid end to end."
    return el("p", words, class_="note")


def _matrix(report: Report) -> Html:
    """How each platform fared in each phase."""
    names = tuple(report.summary.platforms)  # what is about no single platform stands with its phase
    if len(names) < 2:
        return Html("")
    cells: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in report.outcomes:
        cells.setdefault((outcome.platform, outcome.phase), []).append(outcome)
    rows = [
        el(
            "tr",
            el("th", name, scope="row"),
            *[_fared(cells.get((name, phase), ())) for phase in report.phases],
        )
        for name in names
    ]
    found = table("How each platform fared in each phase", ("platform", *report.phases), rows, "matrix")
    return el("div", found, class_="scroll", tabindex="0", role="group", aria_label="Platforms by phase")


def _fared(outcomes: Sequence[Outcome]) -> Html:
    if not outcomes:
        return el("td", el("span", "none", class_="sr"), class_="none")
    tally = Tally.of(outcomes)
    tone, mark = _MARKS[tally.verdict]
    said = ", ".join(
        f"{outcome.check} {outcome.verdict}" for outcome in outcomes[:8] if outcome.verdict != Status.PASSED
    )
    bad = tally.failed + tally.errors
    words = f"{bad} of {tally.outcomes}" if bad else str(tally.passed or tally.skipped)
    title = said or f"{counted(tally.passed, 'check')} passed"
    inner = el(
        "span", el("span", mark, class_="mark", aria_hidden="true"), _spoken(tally), words, class_=f"chip {tone}"
    )
    return el("td", inner, title=title)


def _spoken(tally: Tally) -> Html:
    return el("span", f"{tally.verdict}: ", class_="sr")
