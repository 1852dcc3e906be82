"""Changes of conversations, gathered and then written at once."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from ...records import SOURCE, Conversation, Part, content_digest
from ..schema import conversations
from ..values import Written
from . import contacts
from .parts import HeldPart, Parts, removed_since
from .rows import MARK, Row, last_number, told

if TYPE_CHECKING:
    from .batch import Batch


class Changes:
    """What a batch is to change of conversations."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.parts = Parts()
        self.added: list[Row] = []
        self.changed: list[Row] = []
        self.marked: list[Row] = []
        self.told: dict[int, Conversation] = {}
        self._linked: list[int] = []
        self._n = 0

    def add(self, conversation: Conversation, standing: Row) -> None:
        """One that is not held yet."""
        if not self._n:
            self._n = last_number(self.batch)
        self._n += 1
        row = {
            **told(conversation),
            **standing,
            "n": self._n,
            "id": conversation.id,
            "parts_total": conversation.parts_total,
            "parts_held": sum(part.kind != SOURCE for part in conversation.parts),
            "truncated": conversation.truncated,
            "digest": conversation.digest,
            "deleted_at": None,
            "deleted_by": None,
        }
        for part in conversation.parts:
            self.parts.add(self._n, conversation.id, part)
        self.told[self._n] = conversation
        self.added.append(row)
        self.batch.tally.conversation(row, 1)

    def change(
        self, held: Row, conversation: Conversation, standing: Row, parts: dict[str, HeldPart], words: bool
    ) -> None:
        """One that is held. `words` if what Intercom says of it, and its first message, are to be replaced too."""
        erased = held["deleted_at"] is not None
        row = {**held, **standing, "deleted_at": None, "deleted_by": None}
        sent = [part for part in conversation.parts if words or part.kind != SOURCE or SOURCE not in parts]
        gone = _gone(conversation, parts, erased)
        sent, extra = self.parts.settle(conversation, sent, parts, gone)
        self.parts.compare(held["n"], conversation, sent, parts, erased)
        self.parts.remove(gone)
        digests = _after(parts, sent, gone)
        if conversation.whole:
            row["parts_held"] = len(digests) - (SOURCE in digests)
            row["parts_total"] = conversation.parts_total + extra
            row["truncated"] = conversation.truncated and conversation.parts_total > row["parts_held"] + len(
                conversation.undecodable
            )
        row["digest"] = content_digest(conversation.head_digest if words else held["head_digest"], digests)
        if words:
            at = max(held["updated_at"], row["seen_at"], conversation.updated_at)
            row |= told(conversation) | {"updated_at": at}
            self.told[held["n"]] = conversation
            self._linked.append(held["n"])
        self._keep(held, row, self.changed if words else self.marked)

    def mark(self, held: Row, standing: Row) -> None:
        """One that is held and stands differently now; its words stay."""
        self._keep(held, {**held, **standing}, self.marked)

    def _keep(self, held: Row, row: Row, rows: list[Row]) -> None:
        self.batch.tally.conversation(held, -1)
        self.batch.tally.conversation(row, 1)
        kept = {name: value for name, value in row.items() if name not in ("n", "id")}
        rows.append({**kept, "key": held["n"]})

    def write(self, asked: int) -> Written:
        """Writes all of it; `asked` is how many records were given."""
        batch, parts = self.batch, self.parts
        batch.database.insert(batch.connection, conversations, self.added)
        for rows in (self.changed, self.marked):
            if rows:
                batch.connection.execute(MARK, rows)
        parts.write(batch)
        if self.told:
            contacts.introduce(batch, self.told, self._linked)
        updated = len(self.changed) + len(self.marked)
        return Written(
            new=len(self.added),
            updated=updated,
            unchanged=asked - len(self.added) - updated,
            parts_new=len(parts.added) - parts.renumbered,
            parts_updated=len(parts.changed) + parts.renumbered,
            parts_removed=len(parts.removed) - parts.renumbered,
        )


def _gone(conversation: Conversation, held: dict[str, HeldPart], erased: bool) -> list[HeldPart]:
    """Held parts that are no more; of what was erased nothing is left to keep."""
    if erased:
        sent = {part.id for part in conversation.parts}
        return [part for part in held.values() if part.id not in sent]
    return removed_since(conversation, held) if conversation.whole else []


def _after(held: dict[str, HeldPart], sent: Collection[Part], gone: Collection[HeldPart]) -> dict[str, str]:
    """The digests of the parts of a conversation, once it is written."""
    digests = {id: part.digest for id, part in held.items()}
    for removed in gone:
        del digests[removed.id]
    return digests | {part.id: part.digest for part in sent}
