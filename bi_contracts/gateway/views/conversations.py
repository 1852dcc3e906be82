"""Conversations of Intercom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ...paths import Json, dig
from ..models import ConversationTotals
from ..section import Sections, derived
from .values import first_text, flag, items, moment, text

CONVERSATIONS = "intercom/conversations"


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation with a customer. `waiting_since` is when the customer began to wait, None where none waits."""

    id: str
    title: str | None
    open: bool
    waiting_since: datetime | None
    snoozed_until: datetime | None
    priority: bool
    contact_ids: tuple[str, ...]

    @property
    def waiting(self) -> bool:
        return self.open and self.waiting_since is not None


def all_conversations(sections: Sections) -> list[Conversation]:
    """Every conversation that was read."""
    found = derived(sections, CONVERSATIONS, "conversations", lambda rows: tuple(_conversation(row) for row in rows))
    return list(found)


def conversation_totals(sections: Sections) -> ConversationTotals:
    """Conversations in figures."""
    found = all_conversations(sections)
    return ConversationTotals(
        total=len(found),
        open=sum(1 for one in found if one.open),
        waiting=sum(1 for one in found if one.waiting),
    )


def evidence(one: Conversation) -> str:
    """The id of a conversation's row."""
    return f"{CONVERSATIONS}/{one.id}"


def _conversation(row: Json) -> Conversation:
    return Conversation(
        id=first_text(row, "id") or "",
        title=first_text(row, "title"),
        open=flag(dig(row, "open")),
        waiting_since=moment(dig(row, "waiting_since")),
        snoozed_until=moment(dig(row, "snoozed_until")),
        priority=dig(row, "priority") == "priority",
        contact_ids=tuple(id for one in items(dig(row, "contacts.contacts")) if (id := text(dig(one, "id")))),
    )
