"""Deletions that nobody lists: counts are compared window by window, and where they differ ids are."""

from __future__ import annotations

from functools import partial

from ...errors import NotFound
from ...paths import Json
from ..records import Undecodable, whole_conversation
from ..store.values import Cursor, Range
from .api import PAGE, Body
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
    """Compares everything that is covered. Raises `UpstreamError`."""
    top = job.at - job.settings.overlap
    held = job.store.status().coverage.get(CONVERSATIONS, ())
    for range in held:
        wanted = Range(max(range.lo, floor), min(range.hi, top))
        if wanted.lo < wanted.hi:
            await _compare(job, Span(wanted.lo, wanted.hi))
    reconciled(job)


def reconciled(job: Job) -> None:
    """Remembers that the store was compared now."""
    with job.batch() as batch:
        batch.cursor(STREAM, Cursor(job.at, job.at))


async def _compare(job: Job, span: Span) -> None:
    assert span.hi is not None
    search = partial(job.intercom.search, CONVERSATIONS)
    page = await search(span.lo, span.before, size=PAGE if job.store.count_between(span.lo, span.hi) <= PAGE else 1)
    if page.total is None:
        job.warn("the search says no counts: deletions cannot be found by comparing them")
        return
    job.tell("reconcile", job.totals.deleted)
    ours = job.store.count_between(span.lo, span.hi)
    if page.total == ours and ours <= WINDOW:
        return
    if max(page.total, ours) <= PAGE or span.hi - span.lo <= 1:
        await _match(job, span)
        return
    middle = (span.lo + span.hi) // 2
    await _compare(job, Span(span.lo, middle))
    await _compare(job, Span(middle, span.hi))


async def _match(job: Job, span: Span) -> None:
    """Holds the ids of a window against those that are held, and asks for each that is missing by itself."""
    assert span.hi is not None
    search = partial(job.intercom.search, CONVERSATIONS)
    theirs: dict[str, Json] = {}
    at, whole = job.at, True
    async for piece in pieces(search, span):
        theirs |= {key.id: row for row in piece.rows if (key := key_of(row)) is not None}
        at, whole = piece.at, whole and piece.whole
    ours = {id for id, _ in job.store.ids_between(span.lo, span.hi)}
    unknown = [row for id, row in theirs.items() if id not in ours]
    if unknown:
        with job.batch() as batch:
            job.take_heads(batch, unknown, at)
    # Taken for deleted, and shown all the same: an index that lags, or a deletion that was none.
    held = job.store.known([id for id in theirs if id not in ours])
    for id in sorted(id for id, one in held.items() if one.deleted and not one.pending):
        await confirm(job, id)
    for id in sorted(ours - set(theirs)) if whole else ():
        await confirm(job, id)


async def confirm(job: Job, id: str) -> None:
    """Asks for a conversation that a window does not show: it is gone only where that is said of itself."""
    try:
        body: Body = await job.intercom.conversation(id)
        found = whole_conversation(body.value)
    except NotFound as gone:
        if not gone.code:
            raise  # said by something on the way to Intercom
        with job.batch() as batch:
            batch.deleted([id], job.at, "reconciled")
        job.totals.deleted += 1
    except Undecodable as error:
        job.bury("conversation", error, job.at)
    else:
        with job.batch() as batch:
            job.totals.written += batch.bodies([(found, body.at)])
        job.totals.bodies += 1
