"""What Intercom sends, read into values: every field that is looked at typed, everything else kept raw.

Source: Intercom's OpenAPI descriptions 2.11 and 2.13 (conversation, conversation_part, contact, ticket).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..paths import Json, dig
from .raw import canonical, digest_of, digest_of_all, flat, is_deep
from .text import text_of

SOURCE = "source"
"""Kind of the part that stands for a conversation's first message."""


class Undecodable(ValueError):
    """A record that cannot be read. `id` is its id as text, "" where it has none; `raw` is what was sent."""

    def __init__(self, what: str, reason: str, raw: Json, id: str = "") -> None:
        super().__init__(f"{what}: {reason}")
        self.what, self.reason, self.raw, self.id = what, reason, raw, id


NESTED = "it is nested too deep"
"""Why a record cannot be read that JSON's own functions would give up on."""


def letter_id(bad: Undecodable) -> str:
    """What a record that cannot be read is kept under: its id, or its digest where it has none."""
    return bad.id or digest_of(canonical(bad.raw))


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote: `type` is user, lead, admin, bot or team; whatever is not told is ""."""

    type: str = ""
    id: str = ""
    name: str = ""
    email: str = ""


@dataclass(frozen=True)
class Part:
    """One message or event of a conversation.

    Attributes:
        id: Text; that of the first message is `source`.
        kind: `source`, or the part's type: comment, note, close, assignment, ...
        created_at: Unix seconds.
        updated_at: Unix seconds.
        position: Place in the conversation, from 0 (the first message) on, parts that were not sent counted.
        author: Who wrote it.
        text: Its text without HTML, "" where it has none.
        redacted: Whether Intercom says that it was redacted.
        raw: As it was sent.
    """

    id: str
    kind: str
    created_at: int
    updated_at: int
    position: int
    author: Author
    text: str
    redacted: bool
    raw: Json = field(repr=False)

    @cached_property
    def canonical(self) -> bytes:
        return canonical(self.raw)

    @cached_property
    def digest(self) -> str:
        """Changes with anything that was sent of it: an edit or a redaction shows."""
        # Most parts are held already, and nothing but this is ever asked of them.
        return digest_of(self.__dict__.get("canonical") or canonical(self.raw))


@dataclass(frozen=True)
class Conversation:
    """A conversation: its head (a row of a search) or the whole of it (with parts).

    Attributes:
        id: Text.
        created_at: Unix seconds.
        updated_at: Unix seconds.
        state: open, closed or snoozed.
        open: Whether it is open.
        read: Whether it was read.
        subject: Title or subject, as text.
        channel: How it began: `conversation`, `email`, ...
        contact_ids: Ids of its contacts.
        admin_id: Who is assigned, "" for nobody.
        team_id: The team assigned, "" for none.
        tags: Names of its tags.
        priority: As sent.
        parts: The first message and, where `whole`, the parts that were sent, in their order.
        parts_total: Parts that Intercom says there are, the first message not counted.
        whole: Whether parts were sent: a head has its first message only.
        raw: As it was sent, without its parts.
        undecodable: Parts that could not be read.
    """

    id: str
    created_at: int
    updated_at: int
    state: str
    open: bool
    read: bool
    subject: str
    channel: str
    contact_ids: tuple[str, ...]
    admin_id: str
    team_id: str
    tags: tuple[str, ...]
    priority: str
    parts: tuple[Part, ...]
    parts_total: int
    whole: bool
    raw: Json = field(repr=False)
    undecodable: tuple[Undecodable, ...] = ()

    @property
    def truncated(self) -> bool:
        """Whether there are parts that were not sent."""
        return self.whole and self.parts_total > sum(part.kind != SOURCE for part in self.parts) + len(self.undecodable)

    @cached_property
    def canonical(self) -> bytes:
        return canonical(self.raw)

    @cached_property
    def head_digest(self) -> str:
        """Of everything but the parts."""
        return digest_of(self.canonical)

    @cached_property
    def digest(self) -> str:
        """Of everything, parts in the order of their ids."""
        return content_digest(self.head_digest, {part.id: part.digest for part in self.parts})


def content_digest(head: str, parts: Mapping[str, str]) -> str:
    """The digest of a conversation from its head's and its parts' (id -> digest)."""
    return digest_of_all([head, *(f"{id} {parts[id]}" for id in sorted(parts))])


@dataclass(frozen=True)
class Contact:
    """A user or lead. `brief` where all that is known stands in a conversation; `merged_into` names who it became."""

    id: str
    role: str = ""
    external_id: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    created_at: int | None = None
    updated_at: int | None = None
    brief: bool = False
    merged_into: str = ""
    raw: Json = field(default=None, repr=False)


@dataclass(frozen=True)
class Ticket:
    """A ticket. `state` is its category: submitted, in_progress, waiting_on_customer or resolved."""

    id: str
    created_at: int
    updated_at: int
    title: str
    state: str
    type: str
    open: bool
    contact_ids: tuple[str, ...]
    raw: Json = field(repr=False)


def conversation_head(row: Json) -> Conversation:
    """A row of a search, or of a list. Raises `Undecodable`."""
    return _conversation(row, whole=False)


def whole_conversation(body: Json) -> Conversation:
    """What GET /conversations/{id} answers. Raises `Undecodable`; parts that cannot be read stand in `undecodable`."""
    return _conversation(body, whole=True)


def contact_of(row: Json) -> Contact:
    """A contact as Intercom sends it. Raises `Undecodable`."""
    known = _whole("contact", row)
    return Contact(
        id=_id("contact", known),
        role=_text(known.get("role")),
        external_id=_text(known.get("external_id")),
        name=_text(known.get("name")),
        email=_text(known.get("email")),
        phone=_text(known.get("phone")),
        created_at=_moment_or_none(known.get("created_at")),
        updated_at=_moment_or_none(known.get("updated_at")),
        raw=row,
    )


def ticket_of(row: Json) -> Ticket:
    """A ticket as Intercom sends it, under any version. Raises `Undecodable`."""
    known = _whole("ticket", row)
    state = known.get("ticket_state")
    return Ticket(
        id=_id("ticket", known),
        created_at=_moment("ticket", known, "created_at"),
        updated_at=_moment("ticket", known, "updated_at"),
        title=_text(dig(row, "ticket_attributes._default_title_")),
        # From 2.12 on a state is an object.
        state=_text(state.get("category") if isinstance(state, Mapping) else state),
        type=_text(dig(row, "ticket_type.name")),
        open=known.get("open") is True,
        contact_ids=_ids(dig(row, "contacts.contacts")),
        raw=row,
    )


def contacts_in(conversation: Conversation) -> Iterator[Contact]:
    """What a conversation tells of its contacts: ids, and name and address where one of them wrote."""
    listed = dig(conversation.raw, "contacts.contacts")
    external = {
        _text(one.get("id")): _text(one.get("external_id"))
        for one in (listed if isinstance(listed, list) else ())
        if isinstance(one, Mapping)
    }
    wrote = {part.author.id: part.author for part in conversation.parts if part.author.type in _CONTACTS}
    for id in dict.fromkeys((*conversation.contact_ids, *wrote)):
        author = wrote.get(id, Author())
        if id:
            yield Contact(id, author.type, external.get(id, ""), author.name, author.email, brief=True)


_CONTACTS = ("user", "lead", "contact")


def _conversation(value: Json, *, whole: bool) -> Conversation:
    known = _whole("conversation", value)
    id, created = _id("conversation", known), _moment("conversation", known, "created_at")
    raw = {name: member for name, member in known.items() if name != "conversation_parts"}
    parts, bad, total = _parts(known.get("conversation_parts"), id) if whole else ((), (), _count(known))
    first = _first(known.get("source"), created)
    subject = text_of(known.get("title")) or text_of(dig(value, "source.subject"))
    return Conversation(
        id=id,
        created_at=created,
        updated_at=_moment("conversation", known, "updated_at"),
        state=_text(known.get("state")),
        open=known.get("open") is True,
        read=known.get("read") is True,
        subject=subject,
        channel=_text(dig(value, "source.type")),
        contact_ids=_ids(dig(value, "contacts.contacts")),
        admin_id=_text(known.get("admin_assignee_id")),
        team_id=_text(known.get("team_assignee_id")),
        tags=tuple(_text(tag.get("name")) for tag in _list(dig(value, "tags.tags")) if isinstance(tag, Mapping)),
        priority=_text(known.get("priority")),
        parts=(*first, *parts),
        parts_total=total,
        whole=whole,
        raw=raw,
        undecodable=bad,
    )


def _whole(what: str, value: Json) -> Mapping[str, Json]:
    """A record as it was sent. Raises `Undecodable`."""
    known = _mapping(what, value)
    if is_deep(value):
        id = known.get("id")
        raise Undecodable(what, NESTED, flat(value), str(id) if isinstance(id, str | int) else "")
    return known


def _count(known: Mapping[str, Json]) -> int:
    count = dig(known, "statistics.count_conversation_parts")
    return count if isinstance(count, int) and not isinstance(count, bool) and count >= 0 else 0


def _parts(held: Json, conversation: str) -> tuple[tuple[Part, ...], tuple[Undecodable, ...], int]:
    """The parts that were sent, those that cannot be read, and how many there are in all."""
    if not isinstance(held, Mapping) or not isinstance(held.get("conversation_parts"), list):
        raise Undecodable("conversation", "it has no list of parts", held, conversation)
    sent: list[Json] = held["conversation_parts"]
    told = held.get("total_count")
    total = max(told if isinstance(told, int) and not isinstance(told, bool) else 0, len(sent))
    good: dict[str, Part] = {}
    bad: list[Undecodable] = []
    for position, value in enumerate(sent, total - len(sent) + 1):
        try:
            part = _part(value, position)
            good[part.id] = part
        except Undecodable as error:
            bad.append(error)
    return tuple(good.values()), tuple(bad), total


def _part(value: Json, position: int) -> Part:
    known = _mapping("part", value)
    created = _moment("part", known, "created_at")
    updated, id, kind = _moment_or_none(known.get("updated_at")), _id("part", known), _text(known.get("part_type"))
    if id == SOURCE:
        raise Undecodable("part", "its id is what first messages are kept under", dict(known), id)
    return Part(
        id=id,
        kind="part" if kind in ("", SOURCE) else kind,
        created_at=created,
        updated_at=created if updated is None else updated,
        position=position,
        author=_author(known.get("author")),
        text=text_of(known.get("body")),
        redacted=known.get("redacted") is True,
        raw=value,
    )


def _first(source: Json, created: int) -> tuple[Part, ...]:
    """The first message, as a part."""
    if not isinstance(source, Mapping):
        return ()
    subject, body = text_of(source.get("subject")), text_of(source.get("body"))
    return (
        Part(
            id=SOURCE,
            kind=SOURCE,
            created_at=created,
            updated_at=created,
            position=0,
            author=_author(source.get("author")),
            text="\n".join(filter(None, (subject, body))),
            redacted=source.get("redacted") is True,
            raw=dict(source),
        ),
    )


def _author(value: Json) -> Author:
    if not isinstance(value, Mapping):
        return Author()
    return Author(*(_text(value.get(name)) for name in ("type", "id", "name", "email")))


def _mapping(what: str, value: Json) -> Mapping[str, Json]:
    if not isinstance(value, Mapping):
        raise Undecodable(what, "it is no object", value)
    return value


def _id(what: str, known: Mapping[str, Json]) -> str:
    """Ids are text, whatever they were sent as."""
    value = known.get("id")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value or len(value) > _LONGEST_ID or not value.isprintable():
        raise Undecodable(what, "it has no usable id", dict(known))
    return value


_LONGEST_ID = 200
LATEST = 2**43 - 1
"""Unix seconds. With 20 more bits a moment is still a whole number that a database holds."""


def _moment(what: str, known: Mapping[str, Json], name: str) -> int:
    found = _moment_or_none(known.get(name))
    if found is None:
        id = known.get("id")
        raise Undecodable(what, f"{name} is no time", dict(known), str(id) if isinstance(id, str | int) else "")
    return found


def _moment_or_none(value: Json) -> int | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    usable = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LATEST
    return int(value) if usable else None


def _text(value: Any) -> str:
    """Text that any store takes; "" for nothing."""
    if value is None or isinstance(value, list | Mapping):
        return ""
    return str(value).replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _ids(listed: Json) -> tuple[str, ...]:
    found = (_text(one.get("id")) for one in _list(listed) if isinstance(one, Mapping))
    return tuple(dict.fromkeys(id for id in found if id))
