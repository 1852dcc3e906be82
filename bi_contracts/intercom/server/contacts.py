"""get_contact and list_tickets."""

from __future__ import annotations

from dataclasses import dataclass

from ..store.store import Store
from ..store.values import HeldContact, HeldTicket, Status
from .budgets import clipped, cost, how_many, some
from .cursors import further
from .facts import contact_url, coverage, freshness
from .models import Contact, OneContact, Ticket, Tickets, Truncated, moment, moment_or_none
from .refusals import Refused
from .search import SIZE


def contact(id: str, now: float, store: Store) -> OneContact:
    """A contact by its id or e-mail address. Raises `Refused` where it is not held."""
    status = store.status()
    held = store.contact(id)
    if held is None and id.startswith("contact_"):
        held = store.contact(id.removeprefix("contact_"))
    if held is None:
        raise Refused(
            "No such contact is held. Contacts are known from conversations that were synced;"
            " `bi-contracts intercom sync --with contacts` reads all of them. search_conversations finds ids."
        )
    return OneContact(
        freshness=freshness(status, now),
        coverage=coverage(status),
        contact=_contact(held, status),
    )


def _contact(held: HeldContact, status: Status) -> Contact:
    return Contact(
        id=clipped(held.id, 200),
        url=contact_url(status, held.id),
        role=clipped(held.role, 40),
        external_id=clipped(held.external_id),
        name=clipped(held.name),
        email=clipped(held.email, 400),
        phone=clipped(held.phone, 100),
        created_at=moment_or_none(held.created_at),
        updated_at=moment_or_none(held.updated_at),
        conversations=held.conversations,
        brief=held.brief,
        merged_from=some(held.merged_from, 500),
        deleted_at=moment_or_none(held.deleted_at),
    )


@dataclass(frozen=True, slots=True)
class TicketsAsked:
    """Which tickets are wanted."""

    since: int | None
    until: int | None
    state: str
    contact: str
    limit: int
    cursor: str


def tickets(asked: TicketsAsked, room: int, now: float, store: Store) -> Tickets:
    """A page of tickets that fits into so many bytes."""
    status, limit = store.status(), asked.limit
    while True:
        held, cursor = store.tickets(
            since=asked.since,
            until=asked.until,
            state=asked.state,
            contact=asked.contact,
            limit=limit,
            cursor=asked.cursor,
        )
        more = Truncated(cut=True, why="limit", how_to_go_on="Call again with next_cursor and the same arguments.")
        answer = Tickets(
            freshness=freshness(status, now),
            coverage=coverage(status, "tickets", asked.since, asked.until),
            truncated=more if cursor else Truncated(cut=False),
            tickets=(),
            next_cursor=further(asked.since, asked.until, cursor),
        )
        rows = tuple(map(_ticket, held))
        fitting = how_many((one.plain() for one in rows), room - cost(answer.plain()))
        if fitting >= len(rows):
            cut = {} if limit == asked.limit else {"truncated": SIZE}
            return answer.model_copy(update={"tickets": rows, **cut})
        if fitting < 1:
            raise Refused("Not even one ticket fits: allow more with max_bytes and max_tokens.")
        limit = fitting


def _ticket(held: HeldTicket) -> Ticket:
    return Ticket(
        id=clipped(held.id, 200),
        title=clipped(held.title),
        state=clipped(held.state, 80),
        type=clipped(held.type, 120),
        open=held.open,
        created_at=moment(held.created_at),
        updated_at=moment(held.updated_at),
        contact_ids=some(held.contact_ids, 400),
        deleted_at=moment_or_none(held.deleted_at),
    )
