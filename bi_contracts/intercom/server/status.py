"""get_server_status and get_sync_status: how the server is, and what a sync is doing."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

from ... import __version__
from ..store.lease import holder_of
from ..store.store import Store
from .budgets import clipped
from .facts import NEVER, counted, coverage, figures, freshness
from .models import Answer, Coverage, Freshness, Server, ServerStatus, SyncProgress, SyncStatus
from .models import Store as HeldStore

NAME = "bi-contracts-intercom"
LEASE = "sync"
STALE = 86400
"""Seconds after which a store is called stale."""


@dataclass(slots=True)
class Service:
    """What the server counts of itself."""

    mode: str
    why_not: str = ""
    began: float = field(default_factory=time.monotonic)
    calls: int = 0
    errors: int = 0

    def server(self) -> Server:
        return Server(
            name=NAME,
            version=__version__,
            mode=self.mode,
            uptime_seconds=round(time.monotonic() - self.began, 1),
            calls=self.calls,
            errors=self.errors,
            memory_bytes=memory(),
        )


def memory() -> int | None:
    """Resident bytes of this process, None where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def server_status(service: Service, syncing: bool, now: float, store: Store) -> ServerStatus:
    """How the server is, and what it serves."""
    status = store.status()
    fresh = freshness(status, now)
    stale = fresh.age_seconds is not None and fresh.age_seconds > STALE
    return ServerStatus(
        freshness=fresh,
        coverage=coverage(status),
        status="empty" if fresh.synced_at is None else "stale" if stale else "ok",
        server=service.server(),
        store=HeldStore(kind=store.kind, address=clipped(store.address, 500), bytes=status.bytes),
        held=counted(status),
        can_sync=not service.why_not,
        why_not=service.why_not,
        syncing=syncing,
    )


def sync_status(service: Service, progress: SyncProgress | None, running: bool, now: float, store: Store) -> SyncStatus:
    """The last sync, the one that runs, and who may sync."""
    status = store.status()
    who, expires_in = holder(store)
    return SyncStatus(
        freshness=freshness(status, now),
        coverage=coverage(status),
        can_sync=not service.why_not,
        why_not=service.why_not,
        running=running or bool(who),
        progress=progress,
        holder=who or None,
        holder_expires_in=expires_in if who else None,
        latest=figures(status.latest),
        last_good=figures(status.last),
    )


def holder(store: Store) -> tuple[str, float]:
    """Who holds the lease to sync, and for how many seconds yet; "" for nobody."""
    held = holder_of(store, LEASE)
    return ("", 0.0) if held is None else (clipped(held.who, 200), max(0.0, round(held.expires_at - store.now(), 1)))


def around(now: float, store: Store) -> Answer:
    """Freshness and coverage alone, for an answer that came from elsewhere."""
    status = store.status()
    return Answer(freshness=freshness(status, now), coverage=coverage(status))


def nothing() -> Answer:
    """The same where there is no store yet."""
    missing = "everything: nothing was synced yet"
    return Answer(
        freshness=Freshness(source="none", synced_at=None, age_seconds=None, why_no_age=NEVER, last_sync="never"),
        coverage=Coverage(since=None, to=None, complete=False, pending=0, gaps=0, missing=missing),
    )
