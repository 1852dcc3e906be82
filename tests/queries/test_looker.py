"""Looker's searches, as rows that are found."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.queries import matches
from bi_contracts.queries.looker import Search

SEARCH = Search(("id", "title", "folder_id", "deleted", "view_count"))
ROWS = (
    {"id": "1", "title": "Sales by region", "folder_id": "7", "deleted": False, "view_count": 3},
    {"id": "2", "title": "Regional staff", "folder_id": "8", "deleted": False, "view_count": 40},
    {"id": "3", "title": "Sales", "folder_id": None, "deleted": True, "view_count": 0},
)


def found(**given: str) -> list[str]:
    query = SEARCH.read(httpx.Request("GET", "https://looker.example/looks/search", params=given))
    return [str(row["id"]) for row in ROWS if matches(query.where, row)]


@pytest.mark.parametrize(
    ("given", "ids"),
    [
        ({}, ["1", "2", "3"]),
        ({"title": "sales"}, ["3"]),
        ({"title": "sales%"}, ["1", "3"]),
        ({"title": "%region"}, ["1"]),
        ({"title": "%region%"}, ["1", "2"]),
        ({"title": "s%s"}, ["3"]),
        ({"title": "%"}, ["1", "2", "3"]),
        ({"id": "1,3"}, ["1", "3"]),
        ({"folder_id": "NULL"}, ["3"]),
        ({"folder_id": "NOT NULL"}, ["1", "2"]),
        ({"deleted": "false"}, ["1", "2"]),
        ({"view_count": "40"}, ["2"]),
        ({"title": "%region%", "folder_id": "7"}, ["1"]),
        ({"title": "regional%", "folder_id": "7", "filter_or": "true"}, ["1", "2"]),
        ({"unknown": "x", "title": ""}, ["1", "2", "3"]),
    ],
)
def test_what_is_searched_for_is_found(given: dict[str, str], ids: list[str]) -> None:
    """Values, patterns, lists of ids, nothing at all; together, or any of them."""
    assert found(**given) == ids


@given(first=st.text("ab%", max_size=6), text=st.text("ab", max_size=6))
def test_a_pattern_without_its_percents_is_in_what_it_finds(first: str, text: str) -> None:
    """Whatever a pattern finds holds every part between its percent signs, in letter case or not."""
    query = SEARCH.read(httpx.Request("GET", "https://looker.example/", params={"title": first}))
    if first and matches(query.where, {"title": text}):
        assert all(part in text for part in first.split("%"))


def test_sorts_name_fields_and_directions() -> None:
    """Several fields, each with a direction of its own."""
    asked = httpx.Request("GET", "https://looker.example/", params={"sorts": "title desc, id"})
    assert [(one.path, one.descending) for one in SEARCH.read(asked).order] == [("title", True), ("id", False)]
