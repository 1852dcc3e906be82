"""What is typed into a search, as words."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bi_contracts.intercom.store.reading.snippets import LENGTH, snippet
from bi_contracts.intercom.store.reading.words import LONGEST, MOST, folded, places, tokens, words_of


@pytest.mark.parametrize(
    ("typed", "phrases"),
    [
        ("Refund  order", [("refund",), ("order",)]),
        ('"wrong invoice" now', [("wrong", "invoice"), ("now",)]),
        ('"not closed here', [("not", "closed", "here")]),
        ("e-mail don't", [("e", "mail"), ("don", "t")]),
        ("CAFÉ cafe\u0301 café", [("cafe",)]),
        ("NEAR(a, b) OR c*", [("near", "a"), ("b",), ("or",), ("c",)]),
        ("日本語 🤖 ñ_ß", [("日本語",), ("n", "ß")]),
        ("a\0b", [("a",), ("b",)]),
        ('""', []),
    ],
)
def test_words_are_read_as_a_person_means_them(typed: str, phrases: list[tuple[str, ...]]) -> None:
    """Nothing is an operator; quotes make phrases, and so does punctuation inside a word."""
    assert [phrase.words for phrase in words_of(typed).phrases] == phrases


@given(st.text())
@example("\u09dc")
def test_words_are_letters_and_digits(text: str) -> None:
    """So that nothing in them can end the quotes that they are put between."""
    for phrase in words_of(text).phrases:
        # Some letters are a letter and a mark once they are normalised.
        assert all(one.isalnum() or unicodedata.category(one)[0] == "M" for one in "".join(phrase.words))
        assert not {'"', "'", "\\", "\0"} & set(phrase.text)


@given(st.lists(st.text(min_size=1, max_size=9), min_size=1, max_size=9))
def test_a_search_has_an_end(some: list[str]) -> None:
    """However much is typed, so many words are looked for."""
    found = words_of(" ".join(f"{one}{at}" for at in range(LONGEST) for one in some))
    assert sum(len(phrase.words) for phrase in found.phrases) <= MOST


@given(st.text())
def test_places_and_tokens_tell_the_same_words(text: str) -> None:
    """What is counted is what is shown."""
    assert [word for _, _, word in places(text) if word] == tokens(text) or not text.isascii()


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    """A folded word is found by itself."""
    once = folded(text)
    assert folded(once) == once or not text.isascii()


@given(text=st.text(st.characters(codec="utf-8")), typed=st.text(max_size=20))
def test_a_snippet_is_one_short_line(text: str, typed: str) -> None:
    """Whatever the message and the words."""
    found = snippet(text, words_of(typed))
    assert len(found) <= LENGTH + 2
    assert len(found.splitlines()) <= 1


def test_a_snippet_shows_the_word_that_was_found() -> None:
    """In the midst of what stands around it, words kept whole."""
    text = f"{'before ' * 100}the Réfund of it {'after ' * 100}"
    found = snippet(text, words_of("refund"))
    assert "the Réfund of it" in found
    assert found.startswith("…before ")
    assert found.endswith(" after…")


def test_a_snippet_of_one_endless_word_is_cut() -> None:
    """Where there is no space to cut at."""
    found = snippet("x" * 1000 + "!refund!" + "y" * 1000, words_of("refund"))
    assert "refund" in found
    assert len(found) == LENGTH + 2
