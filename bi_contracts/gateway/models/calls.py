"""Calls and what a transcript tells of them."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from .base import Answer, Model


class Party(Model):
    """Somebody in a call."""

    id: str | None
    name: str | None
    email: str | None
    title: str | None
    affiliation: str | None
    user_id: str | None


class Call(Model):
    """One call."""

    platform: str
    id: str
    title: str | None
    started: datetime | None
    duration: float | None = Field(ge=0, description="Seconds.")
    direction: str | None
    scope: str | None
    system: str | None
    url: str | None
    owner_id: str | None
    parties: list[Party]
    related: list[str] = Field(description="What the call is linked to: `salesforce/Opportunity/006...`.")
    contacts: list[str] = Field(
        description="Contacts in the CRM with a party's e-mail: `hubspot/contacts/1`. `gong/recent` does not look."
    )


class Calls(Answer):
    """Recent calls, newest first."""

    days: int
    total: int = Field(ge=0)
    minutes: float = Field(ge=0, description="Length of all of them.")
    calls: list[Call]


class Speaker(Model):
    """Somebody's share of what was said."""

    id: str | None
    affiliation: str | None
    seconds: float = Field(ge=0)
    share: float = Field(ge=0, le=1)


class Topic(Model):
    """What was talked about. `seconds` is null where the platform names the topic and not its length."""

    name: str
    seconds: float | None = Field(ge=0)


class Said(Model):
    """One sentence of the transcript."""

    speaker_id: str | None
    second: float = Field(ge=0)
    text: str


class CallAnalysis(Answer):
    """A call looked at by fixed rules; no model is asked."""

    call: Call | None
    talk_ratio: float | None = Field(ge=0, le=1, description="Share of the talking that our own side did.")
    speakers: list[Speaker]
    topics: list[Topic]
    questions: list[Said]
    questions_asked: int | None = Field(ge=0, description="Null where neither platform nor transcript tells.")
    next_steps: list[Said]
    methods: dict[str, str] = Field(description="What each figure was taken from.")
