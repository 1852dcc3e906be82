"""Writes rows of searches: conversations without their parts but the first message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...records import Conversation
from ..values import Written
from . import parts
from .conversations import Changes
from .notes import read_again
from .rows import Row, held

if TYPE_CHECKING:
    from .batch import Batch


def write(batch: Batch, found: Sequence[Conversation]) -> Written:
    """Adds what is not held, and tells of the others what their rows say that is new."""
    newest: dict[str, Conversation] = {}
    for one in found:
        if one.id not in newest or one.updated_at >= newest[one.id].updated_at:
            newest[one.id] = one
    changes = Changes(batch)
    known = held(batch, newest)
    told: list[tuple[Row, Conversation]] = []
    for one in newest.values():
        row = known.get(one.id)
        if row is None:
            standing = {"seen_at": one.updated_at, "body_at": None, "fetched_at": None, "pending": True}
            changes.add(one, {**standing, "head_digest": one.head_digest})
        elif _is_new(row, one):
            if row["deleted_at"] is None and _tells_more(row, one):
                told.append((row, one))
            else:
                changes.mark(row, _standing(row, one))
    if told:
        theirs = parts.held(batch, [row["n"] for row, _ in told])
        for row, one in told:
            changes.change(row, one, _standing(row, one), theirs[row["n"]], words=True)
    if changes.added:
        read_again(batch, "conversation", [row["id"] for row in changes.added])
    return changes.write(len(found))


def _is_new(row: Row, head: Conversation) -> bool:
    """Whether this row of a search says anything that the last one did not. An index that lags may show older ones."""
    if head.updated_at != row["seen_at"]:
        return bool(head.updated_at > row["seen_at"])
    if head.head_digest != row["head_digest"]:
        return True
    # It was taken for deleted since it was not found where it is found now.
    return row["deleted_by"] == "reconciled" and not row["pending"]


def _tells_more(row: Row, head: Conversation) -> bool:
    """Whether what it says is newer than what is held; a body is taken before a head of the same second."""
    if head.updated_at == row["updated_at"]:
        return bool(row["body_at"] != row["updated_at"])
    return bool(head.updated_at > row["updated_at"])


def _standing(row: Row, head: Conversation) -> Row:
    body_at, fetched_at = row["body_at"], row["fetched_at"]
    current = (
        row["deleted_at"] is None
        and body_at is not None
        and body_at >= head.updated_at
        and fetched_at > body_at
        # The same second, and yet something changed that does not count as an update.
        and (head.updated_at > row["seen_at"] or row["head_digest"] == head.head_digest)
    )
    return {"seen_at": head.updated_at, "head_digest": head.head_digest, "pending": not current}
