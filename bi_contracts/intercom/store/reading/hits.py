"""What is told of the conversations that a search found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, select

from ...records import SOURCE, Author
from ..schema import conversation_contacts, conversations, parts
from ..values import Hit
from .matching import one_of
from .snippets import READ, snippet
from .words import Words

_COLUMNS = (
    conversations.c.n,
    conversations.c.id,
    conversations.c.subject,
    conversations.c.state,
    conversations.c.created_at,
    conversations.c.updated_at,
    conversations.c.parts_total,
    conversations.c.body_at,
    parts.c.n.label("message"),
    parts.c.created_at.label("matched_at"),
    parts.c.author_type,
    parts.c.author_id,
    parts.c.author_name,
    parts.c.author_email,
    func.substr(parts.c.text, 1, READ).label("text"),
)


def hits_of_messages(
    connection: Connection, words: Words, found: Sequence[int], scores: Sequence[float] | None = None
) -> tuple[Hit, ...]:
    """A hit for each of the messages, in their order."""
    joined = parts.join(conversations, conversations.c.n == parts.c.conversation)
    asked = select(*_COLUMNS).select_from(joined).where(one_of(connection, parts.c.n, found))
    rows, contacts = _read(connection, asked)
    by_number = {row.message: row for row in rows}
    return tuple(
        _hit(by_number[number], words, contacts, scores[at] if scores else None)
        for at, number in enumerate(found)
        if number in by_number
    )


def hits_of_conversations(connection: Connection, words: Words, found: Sequence[int]) -> tuple[Hit, ...]:
    """A hit for each of the conversations, in their order, with its first message."""
    first = and_(parts.c.conversation == conversations.c.n, parts.c.id == SOURCE)
    asked = select(*_COLUMNS).select_from(conversations.outerjoin(parts, first))
    rows, contacts = _read(connection, asked.where(one_of(connection, conversations.c.n, found)))
    by_number = {row.n: row for row in rows}
    return tuple(_hit(by_number[number], words, contacts, None) for number in found)


def _read(connection: Connection, asked: Select[Any]) -> tuple[Sequence[Row[Any]], dict[int, tuple[str, ...]]]:
    rows = connection.execute(asked).all()
    return rows, contacts_of(connection, [row.n for row in rows])


def contacts_of(connection: Connection, numbers: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The contacts of conversations."""
    link = conversation_contacts.c
    asked = select(link.conversation, link.contact).where(one_of(connection, link.conversation, numbers))
    found: dict[int, list[str]] = defaultdict(list)
    for number, id in _pairs(connection.execute(asked)):
        found[number].append(id)
    return {number: tuple(sorted(ids)) for number, ids in found.items()}


def _pairs(rows: Iterable[Any]) -> Iterable[tuple[int, str]]:
    return ((number, id) for number, id in rows)


def _hit(row: Row[Any], words: Words, contacts: dict[int, tuple[str, ...]], score: float | None) -> Hit:
    return Hit(
        id=row.id,
        subject=row.subject,
        state=row.state,
        created_at=row.created_at,
        updated_at=row.updated_at,
        contact_ids=contacts.get(row.n, ()),
        parts=row.parts_total,
        whole=row.body_at is not None,
        snippet=snippet(row.text or "", words),
        matched_at=row.created_at if row.matched_at is None else row.matched_at,
        matched_by=Author(*(getattr(row, f"author_{name}") or "" for name in ("type", "id", "name", "email"))),
        score=score,
    )
