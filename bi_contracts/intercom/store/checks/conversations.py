"""One conversation as it is stored: its digests, columns, messages, times and links, against what Intercom sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ....paths import Json
from ...records import SOURCE, Conversation, Part, Undecodable, content_digest, conversation_head, whole_conversation
from .. import schema
from ..values import Damage
from ..writing.tombstones import NOTHING
from .found import Found, Remedy
from .intact import read_back
from .shape import misfits

Columns = Mapping[str, Any]
"""A row, by the names of its columns."""

Look = Callable[[Json], None]
"""Holds a body against the contract."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A conversation's row, its messages in their order, and the ids of its contacts."""

    row: Columns
    parts: Sequence[Columns]
    links: frozenset[str]


@dataclass(frozen=True, slots=True)
class Judge:
    """What every conversation is held against.

    Attributes:
        now: The newest moment that Intercom's clock is known to have reached.
        unreadable: Ids of conversations that have messages that could not be read when they were sent.
        merged: Contact -> the contact that it became.
        look: Is shown every body that is whole.
    """

    now: int
    unreadable: frozenset[str] = frozenset()
    merged: Mapping[str, str] | None = None
    look: Look = lambda _: None

    def damages(self, stored: Stored) -> Iterator[Found]:
        """Everything that is wrong with it."""
        wrong = misfits(schema.conversations, stored.row)
        wrong += [name for part in stored.parts for name in misfits(schema.parts, part)]
        if wrong:
            said = f"{', '.join(dict.fromkeys(wrong))}: of another type"
            yield _found(stored, "digest", said, Remedy.REFETCH)
            return
        if stored.row["deleted_at"] is not None:
            yield from _tombstone(stored, self.now)
            return
        sent = _Sent(stored)
        if sent.unreadable:
            for why in sent.unreadable:
                yield _found(stored, "digest", why, Remedy.REFETCH)
            return
        yield from _columns(stored, sent.conversation)
        yield from _threading(stored, known_gaps=stored.row["id"] in self.unreadable)
        yield from _chronology(stored, self.now)
        yield from _links(stored, sent.conversation, self.merged or {})
        yield from _pending(stored)
        yield from _times(stored, sent.conversation)
        if stored.row["body_at"] is not None and not stored.row["pending"]:
            self.look(sent.body)


def sent_of(stored: Stored) -> Conversation | None:
    """The conversation as Intercom sent it, None where that is damaged."""
    sent = _Sent(stored)
    return None if sent.unreadable else sent.conversation


_LIST = "conversation_part.list"
FORGOTTEN = "it was damaged, and waits to be fetched again"


class _Sent:
    """What Intercom sent, put together again, or why it cannot be."""

    def __init__(self, stored: Stored) -> None:
        self.unreadable: list[str] = []
        row = stored.row
        head, digest = read_back(bytes(row["raw"]))
        parts = [self._part(part) for part in stored.parts]
        if not digest:
            self.unreadable.append("what Intercom sent of it is damaged")
        elif row["digest"] != content_digest(digest, {part["id"]: part["digest"] for part in stored.parts}):
            lost = row["digest"] == "" and row["pending"]
            self.unreadable.append(FORGOTTEN if lost else "its content hash is not that of what is held")
        if not self.unreadable:
            self._read(stored, head, parts)

    def _part(self, part: Columns) -> Json:
        value, digest = read_back(bytes(part["raw"]))
        if digest != part["digest"]:
            self.unreadable.append(f"message {_name(part)} is damaged")
        return value

    def _read(self, stored: Stored, head: Json, parts: list[Json]) -> None:
        following = [raw for raw, part in zip(parts, stored.parts, strict=True) if part["kind"] != SOURCE]
        held = {"type": _LIST, "conversation_parts": following, "total_count": stored.row["parts_total"]}
        whole = stored.row["body_at"] is not None
        try:
            self.body = {**head, "conversation_parts": held} if whole else head
            self.conversation = whole_conversation(self.body) if whole else conversation_head(head)
        except (Undecodable, TypeError) as error:
            self.unreadable.append(f"what Intercom sent of it cannot be read ({type(error).__name__})")
            return
        if self.conversation.undecodable:
            self.unreadable.append("a message cannot be read")


