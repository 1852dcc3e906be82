"""The table of places where a vendor's description is wrong, and which violations it explains."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from bi_contracts.contract import Violation
from bi_contracts.workspace import reference


@dataclass(frozen=True)
class Row:
    """`number` counts from 1, as a person who looks for it would."""

    number: int
    said: Mapping[str, Any]

    @property
    def patterns(self) -> Iterator[str]:
        """Each pattern of the row, with its number."""
        return (f"{self.number}: {pattern}" for pattern in (*self.said["endpoints"], *self.said["at"]))

    def used(self, id: str, path: str) -> Iterator[str]:
        """The patterns that fit an endpoint and a path."""
        yield from (f"{self.number}: {pattern}" for pattern in self.said["endpoints"] if fnmatchcase(id, pattern))
        yield from (f"{self.number}: {pattern}" for pattern in self.said["at"] if _fits(pattern, path))

    def explains(self, id: str, violation: Violation) -> bool:
        """Whether a violation of the description is one that this row says is none."""
        return self.covers(id, violation.path) and (
            violation.keyword == "required"
            if self.said.get("optional")
            else _kind(violation.instance) in self.said.get("types", ())
            or violation.instance in self.said.get("values", ())
        )

    def covers(self, id: str, path: str) -> bool:
        return any(fnmatchcase(id, pattern) for pattern in self.said["endpoints"]) and any(
            _fits(pattern, path) for pattern in self.said["at"]
        )


def _fits(pattern: str, path: str) -> bool:
    """`*` is any part of one step; at the very start, any number of steps."""
    head, tail = (".*", pattern[1:]) if pattern.startswith("*") else ("", pattern)
    return re.fullmatch(head + "[^/]*".join(map(re.escape, tail.split("*"))), path) is not None


def _kind(value: Any) -> str:
    kinds = {type(None): "null", bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    return kinds.get(type(value), "object")


@cache
def table() -> tuple[Row, ...]:
    text = (reference("contracts") / "corrections.toml").read_text(encoding="utf-8")
    return tuple(Row(number, said) for number, said in enumerate(tomllib.loads(text)["correction"], start=1))


def explaining(id: str, violation: Violation) -> set[str]:
    """The patterns of the rows that explain a violation; none where it has no explanation."""
    rows = [row for row in table() if row.explains(id, violation)]
    return {pattern for row in rows for pattern in row.used(id, violation.path)}
