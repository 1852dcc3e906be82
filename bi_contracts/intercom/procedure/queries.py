"""How long a store takes to answer, by kind of query, and how SQLite goes about it."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..store.values import Query
from .figures import Spread

if TYPE_CHECKING:
    from ..store.store import Store

WORD = re.compile(r"[^\W\d_]{4,}")
SAMPLE = 50
"""Conversations that words are taken from."""

KINDS: Mapping[str, str] = {
    "search": "Search, newest first",
    "ranked": "Search, ranked",
    "listing": "Listing, newest first",
    "get": "One conversation",
    "status": "Status",
}


def times(store: Store, number: int) -> dict[str, Spread]:
    """How long each kind takes, asked so often, in milliseconds."""
    ids, words = sampled(store)
    asked = questions(store, ids, words)
    return {kind: Spread.of(_timed(ask, number)) for kind, ask in asked.items()}


def sampled(store: Store) -> tuple[list[str], list[str]]:
    """Ids of the newest conversations, and words that stand in them: the most frequent, the rarest, and between."""
    ids = [hit.id for hit in store.search(Query(limit=SAMPLE)).hits]
    counts: Counter[str] = Counter()
    for id in ids:
        held = store.conversation(id, parts_limit=20)
        for part in held.parts if held else ():
            counts.update(word.lower() for word in WORD.findall(part.text))
    ordered = sorted(counts, key=lambda word: (-counts[word], word))
    return ids, [ordered[at * len(ordered) // 10] for at in range(10)] if ordered else []


def questions(store: Store, ids: Sequence[str], words: Sequence[str]) -> dict[str, Callable[[int], object]]:
    """What is asked of each kind, by number. A kind for which the store holds nothing is left out."""
    found: dict[str, Callable[[int], object]] = {"status": lambda _: store.status()}
    if ids:
        found["listing"] = lambda _: store.search(Query(limit=20))
        found["get"] = lambda number: store.conversation(ids[number % len(ids)])
    if words:
        found["search"] = lambda number: store.search(Query(text=words[number % len(words)]))
        found["ranked"] = lambda number: store.search(Query(text=words[number % len(words)], ranked=True), budget=2.0)
    return {kind: found[kind] for kind in KINDS if kind in found}


def plans(store: Store) -> dict[str, tuple[str, ...]]:
    """Kind -> how SQLite goes about its statements (EXPLAIN QUERY PLAN); empty on another database."""
    if store.kind != "sqlite":
        return {}
    ids, words = sampled(store)
    found = {}
    for kind, ask in questions(store, ids, words).items():
        with _statements(store) as seen:
            ask(0)
        found[kind] = tuple(dict.fromkeys(step for one in seen for step in _plan(store, *one)))
    return found


def scans(plan: Sequence[str]) -> list[str]:
    """The steps of a plan that read a whole table, without an index and without full-text search."""
    return [step for step in plan if step.startswith("SCAN ") and not _served(step)]


def _served(step: str) -> bool:
    small = ("counters", "cursors", "coverage", "meta", "runs", "drift", "CONSTANT", "(", "json_each", "leases")
    return "INDEX" in step or "VIRTUAL TABLE" in step or step.removeprefix("SCAN ").startswith(small)


def _timed(ask: Callable[[int], object], number: int) -> Iterator[float]:
    ask(0)  # the first one loads what later ones find loaded
    for at in range(number):
        started = time.perf_counter()
        ask(at)
        yield 1000 * (time.perf_counter() - started)


@contextmanager
def _statements(store: Store) -> Iterator[list[tuple[str, Any]]]:
    """The statements that are executed in the block, with their parameters."""
    from sqlalchemy import event

    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if not many and statement.lstrip()[:6].upper() in ("SELECT", "WITH R"):
            seen.append((statement, parameters))

    engine = store.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _plan(store: Store, statement: str, parameters: Any) -> list[str]:
    with store.reading() as connection:
        return [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
