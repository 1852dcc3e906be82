"""Deletions that nobody lists: counts are compared window by window, and where they differ ids are."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from itertools import islice

from ...errors import NotFound
from ...paths import Json
from ..records import Conversation, Undecodable, whole_conversation
from ..store.values import Cursor, Range
from .api import PAGE
from .doubt import doubted
from .job import CONVERSATIONS, Job
from .windows import Span, key_of, pieces

STREAM = "reconciled"

EVERY = 7 * 86_400
"""Seconds between two comparisons."""

WINDOW = 2000
"""Conversations that one count may stand for: one that is gone and one that is new would make up for each other."""


def due(job: Job) -> bool:
    """Whether the last comparison is long enough ago."""
    cursor = job.store.cursor(STREAM)
    return cursor is not None and not 0 <= job.at - cursor.at < EVERY


def never(job: Job) -> bool:
    """Whether it was never compared, nor read to its end."""
    return job.store.cursor(STREAM) is None


async def reconcile(job: Job, floor: int) -> None:
    """Compares everything that is covered. Raises `UpstreamError`, also where too much is gone to be believed."""
    top = job.at - job.settings.overlap
    held = job.store.status().coverage.get(CONVERSATIONS, ())
    for range in held:
        wanted = Range(max(range.lo, floor), min(range.hi, top))
        if wanted.lo < wanted.hi:
            comparison = _Comparison(job, wanted)
            await comparison.compare(Span(wanted.lo, wanted.hi))
            comparison.bury()
    reconciled(job)


def reconciled(job: Job) -> None:
    """Remembers that the store was compared now."""
    with job.batch() as batch:
        batch.cursor(STREAM, Cursor(job.at, job.at))


class _Comparison:
    """A stretch of time, compared."""

    def __init__(self, job: Job, range: Range) -> None:
        self.job, self._search = job, partial(job.intercom.search, CONVERSATIONS)
        self._held = job.store.count_between(range.lo, range.hi)
        self._gone: list[str] = []

    async def compare(self, span: Span) -> None:
        """Counts, and halves the window where counts differ, until it can be looked at row by row."""
        assert span.hi is not None
        job, ours = self.job, self.job.store.count_between(span.lo, span.hi)
        page = await self._search(span.lo, span.before, size=PAGE if ours <= PAGE else 1)
        if page.total is None:
            job.warn("the search says no counts: deletions cannot be found by comparing them")
            return
        job.tell("reconcile", job.totals.deleted)
        ours = job.store.count_between(span.lo, span.hi)
        doubted(job, ours - page.total, self._held)
        if page.total == ours and ours <= WINDOW:
            return
        if max(page.total, ours) <= PAGE or span.hi - span.lo <= 1:
            await self._match(span)
            return
        middle = (span.lo + span.hi) // 2
        await self.compare(Span(span.lo, middle))
        await self.compare(Span(middle, span.hi))

    async def _match(self, span: Span) -> None:
        """Holds the ids of a window against those that are held, and asks for each that is missing by itself."""
        assert span.hi is not None
        job = self.job
        theirs: dict[str, Json] = {}
        at, whole = job.at, True
        async for piece in pieces(self._search, span):
            theirs |= {key.id: row for row in piece.rows if (key := key_of(row)) is not None}
            at, whole = piece.at, whole and piece.whole
        ours = {id for id, _ in job.store.ids_between(span.lo, span.hi)}
        unknown = [row for id, row in theirs.items() if id not in ours]
        if unknown:
            with job.batch() as batch:
                job.take_heads(batch, unknown, at)
        # Taken for deleted, and shown all the same: an index that lags, or a deletion that was none.
        held = job.store.known([id for id in theirs if id not in ours])
        shown = {id for id, one in held.items() if one.deleted and not one.pending}
        missing = ours - set(theirs) if whole else set()
        waiting = iter(sorted(shown | missing))
        while ids := list(islice(waiting, job.settings.concurrency)):
            await self._confirm(ids)

    async def _confirm(self, ids: Sequence[str]) -> None:
        """Asks for conversations that a window does not show: one is gone only where that is said of itself."""
        job = self.job
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(_asked(job, id)) for id in ids]
        answers = [task.result() for task in asked]
        self._gone += [id for id, answer in zip(ids, answers, strict=True) if answer is _GONE]
        doubted(job, len(self._gone), self._held)
        found = [answer for answer in answers if isinstance(answer, tuple)]
        if found:
            with job.batch() as batch:
                job.totals.written += batch.bodies(found)
            job.totals.bodies += len(found)

    def bury(self) -> None:
        """Deletes what is gone, once everything was asked for: of what is erased nothing comes back."""
        if self._gone:
            with self.job.batch() as batch:
                batch.deleted(self._gone, self.job.at, "reconciled")
            self.job.totals.deleted += len(self._gone)


async def _asked(job: Job, id: str) -> tuple[Conversation, int] | object:
    """A conversation and when it was answered, `_GONE`, or None for one that cannot be read."""
    try:
        body = await job.intercom.conversation(id)
        return whole_conversation(body.value), body.at
    except NotFound as gone:
        if not gone.code:
            raise  # said by something on the way to Intercom
        return _GONE
    except Undecodable as error:
        job.bury("conversation", error, job.at)
        return None


_GONE = object()
