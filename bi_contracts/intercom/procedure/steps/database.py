"""Whether an empty database can be made, with everything in it that it should have."""

from __future__ import annotations

import os
import stat

from ..conclusion import bad
from ..context import Context
from ..line import DATABASE, Line


async def run(context: Context) -> None:
    """Makes it and looks into it. Raises `StoreError`."""
    from sqlalchemy import inspect, text

    from ...store import open_store
    from ...store.schema import metadata

    path = context.testbed.store
    with open_store(path) as store, store.reading() as connection:
        present = set(inspect(connection).get_table_names())
        journal = connection.execute(text("PRAGMA journal_mode")).scalar()
        sound = connection.execute(text("PRAGMA quick_check")).scalar()
    missing = sorted(set(metadata.tables) - present)
    wrong = [f"no table {name}" for name in missing]
    wrong += [] if any(name.endswith("_fts") for name in present) else ["no full-text index"]
    wrong += [] if journal == "wal" else [f"its journal is {journal}"]
    wrong += [] if sound == "ok" else [f"SQLite says: {sound}"]
    if os.name == "posix" and (mode := stat.S_IMODE(path.stat().st_mode)) & 0o077:
        wrong.append(f"others may read it (mode {mode:o})")
    if wrong:
        context.say(bad(DATABASE, DATABASE, "; ".join(wrong), "database"))
        return
    tables = len(metadata.tables)
    text_said = f"Initialized successfully: {tables} tables, full-text search, write-ahead log"
    context.say(Line(DATABASE, DATABASE, text_said, figures={"tables": float(tables)}))
