"""Conversations, contacts and tickets for tests: made up, the same for the same seed, and marked as such."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from ...errors import StoreError
from ...paths import Json
from ...registry import platform as declared
from ...workspace import Workspace
from ..records import contact_of, ticket_of, whole_conversation
from .workload import sandboxed

if TYPE_CHECKING:
    from ..store.store import Store

SOURCE = "mock"
"""What a store of made-up data says its source is: a sync from anywhere else is refused."""

PAGE = 150
CHUNK = 500
"""Records written in one transaction."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record in Intercom's own shape. `stream` is conversations, contacts or tickets."""

    stream: str
    value: Json = field(repr=False)

    def line(self) -> str:
        """As one line of JSON that says what it is."""
        return json.dumps({"source": SOURCE, "stream": self.stream, "record": self.value}, ensure_ascii=False)


def made(
    space: Workspace, conversations: int, *, contacts: int = 0, tickets: int = 0, seed: str = "bi"
) -> Iterator[Record]:
    """So many of each, conversations with their parts first."""
    platform = declared("intercom", space)
    upstream = sandboxed(space, max(conversations, contacts, tickets), seed=seed)
    with upstream.client(platform) as client:
        for head in islice(client.records("conversations", page_size=PAGE), conversations):
            yield Record("conversations", client.record("conversation", id=head["id"]))
        for value in islice(client.records("contacts", page_size=PAGE), contacts):
            yield Record("contacts", value)
        for value in islice(client.records("tickets_search", page_size=0, **ALL), tickets):
            yield Record("tickets", value)


ALL: dict[str, Json] = {
    "query": {"field": "updated_at", "operator": ">", "value": 0},
    "pagination": {"per_page": PAGE},
}


def put(store: Store, records: Iterable[Record]) -> dict[str, int]:
    """Writes records into a store that holds nothing else, and says how many of each.

    Raises `StoreError` where the store holds what somebody answered.
    """
    source = store.meta("source")
    if source not in (None, "", SOURCE):
        raise StoreError(f"{store.address} holds data of source {source!r}: made-up ones go into a store of their own")
    counts: dict[str, int] = {}
    left = iter(records)
    while chunk := list(islice(left, CHUNK)):
        with store.batch() as batch:
            batch.meta("source", SOURCE)
            batch.bodies([(whole_conversation(one.value), _later(one.value)) for one in _of(chunk, "conversations")])
            batch.contacts([contact_of(one.value) for one in _of(chunk, "contacts")])
            batch.tickets([ticket_of(one.value) for one in _of(chunk, "tickets")])
        for one in chunk:
            counts[one.stream] = counts.get(one.stream, 0) + 1
    return counts


def _of(records: Iterable[Record], stream: str) -> list[Record]:
    return [one for one in records if one.stream == stream]


def _later(body: Json) -> int:
    """When it was answered, so that it counts as whole: after its own last change."""
    return int(body["updated_at"]) + 1
