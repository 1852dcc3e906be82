"""Questions to the store, asked in threads of their own so that the loop stays free.

Each thread has its own connection. A second one is begun only when the first is busy.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

from sqlalchemy import event

from ..store.store import Store
from .refusals import Refused

Answer = TypeVar("Answer")
LATE = "The store took too long to answer. Ask for less: a shorter window, fewer filters. Other calls still work."
WORKERS = 2
PATIENCE = 5.0
"""Seconds that any question may take. A search has a budget of its own; everything else is found by an index."""


class Pool:
    """A few threads that each hold the store open.

    `opened` opens it; it is called in the thread that is to use it, and again after a failure.
    """

    def __init__(self, opened: Callable[[], Store], count: int = WORKERS, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._workers = [_Worker(opened) for _ in range(count)]
        self._free = list(self._workers)
        self._waiting: list[asyncio.Future[None]] = []

    async def ask(self, question: Callable[[Store], Answer]) -> Answer:
        """What the store answers. Raises whatever opening and asking raise."""
        while not self._free:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            await turn
        worker, loop = self._free.pop(), asyncio.get_running_loop()
        watched = loop.call_later(self._patience, worker.interrupt)
        done = worker.ask(question)

        def freed(_done: Future[Answer]) -> None:
            # Whoever asked may be gone: the worker is free when its work has ended, not before.
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._release, worker, watched)

        done.add_done_callback(freed)
        return await asyncio.wrap_future(done)

    def _release(self, worker: _Worker, watched: asyncio.TimerHandle) -> None:
        watched.cancel()
        self._free.append(worker)
        while self._waiting:
            turn = self._waiting.pop(0)
            if not turn.done():
                turn.set_result(None)
                return

    def close(self) -> None:
        """Closes every connection, once what was asked is answered."""
        for worker in self._workers:
            worker.close()


class _Worker:
    def __init__(self, opened: Callable[[], Store]) -> None:
        self._opened = opened
        self._store: Store | None = None
        self._file: tuple[int, int] | None = None
        self._connection: Any = None
        self._late = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")

    def ask(self, question: Callable[[Store], Answer]) -> Future[Answer]:
        return self._thread.submit(self._answer, question)

    def _answer(self, question: Callable[[Store], Answer]) -> Answer:
        if self._store is not None and self._file != _file(self._store):
            self._drop()  # another file stands there: a backup was put back, or the store was made anew
        if self._store is None:
            self._store = self._opened()
            self._file = _file(self._store)
            event.listen(self._store.database.engine, "checkout", self._took)
        self._late = False
        try:
            return question(self._store)
        except (ValueError, Refused):
            raise
        except Exception:
            if self._late:
                raise Refused(LATE) from None
            # A store that was damaged, moved or restored is opened anew.
            self._drop()
            raise

    def _took(self, connection: Any, *_: object) -> None:
        self._connection = connection

    def interrupt(self) -> None:
        """Ends the statement that runs, from another thread."""
        self._late = True
        if self._connection is not None:
            end = getattr(self._connection, "interrupt", None) or self._connection.cancel
            with suppress(Exception):  # it has just ended
                end()

    def _drop(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None

    def close(self) -> None:
        self._thread.submit(self._drop)
        self._thread.shutdown(wait=True)


def _file(store: Store) -> tuple[int, int] | None:
    """Which file a store is; None for a database that is none."""
    path = getattr(store.database, "path", None)
    try:
        found = None if path is None else os.stat(path)
    except OSError:
        return (0, 0)
    return None if found is None else (found.st_dev, found.st_ino)
