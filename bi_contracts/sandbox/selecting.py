"""Which rows of a list a query wants, and in what order."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from functools import cache

from ..paths import Json
from ..queries import All, Query
from ..queries.predicate import holds, paths_of, sorted_by, values_at
from .rows import Rows
from .timeline import Span, Timelines

KEPT = 200_000
"""Rows of a list up to which the values that queries look at are kept, so that the next query makes no rows."""

_WORD = 1 << 63

Column = dict[int, Sequence[Json]]
"""Position -> what stands at one path in the row there."""


class Columns:
    """What stands at the paths that queries look at, in the rows of one list that nobody wrote."""

    def __init__(self) -> None:
        self._columns: dict[str, Column] = {}
        self._timelines = Timelines()

    def ranged(self, rows: Rows, query: Query) -> Sequence[int] | None:
        """The positions that a query for a range of numbers wants, without a look at other rows; None where it
        wants something else."""
        span = Span.of(query) if rows.source.count <= KEPT else None
        if span is None:
            return None
        found = self._timelines.selected(rows, span, descending=query.order[0].descending if query.order else None)
        if found is None or not span.rest:
            return found
        return selected(Rows(rows.source, found, rows.until), Query(All(span.rest)), self)

    def values(self, rows: Rows, position: int, paths: frozenset[str]) -> dict[str, Sequence[Json]]:
        """Path -> values of one row; made once for every path."""
        if rows.source.touched(position):
            row = rows.source.row(position, rows.until)
            return {path: values_at(row, path) for path in paths}
        if rows.source.count > KEPT:
            row = rows.source.members(position, _members(paths))
            return {path: values_at(row, path) for path in paths}
        columns = {path: self._columns.setdefault(path, {}) for path in paths}
        missing = [path for path, column in columns.items() if position not in column]
        if missing:
            row = rows.source.members(position, _members(frozenset(missing)))
            for path in missing:
                columns[path][position] = values_at(row, path)
        return {path: column[position] for path, column in columns.items()}


@cache
def _members(paths: frozenset[str]) -> frozenset[str]:
    """Where paths begin."""
    return frozenset(path.partition(".")[0] for path in paths)


def selected(rows: Rows, query: Query, columns: Columns) -> Sequence[int]:
    """The positions of the wanted rows. No row is held."""
    near = columns.ranged(rows, query)
    if near is not None:
        return near
    paths = paths_of(query.where)
    wanted: Iterator[int] = (
        position for position in rows.positions if holds(query.where, columns.values(rows, position, paths).__getitem__)
    )
    if query.order:
        wanted = iter(sorted_by(_keys(rows, wanted, query, columns), query.order))
    return array("q", wanted) if rows.source.count < _WORD else list(wanted)


def _keys(rows: Rows, positions: Iterator[int], query: Query, columns: Columns) -> Iterator[tuple[int, Sequence[Json]]]:
    """Positions with what they are sorted by."""
    paths = [order.path for order in query.order]
    for position in positions:
        found = columns.values(rows, position, frozenset(paths))
        yield position, [found[path][0] if found[path] else None for path in paths]
