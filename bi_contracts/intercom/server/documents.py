"""`search` and `fetch`, as connectors of chat clients call them: one query, one id, plain documents."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial

from pydantic import ValidationError

from ..store.store import Store
from ..store.values import HeldContact, Hit, Query, Status
from .arguments import SearchConversations
from .budgets import Budget, clipped, cost, how_many, longest
from .conversation import conversation
from .cursors import Place, cursor_of
from .facts import contact_url, conversation_url, coverage, freshness
from .models import Document, Message, Result, Results, Truncated, moment
from .refusals import Refused, invalid
from .search import cut, query_of

SHOWN = 10
"""Results, where the query names no limit."""

_FILTER = re.compile(r'\b([a-z_]+):(?:(?:contains|is|eq|=):)?("[^"]*"|\S+)')
_NAMES = {
    "state": "state",
    "since": "since",
    "until": "until",
    "contact": "contact",
    "contact_ids": "contact",
    "email": "contact",
    "source_author_email": "contact",
    "admin": "admin",
    "admin_assignee_id": "admin",
    "team": "team",
    "team_assignee_id": "team",
    "tag": "tag",
    "limit": "limit",
}
_WORDS = ("source_body", "body", "text", "query")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A query read: what it looks for, and with which filters."""

    contacts: bool
    query: Query


def wanted(text: str, now: float) -> Wanted:
    """Reads the query language of the official server: `name:value` and `name:operator:value` among words.

    Raises `Refused` for a value that is none of its filter's.
    """
    found: dict[str, object] = {"limit": SHOWN}
    kinds: list[str] = []

    def take(one: re.Match[str]) -> str:
        name, value = one[1], one[2].strip('"')
        if name == "object_type":
            kinds.append(value)
        elif name in _NAMES:
            found[_NAMES[name]] = value
        else:
            return one[2] if name in _WORDS else one[0]
        return " "

    words = " ".join(_FILTER.sub(take, text).split())
    try:
        asked = SearchConversations.model_validate({**found, "query": words})
    except ValidationError as error:
        raise Refused(invalid(error)) from None
    return Wanted(any(kind.startswith("contact") for kind in kinds), query_of(asked, now))


def results(asked: Wanted, budget: Budget, now: float, store: Store) -> Results:
    """What was found, as many as fit."""
    status = store.status()
    if asked.contacts:
        return _contacts(asked.query, status, now, store)
    found = store.search(asked.query, budget=budget.seconds)
    rows = [_result(hit, status) for hit in found.hits]
    further = cut(found)
    if further.why == "limit":
        further = Truncated(cut=True, why="limit", how_to_go_on="search_conversations gives further pages.")
    answer = Results(
        freshness=freshness(status, now),
        coverage=coverage(status, since=asked.query.since, until=asked.query.until),
        truncated=further,
        results=(),
    )
    fitting = how_many((one.plain() for one in rows), budget.room - cost(answer.plain()) - 300)
    if fitting < len(rows):
        further = Truncated(cut=True, why="size", how_to_go_on="search_conversations gives further pages.")
    return answer.model_copy(update={"results": tuple(rows[:fitting]), "truncated": further})


def _contacts(query: Query, status: Status, now: float, store: Store) -> Results:
    """Contacts are found by id or whole e-mail address: nothing else of them is indexed."""
    held = store.contact(query.contact or query.text.strip())
    rows = () if held is None else (_person(held, status),)
    way = "Contacts are found by id or whole e-mail address." if held is None else ""
    return Results(
        freshness=freshness(status, now),
        coverage=coverage(status, "contacts"),
        truncated=Truncated(cut=False, how_to_go_on=way),
        results=rows,
    )


def _result(hit: Hit, status: Status) -> Result:
    who = hit.matched_by.name or hit.matched_by.email or hit.matched_by.type
    title = hit.subject or " ".join(filter(None, ("Conversation", hit.id, "with" if who else "", who)))
    return Result(
        id=f"conversation_{hit.id}",
        title=clipped(title),
        url=conversation_url(status, hit.id),
        text=clipped(hit.snippet, 600),
    )


def _person(held: HeldContact, status: Status) -> Result:
    return Result(
        id=f"contact_{clipped(held.id, 200)}",
        title=clipped(held.name or held.email or held.id),
        url=contact_url(status, held.id),
        text=clipped(f"{held.role or 'contact'}, {held.email or 'no e-mail'}, {held.conversations} conversations"),
    )


def fetch(id: str, room: int, now: float, store: Store) -> Document:
    """A document by the id that `search` told. Raises `Refused` where it is not held."""
    kind, _, bare = id.strip().rpartition("_")
    if kind in ("contact", "contacts"):
        return _contact(bare, now, store)
    page = conversation(Place(bare if kind == "conversation" else id.strip()), room, now, store)
    lines = "\n\n".join(map(_line, page.messages))
    one = page.conversation
    metadata = {
        "state": one.state,
        "created_at": one.created_at,
        "updated_at": one.updated_at,
        "contact_ids": ",".join(one.contact_ids),
        "messages": str(one.messages_total),
        "whole": "yes" if one.whole else "no: only the first message is held yet",
        "next_cursor": page.next_cursor or "",
    }
    document = Document(
        freshness=page.freshness,
        coverage=page.coverage,
        truncated=page.truncated,
        id=f"conversation_{one.id}",
        title=one.subject or f"Conversation {one.id}",
        text="",
        url=one.url,
        metadata=metadata,
    )
    kept = longest(lines, lambda start: cost(document.model_copy(update={"text": start}).plain()) <= room - 200)
    if kept < len(lines) or page.truncated.cut:
        way = "get_conversation pages through all of it: give it this id, and metadata.next_cursor where it is set."
        cursor = page.next_cursor if kept == len(lines) else cursor_of(Place(one.id))
        document = document.model_copy(
            update={
                "truncated": Truncated(cut=True, why="size", how_to_go_on=way),
                "metadata": {**metadata, "next_cursor": cursor or ""},
            }
        )
    return document.model_copy(update={"text": lines[:kept]})


def _line(message: Message) -> str:
    who = message.by.name or message.by.email or message.by.id or "somebody"
    return f"[{message.at}] {who} ({message.by.type or 'unknown'}, {message.kind}): {message.text}"


def _contact(id: str, now: float, store: Store) -> Document:
    status, held = store.status(), store.contact(id)
    if held is None:
        raise Refused(f"No contact {id[:60]!a} is held. search finds ids; get_contact takes e-mail addresses too.")
    known = {
        "role": held.role,
        "email": held.email,
        "phone": held.phone,
        "external_id": held.external_id,
        "conversations": str(held.conversations),
        "updated_at": moment(held.updated_at) if held.updated_at is not None else "",
    }
    metadata = {name: clipped(value) for name, value in known.items()}
    return Document(
        freshness=freshness(status, now),
        coverage=coverage(status, "contacts"),
        id=f"contact_{clipped(held.id, 200)}",
        title=clipped(held.name or held.email or held.id),
        text="\n".join(f"{name}: {value}" for name, value in metadata.items() if value),
        url=contact_url(status, held.id),
        metadata=metadata,
    )


def searcher(text: str, budget: Budget, now: float) -> partial[Results]:
    """The question to a store."""
    return partial(results, wanted(text, now), budget, now)
