"""Counters of what a store holds, kept in step by every batch, so that nobody counts rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import ColumnElement, Connection, bindparam, func, select, update

from .database import Row
from .schema import contacts, conversations, counters, dead_letters, tickets

NAMES = (
    "conversations",  # that are not deleted; of them:
    "heads",  # no body yet
    "truncated",
    "parts",  # of them, first messages not counted
    "pending",  # bodies to be fetched, also of deleted ones that were seen again
    "deleted",
    "contacts",  # neither deleted nor merged into another
    "tickets",
    "dead_letters",
)


class Tally:
    """What changed since a batch began."""

    def __init__(self) -> None:
        self.changes: dict[str, int] = dict.fromkeys(NAMES, 0)

    def add(self, name: str, many: int = 1) -> None:
        self.changes[name] += many

    def conversation(self, row: Row, sign: int) -> None:
        """Counts a row of `conversations` in (1) or out (-1)."""
        changes = self.changes
        if row["pending"]:
            changes["pending"] += sign
        if row["deleted_at"] is not None:
            changes["deleted"] += sign
            return
        changes["conversations"] += sign
        changes["parts"] += sign * row["parts_held"]
        if row["body_at"] is None:
            changes["heads"] += sign
        if row["truncated"]:
            changes["truncated"] += sign

    def write(self, connection: Connection) -> None:
        changed = [{"named": name, "many": many} for name, many in self.changes.items() if many]
        if changed:
            by = {"value": counters.c.value + bindparam("many")}
            connection.execute(update(counters).where(counters.c.name == bindparam("named")).values(by), changed)


def read(connection: Connection) -> dict[str, int]:
    """The counters as they stand."""
    held = {row.name: row.value for row in connection.execute(select(counters.c.name, counters.c.value))}
    return {name: held.get(name, 0) for name in NAMES}


def recounted(connection: Connection) -> dict[str, int]:
    """What the counters ought to be, by counting every row."""
    row = conversations.c
    live = row.deleted_at.is_(None)
    found: Mapping[str, Iterable[ColumnElement[bool]]] = {
        "conversations": (live,),
        "heads": (live, row.body_at.is_(None)),
        "truncated": (live, row.truncated),
        "pending": (row.pending,),
        "deleted": (~live,),
    }
    counts = {
        name: connection.execute(select(func.count()).select_from(conversations).where(*where)).scalar_one()
        for name, where in found.items()
    }
    counts["parts"] = int(
        connection.execute(select(func.coalesce(func.sum(row.parts_held), 0)).where(live)).scalar_one()
    )
    whole = (
        select(func.count()).select_from(contacts).where(contacts.c.deleted_at.is_(None), contacts.c.merged_into == "")
    )
    counts["contacts"] = connection.execute(whole).scalar_one()
    held = select(func.count()).select_from(tickets).where(tickets.c.deleted_at.is_(None))
    counts["tickets"] = connection.execute(held).scalar_one()
    counts["dead_letters"] = connection.execute(select(func.count()).select_from(dead_letters)).scalar_one()
    return {name: counts[name] for name in NAMES}
