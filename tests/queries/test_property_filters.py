"""Notion's filters and sorts as a predicate: what each condition finds, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.queries import BadQuery, Order, Query, matches
from bi_contracts.queries.property_filters import Property, PropertyFilters, TitleSearch, relative

AVA = "2c0a7f10-55aa-4b7e-8c01-000000000101"
SCHEMA = {
    "Name": Property("title", "title"),
    "Notes": Property("rich_text", "aB%3Cq"),
    "Estimate": Property("number", "cD_x"),
    "Stage": Property("status"),
    "Region": Property("select"),
    "Topics": Property("multi_select"),
    "Due": Property("date", "qRst"),
    "Owner": Property("people"),
    "Follow-up": Property("relation"),
    "Done": Property("checkbox"),
    "Link": Property("url"),
    "Mail": Property("email"),
    "Share": Property("formula", inside="number"),
    "Label": Property("formula", inside="string"),
    "Last": Property("rollup", inside="date"),
    "Number": Property("unique_id"),
    "Files": Property("files"),
    "Made": Property("created_time"),
    "Maker": Property("created_by"),
}
ROW = {
    "object": "page",
    "created_time": "2026-03-02T09:12:00.000Z",
    "last_edited_time": "2026-04-24T13:54:00.000Z",
    "properties": {
        "Name": {"type": "title", "title": [{"plain_text": "Draft the chart"}]},
        "Notes": {"type": "rich_text", "rich_text": []},
        "Estimate": {"type": "number", "number": 3.5},
        "Stage": {"type": "status", "status": {"name": "Doing"}},
        "Region": {"type": "select", "select": None},
        "Topics": {"type": "multi_select", "multi_select": [{"name": "finance"}, {"name": "board"}]},
        "Due": {"type": "date", "date": {"start": "2026-04-03T15:00:00.000Z", "end": None}},
        "Owner": {"type": "people", "people": [{"id": AVA}]},
        "Follow-up": {"type": "relation", "relation": []},
        "Done": {"type": "checkbox", "checkbox": False},
        "Link": {"type": "url", "url": "https://example.com/sales"},
        "Mail": {"type": "email", "email": None},
        "Share": {"type": "formula", "formula": {"type": "number", "number": 0.25}},
        "Label": {"type": "formula", "formula": {"type": "string", "string": "North 1"}},
        "Last": {"type": "rollup", "rollup": {"type": "date", "date": {"start": "2026-01-02"}}},
        "Number": {"type": "unique_id", "unique_id": {"prefix": "NUM", "number": 18}},
        "Files": {"type": "files", "files": []},
        "Made": {"type": "created_time", "created_time": "2026-03-02T09:12:00.000Z"},
        "Maker": {"type": "created_by", "created_by": {"id": AVA}},
    },
}
LANGUAGE = PropertyFilters(SCHEMA)


def read(body: Any) -> Query:
    return LANGUAGE.read(httpx.Request("POST", "https://api.example.com/query", json=body))


def found(wanted: Any) -> bool:
    return matches(read({"filter": wanted}).where, ROW)


@pytest.mark.parametrize(
    ("name", "kind", "condition", "expected"),
    [
        ("Name", "title", {"contains": "chart"}, True),
        ("Name", "rich_text", {"contains": "chart"}, None),
        ("title", "title", {"starts_with": "draft"}, True),
        ("Name", "title", {"ends_with": "draft"}, False),
        ("Name", "title", {"does_not_contain": "chart"}, False),
        ("Notes", "rich_text", {"is_empty": True}, True),
        ("aB%3Cq", "rich_text", {"is_not_empty": True}, False),
        ("Notes", "rich_text", {"does_not_equal": "x"}, True),
        ("Estimate", "number", {"greater_than": 3, "less_than": 4}, True),
        ("Estimate", "number", {"greater_than_or_equal_to": 3.5}, True),
        ("Estimate", "number", {"equals": 3}, False),
        ("Stage", "status", {"equals": "Doing"}, True),
        ("Region", "select", {"is_empty": True}, True),
        ("Region", "select", {"does_not_equal": "North"}, True),
        ("Topics", "multi_select", {"contains": "board"}, True),
        ("Topics", "multi_select", {"contains": "boar"}, False),
        ("Topics", "multi_select", {"does_not_contain": "sales"}, True),
        ("Due", "date", {"equals": "2026-04-03"}, True),
        ("Due", "date", {"after": "2026-04-03"}, False),
        ("Due", "date", {"on_or_after": "2026-04-03"}, True),
        ("Due", "date", {"on_or_before": "2026-04-03"}, True),
        ("Due", "date", {"before": "2026-04-03T15:00:01Z"}, True),
        ("Due", "date", {"is_empty": True}, False),
        ("Owner", "people", {"contains": AVA.replace("-", "")}, True),
        ("Owner", "people", {"does_not_contain": AVA}, False),
        ("Follow-up", "relation", {"is_empty": True}, True),
        ("Done", "checkbox", {"equals": False}, True),
        ("Link", "url", {"contains": "sales"}, True),
        ("Link", "rich_text", {"contains": "sales"}, True),
        ("Mail", "email", {"is_empty": True}, True),
        ("Share", "formula", {"number": {"less_than": 1}}, True),
        ("Label", "formula", {"string": {"contains": "north"}}, True),
        ("Last", "rollup", {"date": {"before": "2026-02-01"}}, True),
        ("Number", "unique_id", {"equals": 18}, True),
        ("Files", "files", {"is_empty": True}, True),
        ("Made", "date", {"on_or_after": "2026-03-02"}, True),
        ("Made", "created_time", {"before": "2026-03-02"}, False),
        ("Maker", "people", {"contains": AVA}, True),
    ],
)
def test_each_condition_finds_what_it_says(name: str, kind: str, condition: Any, expected: bool | None) -> None:
    """Properties of each common type by name or id; None where type and condition do not match."""
    wanted = {"property": name, kind: condition}
    if expected is None:
        with pytest.raises(BadQuery, match="does not match filter"):
            found(wanted)
    else:
        assert found(wanted) is expected


def test_timestamps_are_filtered() -> None:
    """`created_time` and `last_edited_time` of the page itself."""
    assert found({"timestamp": "created_time", "created_time": {"before": "2026-03-03"}})
    assert not found({"timestamp": "last_edited_time", "last_edited_time": {"before": "2026-04-24"}})


def test_groups_nest_two_deep() -> None:
    """An `or` inside an `and` is read, a third level is refused."""
    done = {"property": "Done", "checkbox": {"equals": True}}
    small = {"property": "Estimate", "number": {"less_than": 5}}
    assert found({"and": [small, {"or": [done, small]}]})
    assert not found({"and": [done, {"or": [done, small]}]})
    with pytest.raises(BadQuery, match="nest"):
        found({"and": [{"or": [{"and": [done]}]}]})


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"property": "Nobody", "title": {"equals": "x"}}, "Could not find property with name or id: Nobody"),
        ({"property": 3, "title": {"equals": "x"}}, "Could not find property"),
        ({"property": "Stage", "number": {"equals": 3}}, "database property status does not match filter number"),
        ({"property": "Name"}, "body.filter"),
        ({"property": "Name", "title": {"equals": "x"}, "number": {"equals": 3}}, "body.filter"),
        ({"property": "Name", "title": {"like": "x"}}, "body.filter.title.like should be not present"),
        ({"property": "Name", "title": {"equals": 3}}, "body.filter.title.equals"),
        ({"property": "Name", "title": {}}, "body.filter.title"),
        ({"property": "Estimate", "number": {"equals": "3"}}, "body.filter.number.equals"),
        ({"property": "Estimate", "number": {"is_empty": False}}, "body.filter.number.is_empty"),
        ({"property": "Done", "checkbox": {"equals": "yes"}}, "body.filter.checkbox.equals"),
        ({"property": "Due", "date": {"before": "soon"}}, "body.filter.date.before"),
        ({"property": "Due", "date": {"before": "2026-13-01"}}, "body.filter.date.before"),
        ({"property": "Owner", "people": {"contains": "Ava"}}, "body.filter.people.contains"),
        ({"property": "Share", "formula": {"string": {"equals": "x"}}}, "does not match filter string"),
        ({"property": "Share", "formula": 3}, "body.filter.formula"),
        ({"timestamp": "updated", "updated": {}}, "body.filter.timestamp"),
        ({"timestamp": "created_time"}, "body.filter.created_time"),
        ({"and": {}}, "body.filter.and should be an array"),
        ({"or": [3]}, "body.filter.or[0] should be an object"),
        ({"or": [{"property": "Name", "title": {"equals": "x"}}] * 101}, "100"),
        (3, "body.filter should be an object"),
    ],
)
def test_what_makes_no_sense_is_refused(wanted: Any, says: str) -> None:
    """The message says where in the body the mistake is."""
    with pytest.raises(BadQuery) as refused:
        found(wanted)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ({"property": "Name", "direction": "ascending"}, Order("properties.Name.title.0.plain_text")),
        ({"property": "qRst", "direction": "descending"}, Order("properties.Due.date.start", descending=True)),
        ({"property": "Share", "direction": "ascending"}, Order("properties.Share.formula.number")),
        ({"property": "Last", "direction": "ascending"}, Order("properties.Last.rollup.date.start")),
        ({"timestamp": "created_time", "direction": "ascending"}, Order("created_time")),
    ],
)
def test_sorts_name_a_property_or_a_timestamp(sort: Any, order: Order) -> None:
    """A sort becomes the path of what is compared."""
    assert read({"sorts": [sort]}).order == (order,)


@pytest.mark.parametrize(
    "sorts",
    [
        [{"property": "Nobody", "direction": "ascending"}],
        [{"property": "Name"}],
        [{"property": "Name", "direction": "up"}],
        [{"direction": "ascending"}],
        [{"timestamp": "now", "direction": "ascending"}],
        ["Name"],
        {"property": "Name", "direction": "ascending"},
    ],
)
def test_sorts_that_make_no_sense_are_refused(sorts: Any) -> None:
    """Unknown properties, directions and timestamps, and no list."""
    with pytest.raises(BadQuery):
        read({"sorts": sorts})


@given(days=st.integers(0, 3000))
def test_words_for_spans_hold_their_days(days: int) -> None:
    """Today is in the past and in the next week, month and year, and in this week."""
    today = datetime.fromtimestamp(1_700_000_000 + days * 86_400, UTC)
    for word in ("past_week", "past_month", "past_year", "this_week", "next_week", "next_month", "next_year"):
        ends = relative({word: {}}, today)
        assert ends["on_or_after"] <= today.date().isoformat() <= ends["on_or_before"]
    assert relative({"before": "2026-01-01"}, today) == {"before": "2026-01-01"}


SEARCH = TitleSearch(("properties.Name.title.plain_text", "title.plain_text"))


def searched(body: Any, language: TitleSearch = SEARCH) -> Query:
    return language.read(httpx.Request("POST", "https://api.example.com/search", json=body))


def test_a_search_looks_into_titles() -> None:
    """The words in a title, whatever its case; an empty query is every title."""
    assert matches(searched({"query": "CHART"}).where, ROW)
    assert not matches(searched({"query": "invoice"}).where, ROW)
    assert searched({"query": ""}).plain


def test_a_search_is_for_a_kind_of_object() -> None:
    """Pages or data sources; where the list holds one kind only, nothing is left to ask."""
    wanted = {"property": "object", "value": "data_source"}
    assert not matches(searched({"filter": wanted}).where, ROW)
    assert searched({"filter": wanted}, TitleSearch((), only="data_source")).plain
    assert searched({"sort": {"direction": "ascending", "timestamp": "last_edited_time"}}).order == (
        Order("last_edited_time"),
    )


@pytest.mark.parametrize(
    "body",
    [
        {"query": 3},
        {"filter": {"property": "object", "value": "database"}},
        {"filter": {"property": "name", "value": "page"}},
        {"filter": "page"},
        {"sort": {"direction": "up"}},
        {"sort": {"direction": "ascending", "timestamp": "created_time"}},
        {"sort": "ascending"},
    ],
)
def test_a_search_that_makes_no_sense_is_refused(body: Any) -> None:
    """Unknown kinds of object, directions and timestamps."""
    with pytest.raises(BadQuery):
        searched(body)
