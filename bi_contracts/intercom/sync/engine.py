"""The order of a sync: what changed, what was never read, bodies beside both, then what was deleted, then the rest."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from ...errors import BiContractsError, StoreBusy, StoreError
from ..store.lease import VERIFY
from .api import Intercom
from .backfill import FULL, USUAL, backfill, newest
from .bodies import Bodies
from .contacts import contacts
from .deletions import deletions
from .incremental import incremental
from .job import CONVERSATIONS, Job, log
from .outcome import Synced
from .progress import Meter, Progress
from .reconcile import due, never, reconcile, reconciled
from .settings import SyncSettings
from .tickets import tickets

if TYPE_CHECKING:
    from ..store.lease import Lease
    from ..store.store import Store

DAY = 86_400
LEASE = 60.0
"""Seconds that a lease lasts when nobody renews it."""

POLL = 0.25

PATIENCE = 120.0
"""Seconds that a sync waits for a `verify` that looks at the full-text index, whatever it was told."""


async def sync(
    store: Store, intercom: Intercom, settings: SyncSettings | None = None, *, progress: Progress | None = None
) -> Synced:
    """Brings a store up to date, and goes on where the last sync stopped.

    Whatever ends it, what was written is kept and the next sync goes on from there.

    Raises:
        StoreBusy: Another sync holds the lease.
        StoreError: The store cannot be written, or holds somebody else's conversations.
        UpstreamError: Intercom did not answer, or not as it must; tried again as often as can help.
    """
    settings = settings or SyncSettings()
    return await _run(store, intercom, settings, progress, _synced, _kind(settings))


async def refetch(
    store: Store,
    intercom: Intercom,
    ids: Iterable[str],
    progress: Progress | None = None,
    *,
    settings: SyncSettings | None = None,
) -> Synced:
    """Fetches these conversations and nothing else. Raises as `sync`."""
    wanted = tuple(ids)

    async def work(job: Job) -> None:
        await job.identify()
        bodies = Bodies(job, only=wanted)
        bodies.close()
        await bodies.run()

    return await _run(store, intercom, settings or SyncSettings(), progress, work, "repair")


async def _synced(job: Job) -> None:
    settings, store = job.settings, job.store
    cursor = store.cursor(CONVERSATIONS)
    if cursor is None or (settings.max_conversations and settings.days is not None):
        await job.identify()  # this also tells what time it is at Intercom
    bodies = Bodies(job, most=settings.max_conversations)
    async with asyncio.TaskGroup() as group:
        fetching = group.create_task(bodies.run())
        try:
            await _heads(job, bodies.noticed)
        except BaseException:
            fetching.cancel()
            raise
        bodies.close()
    await job.merges.settle()
    if not settings.max_conversations:
        await _deleted(job)
    if "contacts" in settings.with_:
        await contacts(job, _floor(job))
    if "tickets" in settings.with_:
        await tickets(job, _floor(job))
    if job.totals.failed:
        job.totals.partial = True
        job.warn(f"{job.totals.failed} conversations could not be fetched; the next sync asks for them again")


async def _heads(job: Job, noticed: Callable[[], None]) -> None:
    settings, cursor = job.settings, job.store.cursor(CONVERSATIONS)
    if settings.max_conversations:
        asked = settings.since is not None or settings.days is not None
        # The newest so many, whatever stretch of time an earlier sync was asked for.
        return await newest(job, _floor(job) if asked else 0, settings.max_conversations, noticed)
    if cursor is not None:
        await incremental(job, cursor, noticed=noticed)
    job.totals.since = floor = _floor(job)
    _remember_floor(job, floor)
    began = job.at
    await backfill(job, FULL if settings.full else USUAL, floor, began, noticed)
    moved = job.store.cursor(CONVERSATIONS)
    if moved is not None and job.at - began > _LONG:
        # What moved out of its window before that was read, is newer than the windows now.
        await incremental(job, moved, noticed=noticed)
    return None


def _floor(job: Job) -> int:
    """From when on conversations are wanted: as was asked, else as far back as was ever asked."""
    settings = job.settings
    if settings.since is not None:
        return max(0, settings.since)
    if settings.days is not None:
        return max(0, int(job.at - settings.days * DAY))
    return 0 if settings.full else int(job.store.meta(_SINCE) or 0)


def _remember_floor(job: Job, floor: int) -> None:
    held = job.store.meta(_SINCE)
    if held is None or floor < int(held):
        job.remember(_SINCE, str(floor))


async def _deleted(job: Job) -> None:
    """Tombstones: what is listed, and where it is time what counts show; then the bodies that this brought up."""
    settings = job.settings
    await deletions(job, forced=settings.full)
    if not settings.reconcile and never(job):
        reconciled(job)  # everything was read now, by this sync or by those before it that were interrupted
    elif settings.full or settings.reconcile or due(job):
        await reconcile(job, 0)
        more = Bodies(job)
        more.close()
        await more.run()


# Around the work


async def _run(
    store: Store,
    intercom: Intercom,
    settings: SyncSettings,
    progress: Progress | None,
    work: Callable[[Job], Awaitable[None]],
    kind: str,
) -> Synced:
    with await _leased(store, settings.wait) as lease:
        job = Job(store, intercom, settings, lease, Meter(progress, intercom.pace.now))
        job.run = replace(job.run, kind=kind)
        _tidy(job)
        try:
            await _renewed(lease, work(job))
        except BaseExceptionGroup as group:
            error = _first(group)
            _ended(job, error)
            raise error from None
        except BaseException as error:
            _ended(job, error)
            raise
        store.forget(lease)
        job.finished("partial" if job.totals.partial else "done")
        job.tell("done", job.totals.bodies, job.totals.bodies)
        return job.outcome()


async def _leased(store: Store, wait: float) -> Lease:
    """The lease, waited for without keeping others of this process waiting. Raises `StoreBusy`."""
    waited = 0.0
    while True:
        try:
            return store.lease(ttl=LEASE)
        except StoreBusy as busy:
            most = max(wait, PATIENCE) if busy.holder.startswith(VERIFY) else wait
            if waited >= most:
                raise
            if not waited:
                log.warning("waiting for %s to give the store back", busy.holder or "another process")
        pause = min(POLL, most - waited)
        await asyncio.sleep(pause)
        waited += pause


async def _renewed(lease: Lease, work: Awaitable[None]) -> None:
    """Does the work while the lease is renewed; a lease that is lost ends it."""

    async def keep() -> None:
        while True:
            await asyncio.sleep(LEASE / 3)
            lease.renew()

    async with asyncio.TaskGroup() as group:
        keeper = group.create_task(keep())
        try:
            await work
        finally:
            keeper.cancel()


def _tidy(job: Job) -> None:
    """Runs that never ended were interrupted: whoever holds the lease knows that nobody else is running."""
    open_ = [run for run in job.store.runs(5) if run.outcome == "running"]
    if open_:
        with job.store.batch(job.lease) as batch:
            for run in open_:
                batch.run(replace(run, outcome="failed", error="it was interrupted", interrupted=True))


def _ended(job: Job, error: BaseException) -> None:
    """Writes that it failed, where that can be written."""
    if isinstance(error, StoreError):
        return
    told = str(error) if isinstance(error, BiContractsError) else type(error).__name__
    interrupted = isinstance(error, asyncio.CancelledError | KeyboardInterrupt)
    with contextlib.suppress(StoreError):
        job.finished("partial" if job.totals.bodies or job.totals.heads else "failed", told, interrupted=interrupted)


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first error of a group, one of ours rather than any other."""
    found = [_first(error) if isinstance(error, BaseExceptionGroup) else error for error in group.exceptions]
    return next((one for one in found if isinstance(one, BiContractsError)), found[0])


def _kind(settings: SyncSettings) -> str:
    return "full" if settings.full else "incremental"


_SINCE = "since"
_LONG = 60
