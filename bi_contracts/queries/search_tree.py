"""Intercom's search: one filter, or groups of filters under AND and OR, in the body of a POST.

Source: Intercom's OpenAPI description 2.11 (search contacts, conversations and tickets) and developers.intercom.com
(pagination, sorting and search).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import httpx

from ..paths import Json
from ..slots import read_slot
from .predicate import All, Any, BadQuery, Condition, Not, Order, Predicate, Query

Kind = Literal["text", "choice", "number", "time", "day", "flag", "words", "domain"]

MOST_FILTERS: Final = 15
MOST_GROUPS: Final = 2
DAY: Final = 86_400
NOTHING: Final = Any(())

_ANY: Final = ("=", "!=", "IN", "NIN")
_ORDERED: Final = ("<", ">")
_TEXTUAL: Final = ("~", "!~", "^", "$")
OPERATORS: Final[Mapping[str, tuple[str, ...]]] = {
    "text": (*_ANY, *_TEXTUAL),
    "words": (*_ANY, *_TEXTUAL),
    "choice": ("=", "!="),
    "domain": ("=", "!="),
    "number": (*_ANY, *_ORDERED, "<=", ">="),
    "time": (*_ANY, *_ORDERED),
    "day": ("=", *_ORDERED),
    "flag": ("=", "!="),
}
"""Kind of a field -> the operators that it takes."""

_PLAIN: Final = {"=": "eq", "IN": "in", ">": "gt", "<": "lt", ">=": "ge", "<=": "le"}
_PLAIN_TEXT: Final = {"~": "contains", "^": "starts", "$": "ends"}
_NEGATED: Final = {"!=": "=", "NIN": "IN", "!~": "~"}


@dataclass(frozen=True, slots=True)
class Field:
    """A field that can be searched.

    Attributes:
        path: Dotted path in the row; "" is the field's own name.
        kind: What its values are. `time` compares seconds, `day` whole UTC days (contacts), `words` finds one word
            of a text, `domain` what stands behind the @ of an address.
        also: Operators that this field takes beside those of its kind.
    """

    path: str = ""
    kind: Kind = "text"
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchTree:
    """`{"query": {"operator": "AND", "value": [{"field": ..., "operator": ">", "value": ...}]}, "sort": {...}}`.

    Attributes:
        fields: Name -> the field. A name that ends in `.` stands for all below it (`custom_attributes.`).
    """

    fields: Mapping[str, Field] = field(default_factory=dict)

    def read(self, request: httpx.Request) -> Query:
        query = read_slot(request, "body.query")
        if query is None:
            raise BadQuery("query is required", "parameter_not_found")
        return Query(self._part(query, 0), self._order(read_slot(request, "body.sort")))

    def _part(self, query: Json, depth: int) -> Predicate:
        if not isinstance(query, Mapping):
            raise BadQuery("query must be an object")
        operator = query.get("operator")
        if operator in ("AND", "OR"):
            return self._group(str(operator), query.get("value"), depth + 1)
        return self._filter(query)

    def _group(self, operator: str, parts: Json, depth: int) -> Predicate:
        if depth > MOST_GROUPS:
            raise BadQuery(f"filters can be nested {MOST_GROUPS} deep at most")
        if not isinstance(parts, list) or not parts:
            raise BadQuery(f"{operator} takes an array of filters")
        if len(parts) > MOST_FILTERS:
            raise BadQuery(f"{operator} takes {MOST_FILTERS} filters at most")
        found = tuple(self._part(part, depth) for part in parts)
        return All(found) if operator == "AND" else Any(found)

    def _filter(self, query: Mapping[str, Json]) -> Predicate:
        name, operator = query.get("field"), query.get("operator")
        if not isinstance(name, str) or not isinstance(operator, str) or "value" not in query:
            raise BadQuery("a filter has field, operator and value", "parameter_not_found")
        found = self.named(name)
        if operator not in (*OPERATORS[found.kind], *found.also):
            raise BadQuery(f"operator {operator} cannot be used with {name}")
        return _compared(found, name, operator, query["value"])

    def named(self, name: str) -> Field:
        """The field of that name, its path filled in. Raises `BadQuery`."""
        found = None if name.endswith(".") else self.fields.get(name)
        if found is None:
            holder = next((prefix for prefix in self.fields if prefix.endswith(".") and name.startswith(prefix)), None)
            if holder is None or name == holder:
                raise BadQuery(f"{name} is not a field that can be searched")
            inside = self.fields[holder]
            return Field(f"{inside.path or holder}{name.removeprefix(holder)}", inside.kind, inside.also)
        return found if found.path else Field(name, found.kind, found.also)

    def _order(self, sort: Json) -> tuple[Order, ...]:
        if sort is None:
            return ()
        if not isinstance(sort, Mapping) or not isinstance(sort.get("field"), str):
            raise BadQuery("sort has a field and an order")
        order = sort.get("order", "ascending")
        if order not in ("ascending", "descending"):
            raise BadQuery("order is ascending or descending")
        return (Order(self.named(sort["field"]).path, order == "descending"),)


def _compared(found: Field, name: str, operator: str, value: Json) -> Predicate:
    if operator in _NEGATED:
        return Not(_compared(found, name, _NEGATED[operator], value))
    if operator == "IN":
        if not isinstance(value, list):
            raise BadQuery(f"{name}: IN and NIN take an array")
        return Condition(found.path, "in", [_read(found.kind, name, item) for item in value])
    plain = _read(found.kind, name, value)
    if plain is None:
        if operator != "=":
            raise BadQuery(f"{name}: null can be compared with = and != only")
        return Condition(found.path, "eq", None)
    return _special(found, operator, plain) or Condition(found.path, {**_PLAIN, **_PLAIN_TEXT}[operator], plain)


def _special(found: Field, operator: str, value: Json) -> Predicate | None:
    if found.kind == "day":
        return _of_day(found.path, operator, int(value))
    if found.kind == "domain":
        return Condition(found.path, "ends", f"@{value}")
    if found.kind == "words" and operator == "=":
        return NOTHING if " " in str(value).strip() else Condition(found.path, "contains", value)
    return None


def _of_day(path: str, operator: str, seconds: int) -> Predicate:
    """A day is compared whole: `>` starts with the next one."""
    first = seconds - seconds % DAY
    after, before = Condition(path, "ge", first + DAY), Condition(path, "lt", first)
    if operator == ">":
        return after
    return before if operator == "<" else All((Condition(path, "ge", first), Condition(path, "lt", first + DAY)))


def _read(kind: Kind, name: str, value: Json) -> Json:
    """The value as rows hold it. Raises `BadQuery` where it is of another type."""
    if value is None:
        return None
    if kind == "flag":
        return _flag(name, value)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise BadQuery(f"{name}: the value has the wrong type")
    if kind in ("number", "time", "day"):
        return _number(name, value)
    return value


def _flag(name: str, value: Json) -> bool:
    found = {"true": True, "false": False}.get(str(value).lower())
    if found is None:
        raise BadQuery(f"{name}: the value must be true or false")
    return found


def _number(name: str, value: str | float) -> Json:
    """Numbers come as JSON numbers and as text. Raises `BadQuery`, for NaN and infinity too."""
    try:
        number = float(value)
        return int(number) if number == int(number) else number
    except (ValueError, OverflowError):
        raise BadQuery(f"{name}: the value must be a number") from None