_TOLD = ("id", "created_at", "state", "open", "read", "subject", "channel", "admin_id", "team_id", "priority")
_PART = ("id", "kind", "created_at", "updated_at", "text", "redacted")
_AUTHOR = ("type", "id", "name", "email")


def _columns(stored: Stored, sent: Conversation) -> Iterator[Found]:
    """Columns against what was sent."""
    row = stored.row
    wrong = [name for name in _TOLD if row[name] != getattr(sent, name)]
    if _tags(row["tags"]) != sent.tags:
        wrong.append("tags")
    if row["updated_at"] != max(sent.updated_at, row["seen_at"], row["body_at"] or 0):
        wrong.append("updated_at")
    if row["deleted_by"] is not None:
        wrong.append("deleted_by")
    if wrong:
        said = f"{', '.join(wrong)}: not what Intercom sent"
        yield _found(stored, "ids" if "id" in wrong else "digest", said, Remedy.REWRITE)
    known = {part.id: part for part in sent.parts}
    for held in stored.parts:
        told = known.get(held["id"])
        if told is None:
            yield _found(stored, "threading", f"message {_name(held)} is none of it", Remedy.REFETCH)
        elif differing := _differing(held, told):
            said = f"message {_name(held)}: {', '.join(differing)}: not what Intercom sent"
            yield _found(stored, "digest", said, Remedy.REWRITE, part=held["n"])
    missing = len(known.keys() - {held["id"] for held in stored.parts})
    if missing:
        yield _found(stored, "threading", f"{missing} messages are missing", Remedy.REFETCH)


def _tags(held: str) -> tuple[Any, ...] | None:
    try:
        found = json.loads(held)
    except ValueError:
        return None
    return tuple(found) if isinstance(found, list) else None


def _differing(held: Columns, told: Part) -> list[str]:
    wrong = [name for name in _PART if held[name] != getattr(told, name)]
    wrong += [f"author_{name}" for name in _AUTHOR if held[f"author_{name}"] != getattr(told.author, name)]
    if held["n"] >> schema.TIE_BITS != told.created_at:
        wrong.append("n")
    return wrong


def _threading(stored: Stored, *, known_gaps: bool) -> Iterator[Found]:
    """Every message in its place, none twice, none missing that is not known to be."""
    row, positions = stored.row, [part["position"] for part in stored.parts]
    following = [position for position, part in zip(positions, stored.parts, strict=True) if part["kind"] != SOURCE]
    if row["parts_held"] != len(following):
        said = f"{len(following)} messages after the first are held, and its row says {row['parts_held']}"
        yield _found(stored, "threading", said, Remedy.REWRITE)
    if len(set(positions)) < len(positions):
        yield _found(stored, "threading", "two messages have one place", Remedy.REFETCH)
    if any(part["position"] != 0 for part in stored.parts if part["kind"] == SOURCE):
        yield _found(stored, "threading", "the first message is not first", Remedy.REWRITE)
    if row["body_at"] is None or row["pending"]:
        return
    gap = row["parts_total"] - len(following)
    if gap < 0 or (gap and not known_gaps and not row["truncated"]):
        yield _found(stored, "threading", f"{gap} of {row['parts_total']} messages are missing", Remedy.REFETCH)
    elif following and not 0 < min(following) <= max(following) <= row["parts_total"]:
        yield _found(stored, "threading", "a message has a place beyond the end", Remedy.REFETCH)
    elif following and not known_gaps and max(following) < row["parts_total"]:
        yield _found(stored, "threading", "its last message does not stand at the end", Remedy.REFETCH)


