"""Tickets: a stream of their own, read as conversations are, whole from the search."""

from __future__ import annotations

from functools import partial

from ...paths import Json
from ..records import Ticket, Undecodable, ticket_of
from ..store.values import Range
from .job import Job, later
from .windows import Span, key_of, slices

STREAM = "tickets"


async def tickets(job: Job, floor: int) -> None:
    """Tickets updated since the last sync, the oldest change first. Raises `UpstreamError`."""
    cursor = job.store.cursor(STREAM)
    after = floor if cursor is None else max(0, cursor.value - job.settings.overlap)
    search, moved, at, done, top = partial(job.intercom.search, STREAM), cursor, 0, 0, 0
    async for piece in slices(search, Span(after, None)):
        await job.identify()
        if not piece.whole:
            job.totals.partial = True
            job.warn("the search for tickets gave fewer rows than it said; they are asked for again by the next sync")
            return
        top = max([top, *(key.moment for row in piece.rows if (key := key_of(row)) is not None)])
        found, at, done = _read(job, piece.rows, piece.at), piece.at, done + len(piece.rows)
        moved = later(moved, min(top, piece.reached), at)
        with job.batch() as batch:
            written = batch.tickets(found)
            batch.cursor(STREAM, moved)
        job.totals.tickets += written.new + written.updated
        job.tell("tickets", done, None)
    with job.batch() as batch:
        batch.cover(STREAM, Range(after, max(at, after + 1)))


def _read(job: Job, rows: list[Json], at: int) -> list[Ticket]:
    found = []
    for row in rows:
        job.drifts.look("tickets_search", row)
        try:
            found.append(ticket_of(row))
        except Undecodable as error:
            job.bury("ticket", error, at)
    return found
