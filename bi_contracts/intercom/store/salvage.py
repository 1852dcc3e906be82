"""What can be read of a damaged SQLite store, brought into a new one. The damaged file is only read.

Every b-tree is walked page by page. Pages that no walk reaches (the page that named them is damaged) are told apart by
what their rows look like. Conversations whose row is lost are known by the entries of their indexes: each becomes a
stub that waits for its body, so that the messages that are left of it are kept.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sqlalchemy import BigInteger, Boolean, Integer, LargeBinary, Table, Text

from ..raw import canonical, packed
from . import schema
from .pages import Row, SqliteFile, Value

ROWS = 500
"""Written at once."""

LOST = ""
"""The digest of a stub: no content has it, so that any body is news."""


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What came of it.

    Attributes:
        rows: Rows that were saved, of all tables.
        missing: Conversations whose rows are lost, that are known by their ids.
        unknown: Whether conversations may be lost whose ids nobody knows.
        damaged: Tables that rows may be lost of.
    """

    rows: int
    missing: int
    unknown: bool
    damaged: frozenset[str]


def salvage(damaged: Path, fresh: Path, tick: Callable[[int], None] = lambda _: None) -> Salvaged:
    """Copies rows into `fresh`, an empty store that nobody else has open. Full-text search is not filled."""
    with SqliteFile(damaged) as file, SqliteFile(fresh) as like:
        roots = _roots(like) | _roots(file)
    connection = sqlite3.connect(fresh, isolation_level=None)
    try:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("PRAGMA synchronous=OFF")  # it counts for nothing before it is renamed
        with SqliteFile(damaged) as file:
            return _Salvage(file, connection, roots, tick).run()
    finally:
        connection.close()


def is_foreign(path: Path) -> bool:
    """Whether it is somebody else's database: it has tables, and none of ours."""
    try:
        with SqliteFile(path) as file:
            found = _roots(file).keys()
    except OSError:
        return False
    return bool(found) and found.isdisjoint(schema.metadata.tables)


def _roots(file: SqliteFile) -> dict[str, int]:
    """Table or index -> the page that it begins on."""
    rows = (row.values for row in file.walk(1))
    return {
        str(values[1]): values[3]
        for values in rows
        if len(values) == 5 and isinstance(values[3], int) and 1 < values[3] <= file.count
    }


