"""Where an answer is gone on from, as a text that only this server reads."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any


class BadCursor(ValueError):
    """It is none of this server's, or of another conversation."""


@dataclass(frozen=True, slots=True)
class Place:
    """A position among the parts of a conversation, and how many characters of that part were told already."""

    id: str
    position: int = 0
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Further:
    """Where a list goes on: the store's own cursor, and the window that `7d` stood for on the first page."""

    since: int | None
    until: int | None
    cursor: str


def cursor_of(place: Place) -> str:
    """The cursor that goes on at a place."""
    return _sealed([place.id, place.position, place.offset])


def further_of(cursor: str) -> Further:
    """Where a cursor of a list goes on. Raises `BadCursor`."""
    match _opened(cursor):
        case [int() | None as since, int() | None as until, str() as own] if own:
            return Further(since, until, own)
    raise BadCursor


def further(since: int | None, until: int | None, own: str) -> str | None:
    """The cursor of the next page, None where there is none."""
    return _sealed([since, until, own]) if own else None


def place_of(cursor: str) -> Place:
    """The place that a cursor goes on at. Raises `BadCursor`."""
    match _opened(cursor):
        case [str() as id, int() as position, int() as offset] if id and 0 <= position < 2**31 > offset >= 0:
            return Place(id, int(position), int(offset))
    raise BadCursor


def _sealed(value: list[Any]) -> str:
    text = json.dumps(value, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _opened(cursor: str) -> Any:
    try:
        return json.loads(base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        raise BadCursor from None
