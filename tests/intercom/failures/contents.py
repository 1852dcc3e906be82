"""What a store holds, in a form that does not tell how it came there."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, select

from bi_contracts.intercom.store import schema as tables
from bi_contracts.intercom.store.store import Store

LOGS = ("runs", "leases", "drift")
"""Tables about syncs, not about Intercom."""

LOOKS = ("deleted", "reconciled")
"""Cursors that only say when something was looked at."""


def contents(store: Store) -> dict[str, list[Any]]:
    """Table -> its rows, sorted. Numbers of conversations are replaced by their ids."""
    with store.reading() as connection:
        row = tables.conversations.c
        ids = {n: id for n, id in connection.execute(select(row.n, row.id))}  # noqa: C416
        found = {}
        for table in tables.metadata.sorted_tables:
            if table.name not in LOGS:
                rows = connection.execute(select(table)).mappings()
                found[table.name] = sorted((_plain(table, dict(one), ids) for one in rows), key=repr)
        return found


def _plain(table: Table, row: dict[str, Any], ids: dict[int, str]) -> dict[str, Any]:
    if table is tables.conversations:
        del row["n"]
    elif table is tables.cursors:
        del row["at"]
        if row["stream"] in LOOKS:
            del row["value"]
    elif "conversation" in row:
        row["conversation"] = ids[row["conversation"]]
    return row
