"""`verify`: everything a store holds, recomputed from what Intercom sent. It streams, and changes nothing.

Whatever could not be looked at is said in `Verified.skipped`: nothing that did not run looks like a pass.
"""

from __future__ import annotations

import os
import random
import socket
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from ...errors import StoreBusy, StoreError, StoreFull, StoreMissing
from . import schema
from .checks import bookkeeping, contacts, search, tags
from .checks.contract import Contracts
from .checks.conversations import Columns, Judge, Stored
from .checks.found import Found, Remedy
from .examining import examine, expected
from .lease import VERIFY
from .sqlite import SQLite
from .values import Damage

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ...contract import Contract
    from .store import Store

CHECKS = {
    "file": "File",
    "schema": "Tables",
    "ids": "Conversation ids",
    "digest": "Content hashes",
    "threading": "Message threading",
    "chronology": "Times",
    "contacts": "Customer links",
    "contract": "Contract",
    "deleted": "Tombstones",
    "pending": "Queue",
    "index": "Indexes",
    "counters": "Counters",
    "coverage": "Coverage",
}
"""What is looked at, and its name for contacts."""

OF_ROWS = ("ids", "digest", "threading", "chronology", "contacts", "contract", "deleted", "pending")
"""Checks that look at every row."""

CHUNK = 200
"""Conversations read at once, in one snapshot."""
SAMPLE = 1000
"""Conversations that a sample looks at, about."""
AT_ONCE = 20
"""Neighbours that a sample looks at together."""
LONGEST_CHECK = 900.0
"""Seconds that the lease lasts under which the full-text index is looked at: some 30 s for a million conversations."""
MOST_KEPT = 1000
"""Damages of one check that are kept one by one; all are counted."""


@dataclass(frozen=True, slots=True)
class Looking:
    """How far a verification is. `total` is 0 where nobody knows it; `rate` is in rows a second, `eta` in seconds."""

    phase: str
    done: int
    total: int
    rate: float
    eta: float | None


