"""A state file that several processes look into: one at a time, each beginning with what the others have written."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from ..errors import ConfigurationError
from .memory import Memory, load, save, set_aside

PATIENCE = 60.0
"""Seconds that a look waits for another one to end."""
_PAUSE = 0.05


class Shared:
    """The file of a memory.

    A lock of the operating system is held from reading to the last writing of a look, so that no failure is counted
    twice or lost, and no message is sent by two. The system gives it back when a process ends, however that ends. Where
    there is no such lock (Windows), what another process wrote between two looks is read all the same.

    Args:
        path: The file; its lock stands beside it.
        report: Is told where the file is damaged, and where another look does not end.
    """

    def __init__(self, path: Path, report: Callable[[str], None]) -> None:
        self._path, self._report = path, report
        self._seen: tuple[int, int, int] | None = None

    def opened(self) -> Memory:
        """What the file holds. One that is damaged is set aside, with a word, and nothing is remembered."""
        self._seen = self._mark()
        try:
            return load(self._path)
        except ConfigurationError as error:
            kept = set_aside(self._path)
            self._report(f"{error}; it is kept as {kept.name}, and the watch begins anew")
            return Memory()

    @asynccontextmanager
    async def alone(self, memory: Memory) -> AsyncIterator[Memory]:
        """Nobody else looks until the block ends. Gives what is remembered: what another process wrote, if one did."""
        handle = await self._locked()
        try:
            yield self._newest(memory)
        finally:
            if handle is not None:
                os.close(handle)

    def keep(self, memory: Memory) -> None:
        """Writes the file. Raises `ConfigurationError` where it cannot be written."""
        save(memory, self._path)
        self._seen = self._mark()

    def _newest(self, memory: Memory) -> Memory:
        mark = self._mark()
        if mark is None or mark == self._seen:
            return memory
        with suppress(ConfigurationError):  # one that is damaged meanwhile is written anew
            memory = load(self._path)
        self._seen = mark
        return memory

    def _mark(self) -> tuple[int, int, int] | None:
        """What tells one version of the file from another: each is a new file."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    async def _locked(self) -> int | None:
        """The lock's handle, None where there is none to be had: then the look goes on without."""
        try:
            import fcntl

            handle = os.open(self._path.with_name(f"{self._path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o644)
        except (ImportError, OSError):
            return None
        for _ in range(max(1, int(PATIENCE / _PAUSE))):
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                await self._pause(handle)
            else:
                return handle
        os.close(handle)
        self._report(f"another look at {self._path.name} does not end; going on without it")
        return None

    async def _pause(self, handle: int) -> None:
        try:
            await asyncio.sleep(_PAUSE)
        except BaseException:
            os.close(handle)
            raise
