"""Damages copies of a store in every way that one would fear, repairs them, and compares what they hold."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import BiContractsError, ConfigurationError
from ...session import Upstream
from ..store import open_store
from ..store.repairing import repair
from ..sync import Intercom, SyncSettings, refetch, sync
from .contents import Difference, contents
from .line import Mark
from .result import Result, Row, Section

if TYPE_CHECKING:
    from ..store.store import Store

NOTHING = Difference(0, 0, 0)
PAGE = 4096
HEADER = 100
"""Bytes that every SQLite file begins with. Source: sqlite.org/fileformat.html."""


@dataclass(frozen=True, slots=True)
class Damage:
    """One way to damage a file."""

    name: str
    apply: Callable[[Path], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one damage.

    Attributes:
        name: What was done.
        found: Things that `verify` found wrong.
        fetched: Conversations that were asked for again.
        left: How the contents differ after the repair from those before the damage.
        later: The same after the sync that followed, None where none was needed.
        damaged: Things that are still wrong.
        error: Why the repair did not end, "" where it did.
    """

    name: str
    found: int = 0
    fetched: int = 0
    left: Difference = NOTHING
    later: Difference | None = None
    damaged: int = 0
    error: str = ""


def run(source: Store, upstream: Upstream, folder: Path, chosen: Sequence[Damage] = ()) -> Result:
    """Every damage on a copy of its own. The store itself is only read. Raises `ConfigurationError` for no SQLite."""
    if source.kind != "sqlite":
        raise ConfigurationError(f"{source.address}: files are damaged here, and {source.kind} has none of its own")
    copy = folder / "whole.db"
    source.backup(copy)
    _flush(copy)
    with open_store(copy, create=False) as store:
        wanted = contents(store)
    _flush(copy)
    outcomes = [_outcome(one, copy, folder, upstream, wanted) for one in chosen or DAMAGES]
    return result(outcomes, source.meta("source") or "", len(wanted))


def result(outcomes: Sequence[Outcome], source: str, held: int) -> Result:
    """What came of it."""
    sections = [Section("Store", (Row("Conversations", held, note="in a copy; the store itself was only read"),))]
    sections += [Section(one.name, _rows(one)) for one in outcomes]
    bad = any(row.mark is Mark.BAD for section in sections for row in section.rows)
    advice = ("What a repair could not heal is fetched by the next full sync: bi-contracts intercom sync --full",)
    return Result("recovery", "Database recovery", source, tuple(sections), advice if bad else ())


def _rows(one: Outcome) -> tuple[Row, ...]:
    if one.error:
        return (Row("Repair", one.error, mark=Mark.BAD),)
    healed = Mark.GOOD if one.left.none else Mark.PLAIN if one.later is not None else Mark.BAD
    rows = [
        Row("Found by verify", one.found, mark=Mark.GOOD if one.found else Mark.BAD, note="things that are wrong"),
        Row("Fetched again", one.fetched, "conversations"),
        Row("Verify after the repair", one.damaged, mark=Mark.BAD if one.damaged else Mark.GOOD, note="still wrong"),
        Row("Content after the repair", str(one.left), mark=healed),
    ]
    if one.later is not None:
        mark = Mark.GOOD if one.later.none else Mark.BAD
        rows.append(Row("Content after the next sync", str(one.later), mark=mark))
    return tuple(rows)


def _outcome(damage: Damage, whole: Path, folder: Path, upstream: Upstream, wanted: dict[str, str]) -> Outcome:
    path = folder / "damaged.db"
    shutil.copyfile(whole, path)
    try:
        damage.apply(path)
        told = repair(path, lambda store, ids: _fetch(store, ids, upstream))
        with open_store(path, create=False) as store:
            left = Difference.of(wanted, contents(store))
            later = None if left.none else _synced(store, upstream, wanted)
        return Outcome(damage.name, told.before.damaged, len(told.fetched), left, later, told.after.damaged)
    except BiContractsError as error:
        return Outcome(damage.name, error=str(error))
    finally:
        for each in folder.glob("damaged.db*"):
            each.unlink()


