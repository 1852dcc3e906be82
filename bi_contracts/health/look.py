"""One look at all platforms, as a value: what tables, pages, metrics and exit codes are made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..errors import ExitCode
from .alerts import Message, Open
from .burn import Budget
from .conditions import source_of
from .evidence import Evidence, State
from .lasting import iso, lasting
from .memory import Memory
from .settings import Settings
from .state import Change, Overall, Standing, overall


@dataclass(frozen=True, slots=True)
class Row:
    """One platform as it is shown.

    Attributes:
        standing: What is known of it.
        state: The state to show: the worse of what is confirmed and what was last seen; `maintenance` in a window.
        budget: What was seen of it.
        age: Seconds since the latest evidence, None where there never was any.
        words: Why it is so, and what is not confirmed yet.
    """

    standing: Standing
    state: State
    budget: Budget
    age: float | None
    words: str

    @property
    def name(self) -> str:
        return self.standing.platform

    @property
    def source(self) -> str:
        """Who answered."""
        return source_of(self.standing)

    @property
    def evidence(self) -> Evidence | None:
        return self.standing.evidence


@dataclass(frozen=True, slots=True)
class Look:
    """One look.

    Attributes:
        at: When, as Unix seconds.
        mode: `live` or `sandbox`.
        names: The platforms, in order.
        settings: How they are watched.
        memory: What is remembered.
        changes: What this look confirmed.
        messages: What it made due.
    """

    at: float
    mode: str
    names: tuple[str, ...]
    settings: Settings
    memory: Memory
    changes: tuple[Change, ...] = ()
    messages: tuple[Message, ...] = ()

    def rows(self, at: float | None = None) -> tuple[Row, ...]:
        """The platforms as they are at a time; at a later one than the look's, what was seen has grown old."""
        return tuple(self._row(name, self.at if at is None else at) for name in self.names)

    def overall(self, at: float | None = None) -> Overall:
        """What all of them together are: see `state.overall`."""
        return overall(row.state for row in self.rows(at))

    @property
    def exit_code(self) -> ExitCode:
        """0 where all that could be asked is up, 4 where all of it is down, 5 where nothing could be asked, else 1.

        What is in maintenance counts for nothing.
        """
        states = [row.state for row in self.rows() if row.state in (State.UP, State.DEGRADED, State.DOWN)]
        if not states:
            return ExitCode.NOTHING_RAN
        if set(states) == {State.UP}:
            return ExitCode.GOOD
        return ExitCode.UPSTREAM if set(states) == {State.DOWN} else ExitCode.FINDINGS

    def as_dict(self, at: float | None = None) -> dict[str, Any]:
        """The look as JSON. Times are ISO 8601 in UTC, durations in seconds unless the name says otherwise."""
        now = self.at if at is None else at
        return {
            "overall_status": self.overall(at),
            "mode": self.mode,
            "at": iso(now),
            "looked_at": None if self.memory.at is None else iso(self.memory.at),
            "platforms": [_plain(row) for row in self.rows(at)],
            "alerts": [_open(key, entry) for key, entry in sorted(self.memory.ledger.items())],
            "messages_waiting": len(self.memory.outbox),
        }

    def _row(self, name: str, at: float) -> Row:
        memory = self.memory
        standing = memory.standings.get(name) or Standing(name)
        budget, age = memory.budgets.get(name) or Budget(), standing.age(at)
        window = self.settings.in_maintenance(name, at)
        if window is not None:
            return Row(standing, State.MAINTENANCE, budget, age, window.reason or str(window))
        if age is None or age > self.settings.max_age:
            old = "never asked" if age is None else f"the last evidence is {lasting(age)} old"
            words = standing.detail if standing.state is State.UNKNOWN and standing.detail else old
            return Row(standing, State.UNKNOWN, budget, age, words)
        return Row(standing, standing.worst, budget, age, "; ".join(_words(standing, self.settings)))


def _words(standing: Standing, settings: Settings) -> Iterator[str]:
    """Why it is so, and how far what was seen last is from being confirmed."""
    latest, limits = standing.latest, settings.limits(standing.platform)
    why = f"{standing.reason}: {standing.detail}" if standing.detail else str(standing.reason)
    if latest is None or latest.state is standing.state:
        yield from filter(None, [why])
    elif latest.state is standing.worst:
        count = standing.bad if standing.state is State.UP else standing.down
        yield f"{latest.reason}: {latest.detail}"
        yield f"{count} of {limits.failures} bad answers"
    else:
        yield why
        count = standing.good if latest.ok else standing.alive
        yield f"{count} of {limits.successes} better answers"


def _plain(row: Row) -> dict[str, Any]:
    standing, evidence = row.standing, row.evidence
    return {
        "platform": row.name,
        "state": row.state.value,
        "confirmed": standing.state.value,
        "since": iso(standing.since) if standing.known else None,
        "observed": standing.observed.value,
        "reason": str(standing.latest.reason) if standing.latest else str(standing.reason),
        "detail": row.words,
        "duration_ms": None if evidence is None or evidence.duration is None else round(evidence.duration * 1000, 1),
        "status": None if evidence is None else evidence.status,
        "remaining": None if evidence is None else evidence.remaining,
        "evidence_at": None if evidence is None else iso(evidence.at),
        "evidence_age": None if row.age is None else round(row.age, 1),
        "source": row.source,
    }


def _open(key: str, entry: Open) -> dict[str, Any]:
    return {
        "key": key,
        "level": entry.condition.level,
        "label": entry.condition.label,
        "began": iso(entry.began),
        "reminders": entry.reminders,
    }
