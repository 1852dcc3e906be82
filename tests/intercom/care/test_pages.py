"""The reader of damaged files reads sound ones as SQLite does, and survives anything else."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.intercom.store.pages import BadPage, SqliteFile, record, varint

SIZES = (0, 10, 400, 3900, 20_000)


def table(path: Path, page: int, log: bool) -> tuple[sqlite3.Connection, list[tuple[object, ...]]]:
    """A table with everything that a store's tables have; with `log`, what changed last stands in the log."""
    chance = random.Random(page)
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA page_size={page}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, a TEXT UNIQUE, b BLOB, k INTEGER)")
    numbers = (None, 0, 1, -5, 300, 70_000, 2**31 + 5, 2**43, -(2**60))
    rows = [
        (chance.getrandbits(62) - 2**61, f"id {n} é", chance.randbytes(chance.choice(SIZES)), chance.choice(numbers))
        for n in range(300)
    ]
    connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", rows)
    connection.commit()
    if not log:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute("DELETE FROM t WHERE n % 5 = 0")
    connection.commit()
    return connection, sorted(connection.execute("SELECT * FROM t"))


@pytest.mark.parametrize("page", [512, 4096, 65536])
@pytest.mark.parametrize("log", [True, False], ids=["all in the log", "part in the log"])
def test_it_reads_what_sqlite_reads(tmp_path: Path, page: int, log: bool) -> None:
    """Pages of any size, overflowing cells, numbers of any length, with a log beside."""
    connection, rows = table(tmp_path / "x.db", page, log)
    with closing(connection), SqliteFile(tmp_path / "x.db") as file:
        roots = {row.values[1]: int(str(row.values[3])) for row in file.walk(1)}
        assert file.size == page
        assert sorted((row.key, *row.values[1:]) for row in file.walk(roots["t"])) == rows
        assert len(list(file.walk(roots["sqlite_autoindex_t_1"]))) == len(rows)
        assert (file.bad, file.lost, list(file.orphans())) == (set(), 0, [])


def test_leaves_whose_interior_page_is_lost_are_found_again(tmp_path: Path) -> None:
    """And pages of the freelist, which may hold what was erased, are none of them."""
    connection, rows = table(tmp_path / "x.db", 4096, log=False)
    connection.close()
    with SqliteFile(tmp_path / "x.db") as file:
        root = next(int(str(row.values[3])) for row in file.walk(1) if row.values[1] == "t")
    with (tmp_path / "x.db").open("rb+") as raw:
        raw.seek((root - 1) * 4096)
        raw.write(bytes(4096))
    with SqliteFile(tmp_path / "x.db") as file:
        assert list(file.walk(root)) == []
        assert file.bad == {root}
        found = sorted(row.key for _, of in file.orphans() for row in of)
    assert found == [row[0] for row in rows]


def test_without_a_whole_freelist_no_leaf_is_adopted(tmp_path: Path) -> None:
    """Nobody could tell it from one that was erased."""
    connection, _ = table(tmp_path / "x.db", 4096, log=False)
    connection.close()
    with (tmp_path / "x.db").open("rb+") as raw:
        raw.seek(36)
        raw.write((9).to_bytes(4, "big"))
    with SqliteFile(tmp_path / "x.db") as file:
        assert file.freelist() is None
        assert list(file.orphans()) == []


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=3000))
def test_any_bytes_are_read_without_an_error(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    """It yields what it can make of them."""
    path = tmp_path_factory.getbasetemp() / "any.db"
    path.write_bytes(raw)
    with SqliteFile(path) as file:
        for page in range(1, file.count + 2):
            list(file.walk(page))
        list(file.orphans())


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=40))
def test_any_bytes_are_a_record_or_none(raw: bytes) -> None:
    """Nothing but the two errors that it says."""
    with suppress(BadPage, IndexError):
        assert isinstance(record(raw), tuple)


@pytest.mark.parametrize(
    ("raw", "value"),
    [(b"\x00", 0), (b"\x7f", 127), (b"\x81\x00", 128), (b"\xff" * 9, 2**64 - 1), (b"\x80\x80\x01", 1)],
)
def test_numbers_of_one_to_nine_bytes(raw: bytes, value: int) -> None:
    """Source: fileformat2.html section 1.6."""
    assert varint(raw, 0) == (value, len(raw))
