"""Dotted paths into JSON values."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.paths import bury, decode_body, dig

STEPS = st.lists(st.text("abcxyz_", min_size=1, max_size=4), min_size=1, max_size=5)
LEAVES = st.none() | st.booleans() | st.integers() | st.text()
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3))


@given(VALUES, STEPS, LEAVES)
def test_what_is_buried_is_dug_up(value: object, steps: list[str], leaf: object) -> None:
    """`dig` finds what `bury` put, whatever stood there before."""
    path = ".".join(steps)
    assert dig(bury(value, path, leaf), path) == leaf


@given(VALUES, STEPS, LEAVES)
def test_bury_leaves_the_value_as_it_was(value: object, steps: list[str], leaf: object) -> None:
    """The original is never changed."""
    before = json.dumps(value)
    bury(value, ".".join(steps), leaf)
    assert json.dumps(value) == before


def test_the_empty_path_is_the_value_itself() -> None:
    """No steps, no digging."""
    assert dig([1], "") == [1]
    assert bury([1], "", 2) == 2


def test_a_number_steps_into_a_list() -> None:
    """`errors.0.message` reaches into the first error, and a copy can be made with another one."""
    value = {"errors": [{"message": "no"}]}
    assert dig(value, "errors.0.message") == "no"
    assert dig(value, "errors.1.message", "none") == "none"
    assert bury(value, "errors.0.message", "yes") == {"errors": [{"message": "yes"}]}


def test_a_body_is_json_else_text_else_nothing() -> None:
    """Numbers keep all their digits; what is no JSON stays text; white space is nothing."""
    assert decode_body(b'{"id": 9007199254740993}') == {"id": 9007199254740993}
    assert decode_body(b"<html>") == "<html>"
    assert decode_body(b" \n") is None


def test_what_is_nested_too_deep_is_text() -> None:
    """A hundred thousand brackets are no answer, and no crash."""
    assert decode_body(b"[" * 100_000 + b"]" * 100_000) == "[" * 100_000 + "]" * 100_000
