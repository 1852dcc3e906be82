"""Going down through the messages that have words, the newest first, a block at a time."""

from __future__ import annotations

import math
import time
from typing import Protocol

from sqlalchemy import Connection, func, select

from ..schema import TIE_BITS, parts
from .budget import Budget, OutOfTime
from .matching import matches
from .words import Words

_WINDOWS = 64
"""The first window is this part of all time that there is."""

_WIDER, _NARROWER = 4, 16
_QUICK = 8
"""A window that took less than this part of the budget is followed by a wider one."""

_SECOND = 1 << TIE_BITS


class Walk(Protocol):
    """A way down.

    Attributes:
        position: Whatever is numbered from there on was looked at.
        lo: Where the way ends.
        rate: Seconds that it took for each number to read the messages that have the words.
    """

    position: int
    lo: int
    rate: float

    def block(self, most: int) -> list[int]:
        """The next messages, newest first; none at the end. Raises `OutOfTime`; `position` tells how far it came."""
        ...


class Down:
    """Down through everything.

    FTS5 streams what it finds, and goes on to the next match wherever that is: time is one window. PostgreSQL finds
    all of a window before it answers, so that windows begin small; they grow while they are quick. Something is
    searched whatever the budget, so that who goes on from a cursor gets somewhere: the first window is finished.
    """

    def __init__(self, connection: Connection, words: Words, lo: int, hi: int, budget: Budget | None) -> None:
        first, last = ends(connection)
        hi = min(hi, last + 1)
        self.lo = min(hi, max(lo, first))
        self.position = self._begin = hi
        self._connection, self._words, self._budget = connection, words, budget
        self.rate = math.inf
        streams = connection.dialect.name == "sqlite"
        self._width = max(_SECOND, (hi - self.lo) // (1 if streams else _WINDOWS))
        self._narrower = 1 if streams else _NARROWER

    def block(self, most: int) -> list[int]:
        while (before := self.position) > self.lo:
            begun = time.perf_counter()
            found, floor = self._window(most)
            self.position = found[-1] if len(found) == most else floor
            self.rate = (time.perf_counter() - begun) / (before - self.position)
            if found:
                return found
        return []

    def _window(self, most: int) -> tuple[list[int], int]:
        """The newest messages of the next window, and where it ends."""
        first = self.position == self._begin
        if self._budget is None or (first and self._budget.spent):
            return self._searched(most)
        before = self._budget.left
        try:
            with self._budget.over(self._connection):
                found = self._searched(most)
        except OutOfTime:
            if not first:
                raise
            # Nothing was searched yet: less of it, or all, however long that takes.
            self._width = max(_SECOND, self._width // self._narrower)
            return self._searched(most)
        if (before - self._budget.left) * _QUICK < self._budget.seconds:
            self._width *= _WIDER
        return found

    def _searched(self, most: int) -> tuple[list[int], int]:
        floor = max(self.lo, self.position - self._width)
        return matches(self._connection, self._words, floor, self.position, most), floor


def ends(connection: Connection) -> tuple[int, int]:
    """The numbers of the oldest and of the newest message, 0 where there is none."""
    # Each by itself: asked for together SQLite reads the whole table.
    oldest, newest = (select(end(parts.c.n)).scalar_subquery() for end in (func.min, func.max))
    first, last = connection.execute(select(oldest, newest)).one()
    return first or 0, last or 0
