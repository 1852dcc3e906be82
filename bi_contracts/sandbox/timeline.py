"""The rows of one list in the order of a number in them, such as a time: a range of it costs no look at every row.

Rows that nobody wrote never change, so that their order is found once; those that somebody wrote are put between
them where they belong now.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..paths import Json, dig
from ..queries import All, Condition, Query
from ..queries.predicate import Predicate
from .collection import Collection
from .rows import Positions, Rows

LARGEST = 1 << 62
"""Numbers beyond this are compared row by row."""

_ENDS = {"gt": (1, None), "ge": (0, None), "lt": (None, -1), "le": (None, 0), "eq": (0, 0)}
"""Operator -> what is added to a whole number to get the first and the last that it lets through."""


@dataclass(frozen=True, slots=True)
class Span:
    """The whole numbers from `low` to `high` at a path; `rest` is what a query wants beside that."""

    path: str
    low: int = -LARGEST
    high: int = LARGEST
    rest: tuple[Predicate, ...] = ()

    @classmethod
    def of(cls, query: Query) -> Span | None:
        """The range that a query asks for, None where it asks for none, or sorts by something else."""
        conditions = list(_conditions(query.where))
        paths = [one.path for one in conditions if isinstance(one, Condition) and _ranged(one)]
        if not paths or len(query.order) > 1 or (query.order and query.order[0].path not in paths):
            return None
        span = cls(query.order[0].path if query.order else paths[0])
        for one in conditions:
            span = span.narrowed(one)
        return span

    def narrowed(self, by: Predicate) -> Span:
        """The range that is left when one more thing is wanted."""
        if not isinstance(by, Condition) or by.path != self.path or not _ranged(by):
            return Span(self.path, self.low, self.high, (*self.rest, by))
        first, last = _ENDS[by.operator]
        low = self.low if first is None else max(self.low, by.value + first)
        high = self.high if last is None else min(self.high, by.value + last)
        return Span(self.path, low, high, self.rest)


def _conditions(where: Predicate) -> Iterator[Predicate]:
    if isinstance(where, All):
        for part in where.parts:
            yield from _conditions(part)
    else:
        yield where


def _ranged(one: Condition) -> bool:
    return one.operator in _ENDS and _whole(one.value) and abs(one.value) < LARGEST


def _whole(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


class Timeline:
    """The rows of a list by the number at one path, in one direction. Equal ones stand as they do in the list."""

    def __init__(self, source: Collection, path: str, *, descending: bool) -> None:
        """Raises ValueError where some row has no whole number there."""
        self.source = source
        self.path = path
        self.sign = -1 if descending else 1
        self.values = array("q", (self._untouched(position) for position in range(source.count)))
        order = sorted(range(source.count), key=lambda position: self.sign * self.values[position])
        self.positions = array("q", order)
        self.numbers = array("q", (self.sign * self.values[position] for position in order))

    def _untouched(self, position: int) -> int:
        name = frozenset((self.path.partition(".")[0],))
        exact = self.source.exact is not None
        row = self.source.untouched(position) if exact else self.source.members(position, name)
        return _number(dig(row, self.path))

    def between(self, rows: Rows, low: int, high: int) -> Sequence[int]:
        """The positions of rows with a number from `low` to `high`. Raises ValueError as the constructor does."""
        ends = (low, high) if self.sign > 0 else (-high, -low)
        start, stop = bisect_left(self.numbers, ends[0]), bisect_right(self.numbers, ends[1])
        written = self._written(rows)
        if not written and not isinstance(rows.positions, Positions):
            return self.positions[start:stop]
        moved = self.source.gone.keys() | written.keys()
        found = [position for position in self.positions[start:stop] if position not in moved]
        for position, number in written.items():
            if low <= number <= high:
                insort(found, position, key=lambda one: self._rank(one, written))
        return found

    def _rank(self, position: int, written: Mapping[int, int]) -> tuple[int, int]:
        """What a position is sorted by. Rows that somebody created have negative ones, the newest the lowest."""
        number = written[position] if position in written else self.values[position]
        return self.sign * number, position if position >= 0 else self.source.count - position

    def _written(self, rows: Rows) -> dict[int, int]:
        """The rows among these that somebody wrote, or took away later than is to be seen, with their numbers."""
        held = rows.positions
        touched = self.source.patches.keys() | self.source.gone.keys()
        old = [position for position in touched if position >= 0 and position in held]
        new = held.more if isinstance(held, Positions) else ()
        return {position: self._now(position, rows.until) for position in (*old, *new)}

    def _now(self, position: int, until: float) -> int:
        """The number of a row that was written, without making the row where that can be helped."""
        found: Json = self.values[position] if position >= 0 else dig(self.source.untouched(position), self.path)
        if "." in self.path:
            return _number(dig(self.source.row(position, until), self.path))
        for at, patch in self.source.patches.get(position, ()):
            if at <= until and isinstance(patch, Mapping) and self.path in patch:
                found = patch[self.path]
        return _number(found)


def _number(value: Json) -> int:
    if not _whole(value) or abs(value) >= LARGEST:
        raise ValueError("no whole number")
    return int(value)


class Timelines:
    """The orders of one list that queries asked for; None where its rows have no such number."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, bool], Timeline | None] = {}

    def selected(self, rows: Rows, span: Span, *, descending: bool | None) -> Sequence[int] | None:
        """The positions of rows in a range, in its order or (`descending` None) the list's; None where unknown."""
        whole = range(rows.source.count)
        held = rows.positions.base if isinstance(rows.positions, Positions) else rows.positions
        if rows.source.shows_others or held != whole:
            return None
        try:
            timeline = self._timeline(rows.source, span.path, descending=bool(descending))
            found = None if timeline is None else timeline.between(rows, span.low, span.high)
        except ValueError:
            return None
        if found is None or descending is not None:
            return found
        return sorted(found, key=lambda position: position if position >= 0 else rows.source.count - position)

    def _timeline(self, source: Collection, path: str, *, descending: bool) -> Timeline | None:
        name = (path, descending)
        if name not in self._kept:
            self._kept[name] = None
            self._kept[name] = Timeline(source, path, descending=descending)
        return self._kept[name]
