"""Looks and dashboards of Looker."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field, JsonValue

from .base import Answer, Model


class Look(Model):
    """A saved query."""

    id: str
    title: str | None
    description: str | None
    folder: str | None
    views: int | None
    updated_at: datetime | None
    url: str | None


class Looks(Answer):
    """Looks that are not deleted."""

    total: int = Field(ge=0)
    looks: list[Look]


class LookerDashboard(Model):
    """A dashboard."""

    id: str
    title: str | None
    description: str | None
    folder: str | None
    hidden: bool


class LookerDashboards(Answer):
    """Dashboards that are not deleted."""

    total: int = Field(ge=0)
    dashboards: list[LookerDashboard]


class LookRun(Answer):
    """The rows of a look, as Looker answers them."""

    look_id: str | None = Field(description="Null where a query was run that is no look.")
    total: int = Field(ge=0)
    columns: list[str]
    rows: list[dict[str, JsonValue]]
