"""Going down through the messages of the conversations that pass a filter, where the words alone are frequent."""

from __future__ import annotations

import time
from bisect import bisect_left

from sqlalchemy import Connection

from ..schema import TIE_BITS
from .budget import Budget, OutOfTime
from .listing import Listing
from .matching import among, matches, messages_of
from .walking import ends
from .words import Words

_SLACK = 3_600
"""Seconds that a message may be newer than its conversation says it was updated."""

_CHUNK, _LARGEST = 32, 512
"""Conversations that are read together: first, and at most."""

_READ, _SINGLE = 256, 128
"""Messages with the words that are read together, and messages whose texts are."""

_COST = 20e-6
"""Seconds in which the text of one message is read and looked through."""


class Within:
    """Down through the messages of a listing's conversations.

    Conversations come in the order of their updates, and no message is newer than its conversation's update: so that
    down to the update of the last conversation that was read, its messages are all there are. Which of them have the
    words is read from all that have, where that is quick, or from their own texts.
    """

    def __init__(
        self,
        connection: Connection,
        words: Words,
        listing: Listing,
        lo: int,
        hi: int,
        *,
        rate: float,
        budget: Budget | None,
    ) -> None:
        first, last = ends(connection)
        hi = min(hi, last + 1)
        self.lo = min(hi, max(lo, first))
        self.position = self._begin = hi
        self._connection, self._words, self._listing, self._budget = connection, words, listing, budget
        self._numbers: list[int] = []  # of messages below the position, ascending
        self._known = hi  # these are complete from there on
        self._chunk = _CHUNK
        self.rate = rate

    def block(self, most: int) -> list[int]:  # noqa: ARG002
        """As `Walk.block`."""
        while self.position > self.lo:
            if self.position < self._begin and self._budget is not None and self._budget.spent:
                raise OutOfTime
            if self._known >= self.position:
                self._read()
            elif found := self._step():
                return found
        return []

    def _read(self) -> None:
        """The messages of the next conversations."""
        found = self._listing.read(self._chunk, self._budget)
        rows = messages_of(self._connection, {number for _, number in found}, self.lo, self.position)
        self._numbers = sorted([*self._numbers, *(number for number, _ in rows)])
        known = (self._listing.updated_at + 1 + _SLACK) << TIE_BITS
        self._known = max(self.lo, known) if self._listing.more else self.lo
        self._chunk = min(self._chunk * 2, _LARGEST)

    def _step(self) -> list[int]:
        """Those with the words among the newest messages that are known."""
        numbers = self._numbers[bisect_left(self._numbers, self._known) :]
        found: list[int] = []
        low = self._known
        if numbers and self._close(numbers):
            begun = time.perf_counter()
            found = matches(self._connection, self._words, self._known, self.position, _READ)
            low = found[-1] if len(found) == _READ else self._known
            self.rate = (time.perf_counter() - begun) / (self.position - low)
            found = sorted(set(found).intersection(numbers), reverse=True)
        elif numbers:
            some = numbers[-_SINGLE:]
            low = some[0]
            found = sorted(among(self._connection, self._words, some), reverse=True)
        del self._numbers[bisect_left(self._numbers, low) :]
        self.position = low
        return found

    def _close(self, numbers: list[int]) -> bool:
        """Whether all messages that have the words are read sooner than the texts of those that are known."""
        some = numbers[-_SINGLE:]
        return (self.position - some[0]) * self.rate < len(some) * _COST
