"""Asana's arguments that choose tasks."""

from __future__ import annotations

import httpx
import pytest

from bi_contracts.queries import BadQuery, matches
from bi_contracts.queries.asana import Tasks

OPEN = {"completed": False, "completed_at": None, "modified_at": "2026-03-01T00:00:00.000Z"}
EARLY = {"completed": True, "completed_at": "2026-01-10T12:00:00.500Z", "modified_at": "2026-01-10T12:00:00.700Z"}
LATE = {"completed": True, "completed_at": "2026-02-10T12:00:00.000Z", "modified_at": "2026-04-01T00:00:00.000Z"}


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({}, [OPEN, EARLY, LATE]),
        ({"completed_since": "now"}, [OPEN]),
        ({"completed_since": "2026-02-01"}, [OPEN, LATE]),
        ({"completed_since": "2026-01-10T12:00:00.500Z"}, [OPEN, EARLY, LATE]),
        ({"modified_since": "2026-02-01T00:00:00Z"}, [OPEN, LATE]),
        ({"completed_since": "now", "modified_since": "2026-03-02"}, []),
    ],
)
def test_which_tasks_are_wanted(arguments: dict[str, str], found: list[object]) -> None:
    """What is open, and what was completed since; what was modified since; both where both are sent."""
    query = Tasks().read(httpx.Request("GET", "https://app.asana.com/api/1.0/tasks", params=arguments))
    assert [row for row in (OPEN, EARLY, LATE) if matches(query.where, row)] == found
    assert query.plain == (not arguments)


@pytest.mark.parametrize("name", ["completed_since", "modified_since"])
def test_what_is_no_time_is_refused(name: str) -> None:
    """The argument is named."""
    with pytest.raises(BadQuery, match=name):
        Tasks().read(httpx.Request("GET", "https://app.asana.com/api/1.0/tasks", params={name: "soon"}))
