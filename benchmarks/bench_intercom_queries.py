"""How fast a store of Intercom conversations answers, and in how much memory, at several sizes.

    python benchmarks/bench_intercom_queries.py [--sizes 10000 100000 1000000] [--queries 300] [--folder DIR] [--keep]

Stores are made of random words (frequent ones as in any language: the k-th word is k times rarer than the first), by
raw inserts into the schema of a store, on SQLite. Questions are a mix, the same for every size: words that are
frequent, rare, or that nobody wrote; several words; phrases; filters with and without words; pages far down. Each is
asked in this process, as a tool would, after every kind was asked once. Times are milliseconds of the wall, and of the
processor: a busy machine changes the first, hardly the second. Memory is that of a fresh process that opens the store
and asks 1,000 questions of the mix. At a million conversations making the store takes some minutes and 3 GB.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import Any

NOW = 1_780_000_000
YEARS = 3 * 365 * 86_400
SYLLABLES = ("ba", "ko", "ri", "ten", "mu", "la", "so", "per", "di", "na", "gu", "vi", "tor", "es", "mi")
FREQUENT = ("the", "to", "i", "and", "a", "you", "is", "my", "it", "refund", "order", "invoice", "please", "account")
TARGETS = {"newest": 10.0, "filtered": 10.0, "words and filter": 10.0, "ranked": 100.0, "get": 5.0, "status": 1.0}
"""Milliseconds that 99 of 100 answers must stay below."""


def vocabulary(chance: random.Random, size: int = 30_000) -> list[str]:
    words = dict.fromkeys(FREQUENT)
    while len(words) < size:
        words["".join(chance.choices(SYLLABLES, k=chance.randint(1, 4))) + chance.choice(("", "s", "x", ""))] = None
    return list(words)


# Stores


def make(path: Path, count: int) -> None:
    """A store of so many conversations, some five messages each, over three years."""
    from bi_contracts.intercom.store import open_store

    open_store(path).close()
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("synchronous=OFF", "cache_size=-200000"):
        connection.execute(f"PRAGMA {pragma}")
    chance = random.Random(7)
    words = vocabulary(chance)
    weights = list(accumulate(1 / (rank + 2) for rank in range(len(words))))
    pool = [" ".join(chance.choices(words, cum_weights=weights, k=chance.randint(6, 14))) for _ in range(60_000)]
    rows: dict[str, list[tuple[Any, ...]]] = {"conversations": [], "parts": [], "conversation_contacts": []}
    totals = [0, 0]
    for number in range(1, count + 1):
        conversation(rows, chance, pool, number, count, totals)
        if number % 2_000 == 0 or number == count:
            connection.execute("BEGIN")
            for table, some in rows.items():
                places = ", ".join("?" * len(some[0]))
                connection.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({places})", some)
            said = ((part[0], part[11]) for part in rows["parts"] if part[11])
            connection.executemany("INSERT INTO messages_fts (rowid, text) VALUES (?, ?)", said)
            for some in rows.values():
                some.clear()
            connection.execute("COMMIT")
    facts(connection, count, totals)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def conversation(
    rows: dict[str, list[tuple[Any, ...]]],
    chance: random.Random,
    pool: list[str],
    n: int,
    count: int,
    totals: list[int],
) -> None:
    step = YEARS / count
    created = int(NOW - YEARS + (n - 1 + chance.random()) * step)
    contact, admin = f"c{chance.randrange(max(1, count // 3)):07}", str(100 + int(40 * chance.random() ** 3))
    deleted = chance.random() < 0.003
    rare = f" zzrare{n // 1000}" if n % 1000 == 0 else ""
    said, at = [(created, "source", chance.choice(pool) + rare)], created
    for part in range(min(60, 1 + int(chance.expovariate(0.25)))):
        at += 1 + int(chance.expovariate(1 / 7_200))
        said.append((at, f"p{part}", "" if chance.random() < 0.2 else f"{chance.choice(pool)} {chance.choice(pool)}"))
    for position, (when, id, text) in enumerate(said):
        who = ("user", contact, "A Name", f"{contact}@example.com") if position % 2 == 0 else ("admin", "1", "Bob", "")
        kind, text = "comment" if position else "source", "" if deleted else text
        digest = f"{chance.getrandbits(128):032x}"
        rows["parts"].append(
            (when << 20 | chance.getrandbits(20), n, id, kind, when, when, position, *who, text, 0, digest, RAW[:200])
        )
    open_share = 0.6 if n > count * 0.97 else 0.02
    state = "open" if chance.random() < open_share else "snoozed" if chance.random() < 0.02 else "closed"
    tags = sorted({f"tag{int(40 * chance.random() ** 3):02}" for _ in range(chance.choice((0, 0, 1, 1, 2)))})
    if n % 20_000 == 7:
        tags.append("rare-tag")
    parts = len(said) - 1
    totals[0] += 0 if deleted else parts
    totals[1] += deleted
    gone = (at, "missing") if deleted else (None, None)
    rows["conversations"].append(
        (n, str(10**9 + n), created, at, at, at, at + 5, 0, state, state == "open", 1, "A subject", "conversation",
         admin, str(chance.randrange(6)), "not_priority", json.dumps(tags), parts, parts, 0, "d" * 32,
         f"{chance.getrandbits(128):032x}", RAW, *gone)
    )  # fmt: skip
    rows["conversation_contacts"].append((n, contact))


RAW = zlib.compress(random.Random(1).randbytes(40) * 12, 1) + random.Random(2).randbytes(350)
"""As much as the rest of a conversation takes when it is packed."""


def facts(connection: sqlite3.Connection, count: int, totals: list[int]) -> None:
    """Contacts, counters, and a sync that a status tells of."""
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO contacts VALUES (?, 'user', '', 'A Name', ?, '', ?, ?, 1, '', ?, NULL, NULL)",
        ((f"c{at:07}", f"C{at:07}@Example.com", NOW, NOW, "d" * 32) for at in range(max(1, count // 3))),
    )
    counted = {"conversations": count - totals[1], "parts": totals[0], "deleted": totals[1], "contacts": count // 3}
    connection.executemany(
        "UPDATE counters SET value = ? WHERE name = ?", [(many, name) for name, many in counted.items()]
    )
    connection.executemany(
        "INSERT INTO meta VALUES (?, ?)", [("source", "sandbox"), ("workspace", "w"), ("region", "US")]
    )
    connection.execute("INSERT INTO cursors VALUES ('conversations', ?, ?)", (NOW, NOW))
    connection.execute("INSERT INTO coverage VALUES ('conversations', ?, ?)", (NOW - YEARS, NOW))
    connection.execute(
        "INSERT INTO runs (started_at, ended_at, kind, source, outcome, milliseconds, calls, conversations)"
        " VALUES (?, ?, 'backfill', 'sandbox', 'done', 1000, 10, 10)", (NOW, NOW),
    )  # fmt: skip
    connection.execute("COMMIT")


# Questions

Question = tuple[str, Callable[[Any], Any]]


def questions(count: int, chance: random.Random) -> Iterator[Question]:
    """Kinds of questions, with one of each kind, without an end."""
    from bi_contracts.intercom.store.values import Query

    words = vocabulary(random.Random(7))
    weights = list(accumulate(1 / (rank + 2) for rank in range(len(words))))

    def some(many: int) -> list[str]:
        return chance.choices(words, cum_weights=weights, k=many)

    def texts() -> Iterator[str]:
        while True:
            yield from (
                chance.choice(FREQUENT),  # in many messages
                chance.choice(words[2_000:]),  # in few
                f"zzrare{chance.randrange(1, max(2, count // 1000))}",  # in one
                f"nobody{chance.randrange(10**6)}wrote",
                " ".join(some(2)),
                " ".join(some(3)),
                f'"{" ".join(chance.sample(FREQUENT, 2))}"',
                f"{chance.choice(FREQUENT)} zzrare{chance.randrange(1, max(2, count // 1000))}",
            )

    def filters() -> Iterator[dict[str, Any]]:
        while True:
            since = NOW - chance.randrange(YEARS)
            yield from (
                {"state": chance.choice(("open", "closed", "snoozed"))},
                {"contact": f"c{chance.randrange(max(1, count // 3)):07}"},
                {"contact": f"C{chance.randrange(max(1, count // 3)):07}@EXAMPLE.com"},
                {"since": since, "until": since + 7 * 86_400},
                {"tag": f"tag{chance.randrange(40):02}"},
                {"tag": "rare-tag"},
                {"admin": str(chance.randrange(100, 141)), "state": "open"},
                {"team": str(chance.randrange(6))},
            )

    text, narrowed = texts(), filters()

    def search(query: Query) -> Callable[[Any], Any]:
        return lambda store: store.search(query)

    while True:
        yield "newest", search(Query(next(text)))
        yield "newest", search(Query())
        yield "deep pages", deep(Query(chance.choice(FREQUENT)))
        yield "filtered", search(Query(**next(narrowed)))
        yield "words and filter", search(Query(next(text), **next(narrowed)))
        yield "ranked", search(Query(next(text), ranked=True))
        id = str(10**9 + 1 + chance.randrange(count))
        yield "get", lambda store, id=id: store.conversation(id)
        yield "contact", lambda store: store.contact(f"c{chance.randrange(max(1, count // 3)):07}")
        yield "status", lambda store: store.status()


CURSORS: dict[Any, str] = {}
"""How far down each search was read: every time a page further."""


def deep(query: Any) -> Callable[[Any], Any]:
    def ask(store: Any) -> Any:
        found = store.search(replace(query, cursor=CURSORS.get(query, "")))
        CURSORS[query] = found.cursor
        return found

    return ask


# Measuring


def measure(path: Path, count: int, each: int) -> dict[str, list[tuple[float, float, str]]]:
    from bi_contracts.intercom.store import open_store

    times: dict[str, list[tuple[float, float, str]]] = {}
    CURSORS.clear()
    with open_store(path, create=False, read_only=True) as store:
        asked = questions(count, random.Random(3))
        for turn in range(each):
            if turn == 8:
                gc.freeze()  # as `serve` does: else looking through all that was imported takes 15 ms now and then
            for kind, ask in (next(asked) for _ in range(9)):
                wall, cpu = time.perf_counter(), time.thread_time()
                found = ask(store)
                spent = ((time.perf_counter() - wall) * 1e3, (time.thread_time() - cpu) * 1e3)
                if turn >= 8:  # every kind was asked
                    times.setdefault(kind, []).append((*spent, getattr(found, "cut", "")))
    return times


def memory(path: Path, count: int) -> tuple[float, float]:
    """Megabytes of a process that opened the store, and that asked."""
    words = [sys.executable, __file__, "--ask", str(path), "--sizes", str(count)]
    said = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
    return said["opened"], said["asked"]


def ask_in_a_process(path: Path, count: int) -> None:
    from bi_contracts.intercom.store import open_store

    with open_store(path, create=False) as store:
        store.status()
        opened = peak()
        asked = questions(count, random.Random(5))
        for _ in range(1_000):
            next(asked)[1](store)
    print(json.dumps({"opened": opened, "asked": peak()}))


def peak() -> float:
    """Megabytes of memory held at most; outside Linux also of the process before it."""
    try:
        said = Path("/proc/self/status").read_text()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
    return int(said.split("VmHWM:")[1].split()[0]) / 1024


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def show(count: int, path: Path, times: dict[str, list[tuple[float, float, str]]]) -> None:
    size = os.path.getsize(path) / 1e6
    print(f"\n{count:,} conversations, {size:,.0f} MB on disk ({size * 1e3 / count:.2f} KB each)")
    print(
        f"  {'':18}{'p50':>8}{'p99':>8}{'most':>8}{'CPU p50':>9}{'CPU p99':>9}{'target':>8}{'p99 of it':>11}{'cut':>6}"
    )
    for kind, found in times.items():
        wall, cpu = [one[0] for one in found], [one[1] for one in found]
        target = TARGETS.get(kind)
        ratio = f"{target:8.0f}{percentile(wall, 0.99) / target:10.2f}x" if target else " " * 19
        cut = sum(one[2] == "time" for one in found)
        print(
            f"  {kind:18}{statistics.median(wall):8.2f}{percentile(wall, 0.99):8.2f}{max(wall):8.2f}"
            f"{statistics.median(cpu):9.2f}{percentile(cpu, 0.99):9.2f}{ratio}{cut:6}"
        )
    opened, asked = memory(path, count)
    print(f"  memory: {opened:.1f} MB once opened, {asked:.1f} MB after 1,000 questions")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--queries", type=int, default=300, help="of each kind")
    parser.add_argument("--folder", type=Path, help="where stores are made, or were before")
    parser.add_argument("--keep", action="store_true", help="leave the stores there")
    parser.add_argument("--ask", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.ask:
        ask_in_a_process(asked.ask, asked.sizes[0])
        return
    folder = asked.folder or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for count in asked.sizes:
            path = folder / f"intercom-{count}.db"
            if not path.exists():
                started = time.perf_counter()
                make(path, count)
                print(f"{path} made in {time.perf_counter() - started:.0f} s", flush=True)
            show(count, path, measure(path, count, asked.queries))
            if not asked.keep:
                path.unlink()
    finally:
        if not asked.keep and not asked.folder:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