def _chronology(stored: Stored, now: int) -> Iterator[Found]:
    """What Intercom says of its times: told, and not the store's to mend."""
    row, parts = stored.row, stored.parts
    now = max(now, row["fetched_at"] or 0)
    before = sum(part["created_at"] < row["created_at"] for part in parts)
    if before:
        yield _found(stored, "chronology", f"{before} messages are older than it", Remedy.NOTHING, severity="warning")
    disordered = sum(one["created_at"] > other["created_at"] for one, other in pairwise(parts))
    if disordered:
        said = f"{disordered} messages stand after younger ones"
        yield _found(stored, "chronology", said, Remedy.NOTHING, severity="warning")
    future = sum(moment > now for part in parts for moment in (part["created_at"], part["updated_at"]))
    if future:
        yield _found(stored, "chronology", f"{future} times lie in the future", Remedy.NOTHING, severity="warning")
    if now and max(row["updated_at"], row["seen_at"], row["body_at"] or 0) > now:
        yield _found(stored, "chronology", "it was updated in the future", Remedy.REFETCH)


def _links(stored: Stored, sent: Conversation, merged: Mapping[str, str]) -> Iterator[Found]:
    """Contacts that it is linked to, against those that it names."""
    named = {_became(id, merged) for id in sent.contact_ids}
    held = {_became(id, merged) for id in stored.links}
    if named != held:
        said = f"it names {len(named)} contacts, and is linked to {len(named & held)} of them"
        yield _found(stored, "contacts", said, Remedy.REWRITE)


def _became(id: str, merged: Mapping[str, str]) -> str:
    seen: set[str] = set()
    while id in merged and id not in seen:
        seen.add(id)
        id = merged[id]
    return id


def _pending(stored: Stored) -> Iterator[Found]:
    """Whether it is marked to be fetched exactly where its body is missing or older than what a search row said."""
    row = stored.row
    body, fetched = row["body_at"], row["fetched_at"]
    if (body is None) != (fetched is None):
        yield _found(stored, "pending", "when it was fetched does not go with what is held", Remedy.REFETCH)
    elif body is not None and not row["pending"] and (body < row["seen_at"] or fetched <= body):
        yield _found(stored, "pending", "its body is older than its head, and is not to be fetched", Remedy.REFETCH)
    elif body is None and not row["pending"]:
        yield _found(stored, "pending", "it has no body, and none is to be fetched", Remedy.REFETCH)


def _times(stored: Stored, sent: Conversation) -> Iterator[Found]:
    """Whether what is held is the body that it says it is or, where a search row told more, what that row said."""
    row, body = stored.row, stored.row["body_at"]
    if body is not None and (body > sent.updated_at or (body < sent.updated_at and not row["pending"])):
        yield _found(stored, "pending", "when its body was updated is not what Intercom sent", Remedy.REFETCH)
    elif body != sent.updated_at and (row["seen_at"], row["head_digest"]) != (sent.updated_at, sent.head_digest):
        yield _found(stored, "pending", "what the last search row said of it is damaged", Remedy.REFETCH)


def _tombstone(stored: Stored, now: int) -> Iterator[Found]:
    """Of what was deleted nothing may be left that anybody wrote."""
    row = stored.row
    words = [row["subject"], *(part[name] for part in stored.parts for name in ("text", "author_name", "author_email"))]
    raws = [bytes(row["raw"]), *(bytes(part["raw"]) for part in stored.parts)]
    if any(words) or any(raw != NOTHING for raw in raws) or row["tags"] != "[]":
        yield _found(stored, "deleted", "it was deleted, and words of it are still held", Remedy.ERASE)
    if now and row["deleted_at"] > now:
        yield _found(stored, "deleted", "it was deleted in the future", Remedy.NOTHING, severity="warning")
    if row["deleted_by"] not in _DELETED_BY:
        yield _found(stored, "deleted", "how its deletion is known is damaged", Remedy.NOTHING, severity="warning")


_DELETED_BY = ("deleted", "missing", "reconciled")


def _name(part: Columns) -> str:
    """An id is no text of a message, but what is damaged may be anything."""
    id = str(part["id"])
    return id if id.isprintable() and len(id) <= 40 else "(its id is damaged)"


def _found(
    stored: Stored, check: str, message: str, remedy: Remedy, *, severity: Any = "breaking", part: int = 0
) -> Found:
    id = str(stored.row["id"])
    shown = id if id.isprintable() else repr(id)
    damage = Damage(check, message, shown, remedy is not Remedy.NOTHING, severity)
    return Found(damage, remedy, stored.row["n"], part)
