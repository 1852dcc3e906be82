"""A range of times is found without a look at every row, and is what the look at every row finds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.platforms.intercom import PLATFORM
from bi_contracts.queries import All, Condition, Order, Query
from bi_contracts.sandbox import World
from bi_contracts.sandbox.rows import FOREVER
from bi_contracts.sandbox.selecting import Columns, selected

CONVERSATIONS = PLATFORM.endpoint("conversations")
ROWS = 12
NOW = 1_767_700_000

moments = st.integers(1_767_600_000, 1_767_640_000) | st.integers(NOW - 2, NOW + 12)
paths = st.sampled_from(["updated_at", "created_at", "statistics.count_conversation_parts"])
conditions = st.builds(Condition, paths, st.sampled_from(["gt", "ge", "lt", "le", "eq"]), moments | st.integers(0, 5))
others = st.builds(Condition, st.just("state"), st.just("eq"), st.sampled_from(["open", "closed"]))
orders = st.just(()) | st.builds(lambda path, down: (Order(path, down),), paths, st.booleans())
queries = st.builds(
    lambda parts, order: Query(All(tuple(parts)), order), st.lists(conditions | others, min_size=1, max_size=4), orders
)
writes = st.tuples(st.sampled_from(["update", "delete", "create"]), st.integers(0, ROWS - 1), st.integers(0, 3))


class Plain(Columns):
    """Looks at every row."""

    def ranged(self, *_: Any) -> None:
        return None


def written(steps: list[tuple[str, int, int]]) -> World:
    """A world in which those things happened, one a second."""
    world = World(rows=ROWS)
    now = NOW
    world.clock = lambda: float(now)
    for step, position, delay in steps:
        now += 1
        match step:
            case "update":
                patch = {"updated_at": NOW + delay, "statistics": {"count_conversation_parts": delay}}
                world.update(PLATFORM, CONVERSATIONS, position, patch)
            case "delete":
                world.delete(PLATFORM, CONVERSATIONS, position)
            case "create":
                record = {"id": f"new{now}", "updated_at": NOW + delay, "created_at": NOW, "state": "open"}
                world.create(PLATFORM, CONVERSATIONS, record | {"statistics": {"count_conversation_parts": 1}})
    return world


@given(st.lists(writes, max_size=8), st.lists(queries, min_size=1, max_size=4), st.integers(0, 9) | st.just(FOREVER))
@settings(deadline=None, max_examples=150)
def test_a_range_is_what_a_scan_finds(steps: Any, asked: list[Query], seen: float) -> None:
    """Whatever was updated, deleted and created, whatever of it is to be seen, in whichever order."""
    world = written(steps)
    rows = world.collection(PLATFORM, CONVERSATIONS).everything(NOW + seen)
    columns = Columns()
    for query in asked:
        assert list(selected(rows, query, columns)) == list(selected(rows, query, Plain()))


@pytest.mark.parametrize("query", [Query(Condition("state", "gt", 1)), Query(Condition("updated_at", "gt", 1.5))])
def test_what_is_no_range_of_whole_numbers_is_scanned(query: Query) -> None:
    """Texts, and limits between two numbers."""
    rows = World(rows=ROWS).collection(PLATFORM, CONVERSATIONS).everything()
    columns = Columns()
    assert columns.ranged(rows, query) is None
    assert list(selected(rows, query, columns)) == list(selected(rows, query, Plain()))


def test_exact_rows_have_an_order_too() -> None:
    """Rows that a test puts, with several at one time."""
    world = World(rows=ROWS)
    world.put(PLATFORM, CONVERSATIONS, [{"id": str(number), "updated_at": NOW + number // 3} for number in range(9)])
    rows = world.collection(PLATFORM, CONVERSATIONS).everything()
    query = Query(Condition("updated_at", "ge", NOW + 1), (Order("updated_at", descending=True),))
    assert list(selected(rows, query, Columns())) == [6, 7, 8, 3, 4, 5]


def test_a_row_without_the_number_ends_the_short_way() -> None:
    """It stays out of ranges, as ever, and last in an order."""
    world = World(rows=ROWS)
    world.update(PLATFORM, CONVERSATIONS, 3, {"updated_at": None})
    rows = world.collection(PLATFORM, CONVERSATIONS).everything()
    query = Query(Condition("updated_at", "gt", 0), (Order("updated_at"),))
    assert list(selected(rows, query, Columns())) == [position for position in range(ROWS) if position != 3]
