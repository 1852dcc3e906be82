"""One transaction of writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Column, Connection, Row, Select, delete, insert, update

from ...records import Contact, Conversation, Ticket
from .. import forgetting
from ..counters import Tally
from ..database import Database
from ..schema import runs, shards
from ..values import Cursor, DeadLetter, DriftNote, Range, Run, Shard, Written
from . import bodies, contacts, heads, notes, ranges, tickets, tombstones


class Batch:
    """Writes that are kept together: `Store.batch` commits them at the end of its block, or none of them.

    Of each record, what is not older than what is held is written, and only where it differs.
    """

    def __init__(self, database: Database, connection: Connection) -> None:
        self.database, self.connection = database, connection
        self.tally = Tally()

    def matching(self, statement: Select[Any], column: Column[Any], values: Iterable[Any]) -> Sequence[Row[Any]]:
        """Rows whose column is one of these values."""
        return self.connection.execute(statement.where(self.database.among(column, list(values)))).all()

    def finish(self) -> None:
        """Brings the counters in step with what was written."""
        self.tally.write(self.connection)

    # Conversations

    def heads(self, found: Sequence[Conversation]) -> Written:
        """Rows of searches."""
        return heads.write(self, found)

    def bodies(self, found: Sequence[tuple[Conversation, int]]) -> Written:
        """Whole conversations, each with when it was answered."""
        return bodies.write(self, found)

    def deleted(self, ids: Iterable[str], at: int, by: str) -> Written:
        """Makes tombstones: ids, times and digests stay, words go. `by` is deleted, missing or reconciled."""
        return tombstones.write(self, ids, at, by)

    def erased(self) -> None:
        """Messages lost words that must not be kept: they are to leave the index's file too (`Store.forget`)."""
        if self.database.kind == "sqlite":
            self.meta(forgetting.KEY, forgetting.NEW)

    # Contacts and tickets

    def contacts(self, found: Sequence[Contact]) -> Written:
        return contacts.write(self, found)

    def merged(self, old: str, new: str) -> None:
        """The contact `old` became `new`: its conversations are `new`'s."""
        contacts.merge(self, old, new)

    def tickets(self, found: Sequence[Ticket]) -> Written:
        return tickets.write(self, found)

    # What a sync keeps of itself

    def dead(self, found: Iterable[DeadLetter]) -> None:
        """Records that could not be read. One that is read later is taken away by that."""
        notes.dead(self, found)

    def drift(self, found: Iterable[DriftNote]) -> None:
        """Changes of the API's shape; one that is held already is counted again."""
        notes.drift(self, found)

    def cursor(self, stream: str, cursor: Cursor) -> None:
        notes.cursor(self, stream, cursor)

    def meta(self, key: str, value: str) -> None:
        notes.meta(self, key, value)

    def shard(self, shard: Shard) -> None:
        """Adds a window of a backfill, or says how far it is."""
        key = (shards.c.lo == shard.lo, shards.c.hi == shard.hi)
        self.connection.execute(delete(shards).where(*key))
        self.connection.execute(insert(shards).values(asdict(shard)))

    def clear_shards(self, backfill: str) -> None:
        self.connection.execute(delete(shards).where(shards.c.backfill == backfill))

    def cover(self, stream: str, range: Range) -> None:
        """Everything of a range is held."""
        ranges.cover(self.connection, stream, range)

    def uncover(self, stream: str, range: Range) -> None:
        """It is not known any more whether everything of a range is held."""
        ranges.uncover(self.connection, stream, range)

    def run(self, run: Run) -> Run:
        """Adds a run (its `n` is 0), or says what became of it. Gives it with its number."""
        row = asdict(run)
        n = row.pop("n")
        if n:
            self.connection.execute(update(runs).where(runs.c.n == n).values(row))
            return run
        made = self.connection.execute(insert(runs).values(row)).inserted_primary_key
        assert made is not None
        return replace(run, n=made[0])
