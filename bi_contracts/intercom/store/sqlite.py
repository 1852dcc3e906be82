"""SQLite: one file, write-ahead log, FTS5 over the messages' text."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Sequence
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Column, ColumnElement, Connection, Engine, Table, create_engine, event, func, insert, select
from sqlalchemy.dialects.sqlite.pysqlite import dialect
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import QueuePool

from ...errors import StoreBusy, StoreDamaged, StoreError, StoreFull, StoreMissing
from .database import WRITES, Kind, Row
from .schema import parts

MODE = 0o600
"""Of the file, and so of the log beside it: it holds customers' words in clear."""

PRAGMAS = (
    "PRAGMA synchronous=NORMAL",  # a loss of power may cost the last batch, never the file (sqlite.org/wal.html)
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-2000",  # KiB
    "PRAGMA wal_autocheckpoint=1000",
    "PRAGMA journal_size_limit=67108864",
    "PRAGMA secure_delete=ON",  # what is erased is overwritten
    "PRAGMA temp_store=FILE",
)

NEWER = (
    *((0x20A0, 0x20D0), (0x2300, 0x2400), (0x2B00, 0x2C00), (0x2E30, 0x2E80)),  # signs of money, arrows, punctuation
    *((0x1F000, 0x1F100), (0x1F10D, 0x1FBF0)),  # emoji
)
"""Signs that came after Unicode 6.1, among older ones: FTS5 takes them for letters."""

TOKENIZER = "unicode61 remove_diacritics 2 separators '{}'".format(
    # The last one first: FTS5 sorts them as they come, and this way it has nothing to look for.
    "".join(chr(code) for first, end in reversed(NEWER) for code in reversed(range(first, end)))
)
"""What FTS5 takes for a word: letters and digits, without accents."""

# Messages without text are no part of the index: so its checks and its rebuilding must not meet them either.
INDEX = (
    "CREATE VIEW messages AS SELECT n, text FROM parts WHERE text <> ''",
    "CREATE VIRTUAL TABLE messages_fts USING fts5(text, content='messages', content_rowid='n', columnsize=0,"
    f' tokenize="{TOKENIZER}")',
    "CREATE TRIGGER messages_removed AFTER DELETE ON parts WHEN old.text <> '' BEGIN"
    " INSERT INTO messages_fts(messages_fts, rowid, text) VALUES ('delete', old.n, old.text); END",
    "CREATE TRIGGER messages_left AFTER UPDATE OF text, n ON parts"
    " WHEN old.text <> '' AND (old.text <> new.text OR old.n <> new.n) BEGIN"
    " INSERT INTO messages_fts(messages_fts, rowid, text) VALUES ('delete', old.n, old.text);"
    " INSERT INTO messages_fts(rowid, text) SELECT new.n, new.text WHERE new.text <> ''; END",
    "CREATE TRIGGER messages_entered AFTER UPDATE OF text, n ON parts WHEN old.text = '' AND new.text <> '' BEGIN"
    " INSERT INTO messages_fts(rowid, text) VALUES (new.n, new.text); END",
)
"""`messages_fts` finds messages by their words; its rowid is `parts.n`.

Parts that change or go take their words along by a trigger. New ones are added by `SQLite.insert`: a trigger would make
FTS5 write its index out after each row, at five times the cost.
"""

ADDED = "INSERT INTO messages_fts (rowid, text) VALUES (?, ?)"


