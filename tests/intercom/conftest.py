"""Stores that every test of the Intercom system may use, in each kind of database."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from bi_contracts.intercom.store import open_store
from bi_contracts.intercom.store.store import Store

from .postgresql import binaries, empty, server
from .statements import compiled_once

NOW = 1_750_000_000.0


class Clock:
    """This machine's clock, as a test sets it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session", autouse=True)
def _statements() -> Iterator[None]:
    with compiled_once():
        yield


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a database that nobody would miss."""
    programs = binaries()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: there is no initdb on the PATH, nor in /usr/lib/postgresql/*/bin")
    pytest.importorskip("psycopg", reason="PostgreSQL's driver is not installed: the extra postgres")
    with server(programs) as url:
        yield url


SCHEMAS = itertools.count(1)


@pytest.fixture
def postgresql(postgresql_server: str) -> str:
    """The URL of a schema of the test's own."""
    return fresh_schema(postgresql_server)


def fresh_schema(url: str) -> str:
    """Makes a schema, and gives the URL of it."""
    import psycopg

    name = f"store_{next(SCHEMAS)}"
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
    return f"{url}&options=-csearch_path%3D{name}"


@pytest.fixture(scope="session")
def kept(postgresql_server: str) -> Iterator[tuple[str, Callable[[], None]]]:
    """The URL of a schema that holds a store, and what empties it: making tables takes longer than most tests."""
    import psycopg

    url = fresh_schema(postgresql_server)
    open_store(url).close()
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        yield url, partial(empty, connection)


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty store is, or may be made, of each kind."""
    if request.param == "postgresql":
        url, emptied = request.getfixturevalue("kept")
        emptied()
        return str(url)
    return str(tmp_path / "store.db")


@pytest.fixture
def store(target: str, clock: Clock) -> Iterator[Store]:
    """An empty store, of each kind."""
    with open_store(target, now=clock) as opened:
        yield opened
