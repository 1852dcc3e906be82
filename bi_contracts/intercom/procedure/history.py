"""What checks came to, week after week: one JSON object a line in the workspace's state folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ...errors import ConfigurationError
from ...files import check_writable
from ...workspace import Workspace

FILE = "intercom-history.jsonl"


@dataclass(frozen=True, slots=True)
class Entry:
    """One check: when (Unix seconds), which, of whose data, how it came out, and its figures."""

    at: float
    command: str
    source: str
    outcome: str
    figures: Mapping[str, float] = field(default_factory=dict)


def place(space: Workspace) -> Path:
    """Where a workspace's history is kept."""
    return space.root / space.settings.state / FILE


def add(path: Path, entry: Entry) -> None:
    """Adds one line. Raises `ConfigurationError` where it cannot be written."""
    check_writable(path)
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(f"{json.dumps(asdict(entry))}\n")


def read(path: Path, since: float = 0.0) -> list[Entry]:
    """The entries from a moment on, the oldest first. A last line that was cut off is left out.

    Raises `ConfigurationError` naming file and line.
    """
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    found = []
    for number, line in enumerate(lines, 1):
        try:
            found.append(_entry(json.loads(line)))
        except (ValueError, TypeError, KeyError):
            if number < len(lines):
                raise ConfigurationError(f"{path}, line {number}: no entry of a history; remove that line") from None
    return [one for one in found if one.at >= since]


def _entry(known: dict[str, Any]) -> Entry:
    figures = {str(name): float(value) for name, value in known["figures"].items()}
    return Entry(float(known["at"]), str(known["command"]), str(known["source"]), str(known["outcome"]), figures)
