"""The bookkeeping of a store: counters against what is counted, coverage, cursors, shards and runs for sense."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from ...records import LATEST
from .. import schema
from ..counters import recounted
from ..values import Damage
from .found import Found, Remedy
from .intact import read_back
from .shape import misfits

if TYPE_CHECKING:
    from sqlalchemy import Connection

SOURCES = ("", "live", "sandbox", "replay", "mock")
OUTCOMES = ("running", "done", "partial", "failed")


def counters(connection: Connection) -> Iterator[Found]:
    """Counters that do not say what is there."""
    rows = connection.execute(select(schema.counters.c.name, schema.counters.c.value)).all()
    told: Mapping[Any, Any] = {row.name: row.value for row in rows}
    counts = recounted(connection)
    for name, counted in counts.items():
        if told.get(name, 0) != counted:
            said = f"{name}: {counted} are held, and the counter says {told.get(name, 0)}"
            yield Found(Damage("counters", said), Remedy.COUNT)
    for name in sorted(map(str, told.keys() - counts.keys())):
        yield Found(Damage("counters", f"{name!a}: no counter of ours"), Remedy.COUNT)


def coverage(connection: Connection, now: int) -> Iterator[Found]:
    """Ranges that are empty, overlap or reach beyond what was asked; cursors and shards for sense."""
    cursors = {row.stream: row for row in connection.execute(select(schema.cursors))}
    last: dict[str, int] = {}
    for row in connection.execute(select(schema.coverage).order_by(schema.coverage.c.stream, schema.coverage.c.lo)):
        why = _range(row, now) or ("overlaps another" if row.lo < last.get(row.stream, row.lo) else "")
        if why or row.stream not in _STREAMS:
            said = f"a range of {row.stream!a} {why or 'is of no stream'}"
            yield Found(Damage("coverage", said), Remedy.COVER, key=(row.stream, row.lo))
        last[row.stream] = row.hi
    for row in cursors.values():
        if row.stream not in _CURSORS or not _moments(row.value, row.at) or row.value > row.at + DAY:
            said = f"the cursor of {row.stream!a} is no moment that was read"
            yield Found(Damage("coverage", said), Remedy.BOOKS, key=("cursors", row.stream))
    for row in connection.execute(select(schema.shards)):
        if row.lo >= row.hi or not (row.anchor is None or row.lo <= row.anchor <= row.hi) or row.seen < 0:
            said = "a window of a backfill is none"
            yield Found(Damage("coverage", said), Remedy.BOOKS, key=("shards", row.lo, row.hi))


DAY = 86_400
_STREAMS = ("conversations", "contacts", "tickets")
_CURSORS = (*_STREAMS, "deleted", "reconciled")


def _range(row: Any, now: int) -> str:
    if not row.lo < row.hi:
        return "is empty"
    return "reaches into the future" if now and row.hi > now + DAY else ""


def _moments(*values: int) -> bool:
    return all(0 <= value <= LATEST for value in values)


def meta(connection: Connection) -> Iterator[Found]:
    """What the store says of itself."""
    held = {row.key: row.value for row in connection.execute(select(schema.meta))}
    if held.get("schema") != str(schema.VERSION):
        yield Found(Damage("schema", "it does not say which schema it has"), Remedy.SALVAGE)
    if held.get("source", "") not in SOURCES:
        said = "it does not say where its data come from"
        yield Found(Damage("schema", said, repairable=False), Remedy.NOTHING)
    for row in connection.execute(select(schema.runs.c.n, schema.runs.c.outcome, schema.runs.c.source)):
        if row.outcome not in OUTCOMES or row.source not in SOURCES:
            yield Found(Damage("counters", f"run {row.n} is damaged"), Remedy.BOOKS, key=("runs", row.n))
    if held.get("source", "") in SOURCES:
        yield from _sources(connection, held.get("source", ""))


def _sources(connection: Connection, told: str) -> Iterator[Found]:
    """Where the data come from, against the runs that brought them. One that failed may have asked another."""
    runs = schema.runs.c
    rows = connection.execute(select(runs.n, runs.source).where(runs.outcome.in_(("done", "partial")))).all()
    others = [row for row in rows if row.source != told]
    if others and len(others) == len(rows):
        brought = " and ".join(sorted({str(row.source) for row in rows}))
        said = f"its data are said to be from {told or 'nowhere'}, and every run that brought some was of {brought}"
        yield Found(
            Damage("schema", f"{said}: start a new store, and sync into that", repairable=False), Remedy.NOTHING
        )
        return
    for row in others:
        said = f"run {row.n} is said to be of {row.source}, and its data are from {told}"
        yield Found(Damage("counters", said), Remedy.BOOKS, key=("runs", row.n))


_BOOKS = ("meta", "cursors", "shards", "coverage", "dead_letters", "drift", "counters", "leases", "runs")


def readable(connection: Connection) -> Iterator[Found]:
    """Every row of bookkeeping, and whether its values are what they can be."""
    for name in _BOOKS:
        table = schema.metadata.tables[name]
        for row in connection.execute(select(table)).mappings():
            wrong = misfits(table, dict(row))
            if "raw" in row and not wrong and not read_back(bytes(row["raw"]))[1]:
                wrong.append("raw")
            if wrong:
                key = (name, *(row[column.name] for column in table.primary_key.columns))
                said = f"a row of {name} is damaged ({', '.join(wrong)})"
                yield Found(Damage("counters", said), Remedy.BOOKS, key=key)


def server_time(connection: Connection) -> int:
    """The newest moment that Intercom's clock is known to have reached, 0 where nothing was read yet."""
    columns = (schema.cursors.c.at, schema.runs.c.started_at, schema.runs.c.ended_at)
    newest = (connection.scalar(select(func.max(column))) for column in columns)
    return max((moment for moment in newest if isinstance(moment, int)), default=0)