class SQLite:
    """A store in a file."""

    kind: Kind = "sqlite"

    def __init__(self, path: str, *, read_only: bool, patience: float) -> None:
        self.path, self.read_only, self.patience = Path(path), read_only, patience
        self.address = str(self.path)
        self.engine: Engine = create_engine(
            "sqlite+pysqlite://", creator=self._connected, poolclass=QueuePool, hide_parameters=True
        )
        event.listen(self.engine, "begin", self.begin)
        event.listen(self.engine, "connect", self._opened)
        event.listen(self.engine, "checkout", self._still_there)

    def _opened(self, _: object, record: Any) -> None:
        record.info["file"] = self._file()

    def _still_there(self, _: object, record: Any, __: object) -> None:
        """A repair puts another file into its place: what is open then is the damaged one."""
        if record.info.get("file") != self._file():
            raise DisconnectionError  # and the pool opens what is there now

    def _file(self) -> tuple[int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _connected(self) -> sqlite3.Connection:
        mode = "ro" if self.read_only else "rw"
        if self.read_only and not os.access(self.path.parent, os.W_OK) and not self._log.exists():
            mode += "&immutable=1"  # the log's index cannot be made there, and nobody can write
        # Absolute, since a name that begins with two slashes would be taken for a host's.
        address = f"file:{quote(str(self.path.absolute()))}?mode={mode}"
        connection = sqlite3.connect(
            address, uri=True, timeout=self.patience, isolation_level=None, check_same_thread=False
        )
        try:
            if not self.read_only:
                connection.execute("PRAGMA journal_mode=WAL")
            for pragma in PRAGMAS:
                connection.execute(pragma)
        except BaseException:
            connection.close()
            raise
        return connection

    @property
    def _log(self) -> Path:
        return self.path.with_name(f"{self.path.name}-wal")

    def begin(self, connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    def exists(self) -> bool:
        try:
            if self.path.is_dir():
                raise StoreError(f"{self.address} is a folder: name a file in it")
            return self.path.exists() and self.path.stat().st_size > 0
        except OSError as error:
            raise StoreError(f"{self.address} cannot be reached: {error.strerror}") from None

    def prepare(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, MODE))
            self.path.chmod(MODE)  # an empty file that was there may be anybody's to read
        except OSError as error:
            raise StoreFull(f"{self.address} cannot be made: {error.strerror}") from None

    def index_text(self, connection: Connection) -> None:
        for statement in INDEX:
            connection.exec_driver_sql(statement)

    def insert(self, connection: Connection, table: Table, rows: Sequence[Row]) -> None:
        if rows:
            statement, names = _compiled(table, tuple(rows[0]))
            # As tuples: SQLAlchemy takes as long over a row's names and types as SQLite over the row.
            connection.exec_driver_sql(statement, list(map(itemgetter(*names), rows)))
        messages = [(row["n"], row["text"]) for row in rows if row["text"]] if table is parts else []
        if messages:
            connection.exec_driver_sql(ADDED, messages)

    def among(self, column: Column[Any], values: Sequence[Any]) -> ColumnElement[bool]:
        listed = func.json_each(json.dumps(values)).table_valued("value")
        return column.in_(select(listed.c.value))

    def tables(self, connection: Connection) -> set[str]:
        return {name for (name,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")}

    def size(self, connection: Connection) -> int:  # noqa: ARG002
        beside = (self.path.with_name(self.path.name + end) for end in ("", "-wal", "-shm"))
        return sum(file.stat().st_size for file in beside if file.exists())

    def error(self, error: BaseException | None) -> StoreError:
        code = getattr(error, "sqlite_errorcode", 0)
        name = getattr(error, "sqlite_errorname", type(error).__name__)
        match code & 0xFF:
            case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
                return StoreDamaged(
                    f"{self.address} is no store, or damaged ({name}): bi-contracts intercom verify tells more"
                )
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return StoreBusy(f"{self.address}: another process has been writing for {self.patience:g} s")
            case sqlite3.SQLITE_FULL:
                return StoreFull(f"{self.address}: the disk is full; nothing of this batch was written")
            case sqlite3.SQLITE_READONLY:
                return StoreFull(f"{self.address} must not be written to: its disk, folder or file is read-only")
            case sqlite3.SQLITE_CANTOPEN:
                return StoreMissing(f"{self.address} cannot be opened")
            case sqlite3.SQLITE_IOERR if code in _UNWRITTEN:
                return StoreFull(f"{self.address} cannot be written ({name}); nothing of this batch was written")
            case sqlite3.SQLITE_IOERR:
                return StoreDamaged(f"{self.address} cannot be read ({name})")
        return StoreError(f"{self.address}: {name}")


_UNWRITTEN = {
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_FSYNC,
    sqlite3.SQLITE_IOERR_DIR_FSYNC,
    sqlite3.SQLITE_IOERR_TRUNCATE,
    sqlite3.SQLITE_IOERR_SHMSIZE,
}


@cache
def _compiled(table: Table, names: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The statement that adds a row, and the order of its values."""
    made = insert(table).compile(dialect=dialect(), column_keys=list(names))
    return str(made), tuple(made.positiontup or ())
