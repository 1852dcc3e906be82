"""Messages that a search may answer with: they have its words, and their conversations pass its filters."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from sqlalchemy import Connection, select

from ..schema import TIE_BITS, conversations, parts
from .budget import Budget
from .filters import LATEST, Filters
from .listing import Listing
from .matching import among, messages_of, one_of, rarest_first
from .walking import Down, Walk
from .within import Within
from .words import Words

Candidate: TypeAlias = tuple[int, int]
"""A message and its conversation, by their numbers."""

_FEW = 16
"""Conversations that pass a filter and are few enough to look at all of their messages."""

_TRIED, _PASS = 90, 16
"""Messages with the words that are looked at first: if fewer than one of so many pass, it is gone by the filter."""

_NEWER = 300
"""Conversations above a cursor that are few enough to pass them by again."""

_SMALLEST, _LARGEST = 16, 1024
"""Messages of a block after the first."""


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
        self._connection, self._words, self._filters, self._budget = connection, words, filters, budget
        hi = filters.hi if start is None else min(start, filters.hi)
        lo = max(end, filters.lo)
        listing = _listing(connection, filters, hi)
        self._other = None if listing is None or budget is None else listing
        if self._other is not None and self._other.count_from(0, _FEW) < _FEW:
            self._walk: Walk = self._within(lo, hi, math.inf)
        else:
            self._words = rarest_first(connection, words)
            self._walk = Down(connection, self._words, lo, hi, budget)
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
        size, passed = first, 0
        while found := self._walk.block(size):
            self.examined += len(found)
            kept = self._kept(found)
            passed += len(kept)
            yield self._fresh(kept)
            enough = (first - passed) * self.examined // passed if passed else _LARGEST
            size = min(size * 2, _LARGEST, max(enough, _SMALLEST))
            if self._other is not None and self.examined >= _TRIED and passed * _PASS < self.examined:
                self._walk = self._within(self._walk.lo, self._walk.position, self._walk.rate)

    def _within(self, lo: int, hi: int, rate: float) -> Within:
        """The way by the filter, taken once."""
        assert self._other is not None
        listing, self._other = self._other, None
        return Within(self._connection, self._words, listing, lo, hi, rate=rate, budget=self._budget)

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
        again = among(self._connection, self._words, [number for number, _ in newer])
        shown = {conversation for number, conversation in newer if number in again}
        return [one for one in found if one[1] not in shown]


def _listing(connection: Connection, filters: Filters, hi: int) -> Listing | None:
    """The conversations that pass a filter, None where none leads to them, or too many stand above the place."""
    if not filters.narrow:
        return None
    # Conversations are read by their updates, whenever their messages were written.
    listing = Listing(connection, replace(filters, since=max(0, filters.since - 3600), until=LATEST + 1))
    if hi < filters.hi and listing.count_from(hi >> TIE_BITS, _NEWER) == _NEWER:
        return None
    return listing
