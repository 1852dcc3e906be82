"""Every column of every table, changed to another value that it could have: what `verify` notices, and what it cannot.

What it cannot is told in docs/intercom-store.md, by these names.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bi_contracts.intercom.raw import canonical, packed
from bi_contracts.intercom.store import open_store, schema
from bi_contracts.intercom.store.store import Store
from bi_contracts.intercom.store.values import DriftNote, Range, Run, Shard
from bi_contracts.intercom.store.verifying import Verification

from .filling import END, START, answers, conversations, fill

DOCS = Path(__file__).parents[3] / "docs" / "intercom-store.md"
OTHERS = {
    "deleted_by": ("deleted", "missing", "reconciled"),
    "source": ("sandbox", "live"),
    "outcome": ("done", "partial"),
    "kind": ("backfill", "incremental"),
    "stream": ("conversations", "contacts"),
    "tags": ('["vip"]', "[]"),
    "contact_ids": ('["c9"]', "[]"),
    "severity": ("info", "breaking"),
}
"""Columns of which only some values are plausible."""
UNNOTICED = {
    "meta": "key value",
    "conversations": "seen_at fetched_at head_digest",
    "parts": "n position",
    "contacts": "",
    "conversation_contacts": "",
    "tickets": "",
    "cursors": "value at",
    "shards": "lo hi backfill anchor expected seen done",
    "coverage": "lo hi",
    "dead_letters": "stream id at reason raw",
    "drift": "endpoint rule path severity message first_at last_at seen",
    "counters": "",
    "leases": "name holder who acquired_at expires_at",
    "runs": (
        "n started_at ended_at kind outcome error milliseconds calls refused retried conversations parts interrupted"
    ),
}
"""Nothing that was sent tells these."""
OF_DELETED = {
    "conversations": (
        "id created_at updated_at seen_at body_at fetched_at state open read channel admin_id team_id priority"
        " parts_total parts_held truncated head_digest digest deleted_at deleted_by"
    ),
    "parts": "n id kind created_at updated_at position author_type author_id redacted digest",
}
"""What stays of what was deleted: what was sent of it is erased."""


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """With a row of every kind in every table."""
    bodies = conversations(1, parts=2)
    with open_store(tmp_path_factory.mktemp("changed") / "store.db") as store:
        fill(store, bodies)
        answers(bodies)(store, ["900"])
        with store.batch(store.lease(ttl=600)) as batch:
            batch.drift([DriftNote("conversation", "response-property-type-changed", "/body/a", "info", "it", 5, 6, 3)])
            batch.shard(Shard(START, END, "usual", START + 9, 7, 3))
            batch.cover("contacts", Range(START, END - 10))
        yield store


def others(table: str, column: str, value: Any) -> list[Any]:
    """Values that could stand there just as well."""
    if (table, column) == ("meta", "value"):
        return {"sandbox": ["live"]}.get(value, [f"{value}x"])
    if column in OTHERS and isinstance(value, str):
        return [one for one in OTHERS[column] if one != value][:1]
    type_ = schema.metadata.tables[table].c[column].type.python_type
    if type_ is bytes:
        return [bytes(packed(canonical({"other": 1})))]
    if value is None:
        return [END if type_ is int else "deleted"]
    if type_ is bool:
        return [not value]
    if type_ is str:
        return [f"{value}x"]
    return [value + 1, value - 1] if column == "position" else [value + 5, value - 5]


def unnoticed(store: Store, table: str) -> Iterator[tuple[bool, str]]:
    """Changed columns that are not noticed, and whether they are of a deleted conversation."""
    numbers = {"conversations": "n", "parts": "conversation"}
    gone = f"{numbers[table]} IN (SELECT n FROM conversations WHERE deleted_at > 0)" if table in numbers else "0"
    database: Any = store.database
    with closing(sqlite3.connect(database.path, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        run = connection.execute
        for row in run(f"SELECT rowid AS numbered, {gone} AS gone, * FROM {table}").fetchall():
            for column in (one.name for one in schema.metadata.tables[table].columns):
                for value in others(table, column, row[column]):
                    changed = run(
                        f"UPDATE OR IGNORE {table} SET {column} = ? WHERE rowid = ?", (value, row["numbered"])
                    )
                    if not changed.rowcount:
                        continue  # another row has that key
                    if not any(one.damage.severity == "breaking" for one in Verification(store).found()):
                        yield bool(row["gone"]), column
                    at = value if column == "n" else row["numbered"]
                    run(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (row[column], at))


@pytest.mark.law
@pytest.mark.parametrize("table", schema.metadata.tables)
def test_a_changed_value_is_noticed_but_for_those_that_are_named(full: Store, table: str) -> None:
    """Each column of each row, one by one, is given another value that it could have."""
    found = set(unnoticed(full, table))
    assert not any(one.damage.severity == "breaking" for one in Verification(full).found())  # all is as it was
    assert {name for gone, name in found if not gone} == set(UNNOTICED[table].split())
    assert {name for gone, name in found if gone} == set(OF_DELETED.get(table, "").split())


def test_what_is_not_noticed_is_documented() -> None:
    """By the names of the tables and, where only some columns are meant, of those."""
    told = DOCS.read_text(encoding="utf-8").partition("What is not noticed")[2].partition("##")[0]
    assert set(re.findall(r"`([a-z_]+)`", told)) == {
        *(table for table, columns in UNNOTICED.items() if columns),
        *(name for table in ("meta", "conversations", "parts") for name in UNNOTICED[table].split()),
    } - {"key", "value"}


def test_where_data_come_from_is_held_against_the_runs(full: Store) -> None:
    """One run that says otherwise is damaged; where all do, nobody knows whose data they are."""
    database: Any = full.database
    with closing(sqlite3.connect(database.path, isolation_level=None)) as connection:
        connection.execute("UPDATE meta SET value = 'live' WHERE key = 'source'")
        (one,) = (found.damage for found in Verification(full).found() if found.damage.severity == "breaking")
        assert (one.check, one.repairable) == ("schema", False)
        assert "said to be from live" in one.message
        connection.execute("UPDATE meta SET value = 'sandbox' WHERE key = 'source'")
        with full.batch() as batch:
            batch.run(Run("incremental", "live", END, outcome="failed"))  # refused: it brought nothing
            run = batch.run(Run("incremental", "live", END, outcome="done"))
        found = [one for one in Verification(full).found() if one.damage.severity == "breaking"]
        assert [one.key for one in found] == [("runs", run.n)]
        connection.execute("DELETE FROM runs WHERE source = 'live'")
