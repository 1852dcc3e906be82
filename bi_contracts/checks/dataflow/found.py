"""A defect of rows as a finding: how many, where first, and under which ids; never a value."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from ...paths import Json, dig
from ...report.events import Finding, Severity
from .table import Table

PLACES = 5
"""How many of the places are named."""


def finding(
    rule: str,
    severity: Severity,
    path: str,
    message: str,
    *,
    table: Table | None = None,
    rows: Iterable[int] = (),
    of: int = 0,
    key: str = "",
    explanation: str = "",
    **more: Any,
) -> Finding:
    """A finding about `rows` (numbers, from 0) out of `of`.

    `path` is dotted; the finding's is a JSON pointer over the rows, with the first of them in it. `more` is evidence
    too, and may say otherwise what was `seen`.
    """
    numbers = sorted(set(rows))
    evidence: dict[str, Any] = {"of": of} if of else {}
    if numbers:
        evidence |= {"seen": len(numbers), "rows": list(islice(numbers, PLACES))}
        ids = _ids(table, numbers, key)
        if ids:
            evidence["ids"] = ids
    where = f"/{numbers[0]}" if numbers else "/*"
    return Finding(
        rule,
        severity,
        where + pointer(path),
        message=message,
        evidence={**evidence, **more},
        explanation=explanation,
    )


def pointer(path: str) -> str:
    """A dotted path as a JSON pointer (RFC 6901)."""
    return "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in path.split(".")) if path else ""


def counted(number: int, of: int, noun: str = "row") -> str:
    """`3 of 120 rows`."""
    return f"{number} of {of} {noun}{'' if of == 1 else 's'}"


def _ids(table: Table | None, numbers: list[int], key: str) -> list[str]:
    """The keys of the first rows: an id may be published, text that looks like more than one may not."""
    if table is None or not key:
        return []
    found = (dig(table.rows[number], key) for number in numbers[:PLACES])
    return [str(one) for one in found if _is_id(one)]


def _is_id(value: Json) -> bool:
    if isinstance(value, int) and not isinstance(value, bool):
        return True
    return isinstance(value, str) and 0 < len(value) <= 64 and value.isascii() and not set(value) & set(" @+")
