"""Corrections of vendors' descriptions: `contracts/corrections.toml` applied to a contract that was imported."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from bi_contracts.contract import Contract
from bi_contracts.contract.contract import as_document
from bi_contracts.contract.shape import ENTRY, ITEM, Field, Shape, Union


@dataclass(frozen=True, slots=True)
class Correction:
    """One row of the table, whose first comment explains the columns."""

    endpoints: Sequence[str]
    at: Sequence[str]
    evidence: str
    types: Sequence[str] = ()
    values: Sequence[str] = ()
    optional: bool = False

    def of(self, id: str) -> bool:
        return any(fnmatchcase(id, pattern) for pattern in self.endpoints)

    def matches(self, path: str) -> bool:
        return any(re.fullmatch(_expression(pattern), path) for pattern in self.at)


def _expression(pattern: str) -> str:
    """`*` is any part of one step; at the very start, any number of steps."""
    head, tail = (".*", pattern[1:]) if pattern.startswith("*") else ("", pattern)
    return head + "[^/]*".join(map(re.escape, tail.split("*")))


def read(path: Path) -> list[Correction]:
    rows: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["correction"]
    return [Correction(**row) for row in rows]


def corrected(contract: Contract, corrections: Iterable[Correction]) -> Contract:
    """The contract with what the table says of its endpoint, and how many places that changed in its provenance."""
    rows = [row for row in corrections if row.of(contract.id)]
    walk = _Walk(rows)
    shape = walk.shape(contract.shape, "")
    if not walk.changed:
        return contract
    evidence = replace(contract.evidence, corrected_by=f"corrections.toml ({len(walk.changed)} places)")
    return replace(contract, schema=as_document(contract.id, shape), evidence=evidence)


class _Walk:
    def __init__(self, rows: Sequence[Correction]) -> None:
        self.rows = rows
        self.changed: set[str] = set()

    def shape(self, shape: Shape, path: str) -> Shape:
        here = [row for row in self.rows if row.matches(path)] if shape.types else []
        types = {kind: None for row in here for kind in row.types if kind not in shape.types}
        values = [value for row in here for value in row.values if shape.values and value not in shape.values]
        if types or values:
            self.changed.add(path)
        kinds = {**shape.types, **types}
        if "number" in types:
            kinds.pop("integer", None)
        wider = replace(shape, types=kinds, values=(*shape.values, *values))
        return self._inside(wider, path)

    def _inside(self, shape: Shape, path: str) -> Shape:
        union = shape.union
        if union is not None:
            union = Union(union.key, {value: self._inside(one, path) for value, one in union.variants.items()})
        return replace(
            shape,
            items=self.shape(shape.items, f"{path}/{ITEM}") if shape.items else None,
            entries=self.shape(shape.entries, f"{path}/{ENTRY}") if shape.entries else None,
            fields={name: self._field(field, f"{path}/{name}") for name, field in shape.fields.items()},
            union=union,
        )

    def _field(self, field: Field, path: str) -> Field:
        missing = field.required and any(row.optional and row.matches(path) for row in self.rows)
        if missing:
            self.changed.add(path)
        return Field(self.shape(field.shape, path), field.required and not missing)
