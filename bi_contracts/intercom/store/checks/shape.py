"""Whether values are of their columns' types: SQLite stores whatever it is given, and damage gives it anything."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Boolean, LargeBinary, Table, Text


def misfits(table: Table, row: Mapping[str, Any]) -> list[str]:
    """Columns whose value cannot be one of theirs."""
    return [name for name, kinds in _kinds(table).items() if not isinstance(row[name], kinds)]


@cache
def _kinds(table: Table) -> dict[str, tuple[type, ...]]:
    return {column.name: _kind(column.type, nullable=bool(column.nullable)) for column in table.columns}


def _kind(type_: object, *, nullable: bool) -> tuple[type, ...]:
    kinds: tuple[type, ...] = (bytes, memoryview) if isinstance(type_, LargeBinary) else (int,)
    if isinstance(type_, Boolean):
        kinds = (bool,)
    elif isinstance(type_, Text):
        kinds = (str,)
    return (*kinds, type(None)) if nullable else kinds
