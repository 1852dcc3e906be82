"""What was never read: windows of time, the newest first, several at once, each gone on with where it stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from ...paths import Json
from ..store.values import Range, Shard, uncovered
from .api import PAGE, Page
from .job import CONVERSATIONS, Job, later
from .windows import Search, Slice, Span, key_of, slices

AT_ONCE = 4
"""Windows that are read at the same time."""

SHARD = 1500
"""Conversations that a window is meant to have."""

MOST_SHARDS = 64

Noticed = Callable[[], None]


async def backfill(job: Job, name: str, floor: int, until: int, noticed: Noticed) -> None:
    """Heads of everything updated above `floor` and up to `until`. Raises `UpstreamError`.

    `name` is `USUAL` for what is not covered yet, `FULL` for all of it. What is left of an earlier one goes first.
    """
    kept = job.store.shards(name)
    await _read(job, [shard for shard in kept if not shard.done], floor, noticed)
    # What is left of a full one that was to go down less far, is not all of this one.
    low = min((shard.lo for shard in kept), default=until)
    if name == USUAL and job.store.cursor(CONVERSATIONS) is not None:
        until -= 1  # what is later was read, or is not over
    wanted = gaps(job, floor, until) if name == USUAL else [Range(floor, low)] if floor < low else []
    for gap in wanted:
        await _read(job, await _planned(job, name, gap, noticed), floor, noticed)
    if kept or wanted:
        with job.batch() as batch:
            batch.clear_shards(name)


def gaps(job: Job, floor: int, until: int) -> list[Range]:
    """What is not covered yet, the newest first."""
    held = job.store.status().coverage.get(CONVERSATIONS, ())
    return list(uncovered(Range(floor, until), held))


FULL, USUAL = "full", "usual"


async def _planned(job: Job, name: str, gap: Range, noticed: Noticed) -> list[Shard]:
    """Reads the newest page, which is searchable at once, and cuts what is below it into windows."""
    search = partial(job.intercom.search, CONVERSATIONS)
    page = await search(gap.lo, gap.hi + 1, newest_first=True)
    await job.identify(page.rows)
    moments = [key.moment for row in page.rows if (key := key_of(row)) is not None]
    # Rows of one second alone do not show that the newest came first.
    ordered = moments == sorted(moments, reverse=True) and bool(moments) and moments[0] > moments[-1]
    usable = ordered and gap.lo < moments[-1] <= moments[0] <= gap.hi
    whole = page.total is not None and len(page.rows) >= page.total
    cut = gap.lo if whole else (moments[-1] if usable else gap.hi)
    if page.total is not None:
        job.totals.expected = (job.totals.expected or job.totals.heads) + page.total
    with job.batch() as batch:
        job.take_heads(batch, page.rows, page.at)
        batch.cover(CONVERSATIONS, Range(cut, min(gap.hi, page.at - 1)))
        held = job.store.cursor(CONVERSATIONS)
        if held is None:
            # Whatever moves out of these windows meanwhile comes after this, and is found from here on.
            batch.cursor(CONVERSATIONS, later(None, max(moments, default=gap.lo), page.at))
    noticed()
    job.tell("heads", job.totals.heads, job.totals.expected)
    if whole:
        return []
    shards = await _cut(search, name, Range(gap.lo, cut), page)
    with job.batch() as batch:
        for shard in shards:
            batch.shard(shard)
    return shards


async def _cut(search: Search, name: str, range: Range, page: Page) -> list[Shard]:
    total = (page.total or 0) - len(page.rows)
    number = min(MOST_SHARDS, -(-total // SHARD))
    if number <= 1:
        return [Shard(range.lo, range.hi, name)]
    first: Page = await search(range.lo, range.hi + 1)
    oldest = min((key.moment for row in first.rows if (key := key_of(row)) is not None), default=range.lo + 1)
    return list(_even(name, range, max(oldest - 1, range.lo), number))


def _even(name: str, range: Range, oldest: int, number: int) -> Iterator[Shard]:
    """Windows of equal length, the newest first; the last one goes down to the floor."""
    width = max(1, -(-(range.hi - oldest) // number))
    hi = range.hi
    while hi > range.lo:
        lo = hi - width
        if lo <= oldest:
            lo = range.lo
        yield Shard(lo, hi, name)
        hi = lo


async def _read(job: Job, shards: list[Shard], floor: int, noticed: Noticed) -> None:
    """Reads windows, several at once, the newest first."""
    waiting = sorted((shard for shard in shards if shard.hi > floor), key=lambda shard: shard.hi)

    async def reader() -> None:
        while waiting:
            await _shard(job, waiting.pop(), floor, noticed)

    async with asyncio.TaskGroup() as group:
        for _ in range(min(AT_ONCE, len(waiting))):
            group.create_task(reader())


async def _shard(job: Job, shard: Shard, floor: int, noticed: Noticed) -> None:
    lo, search = max(shard.lo, floor), partial(job.intercom.search, CONVERSATIONS)
    if shard.anchor is not None and shard.anchor <= lo:
        return
    start = shard.hi if shard.anchor is None else shard.anchor
    sound, last = True, shard
    async for piece in slices(search, Span(lo, start), newest_first=True):
        await job.identify(piece.rows)
        sound = sound and piece.whole
        last = _onward(last, piece, lo if sound else shard.hi)
        with job.batch() as batch:
            job.take_heads(batch, piece.rows, piece.at)
            if sound:
                batch.shard(last)
                batch.cover(CONVERSATIONS, Range(last.anchor or 0, min(shard.hi, piece.at - 1)))
        del piece
        noticed()
        job.tell("heads", job.totals.heads, job.totals.expected)
    if not sound:
        job.totals.partial = True
        job.warn("the search gave fewer rows than it said; they are asked for again by the next sync")
        return
    with job.batch() as batch:
        batch.shard(replace(last, anchor=lo, done=lo == shard.lo))
        batch.cover(CONVERSATIONS, Range(lo, min(shard.hi, job.at - 1)))


def _onward(shard: Shard, piece: Slice, lo: int) -> Shard:
    expected = piece.total if shard.expected is None else shard.expected
    return replace(shard, anchor=max(piece.reached, lo), expected=expected, seen=shard.seen + len(piece.rows))


async def newest(job: Job, floor: int, most: int, noticed: Noticed) -> None:
    """Heads of the newest so many conversations, exactly. Raises `UpstreamError`."""
    search, taken, seen = partial(job.intercom.search, CONVERSATIONS), 0, set[str]()
    cursor, top, sound = job.store.cursor(CONVERSATIONS), 0, True
    async for piece in slices(search, Span(floor, None), newest_first=True, size=min(PAGE, most)):
        await job.identify(piece.rows)
        rows, sound = [], sound and piece.whole
        for row in _newest_first(piece.rows):
            key = key_of(row)
            if key is None:
                rows.append(row)  # it cannot be read, and is reported
            elif key.id not in seen and taken < most:
                seen.add(key.id)
                rows.append(row)
                taken += 1
        moments = [key.moment for row in rows if (key := key_of(row)) is not None]
        with job.batch() as batch:
            job.take_heads(batch, rows, piece.at)
            full = taken >= most
            reached = min(moments, default=piece.reached) if full else piece.reached
            top = top or piece.at - 1  # the second of the answer was not over
            if sound and reached < top:
                batch.cover(CONVERSATIONS, Range(reached, top))
            # What is older than these and newer than the cursor was not looked at: the cursor stays where it is.
            joined = cursor is None or reached <= cursor.value - job.settings.overlap
            if moments and sound and joined:
                batch.cursor(CONVERSATIONS, later(job.store.cursor(CONVERSATIONS), max(moments), piece.at))
        noticed()
        job.tell("heads", taken, most)
        if full:
            return


def _newest_first(rows: list[Json]) -> list[Json]:
    """Pieces of a window that was halved may stand in any order; rows without a place stand last."""
    return sorted(rows, key=lambda row: -key.moment if (key := key_of(row)) is not None else 1)


__all__ = ["FULL", "USUAL", "backfill", "newest", "uncovered"]
