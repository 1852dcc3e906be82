"""The file of a SQLite store: its header, its size, its write-ahead log, its pages, its tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

from .. import schema
from ..pages import SIZES, BadPage, SqliteFile
from ..values import Damage
from ..wal import WriteAheadLog
from .found import Found, Remedy

MAGIC = b"SQLite format 3\0"
HEADER = 100
MOST_TOLD = 100
"""Findings of SQLite's own check that are asked for."""
_STEPS = 1_000_000
"""Of SQLite's machine, between two signs of life."""

Tick = Callable[[], None]

UNREADABLE = (sqlite3.DatabaseError, UnicodeDecodeError)
"""What Python raises where a file is damaged: even SQLite's own words may quote what is no text any more."""


def said(error: Exception) -> str:
    """What SQLite said, as far as it is text."""
    return "text that is none" if isinstance(error, UnicodeDecodeError) else ascii(str(error))[1:-1]


def header(path: Path) -> Iterator[Found]:
    """The first hundred bytes, and whether the file is as long as they say."""
    try:
        with SqliteFile(path) as file:
            first, log = file.page(1)[:HEADER], file.log
            yield from (_file(f"the header is damaged: {why}") for why in _header(first))
            yield from _length(first, path.stat().st_size, log)
            yield from _log(log)
    except BadPage as error:
        yield _file(f"the file cannot be read: {error}")
    except OSError as error:
        yield _file(f"the file cannot be read: {error.strerror or error}")


def _header(first: bytes) -> Iterator[str]:
    if first[:16] != MAGIC:
        yield "it does not begin as a SQLite file does"
    size = int.from_bytes(first[16:18], "big")
    if (65536 if size == 1 else size) not in SIZES:
        yield "no file has pages of that size"
    if first[18:20] != b"\2\2":
        yield "it is not in write-ahead mode"
    if first[20] or first[21:24] != bytes((64, 32, 32)):
        yield "the shares of a page are wrong"
    if not 1 <= int.from_bytes(first[44:48], "big") <= 4 or int.from_bytes(first[56:60], "big") != 1:
        yield "its format or text encoding is not ours"
    if any(first[72:92]):
        yield "bytes that are always zero are not"


def _length(first: bytes, held: int, log: WriteAheadLog) -> Iterator[Found]:
    size = int.from_bytes(first[16:18], "big")
    size = 65536 if size == 1 else size
    pages = int.from_bytes(first[28:32], "big")
    if first[24:28] != first[92:96] or size not in SIZES:
        return
    missing = [page for page in (pages,) if page * size > held and page not in log.frames]
    if missing:
        yield _file(f"the file is cut off: {held} of {pages * size} bytes are there")
    elif held % size:
        yield _file("the file does not end with a whole page")


def _log(log: WriteAheadLog) -> Iterator[Found]:
    if log.damaged:
        lost = f"the write-ahead log is damaged: {log.damaged} commits in it are lost; the next sync reads them again"
        yield Found(Damage("file", lost), Remedy.LOG)


def pages(connection: sqlite3.Connection, tick: Tick = lambda: None) -> Iterator[Found]:
    """`PRAGMA integrity_check` and `foreign_key_check`: every page, every entry of every index."""
    connection.set_progress_handler(lambda: tick(), _STEPS)
    try:
        lines = [str(row[0]) for row in connection.execute(f"PRAGMA integrity_check({MOST_TOLD})")]
    except UNREADABLE as error:
        yield _file(f"SQLite cannot read it: {said(error)}")
        return
    finally:
        connection.set_progress_handler(None, 0)
    for line in lines:
        if line != "ok":
            yield _told(ascii(" ".join(line.split()))[1:-1])


def _told(line: str) -> Found:
    """Only an index, or more: what is derived from the rows is built again in place."""
    if " index " in line and line.startswith(("row ", "wrong # ", "non-unique entry")):
        return Found(Damage("index", line), Remedy.REINDEX)
    return _file(line)


def tables(connection: sqlite3.Connection, wanted: Mapping[tuple[str, str], str]) -> Iterator[Found]:
    """Tables, indexes and triggers against those of an empty store."""
    try:
        held = layout(connection)
    except UNREADABLE as error:
        yield _file(f"SQLite cannot read its tables: {said(error)}")
        return
    for name in sorted(held.keys() | wanted.keys()):
        if held.get(name) != wanted.get(name):
            state = "is missing" if name not in held else "is none of ours" if name not in wanted else "is altered"
            yield Found(Damage("schema", f"{' '.join(name)} {state}"), Remedy.SALVAGE)


def version(connection: sqlite3.Connection) -> int:
    """Which version of the schema a store says it has; this one where that cannot be read."""
    try:
        found = connection.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
    except UNREADABLE:
        return schema.VERSION
    told = str(found[0]) if found is not None else ""
    return int(told) if told.isascii() and told.isdecimal() else schema.VERSION


def layout(connection: sqlite3.Connection) -> dict[tuple[str, str], str]:
    """(kind, name) of all that stands in a schema -> how it was made."""
    rows = connection.execute("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master")
    with closing(rows):
        # Of a damaged schema each may be of any type.
        texts = (tuple(map(str, row)) for row in rows)
        return {
            (kind, name): f"{table} {' '.join(sql.split())}"
            for kind, name, table, sql in texts
            if not name.startswith("sqlite_stat")
        }


def _file(message: str) -> Found:
    return Found(Damage("file", message), Remedy.SALVAGE)
