"""What was said in a made-up conversation: from none to eight parts, in order, as its statistics tell of it.

Source: Intercom's OpenAPI description 2.11 (conversation parts; "up to 500 of the most recent parts").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ....paths import Json, dig
from ...collection import Collection
from ...keys import mix, salt
from ...words import sentence
from .coherence import Home

MOST: Final = 500
"""Parts that Intercom sends of one conversation: the newest."""

FIRST: Final = 20_000_000_000
"""Ids of made-up parts start here; those of one conversation follow one another."""

ROOM: Final = 16
"""Ids that one conversation takes at most."""

REPLIED: Final = (300, 400, 500, 5400)
"""Seconds after the beginning: an admin's first reply, the contact's last, the admin's last, and the end."""

BETWEEN: Final = (350, 700, 1800, 2700)
"""Seconds after the beginning at which there may be more: the contact, and then notes that only admins read."""

_SAYS: Final = salt("intercom", "parts")


def count_of(number: int, *, replied: bool) -> int:
    """How many parts the conversation with that number has; few where nobody replied."""
    drawn = mix(number, _SAYS)
    return len(REPLIED) + drawn % (len(BETWEEN) + 1) if replied else drawn % 4


def replied(row: Mapping[str, Json]) -> bool:
    """Whether a conversation's statistics tell of a reply."""
    return dig(row, "statistics.first_admin_reply_at") is not None


def counted(row: Json, number: int) -> Json:
    """The row, with the number of its parts in its statistics."""
    if not isinstance(row, Mapping) or not isinstance(row.get("statistics"), Mapping):
        return row
    count = count_of(number, replied=replied(row))
    return {**row, "statistics": {**row["statistics"], "count_conversation_parts": count}}


def held(parts: list[Json]) -> Json:
    """A conversation's parts, all of them, as they stand in it."""
    return {"type": "conversation_part.list", "conversation_parts": parts, "total_count": len(parts)}


def newest(conversation: Json) -> Json:
    """The conversation as Intercom sends it: with the newest parts, and how many there are in all."""
    parts = dig(conversation, "conversation_parts.conversation_parts")
    if not isinstance(parts, list) or len(parts) <= MOST:
        return conversation
    return {**conversation, "conversation_parts": {**held(parts), "conversation_parts": parts[-MOST:]}}


def made(home: Home, row: Mapping[str, Json], position: int, number: int) -> list[Json]:
    """The parts of a conversation that nobody wrote."""
    count = count_of(number, replied=replied(row))
    admin = _admin(home, row, number) if count else None
    if not replied(row):
        return [_part(row, position, place, 300 * (place + 1), "note", admin, number) for place in range(count)]
    contact = _contact(home, row)
    turns = [(300, "comment", admin), (400, "comment", contact), (500, "comment", admin)]
    more = ("comment", contact), ("note", admin), ("note", admin), ("note", admin)
    turns += [(at, *turn) for at, turn in zip(BETWEEN, more, strict=True)][: count - len(REPLIED)]
    turns.append((REPLIED[-1], "close", _operator(home) or admin))
    turns.sort(key=lambda turn: turn[0])
    return [_part(row, position, place, *turn, number) for place, turn in enumerate(turns)]


def _part(row: Mapping[str, Json], position: int, place: int, after: int, kind: str, author: Json, number: int) -> Json:
    at = row["created_at"] + after
    return {
        "type": "conversation_part",
        "id": str(FIRST + position * ROOM + place),
        "part_type": kind,
        "body": None if kind == "close" else _said(mix(number, place + 1)),
        "created_at": at,
        "updated_at": at,
        "notified_at": at,
        "assigned_to": None,
        "author": author,
        "attachments": [],
        "external_id": None,
        "redacted": False,
    }


def _said(number: int) -> str:
    """One to three paragraphs."""
    return "".join(f"<p>{sentence(mix(number, line))}</p>" for line in range(1 + number % 3))


def _contact(home: Home, row: Mapping[str, Json]) -> Json:
    """Who wrote: the first contact of a conversation."""
    first, key = dig(row, "source.author"), dig(row, "contacts.contacts.0.id")
    if isinstance(first, Mapping) and first.get("id") == key:
        return dict(first)
    contacts = home("contacts")
    place = contacts.position(key)
    known = _known(contacts, place)
    person = max(0, contacts.form.index(key) if place is None else place)  # anonymous, or gone
    told = {name: known.get(name) or contacts.world.entities.attribute("person", person, name) for name in _TOLD}
    return {"type": "user", "id": key, **told}


_TOLD: Final = ("name", "email")


def _admin(home: Home, row: Mapping[str, Json], number: int) -> Json:
    """Who answered: the admin who is assigned, else one of all."""
    admins, key = home("admins"), row.get("admin_assignee_id")
    place = admins.position(str(key)) if key is not None else None
    if place is None:
        people = range(0, admins.count, len(admins.endpoint.examples))
        place = people[number % len(people)] if people else None
    return _brief(home, place, "admin")


def _operator(home: Home) -> Json:
    """The bot of the workspace."""
    return _brief(home, 1, "bot") if home("admins").count > 1 else None


def _brief(home: Home, place: int | None, kind: str) -> Json:
    known = _known(home("admins"), place)
    return {"type": kind, "id": known.get("id"), "name": known.get("name"), "email": known.get("email")}


def _known(people: Collection, place: int | None) -> Mapping[str, Json]:
    """What is told of somebody in brief."""
    if place is None:
        return {}
    found: Mapping[str, Json] = people.row(place) if people.touched(place) else people.members(place, _BRIEF)
    return found


_BRIEF: Final = frozenset({"id", "name", "email"})
