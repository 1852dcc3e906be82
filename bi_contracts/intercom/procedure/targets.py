"""What the system is asked to reach. The figures are those of the testing document that it is built after."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from ...errors import ConfigurationError
from .line import Mark

SIGNIFICANT = 2.0
"""So many times beyond its target a figure is no warning any more but a failure."""


@dataclass(frozen=True, slots=True)
class Target:
    """A figure to reach.

    Attributes:
        key: Its name in a file of targets.
        what: What it is a figure of.
        limit: The figure.
        unit: As it is printed behind the figure: `ms`, `MB`, ` conversations/second`.
        better: Whether more is better, or less.
        stated: The whole of what was asked for, where it is a range.
    """

    key: str
    what: str
    limit: float
    unit: str
    better: Literal["more", "less"]
    stated: str = ""

    def judge(self, value: float) -> Mark:
        """Good at the target or on its better side, bad where it is missed by more than a factor of two."""
        if self.better == "more":
            beyond = self.limit / value if value > 0 else float("inf") if self.limit > 0 else 1.0
        else:
            beyond = value / self.limit if self.limit > 0 else float("inf") if value > 0 else 1.0
        return Mark.GOOD if beyond <= 1 else Mark.WARNING if beyond <= SIGNIFICANT else Mark.BAD

    @property
    def said(self) -> str:
        """`target: <100ms`."""
        sign = ">" if self.better == "more" else "<"
        return f"target: {sign}{self.limit:g}{self.unit}"


_ALL = (
    Target("sync_speed", "conversations synced", 10, "/second", "more", "10-50 conversations/second"),
    Target("message_speed", "messages processed", 50, "/second", "more", "50-200 messages/second"),
    Target("refused", "answers 429 in normal operation", 0, "", "less"),
    Target("write_speed", "conversations written to the database", 100, "/second", "more"),
    Target("search_ms", "a search of what is held", 100, "ms", "less"),
    Target("get_ms", "one conversation of what is held", 50, "ms", "less"),
    Target("status_ms", "the server's status", 10, "ms", "less"),
    Target("tool_ms", "a complex search through the server", 200, "ms", "less"),
    Target("memory_mb", "memory while syncing", 100, "MB", "less"),
    Target("peak_memory_mb", "memory while a large data set is synced", 150, "MB", "less"),
    Target("cpu_percent", "processor time of queries, one a second", 5, "%", "less"),
)

TARGETS: Mapping[str, Target] = {target.key: target for target in _ALL}


def targets_of(file: Path | None) -> Mapping[str, Target]:
    """The targets, with the figures of a JSON file in place of ours: `{"performance": {"sync_speed": 20}}`.

    Other sections of the file are left alone. Raises `ConfigurationError` naming file and key.
    """
    if file is None:
        return TARGETS
    found = dict(TARGETS)
    for key, value in _performance(file).items():
        if key not in TARGETS:
            near = get_close_matches(key, TARGETS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(TARGETS)}."
            raise ConfigurationError(f"{file}: performance.{key} is no target: {hint}")
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
            raise ConfigurationError(f"{file}: performance.{key} must be a number from 0 on, not {value!r}")
        found[key] = replace(TARGETS[key], limit=float(value), stated="")
    return found


def _performance(file: Path) -> Mapping[str, Any]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read ({error.strerror or error})") from None
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"{file}: no JSON ({error})") from None
    section = document.get("performance", {}) if isinstance(document, dict) else None
    if not isinstance(section, dict):
        raise ConfigurationError(f'{file}: write {{"performance": {{"sync_speed": 20}}}}')
    return section
