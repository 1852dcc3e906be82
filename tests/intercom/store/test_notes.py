"""What a sync keeps of itself: cursors, windows, coverage, runs, dead letters, drift."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as some
from sqlalchemy import Engine, create_engine, select

from bi_contracts.intercom.raw import unpacked
from bi_contracts.intercom.records import conversation_head, ticket_of, whole_conversation
from bi_contracts.intercom.store import counters
from bi_contracts.intercom.store.schema import coverage, dead_letters, drift, metadata
from bi_contracts.intercom.store.store import Store
from bi_contracts.intercom.store.values import Cursor, DeadLetter, DriftNote, Range, Run, Shard
from bi_contracts.intercom.store.writing.ranges import cover, uncover

from ..made import body, head_row, part, ticket


def test_a_cursor_is_kept_with_its_stream(store: Store) -> None:
    """Each stream has a cursor of its own, the last one that was written."""
    with store.batch() as batch:
        batch.cursor("conversations", Cursor(5, 6))
        batch.cursor("contacts", Cursor(7, 8))
        batch.cursor("conversations", Cursor(9, 10))
    assert store.cursor("conversations") == Cursor(9, 10)
    assert store.cursor("tickets") is None


def test_windows_of_a_backfill(store: Store) -> None:
    """They are given newest first, as they stood last; another backfill's are its own."""
    old, new = Shard(0, 10, "a", expected=3), Shard(10, 20, "a")
    with store.batch() as batch:
        for shard in (old, new, Shard(20, 30, "b")):
            batch.shard(shard)
        batch.shard(replace(new, anchor=15, seen=4, done=True))
    assert store.shards("a") == [Shard(10, 20, "a", 15, None, 4, True), old]
    with store.batch() as batch:
        batch.clear_shards("a")
    assert store.shards("a") == []
    assert len(store.shards("b")) == 1


def test_runs_are_told_newest_first(store: Store) -> None:
    """A run is added when it starts, and told how it ended."""
    with store.batch() as batch:
        first = batch.run(Run("backfill", "sandbox", started_at=100))
        second = batch.run(Run("incremental", "sandbox", started_at=200))
        ended = batch.run(replace(first, outcome="done", calls=151, ended_at=150))
    assert store.runs(5) == [second, ended]
    assert store.runs(1) == [second]
    assert store.runs(5, since=150) == [second]


def test_a_dead_letter_is_kept_until_it_is_read(store: Store) -> None:
    """What could not be read is kept as it was sent, once; when it is read, it is a letter no more."""
    raw = {"id": "1", "created_at": "soon"}
    with store.batch() as batch:
        for at in (1, 2):
            batch.dead([DeadLetter("conversation", "1", "created_at is no time", raw, at)])
        batch.dead([DeadLetter("ticket", "9", "no time", raw), DeadLetter("part", "1", "no id", raw)])
        batch.bodies([(whole_conversation(body("2", 5)), 6)])
    with store.reading() as connection:
        (held,) = connection.execute(select(dead_letters).where(dead_letters.c.stream == "conversation"))
        assert (held.at, unpacked(held.raw)) == (2, raw)
        assert counters.read(connection)["dead_letters"] == 3
    with store.batch() as batch:
        batch.bodies([(whole_conversation(body("1", 5)), 6)])
        batch.tickets([ticket_of(ticket("9", 5))])
    with store.reading() as connection:
        assert [row.stream for row in connection.execute(select(dead_letters))] == ["part"]
        assert counters.read(connection) == counters.recounted(connection)


