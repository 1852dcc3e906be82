"""Times as the platform writes them, and the spans that it is asked for."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx

from ....paths import Json
from .refusals import refused

LONGEST = 30 * 86_400
"""Seconds that a span may last."""


def moments(request: httpx.Request) -> tuple[float, float]:
    """The arguments `start` and `end`, as Unix seconds. Raises `Refusal`."""
    try:
        start, end = (seconds_of(request.url.params[name].replace(" ", "+")) for name in ("start", "end"))
    except (KeyError, ValueError, OverflowError):
        raise refused(400, "INVALID_FIELD", "start and end are date-times") from None
    if start > end:
        raise refused(400, "INVALID_REPLICATION_DATE", "startDate cannot be later than endDate")
    if end - start > LONGEST:
        raise refused(400, "INVALID_REPLICATION_DATE", "startDate must be within 30 days of endDate")
    return start, end


def seconds_of(text: Json) -> float:
    """Unix seconds of an ISO 8601 time, UTC where it names no zone. Raises ValueError and OverflowError."""
    found = datetime.fromisoformat(str(text))
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def stamp(seconds: float) -> str:
    """A time as the platform writes it: milliseconds, and an offset without a colon."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.000+0000"
