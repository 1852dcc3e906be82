"""A sync that is measured: into a store of its own, with the traffic, the time and the processor that it takes."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...registry import platform as declared
from ...session import Upstream
from ...workspace import Workspace
from .sampling import resident
from .traffic import Traffic, WatchedUpstream, watched

if TYPE_CHECKING:
    from ..store.store import Store
    from ..sync import Synced, SyncSettings

FASTEST = 0.05
"""Seconds between two looks at the memory."""


@dataclass(slots=True)
class Clocks:
    """Where the time of a sync went, in seconds.

    Attributes:
        wall: From beginning to end.
        cpu: Of the processor, all threads together.
        store: In the store, waiting for the disk among it.
        store_cpu: Of the processor, in the store.
        held: While at least one call waited for its turn under the rate limit.
    """

    wall: float = 0.0
    cpu: float = 0.0
    store: float = 0.0
    store_cpu: float = 0.0
    held: float = 0.0


@dataclass(slots=True)
class Measured:
    """A sync and what it took.

    Attributes:
        peak: Bytes that this process held, with the sandbox in it where that answers.
        limited: Whether somebody enforces the rate limit.
    """

    synced: Synced
    traffic: Traffic
    clocks: Clocks
    peak: int = 0
    source: str = ""
    limited: bool = True


def sandboxed(
    space: Workspace, conversations: int, *, seed: str = "bi", limits: bool = False, latency: str = ""
) -> Upstream:
    """A sandbox in this process with so many conversations, at the time at which they are fresh.

    `latency` is written as a fault's: `0.15` or `lognormal:0.1,0.5`.
    """
    from ...sandbox import Sandbox

    sandbox = Sandbox([declared("intercom", space)], seed=seed, rows=conversations, enforce_limits=limits)
    sandbox.clock.set(sandbox.world.present)
    if latency:
        sandbox.fault(f"latency={latency}", times=None)
    return Upstream(space, "sandbox", sandbox)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is gone after the block."""
    with tempfile.TemporaryDirectory(prefix="bi-contracts-intercom-") as folder:
        yield Path(folder)


async def measured(
    upstream: Upstream, store: Store, settings: SyncSettings, progress: Callable[[Any], None] | None = None
) -> Measured:
    """Syncs, and measures that. Raises as `sync` does."""
    from ..sync import Intercom, sync

    seen = upstream if isinstance(upstream, WatchedUpstream) else watched(upstream)
    clocks, peak = Clocks(), Peak()
    asked: dict[str, Any] = {
        "region": settings.region,
        "version": settings.version,
        "concurrency": settings.concurrency,
    }
    async with Intercom(seen, **asked) as intercom:
        _watch_turns(intercom.pace, clocks)
        timed: Any = TimedStore(store, clocks)
        looking = asyncio.create_task(peak.watch())
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            synced = await sync(timed, intercom, settings, progress=progress)
        finally:
            clocks.wall, clocks.cpu = time.perf_counter() - wall, time.process_time() - cpu
            looking.cancel()
            await looking
        peak.look()
    return Measured(synced, seen.traffic, clocks, peak.most, synced.run.source, intercom.pace.enforced)


class TimedStore:
    """A store that counts the time that is spent in it."""

    def __init__(self, store: Store, clocks: Clocks) -> None:
        self._store, self._clocks = store, clocks

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if not callable(found) or name == "lease":
            return found

        def timed(*arguments: Any, **named: Any) -> Any:
            with self._counted():
                return found(*arguments, **named)

        return timed

    @contextmanager
    def batch(self, *arguments: Any, **named: Any) -> Iterator[Any]:
        """As the store's; all of the block counts."""
        with self._counted(), self._store.batch(*arguments, **named) as batch:
            yield batch

    @contextmanager
    def _counted(self) -> Iterator[None]:
        wall, cpu = time.perf_counter(), time.thread_time()
        try:
            yield
        finally:
            self._clocks.store += time.perf_counter() - wall
            self._clocks.store_cpu += time.thread_time() - cpu


@dataclass(slots=True)
class _Turns:
    """Counts who waits for a turn. The time counts once, however many wait."""

    clocks: Clocks
    waiting: int = 0
    since: float = 0.0

    def begin(self) -> None:
        if not self.waiting:
            self.since = time.perf_counter()
        self.waiting += 1

    def end(self) -> None:
        self.waiting -= 1
        if not self.waiting:
            self.clocks.held += time.perf_counter() - self.since


def _watch_turns(pace: Any, clocks: Clocks) -> None:
    take, turns = pace.take, _Turns(clocks)

    async def counted(lane: int = 1) -> None:
        turns.begin()
        try:
            await take(lane)
        finally:
            turns.end()

    pace.take = counted


@dataclass(slots=True)
class Peak:
    """The most that this process held while it was watched, in bytes."""

    most: int = 0

    def look(self) -> None:
        """Looks once."""
        self.most = max(self.most, resident())

    async def watch(self) -> None:
        """Looks again and again until it is cancelled."""
        with suppress(asyncio.CancelledError):
            while True:
                self.look()
                await asyncio.sleep(FASTEST)


def round_of_work(conversations: int) -> Callable[[], None]:
    """A sync from nothing and a few queries, on the sandbox: what is repeated to find leaks."""
    from ..store import open_store
    from ..store.values import Query
    from ..sync import SyncSettings

    upstream = sandboxed(Workspace.discover(environ={}), conversations)

    def work() -> None:
        with scratch() as folder, open_store(folder / "round.db") as store:
            asyncio.run(measured(upstream, store, SyncSettings()))
            for number in range(20):
                for hit in store.search(Query(text="the", ranked=bool(number % 2), limit=5)).hits:
                    store.conversation(hit.id)
                store.status()

    return work
