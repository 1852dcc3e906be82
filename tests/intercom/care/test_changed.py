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
from bi_contracts.intercom.store.values import DriftNote, Range, Shard
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
TABLES = [*schema.metadata.tables]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """With a row of every kind in every table."""
    bodies = conversations(3)
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
    return [f"{value}x"] if type_ is str else [value + 5, value - 5]


def unnoticed(store: Store, path: Path, table: str) -> Iterator[str]:
    """Names of columns a change of which is not noticed, with the row's state where it is about a conversation."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        rows = connection.execute(f"SELECT rowid AS row_at, * FROM {table}").fetchall()
        for row in rows:
            for column in schema.metadata.tables[table].c.keys():
                for value in others(table, column, row[column]):
                    change = f"UPDATE OR IGNORE {table} SET {column} = ? WHERE rowid = ?"
                    if not connection.execute(change, (value, row["row_at"])).rowcount:
                        continue
                    at = value if column == "n" else row["row_at"]
                    if not any(one.damage.severity != "info" for one in Verification(store).found()):
                        print(table, column, row[column] if column != "raw" else "", value if column != "raw" else "", dict(row).get("id"))
                        yield f"{table}.{column}"
                    connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (row[column], at))


@pytest.mark.parametrize("table", TABLES)
def test_sweep(full: Store, table: str) -> None:
    path = Path(full.database.path)
    found = set(unnoticed(full, path, table))
    assert Verification(full).result(Verification(full).found()).damaged == 0
    assert found == set()
