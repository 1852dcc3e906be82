"""What time it is in the sandbox: the real time moved by an offset, or a time that stands still."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import formatdate
from math import isfinite

from ..errors import ConfigurationError

LATEST = 253_402_300_799.0
"""The last second of the year 9999, as Unix time: later ones cannot be written as a date."""


@dataclass(slots=True)
class Clock:
    """Calling it gives Unix time in seconds.

    Attributes:
        wall: The clock it follows.
        offset: Seconds it is ahead of that.
        frozen: The moment at which it stands still, None where it runs.
    """

    wall: Callable[[], float] = time.time
    offset: float = 0.0
    frozen: float | None = None

    def __call__(self) -> float:
        return self.wall() + self.offset if self.frozen is None else self.frozen

    def set(self, moment: float) -> None:
        """Goes to a moment, and on from there. Raises `ConfigurationError` for one that no date can be written of."""
        moment = _writable(moment)
        if self.frozen is None:
            self.offset = moment - self.wall()
        else:
            self.frozen = moment

    def advance(self, seconds: float) -> None:
        """Goes on by so many seconds; back where they are negative."""
        self.set(self() + seconds)

    def freeze(self, moment: float | None = None) -> None:
        """Stands still, now or at a moment."""
        self.frozen = _writable(self() if moment is None else moment)

    def run(self) -> None:
        """Goes on from where it stands still."""
        if self.frozen is not None:
            moment, self.frozen = self.frozen, None
            self.set(moment)


def moment_of(given: str | float) -> float:
    """Unix time of an ISO 8601 text (UTC where it names no zone) or of a number. Raises `ConfigurationError`."""
    try:
        return _writable(float(given))
    except ValueError:
        pass
    try:
        found = datetime.fromisoformat(str(given))
        return _writable((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        raise ConfigurationError(
            f"{given!r} is no time; write 2026-03-01T09:00:00Z, 2026-03-01 or Unix seconds"
        ) from None


def iso(moment: float) -> str:
    """A moment as ISO 8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_written: tuple[int, str] = (0, formatdate(0, usegmt=True))


def http_date(moment: float) -> str:
    """A moment as an HTTP date (RFC 9110 section 5.6.7). The last one is kept: most answers share it."""
    global _written
    second, text = _written
    if second != int(moment):
        second, text = _written = int(moment), formatdate(int(moment), usegmt=True)
    return text


def _writable(moment: float) -> float:
    if not isfinite(moment) or not 0 <= moment <= LATEST:
        raise ConfigurationError(f"{moment!r} is no time between 1970 and 9999")
    return moment