def _fetch(store: Store, ids: Sequence[str], upstream: Upstream) -> None:
    async def run() -> None:
        async with Intercom(upstream) as intercom:
            await refetch(store, intercom, ids)

    asyncio.run(run())


def _synced(store: Store, upstream: Upstream, wanted: dict[str, str]) -> Difference:
    """What the next sync leaves: rows that are gone without a trace only Intercom can tell of."""

    async def run() -> None:
        async with Intercom(upstream) as intercom:
            await sync(store, intercom, SyncSettings())

    asyncio.run(run())
    return Difference.of(wanted, contents(store))


def _flush(path: Path) -> None:
    """Brings the log into the file, so that a copy of the file is a copy of the store."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode=DELETE")


# The damages


def flip(path: Path) -> None:
    """One bit of what Intercom sent of a message."""
    at = _message(path)
    _write(path, at + 8, bytes([path.read_bytes()[at + 8] ^ 0x10]))


def zero(path: Path) -> None:
    """A page of messages, as a disk leaves one that it lost."""
    at = _message(path)
    _write(path, at - at % PAGE, bytes(PAGE))


def truncate(path: Path) -> None:
    """The last third of the file is gone."""
    size = path.stat().st_size
    with path.open("rb+") as file:
        file.truncate(size * 2 // 3 // PAGE * PAGE)


def header(path: Path) -> None:
    """The file does not begin as SQLite's do."""
    _write(path, 0, bytes(HEADER))


def lose_messages(path: Path) -> None:
    """Messages that are gone, with their places in the index."""
    _execute(path, "DELETE FROM parts WHERE n IN (SELECT n FROM parts WHERE position > 0 ORDER BY n LIMIT 5)")


def lose_conversations(path: Path) -> None:
    """Conversations that are gone without a tombstone."""
    _execute(
        path,
        "DELETE FROM parts WHERE conversation IN (SELECT n FROM conversations ORDER BY n LIMIT 3)",
        "DELETE FROM conversation_contacts WHERE conversation IN (SELECT n FROM conversations ORDER BY n LIMIT 3)",
        "DELETE FROM conversations WHERE n IN (SELECT n FROM conversations ORDER BY n LIMIT 3)",
    )


def change_text(path: Path) -> None:
    """A message's text is another than Intercom sent."""
    _execute(path, "UPDATE parts SET text = 'other words' WHERE n = (SELECT min(n) FROM parts WHERE text <> '')")


def empty_index(path: Path) -> None:
    """The full-text index is empty: nothing is found any more."""
    _execute(path, "INSERT INTO messages_fts(messages_fts) VALUES ('delete-all')")


def miscount(path: Path) -> None:
    """A counter tells too many."""
    _execute(path, "UPDATE counters SET value = value + 7 WHERE name = 'conversations'")


DAMAGES = (
    Damage("A flipped bit", flip),
    Damage("A zeroed page", zero),
    Damage("A truncated file", truncate),
    Damage("A lost header", header),
    Damage("Lost messages", lose_messages),
    Damage("Lost conversations", lose_conversations),
    Damage("Changed text", change_text),
    Damage("An empty index", empty_index),
    Damage("A wrong counter", miscount),
)


def _message(path: Path) -> int:
    """Where in the file a message stands, in the middle of all: what Intercom sent of it, in one piece."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        rows = connection.execute("SELECT raw FROM parts WHERE length(raw) > 60 ORDER BY n").fetchall()
    held = path.read_bytes()
    for (raw,) in rows[len(rows) // 2 :]:
        at = held.find(raw[:40])
        if at > 0 and at % PAGE < PAGE - 40:
            return at
    raise ConfigurationError("the store holds no message that could be damaged: sync some conversations first")


def _write(path: Path, at: int, what: bytes) -> None:
    with path.open("rb+") as file:
        file.seek(at)
        file.write(what)


def _execute(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)
