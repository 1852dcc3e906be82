"""Messages that a search may answer with: they have its words, and their conversations pass its filters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from sqlalchemy import Connection, select

from ..schema import TIE_BITS, conversations, parts
from .budget import Budget, OutOfTime
from .filters import LATEST, Filters
from .listing import Listing
from .matching import among_near, matches, messages_of, one_of
from .walking import Down, Walk
from .within import Within
from .words import Words

Candidate: TypeAlias = tuple[int, int]
"""A message and its conversation, by their numbers."""

_RARE = 300
"""Messages with the words that are few enough to look at all of them."""

_NEWER = 300
"""Conversations above a cursor that are few enough to pass them by again."""

_LARGEST = 1024
"""Messages of a block."""


class Candidates:
    """The candidates of a search, newest first, from a place on.

    Attributes:
        top: Messages from this number on are left out: they came after the first page, or the filters exclude them.
        start: Messages from this number on were answered with on a page before.
        examined: Messages that were looked at.
    """

    def __init__(
        self,
        connection: Connection,
        words: Words,
        filters: Filters,
        *,
        top: int | None,
        start: int | None,
        end: int,
        budget: Budget | None,
    ) -> None:
        self._connection, self._words, self._filters = connection, words, filters
        hi = filters.hi if start is None else min(start, filters.hi)
        self._walk = _walk(connection, words, filters, max(end, filters.lo), hi, budget)
        self.start = self._walk.position if start is None else start
        self.top = self.start if top is None else top
        self.examined = 0

    @property
    def position(self) -> int:
        """Everything from this number on was looked at."""
        return self._walk.position

    @property
    def more(self) -> bool:
        """Whether there may be more."""
        return self._walk.position > self._walk.lo

    def blocks(self, first: int) -> Iterator[list[Candidate]]:
        """Blocks of candidates; the first one is of so many messages. Raises `OutOfTime`."""
        size = first
        while found := self._walk.block(size):
            self.examined += len(found)
            yield self._fresh(self._kept(found))
            size = min(size * 2, _LARGEST)

    def _kept(self, numbers: Sequence[int]) -> list[Candidate]:
        asked = (
            select(parts.c.n, parts.c.conversation)
            .join(conversations, conversations.c.n == parts.c.conversation)
            .where(one_of(self._connection, parts.c.n, numbers), *self._filters.kept(self._connection))
        )
        return sorted((tuple(row) for row in self._connection.execute(asked)), reverse=True)

    def _fresh(self, found: list[Candidate]) -> list[Candidate]:
        """Without conversations that were answered with on a page before: a newer message of theirs has the words."""
        if self.start >= self.top or not found:
            return found
        newer = messages_of(self._connection, {conversation for _, conversation in found}, self.start, self.top)
        again = among_near(self._connection, self._words, [number for number, _ in newer])
        shown = {conversation for number, conversation in newer if number in again}
        return [one for one in found if one[1] not in shown]


def _walk(connection: Connection, words: Words, filters: Filters, lo: int, hi: int, budget: Budget | None) -> Walk:
    """The way on which the fewest messages are looked at in vain."""
    if not filters.narrow or _rare(connection, words, lo, hi, budget):
        return Down(connection, words, lo, hi, budget)
    # Conversations are read by their updates, whenever their messages were written.
    listing = Listing(connection, replace(filters, since=max(0, filters.since - 3600), until=LATEST + 1))
    if hi < filters.hi and listing.count_from(hi >> TIE_BITS, _NEWER) == _NEWER:
        return Down(connection, words, lo, hi, budget)
    return Within(connection, words, listing, lo, hi, budget)


def _rare(connection: Connection, words: Words, lo: int, hi: int, budget: Budget | None) -> bool:
    """Whether so few messages have the words, or finding some takes so long, that these are all looked at sooner."""
    if budget is None:
        return True
    try:
        with Budget(budget.left / 4).over(connection):
            return len(matches(connection, words, lo, hi, _RARE)) < _RARE
    except OutOfTime:
        return True
