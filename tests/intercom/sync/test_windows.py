"""Windows are read whole, whatever the pages of a search look like."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from bi_contracts.errors import PaginationLoop
from bi_contracts.intercom.store.values import Range
from bi_contracts.intercom.sync import windows
from bi_contracts.intercom.sync.api import Page
from bi_contracts.intercom.sync.backfill import uncovered
from bi_contracts.intercom.sync.windows import Slice, Span, key_of, pieces, slices

Json = Any
SIZE = 4


@dataclass
class Lying:
    """A search over rows, that may order them wrongly, and whose cursors may lead nowhere.

    Attributes:
        order: `right`, `shuffled`, or `none` (as they were made, whatever was asked for).
        cursors: `right`, `loop` (each names itself), `same` (each gives the first page), `none`.
        most: Rows of a page, however many were asked for.
    """

    rows: list[Json]
    order: str = "right"
    cursors: str = "right"
    most: int = SIZE
    calls: int = 0

    async def __call__(
        self,
        after: int,
        before: int | None,
        *,
        newest_first: bool = False,
        size: int = SIZE,
        following: str = "",
        born: tuple[int, int] | None = None,
    ) -> Page:
        self.calls += 1
        assert self.calls < 3000
        found = [
            row for row in self.rows if after < row["updated_at"] and (before is None or row["updated_at"] < before)
        ]
        if born is not None:
            found = [row for row in found if born[0] < row["created_at"] < born[1]]
        if self.order == "right":
            found.sort(key=lambda row: row["updated_at"], reverse=newest_first)
        size = min(size, self.most)
        start = int(following or 0)
        shown = found[:size] if self.cursors == "same" else found[start : start + size]
        if self.order == "shuffled":
            shown = random.Random(self.calls).sample(shown, len(shown))
        end = start + size
        following = {"loop": str(start or size), "none": ""}.get(self.cursors, str(end)) if end < len(found) else ""
        return Page(shown, 2000, len(found), following)


def rows(moments: list[int]) -> list[Json]:
    return [{"id": str(n), "updated_at": at, "created_at": 500 - n} for n, at in enumerate(moments)]


def read(search: Lying, span: Span, **settings: Any) -> list[Slice]:
    async def work() -> list[Slice]:
        return [one async for one in slices(search, span, size=SIZE, **settings)]

    return asyncio.run(work())


def ids(found: list[Slice]) -> set[str]:
    return {key.id for one in found for row in one.rows if (key := key_of(row)) is not None}


moments = some.lists(some.integers(1, 40), max_size=40)


@settings(max_examples=150, deadline=None)
@given(
    moments=moments,
    order=some.sampled_from(["right", "shuffled", "none"]),
    cursors=some.sampled_from(["right", "loop", "same", "none"]),
    newest_first=some.booleans(),
    lo=some.integers(0, 20),
    hi=some.none() | some.integers(21, 45),
)
def test_every_row_of_a_window_is_given(
    moments: list[int], order: str, cursors: str, newest_first: bool, lo: int, hi: int | None
) -> None:
    """In order or not, cursors that lead on or not: rows of one second are told apart by when they were created."""
    search = Lying(rows(moments), order, cursors)
    found = read(search, Span(lo, hi), newest_first=newest_first)
    wanted = {row["id"] for row in search.rows if lo < row["updated_at"] and (hi is None or row["updated_at"] <= hi)}
    assert ids(found) == wanted
    assert all(one.whole for one in found)


@settings(max_examples=60, deadline=None)
@given(moments=moments, newest_first=some.booleans(), order=some.sampled_from(["right", "none"]))
def test_what_is_said_to_be_reached_was_given(moments: list[int], newest_first: bool, order: str) -> None:
    """Whoever stops after any slice has all rows up to there, the last second aside."""
    search, given = Lying(rows(moments), order), set[str]()
    for one in read(search, Span(0, 50), newest_first=newest_first):
        given |= ids([one])
        passed = [
            row
            for row in search.rows
            if (row["updated_at"] > one.reached if newest_first else row["updated_at"] < one.reached)
        ]
        assert {row["id"] for row in passed} <= given


def test_rows_in_order_cost_a_call_a_page() -> None:
    """Rows of the last page's second are read again, nothing else."""
    search = Lying(rows(list(range(1, 101))))
    assert len(ids(read(search, Span(0, None)))) == 100
    assert search.calls <= 34


