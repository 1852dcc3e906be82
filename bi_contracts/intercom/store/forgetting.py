"""Takes erased words out of SQLite's full-text index.

An erased message is found no more at once; but FTS5 only notes that, and its words, with their places, stay in the file
until what they stand in is merged with the note. So everything is merged, a little at a time.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sqlalchemy import delete

from .lookups import meta_of
from .schema import meta

if TYPE_CHECKING:
    from .lease import Lease
    from .store import Store
    from .writing import Batch

KEY = "erased"
"""Key of `meta`, there while erased words may be in the index."""

NEW, MERGING = "new", "merging"

_PAGES = 500
"""Pages of the index that are written in one transaction: some hundredths of a second."""

_MERGE = "INSERT INTO messages_fts (messages_fts, rank) VALUES ('merge', ?)"


def forget(store: Store, lease: Lease | None = None, seconds: float = 2.0) -> bool:
    """Merges what holds erased words, for so many seconds. Whether none is left; the next time goes on from there."""
    end = time.monotonic() + seconds
    while store.meta(KEY) is not None:
        if time.monotonic() > end:
            return False
        with store.batch(lease) as batch:
            _step(batch, begin=meta_of(batch.connection, KEY) == NEW)
    return True


def _step(batch: Batch, *, begin: bool) -> None:
    connection = batch.connection
    driver = connection.connection.driver_connection
    assert driver is not None
    before = driver.total_changes
    connection.exec_driver_sql(_MERGE, (-_PAGES if begin else _PAGES,))
    if begin:
        batch.meta(KEY, MERGING)
    elif driver.total_changes - before < 2:  # as FTS5 says that there was nothing to do
        connection.execute(delete(meta).where(meta.c.key == KEY))
