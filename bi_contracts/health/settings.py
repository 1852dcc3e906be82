"""What `[tool.bi_contracts.health]` may say; every message names the file and the key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

from ..errors import ConfigurationError
from ..platform import Platform
from ..workspace import Workspace
from .maintenance import Window, windows
from .wiring import Wiring, wirings


@dataclass(frozen=True, slots=True)
class Limits:
    """What is asked of one platform.

    Attributes:
        timeout: Seconds after which there is no answer.
        slow: Seconds after which a good answer is degraded.
        failures: Bad answers in a row that change a state for the worse.
        successes: Good answers in a row that change it for the better.
    """

    timeout: float = 10.0
    slow: float = 5.0
    failures: int = 3
    successes: int = 2


@dataclass(frozen=True, slots=True)
class Settings:
    """How health is watched.

    Attributes:
        interval: Seconds between two looks of a watch.
        max_age: Seconds after which evidence is too old to say anything.
        remind: Seconds between two reminders of what still lasts; 0 for none.
        usual: What is asked of a platform that has no table of its own.
        own: Platform, or glob -> what is asked of it.
        quality: Endpoints whose data are held against their contracts, as ids or globs.
        objective: The share of probes that is to succeed, 0 where no budget is kept.
        minimum: Probes in the longer window below which a burn rate says nothing.
        minimum_bad: Failed probes in the longer window below which it says nothing.
        maintenance: When nobody is to be told of what.
        channels: Where messages go.
    """

    interval: float = 60.0
    max_age: float = 900.0
    remind: float = 14_400.0
    usual: Limits = field(default_factory=Limits)
    own: Mapping[str, Limits] = field(default_factory=dict)
    quality: tuple[str, ...] = ()
    objective: float = 0.99
    minimum: int = 20
    minimum_bad: int = 3
    maintenance: tuple[Window, ...] = ()
    channels: tuple[Wiring, ...] = ()

    @classmethod
    def of(cls, workspace: Workspace) -> Settings:
        """What the workspace's file says. Raises `ConfigurationError`."""
        where = f"{workspace.where or workspace.root}: health"
        return settings_of(workspace.tables.get("health", {}), where)

    def limits(self, platform: str) -> Limits:
        """What is asked of a platform: by the first table whose name or glob is its own."""
        return next((one for name, one in self.own.items() if fnmatchcase(platform, name)), self.usual)

    def quality_of(self, platform: Platform) -> tuple[str, ...]:
        """The endpoints of a platform whose data are looked at; what one of its identities says always is."""
        lists = [platform.id(one) for one in platform.endpoints if one.kind == "list"]
        return tuple(id for id in lists if any(fnmatchcase(id, glob) for glob in self.quality))

    def in_maintenance(self, platform: str, now: float) -> Window | None:
        """The window that a platform is in, None where it is in none."""
        return next((one for one in self.maintenance if one.covers(platform, now)), None)

    def told(self) -> dict[str, Any]:
        """What a change of the configuration is recognised by: no secret, no channel's address."""
        plain = {
            one.name: getattr(self, one.name) for one in fields(self) if one.name in _PLAIN and one.name != "interval"
        }
        limits = {"": self.usual, **self.own}
        return plain | {
            "quality": list(self.quality),
            "channels": [one.name for one in self.channels],
            "maintenance": [str(one) for one in self.maintenance],
            "platforms": {name: [getattr(one, each.name) for each in fields(one)] for name, one in limits.items()},
        }


def settings_of(table: Any, where: str) -> Settings:
    """Settings from a table; `where` names the file in messages. Raises `ConfigurationError`."""
    if not isinstance(table, Mapping):
        raise ConfigurationError(f"{where}: must be a table: [tool.bi_contracts.health]")
    known = (*_PLAIN, *_LIMITS, "quality", "platforms", "maintenance", "channels")
    check_known(table, known, where)
    usual = _limits(table, Limits(), where)
    own = table.get("platforms", {})
    if not isinstance(own, Mapping):
        raise ConfigurationError(f"{where}.platforms: must be tables, one a platform: [health.platforms.gong]")
    found = Settings(
        usual=usual,
        own={name: _own(name, each, usual, where) for name, each in own.items()},
        quality=_globs(table.get("quality", []), f"{where}.quality"),
        maintenance=windows(table.get("maintenance", []), f"{where}.maintenance"),
        channels=wirings(table.get("channels", []), f"{where}.channels"),
    )
    found = replace(found, **{name: _number(name, table[name], where) for name in _PLAIN if name in table})
    return checked(found, where)


def checked(found: Settings, where: str) -> Settings:
    """The settings, which go together. Raises `ConfigurationError`."""
    if found.objective and not 0.94 <= found.objective < 1:
        raise ConfigurationError(
            f"{where}.objective: must be from 0.94 to below 1 (0.99: one probe in 100 may fail), or 0 for none"
        )
    if found.max_age <= found.interval:
        raise ConfigurationError(
            f"{where}.max_age: {found.max_age:g} s must be longer than the interval of {found.interval:g} s,"
            " or nothing would ever be up"
        )
    return found


def check_known(table: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    """Raises `ConfigurationError` naming the first key that is not known, and the nearest one that is."""
    for name in table:
        if name not in known:
            near = get_close_matches(str(name), known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}."
            raise ConfigurationError(f"{where}: unknown setting {name!r}: {hint}")


_PLAIN: dict[str, tuple[float, float, bool]] = {
    "interval": (1, 86_400, False),
    "max_age": (1, 604_800, False),
    "remind": (0, 2_592_000, False),
    "objective": (0, 1, False),
    "minimum": (1, 1_000_000, True),
    "minimum_bad": (1, 1_000_000, True),
}
_LIMITS: dict[str, tuple[float, float, bool]] = {
    "timeout": (0.1, 300, False),
    "slow": (0.01, 300, False),
    "failures": (1, 100, True),
    "successes": (1, 100, True),
}
"""Least, most, and whether only whole numbers are taken."""


def _own(name: str, table: Any, usual: Limits, where: str) -> Limits:
    here = f"{where}.platforms.{name}"
    if not isinstance(table, Mapping):
        raise ConfigurationError(f"{here}: must be a table: [health.platforms.{name}]")
    check_known(table, tuple(_LIMITS), here)
    return _limits(table, usual, here)


def _limits(table: Mapping[str, Any], usual: Limits, where: str) -> Limits:
    return replace(usual, **{name: _number(name, table[name], where) for name in _LIMITS if name in table})


def _number(name: str, value: Any, where: str) -> Any:
    least, most, whole = {**_PLAIN, **_LIMITS}[name]
    kinds = (int,) if whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds) or not least <= value <= most:
        what = "a whole number" if whole else "a number"
        raise ConfigurationError(f"{where}.{name}: must be {what} from {least:g} to {most:g}, not {value!r}")
    return value if whole else float(value)


def _globs(listed: Any, where: str) -> tuple[str, ...]:
    if not isinstance(listed, list) or not all(isinstance(one, str) and "/" in one for one in listed):
        raise ConfigurationError(f'{where}: must be a list of endpoint ids or globs: ["hubspot/contacts", "gong/*"]')
    return tuple(listed)
