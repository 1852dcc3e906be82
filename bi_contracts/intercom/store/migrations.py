"""The schema's versions: new stores are made at the newest, older ones brought up to it in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, insert, select, update

from ...errors import StoreDamaged, StoreError, StoreMissing
from .counters import NAMES
from .database import Database, reading, writing
from .schema import VERSION, counters, meta, metadata

Step = Callable[[Connection, Database], None]

STEPS: Mapping[int, Step] = {}
"""Version -> what brings a store of the version before to it."""


def migrate(database: Database, *, create: bool, steps: Mapping[int, Step] = STEPS, version: int = VERSION) -> None:
    """Makes the tables where there are none, and takes the steps that are missing. All of it, or nothing.

    Raises `StoreDamaged` where the tables are somebody else's, `StoreMissing` where there are none and none are to
    be made, `StoreError` for a newer version.
    """
    with reading(database) as connection:
        if _version(database, connection) == version:
            return
    with writing(database) as connection:
        found = _version(database, connection)
        if found is None:
            _make(database, connection, create, version)
            return
        _refuse_newer(database, found, version)
        for number in range(found + 1, version + 1):
            steps[number](connection, database)
        connection.execute(update(meta).where(meta.c.key == "schema").values(value=str(version)))


def refuse_newer(database: Database, *, create: bool) -> None:  # noqa: ARG001
    """Raises `StoreError` where a store that must not be written is not of this version."""
    with reading(database) as connection:
        found = _version(database, connection)
    if found is None:
        raise StoreMissing(f"{database.address} holds no store yet: bi-contracts intercom sync makes one")
    _refuse_newer(database, found, VERSION)
    if found < VERSION:
        raise StoreError(
            f"{database.address} is of version {found}, this package reads {VERSION}: open it for writing once,"
            " as bi-contracts intercom sync does"
        )


def _refuse_newer(database: Database, found: int, version: int) -> None:
    if found > version:
        raise StoreError(
            f"{database.address} was made by a newer bi-contracts (its version is {found}, this one knows {version}):"
            " pip install --upgrade bi-contracts"
        )


def _version(database: Database, connection: Connection) -> int | None:
    """None where there are no tables at all. Raises `StoreDamaged`."""
    tables = database.tables(connection)
    if "meta" in tables and tables.issuperset(metadata.tables):
        found = connection.execute(select(meta.c.value).where(meta.c.key == "schema")).scalar()
        if found is not None and found.isdecimal():
            return int(found)
    elif not tables or (database.kind == "postgresql" and tables.isdisjoint(metadata.tables)):
        return None
    raise StoreDamaged(f"{database.address} is a database, but no store: name another place")


def _make(database: Database, connection: Connection, create: bool, version: int) -> None:
    if not create:
        raise StoreMissing(f"{database.address} holds no store: bi-contracts intercom sync makes one")
    metadata.create_all(connection, checkfirst=False)
    database.index_text(connection)
    connection.execute(insert(meta), [{"key": "schema", "value": str(version)}])
    connection.execute(insert(counters), [{"name": name, "value": 0} for name in NAMES])
