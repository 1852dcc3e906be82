"""check_coverage and get_data_info: what is held, and what is missing."""

from __future__ import annotations

from ..store.lookups import count_between, letters_of
from ..store.reading.budget import Budget, OutOfTime
from ..store.store import Store
from ..store.values import Range, Status
from .budgets import clipped
from .facts import counted, coverage, freshness, gaps, window
from .models import CoverageOf, DataInfo, Truncated, Window, Workspace, moment

SHOWN = 20
"""Windows that are named, at most."""


def covered(stream: str, since: int, until: int, seconds: float, now: float, store: Store) -> CoverageOf:
    """Whether the store holds everything that was updated in a window."""
    status = store.status()
    missing = gaps(status.coverage.get(stream, ()), since, until)
    conversations = stream == "conversations"
    pending = status.counters.get("pending", 0) if conversations else 0
    with store.reading() as connection:
        unreadable = letters_of(connection, (*(("part",) if conversations else ()), stream.removesuffix("s")))
    more = Truncated(cut=True, why="limit", how_to_go_on="Ask for a shorter window.")
    return CoverageOf(
        freshness=freshness(status, now),
        coverage=coverage(status, stream, since, until),
        truncated=more if len(missing) > SHOWN else Truncated(cut=False),
        stream=stream,
        asked=Window(since=moment(since), to=moment(until)),
        held=not missing and not pending and not unreadable,
        gaps=tuple(map(window, missing[-SHOWN:])),
        conversations=_count(since, until, seconds, store) if conversations else None,
        advice=_advice(stream, missing, pending, unreadable, now),
    )


def _count(since: int, until: int, seconds: float, store: Store) -> int | None:
    """Conversations of a window; None where they are too many to count in so many seconds."""
    try:
        with store.reading() as connection, Budget(seconds).over(connection):
            return count_between(connection, since, until)
    except OutOfTime:
        return None


def _advice(stream: str, missing: tuple[Range, ...], pending: int, unreadable: int, now: float) -> str:
    if missing and stream != "conversations":
        return f"`bi-contracts intercom sync --with {stream}` reads them."
    if missing and all(gap.lo >= now - 86400 for gap in missing):
        return "Only the newest is missing: sync_conversations brings the store up to date."
    if missing:
        days = max(1, int((now - missing[0].lo) // 86400) + 1)
        return (
            f"sync_conversations with days={days} reads what is missing."
            if days <= 3650
            else ("sync_conversations with full=true reads everything.")
        )
    if pending:
        return f"{pending} conversations wait for their messages: sync_conversations fetches them."
    if unreadable:
        return f"{unreadable} records could not be read as Intercom sent them: it is not known when those were updated."
    return "Nothing is missing."


def info(now: float, store: Store) -> DataInfo:
    """What is held of whom."""
    status = store.status()
    ranges = {stream: tuple(map(window, reversed(held[-SHOWN:]))) for stream, held in status.coverage.items()}
    cut = any(len(held) > SHOWN for held in status.coverage.values())
    return DataInfo(
        freshness=freshness(status, now),
        coverage=coverage(status),
        truncated=Truncated(cut=cut, why="limit" if cut else "", how_to_go_on="check_coverage" if cut else ""),
        workspace=_workspace(status),
        held=counted(status),
        ranges=ranges,
        drift=status.drift,
    )


def _workspace(status: Status) -> Workspace:
    return Workspace(
        id=clipped(status.workspace, 80),
        name=clipped(status.workspace_name),
        region=clipped(status.region, 40),
        version=clipped(status.version, 40),
    )
