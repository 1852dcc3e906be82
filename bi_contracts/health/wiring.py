"""Where messages go, as the configuration names it: kinds, addresses' variables, and which messages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import ConfigurationError
from ..workspace import VARIABLE

LEVELS = ("critical", "warning", "info")
"""Worst first."""

_REPOSITORY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_SECRET: Mapping[str, tuple[str, ...]] = {
    "webhook": ("url_env",),
    "slack": ("url_env",),
    "github": ("token_env",),
    "apprise": ("urls_env",),
}
"""Kind -> the settings that name the environment variable of a secret, and must be there."""
_OPTIONAL: Mapping[str, tuple[str, ...]] = {
    "webhook": ("secret_env",),
    "slack": (),
    "github": ("repository", "labels", "api"),
    "apprise": (),
}


@dataclass(frozen=True, slots=True)
class Wiring:
    """One channel as it is configured.

    Attributes:
        name: What it is called in messages and metrics.
        kind: `webhook`, `slack`, `github` or `apprise`.
        least: The least level that it is told: `critical`, `warning` or `info`. What was told is also told resolved.
        platforms: Names or globs of the platforms whose messages go there.
        variables: Setting -> the environment variable that holds its secret.
        options: Further settings of its kind.
    """

    name: str
    kind: str
    least: str = "info"
    platforms: tuple[str, ...] = ("*",)
    variables: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)


def wirings(listed: Any, where: str) -> tuple[Wiring, ...]:
    """Channels from a list of tables. Raises `ConfigurationError` naming the entry, never a value."""
    if not isinstance(listed, list):
        raise ConfigurationError(f"{where}: must be a list of tables: [[health.channels]]")
    found = tuple(_wiring(each, f"{where}[{number}]") for number, each in enumerate(listed))
    names = [one.name for one in found]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise ConfigurationError(f"{where}: two channels are called {doubled[0]}: give each a name of its own")
    return found


def _wiring(table: Any, where: str) -> Wiring:
    kind = str(table.get("kind")) if isinstance(table, Mapping) else ""
    if kind not in _SECRET:
        raise ConfigurationError(f"{where}.kind: must be one of {', '.join(_SECRET)}")
    known = ("kind", "name", "least", "platforms", *_SECRET[kind], *_OPTIONAL[kind])
    for key in table:
        if key not in known:
            raise ConfigurationError(f"{where}: unknown setting {key!r} of a {kind}: known are {', '.join(known)}.")
    variables = {key: _variable(table.get(key), f"{where}.{key}") for key in _SECRET[kind]}
    variables |= {key: _variable(table[key], f"{where}.{key}") for key in table if key == "secret_env"}
    options = {key: table[key] for key in ("repository", "labels", "api") if key in table}
    if kind == "github":
        _check_github(options, where)
    return Wiring(
        _name(table.get("name", kind), where),
        kind,
        _level(table.get("least", "info"), where),
        _platforms(table.get("platforms", ["*"]), where),
        variables,
        options,
    )


def _variable(value: Any, where: str) -> str:
    """The name of a variable. What is refused is never shown: somebody may have written the secret itself."""
    if not isinstance(value, str) or not VARIABLE.fullmatch(value):
        raise ConfigurationError(
            f"{where}: must be the name of an environment variable, in capitals, and never the secret itself"
        )
    return value


def _name(value: Any, where: str) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise ConfigurationError(f"{where}.name: must be small letters, digits, - and _")
    return value


def _level(value: Any, where: str) -> str:
    if value not in LEVELS:
        raise ConfigurationError(f"{where}.least: must be one of {', '.join(LEVELS)}, not {value!r}")
    return str(value)


def _platforms(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(one, str) and one for one in value):
        raise ConfigurationError(f'{where}.platforms: must be a list of names or globs: ["gong", "hubspot*"]')
    return tuple(value)


def _check_github(options: Mapping[str, Any], where: str) -> None:
    if not isinstance(options.get("repository"), str) or not _REPOSITORY.fullmatch(options["repository"]):
        raise ConfigurationError(f'{where}.repository: must be owner/name: repository = "acme/operations"')
    labels = options.get("labels", [])
    if not isinstance(labels, list) or not all(isinstance(one, str) and one for one in labels):
        raise ConfigurationError(f'{where}.labels: must be a list of words: labels = ["health"]')
    if not isinstance(options.get("api", ""), str):
        raise ConfigurationError(f'{where}.api: must be a URL: api = "https://github.example.com/api/v3"')
