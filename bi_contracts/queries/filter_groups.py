"""HubSpot's search: groups of filters, a text to look for, one order.

Filters in a group must all hold, and one group must (developers.hubspot.com/docs, "Search the CRM"). What the
operators do with what is missing: a comparison never holds, `NEQ`, `NOT_IN` and `NOT_CONTAINS_TOKEN` do.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from ..paths import Json
from .predicate import All, Any, BadQuery, Condition, Not, Order, Predicate, Query

GROUPS = 5
"""Filter groups a search may have."""

FILTERS = 18
"""Filters a search may have in all its groups."""

IN_GROUP = 6
"""Filters a group may have."""

LONGEST = 3000
"""Characters a text to look for may have."""

OPERATORS: Mapping[str, str] = {
    "EQ": "eq",
    "NEQ": "ne",
    "LT": "lt",
    "LTE": "le",
    "GT": "gt",
    "GTE": "ge",
    "BETWEEN": "between",
    "IN": "in",
    "NOT_IN": "not_in",
    "HAS_PROPERTY": "exists",
    "NOT_HAS_PROPERTY": "empty",
    "CONTAINS_TOKEN": "tokens",
    "NOT_CONTAINS_TOKEN": "tokens",
}
"""HubSpot's operator -> one of `predicate.OPERATORS`."""


@dataclass(frozen=True, slots=True)
class FilterGroups:
    """The body of a search request.

    Attributes:
        properties: Names that may be filtered and sorted by.
        times: Those among them that hold times; values may be Unix milliseconds or ISO 8601.
        searched: Those that the text of `query` is looked for in.
        below: Dotted path in a row below which the properties stand.
    """

    properties: tuple[str, ...]
    times: tuple[str, ...] = ()
    searched: tuple[str, ...] = ()
    below: str = "properties"

    def read(self, request: httpx.Request) -> Query:
        """The query in the body. Raises `BadQuery` for a body, name, operator or value that HubSpot refuses."""
        body = _body(request)
        wanted = (self._groups(_groups(body)), self._text(body.get("query")))
        parts = tuple(part for part in wanted if part is not None)
        order = self._order(_list(body, "sorts"))
        return Query(parts[0] if len(parts) == 1 else All(parts), order) if parts else Query(order=order)

    def _groups(self, groups: list[Json]) -> Predicate | None:
        if len(groups) > GROUPS:
            raise BadQuery(f"too many filter groups: {len(groups)}, the most is {GROUPS}")
        found = [_list(_object(group, "filterGroups"), "filters") for group in groups]
        if any(len(filters) > IN_GROUP for filters in found) or sum(map(len, found)) > FILTERS:
            raise BadQuery(f"too many filters: the most is {IN_GROUP} in a group and {FILTERS} in all")
        made = [All(tuple(map(self._filter, filters))) for filters in found if filters]
        if not made:
            return None
        return made[0] if len(made) == 1 else Any(tuple(made))

    def _filter(self, said: Json) -> Predicate:
        filter_ = _object(said, "filters")
        name, operator = filter_.get("propertyName"), str(filter_.get("operator"))
        if operator not in OPERATORS:
            raise BadQuery(f"operator {operator!r} is none of {', '.join(OPERATORS)}")
        condition = Condition(self._path(name), OPERATORS[operator], self._value(str(name), operator, filter_))
        return Not(condition) if operator == "NOT_CONTAINS_TOKEN" else condition

    def _value(self, name: str, operator: str, filter_: Mapping[str, Json]) -> Json:
        match operator:
            case "HAS_PROPERTY" | "NOT_HAS_PROPERTY":
                return None
            case "BETWEEN":
                return [self._one(name, operator, filter_.get(end), end) for end in ("value", "highValue")]
            case "IN" | "NOT_IN":
                values = filter_.get("values")
                if not isinstance(values, list) or not values:
                    raise BadQuery(f"operator {operator} needs values")
                return [self._one(name, operator, value, "values") for value in values]
        return self._one(name, operator, filter_.get("value"), "value")

    def _one(self, name: str, operator: str, value: Json, where: str) -> Json:
        if value is None or isinstance(value, list | Mapping):
            raise BadQuery(f"operator {operator} needs {where}, a text")
        text = json.dumps(value) if isinstance(value, bool | int | float) else str(value)
        return _moment(name, text) if name in self.times and "TOKEN" not in operator else text

    def _text(self, text: Json) -> Predicate | None:
        if text is None or text == "":
            return None
        if not isinstance(text, str) or len(text) > LONGEST:
            raise BadQuery(f"query must be a text of at most {LONGEST} characters")
        paths = [f"{self.below}.{name}" for name in self.searched]
        return All(tuple(Any(tuple(Condition(path, "contains", word) for path in paths)) for word in text.split()))

    def _order(self, sorts: list[Json]) -> tuple[Order, ...]:
        if len(sorts) > 1:
            raise BadQuery("only one sort is allowed")
        return tuple(map(self._by, sorts))

    def _by(self, said: Json) -> Order:
        if isinstance(said, str):
            return Order(self._path(said.removeprefix("-")), said.startswith("-"))
        sort = _object(said, "sorts")
        direction = sort.get("direction", "ASCENDING")
        if direction not in ("ASCENDING", "DESCENDING"):
            raise BadQuery(f"direction {direction!r} is none of ASCENDING, DESCENDING")
        return Order(self._path(sort.get("propertyName")), direction == "DESCENDING")

    def _path(self, name: Json) -> str:
        if name not in self.properties:
            raise BadQuery(f"there is no property named {name!r}")
        return f"{self.below}.{name}"


def _groups(body: Mapping[str, Json]) -> list[Json]:
    """The groups of filters; `filters` beside them are a group of their own."""
    return [*_list(body, "filterGroups"), *([{"filters": body["filters"]}] if body.get("filters") else [])]


def _body(request: httpx.Request) -> Mapping[str, Json]:
    try:
        body = json.loads(request.content)
    except ValueError:
        raise BadQuery("the body is no JSON") from None
    return _object(body, "the body")


def _object(value: Json, where: str) -> Mapping[str, Json]:
    if not isinstance(value, Mapping):
        raise BadQuery(f"{where}: an object is needed")
    return value


def _list(body: Mapping[str, Json], name: str) -> list[Json]:
    value = body.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadQuery(f"{name} must be a list")
    return value


def _moment(name: str, text: str) -> str:
    """A time as text: Unix milliseconds become ISO 8601, as the property's value is written."""
    try:
        if text.removeprefix("-").isdecimal():
            return datetime.fromtimestamp(int(text) / 1000, UTC).isoformat()
        datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        raise BadQuery(f"{name}: {text!r} is no time") from None
    return text
