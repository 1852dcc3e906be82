"""Whole conversations: whatever the store says is pending, the newest first, several in flight, written in batches."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from itertools import islice

from ...errors import ApiError, NotFound, Unauthorized, UpstreamError
from ..records import NESTED, Conversation, Undecodable, whole_conversation
from .api import Body, Nested
from .doubt import doubted
from .job import Job

BATCH = 50
"""Bodies written in one transaction: the most that a crash can cost, with those that are in flight."""

AHEAD = 100
"""Pending conversations that are looked up at once."""

PATIENCE = 1.0
"""Seconds after which bodies are written though the batch is not full."""

IN_A_ROW = 10
"""Calls that may fail one after the other, each tried several times, before the sync gives up."""

RACES = 3
"""Times that a conversation is asked for which changes while it is read."""


class Bodies:
    """Fetches bodies until there is nothing left and nothing more to come.

    Attributes:
        left: Ids that are not asked for again in this sync: they failed, or changed again and again.
    """

    def __init__(self, job: Job, *, most: int = 0, only: Iterable[str] | None = None) -> None:
        self.job = job
        self.left: set[str] = set()
        self._late: dict[str, int] = {}
        self._most = most or None
        self._asked = 0
        self._queue: deque[tuple[str, int]] = deque()
        self._refills = only is None
        self._changed = True  # whether the store may have something to fetch that was not looked up yet
        if only is not None:
            known = job.store.known(list(only))
            self._queue.extend((id, known[id].seen_at if id in known else 0) for id in dict.fromkeys(only))
        self._busy: set[str] = set()
        self._ready: list[tuple[Conversation, int]] = []
        self._gone: list[str] = []
        self._flushed = job.intercom.pace.now()
        self._news = asyncio.Event()
        self._closed = False
        self._failures = 0
        self._fetched = self._missing = 0
        # What could not be read is asked for again when it has changed since, or when everything is.
        asks = self._refills and not job.settings.full
        self._unreadable = job.store.unreadable("conversation", _MOST_LETTERS) if asks else {}

    def noticed(self) -> None:
        """There may be something to fetch."""
        self._changed = True
        self._news.set()

    def close(self) -> None:
        """No more will come than the store has now."""
        self._closed = self._changed = True
        self._news.set()

    async def run(self) -> None:
        """Fetches and writes. Raises `UpstreamError`, `StoreError`; what was fetched before is written first."""
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self.job.settings.concurrency):
                    group.create_task(self._worker())
        except BaseException:
            self.flush()
            raise
        self.flush(ended=True)
        await self._again()

    async def _worker(self) -> None:
        while (found := await self._next()) is not None:
            await self._fetch(*found)
            if len(self._ready) >= BATCH or self.job.intercom.pace.now() - self._flushed >= PATIENCE:
                self.flush()

    async def _next(self) -> tuple[str, int] | None:
        while self._most is None or self._asked < self._most:
            if not self._queue and self._refills and self._changed:
                self._refill()
            if self._queue:
                self._asked += 1
                id, seen = self._queue.popleft()
                self._busy.add(id)
                return id, seen
            if self._closed:
                return None
            self._news.clear()
            await self._news.wait()
        return None

    def _refill(self) -> None:
        """The newest that are pending and not in hand."""
        skipped = self._busy | self.left
        found = self.job.store.pending(AHEAD + len(skipped) + len(self._unreadable))
        for one in found:
            if one.id not in skipped and one.updated_at > self._unreadable.get(one.id, -1):
                self._queue.append((one.id, one.updated_at))
        self._changed = bool(self._queue)  # then there may be more than was looked up

    # One conversation

    async def _fetch(self, id: str, seen: int) -> None:
        try:
            body = await self.job.intercom.conversation(id)
        except NotFound as gone:
            if gone.code:
                self._lost(id)
            else:  # said by something on the way to Intercom
                self._failed(id, gone)
        except Unauthorized as refusal:
            if refusal.status != _FORBIDDEN:
                raise
            self._failed(id, refusal)
        except Nested as deep:
            self._failures = 0
            self._fetched += 1
            self._buried(Undecodable("conversation", NESTED, deep.text, id), deep.at, id)
        except UpstreamError as failure:
            self._failed(id, failure)
        else:
            self._failures = 0
            self._read(id, seen, body)

    def _read(self, id: str, seen: int, body: Body) -> None:
        self._fetched += 1
        try:
            found = whole_conversation(body.value)
            if found.id != id:
                raise Undecodable("conversation", "another one was answered", body.value, id)
        except Undecodable as error:
            if error.reason != NESTED:
                self.job.drifts.look("conversation", body.value)
            self._buried(error, body.at, id)
            return
        self.job.drifts.look("conversation", body.value)
        for bad in found.undecodable:
            self.job.bury("part", bad, body.at, owner=id)
        if found.updated_at < seen or body.at <= found.updated_at:
            # It changed in the second in which it was read, or an older copy was answered: once more, and later.
            self._late[id] = max(seen, found.updated_at)
            self.left.add(id)
        self._ready.append((found, body.at))

    def _buried(self, error: Undecodable, at: int, id: str) -> None:
        self.job.bury("conversation", Undecodable(error.what, error.reason, error.raw, error.id or id), at)
        self._busy.discard(id)
        self.left.add(id)

    def _lost(self, id: str) -> None:
        self._missing += 1
        try:
            doubted(self.job, self._missing, self._missing + self._fetched)
        except ApiError:
            self._gone.clear()
            raise
        self._gone.append(id)

    def _failed(self, id: str, failure: UpstreamError) -> None:
        self._failures += 1
        self._busy.discard(id)
        self.left.add(id)
        self.job.totals.failed += 1
        if self._failures >= IN_A_ROW:
            raise failure

    # Writing

    def flush(self, *, ended: bool = False) -> None:
        """Writes what was fetched, in one transaction.

        Of what is gone nothing comes back: where much of it is, nothing is deleted before everything was asked for.
        """
        self._flushed = self.job.intercom.pace.now()
        believed = ended or self._missing * 10 <= self._fetched + self._missing or self.job.settings.believe_deletions
        ready, gone = self._ready, self._gone if believed else []
        if not (ready or gone):
            return
        self._ready, self._gone = [], [] if believed else self._gone
        with self.job.batch() as batch:
            written = batch.bodies(ready)
            if gone:
                batch.deleted(gone, self.job.at, "missing")
        self._busy.difference_update(gone, (conversation.id for conversation, _ in ready))
        self._changed = True
        totals = self.job.totals
        totals.written += written
        totals.bodies += len(ready)
        totals.deleted += len(gone)
        totals.parts += sum(len(conversation.parts) for conversation, _ in ready)
        totals.truncated += sum(conversation.truncated for conversation, _ in ready)
        self._told()

    def _told(self) -> None:
        pending = self.job.store.status().counters.get("pending", 0)
        done = self.job.totals.bodies
        total = done + pending
        self.job.tell("conversations", done, total if self._most is None else min(total, self._most))

    # Once more

    async def _again(self) -> None:
        """Those that changed while they were read, at the earliest in the next second."""
        for _ in range(RACES - 1):
            late, self._late = self._late, {}
            if not late or self._most is not None:
                break
            await self.job.intercom.sleep(
                max(0.0, min(_TURN, max(late.values()) + _TURN - self.job.intercom.clock.now()))
            )
            waiting = iter(late.items())
            while some := list(islice(waiting, self.job.settings.concurrency)):
                self._busy.update(id for id, _ in some)
                async with asyncio.TaskGroup() as group:
                    for id, seen in some:
                        group.create_task(self._fetch(id, seen))
                self.flush(ended=True)


_FORBIDDEN = 403
_TURN = 1.05
_MOST_LETTERS = 10_000
