"""Whose data a store holds, how fresh and how complete they are: said beneath everything that is read from it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ...intercom.store.values import Range, Status

SOURCES = {
    "live": "Intercom",
    "sandbox": "SANDBOX: made-up data, of no real customer",
    "replay": "RECORDINGS: as they were answered once",
    "mock": "MOCK: made up by `bi-contracts intercom data`",
    "": "nobody yet: bi-contracts intercom sync fills it",
}
CLOCKS = {"sandbox": "the sandbox's own clock", "replay": "the clock of the recordings"}
"""Of sources whose time is not today's: no age is told of them."""

WIDTH = 100
_STALE = 86_400
"""Seconds after which data are called old."""


def provenance(status: Status, now: float) -> dict[str, Any]:
    """The same as JSON values."""
    ended = status.last.ended_at if status.last else None
    pending = status.counters.get("pending", 0)
    return {
        "source": status.source or None,
        "workspace": status.workspace or None,
        "workspace_name": status.workspace_name or None,
        "synced_at": None if ended is None else iso(ended),
        "age_seconds": status.age(now),
        "last_sync": status.latest.outcome if status.latest else None,
        "coverage": [{"above": iso(one.lo), "up_to": iso(one.hi)} for one in status.coverage.get("conversations", ())],
        "pending": pending,
    }


def tell(status: Status, now: float) -> None:
    """Prints where an answer comes from."""
    workspace = " ".join(filter(None, (status.workspace_name, f"({status.workspace})" if status.workspace else "")))
    said = SOURCES.get(status.source, status.source)
    line("source", f"{said}{', workspace ' + plain(workspace) if workspace else ''}")
    line("fresh", _fresh(status, now))
    line("holds", _holds(status))


def line(name: str, text: str, out: Callable[[str], None] = click.echo) -> None:
    """A named line; what is long goes on beneath itself."""
    # Cursors and addresses stay in one piece, to be copied.
    filled = textwrap.TextWrapper(WIDTH, break_long_words=False, break_on_hyphens=False)
    filled.initial_indent, filled.subsequent_indent = f"{name:<10} ", " " * 11
    out(filled.fill(text))


def _fresh(status: Status, now: float) -> str:
    if status.source == "mock":
        return "made up, and never synced"
    if status.last is None or status.last.ended_at is None:
        return "no sync has ended well yet: bi-contracts intercom sync"
    at, age = iso(status.last.ended_at), status.age(now)
    failed = ""
    if status.latest is not None and status.latest.n != status.last.n and status.latest.outcome != "running":
        failed = f"; the latest sync ended {status.latest.outcome}"
    if age is None:
        return f"synced {at} by {CLOCKS.get(status.source, 'a clock of its own')}{failed}"
    old = "; bi-contracts intercom sync brings it up to date" if age >= _STALE else ""
    return f"synced {span(age)} ago, {at}{failed}{old}"


def _holds(status: Status) -> str:
    ranges = status.coverage.get("conversations", ())
    pending = status.counters.get("pending", 0)
    waiting = f"; {pending:,} of them without their latest messages" if pending else ""
    if not ranges:
        return f"{status.counters.get('conversations', 0):,} conversations, no stretch of time completely{waiting}"
    gaps = f"; {len(ranges) - 1} gaps before that" if len(ranges) > 1 else ""
    return f"all conversations updated {_range(ranges[-1])}{gaps}{waiting}"


def _range(held: Range) -> str:
    return f"after {iso(held.lo)} and up to {iso(held.hi)}"


def span(seconds: int) -> str:
    """`5 minutes`, `3 days`."""
    for unit, length in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            return counted(seconds // length, unit)
    return counted(seconds, "second")


def counted(number: int, unit: str) -> str:
    """`1 day`, `1,200 days`."""
    return f"{number:,} {unit}{'' if number == 1 else 's'}"


def iso(moment: int) -> str:
    """A time in UTC. Times that no calendar has are told as their number."""
    try:
        return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return str(moment)


def plain(text: str, *, lines: bool = False) -> str:
    """What somebody wrote, without what would steer a terminal."""
    return "".join(one if one.isprintable() or (lines and one == "\n") else " " for one in text)
