"""Uniqueness: keys, and fields that tell rows apart just as keys do."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass

from ...paths import Json
from ...report.events import Finding, Severity
from . import stated
from .found import counted, finding
from .table import EMPTY, Table


@dataclass(frozen=True, slots=True)
class Unique:
    """A field that no two rows share. Raises `ConfigurationError` for a value that cannot be.

    Attributes:
        source: `endpoint id:dotted path`, `hubspot/contacts:properties.email`.
        folded: True where case does not tell two values apart.
        severity: Of the finding.
    """

    source: str
    folded: bool = False
    severity: Severity = "breaking"

    def __post_init__(self) -> None:
        who = f"Unique {self.source}"
        stated.place(who, self.source)
        stated.flag(who, "folded", self.folded)
        stated.severity(who, "severity", self.severity)


def keys(rows: Table, key: str) -> list[Finding]:
    """Rows without the key, and rows that share it."""
    values = [value for _, value in rows.column(key)] if len(rows) else []
    absent = [number for number, value in enumerate(values) if value in EMPTY]
    found = shared(rows, key, rule="key-not-unique")
    if len(values) < len(rows):
        absent = list(range(len(rows)))
    if absent:
        said = f"{counted(len(absent), len(rows))} {'has' if len(absent) == 1 else 'have'} no key"
        found.append(finding("key-missing", "breaking", key, said, rows=absent, of=len(rows)))
    return found


def shared(
    rows: Table,
    path: str,
    *,
    folded: bool = False,
    severity: Severity = "breaking",
    rule: str = "value-not-unique",
    key: str = "",
) -> list[Finding]:
    """Rows that share a value which only one may have; empty ones are nobody's."""
    given = [(number, _plain(value, folded)) for number, value in rows.column(path) if value not in EMPTY]
    times = Counter(value for _, value in given)
    doubled = [number for number, value in given if times[value] > 1]
    if not doubled:
        return []
    several = sum(count > 1 for count in times.values())
    said = f"{several} value{' stands' if several == 1 else 's stand'} on more than one row"
    return [
        finding(
            rule,
            severity,
            path,
            f"{said} ({counted(len(set(doubled)), len(rows))})",
            table=rows,
            rows=doubled,
            of=len(rows),
            key=key or (path if rule == "key-not-unique" else ""),
            explanation="Whoever joins or stores by it mixes two rows up, or loses one.",
        )
    ]


def _plain(value: Json, folded: bool) -> str:
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return text.casefold() if folded else text
