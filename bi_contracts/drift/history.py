"""Past reports, one JSON line each, only ever appended."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..errors import ConfigurationError
from .report import DriftReport


@dataclass(frozen=True, slots=True)
class Entry:
    """One past report. `at` is an ISO 8601 time in UTC; `report` is `DriftReport.as_dict()`."""

    at: str
    report: dict[str, Any]

    @property
    def id(self) -> str:
        """The endpoint."""
        return str(self.report["id"])

    @property
    def worst(self) -> str | None:
        """The worst severity then, None where nothing had changed."""
        worst = self.report.get("worst")
        return str(worst) if worst else None


def append(path: str | Path, report: DriftReport, *, now: datetime | None = None) -> Entry:
    """Add a report at the end of the file, making it when missing. Raises ConfigurationError when that fails."""
    entry = Entry((now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds"), report.as_dict())
    line = json.dumps({"at": entry.at, "report": entry.report}, ensure_ascii=False)
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(line + "\n")
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be written ({error.strerror or error}).") from None
    return entry


def read(path: str | Path, id: str | None = None) -> Iterator[Entry]:
    """Past reports, oldest first, of one endpoint or of all. No file: none.

    Raises ConfigurationError, naming the line, for one that is no report.
    """
    path, number = Path(path), 0
    if not path.exists():
        return
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                entry = _entry(line, f"{path}:{number}") if line.strip() else None
                if entry is not None and id in (None, entry.id):
                    yield entry
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}:{number + 1}: cannot be read ({error}).") from None


def _entry(line: str, where: str) -> Entry:
    try:
        row = json.loads(line)
        return Entry(str(row["at"]), {"id": str(row["report"]["id"]), **row["report"]})
    except (ValueError, KeyError, TypeError):
        raise ConfigurationError(f"{where}: not a drift report; delete the line to go on.") from None
