"""A contact of the store, by any of its ids or by its address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, func, literal, select

from ..schema import contacts, conversation_contacts, conversations
from ..values import HeldContact

if TYPE_CHECKING:
    from ..store import Store

_DEEPEST = 20
"""Merges that are followed: more of them in a row are a circle."""

_MOST = 1_000
"""Contacts of one address, or of one heir, that are looked at."""


def contact(store: Store, id_or_email: str) -> HeldContact | None:
    """Who has this id, had it before a merge, or has this address (letters of any case; who was updated last)."""
    asked = clean(id_or_email)
    if not asked:
        return None
    with store.reading() as connection:
        found = _by_id(connection, asked)
        if found is None and "@" in asked:
            found = next((_heir(connection, row) for row in _by_address(connection, asked)), None)
        return None if found is None else _held(connection, found)


def ids_of(connection: Connection, id_or_email: str) -> list[str]:
    """Every id that stands for who is asked for: the one of today, and those that were merged into it."""
    asked = clean(id_or_email)
    row = _by_id(connection, asked)
    if row is not None:
        rows = [row]
    elif "@" in asked:
        rows = [_heir(connection, row) for row in _by_address(connection, asked)]
    else:
        # Conversations name contacts that nobody told more of.
        return [asked]
    ids: dict[str, None] = {}
    for one in rows:
        ids |= dict.fromkeys((one.id, *_merged(connection, one.id)))
    return list(ids)


def clean(asked: str) -> str:
    """What somebody asked for, as a database takes it."""
    return asked.replace("\0", "").encode("utf-8", "replace").decode().strip()


def _by_id(connection: Connection, id: str) -> Row[Any] | None:
    row = connection.execute(select(contacts).where(contacts.c.id == id)).first()
    return None if row is None else _heir(connection, row)


def _by_address(connection: Connection, email: str) -> list[Row[Any]]:
    """Everybody with an address; several leads may share one. Who lives and was updated last comes first."""
    row = contacts.c
    found = select(contacts).where(func.lower(row.email) == func.lower(literal(email)))
    order = (row.deleted_at.is_not(None), row.merged_into != "", func.coalesce(row.updated_at, 0).desc(), row.id)
    return list(connection.execute(found.order_by(*order).limit(_MOST)))


def _heir(connection: Connection, row: Row[Any]) -> Row[Any]:
    """Who a contact became."""
    for _ in range(_DEEPEST):
        heir = row.merged_into and connection.execute(select(contacts).where(contacts.c.id == row.merged_into)).first()
        if not heir:
            break
        row = heir
    return row


def _merged(connection: Connection, id: str) -> list[str]:
    """Who became this contact, directly or by way of another."""
    found: dict[str, None] = {}
    newest = [id]
    for _ in range(_DEEPEST):
        asked = select(contacts.c.id).where(contacts.c.merged_into.in_(newest), contacts.c.merged_into != "")
        newest = [one for one in connection.execute(asked.limit(_MOST)).scalars() if one not in found and one != id]
        if not newest:
            break
        found |= dict.fromkeys(newest)
    return sorted(found)


def _held(connection: Connection, row: Row[Any]) -> HeldContact:
    merged = _merged(connection, row.id)
    return HeldContact(
        id=row.id,
        role=row.role,
        external_id=row.external_id,
        name=row.name,
        email=row.email,
        phone=row.phone,
        created_at=row.created_at,
        updated_at=row.updated_at,
        brief=row.brief,
        conversations=_conversations(connection, [row.id, *merged]),
        merged_from=tuple(merged),
        deleted_at=row.deleted_at,
    )


def _conversations(connection: Connection, ids: list[str]) -> int:
    link, row = conversation_contacts.c, conversations.c
    joined = conversation_contacts.join(conversations, row.n == link.conversation)
    counted = select(func.count(link.conversation.distinct())).select_from(joined)
    return connection.execute(counted.where(link.contact.in_(ids), row.deleted_at.is_(None))).scalar_one()