class _Salvage:
    def __init__(
        self, file: SqliteFile, into: sqlite3.Connection, roots: dict[str, int], tick: Callable[[int], None]
    ) -> None:
        self.file, self.into, self.roots, self.tick = file, into, roots, tick
        # Whoever had a lease had it of the damaged file.
        self.tables = {table.name: table for table in schema.metadata.sorted_tables if table.name != "leases"}
        self.damaged: set[str] = set()
        self.rows = 0

    def run(self) -> Salvaged:
        self.file.reached[:2] = b"\1\1"
        # Triggers fill what is derived row by row; it is filled at once afterwards.
        triggers = self.into.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            self.into.execute(f'DROP TRIGGER "{name}"')
        for name in ("meta", "counters"):
            self.into.execute(f"DELETE FROM {name}")
        for table in self.tables.values():
            self._save(table, self._walked(table.name))
        self.into.execute("CREATE TEMP TABLE entries (n INTEGER PRIMARY KEY, id TEXT, updated_at INTEGER)")
        self._entries()
        self._orphans()
        missing, unknown = self._stubs()
        for _, sql in triggers:
            self.into.execute(sql)
        self._facts()
        return Salvaged(self.rows, missing, unknown, frozenset(self.damaged))

    def _walked(self, name: str) -> Iterator[Row]:
        bad, lost = len(self.file.bad), self.file.lost
        if name in self.roots:
            yield from self.file.walk(self.roots[name])
        if (bad, lost) != (len(self.file.bad), self.file.lost) or name not in self.roots:
            self.damaged.add(name)

    def _save(self, table: Table, rows: Iterable[Row]) -> None:
        fitting = (values for row in rows if (values := fitted(table, row)) is not None)
        places = ", ".join("?" * len(table.columns))
        while batch := list(islice(fitting, ROWS)):
            self.into.execute("BEGIN")
            self.into.executemany(f'INSERT OR IGNORE INTO "{table.name}" VALUES ({places})', batch)
            self.into.execute("COMMIT")
            self.rows += len(batch)
            self.tick(len(batch))

    def _entries(self) -> None:
        """What the indexes of conversations say there is."""
        for name in (name for name in self.roots if name.startswith("sqlite_autoindex_conversations_")):
            pairs = (row.values for row in self._walked(name))
            held = ((n, id) for id, n in (pair for pair in pairs if len(pair) == 2) if _is(id, str) and _is(n, int))
            self.into.executemany("INSERT OR IGNORE INTO temp.entries (n, id) VALUES (?, ?)", held)
        pairs = (row.values for row in self._walked("conversations_by_update"))
        times = ((pair[0], pair[1]) for pair in pairs if len(pair) >= 2 and _is(pair[0], int) and _is(pair[1], int))
        self.into.executemany("UPDATE temp.entries SET updated_at = ? WHERE n = ?", times)

    def _orphans(self) -> None:
        for root in self.roots.values():
            if root <= self.file.count and not self.file.reached[root]:
                for _ in self.file.walk(root):
                    pass
        for _, rows in self.file.orphans():
            fitting = [table for table in self.tables.values() if rows and all(fitted(table, row) for row in rows)]
            if len(fitting) == 1:
                self._save(fitting[0], rows)

    def _stubs(self) -> tuple[int, bool]:
        """A row for every conversation that is lost and known; and whether there may be lost ones that are not."""
        columns = {column.name: _nothing(column.type) for column in schema.conversations.columns if not column.nullable}
        columns |= {"tags": "[]", "raw": packed(canonical({})), "pending": 1, "digest": LOST, "head_digest": LOST}
        lost = self.into.execute(
            "SELECT n, id, coalesce(updated_at, 0) FROM temp.entries WHERE n NOT IN (SELECT n FROM conversations)"
            " AND id NOT IN (SELECT id FROM conversations)"
        ).fetchall()
        names = ", ".join(f'"{name}"' for name in columns)
        statement = f"INSERT OR IGNORE INTO conversations ({names}) VALUES ({', '.join('?' * len(columns))})"
        for n, id, updated in lost:
            row = columns | {"n": n, "id": id, "updated_at": updated, "seen_at": updated}
            self.into.execute(statement, tuple(row.values()))
        return len(lost), self._may_lack(len(lost))

    def _facts(self) -> None:
        """What a store must say of itself; whose the data are the last sync knew too."""
        self.into.execute("INSERT OR REPLACE INTO meta VALUES ('schema', ?)", (str(schema.VERSION),))
        self.into.execute("INSERT OR IGNORE INTO meta SELECT 'source', source FROM runs ORDER BY n DESC LIMIT 1")

    def _may_lack(self, known: int) -> bool:
        told = dict(self.into.execute("SELECT name, value FROM counters"))
        held = self.into.execute("SELECT count(*) FROM conversations").fetchone()[0]
        if {"conversations", "deleted"} <= told.keys():
            return bool(held < told["conversations"] + told["deleted"])
        indexes = any(name.startswith("sqlite_autoindex_conversations_") for name in self.damaged)
        return "conversations" in self.damaged and (indexes or not known)


def fitted(table: Table, row: Row) -> tuple[Value, ...] | None:
    """The row as the table has it, None where it can be none of this table."""
    columns = list(table.columns)
    if len(row.values) != len(columns):
        return None
    alone = len(table.primary_key.columns) == 1
    values = []
    for column, value in zip(columns, row.values, strict=True):
        if column.primary_key and alone and isinstance(column.type, BigInteger | Integer):
            value = row.key if value is None else value
        fits = column.nullable if value is None else isinstance(value, _kind(column.type))
        if not fits:
            return None
        values.append(value)
    return tuple(values)


def _kind(type_: object) -> type:
    return str if isinstance(type_, Text) else bytes if isinstance(type_, LargeBinary) else int


def _nothing(type_: object) -> Value:
    return 0 if isinstance(type_, BigInteger | Integer | Boolean) else _kind(type_)()


def _is(value: Value, kind: type) -> bool:
    return isinstance(value, kind)
