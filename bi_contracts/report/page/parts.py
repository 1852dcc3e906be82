"""What several parts of the page are made of: tables, cells, chips, badges."""

from __future__ import annotations

from collections.abc import Iterable

from ..events import NOT_LIVE, Outcome, Status
from ..markup import Html, el, lines
from ..stream import Verdict

STATUS_MARKS = {Status.PASSED: "✓", Status.FAILED: "✕", Status.ERROR: "!", Status.SKIPPED: "–"}
SEVERITY_MARKS = {"breaking": "✕", "warning": "▲", "info": "i"}
VERDICTS = {
    Verdict.FAILED: ("bad", "✕", "Failed"),
    Verdict.ERROR: ("bad", "!", "Not everything could be checked"),
    Verdict.INCOMPLETE: ("bad", "!", "The run did not finish"),
    Verdict.NOTHING_RAN: ("bad", "!", "Nothing ran"),
    Verdict.WARNINGS: ("warn", "▲", "Passed with warnings"),
    Verdict.PASSED: ("good", "✓", "Passed"),
}
_CHIPS = {
    Verdict.FAILED: ("failed", "✕", "failed"),
    Verdict.ERROR: ("error", "!", "error"),
    Verdict.INCOMPLETE: ("error", "!", "not finished"),
    Verdict.NOTHING_RAN: ("skipped", "–", "nothing ran"),
    Verdict.WARNINGS: ("warning", "▲", "passed with warnings"),
    Verdict.PASSED: ("passed", "✓", "passed"),
}


def table(caption: str, heads: Iterable[str], rows: Iterable[Html], kind: str) -> Html:
    """A table with its caption, one head a column, and rows."""
    head = el("tr", *[el("th", name, scope="col") for name in heads])
    return el("table", el("caption", caption), el("thead", head), el("tbody", *rows), class_=kind)


def cell(label: str, content: str, kind: str = "") -> Html:
    """A dash where there is nothing; narrow screens leave such cells out."""
    return el("td", content or "–", class_=" ".join(filter(None, (kind, "" if content else "void"))), data_label=label)


def number(label: str, value: int) -> Html:
    """A cell with a count; a zero is set back."""
    return el("td", str(value), class_=f"number{'' if value else ' zero'}", data_label=label)


def badge(source: str, times: str = "", *, brief: bool = False) -> Html:
    """Who answered, and what that is worth: in words, or `brief`, on hovering over it."""
    if source == "live":
        return el("span", f"live{times}", class_="badge live")
    if brief:
        return el("span", source, class_="badge proviso", title=NOT_LIVE)
    return el("span", f"{source}{times}: {NOT_LIVE}", class_="badge proviso")


def chip(kind: str, mark: str, words: str) -> Html:
    """A word with its mark, in the colour of its kind."""
    return el("span", el("span", mark, class_="mark", aria_hidden="true"), words, class_=f"chip {kind}")


def status(found: Status) -> Html:
    """How a check ended."""
    return chip(str(found), STATUS_MARKS[found], found.value)


def severity(found: str) -> Html:
    """How bad a finding is."""
    return chip(found, SEVERITY_MARKS[found], found)


def verdict(found: Verdict) -> Html:
    """What a phase comes to."""
    return chip(*_CHIPS[found])


def note(outcome: Outcome) -> Html:
    """What a check has to say."""
    return el("p", lines(outcome.note), class_="note") if outcome.note else Html("")


def section(title: str, *content: str, **attributes: str | None) -> Html:
    """A part of the page with its heading."""
    return el("section", el("h2", title), *content, **attributes)
