"""Coverage: ranges of update times of which everything is held."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from ..schema import coverage
from ..values import Range


def cover(connection: Connection, stream: str, added: Range) -> None:
    """Adds a range to those of a stream. Ranges that touch become one."""
    if added.lo >= added.hi:
        return
    held = _held(connection, stream)
    touching = [one for one in held if one.lo <= added.hi and added.lo <= one.hi]
    merged = Range(
        min(added.lo, *(one.lo for one in touching), added.lo), max(added.hi, *(one.hi for one in touching), added.hi)
    )
    if touching != [merged]:
        _replace(connection, stream, touching, [merged])


def uncover(connection: Connection, stream: str, removed: Range) -> None:
    """Takes a range away from those of a stream."""
    cut = [one for one in _held(connection, stream) if one.lo < removed.hi and removed.lo < one.hi]
    left = [Range(one.lo, removed.lo) for one in cut if one.lo < removed.lo]
    right = [Range(removed.hi, one.hi) for one in cut if removed.hi < one.hi]
    if cut and removed.lo < removed.hi:
        _replace(connection, stream, cut, left + right)


def _held(connection: Connection, stream: str) -> list[Range]:
    found = select(coverage.c.lo, coverage.c.hi).where(coverage.c.stream == stream)
    return [Range(*row) for row in connection.execute(found)]


def _replace(connection: Connection, stream: str, old: list[Range], new: list[Range]) -> None:
    if old:
        gone = coverage.c.lo.in_([one.lo for one in old])
        connection.execute(delete(coverage).where(coverage.c.stream == stream, gone))
    if new:
        connection.execute(insert(coverage), [{"stream": stream, "lo": one.lo, "hi": one.hi} for one in new])
