"""Identifiers keep their form, never repeat, and can be read back."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.sandbox.keys import base36, identifier_form, key_form, mix, salt

EXAMPLES = [
    "5f0c1a52-7a43-4e7d-9f53-0d2f5b7f8a11",
    "5f0c1a527a434e7d9f530d2f5b7f8a11",
    "65a1b2c3d4e5f60718293a02",
    "1200000000000701",
    "9007199254740993123",
    "7",
    "U0EXAMPLE01",
    "CEXAMPLE012",
    "1773301231.714899",
    "urgent",
    12,
    1200000000000701,
]


@pytest.mark.parametrize("example", EXAMPLES)
@settings(max_examples=40, deadline=None)
@given(index=st.integers(0, 10**9), seed=st.integers(0, 2**64 - 1))
def test_a_key_leads_back_to_its_index(example: object, index: int, seed: int) -> None:
    """For every form, `index(write(i)) == i`."""
    form = key_form(example, seed, 10**9 + 1)
    assert form.index(form.write(index)) == index


@pytest.mark.parametrize("example", EXAMPLES)
def test_keys_do_not_repeat(example: object) -> None:
    """A thousand indexes give a thousand keys, all of the example's type."""
    keys = [key_form(example, 99, 1000).write(index) for index in range(1000)]
    assert len(set(keys)) == 1000
    assert {type(key) for key in keys} == {type(example)}


@pytest.mark.parametrize(
    ("example", "form"),
    [
        (
            "5f0c1a52-7a43-4e7d-9f53-0d2f5b7f8a11",
            r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        ),
        ("65a1b2c3d4e5f60718293a02", r"[0-9a-f]{24}"),
        ("1200000000000701", r"[1-9]\d{15}"),
        ("U0EXAMPLE01", r"U0[A-Z0-9]{9}"),
        ("1773301231.714899", r"\d{10}\.\d{6}"),
    ],
)
def test_keys_have_the_form_of_the_example(example: str, form: str) -> None:
    """A UUID stays a version 4 UUID, a Slack id keeps its prefix, a number its digits."""
    keys = key_form(example, 5, 200)
    assert all(re.fullmatch(form, keys.write(index)) for index in range(200))


def test_a_foreign_key_has_no_index() -> None:
    """A key of another form, of another list, or of no text at all is not found."""
    form = key_form("5f0c1a52-7a43-4e7d-9f53-0d2f5b7f8a11", 5, 200)
    foreign = key_form("5f0c1a52-7a43-4e7d-9f53-0d2f5b7f8a11", 6, 200).write(3)
    assert [form.index(key) for key in ("x", "", None, 7, foreign)] == [-1] * 5


def test_few_digits_grow_rather_than_repeat() -> None:
    """An example of one digit counts on past nine."""
    form = key_form("7", 1, 100)
    assert [form.write(index) for index in (0, 1, 5)] == ["7", "8", "12"]


def test_many_slack_ids_get_more_digits() -> None:
    """The length grows where there would be too few ids."""
    assert len(key_form("U0ABCDEF1", 1, 36**9).write(0)) > len("U0ABCDEF1")


def test_words_and_numbers_are_no_identifiers() -> None:
    """Only what is recognisably an identifier has an identifier's form."""
    assert [identifier_form(value, 1) for value in ("urgent", "Hello there", 12, None)] == [None] * 4


def test_salt_and_mix_are_the_same_in_every_process() -> None:
    """The figures are written down here, so a change of them is noticed: it changes every world."""
    assert salt("bi", "asana", "tasks") == 0xDF32AA50B3584A7A
    assert mix(1, 2) == 0xEAB1569BA472EE56
    assert base36(35, 3) == "00Z"
