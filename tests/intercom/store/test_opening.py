"""Opening stores: what is one, what is none, and what people are told."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import update

from bi_contracts.errors import (
    ConfigurationError,
    StoreBusy,
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreMissing,
)
from bi_contracts.intercom.records import conversation_head
from bi_contracts.intercom.store import open_store
from bi_contracts.intercom.store.migrations import migrate
from bi_contracts.intercom.store.schema import VERSION, meta
from bi_contracts.intercom.store.store import Store

from ..made import head_row


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where nothing is yet, in each kind of database."""
    if request.param == "postgresql":
        url: str = request.getfixturevalue("postgresql")
        return url
    return str(tmp_path / "store.db")


def test_a_store_is_opened_again_with_what_it_holds(target: str) -> None:
    """What was committed is there for whoever opens it next."""
    with open_store(target) as store, store.batch() as batch:
        batch.meta("source", "sandbox")
    with open_store(target, create=False) as store:
        assert store.meta("source") == "sandbox"
        assert store.meta("region") is None


def test_only_its_owner_reads_a_store(tmp_path: Path) -> None:
    """The file and its log have the mode 0600, whatever the umask."""
    with open_store(tmp_path / "deep" / "store.db") as store:
        with store.batch() as batch:
            batch.meta("source", "live")
        modes = {file.name: file.stat().st_mode & 0o777 for file in (tmp_path / "deep").iterdir()}
    assert modes == {"store.db": 0o600, "store.db-wal": 0o600, "store.db-shm": 0o600}


def test_no_store_is_made_where_none_is_wanted(tmp_path: Path) -> None:
    """A missing store is told, and nothing is left behind."""
    with pytest.raises(StoreMissing, match="no store at"):
        open_store(tmp_path / "store.db", create=False)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("settings", [{"create": False}, {"read_only": True}])
def test_an_empty_schema_is_no_store(postgresql: str, settings: dict[str, bool]) -> None:
    """A PostgreSQL schema without tables is a missing store."""
    with pytest.raises(StoreMissing):
        open_store(postgresql, **settings)


