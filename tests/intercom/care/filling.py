"""Stores with something of everything in them, and what a reader gets out of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bi_contracts.intercom.records import Contact, contact_of, conversation_head, ticket_of, whole_conversation
from bi_contracts.intercom.store import open_store, schema
from bi_contracts.intercom.store.store import Store
from bi_contracts.intercom.store.values import Cursor, DeadLetter, Range, Run

from ..made import ANN, BOB, body, contact, head_row, part, ticket

START = 1_700_000_000
END = START + 1_000_000
WORDS = ("refund", "invoice", "late", "parcel", "broken", "thanks", "password", "printer", "paper", "umbrella")


def people(count: int = 5) -> list[dict[str, str]]:
    return [
        ANN | {"id": f"c{n:023x}", "name": f"Customer {n}", "email": f"c{n}@customers.example"} for n in range(count)
    ]


def conversations(count: int, *, seed: int = 1, parts: int = 4) -> dict[str, Any]:
    """Bodies by id, as an Intercom of its own would answer them."""
    chance, who = random.Random(seed), people()
    found = {}
    for number in range(count):
        id, at, author = str(1000 + number), START + number * 1000, who[number % len(who)]
        tags = {"type": "tag.list", "tags": [{"type": "tag", "id": "1", "name": chance.choice(WORDS)}]}
        says = [
            part(
                f"{id}{n}",
                at + 10 * n,
                " ".join(chance.choices(WORDS, k=chance.randrange(3, 60))),
                author=(BOB, author)[n % 2],
            )
            for n in range(1, chance.randrange(1, parts) + 1)
        ]
        found[id] = body(
            id, at + 900, says, created_at=at, contact=author, text=f"first of {id}: {chance.choice(WORDS)}", tags=tags
        )
    who = people()
    says = [part(f"90{n}", START + n, f"newer {n}") for n in range(4, 7)]
    found["900"] = body("900", START + 500, contact=who[0])
    found["901"] = body("901", START + 60, says, total=8, created_at=START, contact=who[1])
    return found


def fill(store: Store, held: dict[str, Any], *, size: int = 100) -> None:
    """Everything of `held`, one head without a body, a truncated one, a tombstone, contacts, tickets and the books."""
    values = [(whole_conversation(one), END) for id, one in held.items() if not id.startswith("90")]
    for at in range(0, len(values), size):
        with store.batch() as batch:
            batch.heads([conversation_head(one.raw) for one, _ in values[at : at + size]])
            batch.bodies(values[at : at + size])
    with store.batch() as batch:
        batch.heads([conversation_head(head_row("900", START + 500, contact=people()[0]))])
        old = [part(f"90{n}", START + n, f"older {n}") for n in range(1, 4)]
        batch.bodies([(whole_conversation(body("901", START + 50, old, created_at=START, contact=people()[1])), END)])
        batch.bodies([(whole_conversation(held["901"]), END + 1)])
        gone = body("902", START + 70, [part("9021", START + 5, "secret")], created_at=START, contact=people()[2])
        batch.bodies([(whole_conversation(gone), END)])
        batch.deleted(["902"], END + 1, "deleted")
        batch.contacts([contact_of(contact(people()[0]["id"], START + 5)), Contact("merged", brief=True)])
        batch.merged("merged", people()[1]["id"])
        batch.tickets([ticket_of(ticket("77", START + 9))])
        batch.dead([DeadLetter("contact", "x1", "it has no usable id", {"odd": True}, END)])
        batch.cursor("conversations", Cursor(END - 10, END))
        batch.cursor("contacts", Cursor(END - 10, END))
        batch.cover("conversations", Range(START - 1, END - 10))
        batch.meta("source", "sandbox")
        batch.run(Run("backfill", "sandbox", END - 50, ended_at=END + 5, outcome="done", calls=7))


def made(target: str | Path, count: int = 40, **how: Any) -> dict[str, Any]:
    """A filled store, closed again; gives the bodies by id."""
    held = conversations(count, **how)
    with open_store(target) as store:
        fill(store, held)
    return held


KEPT = ("conversations", "parts", "contacts", "conversation_contacts", "tickets")
BOOKS = ("meta", "cursors", "coverage", "dead_letters", "counters", "runs")
UNTOLD = {"conversations": {"n", "seen_at", "head_digest", "fetched_at"}, "parts": {"n", "conversation"}}


def content(store: Store, *, books: bool = False) -> dict[str, list[Any]]:
    """Every row of every table as readers meet it: conversations by their ids, not by their numbers."""
    with store.reading() as connection:
        numbers = {n: id for n, id in connection.execute(select(schema.conversations.c.n, schema.conversations.c.id))}  # noqa: C416
        found = {}
        for name in (*KEPT, *(BOOKS if books else ())):
            rows = connection.execute(select(schema.metadata.tables[name])).mappings()
            found[name] = sorted((_told(name, dict(row), numbers) for row in rows), key=repr)
    return _without_tombstones(found)


def _without_tombstones(found: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Of what was deleted, that it was is all that anybody gets to read."""
    gone = {row["id"] for row in found["conversations"] if row["deleted_at"] is not None}
    live = {name: [row for row in rows if row.get("of") not in gone] for name, rows in found.items()}
    live["conversations"] = [{"id": row["id"]} if row["id"] in gone else row for row in live["conversations"]]
    return live


def _told(name: str, row: dict[str, Any], numbers: dict[int, str]) -> dict[str, Any]:
    if "conversation" in row:
        row["of"] = numbers.get(row.pop("conversation"))
    return {key: value for key, value in row.items() if key not in UNTOLD.get(name, ())}


def answers(held: dict[str, Any]) -> Any:
    """Fetches as a sync does: bodies of `held`, a tombstone where there is none. Says what it was asked for."""
    asked: list[str] = []

    def fetch(store: Store, ids: Sequence[str]) -> None:
        asked.extend(ids)
        for id in ids:
            with store.batch() as batch:
                if id in held:
                    batch.bodies([(whole_conversation(held[id]), END)])
                else:
                    batch.deleted([id], END + 2, "missing")

    fetch.asked = asked  # type: ignore[attr-defined]
    return fetch
