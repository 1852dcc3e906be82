"""Which rows of a list a query wants, and in what order."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from ..queries import Query, matches
from ..queries.predicate import sorted_rows
from .rows import Rows


def selected(rows: Rows, query: Query) -> Sequence[int]:
    """The positions of the wanted rows. Every row is looked at once, and none is held unless they are sorted."""
    source, until = rows.source, rows.until
    wanted = (position for position in rows.positions if matches(query.where, source.row(position, until)))
    if query.order:
        wanted = iter(sorted_rows(((position, source.row(position, until)) for position in wanted), query.order))
    return array("q", wanted) if source.count < _WORD else list(wanted)


_WORD = 1 << 63