def test_another_tables_neighbour(postgresql: str) -> None:
    """A store is made beside tables of somebody else's in one PostgreSQL schema."""
    import psycopg

    with psycopg.connect(postgresql.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE TABLE invoices (id int)")
    with pytest.raises(StoreMissing):
        open_store(postgresql, create=False)
    with open_store(postgresql) as store:
        assert store.pending(1) == []


@pytest.mark.parametrize("content", [b"words " * 1000, b"SQLite format 3\0" + bytes(4000)])
def test_a_file_that_is_no_database(tmp_path: Path, content: bytes) -> None:
    """It is called no store, and left as it was."""
    path = tmp_path / "store.db"
    path.write_bytes(content)
    with pytest.raises(StoreDamaged):
        open_store(path)
    assert path.read_bytes() == content


def test_a_database_of_somebody_else(tmp_path: Path) -> None:
    """Nothing is added to another application's database."""
    with sqlite3.connect(tmp_path / "app.db") as connection:
        connection.execute("CREATE TABLE users (id)")
    connection.close()
    with pytest.raises(StoreDamaged, match="no store"):
        open_store(tmp_path / "app.db")


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    """People are told to name a file in it."""
    with pytest.raises(StoreError, match="is a folder"):
        open_store(tmp_path)


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    """Where no file can be made, people are told why."""
    (tmp_path / "file").touch()
    with pytest.raises(StoreFull, match="cannot be made"):
        open_store(tmp_path / "file" / "store.db")


@pytest.mark.parametrize(
    "target", ["mysql://me@host/db", "sqlite://", "sqlite:///:memory:", "postgresql://me@host:port/db"]
)
def test_an_address_that_is_none(target: str) -> None:
    """Other databases, and none at all, are refused with what to write in their place."""
    with pytest.raises(StoreError, match=r"://"):
        open_store(target)


def test_a_url_names_a_file(tmp_path: Path) -> None:
    """sqlite:/// and a path are the same store; spaces and signs in a name are taken as they are."""
    path = tmp_path / "a store?#1.db"
    open_store(path).close()
    open_store(f"sqlite:///{str(path).replace('?', '%3F').replace('#', '%23')}", create=False).close()


def test_a_server_that_does_not_answer(tmp_path: Path) -> None:
    """Nobody is shown the password of a URL."""
    url = f"postgresql+psycopg://me:secret-word@/db?host={tmp_path}"
    with pytest.raises(StoreError, match="does not answer") as told:
        open_store(url)
    assert "secret-word" not in str(told.value)


@pytest.mark.parametrize(
    ("place", "kind", "why"),
    [
        ("127.0.0.1:1/db", StoreError, "nothing listens"),
        ("127.0.0.1:99999/db", StoreError, "a part of the URL is not understood"),
        ("/db?no_option=1", StoreError, "a part of the URL is not understood"),
        ("/db?host=/nonexistent", StoreError, "no socket is there"),
    ],
)
def test_why_a_server_does_not_answer(place: str, kind: type[StoreError], why: str) -> None:
    """Each reason in its own words, none of them with the password."""
    with pytest.raises(kind, match=why) as told:
        open_store(f"postgresql+psycopg://me:secret-word@{place}")
    assert "secret-word" not in str(told.value)


def test_a_database_that_is_not_there(postgresql_server: str) -> None:
    """A server without that database is a missing store."""
    with pytest.raises(StoreMissing, match=r"nowhere.*createdb"):
        open_store(postgresql_server.replace("/postgres?", "/nowhere?"))


def test_a_schema_that_is_not_there(postgresql_server: str) -> None:
    """A search path that leads nowhere is told."""
    with pytest.raises(StoreMissing, match="schema"):
        open_store(f"{postgresql_server}&options=-csearch_path%3Dnowhere")


def test_a_database_that_is_not_in_utf8(postgresql_server: str) -> None:
    """Text of any language must be held, and normalised."""
    import psycopg

    with psycopg.connect(postgresql_server.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS latin")
        connection.execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C'")
    with pytest.raises(StoreError, match="UTF8"):
        open_store(postgresql_server.replace("/postgres?", "/latin?"))


def test_reading_only(target: str) -> None:
    """A store that is opened for reading can be read, and not written."""
    open_store(target).close()
    with open_store(target, read_only=True) as store:
        assert store.known(["1"]) == {}
        with pytest.raises(StoreFull, match="must not be written"), store.batch() as batch:
            batch.heads([conversation_head(head_row("1", 5))])


def test_reading_from_a_read_only_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no log can be made beside it, a store is read as it is."""
    open_store(tmp_path / "store.db").close()
    monkeypatch.setattr("os.access", lambda *_: False)
    with open_store(tmp_path / "store.db", read_only=True) as store:
        assert store.pending(1) == []
    assert [file.name for file in tmp_path.iterdir()] == ["store.db"]


def test_a_store_that_is_made_by_two_at_once(target: str) -> None:
    """Whoever comes second finds it made."""
    open_store(target).close()
    with _unchecked(target) as store, store.writing() as connection:
        found = store.database.tables(connection)
    with _unchecked(target) as store:
        migrate(store.database, create=True, steps={}, version=VERSION)
        with store.reading() as connection:
            assert store.database.tables(connection) == found


def test_a_newer_store_is_refused(target: str) -> None:
    """A store of a version that is not known yet is left alone, for reading too."""
    _stamp(target, VERSION + 1)
    for settings in ({}, {"read_only": True}):
        with pytest.raises(StoreError, match="newer"):
            open_store(target, **settings)


def test_an_older_store_is_brought_up_to_date(target: str) -> None:
    """The steps between are taken, and the version is told by the store."""
    _stamp(target, VERSION - 1)
    with pytest.raises(StoreError, match="for writing once"):
        open_store(target, read_only=True)
    taken = []
    steps = {VERSION: lambda *_: taken.append(VERSION), VERSION + 1: lambda *_: taken.append(VERSION + 1)}
    with _unchecked(target) as store:
        migrate(store.database, create=False, steps=steps, version=VERSION + 1)
        assert taken == [VERSION, VERSION + 1]
        assert store.meta("schema") == str(VERSION + 1)


def test_a_step_that_fails_changes_nothing(target: str) -> None:
    """Steps are taken all or none."""

    def first(connection, _):  # type: ignore[no-untyped-def]
        connection.exec_driver_sql("CREATE TABLE half_done (id int)")

    def second(*_: object) -> None:
        raise ZeroDivisionError

    open_store(target).close()
    with _unchecked(target) as store:
        with pytest.raises(ZeroDivisionError):
            migrate(store.database, create=False, steps={2: first, 3: second}, version=3)
        with store.reading() as connection:
            assert "half_done" not in store.database.tables(connection)
        assert store.meta("schema") == "1"


def test_a_store_without_a_version_is_damaged(target: str) -> None:
    """Nobody guesses which version a store is of."""
    _stamp(target, "one")
    with pytest.raises(StoreDamaged):
        open_store(target)


def test_a_locked_store_is_busy(tmp_path: Path) -> None:
    """Whoever waits for a lock longer than told is told that somebody writes."""
    with open_store(tmp_path / "store.db") as one, open_store(tmp_path / "store.db", patience=0.01) as other:
        with one.batch(), pytest.raises(StoreBusy), other.batch():
            pass
        assert other.pending(1) == []


def test_a_locked_postgresql_store_is_busy(postgresql: str) -> None:
    """The same with PostgreSQL, whose writers wait for one lock."""
    with open_store(postgresql) as one, open_store(postgresql, patience=0.01) as other:
        with one.batch(), pytest.raises(StoreBusy), other.batch():
            pass
        assert other.pending(1) == []


def test_a_file_that_takes_the_place_of_another_is_the_store(tmp_path: Path) -> None:
    """As a repair puts it there: nobody writes into the file that was there before, nor has a lease of it."""
    with open_store(tmp_path / "new.db") as new, new.batch() as batch:
        batch.meta("file", "new")
    with open_store(tmp_path / "store.db") as store:
        with store.batch() as batch:
            batch.meta("file", "old")
        for end in ("-wal", "-shm"):
            (tmp_path / f"store.db{end}").rename(tmp_path / f"kept.db{end}")
        (tmp_path / "new.db").rename(tmp_path / "store.db")
        assert store.meta("file") == "new"
        with store.lease(), open_store(tmp_path / "store.db") as other, pytest.raises(StoreBusy):
            other.lease()


def test_an_empty_file_that_anybody_may_read_is_closed_to_them(tmp_path: Path) -> None:
    """Before anything of a customer is written to it."""
    path = tmp_path / "store.db"
    path.touch(0o644)
    with open_store(path) as store, store.batch() as batch:
        batch.meta("a", "b")
        assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}


def test_without_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without SQLAlchemy, people are told what to install."""
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    monkeypatch.delitem(sys.modules, "bi_contracts.intercom.store.opening")
    with pytest.raises(ConfigurationError, match=r"bi-contracts\[intercom\]"):
        open_store("store.db")


def test_without_the_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without PostgreSQL's driver, people are told what to install."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigurationError, match=r"bi-contracts\[postgres\]"):
        open_store("postgresql://me@host/db")


def test_the_package_is_light() -> None:
    """Importing it loads no SQLAlchemy: a command's help need not wait for it."""
    loaded = "sys.exit('sqlalchemy' in sys.modules)"
    script = f"import sys, bi_contracts.intercom.store, bi_contracts.intercom.store.values; {loaded}"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def _stamp(target: str, version: int | str) -> None:
    with open_store(target) as store, store.writing() as connection:
        connection.execute(update(meta).where(meta.c.key == "schema").values(value=str(version)))


def _unchecked(target: str) -> Store:
    """A store of whatever version."""
    import time

    from bi_contracts.intercom.store.opening import _database

    return Store(_database(target, read_only=False, patience=5), time.time)
