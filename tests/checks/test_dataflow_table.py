"""Rows as a table."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.checks.dataflow import Table, table

NAMES = st.sampled_from("abc")
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.integers(), st.just("")),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=12,
)


@given(st.lists(VALUES, max_size=6))
def test_every_object_is_found_once_with_its_row(rows: list[Any]) -> None:
    """As many objects as there are anywhere, each under the number of the row it stands in."""

    def count(value: Any) -> int:
        if isinstance(value, dict):
            return 1 + sum(map(count, value.values()))
        return sum(map(count, value)) if isinstance(value, list) else 0

    found = [number for objects in Table(rows).objects.values() for number, _ in objects]
    assert sorted(found) == [number for number, one in enumerate(rows) for _ in range(count(one))]


def test_a_column_has_a_value_for_every_object() -> None:
    """None where an object lacks the member; items of lists by `*`."""
    rows = Table([{"p": [{"x": 1}, {}], "l": ["a", "b"]}, {"p": [{"x": 2}]}])
    assert list(rows.column("p.*.x")) == [(0, 1), (0, None), (1, 2)]
    assert list(rows.column("l.*")) == [(0, "a"), (0, "b")]
    assert list(rows.column("nothing")) == [(0, None), (1, None)]
    assert list(rows.column("no.thing")) == []


def test_a_name_may_have_a_dot_in_it() -> None:
    """Looker's `deals.name` is one member."""
    rows = Table([{"deals.name": "a", "x": {"y.z": 1}}])
    assert list(rows.column("deals.name")) == [(0, "a")]
    assert list(rows.column("x.y.z")) == [(0, 1)]


def test_what_says_nothing_does_not_fill_a_field() -> None:
    """Null, empty text, an empty list and an empty object; zero and false say something."""
    values: list[Any] = [None, "", [], {}, 0, False, "x"]
    rows = Table([{"a": value} for value in values] + [{}])
    assert rows.filled("a") == (3, 8)
    assert rows.filled("a", (None,)) == (6, 8)


def test_a_table_is_a_table_already() -> None:
    """Rows may come as a list, as anything that gives them, or as a table."""
    made = table(iter([{"a": 1}]))
    assert table(made) is made
    assert len(made) == 1
    assert table([{"a": 1}]).columns == ("a",)