Progress = Callable[[Looking], None]


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification came to.

    Attributes:
        damages: What is wrong, the worst first; of each check the first thousand.
        counts: Check -> severity -> how many.
        conversations: Looked at, tombstones included.
        of: Conversations that are held, as its counters say.
        parts: Messages looked at.
        contacts: Looked at.
        tickets: Looked at.
        sampled: Whether only some were looked at: then nothing is said of the rest.
        skipped: Check -> why it was not made.
        elapsed: Seconds.
    """

    damages: tuple[Damage, ...]
    counts: Mapping[str, Mapping[str, int]]
    conversations: int = 0
    of: int = 0
    parts: int = 0
    contacts: int = 0
    tickets: int = 0
    sampled: bool = False
    skipped: Mapping[str, str] = field(default_factory=dict)
    elapsed: float = 0.0

    @property
    def damaged(self) -> int:
        """How many things are wrong with the store itself: drift and odd times that Intercom sent are not."""
        return sum(counts.get("breaking", 0) for counts in self.counts.values())

    @property
    def sound(self) -> bool:
        """Whether everything that is ours to look at was, and nothing is damaged."""
        return not self.damaged and not self.sampled and not set(self.skipped) - {"contract", "file"}


class Verification:
    """The checks of one open store, as a stream of findings. What it has looked at stands in its attributes."""

    def __init__(self, store: Store, *, contract: Contract | None = None, progress: Progress | None = None) -> None:
        self.store, self._progress = store, progress
        self.conversations = self.parts = self.contacts = self.tickets = 0
        self.of, self._sample, self._started = 0, False, time.monotonic()
        self.skipped: dict[str, str] = {}
        self._contracts = Contracts(contract, store.meta("version") or "") if contract is not None else None
        if contract is None:
            self.skipped["contract"] = "no contract was given"
        if store.kind == "postgresql":
            self.skipped["file"] = "files are PostgreSQL's own: pg_amcheck and pg_checksums look at them"
        self._said: set[str] = set()
        self._phase, self._began, self._told = "", time.monotonic(), 0.0

    def file(self) -> Iterator[Found]:
        """The file as it is on disk."""
        database = self.store.database
        if isinstance(database, SQLite):
            self._start("pages")
            self._tick(0, 0)
            yield from examine(database.path, expected())

    def found(self, *, sample: bool = False) -> Iterator[Found]:
        """Everything but the file and the full-text index."""
        self._sample = sample
        unreadable = list(self._whole(bookkeeping.readable))
        yield from unreadable or self._whole(bookkeeping.meta)
        yield from self._rows(sample=sample)
        if self._contracts is not None:
            yield from self._contracts.damages()
        yield from self._people()
        for check in (contacts.bonds, contacts.without_address, tags.in_step):
            yield from self._whole(check)
        if unreadable:
            self.skipped |= dict.fromkeys(("counters", "coverage"), "rows of them are damaged")
        else:
            yield from self._whole(bookkeeping.counters)
            yield from self._whole(self._coverage)
        if sample:
            self.skipped["file"] = "a sample does not look at every page"
            self.skipped["index"] = "a sample does not look at the full-text index"
        else:
            yield from self.search()

    def result(self, found: Iterable[Found]) -> Verified:
        """What it came to, all findings taken together."""
        kept, counts = tally(found)
        return Verified(
            damages=kept,
            counts=counts,
            conversations=self.conversations,
            of=self.of,
            parts=self.parts,
            contacts=self.contacts,
            tickets=self.tickets,
            sampled=self._sample,
            skipped=self.skipped,
            elapsed=time.monotonic() - self._started,
        )

    def _coverage(self, connection: Connection) -> Iterator[Found]:
        yield from bookkeeping.coverage(connection, bookkeeping.server_time(connection))

    def _whole(self, check: Callable[[Connection], Iterator[Found]]) -> Iterator[Found]:
        """A check of the store as a whole, in one snapshot."""
        try:
            with self.store.reading() as connection:
                yield from check(connection)
        except StoreError as error:
            yield from self._unreadable(error, "counters", "coverage", "index", "contacts")

    def _rows(self, *, sample: bool) -> Iterator[Found]:
        try:
            with self.store.reading() as connection:
                judge = self._judge(connection)
                self.of = _held(connection)
            self._start("conversations")
            for chunk in self._chunks(sample=sample):
                for stored in chunk:
                    yield from judge.damages(stored)
                    self.conversations += 1
                    self.parts += len(stored.parts)
                self._tick(self.conversations, min(self.of, SAMPLE) if sample else self.of)
        except StoreError as error:
            yield from self._unreadable(error, *OF_ROWS)

    def _judge(self, connection: Connection) -> Judge:
        contacts, letters = schema.contacts.c, schema.dead_letters.c
        merged = connection.execute(select(contacts.id, contacts.merged_into).where(contacts.merged_into != ""))
        unreadable = connection.scalars(select(letters.id).where(letters.stream == "part"))
        owners = {"/".join(one[:end]) for id in unreadable for one in [id.split("/")] for end in range(1, len(one))}
        look = self._contracts.look if self._contracts is not None else lambda _: None
        became = {id: into for id, into in merged}  # noqa: C416
        return Judge(bookkeeping.server_time(connection), frozenset(owners), became, look)

    def _chunks(self, *, sample: bool) -> Iterator[list[Stored]]:
        for low, high, limit in self._windows(sample=sample):
            last = low
            while last < high:
                with self.store.reading() as connection:
                    chunk = stored_after(connection, last, high, limit)
                if not chunk:
                    break
                yield chunk
                last = chunk[-1].row["n"] if limit == CHUNK else high

    def _windows(self, *, sample: bool) -> list[tuple[int, int, int]]:
        """Ranges of numbers, and how many conversations of each to read at once."""
        with self.store.reading() as connection:
            n = schema.conversations.c.n
            first, last = connection.execute(select(func.min(n), func.max(n))).one()
        if first is None:
            return []
        if not sample or last - first < SAMPLE:
            return [(first - 1, last, CHUNK)]
        each = max(1, (last - first) * AT_ONCE // SAMPLE)
        chance = random.Random()
        starts = (chance.randrange(low, low + each) for low in range(first - 1, last, each))
        return [(start, last, AT_ONCE) for start in starts]

    def _people(self) -> Iterator[Found]:
        self._start("contacts")
        try:
            for row in self._keyed(schema.contacts):
                yield from contacts.contact(row)
                self.contacts += 1
            for row in self._keyed(schema.tickets):
                yield from contacts.ticket(row)
                self.tickets += 1
        except StoreError as error:
            yield from self._unreadable(error, "contacts", "digest")

    def _keyed(self, table: Any) -> Iterator[Any]:
        """Every row of a table whose key is a text, by and by."""
        last = ""
        while True:
            with self.store.reading() as connection:
                rows = connection.execute(
                    select(table).where(table.c.id > last).order_by(table.c.id).limit(5 * CHUNK)
                ).all()
            if not rows:
                return
            yield from rows
            last = rows[-1].id
            self._tick(self.contacts + self.tickets, 0)

    def search(self) -> Iterator[Found]:
        """The full-text index. PostgreSQL keeps its own in step: there it is a generated column."""
        database = self.store.database
        if not isinstance(database, SQLite):
            return
        self._start("full-text index")
        self._tick(0, 0)
        try:
            with self._alone(database) as connection:
                found = list(search.sqlite_index(connection, "messages_fts"))
            yield from found
        except StoreBusy as busy:
            who = busy.holder or "another process"
            self.skipped["index"] = f"{who} is writing, and would have to wait for this: verify again when that ended"
        except (StoreError, sqlite3.OperationalError) as error:
            self.skipped["index"] = f"the full-text index: {error}"

    @contextmanager
    def _alone(self, database: SQLite) -> Iterator[sqlite3.Connection]:
        """A connection that may keep everybody from writing for long: nobody syncs meanwhile. Raises `StoreError`."""
        from .store import Store

        who = f"{VERIFY}, {socket.gethostname()}, process {os.getpid()}"
        writable = SQLite(str(database.path), read_only=False, patience=database.patience)
        with (
            Store(writable, self.store.now) as store,
            store.lease(ttl=LONGEST_CHECK, who=who),
            closing(sqlite3.connect(database.path, isolation_level=None, timeout=database.patience)) as connection,
        ):
            yield connection

    def _unreadable(self, error: StoreError, *checks: str) -> Iterator[Found]:
        """What could not be read is damaged, unless it is another's doing; and was not looked at to its end."""
        if isinstance(error, StoreBusy | StoreMissing | StoreFull):
            raise error
        self.skipped |= dict.fromkeys(checks, "it could not be read to its end")
        said = str(error).partition(": bi-contracts")[0]
        if said not in self._said:
            self._said.add(said)
            yield Found(Damage("file", said), Remedy.SALVAGE)

    def _start(self, phase: str) -> None:
        self._phase, self._began, self._told = phase, time.monotonic(), 0.0

    def _tick(self, done: int, total: int) -> None:
        took = time.monotonic() - self._began
        if self._progress is not None and (took - self._told > 0.2 or not self._told or done == total):
            self._told = took
            rate = done / took if took else 0.0
            self._progress(Looking(self._phase, done, total, rate, (total - done) / rate if rate and total else None))


