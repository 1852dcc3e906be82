"""A small store, and a search of it that looks at everything."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from sqlalchemy import select

from bi_contracts.intercom.records import conversation_head, whole_conversation
from bi_contracts.intercom.store.reading.words import tokens, words_of
from bi_contracts.intercom.store.schema import conversation_contacts, conversations, parts
from bi_contracts.intercom.store.store import Store
from bi_contracts.intercom.store.values import Found, Query

from ..made import BOB, Json, body, head_row, part

T0 = 1_700_000_000
WORDS = ("refund", "Refünd", "order", "the", "the", "a", "naïve", "日本語", "e-mail", "don't", "x", "42")
PEOPLE = tuple({"type": "user", "id": f"c{at}", "name": f"N{at}", "email": f"C{at}@Shop.example"} for at in range(6))
STATES, ADMINS, TAGS = ("open", "closed", "snoozed"), (991, 992, None), ("vip", "bug", 'odd "tag"\\')


def sentence(chance: random.Random) -> str:
    return " ".join(chance.choices(WORDS, k=chance.randint(1, 5)))


def made(number: int, chance: random.Random) -> Json:
    created = T0 + number // 3 * 500  # several in one second
    count = chance.choice((0, 1, 3, 6))
    times = sorted(created + chance.randrange(1, 9000) for _ in range(count))
    sent = [
        part(f"{number}p{at}", when, None if chance.random() < 0.2 else sentence(chance), author=BOB)
        for at, when in enumerate(times)
    ]
    updated = max([created, *times])
    return body(
        str(number),
        updated,
        sent,
        created_at=created,
        text=sentence(chance),
        contact=chance.choice(PEOPLE),
        state=chance.choice(STATES),
        admin_assignee_id=chance.choice(ADMINS),
        team_assignee_id=chance.choice((7, None)),
        tags={"type": "tag.list", "tags": [{"name": tag} for tag in TAGS if chance.random() < 0.3]},
    )


def fill(store: Store, count: int = 60, seed: int = 5) -> None:
    """Conversations, one in ten a head without a body, one in ten deleted."""
    chance = random.Random(seed)
    rows = [made(number, chance) for number in range(count)]
    with store.batch() as batch:
        heads = [{name: value for name, value in row.items() if name != "conversation_parts"} for row in rows]
        batch.heads([conversation_head(row) for row in heads])
        batch.bodies([(whole_conversation(row), T0 + 10**6) for at, row in enumerate(rows) if at % 10 != 3])
        batch.deleted([str(at) for at in range(count) if at % 10 == 7], T0 + 10**6, "deleted")


def add(store: Store, id: str, at: int, text: str, **changed: Json) -> None:
    """One more conversation, of one message."""
    with store.batch() as batch:
        batch.bodies([(whole_conversation(body(id, at, created_at=at, text=text, **changed)), at + 10)])


def add_head(store: Store, id: str, at: int, text: str) -> None:
    with store.batch() as batch:
        batch.heads([conversation_head(head_row(id, at, created_at=at, text=text))])


def pages(store: Store, query: Query, budget: float = 5.0, most: int = 2_000) -> list[Found]:
    """Every page of a search."""
    found = [store.search(query, budget)]
    while found[-1].cursor:
        found.append(store.search(replace(query, cursor=found[-1].cursor), budget))
        assert len(found) < most, "pages without an end"
    return found


def ids(found: list[Found]) -> list[str]:
    return [hit.id for page in found for hit in page.hits]


@dataclass(frozen=True)
class Message:
    n: int
    text: str


def everything(store: Store) -> dict[str, tuple[Json, set[str], list[Message]]]:
    """Id -> its row, its contacts, its messages with text."""
    with store.reading() as connection:
        rows = {row.n: row for row in connection.execute(select(conversations))}
        held = {row.id: (row, set[str](), list[Message]()) for row in rows.values()}
        for link in connection.execute(select(conversation_contacts)):
            held[rows[link.conversation].id][1].add(link.contact)
        for message in connection.execute(select(parts).where(parts.c.text != "")):
            held[rows[message.conversation].id][2].append(Message(message.n, message.text))
    return held


def reference(store: Store, query: Query) -> list[str]:
    """What a search must find, in its order, by looking at every word of every message."""
    words = words_of(query.text)
    if not words.phrases and not words.blank:
        return []
    found = []
    for id, (row, contacts, messages) in everything(store).items():
        if row.deleted_at is not None or not _passes(row, contacts, query):
            continue
        if words.blank:
            if _within(row.updated_at, query):
                found.append((-row.updated_at, row.n, id))
            continue
        matching = [one.n for one in messages if _within(one.n >> 20, query) and _has(one.text, query.text)]
        if matching:
            found.append((-max(matching), 0, id))
    return [id for _, _, id in sorted(found)]


def _passes(row: Json, contacts: set[str], query: Query) -> bool:
    import json

    person = query.contact.casefold().partition("@")[0]
    return (
        query.state in ("", row.state)
        and query.admin in ("", row.admin_id)
        and query.team in ("", row.team_id)
        and (not query.tag or query.tag in json.loads(row.tags))
        and (not query.contact or person in contacts)
    )


def _within(at: int, query: Query) -> bool:
    return (query.since is None or at >= query.since) and (query.until is None or at < query.until)


def _has(text: str, asked: str) -> bool:
    said = tokens(text)
    for phrase in words_of(asked).phrases:
        length = len(phrase.words)
        if not any(tuple(said[at : at + length]) == phrase.words for at in range(len(said))):
            return False
    return True
