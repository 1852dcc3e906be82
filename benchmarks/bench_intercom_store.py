"""How fast conversations are written, with full-text search, and how much an update by difference saves.

    python benchmarks/bench_intercom_store.py [--conversations 10000] [--batch 300] [--rounds 3] [--postgresql URL]

Written: bodies of about four parts and a first message each, in batches that are committed one by one, into an empty
store. `decoded` is what reading the JSON into records takes, which no figure of writing has in it. `CPU` is
conversations a second of CPU time, which a busy machine changes less.

Updated: conversations that are held get one more message each, and come whole, as Intercom sends them. Ours writes the
part that is new; the other way deletes the conversation with its parts and writes it again. Both in the same batches,
rounds interleaved; the ratio is the median of the rounds' ratios, of wall time: `in the database` is what statements,
their rows and commits take, `in all` has the comparing and packing of what came in it too. Also measured: heads, and
what is the same already.

Without --postgresql, a PostgreSQL server is started for the occasion where there are binaries of one.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import CursorResult, bindparam, delete, event

from bi_contracts.intercom.records import Conversation, conversation_head, whole_conversation
from bi_contracts.intercom.store import open_store
from bi_contracts.intercom.store.schema import conversation_contacts, conversations, parts
from bi_contracts.intercom.store.store import Store
from bi_contracts.intercom.store.writing import Batch

sys.path += [str(Path(__file__).parent), str(Path(__file__).parent.parent)]
from intercom_data import Data, head

Body = tuple[Conversation, int]
LENGTHS = (4, 20, 80)
"""Parts of the conversations that are updated."""


class Inside:
    """Wall time spent in the database: statements, reading their rows, commits."""

    def __init__(self, store: Store) -> None:
        self.wall = self.started = 0.0
        self.depth = 0
        engine = store.database.engine
        event.listen(engine, "before_cursor_execute", lambda *_: self.enter())
        event.listen(engine, "after_cursor_execute", lambda *_: self.leave())
        for owner, name in ((engine.dialect, "do_commit"), (CursorResult, "all"), (store.database, "insert")):
            self._measure(owner, name)

    def _measure(self, owner: Any, name: str) -> None:
        measured = getattr(owner, name)

        def call(*arguments: Any) -> Any:
            self.enter()
            try:
                return measured(*arguments)
            finally:
                self.leave()

        setattr(owner, name, call)

    def enter(self) -> None:
        if not self.depth:
            self.started = time.perf_counter()
        self.depth += 1

    def leave(self) -> None:
        self.depth -= 1
        if not self.depth:
            self.wall += time.perf_counter() - self.started


class Watch:
    """Wall and CPU time of what runs inside it, added up."""

    def __init__(self) -> None:
        self.wall = self.cpu = 0.0

    def __enter__(self) -> None:
        self.started = time.perf_counter(), time.process_time()

    def __exit__(self, *_: object) -> None:
        self.wall += time.perf_counter() - self.started[0]
        self.cpu += time.process_time() - self.started[1]

    def told(self, many: int) -> str:
        return f"{many / self.wall:10,.0f}/s wall {many / self.cpu:10,.0f}/s CPU"


def batches(rows: Iterator[Any], size: int) -> Iterator[list[Any]]:
    while some := list(islice(rows, size)):
        yield some


def whole(raw: list[Any]) -> list[Body]:
    return [(whole_conversation(one), one["updated_at"] + 60) for one in raw]


# Writing


def written(store: Store, many: int, size: int) -> None:
    """Heads, then bodies, then the same bodies again; and bodies alone."""
    data = Data()
    watches = {name: Watch() for name in ("decoded", "bodies, new", "heads, new", "bodies of heads", "same again")}
    for raw in batches(data.bodies(many), size):
        with watches["decoded"]:
            bodies = whole(raw)
        with watches["bodies, new"], store.batch() as batch:
            batch.bodies(bodies)
    for raw in batches(data.bodies(many, many), size):
        heads, bodies, again = [conversation_head(head(one)) for one in raw], whole(raw), whole(raw)
        with watches["heads, new"], store.batch() as batch:
            batch.heads(heads)
        with watches["bodies of heads"], store.batch() as batch:
            batch.bodies(bodies)
        with watches["same again"], store.batch() as batch:
            batch.bodies(again)
    for name, watch in watches.items():
        print(f"  {name:24}{watch.told(many)}")


# Updating


def longer(body: dict[str, Any], data: Data, count: int, chance: Any) -> dict[str, Any]:
    """The conversation with so many parts."""
    at, author = body["created_at"], body["source"]["author"]
    number = int(body["id"]) * 100
    made = [
        {**data.part(0, 0, at + 60 * n, data.text(chance, 30), author), "id": str(number + n)} for n in range(count)
    ]
    held = {"type": "conversation_part.list", "conversation_parts": made, "total_count": count}
    return {**body, "updated_at": at + 60 * count, "conversation_parts": held}


def by_difference(batch: Batch, bodies: list[Body]) -> None:
    batch.bodies(bodies)


def delete_and_reinsert(batch: Batch, bodies: list[Body]) -> None:
    """As it is done where parts are not compared. Counters are left to what writes the rows."""
    from bi_contracts.intercom.store.writing.rows import held

    found = held(batch, [one.id for one, _ in bodies]).values()
    for table, column in (
        (parts, parts.c.conversation),
        (conversation_contacts, conversation_contacts.c.conversation),
        (conversations, conversations.c.n),
    ):
        batch.connection.execute(
            delete(table).where(column == bindparam("gone")), [{"gone": row["n"]} for row in found]
        )
    for row in found:
        batch.tally.conversation(row, -1)
    batch.bodies(bodies)


def updated(store: Store, many: int, size: int, rounds: int) -> None:
    import random

    ways: dict[str, Callable[[Batch, list[Body]], None]] = {
        "by difference": by_difference,
        "delete and reinsert": delete_and_reinsert,
    }
    database = Inside(store)
    for count in LENGTHS:
        data, chance = Data(seed=count), random.Random(count)
        some = max(size, many * 4 // count // 10)
        bodies = [longer(one, data, count + 2 * rounds, chance) for one in data.bodies(some, count * 10**6)]
        write(store, by_difference, [sent(one, count) for one in bodies], size, Watch())
        spent: dict[str, list[Watch]] = {name: [] for name in ways}
        inside: dict[str, list[float]] = {name: [] for name in ways}
        for turn in range(rounds):
            for name, way in ways.items():
                parts_sent = count + 1 + 2 * turn + (way is delete_and_reinsert)
                spent[name].append(Watch())
                before = database.wall
                write(store, way, [sent(one, parts_sent) for one in bodies], size, spent[name][-1])
                inside[name].append(database.wall - before)
        in_all = statistics.median(slow.wall / quick.wall for quick, slow in zip(*spent.values(), strict=True))
        within = statistics.median(slow / quick for quick, slow in zip(*inside.values(), strict=True))
        print(
            f"  {count:3} parts, one more:    {within:5.1f}x in the database, {in_all:.1f}x in all;"
            f" ours {spent['by difference'][-1].told(some)}"
        )


def sent(body: dict[str, Any], count: int) -> dict[str, Any]:
    """The conversation while it had so many parts."""
    held = body["conversation_parts"]["conversation_parts"][:count]
    listed = {**body["conversation_parts"], "conversation_parts": held, "total_count": count}
    return {**body, "updated_at": held[-1]["created_at"], "conversation_parts": listed}


def write(
    store: Store, way: Callable[[Batch, list[Body]], None], raw: list[dict[str, Any]], size: int, watch: Watch
) -> None:
    for some in batches(iter(raw), size):
        bodies = whole(some)
        with watch, store.batch() as batch:
            way(batch, bodies)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, default=10_000)
    parser.add_argument("--batch", type=int, default=300, help="conversations a batch")
    parser.add_argument("--rounds", type=int, default=3, help="of updates")
    parser.add_argument("--postgresql", default="", help="URL of a database that may be written to")
    asked = parser.parse_args()
    with ExitStack() as open_here:
        folder = Path(open_here.enter_context(tempfile.TemporaryDirectory()))
        targets = {"SQLite": str(folder / "store.db")}
        if asked.postgresql:
            targets["PostgreSQL"] = asked.postgresql
        else:
            from tests.intercom.postgresql import binaries, server

            programs = binaries()
            if programs is not None:
                targets["PostgreSQL"] = open_here.enter_context(server(programs))
        for name, target in targets.items():
            with open_store(target) as store:
                print(f"{name}: {asked.conversations} conversations, {asked.batch} a batch")
                written(store, asked.conversations, asked.batch)
                updated(store, asked.conversations, asked.batch, asked.rounds)
                with store.reading() as connection:
                    held = store.database.size(connection)
                print(f"  {held / 2**20:,.0f} MB in all")


if __name__ == "__main__":
    main()
