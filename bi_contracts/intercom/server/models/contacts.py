"""Contacts and tickets."""

from __future__ import annotations

from pydantic import Field

from .base import Answer, Model, Moment


class Contact(Model):
    """A user or lead."""

    id: str
    url: str
    role: str
    external_id: str
    name: str
    email: str
    phone: str
    created_at: Moment | None
    updated_at: Moment | None
    conversations: int = Field(description="How many are held; search_conversations with contact lists them.")
    brief: bool = Field(description="True: known only from conversations; the rest of it was not synced.")
    merged_from: tuple[str, ...] = Field(description="Ids of contacts that became this one.")
    deleted_at: Moment | None


class OneContact(Answer):
    """What get_contact answers."""

    contact: Contact


class Ticket(Model):
    """A ticket."""

    id: str
    title: str
    state: str
    type: str
    open: bool
    created_at: Moment
    updated_at: Moment
    contact_ids: tuple[str, ...]
    deleted_at: Moment | None


class Tickets(Answer):
    """What list_tickets answers."""

    tickets: tuple[Ticket, ...]
    next_cursor: str | None
