"""One sync while it runs: whom it asks, where it writes, and what it came to so far."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ...errors import StoreError
from ...paths import Json, dig
from ..records import NESTED, Conversation, Undecodable, conversation_head, letter_id
from ..store.values import Cursor, DeadLetter, Run, Written
from .api import Intercom
from .drifting import Drifts
from .merges import Merges
from .outcome import Synced
from .progress import Meter
from .settings import SyncSettings

if TYPE_CHECKING:
    from ..store.lease import Lease
    from ..store.store import Store
    from ..store.writing import Batch

CONVERSATIONS = "conversations"
SHOWN = 100
"""Dead letters that an outcome names; all are in the store."""

log = logging.getLogger("bi_contracts.intercom.sync")


@dataclass
class Totals:
    """What was done so far."""

    written: Written = field(default_factory=Written)
    heads: int = 0
    new: int = 0
    expected: int | None = None
    bodies: int = 0
    parts: int = 0
    deleted: int = 0
    merged: int = 0
    contacts: int = 0
    tickets: int = 0
    truncated: int = 0
    failed: int = 0
    dead: list[DeadLetter] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    since: int | None = None
    partial: bool = False


class Job:
    """One sync while it runs. Everything it writes goes through `batch`."""

    def __init__(
        self, store: Store, intercom: Intercom, settings: SyncSettings, lease: Lease | None, meter: Meter
    ) -> None:
        self.store, self.intercom, self.settings, self.lease, self.meter = store, intercom, settings, lease, meter
        self.drifts = Drifts(intercom.upstream.workspace, intercom.version)
        self.merges = Merges(self)
        self.totals = Totals()
        self.run = Run("incremental", "", 0)
        self.began = intercom.pace.now()
        self._before = (intercom.calls, intercom.refused, intercom.retried)
        self._letters: list[DeadLetter] = []
        self._meta: dict[str, str] = {}
        self._identified = False

    @property
    def at(self) -> int:
        """The time at Intercom."""
        return int(self.intercom.clock.now())

    @contextmanager
    def batch(self) -> Iterator[Batch]:
        """One transaction: what the caller writes, and what was met on the way to it."""
        with self.store.batch(self.lease) as batch:
            run = self.run if self.run.n else batch.run(self._begun())
            yield batch
            if self._letters:
                batch.dead(self._letters)
            notes = self.drifts.unwritten(self.at)
            if notes:
                batch.drift(notes)
            for key, value in self._meta.items():
                batch.meta(key, value)
        self.run = run
        self._letters, self._meta = [], {}
        self.drifts.wrote()

    def _begun(self) -> Run:
        took = int(self.intercom.pace.now() - self.began)  # nothing is written before the first answer
        return replace(self.run, source=self.intercom.source, started_at=self.at - took)

    def remember(self, key: str, value: str) -> None:
        """Goes into the store with the next batch."""
        self._meta[key] = value

    # Whom the store belongs to

    async def identify(self, rows: Sequence[Json] = ()) -> None:
        """Makes sure, before anything is written, that the store belongs to who is asked. Raises `StoreError`.

        A row that is held just as it was sent proves it; only where there is none it costs a call.
        """
        if self._identified:
            return
        source, ours = self.store.meta("source"), self.intercom.source
        if source and source != ours:
            raise StoreError(f"{self.store.address} was synced from {source}, not from {ours}: choose another --store")
        if not source or not self._held(rows):
            await self._introduce()
            if self.intercom.source not in (source or self.intercom.source):
                raise StoreError(f"{self.store.address} was synced from {source}, not from {self.intercom.source}")
        if self.store.meta("version") != self.intercom.version:
            self.remember("version", self.intercom.version)
        self._identified = True

    def _held(self, rows: Sequence[Json]) -> bool:
        found = {}
        for row in rows[:_PROOF]:
            try:
                head = conversation_head(row)
            except Undecodable:
                continue
            found[head.id] = head.head_digest
        known = self.store.known(list(found))
        return any(one.head_digest == found[id] for id, one in known.items())

    async def _introduce(self) -> None:
        me = (await self.intercom.me()).value
        workspace = str(dig(me, "app.id_code") or "")
        held = self.store.meta("workspace")
        if held and workspace != held:
            raise StoreError(
                f"{self.store.address} holds the workspace {held}, and this token is for {workspace or 'another one'}:"
                " choose another --store"
            )
        self.remember("source", self.intercom.source)
        self.remember("workspace", workspace)
        self.remember("workspace_name", str(dig(me, "app.name") or ""))
        self.remember("region", str(dig(me, "app.region") or ""))

    # What was read

    def heads_of(self, rows: Iterable[Json], at: int) -> list[Conversation]:
        """The heads in rows of a search; those that cannot be read become dead letters."""
        found = []
        for row in rows:
            try:
                found.append(conversation_head(row))
            except Undecodable as error:
                self.bury("conversation", error, at)
                if error.reason == NESTED:
                    continue
            self.drifts.look("conversations_search", row)
        return found

    def bury(self, stream: str, error: Undecodable, at: int, owner: str = "") -> None:
        """A record that cannot be read."""
        id = letter_id(error)
        letter = DeadLetter(stream, f"{owner}/{id}" if owner else id, error.reason, error.raw, at)
        self._letters.append(letter)
        if len(self.totals.dead) < SHOWN:
            self.totals.dead.append(letter)

    def take_heads(self, batch: Batch, rows: Iterable[Json], at: int) -> Written:
        """Writes the heads of a page."""
        found = self.heads_of(rows, at)
        self.merges.look(found)
        written = batch.heads(found)
        self.totals.heads += written.new + written.updated
        self.totals.new += written.new
        return written

    def warn(self, sentence: str) -> None:
        if sentence not in self.totals.warnings:
            self.totals.warnings.append(sentence)
            log.warning("%s", sentence)

    def tell(self, phase: str, done: int, total: int | None = None) -> None:
        self.meter.tell(phase, done, total, remaining=self.intercom.pace.remaining, calls=self.intercom.calls)

    # The end

    def finished(self, outcome: str, error: str = "", *, interrupted: bool = False) -> None:
        """Writes how the run ended."""
        totals, (calls, refused, retried) = self.totals, self._before
        for version in sorted(self.drifts.versions):
            self.warn(
                f"the contracts are of Intercom-Version {version}, and {self.intercom.version} is spoken:"
                " how its answers differ from them is told for information, and nothing of it is called breaking"
            )
        took = self.intercom.pace.now() - self.began
        with self.batch() as batch:
            run = replace(
                self.run if self.run.n else self._begun(),
                ended_at=self.at,
                outcome=outcome,
                error=error,
                milliseconds=round(took * 1000),
                calls=self.intercom.calls - calls,
                refused=self.intercom.refused - refused,
                retried=self.intercom.retried - retried,
                conversations=totals.bodies,
                parts=totals.parts,
                interrupted=interrupted,
            )
            run = batch.run(run)
        self.run = run

    def outcome(self) -> Synced:
        status, totals = self.store.status(), self.totals
        return Synced(
            run=self.run,
            written=totals.written,
            heads=totals.heads,
            new=totals.new,
            deleted=totals.deleted,
            merged=totals.merged,
            contacts=totals.contacts,
            tickets=totals.tickets,
            pending=status.counters.get("pending", 0),
            truncated=totals.truncated,
            coverage=tuple(status.coverage.get(CONVERSATIONS, ())),
            dead=tuple(totals.dead),
            drift=tuple(self.drifts.met),
            limit=self.intercom.pace.limit,
            window=self.intercom.pace.window,
            since=totals.since,
            warnings=tuple(totals.warnings),
        )


def later(cursor: Cursor | None, moment: int, at: int) -> Cursor:
    """The cursor moved on to a moment: never back, and never ahead of Intercom's own clock."""
    held = cursor.value if cursor is not None else 0
    return Cursor(max(held, min(moment, at)), at)


_PROOF = 20
