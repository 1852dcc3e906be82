"""What every answer of the gateway has in common."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticSerializationError

from ...paths import Json
from ..section import USABLE, Section, Sections, SourceName, as_of

DEGRADING = frozenset({"stale", "mock", "unavailable"})


class Model(BaseModel):
    """A value that is written once and sent."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class SectionState(Model):
    """Who answered for one endpoint, and how well."""

    id: str = Field(description="The endpoint, `hubspot/contacts`.")
    platform: str
    source: SourceName = Field(
        description="live, sandbox, replay: answered. stale: an earlier answer, the platform fails now. mock: made up."
        " unavailable: nothing is known. bypassed: not asked, as this gateway was told."
    )
    provenance: str = Field(description="Who answered in the first place: live, sandbox, mock or unknown.")
    age: float | None = Field(description="Seconds since these rows were the platform's; null where there are none.")
    rows: int = Field(ge=0, description="How many rows were read.")
    complete: bool = Field(description="Whether every page was read.")
    error: str | None = Field(description="Why it is not fresh.")


class Answer(Model):
    """What is known, and of which sections how surely."""

    degraded: bool = Field(description="Whether some section is stale, mock or unavailable, or a part of it failed.")
    at: datetime | None = Field(description="What time it is where the answers come from; null where nobody answered.")
    sections: list[SectionState]


class Problem(Model):
    """Why a request was not answered."""

    detail: str


class Invalidity(Model):
    """One thing that is wrong with a request."""

    where: list[str | int]
    message: str


class Invalid(Model):
    """What is wrong with a request; what was sent is not repeated."""

    detail: list[Invalidity]


def state(section: Section) -> SectionState:
    """A section as it is told."""
    known = section.at is not None
    return SectionState(
        id=section.id,
        platform=section.platform,
        source=section.source,
        provenance=section.provenance,
        age=round(section.age, 3) if known else None,
        rows=len(section.rows),
        complete=section.complete,
        error=section.error or None,
    )


def told(sections: Sections) -> tuple[bool, datetime | None, list[SectionState]]:
    """`degraded`, `at` and `sections` of an answer."""
    at = as_of(sections)
    degraded = any(one.source in DEGRADING or one.error for one in sections.values())
    return degraded, None if at is None else datetime.fromtimestamp(at, UTC), [state(one) for one in sections.values()]


def usable(answer: Answer) -> bool:
    """Whether at least one section is fresh or stale; so is an answer that needs none. Mock rows alone are not."""
    sources = {section.source for section in answer.sections}
    return not sources or not sources.isdisjoint(USABLE)


def written(answer: Model) -> str:
    """An answer as JSON. Rows of a platform may hold what UTF-8 cannot: that becomes a question mark."""
    try:
        return answer.model_dump_json()
    except PydanticSerializationError:
        return json.dumps(_plain(answer.model_dump()), default=datetime.isoformat)


def _plain(value: Json) -> Json:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_plain(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
