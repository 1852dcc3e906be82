"""`verify --repair`: heals what `verify` finds, and asks Intercom again only for what is damaged.

A damaged file is never deleted: what can be read of it goes into a new one beside it, which takes its place in one step
when it is whole, and the damaged one stays as NAME.damaged-TIME.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from ...errors import StoreBusy, StoreDamaged, StoreError, StoreFull, StoreMissing
from . import open_store
from .checks.file import UNREADABLE, tables
from .checks.found import Found, Remedy
from .examining import examine, expected, plain
from .mending import Plan, mend
from .salvage import Salvaged, is_foreign, salvage
from .verifying import Progress, Verification, Verified, verify

if TYPE_CHECKING:
    from ...contract import Contract
    from .lease import Lease
    from .store import Store

Fetch = Callable[["Store", Sequence[str]], None]
"""Asks Intercom for conversations and writes what it answers; one that is gone becomes a tombstone."""

BESIDE = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Repaired:
    """What a repair did.

    Attributes:
        before: What was wrong.
        after: What is still wrong.
        fetched: Conversations that were asked for again.
        waiting: Conversations that could not be: the next sync fetches them.
        kept: Where the damaged file stays, None where it was mended in place.
        salvaged: What could be read of it.
        read_again: Streams of which something may be lost that nobody knows: the next sync of them reads all heads.
    """

    before: Verified
    after: Verified
    fetched: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    kept: Path | None = None
    salvaged: Salvaged | None = None
    read_again: tuple[str, ...] = ()


def repair(
    target: str | os.PathLike[str],
    fetch: Fetch | None = None,
    *,
    contracts: Contract | None = None,
    progress: Progress | None = None,
    now: Callable[[], float] = time.time,
    wait: float = 0.0,
) -> Repaired:
    """Verifies, heals, asks again for what is damaged, and verifies again.

    Without `fetch` what would be asked for is left to the next sync. Raises `StoreBusy` where somebody else has the
    store's lease for `wait` more seconds, `StoreFull`, `StoreMissing`, `StoreDamaged` where nothing can be read of it.
    """
    work = _Repair(os.fspath(target), contracts, progress, now, wait)
    before, ids = work.mended()
    with open_store(work.target, create=False, now=now) as store:
        if fetch is not None and ids:
            fetch(store, ids)
        held = store.known(ids)
        waiting = tuple(id for id in ids if id not in held or held[id].pending)
        after = verify(store, contracts=contracts, progress=progress)
    fetched = tuple(sorted(set(ids) - set(waiting)))
    return Repaired(before, after, fetched, waiting, work.kept, work.salvaged, work.read_again)


class _Repair:
    """One repair under way: the file, then the rows."""

    def __init__(
        self,
        target: str,
        contracts: Contract | None,
        progress: Progress | None,
        now: Callable[[], float],
        wait: float,
    ) -> None:
        self.target, self.contracts, self.progress = target, contracts, progress
        self.now, self.wait = now, wait
        self.path = file_of(target)
        self.kept: Path | None = None
        self.salvaged: Salvaged | None = None
        self.read_again: tuple[str, ...] = ()

    def mended(self) -> tuple[Verified, list[str]]:
        """What was wrong, and the ids that are to be fetched."""
        found = self._file()
        with self._opened() as store:
            rows, before = self._looked(store, found)
            if _asks(rows, Remedy.SALVAGE) and self.path is not None and self.salvaged is None:
                store.close()
                self._salvage()
                with self._opened() as store:
                    rows, _ = self._looked(store, found)
                    return before, self._rows(store, rows)
            return before, self._rows(store, rows)

    def _looked(self, store: Store, found: list[Found]) -> tuple[list[Found], Verified]:
        run = Verification(store, contract=self.contracts, progress=self.progress)
        rows = list(run.found())
        return rows, run.result((*found, *rows))

    def _rows(self, store: Store, rows: list[Found]) -> list[str]:
        plan = Plan.of(rows)
        if self.salvaged is not None:
            _doubt(plan, self.salvaged)
        if plan.empty:
            return []
        with store.lease(wait=self.wait) as lease:
            ids = mend(store, lease, plan)
        self.read_again = plan.read_again
        return ids

    def _file(self) -> list[Found]:
        """Mends the file, before anybody opens it. Returns what was wrong with it."""
        if self.path is None:
            return []
        if not os.access(self.path, os.R_OK) or not self.path.is_file() or _empty(self.path):
            open_store(self.target, create=False, read_only=True, now=self.now).close()  # says what is wrong with it
            return []
        if is_foreign(self.path):
            raise StoreDamaged(f"{self.path} is a database, but no store; it was left alone")
        found = list(examine(self.path, expected()))
        if _asks(found, Remedy.SALVAGE) or (found and not mended_in_place(self.path)):
            self._salvage()
        return found

    def _opened(self) -> Store:
        try:
            return open_store(self.target, create=False, now=self.now)
        except (StoreBusy, StoreMissing, StoreFull):
            raise
        except StoreError:
            # A newer version's store has other tables, or more; one that only says so is damaged.
            if self.path is None or self.salvaged is not None or not ours(self.path):
                raise
            self._salvage()
            return open_store(self.target, create=False, now=self.now)

    def _salvage(self) -> None:
        """A new file in the place of the damaged one. Whoever can still write to that is kept out by its lease."""
        assert self.path is not None
        with ExitStack() as held:
            try:
                store = held.enter_context(open_store(self.target, create=False, now=self.now))
                held.enter_context(_released(store.lease(wait=self.wait)))
            except StoreBusy:
                raise
            except StoreError:
                pass  # so damaged that nobody can take a lease of it, nor write to it
            self.kept, self.salvaged = rebuilt(self.path, self.now())


@contextmanager
def _released(lease: Lease) -> Iterator[None]:
    """A lease in a file that may not be able to give it back."""
    try:
        yield
    finally:
        with suppress(StoreError):
            lease.release()


def _empty(path: Path) -> bool:
    """Whether nothing was ever written: to the file, or to the log beside it."""
    log = path.with_name(f"{path.name}-wal")
    return not path.stat().st_size and not (log.exists() and log.stat().st_size)


def _asks(found: Iterable[Found], remedy: Remedy) -> bool:
    return any(one.remedy is remedy for one in found)


def _doubt(plan: Plan, salvaged: Salvaged) -> None:
    """What may be lost without a trace is read again by the next sync."""
    if salvaged.unknown or salvaged.damaged & {"dead_letters", "coverage", "cursors", "shards"}:
        plan.cover()
    for table, remedy in (("contacts", Remedy.CONTACTS), ("tickets", Remedy.TICKETS)):
        if table in salvaged.damaged:
            plan.whole.add(remedy)


def ours(path: Path) -> bool:
    """Whether a file has exactly the tables of this version, as far as they can be read."""
    try:
        with closing(plain(path)) as connection:
            return not any(tables(connection, expected()))
    except UNREADABLE:
        return True


def mended_in_place(path: Path) -> bool:
    """Indexes built anew, the log brought in; whether that was enough."""
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute("REINDEX")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except UNREADABLE:
        return False
    return not any(examine(path, expected()))


def rebuilt(path: Path, now: float) -> tuple[Path, Salvaged]:
    """Puts what can be read of a damaged file into a new one, and that into its place. Raises `StoreFull`.

    The damaged file stays, under another name, with the log that was beside it.
    """
    fresh = path.with_name(f"{path.name}.repairing")
    _remove(fresh)
    try:
        with open_store(fresh):
            pass  # an empty store
        salvaged = salvage(path, fresh)
        if not salvaged.rows and not salvaged.missing:
            raise StoreDamaged(
                f"{path}: nothing of a store can be read of it; it was left alone. Move it away, and"
                " bi-contracts intercom sync makes a new one; or bring back a copy"
            )
        _flush(fresh)
        return _swapped(path, fresh, now), salvaged
    except (OSError, sqlite3.OperationalError) as error:
        raise StoreFull(f"{path}: no room for a repaired copy beside it ({error}); nothing was changed") from None
    finally:
        _remove(fresh)


def _flush(fresh: Path) -> None:
    with closing(sqlite3.connect(fresh, isolation_level=None)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with fresh.open("rb+") as file:
        os.fsync(file.fileno())


def _swapped(path: Path, fresh: Path, now: float) -> Path:
    moment = f"{datetime.fromtimestamp(now, UTC):%Y%m%dT%H%M%SZ}"
    names = (path.with_name(f"{path.name}.damaged-{moment}{end}") for end in ("", *(f"-{n}" for n in range(2, 1000))))
    kept = next(name for name in names if not name.exists())
    try:
        os.link(path, kept)
    except OSError:  # no hard links there
        shutil.copy2(path, kept)
    for end in ("-wal", "-journal"):
        with suppress(FileNotFoundError):
            os.replace(f"{path}{end}", f"{kept}{end}")  # of the old file: read with the new one it would ruin it
    with suppress(FileNotFoundError):
        os.unlink(f"{path}-shm")
    os.replace(fresh, path)
    return kept


def _remove(path: Path) -> None:
    for end in ("", *BESIDE):
        with suppress(FileNotFoundError):
            os.unlink(f"{path}{end}")


def file_of(target: str) -> Path | None:
    """The file of a store, None where it is none."""
    scheme, separator, rest = target.partition("://")
    if not separator:
        return Path(target)
    return Path(unquote(rest.removeprefix("/"))) if scheme.startswith("sqlite") else None
