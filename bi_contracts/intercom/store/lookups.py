"""What a sync asks of a store."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import Connection, func, or_, select, text

from .database import Database
from .schema import conversations, cursors, dead_letters, meta, runs, shards
from .values import Cursor, Known, Pending, Run, Shard


def pending(connection: Connection, limit: int, before: tuple[int, int] | None) -> list[Pending]:
    """As `Store.pending`."""
    row = conversations.c
    # As the condition of its index has it: SQLite knows it again by its words.
    found = select(row.id, row.updated_at, row.n).where(text("conversations.pending"))
    if before is not None:
        at, n = before
        found = found.where(row.updated_at <= at, or_(row.updated_at < at, row.n < n))
    found = found.order_by(row.updated_at.desc(), row.n.desc()).limit(limit)
    return [Pending(id, at, n) for id, at, n in connection.execute(found)]


def known(database: Database, connection: Connection, ids: Collection[str]) -> dict[str, Known]:
    """As `Store.known`."""
    row = conversations.c
    columns = select(row.id, row.seen_at, row.body_at, row.fetched_at, row.head_digest, row.pending, row.deleted_at)
    found = connection.execute(columns.where(database.among(row.id, list(ids))))
    return {
        id: Known(seen, body, fetched, digest, pending, deleted is not None)
        for id, seen, body, fetched, digest, pending, deleted in found
    }


def count_between(connection: Connection, lo: int, hi: int) -> int:
    """As `Store.count_between`."""
    row = conversations.c
    where = (row.updated_at > lo, row.updated_at <= hi, row.deleted_at.is_(None))
    return connection.execute(select(func.count()).select_from(conversations).where(*where)).scalar_one()


def ids_between(connection: Connection, lo: int, hi: int) -> Iterator[tuple[str, int]]:
    """As `Store.ids_between`."""
    row = conversations.c
    where = (row.updated_at > lo, row.updated_at <= hi, row.deleted_at.is_(None))
    found = select(row.id, row.updated_at).where(*where).order_by(row.updated_at.desc())
    with connection.execute(found, execution_options={"yield_per": 1000}) as rows:
        yield from (tuple(row) for row in rows)


def meta_of(connection: Connection, key: str) -> str | None:
    """A fact of the store, None where it is not told."""
    return connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar()


def unreadable(connection: Connection, stream: str, limit: int) -> dict[str, int]:
    """As `Store.unreadable`."""
    row = dead_letters.c
    found = select(row.id, row.at).where(row.stream == stream).order_by(row.at.desc(), row.id).limit(limit)
    return {id: at for id, at in connection.execute(found)}  # noqa: C416


def letters_of(connection: Connection, streams: Collection[str]) -> int:
    """Records of some streams that could not be read."""
    of_them = dead_letters.c.stream.in_(list(streams))
    return connection.execute(select(func.count()).select_from(dead_letters).where(of_them)).scalar_one()


def cursor(connection: Connection, stream: str) -> Cursor | None:
    """How far a stream was read, None where it was not begun."""
    found = connection.execute(select(cursors.c.value, cursors.c.at).where(cursors.c.stream == stream)).first()
    return None if found is None else Cursor(*found)


SHARD = tuple(shards.c[name] for name in ("lo", "hi", "backfill", "anchor", "expected", "seen", "done"))


def shards_of(connection: Connection, backfill: str) -> list[Shard]:
    """As `Store.shards`."""
    found = select(*SHARD).where(shards.c.backfill == backfill).order_by(shards.c.hi.desc())
    return [Shard(*row) for row in connection.execute(found)]


def runs_of(connection: Connection, limit: int, since: int | None = None) -> list[Run]:
    """As `Store.runs`."""
    found = select(runs).order_by(runs.c.n.desc()).limit(limit)
    if since is not None:
        found = found.where(runs.c.started_at >= since)
    return [Run(**row) for row in connection.execute(found).mappings()]
