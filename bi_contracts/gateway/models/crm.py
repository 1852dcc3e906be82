"""Contacts and deals, told alike whatever the CRM."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from .base import Answer, Model


class Contact(Model):
    """A person as one platform knows them."""

    platform: str
    id: str
    name: str | None
    email: str | None
    phone: str | None
    title: str | None
    company: str | None
    lifecycle: str | None = Field(description="The platform's own word: lifecycle stage, or role.")
    owner_id: str | None
    created_at: datetime | None
    updated_at: datetime | None
    url: str | None


class Contacts(Answer):
    """People of the CRMs, changed last first."""

    total: int = Field(ge=0, description="How many match, before `limit`.")
    people: int = Field(ge=0, description="How many different e-mail addresses match: the same person counts once.")
    by_platform: dict[str, int]
    contacts: list[Contact]


class Deal(Model):
    """A deal or opportunity."""

    platform: str
    id: str
    name: str | None
    pipeline: str | None
    stage: str | None
    amount: float | None = Field(description="In the account's own currency.")
    probability: float | None = Field(ge=0, le=1)
    weighted: float | None = Field(description="Amount times probability, null where either is not known.")
    closed: bool
    won: bool
    close_date: date | None
    owner_id: str | None
    created_at: datetime | None
    updated_at: datetime | None
    url: str | None


class Stage(Model):
    """What stands in one stage of one pipeline."""

    platform: str
    pipeline: str | None
    stage: str | None
    count: int = Field(ge=0)
    amount: float
    weighted: float


class PipelineTotals(Model):
    """One CRM's pipeline in figures. CRMs are never added up: they often hold the same deals."""

    platform: str
    open: int = Field(ge=0)
    won: int = Field(ge=0)
    lost: int = Field(ge=0)
    open_amount: float
    weighted_amount: float
    won_amount: float
    without_amount: int = Field(ge=0, description="Open deals that state no amount.")
    win_rate: float | None = Field(ge=0, le=1, description="Won of closed, null where nothing is closed.")


class Pipeline(Answer):
    """Deals and opportunities by stage."""

    total: int = Field(ge=0)
    totals: list[PipelineTotals]
    stages: list[Stage]
    deals: list[Deal]
