"""Writes whole conversations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ...records import Conversation, content_digest, letter_id
from ..values import Written
from . import parts
from .conversations import Changes
from .notes import parts_read, read_again
from .rows import Row, held

if TYPE_CHECKING:
    from .batch import Batch

Body = tuple[Conversation, int]


def write(batch: Batch, found: Sequence[Body]) -> Written:
    """Writes those that are not older than what is held, and only what differs in them."""
    newest: dict[str, Body] = {}
    for one in found:
        before = newest.get(one[0].id)
        if before is None or _order(one) >= _order(before):
            newest[one[0].id] = one
    changes = Changes(batch)
    known = held(batch, newest)
    compared: list[tuple[Row, Body]] = []
    for one in newest.values():
        row = known.get(one[0].id)
        if row is None:
            changes.add(one[0], {"seen_at": 0, "head_digest": "", **_standing(0, one)})
        elif _is_newer(row, one):
            if _is_same(row, one[0]):
                standing = _standing(row["seen_at"], one)
                if (row["pending"], row["body_at"]) != (standing["pending"], standing["body_at"]):
                    changes.mark(row, standing)
            else:
                compared.append((row, one))
    if compared:
        theirs = parts.held(batch, [row["n"] for row, _ in compared])
        for row, one in compared:
            held_parts = theirs[row["n"]]
            words = one[0].updated_at >= row["updated_at"] or not _is_of_search(row, held_parts)
            changes.change(row, one[0], _standing(row["seen_at"], one), held_parts, words=words)
    read_again(batch, "conversation", list(newest))
    parts_read(batch, {id: [letter_id(bad) for bad in one[0].undecodable] for id, one in newest.items()})
    return changes.write(len(found))


def _order(body: Body) -> tuple[int, int]:
    return body[0].updated_at, body[1]


def _is_newer(row: Row, body: Body) -> bool:
    """Whether a body is not older than the one that is held, nor than the conversation's deletion."""
    if row["deleted_at"] is not None and body[1] <= row["deleted_at"]:
        return False
    return row["body_at"] is None or _order(body) >= (row["body_at"], row["fetched_at"])


def _is_same(row: Row, body: Conversation) -> bool:
    whole = row["body_at"] is not None and row["deleted_at"] is None
    return whole and body.updated_at >= row["updated_at"] and bool(body.digest == row["digest"])


def _is_of_search(row: Row, held: Mapping[str, parts.HeldPart]) -> bool:
    """Whether what is held of it is what a search row said, which may be newer than any body; an older body may have
    brought a deleted one back since."""
    if row["deleted_at"] is not None:
        return False
    return bool(row["digest"] == content_digest(row["head_digest"], {id: part.digest for id, part in held.items()}))


def _standing(seen_at: int, body: Body) -> Row:
    """It is current if no search row is newer, and if it was answered after the second of its last update."""
    at, fetched_at = body[0].updated_at, body[1]
    return {"body_at": at, "fetched_at": fetched_at, "pending": at < seen_at or fetched_at <= at}
