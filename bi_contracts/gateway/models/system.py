"""The gateway about itself, and the rows of any platform."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from .base import Answer, Model


class Health(Model):
    """The process answers. Of the platforms `/readyz` tells."""

    status: Literal["alive"] = "alive"
    mode: str
    version: str


class PlatformReadiness(Model):
    """Whether a platform can be read now."""

    platform: str
    ready: bool
    credentials: bool
    variables: list[str] = Field(description="The environment variables that hold its credential.")
    breaker: str
    source: str
    age: float | None = Field(description="Seconds since the evidence; null where there is none.")
    error: str | None


class Readiness(Model):
    """Ready only where every platform that is served has just answered."""

    ready: bool
    platforms: list[PlatformReadiness]


class Identity(Answer):
    """Who the credential of a platform is, as the platform says it."""

    platform: str
    identity: JsonValue


class Rows(Answer):
    """Rows of a declared list, as the platform gives them."""

    id: str
    total: int = Field(ge=0, description="How many were read, before `limit`.")
    rows: list[JsonValue]
