"""PostgreSQL: tables in the schema of the URL, COPY for what is new, a tsvector and GIN over the messages' text."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import ARRAY, Column, ColumnElement, Connection, Engine, Table, any_, create_engine, event, literal
from sqlalchemy.engine import URL

from ...errors import ConfigurationError, StoreBusy, StoreDamaged, StoreError, StoreFull, StoreMissing
from .database import WRITES, Kind, Row, explained

LOCK = 0x1C0_5704E
"""First key of the advisory lock that the only writer holds; the second one is its schema's."""

LONGEST = 200_000
"""Characters of a message that are indexed: a tsvector holds 1 MB (PostgreSQL, Limitations of text search)."""

WORDS = (
    "to_tsvector('simple', regexp_replace(regexp_replace(normalize(left(text, {longest}), NFD),"
    " '[\u0300-\u036f]', '', 'g'), '[{between}]+', ' ', 'g'))"
)
"""Words as FTS5 splits them: without diacritics, and whatever is neither a letter nor a digit between two of them."""

INDEX = (
    "ALTER TABLE parts ADD COLUMN words tsvector GENERATED ALWAYS AS (" + WORDS + ") STORED",
    "CREATE INDEX parts_by_words ON parts USING gin (words)",
)
"""`parts.words` finds messages by their words."""


class Postgres:
    """A store in a PostgreSQL database."""

    kind: Kind = "postgresql"

    def __init__(self, url: URL, *, read_only: bool, patience: float) -> None:
        self.read_only, self.patience = read_only, patience
        self.address = url.set(password=None, query={}).render_as_string()
        try:
            self.engine: Engine = create_engine(url, hide_parameters=True, pool_pre_ping=True)
        except ImportError:
            raise ConfigurationError(
                f"{self.address} needs PostgreSQL's driver: pip install 'bi-contracts[postgres]'"
            ) from None
        event.listen(self.engine, "begin", self.begin)

    def begin(self, connection: Connection) -> None:
        if connection.get_execution_options().get(WRITES) and not self.read_only:
            _said(connection, f"SET LOCAL lock_timeout = {max(1, round(self.patience * 1000))}")
            _said(connection, f"SELECT pg_advisory_xact_lock({LOCK}, hashtext(current_schema()))")
        else:
            _said(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")

    def exists(self) -> bool:
        with explained(self), self.engine.connect() as connection:
            encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
            schema = connection.exec_driver_sql("SELECT current_schema()").scalar_one()
            if encoding != "UTF8":
                raise StoreError(f"{self.address} is encoded as {encoding}: a store needs a database in UTF8")
            if schema is None:
                raise StoreMissing(f"{self.address}: the schema that it names is not there")
            return bool(self.tables(connection))

    def prepare(self) -> None:
        """Nothing: whoever keeps the database makes it."""

    def index_text(self, connection: Connection) -> None:
        for statement in INDEX:
            connection.exec_driver_sql(statement.format(longest=LONGEST, between=_between()))

    def insert(self, connection: Connection, table: Table, rows: Sequence[Row]) -> None:
        if not rows:
            return
        names, quote = list(rows[0]), connection.dialect.identifier_preparer.quote
        statement = f"COPY {quote(table.name)} ({', '.join(map(quote, names))}) FROM STDIN"
        raw: Any = connection.connection.driver_connection
        values = itemgetter(*names)
        try:
            with raw.cursor() as cursor, cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row(values(row))
        except connection.dialect.loaded_dbapi.Error as error:  # SQLAlchemy does not see it
            raise self.error(error) from None

    def among(self, column: Column[Any], values: Sequence[Any]) -> ColumnElement[bool]:
        return column == any_(literal(list(values), ARRAY(column.type)))

    def tables(self, connection: Connection) -> set[str]:
        found = connection.exec_driver_sql("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        return {name for (name,) in found}

    def size(self, connection: Connection) -> int:
        found = connection.exec_driver_sql(
            "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) FROM pg_class c"
            " JOIN pg_namespace s ON s.oid = c.relnamespace WHERE c.relkind = 'r' AND s.nspname = current_schema()"
        )
        return int(found.scalar_one())

    def error(self, error: BaseException | None) -> StoreError:
        state = getattr(error, "sqlstate", None) or ""
        name = f"{type(error).__name__} {state}".strip()
        match state:
            case "55P03" | "40P01" | "40001":
                return StoreBusy(f"{self.address}: another process has been writing for {self.patience:g} s")
            case "53100":
                return StoreFull(f"{self.address}: the server's disk is full; nothing of this batch was written")
            case "25006" | "42501":
                return StoreFull(f"{self.address} must not be written to ({name})")
            case "3D000":
                return StoreMissing(f"{self.address}: there is no such database; createdb makes one")
            case "XX001" | "XX002":
                return StoreDamaged(f"{self.address} is damaged ({name})")
            case "":
                return self._unanswered(str(error), name)
        return StoreError(f"{self.address}: {name}")

    def _unanswered(self, told: str, name: str) -> StoreError:
        """Why there is no connection. Only the kind is told: the driver's own words may repeat the URL."""
        for pattern, kind, why in _CAUSES:
            if re.search(pattern, told):
                return kind(f"{self.address}{why}")
        return StoreError(f"{self.address} does not answer ({name})")


_CAUSES: tuple[tuple[str, type[StoreError], str], ...] = (
    (r'database ".*" does not exist', StoreMissing, ": there is no such database; createdb makes one"),
    (r'role ".*" does not exist', StoreError, ": the server knows no such user"),
    ("authentication failed", StoreError, ": the server refused the user or the password"),
    ("no password supplied", StoreError, ": the server wants a password: in the URL, or as PGPASSWORD"),
    ("no pg_hba.conf entry", StoreError, ": the server lets nobody in from here (pg_hba.conf)"),
    ("Connection refused", StoreError, " does not answer: nothing listens at that host and port"),
    ("No such file or directory", StoreError, " does not answer: no socket is there; start it, or name its host"),
    ("resolve host|translate host name|Name or service", StoreError, " does not answer: no such host is known"),
    ("timeout|timed out|No route to host|unreachable", StoreError, " does not answer: its host cannot be reached"),
    ("too many clients|connection slots", StoreBusy, ": the server has no connection left; try again later"),
    ("starting up|shutting down", StoreBusy, ": the server is starting or stopping; try again in a few seconds"),
    (r"invalid port|invalid \w+ value|invalid connection option|invalid integer", StoreError,
     ": a part of the URL is not understood: postgresql+psycopg://user@host:5432/db"),
)  # fmt: skip
"""What the driver's message holds, in English as libpq and PostgreSQL write it -> what that means."""


@cache
def _between() -> str:
    """The characters that stand between words, as ranges: PostgreSQL's own parser keeps some of them in a word."""
    ranges, first = [], 1
    for code in range(1, sys.maxunicode + 2):
        if code > sys.maxunicode or unicodedata.category(chr(code)) in _OF_WORDS:
            if first < code:
                ranges.append(f"\\U{first:08x}-\\U{code - 1:08x}")
            first = code + 1
    return "".join(ranges)


_OF_WORDS = {"Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Nl", "No", "Co", "Cs"}
"""Categories of characters that FTS5 takes for a word's, and those that no text has."""


def _said(connection: Connection, statement: str) -> None:
    """A statement by itself, also where the connection is to stream what it gives."""
    connection.exec_driver_sql(statement, execution_options={"stream_results": False, "yield_per": None})
