"""Windows of maintenance: what is announced needs no alarm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from ..errors import ConfigurationError
from .lasting import iso


@dataclass(frozen=True, slots=True)
class Window:
    """From when until when (Unix seconds, the end not included) a platform, or a glob of them, is worked on."""

    platform: str
    start: float
    end: float
    reason: str = ""

    def covers(self, platform: str, now: float) -> bool:
        """Whether a platform is worked on at a time."""
        return self.start <= now < self.end and fnmatchcase(platform, self.platform)

    def __str__(self) -> str:
        return f"{self.platform} from {iso(self.start)} until {iso(self.end)}"


def windows(listed: Any, where: str) -> tuple[Window, ...]:
    """Windows from a list of tables. Raises `ConfigurationError` naming the entry."""
    if not isinstance(listed, list):
        raise ConfigurationError(f"{where}: must be a list of tables: [[health.maintenance]]")
    return tuple(_window(each, f"{where}[{number}]") for number, each in enumerate(listed))


def _window(table: Any, where: str) -> Window:
    if not isinstance(table, Mapping):
        raise ConfigurationError(f"{where}: must be a table with from and until")
    known = ("platform", "from", "until", "reason")
    for name in table:
        if name not in known:
            raise ConfigurationError(f"{where}: unknown setting {name!r}: known are {', '.join(known)}.")
    platform, reason = table.get("platform", "*"), table.get("reason", "")
    if not isinstance(platform, str) or not isinstance(reason, str):
        raise ConfigurationError(f'{where}: platform and reason must be text: platform = "salesforce"')
    start, end = (_moment(table.get(name), f"{where}.{name}") for name in ("from", "until"))
    if end <= start:
        raise ConfigurationError(f"{where}: until must be later than from")
    return Window(platform, start, end, reason)


def _moment(value: Any, where: str) -> float:
    """Unix seconds of a TOML date-time or an ISO 8601 text. Without an offset it could be any hour."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        moment = None
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise ConfigurationError(f"{where}: must be a time with its offset: 2026-03-01T02:00:00Z, not {value!r}")
    return moment.timestamp()
