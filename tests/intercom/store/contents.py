"""What a store holds, for tests to compare."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from bi_contracts.intercom.raw import canonical, digest_of, unpacked
from bi_contracts.intercom.records import content_digest, conversation_head, whole_conversation
from bi_contracts.intercom.store import counters
from bi_contracts.intercom.store.schema import conversation_contacts, conversations, parts
from bi_contracts.intercom.store.store import Store
from bi_contracts.intercom.store.values import Written

Json = Any


def write_heads(store: Store, *rows: Json) -> Written:
    with store.batch() as batch:
        return batch.heads([conversation_head(row) for row in rows])


def write_bodies(store: Store, *bodies: Json, at: int | None = None) -> Written:
    """Each as if it was answered a minute after its last update, or `at`."""
    with store.batch() as batch:
        return batch.bodies([(whole_conversation(one), one["updated_at"] + 60 if at is None else at) for one in bodies])


def row(store: Store, id: str) -> dict[str, Any]:
    """A row of `conversations`."""
    with store.reading() as connection:
        found = connection.execute(select(conversations).where(conversations.c.id == id)).mappings().one()
        return dict(found)


def texts(store: Store, id: str) -> dict[str, str]:
    """Id of each part -> its text, in their order."""
    with store.reading() as connection:
        found = select(parts.c.id, parts.c.text).join(conversations).where(conversations.c.id == id)
        ordered = found.order_by(parts.c.position, parts.c.n)
        return {row.id: row.text for row in connection.execute(ordered)}


def links(store: Store, id: str) -> set[str]:
    """Ids of the contacts that a conversation is linked with."""
    with store.reading() as connection:
        found = select(conversation_contacts.c.contact).join(conversations).where(conversations.c.id == id)
        return set(connection.scalars(found))


def found(store: Store, words: str) -> set[str]:
    """Ids of the parts that are found by these words."""
    statement = {
        "sqlite": "SELECT id FROM parts WHERE n IN (SELECT rowid FROM messages_fts WHERE messages_fts MATCH ?)",
        "postgresql": "SELECT id FROM parts WHERE words @@ plainto_tsquery('simple', %s)",
    }[store.kind]
    with store.reading() as connection:
        return {id for (id,) in connection.exec_driver_sql(statement, (words,))}


def counted(store: Store) -> None:
    """Counters are in step with the rows."""
    with store.reading() as connection:
        assert counters.read(connection) == counters.recounted(connection)


def check(store: Store) -> None:
    """Counters, digests and the index of messages are in step with the rows."""
    counted(store)
    with store.reading() as connection:
        held: dict[int, dict[str, str]] = {}
        for part in connection.execute(select(parts)):
            held.setdefault(part.conversation, {})[part.id] = part.digest
        for one in connection.execute(select(conversations)):
            if one.deleted_at is None:
                head = digest_of(canonical(unpacked(one.raw)))
                assert content_digest(head, held.get(one.n, {})) == one.digest
                assert one.parts_held == sum(id != "source" for id in held.get(one.n, {}))
    if store.kind == "sqlite":
        with store.writing() as connection:
            connection.exec_driver_sql("INSERT INTO messages_fts(messages_fts, rank) VALUES ('integrity-check', 1)")


KEPT = [column for column in conversations.c if column.name not in ("n", "seen_at", "fetched_at", "head_digest")]
OF_PART = [column for column in parts.c if column.name not in ("n", "conversation")]


def content(store: Store, id: str) -> tuple[Any, ...]:
    """All of a conversation that does not tell how it came here."""
    with store.reading() as connection:
        one = connection.execute(select(*KEPT).where(conversations.c.id == id)).one()
        theirs = select(*OF_PART).join(conversations).where(conversations.c.id == id).order_by(parts.c.id)
        return tuple(one), [tuple(part) for part in connection.execute(theirs)], links(store, id)
