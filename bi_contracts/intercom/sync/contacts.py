"""Contacts: a stream of their own, asked for by whole days, for so coarsely is their `updated_at` searched."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from ...paths import Json
from ..records import Contact, Undecodable, contact_of
from ..store.values import Range
from .job import Job, later
from .windows import key_of

STREAM = "contacts"
DAY = 86_400

PIECES = 200
"""Windows that are read at most because the cursors of larger ones did not lead to all rows."""


async def contacts(job: Job, floor: int) -> None:
    """Contacts updated since the day before the last sync's. Raises `UpstreamError`."""
    cursor = job.store.cursor(STREAM)
    since = floor if cursor is None else max(floor, cursor.value - DAY)
    reading = Days(job)
    await reading.read(since // DAY, None)
    if not reading.whole:
        job.totals.partial = True
        job.warn("the search for contacts gave fewer rows than it said; they are asked for again by the next sync")
        return
    with job.batch() as batch:
        batch.cursor(STREAM, later(cursor, reading.newest, job.at))
        batch.cover(STREAM, Range(max(0, since), max(job.at, since + 1)))


@dataclass
class Days:
    """Reads contacts by the days on which they were updated.

    Attributes:
        newest: The newest `updated_at` that was shown.
        whole: Whether as many were given as the searches said.
    """

    job: Job
    newest: int = 0
    whole: bool = True
    pieces: int = 0

    async def read(self, first: int, last: int | None) -> None:
        """Follows the cursors of a search over these days (since 1970); where they do not lead to all, halves it."""
        self.pieces += 1
        if await self._followed(first, last):
            return
        end = max(self.job.at, self.newest) // DAY + 1 if last is None else last
        if first >= end or self.pieces >= PIECES:
            self.whole = False
            return
        middle = (first + end) // 2
        await self.read(first, middle)
        await self.read(middle + 1, end)

    async def _followed(self, first: int, last: int | None) -> bool:
        # `>` begins with the day after the one that it names, `<` ends with the day before.
        after, before = max(first * DAY - 1, 0), None if last is None else (last + 1) * DAY
        search = partial(self.job.intercom.search, STREAM, after, before)
        seen, odd, tokens, token = set[str](), 0, set[str](), ""
        while True:
            page = await search(following=token)
            await self.job.identify()
            keys = [key for row in page.rows if (key := key_of(row)) is not None]
            seen.update(key.id for key in keys)
            odd += len(page.rows) - len(keys)
            self.newest = max([self.newest, *(key.moment for key in keys)])
            _write(self.job, page.rows, page.at)
            self.job.tell("contacts", len(seen), page.total)
            token = page.following
            if not token or token in tokens:
                return page.total is None or len(seen) + odd >= page.total
            tokens.add(token)


def _write(job: Job, rows: list[Json], at: int) -> None:
    found: list[Contact] = []
    for row in rows:
        job.drifts.look("contacts_search", row)
        try:
            found.append(contact_of(row))
        except Undecodable as error:
            job.bury("contact", error, at)
    with job.batch() as batch:
        written = batch.contacts(found)
    job.totals.contacts += written.new + written.updated
