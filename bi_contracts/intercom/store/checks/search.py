"""The full-text index: whether it holds exactly the words of the messages."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from ..values import Damage
from .file import UNREADABLE, said
from .found import Found, Remedy


def sqlite_index(connection: sqlite3.Connection, name: str) -> Iterator[Found]:
    """FTS5's own check against the table that it indexes. It takes the lock that writers take, and writes nothing."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.execute(f'INSERT INTO "{name}" ("{name}", rank) VALUES (\'integrity-check\', 1)')
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if "locked" not in str(error) and "readonly" not in str(error):
            yield _found(error)
            return
        raise
    except UNREADABLE as error:
        yield _found(error)


def _found(error: Exception) -> Found:
    told = f"the full-text index is not in step with the messages ({said(error)})"
    return Found(Damage("index", told), Remedy.SEARCH)
