"""The status page: one HTML file that loads nothing, runs no script, and reads well on a phone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.resources import files

from ..report.markup import Html, document, el
from ..report.values import duration
from .bars import history, legend
from .evidence import State
from .incidents import Incident
from .lasting import iso, lasting
from .look import Look, Row
from .state import Overall

_VERDICTS: Mapping[Overall, tuple[str, str, str]] = {
    "healthy": ("good", "✓", "All platforms are up"),
    "degraded": ("warn", "▲", "Some platforms are degraded"),
    "unhealthy": ("bad", "✕", "Some platforms are down"),
    "unknown": ("plain", "?", "Not everything is known"),
}
_MARKS = {
    State.UP: "✓",
    State.DEGRADED: "▲",
    State.DOWN: "✕",
    State.UNKNOWN: "?",
    State.MAINTENANCE: "⚒",
}
SHOWN = 10
"""Incidents that are listed."""


def render(look: Look, at: float | None = None) -> str:
    """A whole document. Its policy allows the one style sheet inside, by hash, and nothing else."""
    now = look.at if at is None else at
    style = files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    rows = sorted(look.rows(now), key=lambda row: (_ORDER.index(row.state), row.name))
    body = el("body", _header(look, rows, now), el("main", *_main(look, rows, now)), _footer(now))
    return document(f"{_VERDICTS[look.overall(now)][2]} · status", style, body)


_SAID = {State.MAINTENANCE: "in maintenance"}
_ORDER = (State.DOWN, State.DEGRADED, State.UNKNOWN, State.MAINTENANCE, State.UP)


def _header(look: Look, rows: list[Row], now: float) -> Html:
    tone, mark, words = _VERDICTS[look.overall(now)]
    verdict = el("p", el("span", mark, class_="mark", aria_hidden="true"), el("strong", words), class_="verdict")
    counts = [(state, sum(row.state is state for row in rows)) for state in _ORDER]
    tally = " · ".join(_whole(f"{number} {_SAID.get(state, state)}") for state, number in counts if number)
    looked = "never" if look.memory.at is None else f"{_clock(look.memory.at)}, {lasting(now - look.memory.at)} ago"
    return el(
        "header",
        el(
            "div",
            el("h1", "Status of the platforms"),
            verdict,
            el("p", tally, class_="tally"),
            el("p", f"last looked at {looked}"),
            class_="wrap",
        ),
        class_=f"top {tone}",
    )


def _main(look: Look, rows: list[Row], now: float) -> Iterator[Html]:
    if look.mode != "live":
        yield el("p", f"Answers from the {look.mode}: not evidence about the live APIs.", role="note", class_="banner")
    items = [_platform(row, now) for row in rows]
    yield el("section", el("h2", "Platforms"), legend(), el("ul", *items, class_="platforms"))
    yield _incidents(look, now)


def _platform(row: Row, now: float) -> Html:
    chip = el(
        "span", el("span", _MARKS[row.state], class_="mark", aria_hidden="true"), row.state.value,
        class_=f"chip {row.state.value}",
    )  # fmt: skip
    why = el("p", row.words, class_="why") if row.words else ""
    facts = el("p", " · ".join(_whole(one) for one in _facts(row, now)), class_="facts")
    bars = history(row.budget, now)
    return el("li", el("div", el("h3", row.name), chip, class_="head"), why, facts, *bars, class_=row.state.value)


def _facts(row: Row, now: float) -> Iterator[str]:
    evidence, standing = row.evidence, row.standing
    if evidence is None or row.age is None:
        yield "no evidence yet"
        return
    if standing.state is not State.UNKNOWN and row.state is standing.state:
        yield f"for {lasting(now - standing.since)}"
    if evidence.duration is not None:
        yield duration(evidence.duration)
    if evidence.status is not None:
        yield f"HTTP {evidence.status}"
    yield f"evidence {lasting(row.age)} old"
    if row.source != "live":
        yield row.source


def _incidents(look: Look, now: float) -> Html:
    known = [one for one in look.memory.incidents if one.platform in look.names]
    latest = sorted(known, key=lambda one: (one.ended is None, one.began), reverse=True)[:SHOWN]
    if not latest:
        return el("section", el("h2", "Incidents"), el("p", "None is known.", class_="none"))
    return el("section", el("h2", "Incidents"), el("ul", *(_incident(one, now) for one in latest), class_="incidents"))


def _incident(one: Incident, now: float) -> Html:
    until = now if one.ended is None else one.ended
    over = "lasting" if one.ended is None else "over"
    chip = el("span", over, class_=f"chip {one.worst.value if one.ended is None else 'unknown'}")
    span = f"{_clock(one.began)} · {lasting(until - one.began)}"
    words = f"{one.reason}: {one.detail}" if one.detail else one.reason
    return el(
        "li",
        el("div", el("h3", f"{one.platform} {one.worst.value}"), chip, class_="head"),
        el("p", words, class_="why") if words else "",
        el("p", span if one.source == "live" else f"{span} · {one.source}", class_="facts"),
        class_=one.worst.value if one.ended is None else "",
    )


def _footer(now: float) -> Html:
    moment = el("time", _clock(now), datetime=iso(now))
    return el("footer", el("p", "Written ", moment, " by bi-contracts. This page loads nothing from elsewhere."))


def _whole(words: str) -> str:
    """Words that stay on one line."""
    return words.replace(" ", "\u00a0")


def _clock(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M UTC")
