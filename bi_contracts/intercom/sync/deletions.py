"""Deleted conversations, as Intercom lists them from version 2.16 on."""

from __future__ import annotations

from ...paths import Json
from ..store.values import Cursor
from .job import Job

STREAM = "deleted"

EVERY = 900
"""Seconds between two looks at the list."""

OVERLAP = 3600
"""Seconds before the last look that are read again."""

MOST_PAGES = 1000


async def deletions(job: Job, *, forced: bool = False) -> None:
    """Turns what is listed into tombstones, the newest first, down to the last look. Raises `UpstreamError`."""
    cursor = job.store.cursor(STREAM)
    if not job.intercom.lists_deleted or not (forced or due(cursor, job.at)):
        return
    stop = cursor.value - OVERLAP if cursor is not None else 0
    newest, at, seen = cursor.value if cursor is not None else 0, job.at, set[str]()
    for number in range(1, MOST_PAGES + 1):
        page = await job.intercom.deleted(number)
        at = page.at
        rows = [(str(row["id"]), _moment(row, page.at)) for row in page.rows if isinstance(row, dict) and row.get("id")]
        fresh = [(id, moment) for id, moment in rows if id not in seen]
        seen.update(id for id, _ in fresh)
        _bury(job, fresh)
        newest = max([newest, *(min(moment, page.at) for _, moment in rows)])
        everything = page.total is not None and len(seen) >= page.total
        if everything or not fresh or min(moment for _, moment in fresh) < stop:
            break
    with job.batch() as batch:
        batch.cursor(STREAM, Cursor(newest, at))


def due(cursor: Cursor | None, at: int) -> bool:
    """Whether the last look is long enough ago, or was at a time to come."""
    return cursor is None or not 0 <= at - cursor.at < EVERY


def _bury(job: Job, rows: list[tuple[str, int]]) -> None:
    known = job.store.known([id for id, _ in rows])
    gone = [(id, moment) for id, moment in rows if id in known and not known[id].deleted]
    if not gone:
        return
    with job.batch() as batch:
        for id, moment in gone:
            batch.deleted([id], moment, "deleted")
    job.totals.deleted += len(gone)
    job.tell("deleted", job.totals.deleted)


def _moment(row: dict[str, Json], at: int) -> int:
    moment = row.get("deleted_at")
    return moment if isinstance(moment, int) and not isinstance(moment, bool) and moment >= 0 else at
