"""What a run takes of the machine: processor, memory and network, of the generator and of a target beside it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from ..errors import ConfigurationError

EXTRA = "load"
INTERVAL = 0.5
"""Seconds between two looks."""

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process, or the machine, took.

    Attributes:
        cpu_percent: Of one processor, on the mean over the run; more than 100 where several were used.
        memory_bytes: The most that was resident; not told of the whole machine.
        sent_bytes: Sent over the network; only known of the whole machine.
        received_bytes: Received over the network; only known of the whole machine.
    """

    cpu_percent: float = 0.0
    memory_bytes: float | None = None
    sent_bytes: float | None = None
    received_bytes: float | None = None

    @property
    def figures(self) -> dict[str, float]:
        """By name and unit."""
        sizes = {"memory_mb": (self.memory_bytes, 1e6), "sent_kb": (self.sent_bytes, 1e3)}
        sizes["received_kb"] = (self.received_bytes, 1e3)
        known = {name: value / unit for name, (value, unit) in sizes.items() if value is not None}
        return {"cpu_percent": self.cpu_percent, **known}


def psutil_module() -> Any:
    """psutil. Raises `ConfigurationError` where it is not installed."""
    try:
        return import_module("psutil")
    except ImportError:
        raise ConfigurationError(
            f"measuring processor and memory needs psutil, which is not installed: pip install 'bi-contracts[{EXTRA}]'"
        ) from None


def process_at(url: str) -> int | None:
    """The process on this machine that listens at an address; None where it is elsewhere or cannot be seen."""
    parts = urlsplit(url)
    if parts.hostname not in _LOOPBACK:
        return None
    psutil, port = psutil_module(), parts.port or (443 if parts.scheme == "https" else 80)
    with suppress(psutil.AccessDenied):  # other people's processes are not shown on some systems
        for one in psutil.net_connections(kind="tcp"):
            if one.status == psutil.CONN_LISTEN and one.laddr.port == port and one.pid is not None:
                return int(one.pid)
    return None


class Monitor:
    """Looks at processes for as long as the block lasts.

    Args:
        target: The process of the target, None where it is not on this machine; a target in the generator's own
            process cannot be told from it.
        interval: Seconds between two looks at the memory.
    """

    def __init__(self, target: int | None = None, *, interval: float = INTERVAL) -> None:
        self._psutil = psutil = psutil_module()
        self._gone = (psutil.NoSuchProcess, psutil.AccessDenied)
        self._interval = interval
        self._processes = {"generator": psutil.Process()}
        if target is not None and target != os.getpid():
            with suppress(psutil.NoSuchProcess):
                self._processes["target"] = psutil.Process(target)
        self._network = psutil.net_io_counters
        self._most: dict[str, float] = {}
        self._begun: dict[str, float] = {}
        self._last: dict[str, float] = {}
        self._started = 0.0
        self._task: asyncio.Task[None] | None = None
        self._traffic: Any = None
        self._usage: Mapping[str, Usage] = {}

    async def __aenter__(self) -> Monitor:
        self._started = asyncio.get_running_loop().time()
        self._look()
        self._begun = dict(self._last)
        self._psutil.cpu_percent()  # counts from the last call on
        self._traffic = self._network()
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *exception: object) -> None:
        assert self._task is not None
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        self._look()
        length = max(asyncio.get_running_loop().time() - self._started, 1e-9)
        found = {
            name: Usage(100 * (self._last[name] - self._begun[name]) / length, self._most[name]) for name in self._begun
        }
        before, after = self._traffic, self._network()
        if before is not None and after is not None:
            sent, received = after.bytes_sent - before.bytes_sent, after.bytes_recv - before.bytes_recv
            busy = self._psutil.cpu_percent() * (os.cpu_count() or 1)
            found["machine"] = Usage(busy, None, float(sent), float(received))
        self._usage = found

    @property
    def usage(self) -> Mapping[str, Usage]:
        """What was taken, by name: `generator`, `target` where it is known, `machine` for the network."""
        return self._usage

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._interval)
            self._look()

    def _look(self) -> None:
        for name, process in self._processes.items():
            with suppress(*self._gone):
                times = process.cpu_times()
                self._last[name] = times.user + times.system
                self._most[name] = max(self._most.get(name, 0.0), float(process.memory_info().rss))
