"""Writes tickets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from ...raw import canonical, digest_of, packed
from ...records import Ticket
from ..schema import tickets
from ..values import Written
from .notes import read_again

if TYPE_CHECKING:
    from .batch import Batch


def write(batch: Batch, found: Sequence[Ticket]) -> Written:
    """Writes those that are not older than what is held, and differ from it."""
    newest: dict[str, Ticket] = {}
    for one in found:
        if one.id not in newest or one.updated_at >= newest[one.id].updated_at:
            newest[one.id] = one
    row = tickets.c
    columns = select(row.id, row.updated_at, row.digest, row.deleted_at)
    held = {known.id: known for known in batch.matching(columns, row.id, newest)}
    added, changed = [], []
    for one in newest.values():
        known = held.get(one.id)
        made = _row(one)
        if known is None:
            added.append(made)
        elif one.updated_at >= known.updated_at and (made["digest"] != known.digest or known.deleted_at is not None):
            changed.append({**made, "key": one.id})
            batch.tally.add("tickets", known.deleted_at is not None)
    batch.database.insert(batch.connection, tickets, added)
    batch.tally.add("tickets", len(added))
    if changed:
        batch.connection.execute(_CHANGE, changed)
    read_again(batch, "ticket", list(newest))
    return Written(new=len(added), updated=len(changed), unchanged=len(found) - len(added) - len(changed))


_CHANGE = update(tickets).where(tickets.c.id == bindparam("key"))


def _row(ticket: Ticket) -> dict[str, Any]:
    text = canonical(ticket.raw)
    return {
        "id": ticket.id,
        "created_at": ticket.created_at,
        "updated_at": ticket.updated_at,
        "title": ticket.title,
        "state": ticket.state,
        "type": ticket.type,
        "open": ticket.open,
        "contact_ids": json.dumps(ticket.contact_ids),
        "digest": digest_of(text),
        "raw": packed(text),
        "deleted_at": None,
    }
