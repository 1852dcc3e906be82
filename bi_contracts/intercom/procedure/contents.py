"""What a store holds, as one digest for each conversation: two stores are compared by it, never by their files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from ..store import schema

if TYPE_CHECKING:
    from ..store.store import Store


def contents(store: Store) -> dict[str, str]:
    """Conversation -> digest of all that is held of it: what Intercom sent; id, text and digest of every message."""
    row, part = schema.conversations.c, schema.parts.c
    found: dict[int, tuple[str, str]] = {}
    with store.reading() as connection:
        for n, id, digest, deleted in connection.execute(select(row.n, row.id, row.digest, row.deleted_at)):
            found[n] = (id, f"{digest} {deleted is not None}")
        messages = select(part.conversation, part.id, part.digest, part.text, part.redacted)
        rows = connection.execute(messages.order_by(part.conversation, part.id))
        told = {n: _digest(of) for n, of in groupby(rows, itemgetter(0))}
    return {id: f"{head} {told.get(n, '')}" for n, (id, head) in found.items()}


def _digest(rows: Iterable[Any]) -> str:
    found = blake2b(digest_size=16)
    for row in rows:
        found.update(repr(tuple(row[1:])).encode("utf-8", "surrogatepass"))
    return found.hexdigest()


@dataclass(frozen=True, slots=True)
class Difference:
    """How one store's contents differ from another's: conversations that are missing, too many, or another."""

    missing: int
    extra: int
    other: int

    @classmethod
    def of(cls, wanted: Mapping[str, str], found: Mapping[str, str]) -> Difference:
        """What `found` lacks, has too much, or has otherwise."""
        other = sum(wanted[id] != found[id] for id in wanted.keys() & found.keys())
        return cls(len(wanted.keys() - found.keys()), len(found.keys() - wanted.keys()), other)

    @property
    def none(self) -> bool:
        return not (self.missing or self.extra or self.other)

    def __str__(self) -> str:
        """In words."""
        if self.none:
            return "identical"
        named = (("missing", self.missing), ("too many", self.extra), ("otherwise", self.other))
        return ", ".join(f"{count} {name}" for name, count in named if count)
