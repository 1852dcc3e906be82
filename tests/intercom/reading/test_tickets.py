"""Tickets, a page at a time."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from bi_contracts.intercom.records import ticket_of
from bi_contracts.intercom.store.reading import CursorRefused, tickets
from bi_contracts.intercom.store.store import Store

from ..made import ticket
from .corpus import T0


def fill(store: Store) -> None:
    rows = []
    for number in range(12):
        changed: dict[str, Any] = {"contacts": {"contacts": [{"type": "contact", "id": f"c{number % 3}"}]}}
        if number % 2:
            changed["ticket_state"] = {"category": "resolved"}
        rows.append(ticket_of(ticket(f"t{number:02}", T0 + number // 4, **changed)))
    with store.batch() as batch:
        batch.tickets(rows)


def read(store: Store, **asked: Any) -> list[str]:
    found: list[str] = []
    cursor = ""
    for _ in range(50):
        page, cursor = store.tickets(**asked, cursor=cursor)
        found += [one.id for one in page]
        if not cursor:
            return found
    raise AssertionError("pages without an end")


@pytest.mark.parametrize("limit", [1, 5, 100])
def test_pages_put_together_are_all_tickets(store: Store, limit: int) -> None:
    """The last updated first, those of one second by their ids."""
    fill(store)
    expected = [f"t{number:02}" for number in (8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3)]
    assert read(store, limit=limit) == expected


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ({"state": "resolved"}, (9, 11, 5, 7, 1, 3)),
        ({"contact": "c1"}, (10, 4, 7, 1)),
        ({"contact": "c1", "state": "resolved"}, (7, 1)),
        ({"since": T0 + 1, "until": T0 + 2}, (4, 5, 6, 7)),
        ({"since": -(10**30), "until": 10**30, "contact": "c0"}, (9, 6, 0, 3)),
        ({"contact": "nobody"}, ()),
    ],
    ids=str,
)
def test_filters_are_kept(store: Store, asked: dict[str, Any], numbers: tuple[int, ...]) -> None:
    """All of them at once."""
    fill(store)
    assert read(store, limit=1, **asked) == [f"t{number:02}" for number in numbers]


def test_a_page_looks_at_a_bounded_number(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where few pass, pages have fewer, or none, and their cursors go on."""
    module = import_module(tickets.__module__)  # its name is the function's, too
    monkeypatch.setattr(module, "_BLOCK", 2)
    monkeypatch.setattr(module, "_BLOCKS", 1)
    fill(store)
    assert read(store, contact="c1") == ["t10", "t04", "t07", "t01"]


def test_another_questions_cursor_is_refused(store: Store) -> None:
    """As in a search."""
    fill(store)
    _, cursor = store.tickets(limit=1)
    with pytest.raises(CursorRefused):
        store.tickets(limit=1, state="resolved", cursor=cursor)
