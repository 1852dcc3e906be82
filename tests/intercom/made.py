"""Conversations, contacts and tickets as Intercom sends them, made for tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Json = Any

ANN = {"type": "user", "id": "5f3c2d1a9b8e7f6a5d4c3b2a", "name": "Ann Example", "email": "ann@customers.example"}
BOB = {"type": "admin", "id": "991", "name": "Bob", "email": "bob@example.com"}


def part(id: str, created_at: int, text: str | None = "", **changed: Json) -> Json:
    """A part; without a text (None) it is an assignment."""
    return {
        "type": "conversation_part",
        "id": id,
        "part_type": "assignment" if text is None else "comment",
        "body": None if text is None else f"<p>{text or f'part {id}'}</p>",
        "created_at": created_at,
        "updated_at": created_at,
        "notified_at": created_at,
        "assigned_to": None,
        "author": BOB,
        "attachments": [],
        "external_id": None,
        "redacted": False,
    } | changed


def head_row(
    id: str,
    updated_at: int,
    *,
    created_at: int | None = None,
    text: str = "",
    contact: Json = ANN,
    parts: int = 0,
    **changed: Json,
) -> Json:
    """A row of a search: `text` is its first message, `parts` how many it says it has."""
    at = min(updated_at, 1_700_000_000) if created_at is None else created_at
    return {
        "type": "conversation",
        "id": id,
        "created_at": at,
        "updated_at": updated_at,
        "waiting_since": None,
        "snoozed_until": None,
        "source": {
            "type": "conversation",
            "id": f"4{id}",
            "delivered_as": "customer_initiated",
            "subject": "",
            "body": f"<p>{text or f'first message of {id}'}</p>",
            "author": contact,
            "attachments": [],
            "url": None,
            "redacted": False,
        },
        "contacts": {
            "type": "contact.list",
            "contacts": [{"type": "contact", "id": contact["id"], "external_id": "70"}],
        },
        "admin_assignee_id": 991,
        "team_assignee_id": None,
        "open": True,
        "state": "open",
        "read": False,
        "tags": {"type": "tag.list", "tags": []},
        "priority": "not_priority",
        "statistics": {"type": "conversation_statistics", "count_conversation_parts": parts},
        "title": None,
        "custom_attributes": {},
    } | changed


def body(id: str, updated_at: int, parts: Sequence[Json] = (), *, total: int | None = None, **changed: Json) -> Json:
    """A whole conversation; `total` is how many parts it says it has, where not all are sent."""
    count = len(parts) if total is None else total
    return {
        **head_row(id, updated_at, parts=count, **changed),
        "conversation_parts": {
            "type": "conversation_part.list",
            "conversation_parts": list(parts),
            "total_count": count,
        },
    }


def contact(id: str, updated_at: int, **changed: Json) -> Json:
    return {
        "type": "contact",
        "id": id,
        "role": "user",
        "external_id": "70",
        "email": f"{id}@customers.example",
        "phone": None,
        "name": f"Name of {id}",
        "created_at": 1_600_000_000,
        "updated_at": updated_at,
    } | changed


def ticket(id: str, updated_at: int, **changed: Json) -> Json:
    return {
        "type": "ticket",
        "id": id,
        "ticket_id": id,
        "ticket_attributes": {"_default_title_": f"Title of {id}", "_default_description_": "It broke"},
        "ticket_state": {"type": "ticket_state", "id": "1", "category": "submitted"},
        "ticket_type": {"type": "ticket_type", "id": "5", "name": "Bug"},
        "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": ANN["id"]}]},
        "open": True,
        "created_at": 1_600_000_000,
        "updated_at": updated_at,
    } | changed
