"""The file of a SQLite store, looked at before anybody opens it as a store. Nothing is changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import cache
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from . import schema
from .checks import file
from .checks.found import Found, Remedy
from .sqlite import INDEX
from .values import Damage


def examine(path: Path, tables: Mapping[tuple[str, str], str] | None = None) -> Iterator[Found]:
    """The file of a SQLite store, before anybody opens it: opening may bring in the log and delete it."""
    yield from file.header(path)
    try:
        with closing(plain(path)) as connection:
            yield from file.pages(connection)
            if tables is not None:
                altered = list(file.tables(connection, tables))
                # One of another version has other tables: opening it says so, or brings it up to this one.
                yield from altered if file.version(connection) == schema.VERSION else ()
    except file.UNREADABLE as error:
        yield Found(Damage("file", f"SQLite cannot open it: {file.said(error)}"), Remedy.SALVAGE)


@cache
def expected() -> Mapping[tuple[str, str], str]:
    """What stands in an empty store: its tables, indexes, views and triggers."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        engine = create_engine("sqlite+pysqlite://", creator=lambda: connection, poolclass=StaticPool)
        with engine.begin() as opened:
            schema.metadata.create_all(opened, checkfirst=False)
            for statement in INDEX:
                opened.exec_driver_sql(statement)
        return file.layout(connection)


def plain(path: Path) -> sqlite3.Connection:
    """The file, to be read only, by SQLite alone. A folder that may not be written to is no hindrance."""
    address = f"{path.resolve().as_uri()}?mode=ro"
    try:
        return _readable(address)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            raise
        return _readable(f"{address}&immutable=1")


def _readable(address: str) -> sqlite3.Connection:
    connection = sqlite3.connect(address, uri=True, isolation_level=None, timeout=30)
    try:
        connection.execute("PRAGMA cache_size=-2000")
        connection.execute("PRAGMA schema_version").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection
