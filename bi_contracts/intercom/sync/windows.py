"""Windows of `updated_at`, read whole while rows move in them: no cursor is trusted across time.

A window is read by its own order: what is asked for next begins at the second where the last page ended, and rows of
that second are recognised by their ids. Only inside one second that fills a page a cursor is followed. Pages that
repeat themselves, stand in no order or do not go on are not argued with: the window is halved until each piece fits
into one page, and such a piece is whole whatever its order.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Protocol

from ...errors import PaginationLoop
from ...paths import Json
from .api import PAGE, Page

AGAIN = 3
"""Times that a window is asked for whose rows are fewer than it says."""

MOST_PIECES = 20_000
"""Pieces of one window. More of them are no disorder: the search does not heed what it is asked for."""

_log = logging.getLogger("bi_contracts.intercom.sync")


class Search(Protocol):
    """`Intercom.search` of one stream."""

    async def __call__(
        self,
        after: int,
        before: int | None,
        *,
        newest_first: bool = ...,
        size: int = ...,
        following: str = ...,
        born: tuple[int, int] | None = ...,
    ) -> Page:
        """A page of rows updated above `after` and below `before`."""
        ...


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows of a window, and how far it is read with them.

    Attributes:
        rows: As they were sent.
        at: When they were answered.
        reached: Everything of the window up to here (down to here where the newest come first) was given, the second
            itself not always.
        total: Rows that were left in the window when it was asked.
        whole: False where the search gave fewer rows than it said, however often it was asked.
    """

    rows: list[Json] = field(repr=False)
    at: int
    reached: int
    total: int | None = None
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Key:
    """What tells a row's place: when it was updated, and its id."""

    moment: int
    id: str


@dataclass(frozen=True, slots=True)
class Span:
    """A window: updated above `lo` and up to `hi` (None: without end), created between two moments where it says so."""

    lo: int
    hi: int | None
    born: tuple[int, int] | None = None

    @property
    def before(self) -> int | None:
        return None if self.hi is None else self.hi + 1

    def holds(self, moment: int) -> bool:
        return self.lo < moment and (self.hi is None or moment <= self.hi)


def key_of(row: Json) -> Key | None:
    """The place of a row, None where it has none that can be read."""
    if not isinstance(row, dict):
        return None
    moment, id = row.get("updated_at"), row.get("id")
    good = isinstance(moment, int) and not isinstance(moment, bool) and moment >= 0 and isinstance(id, str | int)
    return Key(moment, str(id)) if good and id != "" else None  # type: ignore[arg-type]


async def slices(search: Search, span: Span, *, newest_first: bool = False, size: int = PAGE) -> AsyncIterator[Slice]:
    """Every row of a window, some of them more than once. Raises `UpstreamError`."""
    left, edge, passed, expected, at = span, frozenset[str](), span, 0, 0
    sure = span.hi if newest_first else span.lo
    while left.hi is None or left.lo < left.hi or expected:
        page = await search(left.lo, left.before, newest_first=newest_first, size=size)
        if page.total is not None and page.total < expected:
            # Rows left the window meanwhile, or the last page only looked as if it stood in order: it is read again.
            async for piece in pieces(search, passed, newest_first=newest_first, size=size):
                yield replace(piece, total=None)
        expected = 0
        keys = [key for row in page.rows if (key := key_of(row)) is not None]
        if not page.rows and not page.total:
            yield Slice([], page.at, _end(left, page.at, newest_first), 0)
            return
        if not _orderly(keys, left, newest_first):
            _log.warning("a search gave a page in no order: its window is halved until the pieces fit")
            async for piece in pieces(search, _closed(left, page, keys), newest_first=newest_first, size=size):
                yield piece
            return
        last, total, at = keys[-1].moment, page.total, page.at
        if _complete(page, keys):
            yield Slice(_but(page.rows, edge), page.at, _end(left, page.at, newest_first), total)
            return
        sure = page.at if sure is None else sure
        if keys[0].moment == last:
            piece = await second(search, replace(left, lo=last - 1, hi=last), size=size)
            piece, given = replace(piece, total=total, reached=sure), len(piece.rows)
            passed, left = _both(left, page, keys, last, newest_first, whole=True)
            edge = frozenset()
        else:
            piece = Slice(_but(page.rows, edge), page.at, sure, total)
            edge = frozenset(key.id for key in keys if key.moment == last)
            passed, left = _both(left, page, keys, last, newest_first, whole=False)
            given = sum(passed.holds(key.moment) for key in keys)
        expected, sure = (total or 0) - given, last
        del page, keys  # a page is some megabytes, and the next one is waited for
        yield piece
        del piece
    yield Slice([], at, span.lo if newest_first else left.lo, 0)


async def pieces(search: Search, span: Span, *, newest_first: bool = False, size: int = PAGE) -> AsyncIterator[Slice]:
    """A closed window, halved until each piece fits into one page."""
    assert span.hi is not None
    waiting, asked = [span], 0
    while waiting:
        now, asked = waiting.pop(), asked + 1
        if asked > MOST_PIECES:
            raise PaginationLoop("intercom: a search says that there is always more, however small its window is")
        assert now.hi is not None
        page = await search(now.lo, now.before, newest_first=newest_first, size=size)
        total = len(page.rows) if page.total is None else page.total
        reached = now.lo if newest_first else now.hi
        if total <= size and page.total is not None:
            yield replace(await _filled(search, now, page, size), reached=reached)
        elif not page.rows:
            yield Slice([], page.at, reached, total, whole=False)
        elif now.hi - now.lo > 1:
            middle = (now.lo + now.hi) // 2
            halves = [Span(now.lo, middle), Span(middle, now.hi)]
            waiting += halves if newest_first else halves[::-1]
        else:
            yield replace(await second(search, now, size=size, first=page), reached=reached)


async def second(search: Search, span: Span, *, size: int, first: Page | None = None) -> Slice:
    """All rows of one second: by its cursors until there are as many as it says, else by when they were created."""
    page = first or await search(span.lo, span.before, size=size)
    found, total, at, tokens = _by_id(page.rows), page.total, page.at, set[str]()
    while page.following and page.following not in tokens and (total is None or len(found) < total):
        tokens.add(page.following)
        page = await search(span.lo, span.before, size=size, following=page.following)
        before = len(found)
        found |= _by_id(page.rows)
        if len(found) == before:
            break
    whole = total is not None and len(found) >= total
    if not whole and total is not None:
        whole = await _by_birth(search, span, found, size, _DEEPEST) and len(found) >= total
    return Slice(list(found.values()), at, span.lo, total, whole)


async def _by_birth(search: Search, span: Span, found: dict[str, Json], size: int, depth: int) -> bool:
    """Rows of one second, told apart by when they were created. Whether all were found."""
    page = await search(span.lo, span.before, size=size, born=span.born or (-1, _LATEST))
    found |= _by_id(page.rows)
    unique = _by_id(page.rows)
    if page.total is not None and len(unique) >= page.total:
        return True
    births = sorted(row["created_at"] for row in unique.values() if isinstance(row.get("created_at"), int))
    low, high = span.born or (-1, _LATEST)
    if not births or births[0] == births[-1] or not low < births[0] <= births[-1] < high or not depth:
        return False
    middle = max(births[len(births) // 2], births[0] + 1)
    parts = (replace(span, born=(low, middle)), replace(span, born=(middle - 1, high)))
    return all([await _by_birth(search, part, found, size, depth - 1) for part in parts])


async def _filled(search: Search, span: Span, page: Page, size: int) -> Slice:
    """A window that fits into a page, asked for again while the page has fewer rows than it says."""
    found = _by_id(page.rows)
    for _ in range(AGAIN):
        if page.total is None or len(found) >= page.total:
            break
        page = await search(span.lo, span.before, size=size)
        found |= _by_id(page.rows)
    odd = [row for row in page.rows if key_of(row) is None]
    whole = page.total is None or len(found) + len(odd) >= page.total
    return Slice([*found.values(), *odd], page.at, span.lo, page.total, whole)


def _orderly(keys: list[Key], span: Span, newest_first: bool) -> bool:
    """Whether a page can be gone on from: rows of its window, in order, each once."""
    if not keys or len({key.id for key in keys}) < len(keys):
        return False
    moments = [key.moment for key in keys]
    ordered = moments == sorted(moments, reverse=newest_first)
    return ordered and span.holds(moments[0]) and span.holds(moments[-1])


def _complete(page: Page, keys: list[Key]) -> bool:
    """Whether a page holds all that is left: as many rows as there are, or no word of more."""
    return len(page.rows) >= page.total if page.total is not None else not page.following and bool(keys)


def _closed(span: Span, page: Page, keys: list[Key]) -> Span:
    """The window with an end, for halving: no row is newer than the newest that was shown, or than now."""
    if span.hi is not None:
        return span
    return replace(
        span, hi=max([page.at + 1, span.lo + 1, *(key.moment for key in keys if key.moment <= page.at + _DAY)])
    )


def _end(span: Span, at: int, newest_first: bool) -> int:
    return span.lo if newest_first else (at if span.hi is None else span.hi)


def _both(span: Span, page: Page, keys: list[Key], last: int, newest_first: bool, *, whole: bool) -> tuple[Span, Span]:
    """What of a window was passed, and what is left of it; the last second is of the former where it was read whole."""
    if newest_first:
        cut = last - whole
        return replace(_closed(span, page, keys), lo=cut), replace(span, hi=cut)
    cut = last - (not whole)
    return Span(span.lo, cut), replace(span, lo=cut)


def _but(rows: list[Json], edge: frozenset[str]) -> list[Json]:
    """The rows that the last page did not have."""
    return [row for row in rows if (key := key_of(row)) is None or key.id not in edge]


def _by_id(rows: list[Json]) -> dict[str, Json]:
    return {key.id: row for row in rows if (key := key_of(row)) is not None}


_DAY = 86_400
_DEEPEST = 40
_LATEST = 2**33
