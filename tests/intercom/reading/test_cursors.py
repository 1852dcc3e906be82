"""A cursor goes with the question that it was answered to, and with no other."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.errors import StoreError
from bi_contracts.intercom.store.reading import CursorRefused
from bi_contracts.intercom.store.reading.cursors import opened, question_of, sealed
from bi_contracts.intercom.store.store import Store
from bi_contracts.intercom.store.values import Query

numbers = st.lists(st.integers(-(2**63), 2**63 - 1), max_size=4)


@given(question=st.text(), held=numbers, text=st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_sealed_is_opened_again(question: str, held: list[int], text: str) -> None:
    """Numbers and text come back as they were."""
    assert opened(question, sealed(question, held, text), len(held)) == (tuple(held), text)


@given(held=numbers, at=st.integers(0, 10**6), other=st.characters())
def test_a_cursor_that_was_changed_is_refused(held: list[int], at: int, other: str) -> None:
    """One character is enough, unless it means the same bits."""
    cursor = sealed("question", held)
    at %= len(cursor)
    changed = cursor[:at] + other + cursor[at + 1 :]
    try:
        assert opened("question", changed, len(held)) == (tuple(held), "")
    except CursorRefused:
        assert changed != cursor


@given(cursor=st.text(min_size=1))
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    """Whatever it is, by an error of ours that says what to do."""
    with pytest.raises(CursorRefused, match="leave it out"):
        opened("question", cursor, 2)


@pytest.mark.parametrize(
    "changed",
    [{"text": "order"}, {"ranked": True}, {"state": "open"}, {"since": 5}, {"contact": "c1"}, {"text": ""}],
    ids=str,
)
def test_another_questions_cursor_is_refused(filled: Store, changed: dict[str, object]) -> None:
    """Its place means nothing there."""
    query = Query("the", limit=1)
    cursor = filled.search(query).cursor
    with pytest.raises(StoreError, match="does not go with this search") as refused:
        filled.search(replace(query, cursor=cursor, **changed))  # type: ignore[arg-type]
    assert isinstance(refused.value, ValueError)


def test_pages_may_change_their_size() -> None:
    """How much is asked for is no part of the question."""
    assert question_of(Query("the", limit=1)) == question_of(Query("the", limit=9, cursor="x"))