def verify(
    store: Store,
    *,
    before: Iterable[Found] | None = None,
    contracts: Contract | None = None,
    sample: bool = False,
    progress: Progress | None = None,
) -> Verified:
    """Everything, or a sample. `before` is what `examine` found in the file before it was opened, if it did."""
    run = Verification(store, contract=contracts, progress=progress)
    looked = chain(run.file() if before is None and not sample else before or (), run.found(sample=sample))
    return run.result(looked)


def unopened(found: Iterable[Found], why: str) -> Verified:
    """What is known of a store that cannot be opened."""
    kept, counts = tally((*found, Found(Damage("file", f"it cannot be opened: {why}"), Remedy.SALVAGE)))
    skipped = dict.fromkeys(CHECKS.keys() - {"file"}, "the store cannot be opened")
    return Verified(kept, counts, skipped=skipped)


def tally(found: Iterable[Found]) -> tuple[tuple[Damage, ...], dict[str, Counter[str]]]:
    """Damages that are kept, the worst first, and how many there are."""
    kept: list[Damage] = []
    counts: dict[str, Counter[str]] = {}
    for one in found:
        count = counts.setdefault(one.damage.check, Counter())
        count[one.damage.severity] += 1
        if count.total() <= MOST_KEPT:
            kept.append(one.damage)
    order = ("breaking", "warning", "info")
    return tuple(sorted(kept, key=lambda damage: order.index(damage.severity))), counts


def stored_after(connection: Connection, low: int, high: int, limit: int) -> list[Stored]:
    """Conversations with a number above `low` and up to `high`, with their messages and links."""
    held, parts, links = schema.conversations, schema.parts, schema.conversation_contacts
    rows = connection.execute(
        select(held).where(held.c.n > low, held.c.n <= high).order_by(held.c.n).limit(limit)
    ).mappings()
    found = list(rows)
    numbers = [row["n"] for row in found]
    messages = connection.execute(
        select(*(column for column in parts.c)).where(parts.c.conversation.in_(numbers)).order_by(parts.c.conversation)
    ).mappings()
    grouped: dict[int, list[Columns]] = {}
    for message in messages:
        grouped.setdefault(message["conversation"], []).append(dict(message))
    for of in grouped.values():
        of.sort(key=itemgetter("position", "n"))
    linked: dict[int, list[str]] = {}
    for n, contact in connection.execute(select(links).where(links.c.conversation.in_(numbers))):
        linked.setdefault(n, []).append(contact)
    return [Stored(dict(row), grouped.get(row["n"], ()), frozenset(linked.get(row["n"], ()))) for row in found]


def _held(connection: Connection) -> int:
    names = schema.counters.c.name.in_(("conversations", "deleted"))
    return int(connection.scalar(select(func.sum(schema.counters.c.value)).where(names)) or 0)


def by_check(damages: Sequence[Damage]) -> dict[str, list[Damage]]:
    """Damages by what was looked at."""
    found: dict[str, list[Damage]] = {check: [] for check in CHECKS}
    for damage in damages:
        found.setdefault(damage.check, []).append(damage)
    return found
