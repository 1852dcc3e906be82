"""Projects, their work, and what would help them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from .base import Answer, Model

Severity = Literal["critical", "warning", "info"]


class Work(Model):
    """The tasks or issues of a project, counted."""

    total: int = Field(ge=0)
    open: int = Field(ge=0)
    done: int = Field(ge=0)
    overdue: int = Field(ge=0)
    unassigned: int = Field(ge=0, description="Open ones that nobody has.")


class Project(Model):
    """A project."""

    platform: str
    id: str
    name: str | None
    state: str | None
    closed: bool
    owner: str | None
    due: date | None
    overdue: bool
    progress: float | None = Field(ge=0, le=1)
    work: Work | None = Field(description="Null where its tasks were not read.")
    updated_at: datetime | None
    url: str | None


class ProjectTotals(Model):
    """One platform's projects in figures."""

    platform: str
    projects: int = Field(ge=0)
    open: int = Field(ge=0)
    overdue: int = Field(ge=0)
    work: Work


class Projects(Answer):
    """Projects, open ones first, changed last first."""

    total: int = Field(ge=0)
    totals: list[ProjectTotals]
    projects: list[Project]


class Suggestion(Model):
    """Something to do about a project."""

    rule: str
    severity: Severity
    message: str
    action: str
    evidence: list[str] = Field(description="Ids of the rows it was derived from.")


class Optimisation(Answer):
    """Suggestions for one project, by fixed rules."""

    project: Project | None
    suggestions: list[Suggestion]
    methods: dict[str, str]
