"""Puts a server together: its store, opened when it is first asked; its syncs; its limits."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ...errors import StoreFull
from ..store import open_store
from ..store.store import Store
from .budgets import Budget
from .orders import Order
from .pool import Pool
from .status import Service
from .syncing import Start, Syncing, worker
from .tools import Tools
from .triggering import Trigger


def opener(address: str) -> Callable[[], Store]:
    """Opens the store that is there; where its disk must not be written to, to be read only."""

    def opened() -> Store:
        try:
            return open_store(address, create=False)
        except StoreFull:
            return open_store(address, create=False, read_only=True)

    return opened


@contextmanager
def tools_of(
    address: str,
    *,
    root: str,
    origin: str = "live",
    why_not: str = "",
    budget: Budget | None = None,
    start: Start = worker,
    now: Callable[[], float] = time.time,
    settings: Mapping[str, Any] | None = None,
) -> Iterator[Tools]:
    """The tools of a store, closed at the end.

    Args:
        address: The store's.
        root: Folder of the workspace, where a sync finds credentials.
        origin: Who is asked by a sync: live, sandbox, replay, or the URL of a served sandbox.
        why_not: Why this server cannot sync, "" where it can.
        budget: Of an answer.
        start: Starts the process that syncs.
        now: Unix seconds.
        settings: Arguments of `SyncSettings` for every sync, such as the region.
    """

    def order(asked: dict[str, Any]) -> Order:
        return Order(address, root, origin, {**(settings or {}), **asked})

    pool, mode = Pool(opener(address)), origin if origin in ("live", "sandbox", "replay") else "sandbox"
    try:
        yield Tools(
            pool,
            Trigger(Syncing(start), order, why_not),
            Service(mode, why_not),
            budget=budget,
            now=now,
        )
    finally:
        pool.close()
