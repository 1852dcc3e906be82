"""What every answer states: how fresh, how complete, whether it was cut."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

LAST = 253402300799
"""The last second of the year 9999."""


class Model(BaseModel):
    """A piece of an answer. All that is declared is always there; what is not known is null."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_serialization_defaults_required=True)

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return self.model_dump(mode="json", by_alias=True)


Moment = Annotated[str, Field(description="RFC 3339, UTC.", examples=["2026-01-31T09:30:00Z"])]


def moment(seconds: int | float) -> str:
    """Unix seconds as RFC 3339 in UTC."""
    at = datetime.fromtimestamp(min(max(int(seconds), 0), LAST), UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_or_none(seconds: int | float | None) -> str | None:
    """The same, where it may be unknown."""
    return None if seconds is None else moment(seconds)


class Freshness(Model):
    """Whose data these are, and how old."""

    source: Literal["live", "sandbox", "replay", "mock", "none"] = Field(
        description="Who was synced: Intercom itself (live), a sandbox, recordings; mock: made up; none: nobody yet."
    )
    synced_at: Moment | None = Field(description="When the last sync ended that ended well; null before it.")
    age_seconds: int | None = Field(description="How long ago that is; null where why_no_age says why.")
    why_no_age: str = Field(description='"" where there is an age.')
    last_sync: str = Field(description="How the latest sync ended: done, partial, failed; running; never.")


class Coverage(Model):
    """What of Intercom's data is held."""

    since: Moment | None = Field(serialization_alias="from", description="Everything updated after this,")
    to: Moment | None = Field(
        description="and up to this, was read as the search showed it. The search lags: the last 900 seconds are read"
        " once more by the next sync. null: nothing was."
    )
    complete: bool = Field(description="Whether nothing that was asked about is known to be missing.")
    pending: int = Field(description="Conversations of which only the first message is held yet.")
    gaps: int = Field(description="Holes further back: check_coverage names them.")
    missing: str = Field(description='What is missing, in words; "" for nothing.')


class Truncated(Model):
    """Whether there is more than is told."""

    cut: bool = Field(serialization_alias="is")
    why: str = Field(default="", description="limit, size, time, candidates, or nothing.")
    how_to_go_on: str = ""


WHOLE = Truncated(cut=False)


class Answer(Model):
    """What every answer begins with."""

    freshness: Freshness
    coverage: Coverage
    truncated: Truncated = WHOLE
