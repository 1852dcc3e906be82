"""A disk that is full, or fails: nothing is half-written, and people are told."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from bi_contracts.errors import StoreBusy, StoreDamaged, StoreError, StoreFull, StoreMissing
from bi_contracts.intercom.records import whole_conversation
from bi_contracts.intercom.store import open_store
from bi_contracts.intercom.store.postgres import Postgres
from bi_contracts.intercom.store.sqlite import SQLite
from bi_contracts.intercom.store.store import Store

from ..made import body, part
from .contents import check, texts, write_bodies

T = 1_700_000_000


def test_a_full_disk(tmp_path: Path) -> None:
    """The batch that does not fit is not written at all; once there is room, it is."""
    long = body("2", T, [part(str(n), T + n, "word " * 900) for n in range(40)])
    with open_store(tmp_path / "store.db") as store:
        write_bodies(store, body("1", T, [part("7", T)]))
        with store.reading() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 5}")
        with pytest.raises(StoreFull, match="full"):
            _with_a_note(store, long)
        assert store.meta("source") is None
        assert set(store.known(["1", "2"])) == {"1"}
        check(store)
        with store.reading() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 100000")
        write_bodies(store, long)
        assert len(texts(store, "2")) == 41
        check(store)


def _with_a_note(store: Store, *bodies: Any) -> None:
    with store.batch() as batch:
        batch.meta("source", "live")
        batch.bodies([(whole_conversation(one), T + 9) for one in bodies])


def test_a_zeroed_page_is_damage(tmp_path: Path) -> None:
    """A store whose pages are not what they were is told to be damaged."""
    path = tmp_path / "store.db"
    with open_store(path) as store:
        write_bodies(store, *(body(str(n), T + n, [part("7", T)]) for n in range(50)))
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(bytes(path.stat().st_size - 4096))
    with pytest.raises(StoreDamaged, match="verify"), open_store(path) as store:
        texts(store, "1")


def error(code: int, name: str) -> sqlite3.OperationalError:
    made = sqlite3.OperationalError("secret words")
    made.sqlite_errorcode, made.sqlite_errorname = code, name
    return made


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_FULL, StoreFull),
        (sqlite3.SQLITE_READONLY_DIRECTORY, StoreFull),
        (sqlite3.SQLITE_IOERR_WRITE, StoreFull),
        (sqlite3.SQLITE_IOERR_READ, StoreDamaged),
        (sqlite3.SQLITE_CORRUPT_VTAB, StoreDamaged),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, StoreBusy),
        (sqlite3.SQLITE_CANTOPEN, StoreMissing),
        (sqlite3.SQLITE_MISUSE, StoreError),
    ],
)
def test_what_sqlite_says_is_told_without_its_words(tmp_path: Path, code: int, kind: type[StoreError]) -> None:
    """Each failure is the error that says what to do."""
    database = SQLite(str(tmp_path / "store.db"), read_only=False, patience=1)
    told = database.error(error(code, "SQLITE_SO"))
    database.engine.dispose()
    assert type(told) is kind
    assert "secret" not in str(told)


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("53100", StoreFull),
        ("25006", StoreFull),
        ("55P03", StoreBusy),
        ("3D000", StoreMissing),
        ("XX001", StoreDamaged),
        ("42601", StoreError),
        (None, StoreError),
    ],
)
def test_what_postgresql_says_is_told_without_its_words(state: str | None, kind: type[StoreError]) -> None:
    """Each failure is the error that says what to do."""
    sqlalchemy = pytest.importorskip("sqlalchemy")
    pytest.importorskip("psycopg")
    database = Postgres(sqlalchemy.make_url("postgresql+psycopg://me:word@/db"), read_only=False, patience=1)
    made = type("Failure", (Exception,), {"sqlstate": state})("secret words")
    told = database.error(made)
    database.engine.dispose()
    assert type(told) is kind
    assert not {"secret", "word@"} & set(str(told).split())


def test_what_is_erased_is_overwritten(tmp_path: Path) -> None:
    """Once its log is written back, the file holds no message of a deleted conversation, short or long."""
    path = tmp_path / "store.db"
    with open_store(path) as store:
        write_bodies(store, *(body(str(n), T + n, [part("7", T)]) for n in range(20)))
        write_bodies(store, body("gone", T, [part("7", T, "seen near the dam"), part("8", T, "old quokka " * 900)]))
        with store.batch() as batch:
            batch.deleted(["gone"], T + 99, "deleted")
    assert not path.with_name("store.db-wal").exists()
    held = path.read_bytes()
    assert (held.count(b"near the dam"), held.count(b"old quokka"), held.count(b"part 7") > 0) == (0, 0, True)


def test_a_reader_sees_one_moment(tmp_path: Path) -> None:
    """Whoever reads sees the store as it was when they began, whatever is written meanwhile."""
    with open_store(tmp_path / "store.db") as store:
        write_bodies(store, body("1", T))
        with store.reading() as connection:
            count = "SELECT count(*) FROM conversations"
            before = connection.exec_driver_sql(count).scalar_one()
            write_bodies(store, body("2", T))
            assert connection.exec_driver_sql(count).scalar_one() == before
        assert len(store.known(["1", "2"])) == 2
