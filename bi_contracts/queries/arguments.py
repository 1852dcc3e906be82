"""Filters said by single arguments: `completed_since=2026-01-01`, `archived=false`, `sort=-created_at`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import httpx

from ..paths import Json
from ..slots import read_slot
from .predicate import All, BadQuery, Condition, Order, Predicate, Query

Kind = Literal["text", "time", "flag", "number", "list"]


@dataclass(frozen=True, slots=True)
class Where:
    """What one argument wants of a row.

    Attributes:
        path: Dotted path in the row.
        operator: As in `Condition`.
        kind: What the argument must be: a wrong one is refused. `list` is values with commas between.
        none: A value of the argument that means no condition (`completed_since=now` has its own meaning: see `fixed`).
        fixed: Values of the argument that stand for a condition of their own.
    """

    path: str
    operator: str = "eq"
    kind: Kind = "text"
    none: str = ""
    fixed: Mapping[str, Condition] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Arguments:
    """Filters by name.

    Attributes:
        filters: Slot (`query.archived`, `param.oldest`, `body.filter.fromDateTime`) -> what it wants.
        sort: The slot that names the field to sort by, "" for none; `-name` and `name desc` sort descending.
        sortable: Name in that slot -> dotted path; names that are not listed are refused, unless it is empty.
    """

    filters: Mapping[str, Where] = field(default_factory=dict)
    sort: str = ""
    sortable: Mapping[str, str] = field(default_factory=dict)

    def read(self, request: httpx.Request) -> Query:
        parts = (self._part(slot, where, read_slot(request, slot)) for slot, where in self.filters.items())
        wanted: tuple[Predicate, ...] = tuple(part for part in parts if part is not None)
        return Query(All(wanted), self._order(request)) if wanted else Query(order=self._order(request))

    def _part(self, slot: str, where: Where, value: Json) -> Predicate | None:
        if value is None or value == "" or value == where.none:
            return None
        if isinstance(value, str) and value in where.fixed:
            return where.fixed[value]
        return Condition(where.path, where.operator, _read(slot.rpartition(".")[2], where.kind, value))

    def _order(self, request: httpx.Request) -> tuple[Order, ...]:
        named = read_slot(request, self.sort) if self.sort else None
        return tuple(self._by(part.strip()) for part in str(named).split(",")) if named else ()

    def _by(self, text: str) -> Order:
        name, _, direction = text.lstrip("-").partition(" ")
        if self.sortable and name not in self.sortable:
            raise BadQuery(f"cannot sort by {name}")
        return Order(self.sortable.get(name, name), text.startswith("-") or direction.lower().startswith("desc"))


def _read(name: str, kind: Kind, value: Json) -> Json:
    if kind == "list":
        return [part.strip() for part in value.split(",")] if isinstance(value, str) else list(value)
    if kind == "flag":
        return _flag(name, value)
    if kind in ("time", "number"):
        return _figure(name, kind, value)
    return value


def _flag(name: str, value: Json) -> bool:
    found = {"true": True, "1": True, "false": False, "0": False}.get(str(value).lower())
    if found is None:
        raise BadQuery(f"{name}: {value!r} is not a boolean")
    return found


def _figure(name: str, kind: Kind, value: Json) -> Json:
    try:
        float(value)
    except (TypeError, ValueError):
        if kind == "number":
            raise BadQuery(f"{name}: {value!r} is not a number") from None
        return _moment(name, value)
    return value


def _moment(name: str, value: Json) -> Json:
    try:
        datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise BadQuery(f"{name}: {value!r} is not a date-time") from None
    return value
