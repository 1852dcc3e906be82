"""get_conversation: messages in their order, as many as fit; a long one is cut and gone on with on the next page."""

from __future__ import annotations

from collections.abc import Iterator

from ..store.store import Store
from ..store.values import HeldConversation, HeldPart, Status
from .budgets import clipped, cost, longest, some
from .cursors import BadCursor, Place, cursor_of, place_of
from .facts import conversation_url, coverage, freshness
from .models import Conversation, Message, OneConversation, Truncated, moment, moment_or_none
from .refusals import Refused
from .search import writer

CHUNK = 100
"""Parts that are read at once: most conversations have fewer."""

LEAST = 400
"""Bytes of a message below which it is left for the next page whole."""

CUT = "… [cut: next_cursor goes on here]"


def begin(id: str, cursor: str | None) -> Place:
    """Where to read from. Raises `BadCursor` for a cursor of another conversation."""
    place = place_of(cursor) if cursor else Place(id)
    if place.id != id:
        raise BadCursor
    return place


def conversation(place: Place, room: int, now: float, store: Store) -> OneConversation:
    """A page of a conversation. Raises `Refused` where it is not held."""
    status = store.status()
    held = store.conversation(place.id, parts_from=place.position, parts_limit=CHUNK)
    if held is None:
        raise Refused(not_held(place.id, status))
    answer = OneConversation(
        freshness=freshness(status, now),
        coverage=coverage(status),
        truncated=Truncated(cut=True, why="size", how_to_go_on="Call again with next_cursor."),
        conversation=header(held, status),
        messages=(),
        next_cursor=cursor_of(Place(place.id, 2**31 - 1, 2**31 - 1)),
    )
    messages, goes_on = _page(place, held, store, room - cost(answer.plain()))
    if goes_on is None:
        return answer.model_copy(update={"messages": messages, "truncated": Truncated(cut=False), "next_cursor": None})
    if not messages:
        raise Refused("Not even one message fits: allow more with max_bytes and max_tokens.")
    return answer.model_copy(update={"messages": messages, "next_cursor": cursor_of(goes_on)})


def _page(place: Place, held: HeldConversation, store: Store, room: int) -> tuple[tuple[Message, ...], Place | None]:
    """The messages that fit, and where to go on, None at the end."""
    told: list[Message] = []
    for part in _parts(place, held, store):
        whole = message(part, place.offset if part.position == place.position else 0)
        needed = cost(whole.plain()) + 2
        if needed <= room:
            told.append(whole)
            room -= needed
            continue
        shorter = _cut(whole, room)
        if shorter is None:
            return tuple(told), Place(place.id, part.position, whole.text_from)
        return (*told, shorter), Place(place.id, part.position, whole.text_from + len(shorter.text) - len(CUT))
    return tuple(told), None


def _parts(place: Place, held: HeldConversation, store: Store) -> Iterator[HeldPart]:
    """The parts from a place on, read as they are needed."""
    while True:
        yield from (part for part in held.parts if part.position >= place.position)
        if held.more is None:
            return
        following = store.conversation(place.id, parts_from=held.more, parts_limit=CHUNK)
        if following is None or not following.parts:
            return
        held = following


def _cut(whole: Message, room: int) -> Message | None:
    """As much of a message as fits, None where that is next to nothing."""

    def shorter(text: str) -> Message:
        return whole.model_copy(update={"text": text + CUT})

    kept = longest(whole.text, lambda text: cost(shorter(text).plain()) + 2 <= room)
    return shorter(whole.text[:kept]) if kept >= min(LEAST, len(whole.text)) and kept else None


def message(part: HeldPart, offset: int = 0) -> Message:
    """A part from some character on."""
    return Message(
        id=clipped(part.id, 200),
        position=part.position,
        kind=clipped(part.kind, 80),
        at=moment(part.created_at),
        edited_at=moment(part.updated_at) if part.updated_at > part.created_at else None,
        by=writer(part.author),
        text=part.text[offset:],
        redacted=part.redacted,
        text_from=min(offset, len(part.text)),
        text_of=len(part.text),
    )


def header(held: HeldConversation, status: Status) -> Conversation:
    """A conversation without its messages."""
    return Conversation(
        id=held.id,
        url=conversation_url(status, held.id),
        subject=clipped(held.subject),
        state=clipped(held.state, 40),
        channel=clipped(held.channel, 80),
        priority=clipped(held.priority, 40),
        read=held.read,
        created_at=moment(held.created_at),
        updated_at=moment(held.updated_at),
        fetched_at=moment_or_none(held.fetched_at),
        admin_id=clipped(held.admin_id, 80),
        team_id=clipped(held.team_id, 80),
        tags=some((clipped(tag, 120) for tag in held.tags), 500),
        contact_ids=some(held.contact_ids, 500),
        messages_total=held.parts_total,
        messages_held=held.parts_held,
        whole=held.whole,
        outdated=held.pending and held.whole,
        older_missing=held.truncated,
        deleted_at=moment_or_none(held.deleted_at),
    )


def not_held(id: str, status: Status) -> str:
    """What to do about a conversation that is not in the store."""
    looked = "the store is empty" if not status.last else "it may be older than what was synced, or the id is another's"
    return (
        f"No conversation {id[:60]!a} is held: {looked}. check_coverage says what is held,"
        " search_conversations finds ids, sync_conversations brings the store up to date."
    )
