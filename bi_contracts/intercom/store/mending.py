"""Mends rows in place: what can be read again from what Intercom sent is, everything else is marked to be fetched.

A damaged conversation becomes one whose body is missing. So it is in the queue of the next sync, whatever happens to
the repair; and no body is too old to take its place.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import bindparam, delete, insert, select, update

from ..raw import canonical, packed
from ..records import SOURCE, Conversation, Part
from . import schema
from .checks import tags
from .checks.conversations import Stored, sent_of
from .checks.found import Found, Remedy
from .checks.intact import intact, read_back
from .checks.shape import misfits
from .counters import NAMES, recounted
from .verifying import stored_after
from .writing.contacts import introduce
from .writing.tombstones import NOTHING

if TYPE_CHECKING:
    from .lease import Lease
    from .store import Store
    from .writing import Batch

MANY = 200
"""Conversations that are mended in one transaction."""

T = TypeVar("T")


@dataclass
class Plan:
    """What is to be done, by the numbers of conversations and the keys of other rows."""

    refetch: set[int] = field(default_factory=set)
    rewrite: set[int] = field(default_factory=set)
    erase: set[int] = field(default_factory=set)
    keys: dict[Remedy, set[tuple[str | int, ...]]] = field(default_factory=dict)
    whole: set[Remedy] = field(default_factory=set)

    @classmethod
    def of(cls, found: Iterable[Found]) -> Plan:
        """The plan for what was found. What Intercom sent so is left as it is."""
        plan = cls()
        numbered = {Remedy.REFETCH: plan.refetch, Remedy.REWRITE: plan.rewrite, Remedy.ERASE: plan.erase}
        for one in found:
            if one.remedy in numbered:
                numbered[one.remedy].add(one.n)
            elif one.remedy is not Remedy.NOTHING:
                plan.whole.add(one.remedy)
                if one.key:
                    plan.keys.setdefault(one.remedy, set()).add(one.key)
        return plan

    def cover(self) -> None:
        """Conversations may be lost that nobody knows of."""
        self.whole.add(Remedy.COVER)
        self.keys.setdefault(Remedy.COVER, set()).add(("conversations", 0))

    @property
    def uncovered(self) -> tuple[str, ...]:
        """Streams whose coverage is given up. One that is no stream is one all the same: its rows go."""
        if Remedy.COVER not in self.whole:
            return ()
        return tuple(sorted({str(stream) for stream, *_ in self.keys.get(Remedy.COVER, ())}))

    @property
    def read_again(self) -> tuple[str, ...]:
        """Streams that the next sync reads again, since nobody knows what is lost of them."""
        lost = {Remedy.CONTACTS: "contacts", Remedy.TICKETS: "tickets"}
        streams = {*self.uncovered, *(stream for remedy, stream in lost.items() if remedy in self.whole)}
        return tuple(stream for stream in ("conversations", "contacts", "tickets") if stream in streams)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.refetch or self.rewrite or self.erase or self.whole)


def mend(store: Store, lease: Lease | None, plan: Plan) -> list[str]:
    """Does everything that needs no call. Returns the ids of conversations that are to be fetched."""
    if Remedy.SEARCH in plan.whole and store.kind == "sqlite":
        # Before any message is changed: what leaves the index must be in it.
        with store.batch(lease) as batch:
            batch.connection.exec_driver_sql("INSERT INTO messages_fts(messages_fts) VALUES ('rebuild')")
    _strays(store, lease, plan)
    ids = []
    for some in _chunks(sorted(plan.refetch)):
        with _untriggered(store, lease) as batch:
            ids += [_forget(batch, stored, plan) for stored in _stored(batch, some)]
    for some in _chunks(sorted(plan.rewrite - plan.refetch)):
        with _untriggered(store, lease) as batch:
            ids += [id for stored in _stored(batch, some) for id in _rewritten(batch, stored, plan)]
    for some in _chunks(sorted(plan.erase)):
        with _untriggered(store, lease) as batch:
            ids += _erase(batch, some)
    if plan.whole & {Remedy.KNOW, Remedy.CONTACTS}:
        _know(store, lease)
    with store.batch(lease) as batch:
        if plan.refetch or plan.rewrite or plan.erase or Remedy.TAGS in plan.whole:
            tags.rebuild(batch.connection)
        _count(batch)
    return ids


@contextmanager
def _untriggered(store: Store, lease: Lease | None) -> Iterator[Batch]:
    """A batch that no trigger of conversations meddles with: theirs fail on what is damaged. Tags are rebuilt after."""
    with store.batch(lease) as batch:
        run = batch.connection.exec_driver_sql
        if store.kind == "postgresql":
            run("ALTER TABLE conversations DISABLE TRIGGER USER")
            yield batch
            run("ALTER TABLE conversations ENABLE TRIGGER USER")
            return
        held = run("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'conversations'").all()
        for name, _ in held:
            run(f'DROP TRIGGER "{name}"')
        yield batch
        for _, sql in held:
            run(sql)


def _count(batch: Batch) -> None:
    """Counters counted again."""
    counts = recounted(batch.connection)
    batch.connection.execute(delete(schema.counters))
    batch.connection.execute(insert(schema.counters), [{"name": name, "value": counts[name]} for name in NAMES])


def _strays(store: Store, lease: Lease | None, plan: Plan) -> None:
    """Rows that belong to nothing, and books that make no sense."""
    known = select(schema.conversations.c.n)
    with store.batch(lease) as batch:
        run = batch.connection.execute
        if Remedy.PART in plan.whole:
            run(delete(schema.parts).where(schema.parts.c.conversation.not_in(known)))
            run(delete(schema.conversation_contacts).where(schema.conversation_contacts.c.conversation.not_in(known)))
            plan.cover()
        for stream in plan.uncovered:
            _uncover(batch, stream)
        for remedy, table in ((Remedy.CONTACTS, schema.contacts), (Remedy.TICKETS, schema.tickets)):
            if remedy in plan.whole:
                for (id,) in plan.keys.get(remedy, ()):
                    run(delete(table).where(table.c.id == id))
                _uncover(batch, table.name)
        for name, *key in plan.keys.get(Remedy.BOOKS, ()):
            table = schema.metadata.tables[str(name)]
            same = [column == value for column, value in zip(table.primary_key.columns, key, strict=True)]
            run(delete(table).where(*same))


def _uncover(batch: Batch, stream: str) -> None:
    """Nobody knows any more which times are held whole: the next sync reads the heads again, and what is held stays."""
    batch.connection.execute(delete(schema.coverage).where(schema.coverage.c.stream == stream))
    if stream == "conversations":
        batch.connection.execute(delete(schema.shards))
    else:
        batch.connection.execute(delete(schema.cursors).where(schema.cursors.c.stream == stream))


def _stored(batch: Batch, numbers: Collection[int]) -> list[Stored]:
    return [one for n in numbers for one in stored_after(batch.connection, n - 1, n, 1)]


def _forget(batch: Batch, stored: Stored, plan: Plan) -> str:
    """Leaves of a conversation what is whole, and marks it as one without a body. Returns its id."""
    run, n = batch.connection.execute, stored.row["n"]
    raw = stored.row["raw"]
    head, _ = read_back(bytes(raw)) if isinstance(raw, bytes | memoryview) else (None, "")
    bad = [
        part["n"]
        for part in stored.parts
        if misfits(schema.parts, part) or not intact(bytes(part["raw"]), part["digest"])
    ]
    if bad:
        run(delete(schema.parts).where(schema.parts.c.n.in_(bad)))
    id = str(stored.row["id"])
    if isinstance(head, dict) and head.get("id", id) not in ("", id):
        # One of both is damaged, and nobody knows which: the next sync meets the right one among the heads.
        _uncover(batch, "conversations")
        plan.cover()
    run(
        update(schema.conversations)
        .where(schema.conversations.c.n == n)
        .values(
            updated_at=0,
            seen_at=0,
            body_at=None,
            fetched_at=None,
            pending=True,
            head_digest="",
            digest="",
            tags="[]",
            raw=packed(canonical({})),
        )
    )
    return id


def _rewritten(batch: Batch, stored: Stored, plan: Plan) -> Iterator[str]:
    """Columns and links again from what Intercom sent; where that does not do, it is fetched."""
    sent = sent_of(stored)
    if sent is None:
        yield _forget(batch, stored, plan)
        return
    conversation, row = sent, stored.row
    at = {"updated_at": max(conversation.updated_at, row["seen_at"], row["body_at"] or 0)}
    held = sum(part["kind"] != SOURCE for part in stored.parts)
    batch.connection.execute(
        update(schema.conversations)
        .where(schema.conversations.c.n == row["n"])
        .values(**_told(conversation), **at, parts_held=held, deleted_by=None)
    )
    parts = {part.id: part for part in conversation.parts}
    for part in stored.parts:
        told = parts.get(part["id"])
        if told is None or part["n"] >> schema.TIE_BITS != told.created_at:
            yield _forget(batch, stored, plan)
            return
        batch.connection.execute(
            update(schema.parts).where(schema.parts.c.n == part["n"]).values(**_message(told, part["position"]))
        )
    introduce(batch, {row["n"]: conversation}, [row["n"]])


def _told(conversation: Conversation) -> dict[str, Any]:
    names = ("id", "created_at", "state", "open", "read", "subject", "channel", "admin_id", "team_id", "priority")
    return {name: getattr(conversation, name) for name in names} | {"tags": json.dumps(conversation.tags)}


def _message(part: Part, position: int) -> dict[str, Any]:
    names = ("kind", "created_at", "updated_at", "text", "redacted")
    author = {f"author_{name}": getattr(part.author, name) for name in ("type", "id", "name", "email")}
    return {name: getattr(part, name) for name in names} | author | {"position": 0 if part.id == SOURCE else position}


def _erase(batch: Batch, numbers: Collection[int]) -> list[str]:
    """What a tombstone must not hold. One that holds all of it may never have been deleted: Intercom is to say so."""
    held, parts = schema.conversations, schema.parts
    doubtful = [stored for stored in _stored(batch, numbers) if stored.row["raw"] != NOTHING]
    for stored in doubtful:
        row = stored.row
        at = min(row["deleted_at"], (row["fetched_at"] or row["updated_at"]) - 1)  # an answer now is newer
        asked = update(held).where(held.c.n == row["n"]).values(pending=True, deleted_at=at)
        batch.connection.execute(asked)
    batch.connection.execute(
        update(parts)
        .where(parts.c.conversation.in_(numbers))
        .values(text="", author_name="", author_email="", raw=NOTHING)
    )
    batch.erased()
    batch.connection.execute(update(held).where(held.c.n.in_(numbers)).values(subject="", tags="[]", raw=NOTHING))
    return [stored.row["id"] for stored in doubtful]


def _know(store: Store, lease: Lease | None) -> None:
    """Contacts that are linked and not known are told again by the conversations that name them."""
    links, people = schema.conversation_contacts.c, select(schema.contacts.c.id)
    while True:
        with store.batch(lease) as batch:
            unknown = select(links.conversation).where(links.contact.not_in(people)).distinct().limit(MANY)
            numbers = list(batch.connection.scalars(unknown))
            if not numbers:
                return
            for stored in _stored(batch, numbers):
                sent = sent_of(stored)
                if sent is not None:
                    introduce(batch, {stored.row["n"]: sent}, [stored.row["n"]])
            left = select(links.contact).where(links.conversation.in_(numbers), links.contact.not_in(people))
            gone = [{"who": id} for id in batch.connection.scalars(left)]
            if gone:
                batch.connection.execute(
                    delete(schema.conversation_contacts).where(links.contact == bindparam("who")), gone
                )


def _chunks(values: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(values)
    while some := list(islice(rest, MANY)):
        yield some
