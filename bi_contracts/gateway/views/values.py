"""Values as platforms write them -> values as the gateway tells them. What cannot be read is None, never an error."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time
from functools import lru_cache

from ...paths import Json, dig

MILLISECONDS = 1e11
"""Unix times above this are milliseconds: as seconds they would lie beyond the year 5000."""


def text(value: Json) -> str | None:
    """A text that is not blank; numbers (ids) become texts."""
    if isinstance(value, str):
        return writable(value.strip()) or None
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def writable(value: str) -> str:
    """The text without halves of surrogate pairs: JSON may escape one (RFC 8259 section 8.2), UTF-8 cannot hold it."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


def first_text(row: Json, *paths: str) -> str | None:
    """The first of several places that holds a text."""
    return next((found for path in paths if (found := text(dig(row, path))) is not None), None)


def number(value: Json) -> float | None:
    """A finite number, from a number or a text."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def positive(value: Json) -> float | None:
    """A number that is not negative."""
    found = number(value)
    return found if found is not None and found >= 0 else None


def share(value: Json, of: float = 1.0) -> float | None:
    """A number between 0 and 1, from one between 0 and `of`."""
    found = number(value)
    return None if found is None else min(1.0, max(0.0, found / of))


def flag(value: Json) -> bool:
    """True for true and for the text `true`."""
    return value is True or (isinstance(value, str) and value.lower() == "true")


def moment(value: Json) -> datetime | None:
    """A point in time: ISO 8601, or Unix seconds or milliseconds. Without a zone it is UTC, a date is its midnight."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        found = number(value)
        return None if found is None else _of_unix(found)
    return _of_text(value) if isinstance(value, str) and value else None


def day(value: Json) -> date | None:
    """The day of a date or time, in UTC."""
    found = moment(value)
    return None if found is None else found.date()


def end_of(due: date) -> datetime:
    """The end of a day in UTC: what is due on it is late from then on."""
    return datetime.combine(due, time.max, UTC)


def items(value: Json) -> list[Json]:
    """A list, or none where there is something else."""
    return value if isinstance(value, list) else []


def _of_unix(value: float) -> datetime | None:
    seconds = value / 1000 if abs(value) > MILLISECONDS else value
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


@lru_cache(maxsize=8192)
def _of_text(value: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
