"""Times of made-up rows: one step apart, and as far from the row's making as in the example."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ...paths import Json
from ..entities import BASE, DAY, LONGEST
from .scope import Maker


@dataclass(frozen=True, slots=True)
class Times:
    """Makers of times in the form of an example.

    Attributes:
        anchor: When the example was made, in Unix seconds.
        step: Seconds between two rows.
    """

    anchor: float
    step: int

    def text(self, value: str) -> Maker | None:
        """A maker of ISO 8601 dates or times; None where the example is neither."""
        if _DATE.fullmatch(value):
            return self._date(value)
        found = _TIME.fullmatch(value)
        return self._time(value, found) if found else None

    def number(self, value: float) -> Maker | None:
        """A maker of Unix seconds or milliseconds; None where the example is neither."""
        if not isinstance(value, int):
            return None
        if _EARLIEST <= value < _LATEST:
            start, step = self._start(value), self.step
            return lambda scope: start + scope.index * step
        if _EARLIEST * 1000 <= value < _LATEST * 1000:
            start, step = self._start(value / 1000), self.step
            return lambda scope: (start + scope.index * step) * 1000 + scope.number % 1000
        return None

    def _start(self, seconds: float) -> int:
        """When the field of the first row lies: as far from the row's making as in the example."""
        apart = max(-400 * DAY, min(LONGEST * DAY, seconds - self.anchor))
        return round(BASE.timestamp() + apart)

    def _date(self, value: str) -> Maker:
        seconds = datetime.fromisoformat(value).replace(tzinfo=UTC).timestamp()
        if seconds < _OLDEST:
            return lambda _: value
        start, step = self._start(seconds), self.step
        return lambda scope: _written(start + scope.index * step)[:10]

    def _time(self, value: str, found: re.Match[str]) -> Maker:
        seconds = _seconds(value)
        if seconds < _OLDEST:
            return lambda _: value
        start, step, fraction, zone = self._start(seconds), self.step, found[2] or "", found[3] or ""
        if found[1] == "00" and not fraction.strip(".0"):
            return lambda scope: f"{_written(start + scope.index * step)[:17]}00{fraction}{zone}"
        digits = len(fraction) - 1
        if digits < 1 or not fraction.strip(".0"):
            return lambda scope: f"{_written(start + scope.index * step)}{fraction}{zone}"
        wide = 10**digits
        return lambda scope: f"{_written(start + scope.index * step)}.{scope.number % wide:0{digits}d}{zone}"


def made_at(example: Json) -> float:
    """When the example was made, in Unix seconds: its creation time, else the earliest of its times."""
    found = sorted(_times(example, ""))
    return found[0][1] if found else BASE.timestamp()


def _times(value: Json, name: str) -> list[tuple[bool, float]]:
    """The times of a record with False before those that say when it was made."""
    made = not name.lower().startswith(("creat", "date_create", "ts"))
    match value:
        case Mapping():
            return [(made or bool(name), when) for key, item in value.items() for made, when in _times(item, key)]
        case int() if not isinstance(value, bool) and _EARLIEST <= value < _LATEST:
            return [(made, float(value))]
        case str() if _TIME.fullmatch(value):
            seconds = _seconds(value)
            return [(made, seconds)] if seconds >= _OLDEST else []
    return []


def _seconds(value: str) -> float:
    moment = datetime.fromisoformat(value)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _written(seconds: int) -> str:
    return (_EPOCH + timedelta(seconds=seconds)).isoformat()


_EPOCH = datetime(1970, 1, 1)
_OLDEST = datetime(2012, 1, 1, tzinfo=UTC).timestamp()
"""Times before this are no times of the record, such as a birthday; they stay as they are."""

_EARLIEST, _LATEST = 1_200_000_000, 2_200_000_000
"""Numbers between these, 2008 and 2039, are taken for Unix seconds."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:(\d\d)(\.\d+)?(Z|[+-]\d\d:?\d\d)?")
