"""What several platforms tell together."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from .base import Answer, Model
from .crm import PipelineTotals
from .projects import ProjectTotals, Severity

SignalKind = Literal[
    "deal-stalled", "deal-overdue", "task-overdue", "call-without-follow-up", "conversation-unanswered"
]


class Signal(Model):
    """Something that somebody should look at."""

    id: str
    kind: SignalKind
    severity: Severity
    title: str
    reason: str
    since: datetime
    hours: float = Field(ge=0, description="How long it has been so.")
    evidence: list[str] = Field(description="Ids of the rows it was derived from.")


class Signals(Answer):
    """Signals, worst first, oldest first."""

    total: int = Field(ge=0)
    by_kind: dict[str, int]
    signals: list[Signal]


class Reason(Model):
    """Points, and what for."""

    points: int
    reason: str


class Lead(Model):
    """Somebody who may buy. The score is the sum of the reasons, at most 100."""

    id: str
    name: str | None
    email: str | None
    company: str | None
    title: str | None
    score: int = Field(ge=0, le=100)
    grade: Literal["A", "B", "C", "D"]
    reasons: list[Reason]
    evidence: list[str]


class Leads(Answer):
    """Leads, best first."""

    total: int = Field(ge=0)
    leads: list[Lead]


class CallTotals(Model):
    """Calls in figures."""

    days: int
    count: int = Field(ge=0)
    external: int = Field(ge=0)
    minutes: float = Field(ge=0)
    average_minutes: float | None = Field(ge=0)


class ConversationTotals(Model):
    """Conversations in figures."""

    total: int = Field(ge=0)
    open: int = Field(ge=0)
    waiting: int = Field(ge=0, description="Open ones whose customer waits for an answer.")


class LookerTotals(Model):
    """Looker in figures; null where it could not be read."""

    looks: int | None = Field(ge=0)
    dashboards: int | None = Field(ge=0)


class ContactTotals(Model):
    """Contacts in figures."""

    people: int = Field(ge=0)
    by_platform: dict[str, int]
    by_lifecycle: dict[str, int]


class Dashboard(Answer):
    """Everything at a glance. A part is null where none of its sections could be read: never zero for not known."""

    contacts: ContactTotals | None
    pipeline: list[PipelineTotals] | None
    calls: CallTotals | None
    projects: list[ProjectTotals] | None
    conversations: ConversationTotals | None
    looker: LookerTotals | None
    signals: list[Signal]
    signals_total: int = Field(ge=0)


class Day(Model):
    """One day's calls, in UTC."""

    day: str
    calls: int = Field(ge=0)
    minutes: float = Field(ge=0)


class Analytics(Answer):
    """Aggregates. A part is null where none of its sections could be read."""

    days: int
    contacts: ContactTotals | None
    pipeline: list[PipelineTotals] | None
    average_deal: dict[str, float] | None = Field(description="Platform -> mean amount of its deals that state one.")
    calls: CallTotals | None
    calls_by_day: list[Day]
    projects: list[ProjectTotals] | None
    completion_rate: dict[str, float] | None = Field(description="Platform -> share of its work that is done.")
    conversations: ConversationTotals | None
