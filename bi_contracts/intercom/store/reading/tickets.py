"""Tickets of the store, the last updated first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Text, and_, cast, exists, func, or_, select, true
from sqlalchemy.dialects.postgresql import JSONB

from ..schema import tickets as table
from ..values import HeldTicket
from .contact import ids_of
from .cursors import opened, sealed
from .filters import LATEST, moment
from .matching import one_of

if TYPE_CHECKING:
    from ..store import Store

LARGEST = 200
"""Tickets of a page, whatever is asked for."""

_BLOCK, _BLOCKS = 500, 40
"""Tickets that are looked at together, and how often: then the cursor goes on, so that no page takes long."""

_COLUMNS = tuple(column for column in table.c if column.name not in ("digest", "raw"))


def tickets(
    store: Store,
    *,
    since: int | None = None,
    until: int | None = None,
    state: str = "",
    contact: str = "",
    limit: int = 20,
    cursor: str = "",
) -> tuple[tuple[HeldTicket, ...], str]:
    """Tickets that are not deleted, and the cursor of the next page, "" at the end.

    A page may have fewer than `limit` though there are more: its cursor tells. Raises `CursorRefused`.

    Args:
        store: Whose.
        since: Updated at or after this.
        until: And before this.
        state: submitted, in_progress, waiting_on_customer or resolved.
        contact: Id or address of a contact.
        limit: Tickets wanted.
        cursor: Where the last page ended, as it said.
    """
    question = repr(("tickets", since, until, state, contact))
    (at, *_), id = opened(question, cursor, 1) if cursor else ((LATEST + 1,), "")
    limit = max(1, min(limit, LARGEST))
    window = (table.c.updated_at >= moment(since, 0), table.c.updated_at < moment(until, LATEST + 1))
    found: list[HeldTicket] = []
    with store.reading() as connection:
        kept = _kept(connection, state, contact)
        for _ in range(_BLOCKS):
            rows = _block(connection, kept, window, at, id)
            for row in rows:
                at, id = row.updated_at, row.id
                if row.kept:
                    found.append(_ticket(row))
                if len(found) == limit:
                    return tuple(found), sealed(question, (at,), id)
            if len(rows) < _BLOCK:
                return tuple(found), ""
    return tuple(found), sealed(question, (at,), id)


def _block(
    connection: Connection, kept: ColumnElement[bool], window: Sequence[ColumnElement[bool]], at: int, id: str
) -> Sequence[Row[Any]]:
    row = table.c
    found: Select[Any] = select(*_COLUMNS, kept.label("kept")).where(*window, row.updated_at <= at)
    found = found.where(or_(row.updated_at < at, row.id > id))
    return connection.execute(found.order_by(row.updated_at.desc(), row.id).limit(_BLOCK)).all()


def _kept(connection: Connection, state: str, contact: str) -> ColumnElement[bool]:
    kept: list[ColumnElement[bool]] = [table.c.deleted_at.is_(None)]
    if state:
        kept.append(table.c.state == state)
    if contact:
        if connection.dialect.name == "sqlite":
            each = func.json_each(table.c.contact_ids).table_valued("value")
        else:
            each = func.jsonb_array_elements_text(cast(table.c.contact_ids, JSONB)).table_valued("value")
        whose = one_of(connection, cast(each.c.value, Text), ids_of(connection, contact))
        kept.append(exists(select(true()).select_from(each).where(whose)))
    return and_(*kept)


def _ticket(row: Row[Any]) -> HeldTicket:
    return HeldTicket(
        id=row.id,
        created_at=row.created_at,
        updated_at=row.updated_at,
        title=row.title,
        state=row.state,
        type=row.type,
        open=row.open,
        contact_ids=tuple(json.loads(row.contact_ids)),
        deleted_at=row.deleted_at,
    )
