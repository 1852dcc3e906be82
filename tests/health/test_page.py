"""The status page: whole, honest, and loading nothing."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.health import State
from bi_contracts.health.bars import heights, history
from bi_contracts.health.burn import Bucket, Budget
from bi_contracts.health.maintenance import Window
from bi_contracts.health.page import render

from .making import DEGRADED, DOWN, START, UNKNOWN, UP, World, settings


class Read(HTMLParser):
    """Checks that elements are closed, and collects their attributes and text."""

    VOID = frozenset({"meta", "br", "input"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "title"):
            self.words += data.replace("\u00a0", " ") + "\n"


def lived() -> World:
    world = World(
        names=("gong", "hubspot", "looker", "notion", "slack"),
        settings=settings(failures=1, maintenance=(Window("looker", START, START + 90_000, "an <upgrade>"),)),
    )
    world.look(UP, UP, UP, UNKNOWN, UP)
    world.look(DOWN, DEGRADED, DOWN, UNKNOWN, UP)
    return world


def test_the_page_is_whole_and_loads_nothing() -> None:
    """Every element is closed; no script, no link, no image, no address but those in the text."""
    text = render(lived().look(DOWN, DEGRADED, DOWN, UNKNOWN, UP))
    read = Read(text)
    assert read.open == []
    assert not {tag for tag, _ in read.seen} & {"script", "link", "img", "iframe", "a", "form"}
    assert not re.search(r"(https?:)?//", text)
    assert not [
        name for _, given in read.seen for name in given if name in ("src", "href", "style") or name[:2] == "on"
    ]


def test_the_policy_allows_the_style_inside_and_nothing_else() -> None:
    """By its hash: a style that somebody adds is not applied."""
    text = render(lived().look(UP))
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None
    digest = b64encode(sha256(style[1].encode()).digest()).decode()
    assert f"default-src &#x27;none&#x27;; style-src &#x27;sha256-{digest}&#x27;" in text


def test_the_worst_comes_first_and_every_state_has_its_words() -> None:
    """Down, degraded, unknown, maintenance, up; each with a sign beside its colour."""
    words = Read(render(lived().look(DOWN, DEGRADED, DOWN, UNKNOWN, UP))).words
    places = [words.index(f"\n{name}\n") for name in ("gong", "hubspot", "notion", "looker", "slack")]
    assert places == sorted(places)
    assert "Some platforms are down" in words
    assert "1 down · 1 degraded · 1 unknown · 1 in maintenance · 1 up" in words
    for said in ("server error: HTTP 503", "GONG_ACCESS_KEY is not set", "an <upgrade>", "evidence 0 s old"):
        assert said in words


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (UP, "All platforms are up"),
        (DEGRADED, "Some platforms are degraded"),
        (DOWN, "Some platforms are down"),
        (UNKNOWN, "Not everything is known"),
    ],
)
def test_the_headline_says_what_all_come_to(state: State, words: str) -> None:
    """Unknown is never shown as well."""
    assert f"<strong>{words}</strong>" in render(World().look(state))


def test_a_page_that_is_looked_at_later_says_how_old_it_is() -> None:
    """Rendered an hour after the last look: nothing is up any more."""
    look = World().look(UP)
    words = Read(render(look, look.at + 3600)).words
    assert "Not everything is known" in words
    assert "the last evidence is 1 h old" in words
    assert "1 h ago" in words


def test_a_sandbox_is_named() -> None:
    """A drill is no evidence about the live APIs, and says so above everything else."""
    text = render(World(options={"mode": "sandbox"}).look(UP))
    assert "Answers from the sandbox: not evidence about the live APIs." in text
    assert "Answers from" not in render(World().look(UP))


def test_incidents_are_listed_with_their_length() -> None:
    """What lasts comes first; what is over has its end."""
    world = World(names=("gong", "slack"), settings=settings(failures=1, successes=1))
    world.look(UP, DOWN)
    world.look(DEGRADED, UP)
    words = Read(render(world.look(DEGRADED, UP))).words
    assert words.index("gong degraded") < words.index("slack down")
    assert "2026-02-02 02:41 UTC · 1 min" in words
    assert "None is known." in render(World().look(UP))


def test_90_days_appear_once_there_is_more_than_one() -> None:
    """A day in half hours at first; then 90 bars of a day each."""
    world = World()
    assert "last 90 days" not in render(world.look(UP))
    world.look(UP, after=90_000)
    text = render(world.look(DOWN, after=60))
    assert "last 90 days" in text
    assert "66.6 % answered" in text


def test_a_share_is_whole_only_where_nothing_failed() -> None:
    """One failure in a thousand is not 100 %."""
    budget = Budget()
    for minute in range(1999):
        budget = budget.add(START + minute * 30, UP)
    (day, *_) = history(budget.add(START, DOWN), START + 60_000)
    assert "99.9 % answered" in day
    assert "failures in 1 of" in day


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
def test_a_bar_is_full_and_shows_every_failure(up: int, degraded: int, down: int, maintenance: int) -> None:
    """What failed is drawn however little it was; all together are as high as the bar; nothing is an empty bar."""
    drawn = dict(heights(Bucket(1, up, degraded, down, maintenance)))
    counts = {"up": up, "degraded": degraded, "down": down, "maintenance": maintenance}
    if not any(counts.values()):
        assert drawn == {}
        return
    assert sum(drawn.values()) == 28
    assert {kind for kind, high in drawn.items() if high > 0} == {kind for kind, count in counts.items() if count}
