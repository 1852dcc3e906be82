"""Syncs that the server was asked for: started, joined, waited for, ended with the server."""

from __future__ import annotations

import asyncio
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from .models import SyncProgress
from .orders import Order, heard

MODULE = "bi_contracts.intercom.server.worker"
PATIENCE = 10.0
"""Seconds that a sync has to end its batch when the server ends."""

Start = Callable[[Order], Awaitable[Process]]
Tell = Callable[[float, float | None, str], Awaitable[None]]


async def worker(order: Order) -> Process:
    """The process that syncs. Its log goes where the server's goes; signals to the server's group do not reach it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", MODULE, stdin=PIPE, stdout=PIPE, start_new_session=True, limit=2**20
    )
    if process.stdin is not None:
        with suppress(ConnectionError):
            process.stdin.write(order.line())
            await process.stdin.drain()
    return process


@dataclass(slots=True)
class Job:
    """One sync, while it runs and after.

    Attributes:
        step: The latest that it told: phase, done, total, rate, eta.
        told: done and total over all phases, for progress that never goes back.
        done: What it came to.
        failed: Why it ended badly: kind, message, holder, expires_in.
    """

    began: float
    task: asyncio.Task[None] | None = None
    step: dict[str, Any] = field(default_factory=dict)
    before: int = 0
    done: dict[str, Any] | None = None
    failed: dict[str, Any] | None = None
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def running(self) -> bool:
        return self.done is None and self.failed is None

    def hear(self, line: dict[str, Any]) -> None:
        """Takes what the process said."""
        match line:
            case {"step": {"phase": "done"}}:
                return  # the figures follow
            case {"step": dict() as step}:
                if self.step and self.step.get("phase") != step.get("phase"):
                    self.before += int(self.step.get("done") or 0)
                self.step = step
            case {"done": dict() as done}:
                self.done = done
            case {"failed": dict() as failed}:
                self.failed = failed
        self.changed.set()

    @property
    def progress(self) -> SyncProgress | None:
        """How far it is; None where it is over or has not told anything."""
        if not (self.running and self.step):
            return None
        step = self.step
        return SyncProgress(
            phase=str(step.get("phase", ""))[:40],
            done=int(step.get("done") or 0),
            total=step.get("total"),
            per_second=step.get("rate"),
            seconds_left=step.get("eta"),
        )


class Syncing:
    """At most one sync at a time, for everybody who asks."""

    def __init__(self, start: Start = worker) -> None:
        self._start = start
        self.job: Job | None = None

    @property
    def running(self) -> bool:
        return self.job is not None and self.job.running

    def begin(self, order: Order) -> tuple[Job, bool]:
        """A sync, and whether it was under way already."""
        if self.job is not None and self.job.running:
            return self.job, True
        job = self.job = Job(time.time())
        job.task = asyncio.ensure_future(self._run(job, order))
        return job, False

    async def wait(self, job: Job, seconds: float, tell: Tell) -> None:
        """Waits for the end, no longer than so many seconds, and tells how far it is meanwhile."""
        until, last = time.monotonic() + seconds, -1.0
        while job.running and (left := until - time.monotonic()) > 0:
            job.changed.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(job.changed.wait(), left)
            if (progress := job.progress) and (now := float(job.before + progress.done)) > last:
                total = None if progress.total is None else float(job.before + progress.total)
                last = now
                await tell(now, total, _sentence(progress))

    async def _run(self, job: Job, order: Order) -> None:
        process: Process | None = None
        starting = asyncio.ensure_future(self._start(order))
        try:
            process = await asyncio.shield(starting)
            assert process.stdout is not None
            while line := await process.stdout.readline():
                job.hear(heard(line))
        except (OSError, ValueError) as error:
            job.hear({"failed": {"kind": type(error).__name__, "message": "the process that syncs cannot be run"}})
        finally:
            await _surely(_over(starting))
            if job.running:
                code = process.returncode if process is not None else None
                job.hear({"failed": {"kind": "Died", "message": f"the process that syncs ended with {code}"}})

    async def aclose(self) -> None:
        """Ends a running sync between two batches."""
        if self.job is not None and self.job.task is not None:
            self.job.task.cancel()
            with suppress(asyncio.CancelledError):
                await self.job.task


async def _surely(work: Coroutine[None, None, None]) -> None:
    """Does it to its end, however often whoever waits for it is cancelled meanwhile."""
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            cancelled = True
    task.result()
    if cancelled:
        raise asyncio.CancelledError


async def _over(starting: asyncio.Future[Process]) -> None:
    """Ends a process, also one that is being started only now."""
    with suppress(OSError, ValueError):
        await _ended(await starting)


async def _ended(process: Process) -> None:
    """Asks a process to end by ending its stdin, waits, and makes it end where it does not."""
    if process.stdin is not None:
        process.stdin.close()
    ways: tuple[tuple[Callable[[], None], float], ...] = (
        (lambda: None, PATIENCE),
        (process.terminate, 2.0),
        (process.kill, PATIENCE),
    )
    for way, seconds in ways:
        if process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            way()
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), seconds)


def _sentence(progress: SyncProgress) -> str:
    of = "" if progress.total is None else f" of {progress.total}"
    left = "" if progress.seconds_left is None else f", {progress.seconds_left:.0f} s left"
    return f"{progress.phase}: {progress.done}{of}{left}"
