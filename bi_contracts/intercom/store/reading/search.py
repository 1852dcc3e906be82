"""Searching the store: by words, by filters, newest or best first, a page at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection

from ..values import Found, Query
from .budget import Budget, OutOfTime
from .candidates import Candidate, Candidates
from .cursors import opened, question_of, sealed
from .filters import Filters, filters_of
from .hits import hits_of_conversations, hits_of_messages
from .listing import BEGIN, Listing
from .ranking import MOST, ranked
from .words import Words, words_of

if TYPE_CHECKING:
    from ..store import Store

LARGEST = 200
"""Conversations of a page, whatever is asked for."""


def search(store: Store, query: Query, budget: float) -> Found:
    """A page of what is found. Words may be anything: none is taken for syntax, and none makes this fail.

    With words, conversations are found by their messages: each once, with the newest message that has all the words,
    in the order of these; `since` and `until` are when it was written. Without words, conversations are in the order
    of their updates, and so are `since` and `until`. What is deleted is not found.

    Args:
        store: Where to search.
        query: What for.
        budget: Seconds. When they are over, what was found so far is answered, and the cursor goes on from there.

    Raises:
        CursorRefused: The cursor belongs to another search.
        StoreError: The store cannot be read.
    """
    words, clock = words_of(query.text), Budget(budget)
    places = _places(query, words)
    with store.reading() as connection:
        filters = filters_of(connection, query)
        if filters.nobody or not (words.phrases or words.blank):
            return Found(())
        return _Search(connection, query, words, filters, clock).page(places)


def _places(query: Query, words: Words) -> tuple[int, ...]:
    """Where a search goes on, as its cursor tells."""
    if not query.cursor:
        return ()
    return opened(question_of(query), query.cursor, 4 if query.ranked and words.phrases else 2)[0]


class _Search:
    """One page of one search."""

    def __init__(self, connection: Connection, query: Query, words: Words, filters: Filters, budget: Budget) -> None:
        self.connection, self.query, self.words, self.filters, self.budget = connection, query, words, filters, budget
        self.limit = max(1, min(query.limit, LARGEST))

    def page(self, places: tuple[int, ...]) -> Found:
        if not self.words.phrases:
            return self._updated(*(places or BEGIN))
        if self.query.ranked:
            return self._best(*places)
        return self._newest(*places)

    def _cursor(self, *places: int) -> str:
        return sealed(question_of(self.query), places)

    def _updated(self, updated_at: int, n: int) -> Found:
        listing = Listing(self.connection, self.filters, updated_at, n)
        found = listing.read(self.limit + 1, self.budget)
        shown = found[: self.limit]
        hits = hits_of_conversations(self.connection, self.words, [n for _, n in shown])
        if len(found) > self.limit:
            return Found(hits, self._cursor(*shown[-1]), "", listing.examined)
        if listing.more:
            return Found(hits, self._cursor(listing.updated_at, listing.n), "time", listing.examined)
        return Found(hits, "", "", listing.examined)

    def _newest(self, top: int | None = None, start: int | None = None) -> Found:
        candidates = self._candidates(top, start)
        messages: dict[int, int] = {}
        cut = ""
        try:
            for block in candidates.blocks(self.limit + self.limit // 2 + 1):
                for number, conversation in block:
                    messages.setdefault(conversation, number)
                if len(messages) > self.limit:
                    break
                if self.budget.spent:
                    raise OutOfTime
        except OutOfTime:
            cut = "time" if candidates.more else ""
        shown = list(messages.values())[: self.limit]
        hits = hits_of_messages(self.connection, self.words, shown)
        if len(messages) > self.limit:
            return Found(hits, self._cursor(candidates.top, shown[-1]), "", candidates.examined)
        cursor = self._cursor(candidates.top, candidates.position) if cut else ""
        return Found(hits, cursor, cut, candidates.examined)

    def _best(self, top: int | None = None, start: int | None = None, end: int = 0, skip: int = 0) -> Found:
        """A page of a batch: the newest messages that are left, ranked among themselves.

        `end` is where the batch ends that pages were answered of already, 0 for a new one.
        """
        candidates = self._candidates(top, start, end)
        batch, cut = self._batch(candidates, bounded=not end)
        lowest = max(1, self.filters.lo)
        if len(batch) > MOST:
            end = batch[MOST - 1][0]
        elif not end:
            end = candidates.position if cut else lowest
        order = ranked(self.connection, self.words, batch[:MOST])
        shown = order[skip : skip + self.limit]
        scores, numbers = [score for score, _ in shown], [number for _, number in shown]
        cursor = ""
        if skip + self.limit < len(order):
            cursor = self._cursor(candidates.top, candidates.start, end, skip + self.limit)
        elif end > lowest:
            cursor = self._cursor(candidates.top, end, 0, 0)
        cut = cut or ("candidates" if end > lowest else "")
        hits = hits_of_messages(self.connection, self.words, numbers, scores)
        return Found(hits, cursor, cut, candidates.examined)

    def _batch(self, candidates: Candidates, *, bounded: bool) -> tuple[list[Candidate], str]:
        """Candidates, one more than are ranked together where there are so many, and why there are not more."""
        batch: list[Candidate] = []
        try:
            for block in candidates.blocks(MOST + 1):
                batch += block
                if len(batch) > MOST:
                    break
                if bounded and self.budget.spent:
                    raise OutOfTime
        except OutOfTime:
            return batch, "time" if candidates.more else ""
        return batch, ""

    def _candidates(self, top: int | None, start: int | None, end: int = 0) -> Candidates:
        budget = None if end else self.budget
        return Candidates(self.connection, self.words, self.filters, top=top, start=start, end=end, budget=budget)
