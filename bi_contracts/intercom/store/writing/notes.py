"""What a sync keeps beside its records: cursors, facts of the store, dead letters, drift."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table, delete, func, insert, select, update

from ...raw import canonical, packed
from ..schema import cursors, dead_letters
from ..schema import drift as drifted
from ..schema import meta as facts
from ..values import Cursor, DeadLetter, DriftNote

if TYPE_CHECKING:
    from .batch import Batch


def cursor(batch: Batch, stream: str, found: Cursor) -> None:
    """As `Batch.cursor`."""
    _upsert(batch, cursors, {"stream": stream}, {"value": found.value, "at": found.at})


def meta(batch: Batch, key: str, value: str) -> None:
    """As `Batch.meta`."""
    _upsert(batch, facts, {"key": key}, {"value": value})


def dead(batch: Batch, found: Iterable[DeadLetter]) -> None:
    """As `Batch.dead`."""
    for one in found:
        key = {"stream": one.stream, "id": one.id}
        row = {"at": one.at, "reason": one.reason, "raw": packed(canonical(one.raw))}
        batch.tally.add("dead_letters", _upsert(batch, dead_letters, key, row))


def read_again(batch: Batch, stream: str, ids: Collection[str]) -> None:
    """Takes away the dead letters of records that are read now."""
    row = dead_letters.c
    if not batch.connection.execute(select(row.id).where(row.stream == stream).limit(1)).first():
        return
    gone = batch.connection.execute(
        delete(dead_letters).where(row.stream == stream, batch.database.among(row.id, list(ids)))
    )
    batch.tally.add("dead_letters", -gone.rowcount)


def parts_read(batch: Batch, unreadable: Mapping[str, Collection[str]]) -> None:
    """Takes away the dead letters of parts: of these conversations, all but those that cannot be read now either."""
    row = dead_letters.c
    for conversation, left in unreadable.items():
        if not batch.connection.execute(select(row.id).where(row.stream == "part").limit(1)).first():
            return
        begin = f"{conversation}/"  # no LIKE: that of SQLite takes A for a
        theirs = (row.stream == "part", func.substr(row.id, 1, len(begin)) == begin)
        kept = row.id.not_in([f"{conversation}/{id}" for id in left])
        batch.tally.add("dead_letters", -batch.connection.execute(delete(dead_letters).where(*theirs, kept)).rowcount)


def drift(batch: Batch, found: Iterable[DriftNote]) -> None:
    """As `Batch.drift`."""
    for one in found:
        row = drifted.c
        at = (row.endpoint == one.endpoint, row.rule == one.rule, row.path == one.path)
        told = {"severity": one.severity, "message": one.message, "last_at": one.last_at}
        known = update(drifted).where(*at).values(**told, seen=row.seen + one.seen)
        if not batch.connection.execute(known).rowcount:
            key = {"endpoint": one.endpoint, "rule": one.rule, "path": one.path}
            made = insert(drifted).values(**key, **told, first_at=one.first_at, seen=one.seen)
            batch.connection.execute(made)


def _upsert(batch: Batch, table: Table, key: dict[str, Any], row: dict[str, Any]) -> int:
    """Writes one row; gives how many were added. Nobody else writes meanwhile."""
    where = [table.c[name] == value for name, value in key.items()]
    if batch.connection.execute(update(table).where(*where).values(**row)).rowcount:
        return 0
    batch.connection.execute(insert(table).values(**key, **row))
    return 1
