"""Filters as objects of comparators: each comparator, what is related, and lists of related things."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.queries.comparators import COMPARATORS, settled, wanted
from bi_contracts.queries.predicate import BadQuery

ISSUE = {
    "title": "Café figures",
    "priority": 2,
    "estimate": None,
    "done": False,
    "at": "2026-03-02T09:12:24.757Z",
    "team": {"key": "NUM", "lead": {"email": "ava@example.com"}},
    "assignee": None,
    "labels": [{"name": "Sales", "color": "red"}, {"name": "Late", "color": "blue"}],
    "ids": ["a", "b"],
    "children": [],
}


def read(thing: Any, name: str) -> Any:
    return thing.get(name)


def passes(filter_: Any) -> bool:
    return wanted(filter_, ISSUE, read)


@pytest.mark.parametrize(
    ("filter_", "held"),
    [
        ({}, True),
        ({"title": None}, True),
        ({"title": {"eq": "Café figures"}}, True),
        ({"title": {"eq": "café figures"}}, False),
        ({"title": {"eqIgnoreCase": "CAFÉ FIGURES"}}, True),
        ({"title": {"neqIgnoreCase": "CAFÉ FIGURES"}}, False),
        ({"title": {"contains": "fig"}}, True),
        ({"title": {"contains": "Fig"}}, False),
        ({"title": {"containsIgnoreCase": "FIG"}}, True),
        ({"title": {"containsIgnoreCaseAndAccent": "CAFE"}}, True),
        ({"title": {"notContains": "fig"}}, False),
        ({"title": {"notContainsIgnoreCase": "FIG"}}, False),
        ({"title": {"startsWith": "Caf"}}, True),
        ({"title": {"startsWithIgnoreCase": "cAF"}}, True),
        ({"title": {"notStartsWith": "Caf"}}, False),
        ({"title": {"endsWith": "ures"}}, True),
        ({"title": {"notEndsWith": "ures"}}, False),
        ({"title": {"contains": "Caf", "endsWith": "x"}}, False),
        ({"title": {"contains": None}}, False),
        ({"priority": {"lt": 3, "gt": 1}}, True),
        ({"priority": {"lte": 2}}, True),
        ({"priority": {"gte": 2.0}}, True),
        ({"priority": {"gt": 2}}, False),
        ({"priority": {"lt": "x"}}, False),
        ({"priority": {"in": [1, 2]}}, True),
        ({"priority": {"nin": [1, 2]}}, False),
        ({"priority": {"eq": "2"}}, False),
        ({"priority": {"unheard": 1}}, True),
        ({"estimate": {"null": True}}, True),
        ({"estimate": {"null": False}}, False),
        ({"estimate": {"null": None}}, True),
        ({"estimate": {"gt": 0}}, False),
        ({"estimate": {"neq": 1}}, True),
        ({"estimate": {"or": [{"null": True}, {"gt": 5}]}}, True),
        ({"estimate": {"and": [{"null": True}, {"eq": 5}]}}, False),
        ({"done": {"eq": False}}, True),
        ({"done": {"eq": True}}, False),
        ({"done": {"neq": True}}, True),
        ({"at": {"gt": "2026-03-02"}}, True),
        ({"at": {"lt": "2026-03-02T10:12:24.757+02:00"}}, False),
        ({"at": {"eq": "2026-03-02T09:12:24.757+00:00"}}, True),
        ({"at": {"gt": "2026-99-99"}}, False),
        ({"team": {"key": {"eq": "NUM"}}}, True),
        ({"team": {"lead": {"email": {"endsWith": "@example.com"}}}}, True),
        ({"team": {"or": [{"key": {"eq": "X"}}, {"lead": {"email": {"null": False}}}]}}, True),
        ({"team": {"null": True}}, False),
        ({"assignee": {"null": True}}, True),
        ({"assignee": {"email": {"eq": "x"}}}, False),
        ({"assignee": {"email": {"null": True}}}, False),
        ({"title": {"key": {"eq": "x"}}}, False),
        ({"labels": {"name": {"eq": "Late"}}}, True),
        ({"labels": {"some": {"name": {"eq": "Late"}, "color": {"eq": "red"}}}}, False),
        ({"labels": {"some": {"name": {"eq": "Late"}, "color": {"eq": "blue"}}}}, True),
        ({"labels": {"every": {"color": {"in": ["red", "blue"]}}}}, True),
        ({"labels": {"every": {"color": {"eq": "red"}}}}, False),
        ({"labels": {"length": {"eq": 2, "lt": 3}}}, True),
        ({"labels": {"length": {"gt": 2}}}, False),
        ({"labels": {"null": True}}, False),
        ({"labels": {"some": None}}, True),
        ({"labels": {"and": [{"some": {"name": {"eq": "Late"}}}, {"length": {"gt": 5}}]}}, False),
        ({"labels": {"or": [{"some": {"name": {"eq": "No"}}}, {"length": {"gt": 1}}]}}, True),
        ({"ids": {"in": ["b", "z"]}}, True),
        ({"children": {"null": True}}, True),
        ({"children": {"every": {"title": {"eq": "x"}}}}, True),
        ({"children": {"title": {"eq": "x"}}}, False),
        ({"and": [{"priority": {"gt": 1}}, {"title": {"contains": "é"}}]}, True),
        ({"or": [{"priority": {"gt": 5}}, {"title": {"contains": "zz"}}]}, False),
        ({"or": []}, True),
        ({"or": {"priority": {"eq": 2}}}, True),
    ],
)
def test_a_filter_holds_or_not(filter_: Any, held: bool) -> None:
    """Every comparator, on texts, figures, times, nothing, related things and lists of them."""
    assert passes(filter_) is held


@given(st.text() | st.integers() | st.none() | st.booleans(), st.text() | st.integers() | st.booleans())
def test_what_is_negated_is_the_opposite(value: Any, against: Any) -> None:
    """`neq` and `nin` pass what `eq` and `in` do not."""
    thing = {"it": value}
    assert wanted({"it": {"eq": against}}, thing, read) is not wanted({"it": {"neq": against}}, thing, read)
    assert wanted({"it": {"in": [against]}}, thing, read) is not wanted({"it": {"nin": [against]}}, thing, read)


@given(st.integers(), st.integers())
def test_figures_are_in_order(value: int, against: int) -> None:
    """A figure is below, the same, or above."""
    value, against = value % 2**53, against % 2**53
    held = [wanted({"it": {name: against}}, {"it": value}, read) for name in ("lt", "eq", "gt")]
    assert held.count(True) == 1


@pytest.mark.parametrize("filter_", [{"title": "x"}, {"and": ["x"]}, {"team": {"or": [1]}}])
def test_what_is_no_filter_is_refused(filter_: Any) -> None:
    """A value in the place of a comparator."""
    with pytest.raises(BadQuery):
        passes(filter_)


@pytest.mark.parametrize(
    ("duration", "moment"),
    [
        ("P1D", "2023-11-15T22:13:20.000Z"),
        ("-P2W", "2023-10-31T22:13:20.000Z"),
        ("-P1Y1M", "2022-10-15T22:13:20.000Z"),
        ("PT1H30M0.5S", "2023-11-14T23:43:20.500Z"),
    ],
)
def test_durations_are_times_from_now(duration: str, moment: str) -> None:
    """ISO 8601 durations, forward and back."""
    filter_ = {"or": [{"at": {"gt": duration}}], "title": {"eq": "P"}}
    found = settled(filter_, 1_700_000_000.0)
    assert found == {"or": [{"at": {"gt": moment}}], "title": {"eq": "P"}}


@pytest.mark.parametrize("duration", ["P99999999999Y", "-P200Y"])
def test_a_duration_without_end_is_refused(duration: str) -> None:
    """More than a hundred years from now."""
    with pytest.raises(BadQuery):
        settled({"at": {"gt": duration}}, 0.0)


def test_every_comparator_of_linears_schema_is_known() -> None:
    """What the published schema lets clients ask for, quantifiers and connectives aside."""
    from graphql import build_schema, is_input_object_type, is_leaf_type

    from bi_contracts.platforms.linear import PLATFORM
    from bi_contracts.sandbox.graphql.schemas import sdl

    types = build_schema(sdl(PLATFORM.schema), assume_valid=True).type_map
    asked = {
        name
        for type_ in types.values()
        if is_input_object_type(type_) and type_.name.endswith("Comparator") and "Metadata" not in type_.name
        for name in type_.fields
    }
    assert asked - set(COMPARATORS) - {"and", "or", "null", "some", "every", "length"} == set()
    assert not is_leaf_type(types["IssueFilter"])
