"""The store of synced conversations: SQLite by default, PostgreSQL by URL."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .store import Store

__all__ = ["open_store"]

PATIENCE = 5.0
"""Seconds that a store waits for somebody else's lock."""


def open_store(
    target: str | os.PathLike[str],
    *,
    create: bool = True,
    read_only: bool = False,
    now: Callable[[], float] = time.time,
    patience: float = PATIENCE,
) -> Store:
    """Opens a store, makes it where there is none, and brings an older one up to date.

    Args:
        target: A path, `sqlite:///path`, or `postgresql+psycopg://user@host/database`.
        create: Whether to make it where there is none.
        read_only: Whether to leave it as it is, to the byte.
        now: This machine's clock, Unix seconds. Leases run by it.
        patience: Seconds to wait for somebody else's lock.

    Raises:
        StoreMissing: There is none, and none was to be made.
        StoreDamaged: What is there is no store.
        StoreBusy: Somebody holds its lock for too long.
        StoreFull: It cannot be written.
        StoreError: A newer version of this package made it, or the database does not answer.
        ConfigurationError: The extra `intercom`, or `postgres`, is not installed.
    """
    from .opening import opened

    return opened(os.fspath(target), create=create and not read_only, read_only=read_only, now=now, patience=patience)