def test_a_page_that_is_shorter_than_asked_for_is_gone_on_from() -> None:
    """A search may give fewer rows than were asked for."""
    search = Lying(rows(list(range(1, 21))), most=3)
    assert len(ids(read(search, Span(0, None)))) == 20


def test_a_second_that_cannot_be_read_whole_is_said_not_to_be() -> None:
    """Where the cursors lead nowhere and all were created at once."""
    same = [{"id": str(n), "updated_at": 7, "created_at": 3} for n in range(9)]
    found = read(Lying(same, cursors="loop"), Span(0, None))
    assert {one.whole for one in found if one.rows} == {False}


@pytest.mark.parametrize("short", [1, 5])
def test_a_window_that_says_more_than_it_gives_is_asked_for_again(short: int) -> None:
    """A few times; then it is said that it is not whole."""

    class Short(Lying):
        async def __call__(self, *asked: Any, **settings: Any) -> Page:
            page = await super().__call__(*asked, **settings)
            return Page(page.rows[1:], page.at, page.total, "") if self.calls <= short else page

    search = Short(rows([1, 2, 3]))

    async def work() -> list[Slice]:
        return [one async for one in pieces(search, Span(0, 10), size=SIZE)]

    found = asyncio.run(work())
    assert found[0].whole is (short == 1)


@pytest.mark.parametrize("given", [0, 2])
def test_a_search_that_says_there_is_always_more_comes_to_an_end(given: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it gives."""
    monkeypatch.setattr(windows, "MOST_PIECES", 50)

    class Endless(Lying):
        async def __call__(self, *_: Any, **__: Any) -> Page:
            self.calls += 1
            return Page(rows([9, 3])[:given], 2000, 900, "")

    search = Endless([])
    if given:
        with pytest.raises(PaginationLoop):
            read(search, Span(0, 10_000))
    else:
        assert not all(one.whole for one in read(search, Span(0, 10_000)))
    assert search.calls <= 200


def test_a_search_without_counts_is_read_to_its_end() -> None:
    """The page without a following one is the last."""

    class Countless(Lying):
        async def __call__(self, *asked: Any, **settings: Any) -> Page:
            page = await super().__call__(*asked, **settings)
            return Page(page.rows, page.at, None, page.following)

    for newest_first in (True, False):
        assert len(ids(read(Countless(rows([1, 1, 2, 3, 5, 8, 13, 21])), Span(0, 30), newest_first=newest_first))) == 8


@pytest.mark.parametrize(
    "row", [None, [], {}, {"id": "1"}, {"id": "", "updated_at": 5}, {"id": "1", "updated_at": True}]
)
def test_a_row_without_id_or_time_has_no_place(row: Json) -> None:
    """It is nobody's neighbour; what is wrong with it is said where it is decoded."""
    assert key_of(row) is None


def test_rows_without_a_place_are_handed_on() -> None:
    """They become dead letters."""
    odd = {"id": "odd", "updated_at": "soon", "created_at": 1}

    class Odd(Lying):
        async def __call__(self, *asked: Any, **settings: Any) -> Page:
            page = await super().__call__(*asked, **settings)
            return Page([*page.rows, odd], page.at, (page.total or 0) + 1, page.following)

    found = read(Odd(rows([1, 2])), Span(0, None))
    assert odd in found[0].rows


ranges = some.lists(some.tuples(some.integers(0, 30), some.integers(0, 30)).map(sorted), max_size=5)


@given(wanted=some.tuples(some.integers(0, 30), some.integers(0, 30)).map(sorted), held=ranges)
def test_what_is_not_covered_is_found(wanted: list[int], held: list[list[int]]) -> None:
    """Every second of it, and no other; the newest first."""
    found = list(uncovered(Range(*wanted), [Range(*one) for one in held]))
    for at in range(32):
        missing = wanted[0] < at <= wanted[1] and not any(lo < at <= hi for lo, hi in held)
        assert sum(one.lo < at <= one.hi for one in found) == missing
    assert [one.hi for one in found] == sorted((one.hi for one in found), reverse=True)
