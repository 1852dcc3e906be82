"""Conversations without any word asked for: the last updated first."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, FromClause, and_, or_, select
from sqlalchemy.sql.elements import ColumnElement

from ..schema import conversation_contacts, conversations
from .budget import Budget
from .filters import LATEST, Filters, tagged
from .matching import one_of

_LARGEST = 2048
"""Conversations of a block."""

_FEW = 2_000
"""Conversations of a contact that are sorted; where there are more, everybody's are read in order."""


BEGIN = (LATEST + 1, 0)
"""Before the first one."""


class Listing:
    """Conversations that pass filters in their order, from a place on.

    Attributes:
        updated_at: Of the last one that was looked at.
        n: Its number.
        more: Whether there may be more.
        examined: How many were looked at.
    """

    def __init__(self, connection: Connection, filters: Filters, updated_at: int = BEGIN[0], n: int = BEGIN[1]) -> None:
        self.updated_at, self.n = updated_at, n
        self.more, self.examined = True, 0
        self._connection, self._filters = connection, filters
        self._source = _source(connection, filters)
        self._kept = and_(*filters.kept(connection))

    def read(self, wanted: int, budget: Budget | None) -> list[tuple[int, int]]:
        """(updated_at, number) of the next ones; fewer than are wanted at the end, or out of time."""
        found: list[tuple[int, int]] = []
        size, before = wanted, self.examined
        while self.more and len(found) < wanted:
            if budget is not None and self.examined > before and budget.spent:
                break
            found += self._block(size)
            size = min(size * 2, _LARGEST)
        return found

    def count_from(self, updated_at: int, most: int) -> int:
        """How many there are that were updated then or later, whether they pass or not, and at most so many."""
        source = self._source
        asked = select(source.n).select_from(source.table).where(*source.where, source.updated_at >= updated_at)
        return len(self._connection.execute(asked.limit(most)).all())

    def _block(self, size: int) -> list[tuple[int, int]]:
        at, n = self._source.updated_at, self._source.n
        asked = (
            select(at, n, self._kept.label("kept"))
            .select_from(self._source.table)
            .where(*self._source.where, at >= self._filters.since, at < self._filters.until, at <= self.updated_at)
            .where(or_(at < self.updated_at, n > self.n))
            .order_by(at.desc(), n)
            .limit(size)
        )
        rows = self._connection.execute(asked).all()
        self.examined += len(rows)
        self.more = len(rows) == size
        if rows:
            self.updated_at, self.n, _ = rows[-1]
        return [(at, n) for at, n, kept in rows if kept]


@dataclass(frozen=True, slots=True)
class _Source:
    """Where conversations are read in order: of these few, as few as can be are looked at in vain."""

    table: FromClause
    updated_at: ColumnElement[int]
    n: ColumnElement[int]
    where: tuple[ColumnElement[bool], ...] = ()


def _source(connection: Connection, filters: Filters) -> _Source:
    row = conversations.c
    whose = _few(connection, filters)
    if whose is not None:
        # Sorted, not read in order: the index of updates would go through everybody's.
        return _Source(conversations, row.updated_at + 0, row.n, (one_of(connection, row.n, whose),))
    if filters.tag:
        joined = tagged.join(conversations, row.n == tagged.c.conversation)
        return _Source(joined, tagged.c.updated_at, tagged.c.conversation, (tagged.c.tag == filters.tag,))
    for column, value in ((row.admin_id, filters.admin), (row.team_id, filters.team), (row.state, filters.state)):
        if value:
            return _Source(conversations, row.updated_at, row.n, (column == value,))
    return _Source(conversations, row.updated_at, row.n)


def _few(connection: Connection, filters: Filters) -> list[int] | None:
    """The conversations of a contact, None where there are many, or nobody asks for one."""
    if filters.contacts is None:
        return None
    link = conversation_contacts.c
    asked = select(link.conversation).where(one_of(connection, link.contact, filters.contacts)).limit(_FEW)
    found = sorted(set(connection.execute(asked).scalars()))
    return None if len(found) == _FEW else found
