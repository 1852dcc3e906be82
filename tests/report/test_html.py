"""The HTML page: self-contained, safe, accessible."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256

import pytest

from bi_contracts.report import Event, Started, Status, render

from .streams import AT, FINISHED, HOSTILE, Page, finding, outcome, run

ROWS = (
    outcome(
        Status.FAILED,
        finding(before="string", evidence={"seen": 1, "of": 4}, message="`id` is gone\nfor good", explanation="Gone."),
        finding("warning", "/w", after={"a": 1}),
        finding("info", "", message="an odd ` tick"),
        artifact="contracts/asana/tasks.json",
    ),
    outcome(Status.ERROR, subject="slack/users", note="refused\nagain", samples=0),
    outcome(Status.SKIPPED, subject="slack/files", source="", samples=0, note="no key"),
    outcome(subject="notion/search", source="sandbox", elapsed=0.5),
    outcome(Status.FAILED, subject="漢字"),
)


def page(*rows: object) -> Page:
    return Page(render(run(*rows), "html"))  # type: ignore[arg-type]


def test_the_page_asks_for_nothing() -> None:
    """No element loads anything, and the policy forbids it, but for the style sheet with this very hash."""
    text = render(run(*ROWS), "html")
    names = {name for name, _ in Page(text).tags}
    assert not names & {"script", "link", "img", "iframe", "object", "embed", "audio", "video", "form", "base", "use"}
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None
    digest = b64encode(sha256(style[1].encode()).digest()).decode()
    policy = next(tag["content"] for _, tag in Page(text).tags if tag.get("http-equiv") == "Content-Security-Policy")
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "://" not in text
    assert "@import" not in style[1]
    assert set(re.findall(r"url\((.*?)\)", style[1])) == {"#fill-warning", "#fill-info"}


def test_no_element_has_a_style_or_a_handler() -> None:
    """Inline styles and handlers would need a weaker policy."""
    for _, attributes in page(*ROWS).tags:
        assert not [name for name in attributes if name == "style" or name.startswith("on")]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_strings_add_no_element(text: str) -> None:
    """Whatever the strings, the elements and their attributes are those of a harmless report."""

    def shape(word: str) -> list[tuple[str, list[str]]]:
        found = finding(
            path=word,
            rule=word,
            message=word.replace("`", ""),
            explanation=word.replace("`", ""),
            before=word,
            evidence={word: word},
        )
        row = outcome(Status.FAILED, found, subject=word, note=word, artifact=word, source=word)
        events: list[Event] = [Started(word, word, AT, word, {word: word}), row, FINISHED]
        tags = Page(render(events, "html")).tags
        return [(name, sorted(attributes)) for name, attributes in tags if name not in ("wbr", "br")]

    assert shape(text) == shape("harmless")


def test_tables_have_captions_and_scoped_heads() -> None:
    """A screen reader can name every table, column and row."""
    tags = page(*ROWS).tags
    names = [name for name, _ in tags]
    assert names.count("table") == names.count("caption") == names.count("thead") == 3
    assert all(tag.get("scope") in ("col", "row") for name, tag in tags if name == "th")
    assert {"header", "main", "footer"} <= set(names)
    assert next(tag for name, tag in tags if name == "html")["lang"] == "en"


def test_charts_are_hidden_since_their_numbers_stand_beside_them() -> None:
    """Every SVG is decoration to assistive technology, and each share is written out too."""
    got = page(*ROWS)
    assert all(tag.get("aria-hidden") == "true" for name, tag in got.tags if name == "svg")
    assert "now 1 of 4" in got.all_text


def test_labels_and_links_lead_somewhere() -> None:
    """Ids are unique, and every link and every label by reference has its target."""
    tags = [tag for _, tag in page(*ROWS).tags]
    ids = [tag["id"] for tag in tags if "id" in tag]
    assert len(ids) == len(set(ids))
    assert {str(tag["href"]).removeprefix("#") for tag in tags if "href" in tag} <= set(ids)
    assert {tag["aria-labelledby"] for tag in tags if "aria-labelledby" in tag} <= set(ids)


def test_severity_is_told_in_words_and_marks() -> None:
    """Nothing is said by colour alone."""
    text = "".join(page(*ROWS).all_text)
    assert all(mark in text for mark in ("✕breaking", "▲warning", "iinfo", "✕failed", "!error", "–skipped", "✓passed"))


def test_the_filter_offers_what_is_there() -> None:
    """A box for each severity found and each platform; none where there is only one."""
    boxes = [tag["id"] for name, tag in page(*ROWS).tags if name == "input"]
    severities, platforms = boxes[:3], boxes[3:]
    assert severities == ["show-breaking", "show-warning", "show-info"]
    assert platforms == [f"pick_platform_{number}" for number in (1, 2, 3, 4)]
    assert not [name for name, _ in page(outcome(Status.FAILED, finding())).tags if name == "input"]


@pytest.mark.parametrize(
    ("rows", "tone", "words"),
    [
        ((outcome(),), "good", "Passed"),
        ((outcome(source="sandbox"),), "warn", "Passed, but not against the live API"),
        ((outcome(Status.PASSED, finding("warning")),), "warn", "Passed with warnings"),
        ((outcome(Status.FAILED),), "bad", "Failed"),
        ((outcome(Status.ERROR),), "bad", "Not everything could be checked"),
        ((outcome(Status.SKIPPED),), "bad", "Nothing ran"),
    ],
)
def test_the_headline(rows: tuple[object, ...], tone: str, words: str) -> None:
    """The verdict stands at the top, in words, and green is kept for what passed against the live API."""
    got = page(*rows)
    assert next(tag["class"] for name, tag in got.tags if name == "header") == f"top {tone}"
    assert words in got.all_text


def test_nothing_ran_is_an_alert() -> None:
    """The banner of an empty run is announced."""
    streams: list[list[Event]] = [[], [Started("t", "drift", AT), outcome()]]
    for events in streams:
        tags = Page(render(events, "html")).tags
        assert [tag["role"] for name, tag in tags if name == "p" and "role" in tag] == ["alert"]


def test_backticks_are_set_as_code() -> None:
    """Names in backticks are code, a single backtick is text."""
    text = render(run(*ROWS), "html")
    assert "<code>id</code> is gone<br>for good" in text
    assert "an odd ` tick" in text
