"""Makes tombstones of deleted conversations: their words go, their ids, times and digests stay."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from ...raw import canonical, packed
from ..schema import parts
from ..values import Written
from .notes import parts_read, read_again
from .rows import MARK, Row, held

if TYPE_CHECKING:
    from .batch import Batch

NOTHING = packed(canonical(None))
"""What stands for a raw record that was erased."""

_ERASE = update(parts).where(parts.c.n == bindparam("key"))


def write(batch: Batch, ids: Iterable[str], at: int, by: str) -> Written:
    """Makes tombstones of those that are held. Their words leave the index of messages too."""
    asked = list(dict.fromkeys(ids))
    known = held(batch, asked)
    gone = [row for row in known.values() if _applies(row, at, by)]
    fresh = [row["n"] for row in gone if row["deleted_at"] is None]
    for row in gone:
        after = {**row, "deleted_at": at, "deleted_by": by, "pending": False}
        batch.tally.conversation(row, -1)
        batch.tally.conversation(after, 1)
    if gone:
        erased = {"subject": "", "tags": "[]", "raw": NOTHING, "deleted_at": at, "deleted_by": by, "pending": False}
        batch.connection.execute(MARK, [{**erased, "key": row["n"]} for row in gone])
        _erase(batch, fresh)
        parts_read(batch, {row["id"]: () for row in gone})
        read_again(batch, "conversation", [row["id"] for row in gone])
    return Written(updated=len(gone), unchanged=len(asked) - len(gone))


def _applies(row: Row, at: int, by: str) -> bool:
    """Whether this says anything new. Intercom lists deletions for good: one that was read since came back."""
    if row["deleted_at"] is not None:
        return bool(row["pending"])
    return by != "deleted" or row["fetched_at"] is None or row["fetched_at"] <= at


def _erase(batch: Batch, numbers: list[int]) -> None:
    found = sorted(n for (n,) in batch.matching(select(parts.c.n), parts.c.conversation, numbers))
    erased = {"text": "", "author_name": "", "author_email": "", "raw": NOTHING}
    if found:
        batch.connection.execute(_ERASE, [{**erased, "key": n} for n in found])
        batch.erased()
