"""One verdict on a store and its sync: how old, whether sound, whether the API changed, and how that was before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING

from ...report.values import counted
from ..store.verifying import verify
from .figures import per_second
from .history import Entry
from .line import Mark
from .result import Result, Row, Section

if TYPE_CHECKING:
    from ..store.store import Store
    from ..store.values import Status
    from ..sync import Synced

OLD = 7 * 86_400
"""Seconds after which a store is called old by a check that comes every week."""

ENOUGH = 3
"""Earlier weeks without which nothing is said of a trend."""

TELLING = 50
"""Calls below which the speed of a sync says nothing."""

SLOWER = 2.0
"""So many times slower than usual is worth to be looked at."""


def check(
    store: Store, before: Status, synced: Synced | None, past: Sequence[Entry], now: float, error: str = ""
) -> Result:
    """The verdict. `before` is the state before the sync; `error` why there is none."""
    source = store.meta("source") or before.source
    sections = (
        Section("Store", (_age(before, now), *_held(store))),
        Section("Sync", _sync(synced, error, past)),
        Section("API", _drift(store, before, now)),
    )
    told = Result("weekly", "", source, sections, _advice(sections))
    return Result("weekly", f"Weekly check: {verdict(told)}", source, sections, told.advice)


def verdict(result: Result) -> str:
    """One line: what is wrong, or that nothing is."""
    bad, odd = ([_short(row) for row in result.rows if row.mark is mark] for mark in (Mark.BAD, Mark.WARNING))
    if bad:
        return f"findings: {'; '.join(bad)}"
    return f"good, but: {'; '.join(odd)}" if odd else "everything is in order"


def _short(row: Row) -> str:
    """A row without its target."""
    return f"{row.name}: {replace(row, target='', note='').said}{f' ({row.note})' if row.note else ''}"


def _ago(seconds: float) -> str:
    """`12 days ago`, `3 hours ago`: in the largest unit of which there are two."""
    for unit, size in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit} ago"
    return f"{seconds:.0f} seconds ago"


def entry(result: Result, now: float) -> Entry:
    """As it is kept for the weeks to come."""
    return Entry(now, "weekly", result.source, result.as_dict()["outcome"], result.figures)


def _age(before: Status, now: float) -> Row:
    last = before.last
    if last is None:
        return Row("Last sync", "none before this one", mark=Mark.WARNING)
    age = max(0.0, now - (last.ended_at or last.started_at))
    mark = Mark.WARNING if age > OLD else Mark.GOOD
    return Row("Last sync", _ago(age), mark=mark, target=f"within {OLD // 86_400} days")


def _held(store: Store) -> tuple[Row, ...]:
    found, counters = verify(store, sample=True), store.status().counters
    dead, pending = counters.get("dead_letters", 0), counters.get("pending", 0)
    return (
        Row("Conversations", counters.get("conversations", 0), key="conversations"),
        Row(
            "Sample", "sound" if not found.damaged else f"{found.damaged} damages",
            mark=Mark.BAD if found.damaged else Mark.GOOD, note=f"{found.conversations} conversations looked at",
        ),
        Row("Unreadable records", dead, mark=Mark.WARNING if dead else Mark.GOOD, key="dead_letters"),
        Row("Still to be fetched", pending, mark=Mark.WARNING if pending else Mark.GOOD, key="pending"),
    )  # fmt: skip


def _sync(synced: Synced | None, error: str, past: Sequence[Entry]) -> tuple[Row, ...]:
    if synced is None:
        return (Row("Incremental sync", error or "left out", mark=Mark.BAD if error else Mark.SKIPPED),)
    run = synced.run
    speed = per_second(run.calls, run.milliseconds / 1000)
    mark = {"done": Mark.GOOD, "partial": Mark.WARNING}.get(run.outcome, Mark.BAD)
    refused = Mark.WARNING if run.refused else Mark.GOOD
    told = f"{counted(run.conversations, 'conversation')}, {counted(run.calls, 'call')}"
    return (
        Row("Incremental sync", run.outcome, mark=mark, note=told),
        Row("429 answers", run.refused, mark=refused, key="refused"),
        Row("Calls a second", speed, key="calls_per_second" if run.calls >= TELLING else ""),
        _trend(
            speed if run.calls >= TELLING else 0.0,
            [one.figures["calls_per_second"] for one in past if "calls_per_second" in one.figures],
        ),
    )


def _trend(speed: float, past: Sequence[float]) -> Row:
    if not speed:
        return Row("Against the weeks before", f"not judged: fewer than {TELLING} calls")
    if len(past) < ENOUGH:
        return Row("Against the weeks before", f"not known: {len(past)} of {ENOUGH} checks", note="nothing is judged")
    usual = median(past)
    slow = usual / speed > SLOWER
    said = f"{usual / speed:.1f} times slower than usual" if slow else "as usual"
    return Row("Against the weeks before", said, mark=Mark.WARNING if slow else Mark.GOOD)


def _drift(store: Store, before: Status, now: float) -> tuple[Row, ...]:
    since = (before.last.started_at if before.last else 0) if before.source != "live" else now - OLD
    notes = [note for note in store.drift_notes(1000) if note.first_at >= since]
    breaking = [note for note in notes if note.severity == "breaking"]
    worse = any(note.severity != "info" for note in notes)
    mark = Mark.BAD if breaking else Mark.WARNING if worse else Mark.GOOD
    first = f"{(breaking or notes)[0].rule} at {(breaking or notes)[0].path}" if notes else ""
    return (Row("New changes of its shape", len(notes), mark=mark, note=first, key="drift"),)


def _advice(sections: Sequence[Section]) -> tuple[str, ...]:
    named = {row.name for one in sections for row in one.rows if row.mark in (Mark.BAD, Mark.WARNING)}
    steps = {
        "Sample": "bi-contracts intercom verify --repair",
        "Last sync": "Run a sync every day: bi-contracts intercom sync",
        "Incremental sync": "bi-contracts intercom sync says more; a token that was revoked is the usual reason",
        "Still to be fetched": "bi-contracts intercom sync goes on where this one stopped",
        "Unreadable records": "bi-contracts intercom status names them",
        "New changes of its shape": "bi-contracts drift 'intercom/*' tells what the changes mean for a reader",
        "Against the weeks before": "bi-contracts intercom diagnose says where the time of a sync goes",
    }
    return tuple(text for name, text in steps.items() if name in named)
