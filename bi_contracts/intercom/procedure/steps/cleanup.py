"""Whether everything that was begun is ended: processes, locks, files, memory."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from ..conclusion import bad, warning
from ..context import Context
from ..line import CLEANUP, Line
from ..testbed import removed
from ..tree import number
from ..trend import LEAST, trend
from ..usage import children, running

GROWTH = 0.01
"""Share of its memory that a server may gain with each round of queries before it is called leaking."""


async def run(context: Context) -> None:
    """Ends the server, then looks for what is left. Always runs."""
    pid = context.server.pid if context.server is not None else 0
    context.server = None
    await context.stack.aclose()
    context.say(_server(context, pid))
    context.say(_database(context.testbed.store))
    context.say(_files(context))
    context.say(_memory(context, pid))


def _server(context: Context, pid: int) -> Line:
    ended = context.ended
    if ended is None:
        return Line(CLEANUP, "MCP Server", "was not started")
    orphans = children() - context.before
    if orphans or (pid and running(pid)):
        left = ", ".join(map(str, sorted(orphans | ({pid} if pid and running(pid) else set()))))
        return bad(CLEANUP, "MCP Server", f"processes still run: {left}", "server stop")
    figures = {"shutdown_s": ended.seconds}
    if ended.terminated or ended.code is None:
        return warning(CLEANUP, "MCP Server", "did not end with its input, and was terminated", "server stop")
    if ended.code:
        return bad(CLEANUP, "MCP Server", f"ended with exit code {ended.code}", "server stop", figures=figures)
    text = f"Stopped gracefully (exit code 0 after {number(round(ended.seconds, 1))} s, no process left)"
    return Line(CLEANUP, "MCP Server", text, figures=figures)


def _database(path: Path) -> Line:
    """No log is left beside it, and nobody holds a lock."""
    if not path.exists():
        return Line(CLEANUP, "Database", "was not made")
    try:
        with closing(sqlite3.connect(path, timeout=0.5, isolation_level=None)) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        return bad(CLEANUP, "Database", f"cannot be locked: {error}", "leftovers")
    left = [end for end in ("-wal", "-shm", "-journal") if path.with_name(path.name + end).exists()]
    if left:
        return warning(CLEANUP, "Database", f"left {', '.join(path.name + end for end in left)}", "leftovers")
    return Line(CLEANUP, "Database", "Closed properly (no log and no lock left)")


def _files(context: Context) -> Line:
    if context.settings.keep:
        return Line(CLEANUP, "Temp Files", f"Kept, as asked for: {context.testbed.folder}")
    left = removed(context.testbed)
    if left:
        return warning(CLEANUP, "Temp Files", f"{len(left)} left: {', '.join(left[:3])}", "leftovers")
    return Line(CLEANUP, "Temp Files", "All cleaned up")


def _memory(context: Context, pid: int) -> Line:
    """The server's went with its process; whether it grew meanwhile is told by its rounds of queries."""
    seen = [each.used.resident for each in context.measured.server[1:]]
    if not seen:
        return Line(CLEANUP, "Memory", "Fully released" if not pid or not running(pid) else "the server still runs")
    gained = (seen[-1] - seen[0]) / 2**20
    figures = {"gained_mb": gained, "rounds": float(len(seen) - 1)}
    found = trend([float(each) for each in seen])
    if len(seen) >= LEAST and found.grows(GROWTH * seen[0]):
        text = f"the server grew by {gained:.1f}MB over {len(seen) - 1} rounds of the same queries"
        return warning(CLEANUP, "Memory", text, "leak", figures=figures)
    text = f"Fully released (the server grew by {max(gained, 0):.1f}MB over {len(seen) - 1} rounds of the same queries)"
    return Line(CLEANUP, "Memory", text, figures=figures)
