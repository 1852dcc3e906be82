"""Freshness, coverage and counts, from what a store says of itself."""

from __future__ import annotations

from collections.abc import Sequence

from ..store.values import Range, Run, Status, uncovered
from .budgets import clipped
from .models import Counted, Coverage, Freshness, SyncFigures, Window, moment, moment_or_none

SOURCES = ("live", "sandbox", "replay", "mock")
NEVER = "no sync has ended well yet"


def freshness(status: Status, now: float) -> Freshness:
    """Who was synced, and how long ago."""
    ended = status.last.ended_at if status.last else None
    return Freshness(
        source=status.source if status.source in SOURCES else "none",  # type: ignore[arg-type]
        synced_at=moment_or_none(ended),
        age_seconds=status.age(now),
        why_no_age=_why_no_age(status.source, ended),
        last_sync=clipped(status.latest.outcome, 40) if status.latest else "never",
    )


def _why_no_age(source: str, ended: int | None) -> str:
    """A sandbox and recordings have a time of their own: an age by this machine's clock would mean nothing."""
    if ended is None:
        return NEVER
    return "" if source == "live" else f"synced_at is by the clock of the {source}, not by today's"


def coverage(
    status: Status, stream: str = "conversations", since: int | None = None, until: int | None = None
) -> Coverage:
    """What is held of a stream, and what is missing of what was asked about."""
    ranges = status.coverage.get(stream, ())
    pending = status.counters.get("pending", 0) if stream == "conversations" else 0
    if not ranges:
        said = (
            f"no {stream} were synced: sync_conversations reads conversations"
            if stream == "conversations"
            else (f"no {stream} were synced: `bi-contracts intercom sync --with {stream}` does that")
        )
        return Coverage(since=None, to=None, complete=False, pending=pending, gaps=0, missing=said)
    newest = ranges[-1]
    holes = gaps(ranges, since or 0, newest.hi if until is None else min(until, newest.hi))
    unreadable = status.counters.get("dead_letters", 0)
    beyond = (until is not None and until > newest.hi) or (since is not None and since >= newest.hi)
    missing = [
        *([f"what was updated before {moment(newest.lo)} is held in part or not at all"] if holes else []),
        *([f"what was updated after {moment(newest.hi)}"] if beyond else []),
        *([f"messages of {pending} conversations but their first"] if pending else []),
        *([f"{unreadable} records that could not be read when they were sent"] if unreadable else []),
    ]
    return Coverage(
        since=moment(newest.lo),
        to=moment(newest.hi),
        complete=not missing,
        pending=pending,
        gaps=len(ranges) - 1,
        missing="; ".join(missing),
    )


def gaps(ranges: Sequence[Range], since: int, until: int) -> tuple[Range, ...]:
    """Stretches of a window that no range covers, the oldest first."""
    return tuple(uncovered(Range(since, until), ranges))[::-1]


def window(held: Range) -> Window:
    """A range as an answer tells it."""
    return Window(since=moment(held.lo), to=moment(held.hi))


def counted(status: Status) -> Counted:
    """How many of each are held."""
    of = status.counters.get
    return Counted(
        conversations=of("conversations", 0),
        heads=of("heads", 0),
        deleted=of("deleted", 0),
        messages=of("parts", 0),
        contacts=of("contacts", 0),
        tickets=of("tickets", 0),
        older_missing=of("truncated", 0),
        unreadable=of("dead_letters", 0),
    )


def figures(run: Run | None) -> SyncFigures | None:
    """A run in figures."""
    if run is None:
        return None
    return SyncFigures(
        kind=run.kind,
        source=run.source,
        started_at=moment(run.started_at),
        ended_at=moment_or_none(run.ended_at),
        outcome=run.outcome,
        seconds=run.milliseconds / 1000,
        calls=run.calls,
        refused=run.refused,
        retried=run.retried,
        conversations=run.conversations,
        messages=run.parts,
        error=clipped(run.error, 500),
    )


def conversation_url(status: Status, id: str) -> str:
    """Where a person reads it; of made-up and recorded data no page exists, and the name says so."""
    return _url(status, "conversation", f"inbox/{status.workspace or '_'}/inbox/conversation/{id}", id)


def contact_url(status: Status, id: str) -> str:
    """The same for a contact."""
    return _url(status, "contact", f"apps/{status.workspace or '_'}/users/{id}/all-conversations", id)


def _url(status: Status, what: str, path: str, id: str) -> str:
    if status.source != "live":
        return f"urn:bi-contracts:{status.source or 'none'}:{what}:{id}"
    region = status.region.lower()
    host = f"app.{region}.intercom.com" if region in ("eu", "au") else "app.intercom.com"
    return f"https://{host}/a/{path}"
