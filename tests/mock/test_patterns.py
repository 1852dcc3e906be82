"""Texts for patterns: each matches, and they are counted."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.mock.patterns import MANY, Unsupported, texts

PATTERNS = [
    r"^TH-[0-9]{6}$",
    r"^[A-Z]{2}\d{4,}$",
    r"^(application/json)(\+x)?$",
    r"^(red|green|blue)-\w+$",
    r"^[^a-z]{3}$",
    r"^\+\d{1,3} \d{2}-\d{2}$",
    r"[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}",
    r"^.{2,4}$",
    r"^[\w.]+@[\w-]+\.[a-z]{2,3}$",
    r"^\S\s\D$",
    r"^[]x]\]\x41\u0042\t$",
    r"^(?P<year>20\d\d)-(?<month>0[1-9]|1[0-2])$",
    r"^a*?b+c{2}d{1,}?$",
    r"^[a-]{2}[\d_]$",
    r"^\bword\b$",
    r"^$",
    r"^a{,}$",
]


@pytest.mark.parametrize("pattern", [one for one in PATTERNS if "{,}" not in one and "(?<" not in one])
def test_every_text_matches_its_pattern(pattern: str) -> None:
    """The first, the last and those between."""
    found = texts(pattern)
    for number in {0, 1, 7, found.count // 2, found.count - 1}:
        if number < found.count:
            assert re.search(pattern, found.nth(number)), (pattern, found.nth(number))


@given(st.sampled_from(PATTERNS[:9]), st.integers(0, MANY), st.integers(0, MANY))
def test_no_two_numbers_give_the_same_text(pattern: str, one: int, other: int) -> None:
    """What keys are made of: as many texts as are counted."""
    found = texts(pattern)
    one, other = one % found.count, other % found.count
    if "\\w+" not in pattern and "|" not in pattern:
        assert (found.nth(one) == found.nth(other)) == (one == other)


@pytest.mark.parametrize(
    ("pattern", "count"), [("^[0-9]{2}$", 100), ("^(a|b)c?$", 4), ("^x$", 1), ("^[a-c]{1,2}$", 12), (r"^\w{40}$", MANY)]
)
def test_texts_are_counted(pattern: str, count: int) -> None:
    """By their parts, up to a bound."""
    assert texts(pattern).count == count


@pytest.mark.parametrize(
    "pattern",
    [
        "^(?=a)b$",
        "^(?!a)b$",
        "^(?<!a)b$",
        r"^(a)\1$",
        r"^\p{L}$",
        "^a{x}$",
        "^(a",
        "^[a",
        "a)",
        r"^[^\d\D]$",
        "a{99999}",
    ],
)
def test_what_no_text_is_made_for_is_said(pattern: str) -> None:
    """Look-ahead, back references, Unicode classes, and what is no pattern at all."""
    with pytest.raises((Unsupported, ValueError)):
        texts(pattern)


def test_a_text_beyond_the_last_is_an_error() -> None:
    """Counting ends."""
    with pytest.raises(IndexError):
        texts("^(a|b)$").parts[1].nth(5)  # type: ignore[attr-defined]


def test_named_groups_of_both_spellings_are_read() -> None:
    """Python's and everybody else's."""
    assert texts(r"^(?P<a>x)(?<b>y)$").nth(0) == "xy"
