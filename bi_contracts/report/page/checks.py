"""Every check in a row, phase by phase."""

from __future__ import annotations

from collections.abc import Iterator

from ..events import Outcome
from ..markup import Html, el, join
from ..stream import Report, Tally
from ..values import duration, findings_text, outcomes_text
from .filters import Filter
from .findings import anchor, detailed
from .measures import carded, figures_line
from .parts import badge, cell, note, section, status, table

_HEADS = ("status", "endpoint", "check", "findings", "samples", "took", "answers from")


def checks(report: Report, shown: Filter) -> Html:
    """One table; where a run has phases, one for each of them."""
    if not shown.phases:
        drawn = carded(report)
        rows = [_check(outcome, index, shown, drawn) for index, outcome in enumerate(report.ordered, 1)]
        return section("Checks", table("Every check, the worst first", _HEADS, rows, "checks"))
    return section("Checks", *_groups(report, shown))


def _groups(report: Report, shown: Filter) -> Iterator[Html]:
    drawn = carded(report)
    rows: dict[str, list[tuple[Outcome, Html]]] = {}
    for index, outcome in enumerate(report.ordered, 1):
        rows.setdefault(outcome.phase, []).append((outcome, _check(outcome, index, shown, drawn)))
    for name, number in shown.phases.items():
        if found := rows.get(name):
            title = name or "no phase"
            numbers = outcomes_text(Tally.of(outcome for outcome, _ in found))
            yield el(
                "details",
                el("summary", el("h3", title), el("span", numbers)),
                table(f"Every check of {title}, the worst first", _HEADS, [row for _, row in found], "checks"),
                open="", id=f"phase_{number}", class_=f"group {shown.within(outcome for outcome, _ in found)}",
            )  # fmt: skip


def _check(outcome: Outcome, index: int, shown: Filter, drawn: frozenset[int]) -> Html:
    words = Html("") if detailed(outcome) else note(outcome)
    figures = Html("") if index in drawn else figures_line(outcome)
    name = join(outcome.subject)
    if detailed(outcome):
        name = el("a", name, href=f"#{anchor(outcome, index)}")
    elif index in drawn:
        name = el("a", name, href=f"#measured_{index}")
    tally = Tally.of([outcome])
    return el(
        "tr",
        el("td", status(outcome.verdict), data_label="status"),
        el("th", name, words, figures, scope="row"),
        el("td", outcome.check, data_label="check"),
        cell("findings", findings_text(tally) if tally.findings else ""),
        cell("samples", str(outcome.samples) if outcome.samples else "", "number"),
        cell("took", duration(outcome.elapsed), "number"),
        cell("answers from", badge(outcome.provenance, brief=bool(shown.phases)) if outcome.answered else ""),
        class_=shown.classes(outcome),
    )
