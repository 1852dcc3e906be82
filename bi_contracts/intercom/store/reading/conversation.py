"""A conversation of the store, with its messages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, Select, select

from ...records import Author
from ..schema import conversations, parts
from ..values import HeldConversation, HeldPart
from .contact import clean
from .hits import contacts_of

if TYPE_CHECKING:
    from ..store import Store

_PARTS = tuple(
    parts.c[name]
    for name in (
        "id", "kind", "created_at", "updated_at", "position", "author_type", "author_id", "author_name",
        "author_email", "text", "redacted",
    )
)  # fmt: skip
_HEAD = tuple(column for column in conversations.c if column.name not in ("raw", "head_digest", "seen_at"))


def conversation(
    store: Store, id: str, *, parts_from: int = 0, parts_limit: int | None = None
) -> HeldConversation | None:
    """A conversation and its messages in their order, from a position on; None where it is not held.

    A deleted one is answered without anything that was said: `deleted_at` and `deleted_by` tell of it.
    """
    with store.reading() as connection:
        found = select(*_HEAD).where(conversations.c.id == clean(id))
        row = connection.execute(found).first()
        if row is None:
            return None
        held, more = ((), None) if row.deleted_at is not None else _parts(connection, row.n, parts_from, parts_limit)
        return _held(row, held, more, contacts_of(connection, [row.n]).get(row.n, ()))


def _parts(
    connection: Connection, number: int, first: int, most: int | None
) -> tuple[tuple[HeldPart, ...], int | None]:
    """The parts from a position on, and the position of the first one after them."""
    found = _from(number).where(parts.c.position >= max(0, min(first, _LAST)))
    if most is not None:
        found = found.limit(max(1, most) + 1)
    rows = connection.execute(found).all()
    if most is None or len(rows) <= max(1, most):
        return tuple(map(_part, rows)), None
    more = rows[-1].position
    kept = [one for one in rows if one.position < more]
    if not kept:  # positions that are there twice stay together
        rows = connection.execute(_from(number).where(parts.c.position == more)).all()
        return tuple(map(_part, rows)), more + 1
    return tuple(map(_part, kept)), more


def _from(number: int) -> Select[Any]:
    row = parts.c
    return select(*_PARTS).where(row.conversation == number).order_by(row.position, row.created_at, row.n)


_LAST = 2**31 - 1
"""Position of a part, at most: what a column of a database holds."""


def _part(row: Row[Any]) -> HeldPart:
    author = Author(row.author_type, row.author_id, row.author_name, row.author_email)
    return HeldPart(row.id, row.kind, row.created_at, row.updated_at, row.position, author, row.text, row.redacted)


def _held(row: Row[Any], held: tuple[HeldPart, ...], more: int | None, contacts: tuple[str, ...]) -> HeldConversation:
    gone = row.deleted_at is not None
    return HeldConversation(
        id=row.id,
        created_at=row.created_at,
        updated_at=row.updated_at,
        fetched_at=row.fetched_at,
        state=row.state,
        open=row.open,
        read=row.read,
        subject="" if gone else row.subject,
        channel=row.channel,
        admin_id=row.admin_id,
        team_id=row.team_id,
        priority=row.priority,
        tags=() if gone else tuple(json.loads(row.tags)),
        contact_ids=contacts,
        parts=held,
        parts_total=row.parts_total,
        parts_held=row.parts_held,
        truncated=row.truncated,
        whole=row.body_at is not None,
        pending=row.pending,
        digest=row.digest,
        deleted_at=row.deleted_at,
        deleted_by=row.deleted_by or "",
        more=more,
    )
