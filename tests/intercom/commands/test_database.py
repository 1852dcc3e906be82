"""How a store writes and answers, and in what state its file is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bi_contracts.errors import ConfigurationError, ExitCode, StoreError
from bi_contracts.intercom.procedure import data, database, queries
from bi_contracts.intercom.procedure.contents import Difference, contents
from bi_contracts.intercom.procedure.line import Mark
from bi_contracts.intercom.store import open_store
from bi_contracts.intercom.store.store import Store
from bi_contracts.workspace import Workspace


def test_writes_and_queries_are_measured_out_of_the_box(run: Callable) -> None:
    """On made-up data, labelled so; every query by an index."""
    ended = run("intercom", "database", "--conversations", "10", "--queries", "3", "--format", "json")
    told = json.loads(ended.stdout)
    assert told["source"] == "mock"
    assert {"write_speed", "query_get_p95_ms", "query_status_p95_ms", "database_mb"} <= told["figures"].keys()
    assert not [
        row for one in told["sections"] if one["title"] == "Indexes" for row in one["rows"] if row["mark"] != "good"
    ]


def test_a_store_of_ones_own_is_only_read(mock_store: Store) -> None:
    """Its writing is skipped, not passed; with a profile the plan of every query is shown."""
    before = contents(mock_store)
    told = database.of_store(mock_store, 2, profile=True)
    assert contents(mock_store) == before
    assert "leave --store out" in told.text()
    assert {f"Plan: {name}" for name in queries.KINDS.values()} <= {one.title for one in told.sections}


def test_a_store_that_is_not_there_is_told(run: Callable) -> None:
    """With what to type next; nothing is made."""
    ended = run("intercom", "database", "--store", "none.db")
    assert ended.exit_code == ExitCode.CONFIGURATION
    assert "intercom sync" in ended.stderr
    assert not Path("none.db").exists()


def test_an_empty_store_is_asked_for_its_status_alone(tmp_path: Path) -> None:
    """There is nothing else to find."""
    with open_store(tmp_path / "empty.db") as store:
        assert queries.times(store, 1).keys() == {"status"}


def test_a_scan_is_told_from_what_an_index_serves() -> None:
    """A whole table is a warning; full-text search, an index, and tables of a few rows are none."""
    plan = (
        "SCAN parts",
        "SCAN p USING INDEX x",
        "SCAN messages_fts VIRTUAL TABLE INDEX 0:",
        "SCAN counters",
        "SEARCH c",
    )
    assert queries.scans(plan) == ["SCAN parts"]
    assert database._used("get", plan).mark is Mark.WARNING
    assert database._plan(plan)[0].mark is Mark.WARNING


def test_other_databases_have_no_state_of_sqlite() -> None:
    """It says so, and gives no plan."""
    store = cast(Any, SimpleNamespace(kind="postgresql"))
    assert "postgresql" in database.state(store)[0].rows[0].said
    assert queries.plans(store) == {}


def test_what_is_wrong_says_what_to_do() -> None:
    """Damage, slow writes, free pages."""
    from bi_contracts.intercom.procedure.result import Row, Section

    rows = tuple(Row(name, "x", mark=Mark.BAD) for name in ("Integrity", "Write speed", "Free pages"))
    assert len(database._result("", [Section("s", rows)]).advice) == 3


def test_free_pages_are_told(mock_store: Store) -> None:
    """A file that is mostly free is worth a vacuum."""
    with mock_store.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE filler (x)")
        connection.exec_driver_sql("INSERT INTO filler VALUES (zeroblob(3000000))")
    with mock_store.writing() as connection:
        connection.exec_driver_sql("DROP TABLE filler")
    (section,) = database.state(mock_store)
    assert [row.mark for row in section.rows if row.name == "Free pages"] == [Mark.WARNING]


def test_the_same_seed_gives_the_same_data(space: Workspace) -> None:
    """To the byte; another seed gives others. Every line says mock."""
    first, again, other = (
        [one.line() for one in data.made(space, 3, contacts=2, tickets=2, seed=seed)] for seed in ("a", "a", "b")
    )
    assert first == again != other
    assert [json.loads(line)["stream"] for line in first] == ["conversations"] * 3 + ["contacts"] * 2 + ["tickets"] * 2
    assert {json.loads(line)["source"] for line in first} == {"mock"}


def test_made_up_data_never_pass_for_answers(run: Callable, tmp_path: Path) -> None:
    """A sync into a store of them is refused, and so are they by a store that was synced."""
    assert run("intercom", "data", "--conversations", "2", "--tickets", "1", "--store", "m.db").exit_code == 0
    ended = run("intercom", "sync", "--mode", "sandbox", "--store", "m.db")
    assert ended.exit_code == ExitCode.CONFIGURATION
    assert "mock" in ended.stderr
    with open_store(tmp_path / "live.db") as store:
        with store.batch() as batch:
            batch.meta("source", "live")
        with pytest.raises(StoreError, match="'live'"):
            data.put(store, [])


def test_data_go_to_stdout_or_a_file(run: Callable, tmp_path: Path) -> None:
    """As JSON lines; nothing asked for, or two places, is an error of usage."""
    assert len(run("intercom", "data", "--conversations", "2").stdout.splitlines()) == 2
    run("intercom", "data", "--conversations", "1", "--contacts", "1", "--output", "d.jsonl")
    assert len((tmp_path / "d.jsonl").read_text().splitlines()) == 2
    assert run("intercom", "data", "--conversations", "0").exit_code == ExitCode.USAGE
    assert run("intercom", "data", "--store", "x.db", "--output", "y").exit_code == ExitCode.USAGE


def test_postgresql_is_written_and_asked_as_well(postgresql: str, space: Workspace) -> None:
    """Made-up data go in, every kind of query is measured; what is SQLite's own is left out, and said."""
    with open_store(postgresql) as store:
        data.put(store, data.made(space, 4))
        told = database.of_store(store, 2, profile=True)
        assert len(contents(store)) == 4
    assert {f"query_{kind}_p95_ms" for kind in queries.KINDS} <= told.figures.keys()
    assert "SQLite's figures do not apply" in told.text()


def test_contents_differ_where_anything_of_a_message_does(mock_store: Store) -> None:
    """A message that is gone, a conversation too many, one too few."""
    before = contents(mock_store)
    with mock_store.writing() as connection:
        connection.exec_driver_sql("DELETE FROM parts WHERE n = (SELECT max(n) FROM parts)")
    after = contents(mock_store)
    assert str(Difference.of(before, after)) == "1 otherwise"
    some = dict(list(before.items())[:-2])
    assert str(Difference.of(before, some)) == "2 missing"
    assert str(Difference.of(some, before)) == "2 too many"
    assert Difference.of(before, before).none


def test_without_the_extra_its_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing ends in a traceback."""
    import sys

    from bi_contracts.cli.intercom import options

    monkeypatch.setitem(sys.modules, "bi_contracts.intercom.store", None)
    with pytest.raises(ConfigurationError, match="intercom"):
        options.opener()
