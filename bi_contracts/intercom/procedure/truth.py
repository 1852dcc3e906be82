"""What a store holds, read once: what the answers of a server are held against."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from ..store.values import HeldConversation

if TYPE_CHECKING:
    from ..store.store import Store

MOST = 1000
"""Conversations that are read, the newest."""

_WORD = re.compile(r"[^\W_]+")
_PLAIN = re.compile(r"[a-z]{4,20}")
LATEST = 2**43


@dataclass(frozen=True)
class Message:
    """A message. `words` are those of its text, in lower case."""

    at: int
    text: str = field(repr=False)

    @cached_property
    def folded(self) -> str:
        return self.text.casefold()

    @cached_property
    def words(self) -> tuple[str, ...]:
        return tuple(_WORD.findall(self.folded))

    @cached_property
    def spaced(self) -> str:
        """Its words with one space between them."""
        return " ".join(self.words)


@dataclass(frozen=True)
class Known:
    """A conversation as it is held. `people` are ids and addresses of its contacts, in lower case."""

    id: str
    updated_at: int
    state: str
    people: frozenset[str] = field(repr=False)
    messages: tuple[Message, ...] = field(repr=False)
    truncated: bool = False

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of every message."""
        return frozenset(word for message in self.messages for word in message.words)


@dataclass(frozen=True)
class Truth:
    """What is held, newest first. `complete` where that is everything."""

    known: Mapping[str, Known]
    complete: bool

    @cached_property
    def frequency(self) -> Counter[str]:
        """Plain word -> conversations that have it."""
        return Counter(word for one in self.known.values() for word in one.words if _PLAIN.fullmatch(word))


def truth_of(store: Store, most: int = MOST) -> Truth:
    """The newest conversations of a store, those that were deleted or are not whole left out."""
    rows = sorted(store.ids_between(-1, LATEST), key=lambda row: -row[1])
    held = (_known(store, id) for id, _ in rows[:most])
    return Truth({one.id: one for one in held if one is not None}, len(rows) <= most)


def _known(store: Store, id: str) -> Known | None:
    held = store.conversation(id)
    if held is None or held.deleted_at is not None or not held.whole:
        return None
    addresses = (contact.email for contact in map(store.contact, held.contact_ids) if contact is not None)
    return known_of(held, addresses)


def known_of(held: HeldConversation, addresses: Iterable[str] = ()) -> Known:
    """A conversation with the addresses of its contacts."""
    messages = tuple(Message(part.created_at, part.text) for part in held.parts if part.text)
    people = frozenset(word.casefold() for word in (*held.contact_ids, *addresses) if word)
    return Known(held.id, held.updated_at, held.state, people, messages, held.truncated)
