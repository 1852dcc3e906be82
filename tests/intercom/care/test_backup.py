"""Copies of a store in use: whole, private, and never over anything."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from bi_contracts.errors import ConfigurationError, StoreDamaged, StoreError, StoreFull
from bi_contracts.intercom.records import conversation_head
from bi_contracts.intercom.store import open_store
from bi_contracts.intercom.store.backup import backup, pg_dump, pg_dump_line
from bi_contracts.intercom.store.verifying import verify

from ..made import head_row
from .conftest import Original
from .damage import flip, owners, zero
from .filling import START, content, conversations, fill


def test_a_backup_is_the_store_at_one_moment_while_a_writer_goes_on(
    damaged: Path, original: Original, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit between two steps is not in it, and the writer does not wait."""
    monkeypatch.setattr("bi_contracts.intercom.store.backup.PAGES", 5)
    steps = []
    with open_store(damaged, patience=0.2) as store:

        def step(done: int, total: int) -> None:
            steps.append((done, total))
            with store.batch() as batch:
                batch.heads([conversation_head(head_row(f"n{len(steps)}", START + len(steps)))])

        made = backup(store, damaged.with_name("copy.db"), progress=step)
        assert store.conversation("n1") is not None
    with open_store(made, create=False) as copy:
        assert content(copy) == original.content
        assert verify(copy).sound
    assert len(steps) > 5
    assert steps[-1][0] == steps[-1][1]


def test_a_backup_is_for_its_owner_alone_and_leaves_nothing_else(damaged: Path) -> None:
    """Mode 0600; no draft, no log beside it."""
    with open_store(damaged) as store:
        made = backup(store, damaged.parent / "copies" / "copy.db")
    assert made.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in made.parent.iterdir()] == ["copy.db"]


def test_what_is_there_is_replaced_only_when_asked(damaged: Path) -> None:
    """And the store itself never."""
    there = damaged.with_name("copy.db")
    there.write_text("mine")
    with open_store(damaged) as store:
        with pytest.raises(StoreError, match="--force"):
            backup(store, there)
        assert there.read_text() == "mine"
        with pytest.raises(StoreError, match="is there"):
            backup(store, damaged, force=True)
        with pytest.raises(StoreError, match="folder"):
            backup(store, damaged.parent)
        backup(store, there, force=True)
    with open_store(there, create=False) as copy:
        assert copy.conversation("1001") is not None


def test_a_damaged_store_gives_no_backup(damaged: Path) -> None:
    """A copy of damage is none that anybody could go back to."""
    zero(damaged, owners(damaged)["conversations"][1])
    with open_store(damaged) as store, pytest.raises(StoreDamaged, match="verify"):
        backup(store, damaged.with_name("copy.db"))
    assert not damaged.with_name("copy.db").exists()


def test_a_sample_of_digests_is_checked_in_the_copy(damaged: Path) -> None:
    """Pages may be whole, and what stands in them not."""
    at = damaged.read_bytes().index(b"newer 4")
    flip(damaged, at, 1)
    with open_store(damaged) as store, pytest.raises(StoreDamaged, match="not sound"):
        backup(store, damaged.with_name("copy.db"))
    assert not list(damaged.parent.glob(".copy*"))


def test_no_room_leaves_nothing_behind(damaged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither half a copy nor its draft."""
    connect = sqlite3.connect

    def small(*args: object, **named: object) -> sqlite3.Connection:
        connection = connect(*args, **named)  # type: ignore[call-overload]
        if str(args[0]).endswith(".backup"):
            connection.execute("PRAGMA max_page_count=10")
        return connection

    monkeypatch.setattr(sqlite3, "connect", small)
    with open_store(damaged) as store, pytest.raises(StoreFull, match="nothing was left"):
        backup(store, damaged.with_name("copy.db"))
    assert not list(damaged.parent.glob("*copy*"))


def test_a_place_that_cannot_be_written_is_told(damaged: Path) -> None:
    """Where a folder would have to be is a file."""
    (damaged.parent / "file").write_text("")
    with open_store(damaged) as store, pytest.raises(StoreFull, match="cannot be written"):
        backup(store, damaged.parent / "file" / "copy.db")


def test_a_store_in_postgresql_is_copied_by_pg_dump(postgresql: str, tmp_path: Path) -> None:
    """Said plainly; run where it is there; private as well."""
    with open_store(postgresql) as store:
        fill(store, conversations(2))
        with pytest.raises(ConfigurationError, match="pg_dump"):
            backup(store, tmp_path / "copy.db")
        if shutil.which("pg_dump") is None:
            pytest.skip(f"pg_dump is not on the PATH: {pg_dump_line(store, tmp_path / 'store.dump')}")
        made = pg_dump(store, tmp_path / "copies" / "store.dump")
        assert made.read_bytes()[:5] == b"PGDMP"
        assert made.stat().st_mode & 0o777 == 0o600
        with pytest.raises(StoreError, match="--force"):
            pg_dump(store, made)
        with pytest.raises(StoreFull):
            pg_dump(store, made / "below")


def test_pg_dump_that_is_missing_or_fails_is_told(
    postgresql: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And leaves no file."""
    with open_store(postgresql) as store:
        monkeypatch.setattr(shutil, "which", lambda _: "/bin/false")
        with pytest.raises(StoreError, match="ended with 1"):
            pg_dump(store, tmp_path / "store.dump")
        monkeypatch.setattr(shutil, "which", lambda _: None)
        with pytest.raises(ConfigurationError, match="not on the PATH"):
            pg_dump(store, tmp_path / "store.dump")
    assert list(tmp_path.iterdir()) == []
