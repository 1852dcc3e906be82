"""Notion's filters and sorts: one condition on a property or a timestamp, or groups of them under `and` and `or`.

Source: developers.notion.com (filter and sort database entries, search) and Notion's OpenAPI description.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import httpx

from ..paths import Json
from ..slots import read_slot
from .predicate import All, Any, BadQuery, Condition, Order, Predicate, Query

DEEPEST: Final = 2
MOST_FILTERS: Final = 100
TIMESTAMPS: Final = ("created_time", "last_edited_time")


@dataclass(frozen=True, slots=True)
class Property:
    """A property of a data source. `inside` is what a formula or a rollup gives: `number`, `string`, `date`."""

    type: str
    id: str = ""
    inside: str = ""


@dataclass(frozen=True, slots=True)
class PropertyFilters:
    """`{"filter": {"and": [{"property": "Due", "date": {"before": "2026-05-01"}}]}, "sorts": [...]}`.

    Attributes:
        schema: Name -> the property. A request may name a property by its id as well.
    """

    schema: Mapping[str, Property] = field(default_factory=dict)

    def read(self, request: httpx.Request) -> Query:
        wanted, sorts = read_slot(request, "body.filter"), read_slot(request, "body.sorts")
        order = tuple(self._by(sort, f"body.sorts[{place}]") for place, sort in enumerate(_listed(sorts, "body.sorts")))
        return Query(order=order) if wanted is None else Query(self._part(wanted, "body.filter", 0), order)

    def named(self, name: Json, what: str = "property") -> tuple[str, Property]:
        """The property of that name or id. Raises `BadQuery`."""
        found = self.schema.get(name) if isinstance(name, str) else None
        if found is not None:
            return str(name), found
        by_id = next(((key, one) for key, one in self.schema.items() if name and one.id == name), None)
        if by_id is None:
            raise BadQuery(f"Could not find {what} with name or id: {name}")
        return by_id

    def _part(self, wanted: Json, where: str, depth: int) -> Predicate:
        if not isinstance(wanted, Mapping):
            raise BadQuery(f"body failed validation: {where} should be an object, instead was `{quoted(wanted)}`.")
        group = next((name for name in ("and", "or") if name in wanted), None)
        if group is not None:
            return self._group(group, wanted[group], f"{where}.{group}", depth + 1)
        return self._stamp(wanted, where) if "timestamp" in wanted else self._of_property(wanted, where)

    def _group(self, group: str, parts: Json, where: str, depth: int) -> Predicate:
        if depth > DEEPEST:
            raise BadQuery(f"body failed validation: {where} should be not present: filters nest {DEEPEST} deep.")
        found = _listed(parts, where)
        if len(found) > MOST_FILTERS:
            raise BadQuery(f"body failed validation: {where}.length should be ≤ `{MOST_FILTERS}`.")
        read = tuple(self._part(part, f"{where}[{place}]", depth) for place, part in enumerate(found))
        return All(read) if group == "and" else Any(read)

    def _stamp(self, wanted: Mapping[str, Json], where: str) -> Predicate:
        name = wanted["timestamp"]
        if name not in TIMESTAMPS:
            raise BadQuery(f"body failed validation: {where}.timestamp should be one of {', '.join(TIMESTAMPS)}.")
        return _conditions("date", str(name), wanted.get(str(name)), f"{where}.{name}")

    def _of_property(self, wanted: Mapping[str, Json], where: str) -> Predicate:
        kinds = [name for name in wanted if name in CONDITIONS]
        if "property" not in wanted or len(kinds) != 1:
            raise BadQuery(f"body failed validation. Fix one: {where} should have a property and one condition.")
        name, found = self.named(wanted["property"])
        kind, path = kinds[0], f"properties.{name}"
        if ACCEPTED.get(found.type, found.type) != kind and found.type != kind:
            raise BadQuery(f"database property {found.type} does not match filter {kind}")
        if found.inside:
            return _computed(found, kind, path, wanted[kind], f"{where}.{kind}")
        return _conditions(kind, f"{path}.{found.type}{BELOW.get(found.type, '')}", wanted[kind], f"{where}.{kind}")

    def _by(self, sort: Json, where: str) -> Order:
        if not isinstance(sort, Mapping) or sort.get("direction") not in ("ascending", "descending"):
            raise BadQuery(f'body failed validation: {where}.direction should be "ascending" or "descending".')
        descending = sort["direction"] == "descending"
        if "property" in sort:
            name, found = self.named(sort["property"], "sort property")
            return Order(f"properties.{name}.{_sortable(found)}", descending)
        if sort.get("timestamp") not in TIMESTAMPS:
            raise BadQuery(f"body failed validation: {where} should have a property or a timestamp.")
        return Order(str(sort["timestamp"]), descending)


@dataclass(frozen=True, slots=True)
class TitleSearch:
    """`{"query": "chart", "filter": {"property": "object", "value": "page"}, "sort": {...}}`.

    Attributes:
        titles: Dotted paths of the texts that are searched.
        only: The kind of object that the list holds anyway, "" where it holds several.
        kinds: The kinds of object that can be asked for.
    """

    titles: tuple[str, ...]
    only: str = ""
    kinds: tuple[str, ...] = ("page", "data_source")

    def read(self, request: httpx.Request) -> Query:
        query, sort = read_slot(request, "body.query"), read_slot(request, "body.sort")
        parts: list[Predicate] = []
        if isinstance(query, str) and query.strip():
            parts.append(Any(tuple(Condition(path, "contains", query.strip()) for path in self.titles)))
        elif query not in (None, ""):
            raise BadQuery(f"body failed validation: body.query should be a string, instead was `{quoted(query)}`.")
        kind = self._kind(read_slot(request, "body.filter"))
        if kind and kind != self.only:
            parts.append(Condition("object", "eq", kind))
        order = () if sort is None else (_stamped(sort),)
        return Query(All(tuple(parts)), order) if parts else Query(order=order)

    def _kind(self, wanted: Json) -> str:
        if wanted is None or wanted == {}:
            return ""
        if not isinstance(wanted, Mapping) or wanted.get("property") != "object":
            raise BadQuery('body failed validation: body.filter.property should be "object".')
        if wanted.get("value") not in self.kinds:
            known = " or ".join(f'"{kind}"' for kind in self.kinds)
            said = quoted(wanted.get("value"))
            raise BadQuery(f"body failed validation: body.filter.value should be {known}, instead was `{said}`.")
        return str(wanted["value"])


def _stamped(sort: Json) -> Order:
    direction = sort.get("direction", "descending") if isinstance(sort, Mapping) else None
    if direction not in ("ascending", "descending") or sort.get("timestamp", "last_edited_time") != "last_edited_time":
        raise BadQuery(
            'body failed validation: body.sort should have a direction and the timestamp "last_edited_time".'
        )
    return Order("last_edited_time", direction == "descending")


def relative(condition: Mapping[str, Json], today: datetime) -> dict[str, Json]:
    """A date condition whose words (`past_week`, `this_week`, ...) are replaced by dates, seen from a day (UTC)."""
    found: dict[str, Json] = {}
    for name, value in condition.items():
        ends = _SPANS[name](today) if name in _SPANS else None
        if ends is None:
            found[name] = value
        else:
            found |= {"on_or_after": ends[0].date().isoformat(), "on_or_before": ends[1].date().isoformat()}
    return found


def _week(today: datetime) -> tuple[datetime, datetime]:
    """Weeks start on Sunday."""
    first = today - timedelta(days=(today.weekday() + 1) % 7)
    return first, first + timedelta(days=6)


_SPANS: Final[Mapping[str, Callable[[datetime], tuple[datetime, datetime]]]] = {
    "past_week": lambda today: (today - timedelta(days=7), today),
    "past_month": lambda today: (today - timedelta(days=30), today),
    "past_year": lambda today: (today - timedelta(days=365), today),
    "this_week": _week,
    "next_week": lambda today: (today, today + timedelta(days=7)),
    "next_month": lambda today: (today, today + timedelta(days=30)),
    "next_year": lambda today: (today, today + timedelta(days=365)),
}

_Make = Callable[[str, Json], Predicate]


def _plain(operator: str) -> _Make:
    return lambda path, value: Condition(path, operator, value)


def _identified(operator: str) -> _Make:
    """Ids come with dashes or without."""
    return lambda path, value: Condition(path, operator, dashed(value))


def _date(operator: str) -> _Make:
    return lambda path, value: _of_date(path, operator, value)


def _of_date(path: str, operator: str, value: str) -> Predicate:
    """A date without a time is the whole day."""
    if len(value) > 10:
        return Condition(path, operator, value)
    following = (datetime.fromisoformat(value) + timedelta(days=1)).date().isoformat()
    match operator:
        case "eq":
            return All((Condition(path, "ge", value), Condition(path, "lt", following)))
        case "gt":
            return Condition(path, "ge", following)
        case "le":
            return Condition(path, "lt", following)
    return Condition(path, operator, value)


_EMPTY: Final[Mapping[str, _Make]] = {"is_empty": _plain("empty"), "is_not_empty": _plain("exists")}
_TEXT: Final[Mapping[str, _Make]] = {
    "equals": _plain("eq"),
    "does_not_equal": _plain("ne"),
    "contains": _plain("contains"),
    "does_not_contain": _plain("not_contains"),
    "starts_with": _plain("starts"),
    "ends_with": _plain("ends"),
    **_EMPTY,
}
_NUMBER: Final[Mapping[str, _Make]] = {
    "equals": _plain("eq"),
    "does_not_equal": _plain("ne"),
    "greater_than": _plain("gt"),
    "less_than": _plain("lt"),
    "greater_than_or_equal_to": _plain("ge"),
    "less_than_or_equal_to": _plain("le"),
    **_EMPTY,
}
_DATES: Final[Mapping[str, _Make]] = {
    "equals": _date("eq"),
    "before": _date("lt"),
    "after": _date("gt"),
    "on_or_before": _date("le"),
    "on_or_after": _date("ge"),
    **_EMPTY,
}
_ONE: Final[Mapping[str, _Make]] = {"equals": _plain("eq"), "does_not_equal": _plain("ne"), **_EMPTY}
_FLAG: Final[Mapping[str, _Make]] = {"equals": _plain("eq"), "does_not_equal": _plain("ne")}
_MANY: Final[Mapping[str, _Make]] = {"contains": _plain("eq"), "does_not_contain": _plain("ne"), **_EMPTY}
_THINGS: Final[Mapping[str, _Make]] = {"contains": _identified("eq"), "does_not_contain": _identified("ne"), **_EMPTY}

CONDITIONS: Final[Mapping[str, Mapping[str, _Make]]] = {
    "title": _TEXT,
    "rich_text": _TEXT,
    "url": _TEXT,
    "email": _TEXT,
    "phone_number": _TEXT,
    "number": _NUMBER,
    "unique_id": {name: make for name, make in _NUMBER.items() if name not in _EMPTY},
    "checkbox": _FLAG,
    "select": _ONE,
    "status": _ONE,
    "multi_select": _MANY,
    "date": _DATES,
    "created_time": _DATES,
    "last_edited_time": _DATES,
    "people": _THINGS,
    "created_by": _THINGS,
    "last_edited_by": _THINGS,
    "relation": _THINGS,
    "files": _EMPTY,
    "formula": {},
    "rollup": {},
}
"""Kind of a filter -> its conditions."""

ACCEPTED: Final[Mapping[str, str]] = {
    "url": "rich_text",
    "email": "rich_text",
    "phone_number": "rich_text",
    "created_time": "date",
    "last_edited_time": "date",
    "created_by": "people",
    "last_edited_by": "people",
}
"""Type of a property -> another kind of filter that it takes beside its own."""

BELOW: Final[Mapping[str, str]] = {
    "title": ".plain_text",
    "rich_text": ".plain_text",
    "select": ".name",
    "status": ".name",
    "multi_select": ".name",
    "date": ".start",
    "people": ".id",
    "created_by": ".id",
    "last_edited_by": ".id",
    "relation": ".id",
    "unique_id": ".number",
    "files": ".name",
}
"""Type of a property -> where, below its value, stands what is compared."""

_SORTED: Final[Mapping[str, str]] = {
    "title": "title.0.plain_text",
    "rich_text": "rich_text.0.plain_text",
    "multi_select": "multi_select.0.name",
    "people": "people.0.name",
    "relation": "relation.0.id",
    "files": "files.0.name",
    "created_by": "created_by.name",
    "last_edited_by": "last_edited_by.name",
}
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?")
_COMPUTED: Final[Mapping[str, str]] = {"string": "rich_text", "boolean": "checkbox"}


def _sortable(found: Property) -> str:
    if found.inside:
        return f"{found.type}.{found.inside}" + (".start" if found.inside == "date" else "")
    return _SORTED.get(found.type, f"{found.type}{BELOW.get(found.type, '')}")


def _computed(found: Property, kind: str, path: str, wanted: Json, where: str) -> Predicate:
    """A condition on what a formula or a rollup gives: `{"formula": {"number": {"greater_than": 1}}}`."""
    if not isinstance(wanted, Mapping) or len(wanted) != 1:
        raise BadQuery(f"body failed validation: {where} should have one condition.")
    said, condition = next(iter(wanted.items()))
    inside = {"string": "rich_text", **{name: name for name in ("checkbox", "number", "date", "rich_text")}}.get(said)
    if inside is None or inside != _COMPUTED.get(found.inside, found.inside):
        raise BadQuery(f"{kind} {found.inside} does not match filter {said}")
    below = ".start" if found.inside == "date" else ""
    return _conditions(inside, f"{path}.{found.type}.{found.inside}{below}", condition, f"{where}.{said}")


def _conditions(kind: str, path: str, wanted: Json, where: str) -> Predicate:
    if not isinstance(wanted, Mapping) or not wanted:
        raise BadQuery(f"body failed validation: {where} should be an object, instead was `{quoted(wanted)}`.")
    found = tuple(_condition(kind, path, name, value, where) for name, value in wanted.items())
    return found[0] if len(found) == 1 else All(found)


def _condition(kind: str, path: str, name: str, value: Json, where: str) -> Predicate:
    make = CONDITIONS[kind].get(name)
    if make is None:
        raise BadQuery(f"body failed validation: {where}.{name} should be not present, instead was `{quoted(value)}`.")
    if not _fits(kind, name, value):
        raise BadQuery(f"body failed validation: {where}.{name} has the wrong type: `{quoted(value)}`.")
    return make(path, value)


def _fits(kind: str, name: str, value: Json) -> bool:
    """Whether a value is of the type that the condition compares with."""
    if name in _EMPTY:
        return value is True
    made = CONDITIONS[kind]
    if made is _DATES:
        return isinstance(value, str) and _is_date(value)
    if made is _FLAG:
        return isinstance(value, bool)
    if made is _THINGS:
        return dashed(value) != ""
    if kind in ("number", "unique_id"):
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, str)


def _is_date(value: str) -> bool:
    if not _DATE.fullmatch(value):
        return False
    try:
        return datetime.fromisoformat(value).replace(tzinfo=UTC).year < 9999
    except ValueError:
        return False


def dashed(value: Json) -> str:
    """A UUID as answers write it, "" for anything else. Dashes are optional."""
    try:
        return str(uuid.UUID(value)) if isinstance(value, str) and len(value) in (32, 36) else ""
    except ValueError:
        return ""


def _listed(value: Json, where: str) -> list[Json]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadQuery(f"body failed validation: {where} should be an array, instead was `{quoted(value)}`.")
    return value


def quoted(value: Json) -> str:
    """A value as error messages quote it."""
    return "undefined" if value is None else str(value)[:80]
