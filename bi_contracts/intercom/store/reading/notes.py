"""What a sync could not read, and what it saw change in the API's shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from ...raw import unpacked
from ..schema import dead_letters as letters
from ..schema import drift
from ..values import DeadLetter, DriftNote

if TYPE_CHECKING:
    from ..store import Store


def dead_letters(store: Store, limit: int = 100) -> tuple[DeadLetter, ...]:
    """Records that could not be read, the newest first."""
    found = select(letters).order_by(letters.c.at.desc(), letters.c.stream, letters.c.id).limit(max(0, limit))
    with store.reading() as connection:
        rows = connection.execute(found).all()
    return tuple(DeadLetter(row.stream, row.id, row.reason, unpacked(row.raw), row.at) for row in rows)


def drift_notes(store: Store, limit: int = 100) -> tuple[DriftNote, ...]:
    """Changes of the API's shape, the last seen first."""
    row = drift.c
    found = select(drift).order_by(row.last_at.desc(), row.endpoint, row.rule, row.path).limit(max(0, limit))
    with store.reading() as connection:
        rows = connection.execute(found).mappings().all()
    return tuple(DriftNote(**one) for one in rows)
