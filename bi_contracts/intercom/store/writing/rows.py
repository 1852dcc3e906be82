"""Records as rows of the tables."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from zlib import crc32

from sqlalchemy import bindparam, func, select, update

from ...raw import packed
from ...records import Conversation, Part
from ..schema import TIE_BITS, conversations

if TYPE_CHECKING:
    from .batch import Batch

Row = dict[str, Any]

STANDING = (
    "updated_at",
    "seen_at",
    "body_at",
    "fetched_at",
    "pending",
    "parts_total",
    "parts_held",
    "truncated",
    "head_digest",
    "digest",
    "deleted_at",
    "deleted_by",
)
"""Columns that say how a conversation stands here; the others are what Intercom says of it."""

_HELD = select(*(conversations.c[name] for name in ("n", "id", *STANDING)))
MARK = update(conversations).where(conversations.c.n == bindparam("key"))
"""Changes whatever columns its rows have."""


def held(batch: Batch, ids: Iterable[str]) -> dict[str, Row]:
    """How conversations stand, by id."""
    return {row.id: row._asdict() for row in batch.matching(_HELD, conversations.c.id, ids)}


def last_number(batch: Batch) -> int:
    """The highest number of a conversation. Nobody else writes meanwhile, and none is ever taken away."""
    return batch.connection.execute(select(func.max(conversations.c.n))).scalar() or 0


def told(conversation: Conversation) -> Row:
    """What Intercom says of a conversation, its times included."""
    return {
        "created_at": conversation.created_at,
        "updated_at": conversation.updated_at,
        "state": conversation.state,
        "open": conversation.open,
        "read": conversation.read,
        "subject": conversation.subject,
        "channel": conversation.channel,
        "admin_id": conversation.admin_id,
        "team_id": conversation.team_id,
        "priority": conversation.priority,
        "tags": json.dumps(conversation.tags),
        "raw": packed(conversation.canonical),
    }


def part_row(n: int, part: Part) -> Row:
    """A part of conversation `n`, without a number of its own."""
    author, sent = part.author, part.canonical
    return {
        "conversation": n,
        "id": part.id,
        "kind": part.kind,
        "created_at": part.created_at,
        "updated_at": part.updated_at,
        "position": part.position,
        "author_type": author.type,
        "author_id": author.id,
        "author_name": author.name,
        "author_email": author.email,
        "text": part.text,
        "redacted": part.redacted,
        "digest": part.digest,
        "raw": packed(sent),
    }


def part_number(conversation: str, part: Part) -> int:
    """Where a part stands in time; parts of one second are told apart by their ids."""
    return part.created_at << TIE_BITS | crc32(f"{conversation} {part.id}".encode()) & TIES


TIES = (1 << TIE_BITS) - 1


def next_number(n: int) -> int:
    """The number beside `n`, of the same second."""
    return n & ~TIES | (n + 1) & TIES
