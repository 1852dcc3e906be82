"""search_conversations: newest first within a budget of time, as many rows as fit into the answer."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from ..records import Author
from ..store.store import Store
from ..store.values import Found, Hit, Query, Status
from .arguments import SearchConversations, window_of
from .budgets import Budget, clipped, cost, how_many, some
from .cursors import further
from .facts import conversation_url, coverage, freshness
from .models import Conversations, Row, Truncated, Writer, moment
from .refusals import Refused

SNIPPET = 600
SIZE = Truncated(cut=True, why="size", how_to_go_on="Call again with next_cursor and the same arguments.")


def query_of(asked: SearchConversations, now: float) -> Query:
    """The arguments as the store takes them."""
    since, until, cursor = window_of(asked.since, asked.until, asked.cursor, now)
    return Query(
        text=asked.query,
        since=since,
        until=until,
        state=asked.state or "",
        contact=asked.contact.removeprefix("contact_"),
        admin=asked.admin,
        team=asked.team,
        tag=asked.tag,
        ranked=asked.ranked,
        limit=asked.limit,
        cursor=cursor,
    )


def conversations(query: Query, budget: Budget, now: float, store: Store) -> Conversations:
    """A page of what was found that fits into so many bytes."""
    status, wanted = store.status(), query.limit
    while True:
        found = store.search(query, budget=budget.seconds)
        answer, fitting = _page(query, found, status, budget.room, now)
        if fitting >= len(found.hits):
            return answer if query.limit == wanted else answer.model_copy(update={"truncated": SIZE})
        if fitting < 1:
            raise Refused("Not even one conversation fits: allow more with max_bytes and max_tokens.")
        # The store says where the shorter page ends, so that nothing is skipped and nothing told twice.
        query = replace(query, limit=fitting)


def _page(query: Query, found: Found, status: Status, room: int, now: float) -> tuple[Conversations, int]:
    rows = tuple(row(hit, status) for hit in found.hits)
    answer = Conversations(
        freshness=freshness(status, now),
        coverage=coverage(status, since=query.since, until=query.until),
        truncated=cut(found),
        order="best" if query.ranked else "newest",
        conversations=(),
        next_cursor=further(query.since, query.until, found.cursor),
    )
    fitting = how_many(map(Row.plain, rows), room - cost(answer.plain()))
    return answer.model_copy(update={"conversations": rows[:fitting]}), fitting


def cut(found: Found) -> Truncated:
    """Whether there is more than the page tells, and why."""
    if found.cut == "time":
        further = "Call again with next_cursor. " if found.cursor else ""
        return Truncated(cut=True, why="time", how_to_go_on=f"{further}A window (since, until) makes it faster.")
    if found.cut:
        return Truncated(
            cut=True,
            why=found.cut,
            how_to_go_on="Only the newest matches are ranked: narrow it with since and until, or leave ranked out.",
        )
    if found.cursor:
        return Truncated(cut=True, why="limit", how_to_go_on="Call again with next_cursor and the same arguments.")
    return Truncated(cut=False)


def row(hit: Hit, status: Status) -> Row:
    """A hit as an answer tells it."""
    return Row(
        id=hit.id,
        url=conversation_url(status, hit.id),
        subject=clipped(hit.subject),
        state=clipped(hit.state, 40),
        created_at=moment(hit.created_at),
        updated_at=moment(hit.updated_at),
        contact_ids=some(hit.contact_ids, 400),
        messages=hit.parts,
        whole=hit.whole,
        snippet=clipped(hit.snippet, SNIPPET),
        matched_at=moment(hit.matched_at),
        matched_by=writer(hit.matched_by),
        score=hit.score,
    )


def writer(author: Author) -> Writer:
    """Who wrote, with names of no more than some length."""
    return Writer(
        type=clipped(author.type, 40), id=clipped(author.id, 200), name=clipped(author.name, 200),
        email=clipped(author.email, 300),
    )  # fmt: skip


def finder(asked: SearchConversations, budget: Budget, now: float) -> partial[Conversations]:
    """The question to a store."""
    return partial(conversations, query_of(asked, now), budget, now)
