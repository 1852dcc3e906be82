"""`backup`: a copy of a SQLite store while it is in use, checked before it takes its name."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import ConfigurationError, StoreDamaged, StoreError, StoreFull
from .examining import examine, plain
from .sqlite import MODE, SQLite
from .verifying import verify

if TYPE_CHECKING:
    from .store import Store

PAGES = 256
"""Copied at once: a writer waits for so many at most."""

Progress = Callable[[int, int], None]
"""Is told how many pages are copied, and how many there are."""


def backup(
    store: Store, path: str | os.PathLike[str], *, force: bool = False, progress: Progress | None = None
) -> Path:
    """Copies a store to a file of mode 0600 and checks the copy; the file is whole or not there.

    Writers go on meanwhile; what they commit until the end may be in it. Raises `StoreError` where a file is there
    and `force` is not set, `StoreDamaged` where the copy is not sound, `StoreFull`, `ConfigurationError` for
    PostgreSQL, which keeps its own copies.
    """
    target = Path(path)
    database = store.database
    if not isinstance(database, SQLite):
        raise ConfigurationError(f"{store.address} is kept by PostgreSQL: {pg_dump_line(store, target)}")
    if target.is_dir():
        raise StoreError(f"{target} is a folder: name a file in it")
    if target.exists() and (target.samefile(database.path) or not force):
        raise StoreError(f"{target} is there already: name another file, or add --force to replace it")
    draft = target.with_name(f".{target.name}.{os.getpid()}.backup")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy(database.path, draft, progress)
        _check(draft)
        for end in ("-wal", "-shm", "-journal"):
            with suppress(OSError):
                os.unlink(f"{target}{end}")  # of the file that is replaced: read with the copy it would ruin it
        os.replace(draft, target)
    except OSError as error:
        raise StoreFull(f"{target} cannot be written: {error.strerror or error}") from None
    finally:
        for end in ("", "-wal", "-shm", "-journal"):
            with suppress(OSError):
                os.unlink(f"{draft}{end}")
    return target


def _copy(source: Path, draft: Path, progress: Progress | None) -> None:
    os.close(os.open(draft, os.O_CREAT | os.O_RDWR | os.O_TRUNC, MODE))

    def copied(_: int, remaining: int, total: int) -> None:
        if progress is not None:
            progress(total - remaining, total)

    try:
        with closing(plain(source)) as held, closing(sqlite3.connect(draft)) as copy:
            # One state of the store, however much is written meanwhile: else every commit begins it anew.
            held.execute("BEGIN")
            held.execute("SELECT count(*) FROM sqlite_master").fetchone()
            held.backup(copy, pages=PAGES, progress=copied)
            held.execute("ROLLBACK")
    except sqlite3.DatabaseError as error:
        code = error.sqlite_errorcode & 0xFF
        if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            raise StoreFull(f"{draft.parent}: no room for a copy ({error}); nothing was left behind") from None
        raise StoreDamaged(f"{source} is damaged ({error}): bi-contracts intercom verify tells more") from None
    with draft.open("rb+") as file:
        os.fsync(file.fileno())


def _check(draft: Path) -> None:
    """The pages of the copy, and the digests of a sample."""
    from . import open_store

    found = list(examine(draft))
    with open_store(draft, create=False, read_only=True) as copy:
        looked = verify(copy, before=found, sample=True)
    if looked.damaged:
        worst = looked.damages[0]
        raise StoreDamaged(
            f"the copy is not sound ({worst.check}: {worst.message}), and so the store is not:"
            " bi-contracts intercom verify tells more"
        )


def pg_dump_line(store: Store, target: Path) -> str:
    """What to type for a copy of a PostgreSQL store; the password comes from PGPASSWORD or ~/.pgpass."""
    url = store.database.engine.url.set(drivername="postgresql", password=None).render_as_string()
    return f"pg_dump --format=custom --file={target} '{url}'"


def pg_dump(store: Store, path: str | os.PathLike[str], *, force: bool = False) -> Path:
    """Runs pg_dump into a file of mode 0600. Raises `ConfigurationError` where it is not there, `StoreError`."""
    target, program = Path(path), shutil.which("pg_dump")
    if program is None:
        raise ConfigurationError(f"pg_dump is not on the PATH; where it is: {pg_dump_line(store, target)}")
    if target.exists() and not force:
        raise StoreError(f"{target} is there already: name another file, or add --force to replace it")
    url = store.database.engine.url
    draft = target.with_name(f".{target.name}.{os.getpid()}.backup")
    address = url.set(drivername="postgresql", password=None).render_as_string()
    secret = {"PGPASSWORD": str(url.password)} if url.password is not None else {}
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(draft, os.O_CREAT | os.O_RDWR | os.O_TRUNC, MODE))
        done = subprocess.run(
            [program, "--format=custom", f"--file={draft}", f"--dbname={address}", *_schemas(store)],
            env={**os.environ, **secret},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise StoreError(f"{store.address}: pg_dump ended with {done.returncode}: {done.stderr.strip()[:300]}")
        os.replace(draft, target)
    except OSError as error:
        raise StoreFull(f"{target} cannot be written: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            os.unlink(draft)
    return target


def _schemas(store: Store) -> list[str]:
    """The schema that the store is in, and no other one of its database."""
    with store.reading() as connection:
        name = str(connection.exec_driver_sql("SELECT current_schema()").scalar_one())
    return [f"--schema={name}"]
