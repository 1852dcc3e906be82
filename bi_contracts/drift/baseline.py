"""Changes that somebody looked at and accepted: they are told, but no longer counted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from ..errors import ConfigurationError
from ..files import write_text
from ..paths import Json
from .report import Change, DriftReport
from .rules import RULES
from .severity import Severity


@dataclass(frozen=True, slots=True)
class Accepted:
    """One accepted change of one endpoint. `date` is ISO 8601; `after` and `severity` are how far it was accepted."""

    id: str
    rule: str
    path: str
    severity: str
    after: Json
    reason: str = ""
    date: str = ""

    def covers(self, id: str, change: Change) -> bool:
        """Whether a change is this one. A worse one, or one that goes further, is not."""
        same = (self.id, self.rule, self.path) == (id, change.rule, change.path)
        return same and change.severity <= Severity(self.severity) and _within(change.after, self.after)


def read(path: str | Path) -> tuple[Accepted, ...]:
    """The accepted changes in a file; none where there is no file. Raises ConfigurationError for a broken file."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read ({error}).") from None
    try:
        rows = json.loads(text)["accepted"]
        return tuple(_entry(row, f"{path}: accepted change {number}") for number, row in enumerate(rows, start=1))
    except json.JSONDecodeError as error:
        raise ConfigurationError(f"{path}:{error.lineno}:{error.colno}: not JSON ({error.msg}).") from None
    except (KeyError, TypeError, AttributeError):
        raise ConfigurationError(
            f'{path}: expected {{"accepted": [...]}}; `bi-contracts drift accept` writes it.'
        ) from None


def accept(
    path: str | Path,
    report: DriftReport,
    changes: Iterable[Change] | None = None,
    *,
    reason: str = "",
    today: date | None = None,
) -> tuple[Accepted, ...]:
    """Add changes of a report (all of them by default) to the file, and give back everything it then holds.

    A change accepted before is replaced. Raises ConfigurationError when the file is broken or cannot be written.
    """
    when = (today or date.today()).isoformat()
    new = [
        Accepted(report.id, one.rule, one.path, one.severity.value, one.after, reason, when)
        for one in (report.changes if changes is None else changes)
    ]
    replaced = {(one.id, one.rule, one.path) for one in new}
    kept = [one for one in read(path) if (one.id, one.rule, one.path) not in replaced]
    everything = tuple(sorted([*kept, *new], key=lambda one: (one.id, one.path, one.rule)))
    text = json.dumps({"accepted": [asdict(one) for one in everything]}, indent=2, ensure_ascii=False)
    write_text(path, text + "\n")
    return everything


def apply(report: DriftReport, accepted: Iterable[Accepted]) -> DriftReport:
    """The report with its accepted changes set aside, in `accepted`."""
    known = tuple(accepted)
    silenced = tuple(one for one in report.changes if any(entry.covers(report.id, one) for entry in known))
    left = tuple(one for one in report.changes if one not in silenced)
    return replace(report, changes=left, accepted=(*report.accepted, *silenced))


def _entry(row: Mapping[str, Any], where: str) -> Accepted:
    texts = {key: str(row[key]) for key in ("id", "rule", "path", "severity") if isinstance(row.get(key), str)}
    if len(texts) < 4 or texts["severity"] not in list(Severity):
        raise ConfigurationError(f"{where}: needs `id`, `rule`, `path` and `severity` (breaking, warning or info).")
    if texts["rule"] not in RULES:
        raise ConfigurationError(f"{where}: no rule is called {texts['rule']!r}; `bi-contracts rules` lists them.")
    return Accepted(**texts, after=row.get("after"), reason=str(row.get("reason", "")), date=str(row.get("date", "")))


def _within(now: Json, accepted: Json) -> bool:
    if isinstance(now, list) and isinstance(accepted, list):
        return all(value in accepted for value in now)
    return bool(now == accepted)
