"""What a store knows of itself, without counting."""

from __future__ import annotations

from sqlalchemy import Connection, event

from bi_contracts.intercom.store.store import Store
from bi_contracts.intercom.store.values import DeadLetter, DriftNote, Query, Range, Run

from . import corpus
from .corpus import T0

LARGE = ("conversations", "parts", "contacts", "conversation_contacts", "tickets", "messages_fts_data")


def test_an_empty_store_tells_of_nothing(store: Store) -> None:
    """No source, nobody's data, everything at 0."""
    found = store.status()
    assert (found.source, found.last, found.latest, dict(found.coverage), dict(found.cursors)) == (
        "",
        None,
        None,
        {},
        {},
    )
    assert set(found.counters.values()) == {0}
    assert found.bytes > 0


def test_status_tells_what_was_written(store: Store) -> None:
    """Who was synced, how far, and how the last syncs ended."""
    corpus.add(store, "1", T0, "hello")
    with store.batch() as batch:
        named = {"source": "sandbox", "workspace": "w1", "workspace_name": "Acme", "region": "EU", "version": "2.13"}
        for key, value in named.items():
            batch.meta(key, value)
        batch.cover("conversations", Range(10, 20))
        batch.cover("conversations", Range(30, 40))
        done = batch.run(Run("backfill", "sandbox", T0, ended_at=T0 + 9, outcome="done"))
        batch.run(Run("repair", "sandbox", T0 + 1, ended_at=T0 + 8, outcome="done"))
        failed = batch.run(Run("incremental", "sandbox", T0 + 10, ended_at=T0 + 11, outcome="failed"))
        batch.drift([DriftNote("conversation", "type_changed", "/state", "breaking", "said", T0, T0)])
        batch.dead([DeadLetter("contact", "c1", "it is no object", [1], T0)])
    found = store.status()
    assert (found.source, found.workspace, found.workspace_name, found.region, found.version) == (
        "sandbox", "w1", "Acme", "EU", "2.13",
    )  # fmt: skip
    assert found.coverage["conversations"] == (Range(10, 20), Range(30, 40))
    assert (found.last, found.latest) == (done, failed)
    assert (found.counters["conversations"], found.counters["dead_letters"], found.drift) == (1, 1, 1)


def test_notes_are_told(store: Store) -> None:
    """The newest first, as they were written."""
    with store.batch() as batch:
        batch.dead([DeadLetter("contact", f"c{at}", "why", {"at": at}, T0 + at) for at in range(3)])
        batch.drift(
            [DriftNote("conversation", "rule", f"/p{at}", "warning", "said", T0 + at, T0 + at) for at in range(3)]
        )
    assert [one.raw for one in store.dead_letters(2)] == [{"at": 2}, {"at": 1}]
    assert [one.path for one in store.drift_notes(2)] == ["/p2", "/p1"]


def plans(store: Store, ask: object) -> list[str]:
    """How SQLite goes about everything that is asked."""
    said: list[tuple[str, object]] = []

    def keep(_: Connection, __: object, statement: str, parameters: object, *___: object) -> None:
        said.append((statement, parameters))

    event.listen(store.database.engine, "before_cursor_execute", keep)
    try:
        ask()  # type: ignore[operator]
    finally:
        event.remove(store.database.engine, "before_cursor_execute", keep)
    with store.reading() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        return [
            f"{row[3]} | {statement}"
            for statement, parameters in said
            if statement.lstrip().startswith("SELECT")
            for row in driver.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]


def scans(found: list[str]) -> list[str]:
    """Steps that read a whole large table."""
    return [step for step in found for table in LARGE if step.startswith(f"SCAN {table}") and "USING" not in step]


def test_status_scans_no_large_table_and_says_little(sqlite_store: Store) -> None:
    """It costs the same however much is held."""
    corpus.fill(sqlite_store, 12)
    found = plans(sqlite_store, sqlite_store.status)
    assert not [step for step in found if any(f" {table} " in f"{step.partition('|')[0]} " for table in LARGE)]
    assert len({step.partition("|")[2] for step in found}) <= 8


def test_no_search_scans_a_large_table(sqlite_store: Store) -> None:
    """Every way to search goes by an index, and nothing large is sorted."""
    corpus.fill(sqlite_store, 30)
    for query in (
        Query("refund", limit=2),
        Query("the a", state="open", limit=2),
        Query("refund", ranked=True),
        Query("refund", tag="vip", contact="c1"),
        Query(limit=2),
        *(Query(limit=2, **by) for by in ({"state": "open"}, {"admin": "991"}, {"team": "7"}, {"tag": "vip"})),  # type: ignore[arg-type]
    ):
        found = plans(sqlite_store, lambda query=query: sqlite_store.search(query))
        assert scans(found) == []
        # A contact has few conversations: these are sorted, and so are the handful of a page.
        assert query.contact or not [step for step in found if "TEMP B-TREE FOR ORDER BY" in step]
    for ask in (lambda: sqlite_store.conversation("1"), lambda: sqlite_store.contact("C1@shop.example")):
        assert scans(plans(sqlite_store, ask)) == []
