"""What the syncs and checks of some days came to, as events that every report writer shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ... import __version__
from ...report import Chart, Event, Finding, Finished, Outcome, Series, Started, Status
from ...report.values import counted
from .figures import per_second
from .history import Entry
from .targets import TARGETS

if TYPE_CHECKING:
    from ..store.values import DriftNote, Run
    from ..store.values import Status as Held

DAY = 86_400
MANY = 10_000
"""Syncs that are read at most."""

SUBJECT = "intercom/store"
ENDED_BADLY = ("failed", "partial")


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of some days.

    Attributes:
        days: How many.
        since: When they begin, in Unix seconds where the data live.
        runs: Syncs, the oldest first.
        held: What the store knows of itself, None where there is none.
        drift: Changes of the API's shape that were first met in these days.
        checks: Weekly checks, the oldest first.
    """

    days: int
    since: float
    runs: tuple[Run, ...] = ()
    held: Held | None = None
    drift: tuple[DriftNote, ...] = ()
    checks: tuple[Entry, ...] = ()


def events(past: Past) -> list[Event]:
    """The report."""
    begins = datetime.fromtimestamp(past.since, UTC)
    facts = {"days": str(past.days), "from": f"{begins:%Y-%m-%d %H:%M} UTC"}
    if past.held is not None:
        facts |= {"source": past.held.source or "never synced", "held": f"{_held(past.held):,} conversations"}
    title = f"Intercom integration: the last {past.days} days"
    outcomes = [_syncs(past), _drift(past), _checks(past)]
    return [Started(title, "intercom report", datetime.now(UTC), __version__, facts), *outcomes, Finished()]


def _syncs(past: Past) -> Outcome:
    runs = past.runs
    if not runs:
        return Outcome(SUBJECT, "syncs", Status.SKIPPED, note="no sync in these days")
    bad = [run for run in runs if run.outcome in ENDED_BADLY]
    calls, conversations = sum(run.calls for run in runs), sum(run.conversations for run in runs)
    seconds = sum(run.milliseconds for run in runs) / 1000
    figures = {
        "syncs": len(runs),
        "not_well_ended": len(bad),
        "conversations": conversations,
        "messages": sum(run.parts for run in runs),
        "calls": calls,
        "refused": sum(run.refused for run in runs),
        "retried": sum(run.retried for run in runs),
        "conversations_per_second": per_second(conversations, seconds),
    }
    if conversations:
        figures["calls_per_conversation"] = calls / conversations
    return Outcome(
        SUBJECT, "syncs", Status.FAILED if runs[-1].outcome == "failed" else Status.PASSED,
        tuple(_finding(run) for run in bad), source=past.held.source if past.held else "", samples=len(runs),
        elapsed=seconds, figures=figures, charts=tuple(_charts(past)), note=_note(runs),
    )  # fmt: skip


def _finding(run: Run) -> Finding:
    when = f"{datetime.fromtimestamp(run.started_at, UTC):%Y-%m-%d %H:%M} UTC"
    message = f"the sync of {when} ended {run.outcome}{f': {run.error}' if run.error else ''}"
    return Finding("sync-failed", "warning", "", message=message, explanation="a sync did not end well")


def _note(runs: Sequence[Run]) -> str:
    last = runs[-1]
    when = f"{datetime.fromtimestamp(last.started_at, UTC):%Y-%m-%d %H:%M} UTC"
    done = f"{counted(last.conversations, 'conversation')}, {counted(last.calls, 'call')}"
    return f"the last one, of {when}, ended {last.outcome}: {done}"


def _charts(past: Past) -> Iterator[Chart]:
    """By the days since the first of them; the writers' axes are in seconds."""
    rows = (("Conversations fetched", "conversations"), ("Calls", "calls"), ("429 answers", "refused"))
    for title, name in rows:
        points = tuple((float(run.started_at - past.since), float(getattr(run, name))) for run in past.runs)
        if any(y for _, y in points):
            yield Chart("timeline", title, "s", name, (Series(name, points),))
    speed = tuple(
        (float(run.started_at - past.since), per_second(run.conversations, run.milliseconds / 1000))
        for run in past.runs
        if run.conversations
    )
    if speed:
        marks = {"target": TARGETS["sync_speed"].limit}
        yield Chart("timeline", "Sync speed", "s", "conversations/s", (Series("speed", speed),), marks)


def _drift(past: Past) -> Outcome:
    if past.held is None or not past.runs:
        return Outcome(SUBJECT, "drift", Status.SKIPPED, note="no sync in these days, so nothing was looked at")
    found = tuple(_changed(note) for note in past.drift)
    status = Status.FAILED if any(one.severity == "breaking" for one in found) else Status.PASSED
    return Outcome(SUBJECT, "drift", status, found, source=past.held.source, samples=len(past.runs))


def _changed(note: DriftNote) -> Finding:
    severity = note.severity if note.severity in ("breaking", "warning", "info") else "warning"
    message = f"{note.message}; met {note.seen} times"
    return Finding(note.rule, severity, note.path, message=message)  # type: ignore[arg-type]


def _checks(past: Past) -> Outcome:
    checks = past.checks
    if not checks:
        return Outcome("intercom/weekly", "weekly", Status.SKIPPED, note="no weekly check in these days")
    bad = [one for one in checks if one.outcome == "failed"]
    findings = tuple(
        Finding("weekly-check-failed", "warning", "", message=f"the check of {_day(one)} had findings") for one in bad
    )
    status = Status.FAILED if checks[-1].outcome == "failed" else Status.PASSED
    figures = {"checks": len(checks), "with_findings": len(bad)}
    note = f"the last one, of {_day(checks[-1])}: {checks[-1].outcome}"
    return Outcome(
        "intercom/weekly", "weekly", status, findings, source=checks[-1].source, samples=len(checks), figures=figures,
        note=note,
    )  # fmt: skip


def _day(one: Entry) -> str:
    return f"{datetime.fromtimestamp(one.at, UTC):%Y-%m-%d}"


def _held(held: Held) -> int:
    return held.counters.get("conversations", 0)
