"""A throw-away PostgreSQL server for tests."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

QUICK = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "listen_addresses": "''",
    "max_connections": "40",
    "shared_buffers": "32MB",
}
"""A server that nobody would miss needs no care."""

PATIENCE = 60.0
"""Seconds that it may take to start."""


def binaries() -> Path | None:
    """The folder of PostgreSQL's programs, None where it is not installed."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    return next(
        (one.parent for one in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)),
        None,
    )


@contextmanager
def server(programs: Path) -> Iterator[str]:
    """A server on a socket of its own; gives the URL of its database."""
    # A socket's path must be short (107 bytes on Linux).
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    who = _somebody()
    try:
        if who:
            shutil.chown(folder, who["user"])
        made = subprocess.run(
            [
                programs / "initdb",
                "-A",
                "trust",
                "-U",
                "tests",
                "-E",
                "UTF8",
                "--no-locale",
                "-N",
                "-D",
                folder / "data",
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
            **who,
        )
        assert made.returncode == 0, made.stderr
        settings = [word for name, value in QUICK.items() for word in ("-c", f"{name}={value}")]
        settings = [word.replace("''", "") for word in settings]
        log = (folder / "log").open("w")
        process = subprocess.Popen(
            [programs / "postgres", "-D", folder / "data", "-k", folder, *settings],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            cwd=folder,
            **who,
        )
        try:
            _wait(process, folder)
            yield f"postgresql+psycopg://tests@/postgres?host={folder}"
        finally:
            process.send_signal(signal.SIGQUIT)  # at once: nobody will read it again
            process.wait()
            log.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def empty(connection: Any) -> None:
    """Takes what a store holds away: it is then as one that was just made."""
    from bi_contracts.intercom.store.counters import NAMES
    from bi_contracts.intercom.store.schema import VERSION, metadata

    counters = ", ".join(f"('{name}', 0)" for name in NAMES)
    statements = [
        *(f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables)),
        *(f"ALTER SEQUENCE {name}_n_seq RESTART" for name in ("conversations", "runs")),
        f"INSERT INTO meta VALUES ('schema', '{VERSION}')",
        f"INSERT INTO counters VALUES {counters}",
    ]
    connection.execute("; ".join(statements).encode())


def _wait(process: subprocess.Popen[Any], folder: Path) -> None:
    end = time.monotonic() + PATIENCE
    lock = folder / "data" / "postmaster.pid"
    while not (lock.exists() and "ready" in lock.read_text()):
        assert process.poll() is None, (folder / "log").read_text()
        assert time.monotonic() < end, "PostgreSQL did not start"
        time.sleep(0.02)


def _somebody() -> dict[str, Any]:
    """Arguments of a process that root starts as somebody else, as PostgreSQL wants it."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return {}
    import pwd

    names = {one.pw_name for one in pwd.getpwall()}
    user = "postgres" if "postgres" in names else "nobody"
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}
