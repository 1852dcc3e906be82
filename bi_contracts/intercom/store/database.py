"""What every database that can be a store offers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal, Protocol

from sqlalchemy import Column, ColumnElement, Connection, Engine, Table
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ...errors import StoreError

Kind = Literal["sqlite", "postgresql"]
Row = Mapping[str, Any]

WRITES = "writes"
"""Option of a connection: its transaction writes, and waits for whoever writes before it begins."""


class Database(Protocol):
    """One database, and what it does its own way.

    Attributes:
        kind: Which one.
        address: As it is shown to people, without a password.
        engine: Gives its connections.
        read_only: Whether nothing may be written.
    """

    kind: Kind
    address: str
    engine: Engine
    read_only: bool

    def exists(self) -> bool:
        """Whether there is something that could be a store. Raises `StoreError`."""
        ...

    def prepare(self) -> None:
        """Makes the place for a new store. Raises `StoreError`."""
        ...

    def index_text(self, connection: Connection) -> None:
        """Makes the index of the messages' text, on new tables."""
        ...

    def begin(self, connection: Connection) -> None:
        """What a transaction begins with."""
        ...

    def insert(self, connection: Connection, table: Table, rows: Sequence[Row]) -> None:
        """Adds many rows, all with the same columns, none of them there yet."""
        ...

    def among(self, column: Column[Any], values: Sequence[Any]) -> ColumnElement[bool]:
        """Whether a column is one of many values, which are sent as one."""
        ...

    def tables(self, connection: Connection) -> set[str]:
        """Names of the tables that are there."""
        ...

    def size(self, connection: Connection) -> int:
        """Bytes on disk."""
        ...

    def error(self, error: BaseException | None) -> StoreError:
        """The same as an error for people, without any value of a row."""
        ...


@contextmanager
def explained(database: Database) -> Iterator[None]:
    """Turns the database's errors into errors for people. What it says itself may quote a row, and is left out."""
    try:
        yield
    except DBAPIError as error:
        raise database.error(error.orig) from None
    except SQLAlchemyError as error:
        raise StoreError(f"{database.address}: {type(error).__name__}") from None


@contextmanager
def reading(database: Database) -> Iterator[Connection]:
    """A connection that sees the store as it is now, whatever is written meanwhile. Raises `StoreError`."""
    with explained(database), database.engine.connect() as connection:
        yield connection


@contextmanager
def writing(database: Database) -> Iterator[Connection]:
    """A transaction of the only writer: committed at the end, or nothing of it. Raises `StoreError`."""
    engine = database.engine.execution_options(**{WRITES: True})
    with explained(database), engine.begin() as connection:
        yield connection
