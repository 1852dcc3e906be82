"""How fast a store writes and answers, how SQLite goes about it, and in what state its file is."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...workspace import Workspace
from ..records import whole_conversation
from . import data, queries
from .figures import Spread, per_second
from .line import Mark
from .result import Result, Row, Section
from .targets import TARGETS

if TYPE_CHECKING:
    from ..records import Conversation
    from ..store.store import Store

BATCH = 150
"""Conversations in one transaction, as a page of a search has them."""

FREE = 0.25
"""Share of a file's pages that may be free before it is worth to say so."""


def measured(space: Workspace, folder: Path, conversations: int, number: int, profile: bool) -> Result:
    """Writes made-up conversations into a store of its own and asks it."""
    from ..store import open_store

    bodies = [whole_conversation(one.value) for one in data.made(space, conversations)]
    with open_store(folder / "measured.db") as store:
        store_rows = writing(store, bodies)
        sections = [Section("Writing", store_rows), *asking(store, number, profile), *state(store)]
    return _result("mock", sections)


def of_store(store: Store, number: int, profile: bool) -> Result:
    """Asks a store that is there, and changes nothing in it."""
    said = (Row("Write speed", "not measured", mark=Mark.SKIPPED, note="this store is only read; leave --store out"),)
    sections = [Section("Writing", said), *asking(store, number, profile), *state(store)]
    return _result(store.meta("source") or "", sections)


def write_speed(store: Store, bodies: list[Conversation]) -> tuple[float, Spread]:
    """Conversations a second, and what a transaction of them takes in milliseconds. They must be new to the store."""
    took = []
    for start in range(0, len(bodies), BATCH):
        chunk = [(one, one.updated_at + 1) for one in bodies[start : start + BATCH]]
        began = time.perf_counter()
        with store.batch() as batch:
            batch.bodies(chunk)
        took.append(time.perf_counter() - began)
    return per_second(len(bodies), sum(took)), Spread.of(1000 * each for each in took)


def writing(store: Store, bodies: list[Conversation]) -> tuple[Row, ...]:
    """How fast new conversations are written, messages and full-text index with them."""
    speed, batches = write_speed(store, bodies)
    messages = sum(len(one.parts) for one in bodies)
    return (
        Row.held(TARGETS["write_speed"], "Write speed", speed, "conversations/s", note="full-text index included"),
        Row("Messages", per_second(messages, len(bodies) / speed if speed else 0), "messages/s", key="write_messages"),
        Row("A transaction, p50", batches.p50, "ms", note=f"p99 {batches.p99:.3g} ms; up to {BATCH} conversations"),
    )


def answering(found: Mapping[str, Spread]) -> tuple[Row, ...]:
    """The figures of each kind of query, with the targets that there are."""
    targets = {"search": "search_ms", "ranked": "search_ms", "listing": "search_ms", "get": "get_ms"}
    targets |= {"status": "status_ms"}
    return tuple(
        Row.held(
            TARGETS[targets[kind]], f"{queries.KINDS[kind]}, p95", spread.p95, "ms",
            note=f"p50 {spread.p50:.3g} ms, p99 {spread.p99:.3g} ms, {spread.n} times", key=f"query_{kind}_p95_ms",
        )
        for kind, spread in found.items()
    )  # fmt: skip


def asking(store: Store, number: int, profile: bool) -> list[Section]:
    """How fast it answers; with a profile also how it goes about that."""
    sections = [Section("Queries", answering(queries.times(store, number)))]
    if profile:
        sections += [
            Section(f"Plan: {queries.KINDS[kind]}", _plan(plan)) for kind, plan in queries.plans(store).items()
        ]
    elif store.kind == "sqlite":
        sections.append(Section("Indexes", tuple(_used(kind, plan) for kind, plan in queries.plans(store).items())))
    return sections


def state(store: Store) -> list[Section]:
    """Of a SQLite file: cache, journal, free pages, integrity."""
    if store.kind != "sqlite":
        return [Section("State", (Row("Database", store.kind, note="SQLite's figures do not apply"),))]
    with store.reading() as connection:
        known: dict[str, Any] = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("page_count", "freelist_count", "page_size", "cache_size", "journal_mode", "auto_vacuum")
        }
        damaged = [row[0] for row in connection.exec_driver_sql("PRAGMA quick_check(3)")]
    pages, free, size = int(known["page_count"]), int(known["freelist_count"]), int(known["page_size"])
    cache = int(known["cache_size"])
    share = free / pages if pages else 0.0
    whole = damaged == ["ok"]
    return [
        Section(
            "State",
            (
                Row("Size", pages * size / 1e6, "MB", note=f"{pages} pages of {size} bytes", key="database_mb"),
                Row("Page cache", (-cache * 1024 if cache < 0 else cache * size) / 1e6, "MB"),
                Row("Journal", str(known["journal_mode"])),
                Row(
                    "Free pages", 100 * share, "%", Mark.WARNING if share > FREE else Mark.GOOD,
                    note="VACUUM would give them back" if share > FREE else "no vacuum is needed",
                ),
                Row("Integrity", "; ".join(map(str, damaged)), mark=Mark.GOOD if whole else Mark.BAD),
            ),
        )
    ]  # fmt: skip


def _used(kind: str, plan: tuple[str, ...]) -> Row:
    scans = queries.scans(plan)
    if scans:
        return Row(queries.KINDS[kind], "reads a whole table", mark=Mark.WARNING, note="; ".join(scans))
    return Row(queries.KINDS[kind], "by index", mark=Mark.GOOD)


def _plan(plan: tuple[str, ...]) -> tuple[Row, ...]:
    scans = queries.scans(plan)
    return tuple(
        Row(f"{number}", step, mark=Mark.WARNING if step in scans else Mark.PLAIN)
        for number, step in enumerate(plan, 1)
    )


def _result(source: str, sections: list[Section]) -> Result:
    bad = {row.name for one in sections for row in one.rows if row.mark in (Mark.BAD, Mark.WARNING)}
    advice = []
    if "Integrity" in bad:
        advice.append("Repair it: bi-contracts intercom verify --repair")
    if "Write speed" in bad:
        advice.append("Put the store on a local disk: a network file system makes every transaction wait")
    if "Free pages" in bad:
        advice.append("Give the space back while nothing uses the store: sqlite3 FILE VACUUM")
    return Result("database", "Database performance", source, tuple(sections), tuple(advice))
