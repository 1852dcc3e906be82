"""Intercom's search as a predicate: what each operator finds, and what is refused."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.queries import BadQuery, Order, Query, matches
from bi_contracts.queries.search_tree import DAY, Field, SearchTree

TREE = SearchTree(
    {
        "name": Field(),
        "updated_at": Field(kind="time"),
        "seen_at": Field(kind="day"),
        "size": Field(kind="number"),
        "open": Field(kind="flag"),
        "body": Field("source.body", "words"),
        "email_domain": Field("email", "domain"),
        "tag_ids": Field("tags.tags.id"),
        "created_at": Field(kind="time", also=(">=",)),
        "custom_attributes.": Field(),
    }
)
ROW = {
    "name": "Ava Lindqvist",
    "email": "ava@alder.example",
    "updated_at": 1_767_231_000,
    "seen_at": 1_767_231_000,
    "created_at": 1_767_231_000,
    "size": 12,
    "open": True,
    "source": {"body": "<p>Which figures are missing?</p>"},
    "tags": {"tags": [{"id": "7"}, {"id": "8"}]},
    "custom_attributes": {"plan": "team", "Has attachments": False},
    "snoozed_until": None,
}


def read(body: Any) -> Query:
    return TREE.read(httpx.Request("POST", "https://api.example.com/search", json=body))


def single(field: str, operator: str, value: Any) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def found(query: Any) -> bool:
    return matches(read({"query": query}).where, ROW)


@pytest.mark.parametrize(
    ("field", "operator", "value", "expected"),
    [
        ("name", "=", "ava lindqvist", True),
        ("name", "!=", "Noor", True),
        ("name", "IN", ["Noor", "Ava Lindqvist"], True),
        ("name", "NIN", ["Noor", "Ava Lindqvist"], False),
        ("name", "~", "lind", True),
        ("name", "!~", "lind", False),
        ("name", "^", "Ava", True),
        ("name", "$", "qvist", True),
        ("updated_at", ">", 1_767_230_999, True),
        ("updated_at", ">", 1_767_231_000, False),
        ("updated_at", ">", "1767230999", True),
        ("updated_at", "<", 1_767_231_000, False),
        ("updated_at", "=", None, False),
        ("created_at", ">=", 1_767_231_000, True),
        ("size", "<=", 12, True),
        ("open", "=", True, True),
        ("open", "=", "false", False),
        ("body", "=", "figures", True),
        ("body", "=", "figures are", False),
        ("body", "~", "figures are", True),
        ("email_domain", "=", "alder.example", True),
        ("email_domain", "!=", "alder.example", False),
        ("tag_ids", "=", "8", True),
        ("tag_ids", "NIN", ["9"], True),
        ("custom_attributes.plan", "=", "team", True),
        ("custom_attributes.Has attachments", "=", "false", True),
        ("custom_attributes.none", "=", None, True),
    ],
)
def test_each_operator_finds_what_it_says(field: str, operator: str, value: Any, expected: bool) -> None:
    """Equal, among, below, above, contains, begins, ends, and their opposites."""
    assert found(single(field, operator, value)) is expected


@given(seconds=st.integers(1_600_000_000, 1_900_000_000))
def test_a_day_is_compared_whole(seconds: int) -> None:
    """On day fields `=` is any second of the UTC day, `>` starts with the next one, `<` ends with the one before."""
    day, mine = seconds // DAY, ROW["seen_at"] // DAY  # type: ignore[operator]
    assert found(single("seen_at", "=", seconds)) is (mine == day)
    assert found(single("seen_at", ">", seconds)) is (mine > day)
    assert found(single("seen_at", "<", seconds)) is (mine < day)


@given(bound=st.integers(1_767_230_000, 1_767_232_000))
def test_seconds_are_compared_exactly(bound: int) -> None:
    """`updated_at > x` has every row after x and none before: an incremental read loses nothing."""
    assert found(single("updated_at", ">", bound)) is (ROW["updated_at"] > bound)  # type: ignore[operator]


def test_groups_nest_two_deep() -> None:
    """(1 AND (2 OR 3)) is read."""
    inner = {"operator": "OR", "value": [single("name", "=", "Noor"), single("open", "=", True)]}
    assert found({"operator": "AND", "value": [single("size", ">", 3), inner]})
    assert not found({"operator": "AND", "value": [single("size", ">", 99), inner]})


def test_a_third_level_is_refused() -> None:
    """Filters nest two deep at most."""
    query: Any = single("open", "=", True)
    for operator in ("OR", "AND", "OR"):
        query = {"operator": operator, "value": [query]}
    with pytest.raises(BadQuery, match="nested"):
        read({"query": query})


@pytest.mark.parametrize(("count", "refused"), [(15, False), (16, True)])
def test_a_group_holds_fifteen(count: int, refused: bool) -> None:
    """The sixteenth filter of a group is one too many."""
    query = {"operator": "AND", "value": [single("open", "=", True)] * count}
    if refused:
        with pytest.raises(BadQuery, match="15"):
            read({"query": query})
    else:
        assert found(query)


@pytest.mark.parametrize(
    "query",
    [
        single("unknown", "=", 1),
        single("custom_attributes.", "=", 1),
        single("name", ">", "a"),
        single("seen_at", "!=", 3),
        single("seen_at", "IN", [3]),
        single("updated_at", ">=", 3),
        single("updated_at", ">", "yesterday"),
        single("updated_at", ">", True),
        single("updated_at", ">", None),
        single("updated_at", "=", "NaN"),
        single("updated_at", "=", "1e999"),
        single("name", "IN", "Ava"),
        single("name", "=", {"a": 1}),
        single("name", "like", "a"),
        single("open", "=", "perhaps"),
        {"field": "name", "operator": "="},
        {"operator": "AND", "value": []},
        {"operator": "AND", "value": {"field": "name"}},
        {"operator": "AND", "value": ["name"]},
        {},
        [],
        "name",
    ],
)
def test_what_makes_no_sense_is_refused(query: Any) -> None:
    """Unknown fields and operators, operators that do not fit, values of another type, and no filter at all."""
    with pytest.raises(BadQuery):
        read({"query": query})


def test_a_search_without_query_is_refused() -> None:
    """`query` is required; its absence has a code of its own."""
    with pytest.raises(BadQuery) as refused:
        read({})
    assert refused.value.code == "parameter_not_found"


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ({"field": "updated_at", "order": "ascending"}, Order("updated_at")),
        ({"field": "body", "order": "descending"}, Order("source.body", descending=True)),
        ({"field": "name"}, Order("name")),
    ],
)
def test_a_sort_names_field_and_order(sort: Any, order: Order) -> None:
    """The field may stand elsewhere in the row than its name says."""
    assert read({"query": single("open", "=", True), "sort": sort}).order == (order,)


@pytest.mark.parametrize("sort", ["name", {}, {"field": "unknown"}, {"field": "name", "order": "up"}, {"field": 1}])
def test_a_sort_that_makes_no_sense_is_refused(sort: Any) -> None:
    """Unknown fields and orders."""
    with pytest.raises(BadQuery):
        read({"query": single("open", "=", True), "sort": sort})


@given(
    query=st.recursive(
        st.none() | st.booleans() | st.text(max_size=5) | st.integers(),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["field", "operator", "value", "AND"]), inner)
        ),
    )
)
def test_any_json_is_read_or_refused(query: Any) -> None:
    """Whatever is sent, nothing but `BadQuery` comes of it."""
    with suppress(BadQuery):
        assert isinstance(read(json.loads(json.dumps({"query": query}))), Query)
