"""HubSpot's search body: what it says, what it finds, and what is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.paths import Json
from bi_contracts.queries import BadQuery, Query, matches
from bi_contracts.queries.filter_groups import FILTERS, GROUPS, IN_GROUP, LONGEST, OPERATORS, FilterGroups
from bi_contracts.queries.predicate import sorted_rows

LANGUAGE = FilterGroups(
    ("amount", "createdate", "email", "name", "stage"), times=("createdate",), searched=("name", "email")
)
ROWS: list[dict[str, str | None]] = [
    {"name": "Alder Health", "email": "ava@alder.example", "amount": "900", "createdate": "2026-01-05T08:00:00.120Z"},
    {"name": "Birch Health Two", "email": "b@birch.example", "amount": "1000", "createdate": "2026-02-05T08:00:00Z"},
    {"name": "Cedar", "email": None, "amount": None, "createdate": "2026-03-05T08:00:00Z", "stage": "won"},
    {"name": "Healthy", "email": "", "amount": "25.5", "createdate": "2026-04-05T08:00:00Z", "stage": "lost"},
]


def query(body: Json) -> Query:
    return LANGUAGE.read(httpx.Request("POST", "https://api.hubapi.com/search", content=json.dumps(body)))


def found(body: Json) -> list[int]:
    """Positions of the rows that a search finds, in its order."""
    asked = query(body)
    rows = [{"properties": row} for row in ROWS]
    kept = [(at, row) for at, row in enumerate(rows) if matches(asked.where, row)]
    return sorted_rows(kept, asked.order)


def by(name: str, operator: str, **more: Json) -> Json:
    return {"filterGroups": [{"filters": [{"propertyName": name, "operator": operator, **more}]}]}


@pytest.mark.parametrize(
    ("name", "operator", "more", "rows"),
    [
        ("stage", "EQ", {"value": "won"}, [2]),
        ("stage", "NEQ", {"value": "won"}, [0, 1, 3]),
        ("amount", "LT", {"value": "1000"}, [0, 3]),
        ("amount", "LTE", {"value": "1000"}, [0, 1, 3]),
        ("amount", "GT", {"value": 900}, [1]),
        ("amount", "GTE", {"value": "900"}, [0, 1]),
        ("amount", "BETWEEN", {"value": "25.5", "highValue": "900"}, [0, 3]),
        ("stage", "IN", {"values": ["won", "lost"]}, [2, 3]),
        ("stage", "NOT_IN", {"values": ["won", "lost"]}, [0, 1]),
        ("email", "HAS_PROPERTY", {}, [0, 1]),
        ("email", "NOT_HAS_PROPERTY", {}, [2, 3]),
        ("name", "CONTAINS_TOKEN", {"value": "health"}, [0, 1]),
        ("name", "CONTAINS_TOKEN", {"value": "two birch"}, [1]),
        ("name", "CONTAINS_TOKEN", {"value": "health*"}, [0, 1, 3]),
        ("email", "CONTAINS_TOKEN", {"value": "*@alder.example"}, [0]),
        ("name", "NOT_CONTAINS_TOKEN", {"value": "health"}, [2, 3]),
        ("createdate", "GTE", {"value": "2026-02-05T08:00:00Z"}, [1, 2, 3]),
    ],
)
def test_each_operator(name: str, operator: str, more: dict[str, Json], rows: list[int]) -> None:
    """Numbers compare as numbers, times as times, words as whole words without case."""
    assert found(by(name, operator, **more)) == rows


def test_every_operator_is_tried_above() -> None:
    """The list of operators is the one of the vendor's description."""
    tried = {mark.args[1][at][1] for mark in test_each_operator.pytestmark for at in range(len(mark.args[1]))}
    assert tried == set(OPERATORS)


def test_groups_are_alternatives() -> None:
    """All filters of a group must hold, of the groups one."""
    one = {"propertyName": "stage", "operator": "EQ", "value": "won"}
    other = {"propertyName": "amount", "operator": "GT", "value": "1"}
    assert found({"filterGroups": [{"filters": [one]}, {"filters": [other]}]}) == [0, 1, 2, 3]
    assert found({"filterGroups": [{"filters": [one, other]}]}) == []


@given(st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1)))
def test_a_time_is_the_same_in_milliseconds(moment: datetime) -> None:
    """Unix milliseconds and ISO 8601 say the same time."""
    moment = moment.replace(tzinfo=UTC, microsecond=moment.microsecond // 1000 * 1000)
    millis = str(round(moment.timestamp() * 1000))
    assert found(by("createdate", "LT", value=millis)) == found(by("createdate", "LT", value=moment.isoformat()))


def test_query_looks_for_every_word() -> None:
    """Each word of `query` must stand in one of the properties that are searched."""
    assert found({"query": "HEALTH birch"}) == [1]
    assert found({"query": "alder.example"}) == [0]
    assert found({"query": ""}) == [0, 1, 2, 3]


@pytest.mark.parametrize("sort", ["-amount", {"propertyName": "amount", "direction": "DESCENDING"}])
def test_both_forms_of_a_sort(sort: Json) -> None:
    """A sort is a name, or an object with a direction; what has no value comes last."""
    assert found({"sorts": [sort]}) == [1, 0, 3, 2]


def test_an_empty_search_is_plain() -> None:
    """A body without conditions wants every row as it stands."""
    assert query({}).plain
    assert query({"filterGroups": [{"filters": []}], "sorts": [], "limit": 5, "after": "5"}).plain


FILTER = {"propertyName": "stage", "operator": "EQ", "value": "won"}


@pytest.mark.parametrize(
    "body",
    [
        [],
        "text",
        None,
        {"filterGroups": {}},
        {"filterGroups": ["stage"]},
        {"filterGroups": [{"filters": "stage"}]},
        {"filterGroups": [{"filters": [1]}]},
        {"filterGroups": [{"filters": [FILTER]}] * (GROUPS + 1)},
        {"filterGroups": [{"filters": [FILTER] * (IN_GROUP + 1)}]},
        {"filterGroups": [{"filters": [FILTER] * IN_GROUP}] * (FILTERS // IN_GROUP + 1)},
        by("planet", "EQ", value="x"),
        by("stage", "LIKE", value="x"),
        by("stage", "EQ"),
        by("stage", "EQ", value=["x"]),
        by("stage", "IN"),
        by("stage", "IN", values=[]),
        by("stage", "IN", values=[None]),
        by("amount", "BETWEEN", value="1"),
        by("createdate", "GT", value="yesterday"),
        by("createdate", "GT", value="9" * 40),
        {"query": 7},
        {"query": "x" * (LONGEST + 1)},
        {"sorts": ["amount", "stage"]},
        {"sorts": ["planet"]},
        {"sorts": [{"propertyName": "amount", "direction": "UP"}]},
        {"sorts": [7]},
        {"sorts": "amount"},
    ],
)
def test_what_is_refused(body: Json) -> None:
    """Other shapes, unknown names and operators, values that are missing or no times, too many of anything."""
    with pytest.raises(BadQuery):
        query(body)


def test_a_body_that_is_no_json_is_refused() -> None:
    """Neither nothing nor half an object is a search."""
    for content in (b"", b'{"filterGroups"', b"\xff"):
        with pytest.raises(BadQuery):
            LANGUAGE.read(httpx.Request("POST", "https://api.hubapi.com/search", content=content))
