"""Writes the parts of a batch: what is new, what differs from what is held, what is gone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, delete, select, update

from ...records import SOURCE, Conversation, Part
from ..schema import parts
from .rows import Row, next_number, part_number, part_row

if TYPE_CHECKING:
    from .batch import Batch


class HeldPart(NamedTuple):
    """What a part that is held is compared by."""

    conversation: int
    id: str
    n: int
    digest: str
    position: int
    created_at: int


_HELD = select(parts.c.conversation, parts.c.id, parts.c.n, parts.c.digest, parts.c.position, parts.c.created_at)
_CHANGE = update(parts).where(parts.c.n == bindparam("key"))
_REMOVE = delete(parts).where(parts.c.n == bindparam("key"))


def held(batch: Batch, numbers: Iterable[int]) -> dict[int, dict[str, HeldPart]]:
    """The parts of conversations, by the conversation's number and their ids."""
    found: dict[int, dict[str, HeldPart]] = {n: {} for n in numbers}
    for row in batch.matching(_HELD, parts.c.conversation, found):
        part = HeldPart._make(row)
        found[part.conversation][part.id] = part
    return found


class Parts:
    """Changes of parts, gathered and then written at once."""

    def __init__(self) -> None:
        self.added: list[Row] = []
        self.changed: list[Row] = []
        self.moved: list[Row] = []
        self.removed: list[int] = []
        self.renumbered = 0

    def add(self, n: int, id: str, part: Part) -> None:
        """Adds a part to conversation `n`, whose id is `id`."""
        row = part_row(n, part)
        row["n"] = part_number(id, part)
        self.added.append(row)

    def compare(
        self, n: int, conversation: Conversation, sent: Collection[Part], held: Mapping[str, HeldPart], erased: bool
    ) -> None:
        """Notes how parts that were sent differ from what is held; `erased` if what is held has lost its words."""
        for part in sent:
            known = held.get(part.id)
            if known is None:
                self.add(n, conversation.id, part)
            elif known.created_at != part.created_at:  # its number tells when it was made
                self.removed.append(known.n)
                self.renumbered += 1
                self.add(n, conversation.id, part)
            elif erased or known.digest != part.digest:
                self.changed.append({**part_row(n, part), "key": known.n})
            elif known.position != part.position:
                self.moved.append({"key": known.n, "position": part.position})

    def settle(
        self, conversation: Conversation, sent: list[Part], held: Mapping[str, HeldPart], gone: Collection[HeldPart]
    ) -> tuple[list[Part], int]:
        """Gives older parts, which are kept though they are not sent, places before those that are.

        Returns the parts that were sent, and how many places further they stand since more are kept than Intercom
        still counts: which of them are gone there nobody says.
        """
        first = min((part.position for part in sent if part.kind != SOURCE), default=0)
        if not conversation.truncated or not first:
            return sent, 0
        left = {SOURCE, *(part.id for part in sent), *(part.id for part in gone)}
        kept = sorted((part for part in held.values() if part.id not in left), key=lambda part: (part.position, part.n))
        if not kept or kept[-1].position < first:
            return sent, 0
        extra = max(0, len(kept) + 1 - first)
        for position, part in enumerate(kept, first + extra - len(kept)):
            if part.position != position:
                self.moved.append({"key": part.n, "position": position})
        return [replace(part, position=part.position + extra * (part.kind != SOURCE)) for part in sent], extra

    def remove(self, gone: Iterable[HeldPart]) -> None:
        self.removed += [part.n for part in gone]

    def write(self, batch: Batch) -> None:
        """Writes them by ascending number: FTS5 flushes what it gathered wherever a number goes down."""
        connection = batch.connection
        for statement, rows in (
            (_REMOVE, [{"key": n} for n in sorted(self.removed)]),
            (_CHANGE, sorted(self.changed, key=itemgetter("key"))),
            (_CHANGE, self.moved),
        ):
            if rows:
                connection.execute(statement, rows)
        if self.removed or any(row["redacted"] for row in self.changed):
            batch.erased()
        _number(batch, self.added)
        batch.database.insert(connection, parts, sorted(self.added, key=itemgetter("n")))


def _number(batch: Batch, rows: list[Row]) -> None:
    """Gives the next free number to each part whose own is taken."""
    used: set[int] = set()
    unsure = rows
    while unsure:
        for row in unsure:
            while row["n"] in used:
                row["n"] = next_number(row["n"])
            used.add(row["n"])
        taken = {n for (n,) in batch.matching(select(parts.c.n), parts.c.n, [row["n"] for row in unsure])}
        unsure = [row for row in unsure if row["n"] in taken]


def removed_since(conversation: Conversation, held: Mapping[str, HeldPart]) -> list[HeldPart]:
    """Held parts that a whole conversation has no more. Those before the parts that were sent are kept if not all were.

    A part that was sent and cannot be read now is gone from here too: the words that are held of it may have been
    redacted. What was sent of it now is a dead letter.
    """
    sent, bad = {part.id for part in conversation.parts}, {one.id for one in conversation.undecodable}
    missing = [part for part in held.values() if part.id not in sent and part.id != SOURCE]
    if not conversation.truncated:
        return missing
    first = min((part.created_at for part in conversation.parts if part.kind != SOURCE), default=0)
    return [part for part in missing if part.created_at > first or part.id in bad]
