"""Predicates over rows mean what they say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any as Anything

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.queries import All, Always, Any, Arguments, BadQuery, Condition, Not, Order, Query, Where, matches
from bi_contracts.queries.operators import OPERATORS, comparable
from bi_contracts.queries.predicate import sorted_rows

ROW = {
    "name": "Ava Lindqvist",
    "amount": "1200.5",
    "size": 12,
    "open": True,
    "made": "2026-03-01T09:00:00.000+0000",
    "seen": 1772355600,
    "tags": ["red", "Blue"],
    "parts": [{"author": {"id": "1"}}, {"author": {"id": "2"}}],
    "a.b": "dotted",
    "nothing": None,
    "blank": "",
}


@pytest.mark.parametrize(
    ("path", "operator", "value"),
    [
        ("name", "eq", "ava lindqvist"),
        ("name", "ne", "Noor"),
        ("name", "contains", "LIND"),
        ("name", "starts", "ava"),
        ("name", "ends", "qvist"),
        ("name", "not_contains", "xyz"),
        ("name", "in", ["x", "Ava Lindqvist"]),
        ("name", "not_in", ["x", "y"]),
        ("amount", "eq", 1200.5),
        ("amount", "gt", 1200),
        ("amount", "le", "1200.50"),
        ("amount", "between", ["1000", 1300]),
        ("size", "eq", "12"),
        ("size", "lt", 100),
        ("open", "eq", True),
        ("open", "eq", "true"),
        ("made", "eq", "2026-03-01T09:00:00Z"),
        ("made", "eq", "2026-03-01T10:00:00+01:00"),
        ("made", "ge", "2026-03-01"),
        ("made", "lt", "2026-03-02"),
        ("made", "eq", 1772355600),
        ("seen", "eq", "2026-03-01T09:00:00Z"),
        ("tags", "eq", "blue"),
        ("parts.author.id", "eq", "2"),
        ("parts.1.author.id", "eq", "2"),
        ("a.b", "eq", "dotted"),
        ("nothing", "empty", True),
        ("blank", "empty", None),
        ("absent", "empty", True),
        ("absent", "eq", None),
        ("absent", "ne", "x"),
        ("name", "exists", True),
        ("absent", "exists", False),
    ],
)
def test_what_matches(path: str, operator: str, value: Anything) -> None:
    """Numbers compare as numbers, times as instants, texts without case, lists by any of their items."""
    assert matches(Condition(path, operator, value), ROW)


@pytest.mark.parametrize(
    ("path", "operator", "value"),
    [
        ("name", "eq", "Ava"),
        ("absent", "eq", "x"),
        ("absent", "lt", 5),
        ("nothing", "gt", 0),
        ("name", "lt", 5),
        ("size", "gt", "many"),
        ("size", "between", [1, 11]),
        ("tags", "eq", "green"),
        ("parts.7.author", "exists", True),
        ("name", "empty", True),
        ("name.first", "exists", True),
    ],
)
def test_what_does_not_match(path: str, operator: str, value: Anything) -> None:
    """What is not there, and what cannot be compared, is never matched by a comparison."""
    assert not matches(Condition(path, operator, value), ROW)


values = st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["a", "b", "1", "2026-01-01", ""])
rows = st.fixed_dictionaries({}, optional={name: values | st.lists(values, max_size=2) for name in "xy"})
conditions = st.builds(
    Condition,
    st.sampled_from(["x", "y"]),
    st.sampled_from(sorted(set(OPERATORS) - {"between", "in", "not_in"})),
    values.filter(lambda value: value is not None),
)
predicates = st.recursive(
    st.just(Always()) | conditions,
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(All, st.lists(inner, max_size=3).map(tuple))
        | st.builds(Any, st.lists(inner, max_size=3).map(tuple))
    ),
    max_leaves=6,
)


@given(row=rows, one=predicates, other=predicates)
def test_logic(row: Anything, one: Anything, other: Anything) -> None:
    """Not is the opposite, All is every part, Any is some part."""
    left, right = matches(one, row), matches(other, row)
    assert matches(Not(one), row) is not left
    assert matches(All((one, other)), row) is (left and right)
    assert matches(Any((one, other)), row) is (left or right)


@given(row=rows, value=values.filter(lambda value: value is not None), path=st.sampled_from(["x", "y"]))
def test_opposites(row: Anything, value: Anything, path: str) -> None:
    """Each operator and its opposite divide all rows between them."""
    for operator, opposite in (("eq", "ne"), ("contains", "not_contains"), ("exists", "empty")):
        assert matches(Condition(path, operator, value), row) is not matches(Condition(path, opposite, value), row)
    assert matches(Condition(path, "in", [value]), row) is matches(Condition(path, "eq", value), row)


@given(st.lists(st.none() | st.integers(), max_size=20), st.booleans())
def test_sorting(values: list[int | None], descending: bool) -> None:
    """Sorted by a field, either way; equal rows keep their order, and rows without the field come last."""
    rows = [(place, {"value": value}) for place, value in enumerate(values)]
    found = [values[place] for place in sorted_rows(rows, (Order("value", descending),))]
    there = [value for value in values if value is not None]
    assert found == sorted(there, reverse=descending) + [None] * (len(values) - len(there))


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(1990, 1, 1), max_value=datetime(2090, 1, 1)))
def test_an_instant_is_one_number_however_it_is_written(moment: datetime) -> None:
    """ISO 8601 with `Z`, with an offset, without a colon in it, and Unix seconds are one instant."""
    whole = moment.replace(microsecond=0)
    stamp = f"{whole:%Y-%m-%dT%H:%M:%S}"
    forms = (f"{stamp}Z", f"{stamp}+00:00", f"{stamp}.000+0000", whole.timestamp())
    assert {comparable(form) for form in forms} == {whole.timestamp()}


@given(st.text())
def test_any_text_compares(value: str) -> None:
    """No text breaks a comparison, however much it looks like a date."""
    assert matches(Condition("x", "eq", value), {"x": value})
    assert comparable(f"2026-99-99{value}") is not None


LIST = Arguments(
    {
        "query.open": Where("open", kind="flag"),
        "query.since": Where("made", "ge", "time", fixed={"now": Condition("made", "empty", True)}),
        "query.size": Where("size", kind="number"),
        "query.tags": Where("tags", "in", "list"),
        "query.state": Where("state", none="all"),
    },
    sort="query.sort",
    sortable={"made": "meta.made"},
)


def read(query: str) -> Query:
    return LIST.read(httpx.Request("GET", f"https://shop.test/x?{query}"))


def test_arguments_are_read() -> None:
    """Every argument is a condition of its kind, those that mean nothing are none, and several hold together."""
    assert read("") == Query()
    assert read("").plain
    assert read("state=all&open=").plain
    assert read("open=1").where == All((Condition("open", "eq", True),))
    assert read("since=now").where == All((Condition("made", "empty", True),))
    assert read("tags=a,%20b&size=3").where == All((Condition("size", "eq", "3"), Condition("tags", "in", ["a", "b"])))
    assert read("sort=-made").order == (Order("meta.made", True),)
    assert read("sort=made desc,made asc").order == (Order("meta.made", True), Order("meta.made"))


@pytest.mark.parametrize("query", ["open=perhaps", "since=soon", "size=big", "sort=name"])
def test_wrong_arguments_are_refused(query: str) -> None:
    """What is none of its kind raises `BadQuery` that names the argument or the field."""
    with pytest.raises(BadQuery, match=r"open|since|size|name"):
        read(query)
