"""What changed since the last sync: rows updated after the cursor, the oldest change first."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ..store.values import Cursor, Range
from .job import CONVERSATIONS, Job, later
from .windows import Slice, Span, key_of, slices


async def incremental(job: Job, cursor: Cursor, noticed: Callable[[], None]) -> None:
    """Writes the heads of all that changed, page by page, and moves the cursor with each. Raises `UpstreamError`."""
    after = max(0, cursor.value - job.settings.overlap)
    search = partial(job.intercom.search, CONVERSATIONS)
    moved, sound, at, top = cursor, True, 0, 0
    async for piece in slices(search, Span(after, None)):
        await job.identify(piece.rows)
        sound = sound and piece.whole
        at, top = piece.at, max(top, _newest(piece))
        with job.batch() as batch:
            job.take_heads(batch, piece.rows, piece.at)
            if sound:
                moved = later(moved, min(top, piece.reached), at)
                batch.cursor(CONVERSATIONS, moved)
        noticed()
        job.tell("heads", job.totals.heads)
    if sound:
        with job.batch() as batch:
            batch.cover(CONVERSATIONS, Range(after, at - 1))  # the second of the answer was not over
    else:
        job.totals.partial = True
        job.warn("the search gave fewer rows than it said; they are asked for again by the next sync")


def _newest(piece: Slice) -> int:
    return max((key.moment for row in piece.rows if (key := key_of(row)) is not None), default=0)
