"""A store of synced conversations."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import Connection

from . import database as databases
from . import lookups
from .database import Database, Kind
from .lease import Lease, acquire
from .values import (
    Cursor,
    DeadLetter,
    DriftNote,
    Found,
    HeldContact,
    HeldConversation,
    HeldTicket,
    Known,
    Pending,
    Query,
    Run,
    Shard,
    Status,
)
from .writing import Batch

if TYPE_CHECKING:
    from .verifying import Verified

BUDGET = 0.2
"""Seconds that a search may take."""


class Store:
    """Conversations, contacts and tickets, kept in SQLite or PostgreSQL. `open_store` gives one.

    Every method may raise `StoreError` or what derives from it.

    Attributes:
        database: What it is kept in.
        now: This machine's clock.
    """

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self.database, self.now = database, now

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes every connection."""
        self.database.engine.dispose()

    @property
    def kind(self) -> Kind:
        return self.database.kind

    @property
    def address(self) -> str:
        """Where it is, for people: without a password."""
        return self.database.address

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection that sees the store as it is now."""
        return databases.reading(self.database)

    def writing(self) -> AbstractContextManager[Connection]:
        """A transaction of the only writer."""
        return databases.writing(self.database)

    # Writing

    @contextmanager
    def batch(self, lease: Lease | None = None) -> Iterator[Batch]:
        """A transaction that keeps counters in step, and renews the lease. Raises `StoreBusy` where that was lost."""
        with self.writing() as connection:
            batch = Batch(self.database, connection)
            yield batch
            batch.finish()
            if lease is not None:
                lease.renew_in(connection)

    def lease(self, name: str = "sync", *, ttl: float = 60.0, wait: float = 0.0, who: str | None = None) -> Lease:
        """Keeps everybody else from the same work. Raises `StoreBusy` if somebody holds it for `wait` more seconds."""
        return acquire(self, name, ttl=ttl, wait=wait, who=who)

    def forget(self, lease: Lease | None = None, seconds: float = 2.0) -> bool:
        """Takes words that were erased out of the index's file, for so many seconds; whether none is left."""
        from .forgetting import forget

        return forget(self, lease, seconds)

    # What a sync asks

    def pending(self, limit: int, before: tuple[int, int] | None = None) -> list[Pending]:
        """Conversations whose body is to be fetched, the newest first; `before` is (updated_at, n) of the last one."""
        with self.reading() as connection:
            return lookups.pending(connection, limit, before)

    def known(self, ids: Collection[str]) -> dict[str, Known]:
        """What is known of these conversations, of those that are held."""
        with self.reading() as connection:
            return lookups.known(self.database, connection, ids)

    def count_between(self, lo: int, hi: int) -> int:
        """Live conversations updated above `lo` and up to `hi`."""
        with self.reading() as connection:
            return lookups.count_between(connection, lo, hi)

    def ids_between(self, lo: int, hi: int) -> Iterator[tuple[str, int]]:
        """(id, updated_at) of these, the newest first."""
        with self.reading() as connection:
            yield from lookups.ids_between(connection, lo, hi)

    def unreadable(self, stream: str, limit: int) -> dict[str, int]:
        """When records of a stream were answered that could not be read, by id: the newest so many."""
        with self.reading() as connection:
            return lookups.unreadable(connection, stream, limit)

    def meta(self, key: str) -> str | None:
        with self.reading() as connection:
            return lookups.meta_of(connection, key)

    def cursor(self, stream: str) -> Cursor | None:
        with self.reading() as connection:
            return lookups.cursor(connection, stream)

    def shards(self, backfill: str) -> list[Shard]:
        """The windows of a backfill, the newest first."""
        with self.reading() as connection:
            return lookups.shards_of(connection, backfill)

    def runs(self, limit: int, since: int | None = None) -> list[Run]:
        """The last syncs, the newest first; `since` is by Intercom's clock."""
        with self.reading() as connection:
            return lookups.runs_of(connection, limit, since)

    # Reading

    def search(self, query: Query, budget: float = BUDGET) -> Found:
        from .reading import search

        return search(self, query, budget)

    def conversation(self, id: str, *, parts_from: int = 0, parts_limit: int | None = None) -> HeldConversation | None:
        from .reading import conversation

        return conversation(self, id, parts_from=parts_from, parts_limit=parts_limit)

    def contact(self, id_or_email: str) -> HeldContact | None:
        from .reading import contact

        return contact(self, id_or_email)

    def tickets(
        self,
        *,
        since: int | None = None,
        until: int | None = None,
        state: str = "",
        contact: str = "",
        limit: int = 20,
        cursor: str = "",
    ) -> tuple[tuple[HeldTicket, ...], str]:
        """Tickets, the last updated first, and the cursor of the next page."""
        from .reading import tickets

        return tickets(self, since=since, until=until, state=state, contact=contact, limit=limit, cursor=cursor)

    def status(self) -> Status:
        from .reading import status

        return status(self)

    def dead_letters(self, limit: int = 100) -> tuple[DeadLetter, ...]:
        from .reading import dead_letters

        return dead_letters(self, limit)

    def drift_notes(self, limit: int = 100) -> tuple[DriftNote, ...]:
        from .reading import drift_notes

        return drift_notes(self, limit)

    # Care

    def verify(self, progress: Callable[..., None] | None = None, contracts: Any = None) -> Verified:
        from .verifying import verify

        return verify(self, progress=progress, contracts=contracts)

    def backup(self, path: Any, progress: Callable[..., None] | None = None) -> Any:
        from .backup import backup

        return backup(self, path, progress=progress)