def test_what_could_not_be_read_of_a_conversation_goes_with_it(store: Store) -> None:
    """A part that is read, or is there no more, is no dead letter; of a deleted conversation none stays."""
    bad = {"id": "7", "created_at": "soon", "body": "secret"}
    sent = body("1", 5, [part("6", 5), bad])
    letters = [DeadLetter("part", f"{id}/7", "created_at is no time", bad) for id in ("1", "a", "A")]
    with store.batch() as batch:
        batch.dead([*letters, DeadLetter("conversation", "1", "no time", bad)])
        batch.bodies([(whole_conversation(sent), 6)])
    assert {one.id for one in store.dead_letters()} == {"1/7", "a/7", "A/7"}
    with store.batch() as batch:
        batch.bodies([(whole_conversation(body("a", 5)), 6)])
        batch.dead([DeadLetter("conversation", "1", "no time", bad)])
        batch.deleted(["1"], 9, "missing")
    assert {one.id for one in store.dead_letters()} == {"A/7"}
    with store.batch() as batch:
        batch.dead([DeadLetter("conversation", "3", "no time", bad)])
        batch.heads([conversation_head(head_row("3", 5))])
    assert {one.id for one in store.dead_letters()} == {"A/7"}
    with store.reading() as connection:
        assert counters.read(connection) == counters.recounted(connection)


def test_drift_is_counted(store: Store) -> None:
    """The same change is one note, with when it was seen first and last, and how often."""
    note = DriftNote("conversation", "type", "/state", "breaking", "was text", first_at=1, last_at=1)
    with store.batch() as batch:
        batch.drift([note, replace(note, path="/open")])
        batch.drift([replace(note, first_at=9, last_at=9, seen=4)])
    with store.reading() as connection:
        rows = {row.path: (row.first_at, row.last_at, row.seen) for row in connection.execute(select(drift))}
    assert rows == {"/state": (1, 9, 5), "/open": (1, 1, 1)}


def test_tickets_are_kept_as_they_were_last(store: Store) -> None:
    """An older one, or the same again, writes nothing."""
    with store.batch() as batch:
        assert batch.tickets([ticket_of(ticket("1", 5)), ticket_of(ticket("2", 5))]).new == 2
        again = [ticket_of(ticket("1", 5)), ticket_of(ticket("2", 4, open=False))]
        assert batch.tickets(again).unchanged == 2
        assert batch.tickets([ticket_of(ticket("2", 6, open=False)), ticket_of(ticket("2", 5))]).updated == 1
    with store.reading() as connection:
        assert counters.read(connection) == counters.recounted(connection)
        assert counters.read(connection)["tickets"] == 2


@pytest.fixture(scope="module")
def tables() -> Engine:
    engine = create_engine("sqlite://")
    metadata.create_all(engine, tables=[coverage])
    yield engine  # type: ignore[misc]
    engine.dispose()


SPAN = some.tuples(some.booleans(), some.integers(0, 30), some.integers(0, 30))


@examples(max_examples=60)
@given(some.lists(SPAN, max_size=8))
def test_coverage_is_a_set_of_moments(tables: Engine, changes: list[tuple[bool, int, int]]) -> None:
    """Ranges hold the moments that were covered and not uncovered since, in as few ranges as can be."""
    expected: set[int] = set()
    with tables.connect() as connection:
        for covers, lo, hi in changes:
            (cover if covers else uncover)(connection, "conversations", Range(lo, hi))
            moments = set(range(lo + 1, hi + 1))
            expected = expected | moments if covers else expected - moments
        rows = sorted(tuple(row) for row in connection.execute(select(coverage.c.lo, coverage.c.hi)))
    assert {moment for lo, hi in rows for moment in range(lo + 1, hi + 1)} == expected
    assert all(one[1] < two[0] for one, two in itertools.pairwise(rows))
    assert all(lo < hi for lo, hi in rows)


def test_a_batch_keeps_coverage_with_its_stream(store: Store) -> None:
    """Ranges that touch become one; a stream's ranges are its own."""
    with store.batch() as batch:
        batch.cover("conversations", Range(0, 10))
        batch.cover("conversations", Range(10, 20))
        batch.cover("tickets", Range(5, 6))
        batch.uncover("conversations", Range(4, 8))
    with store.reading() as connection:
        rows = sorted(tuple(row) for row in connection.execute(select(coverage)))
    assert rows == [("conversations", 0, 4), ("conversations", 8, 20), ("tickets", 5, 6)]
