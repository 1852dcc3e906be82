"""Predicates over rows: frozen values, evaluated in one place whatever language said them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol

import httpx

from ..paths import Json, dig


class BadQuery(ValueError):
    """A query that the platform would refuse. `code` is the platform's own error code, "" for its usual one."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Always:
    """Every row."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One field compared with a value.

    Attributes:
        path: Dotted path in the row. A list on the way is any of its items.
        operator: One of `OPERATORS`.
        value: What the field is compared with; a list for `in`, `not_in` and `between` (both ends included).
    """

    path: str
    operator: str
    value: Json = None


@dataclass(frozen=True, slots=True)
class All:
    """Rows that every part wants."""

    parts: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """Rows that some part wants."""

    parts: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Rows that the part does not want."""

    part: Predicate


Predicate = Always | Condition | All | Any | Not
EVERYTHING = Always()


@dataclass(frozen=True, slots=True)
class Order:
    """One field to sort by. Rows without it come last, whichever way."""

    path: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What a request asks of a list."""

    where: Predicate = EVERYTHING
    order: tuple[Order, ...] = ()

    @property
    def plain(self) -> bool:
        """True where every row is wanted, in the list's own order."""
        return self.where == EVERYTHING and not self.order


class QueryLanguage(Protocol):
    """How a platform's requests say which rows they want."""

    def read(self, request: httpx.Request) -> Query:
        """The query in a request. Raises `BadQuery` for one that the platform would refuse."""
        ...


def matches(predicate: Predicate, row: Json) -> bool:
    """Whether a row is wanted."""
    match predicate:
        case Always():
            return True
        case Condition(path, operator, value):
            return OPERATORS[operator](list(_found(row, path.split("."))), value)
        case All(parts):
            return all(matches(part, row) for part in parts)
        case Any(parts):
            return any(matches(part, row) for part in parts)
        case Not(part):
            return not matches(part, row)


def sorted_rows(rows: Iterable[tuple[int, Json]], order: tuple[Order, ...]) -> list[int]:
    """The positions of rows, in order. Stable: equal rows stay as they came."""
    found = list(rows)
    for by in reversed(order):
        present = [(place, row) for place, row in found if _value(row, by.path) is not None]
        absent = [(place, row) for place, row in found if _value(row, by.path) is None]
        present.sort(key=lambda pair: _rank(_value(pair[1], by.path)), reverse=by.descending)
        found = present + absent
    return [place for place, _ in found]


def _value(row: Json, path: str) -> Json:
    return dig(row, path)


def _rank(value: Json) -> tuple[int, float, str]:
    plain = comparable(value)
    return (1, 0.0, plain) if isinstance(plain, str) else (0, plain, "")


def _found(row: Json, steps: list[str]) -> Iterable[Json]:
    """Every value at a path; lists on the way are gone into."""
    if isinstance(row, list) and not (steps and steps[0].isdecimal()):
        for item in row:
            yield from _found(item, steps)
    elif not steps:
        yield row
    elif isinstance(row, Mapping):
        # a name may itself hold dots, and the rest of the path may be one name
        whole = ".".join(steps)
        if whole in row:
            yield from _found(row[whole], [])
        elif steps[0] in row:
            yield from _found(row[steps[0]], steps[1:])
    elif isinstance(row, list) and int(steps[0]) < len(row):
        yield from _found(row[int(steps[0])], steps[1:])


def comparable(value: Json) -> float | str:
    """A value as it compares: numbers and numeric texts as numbers, times as Unix seconds, texts without case."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return float(value)
    return _of_text(value) if isinstance(value, str) else str(value)


@lru_cache(maxsize=65_536)
def _of_text(value: str) -> float | str:
    if _NUMBER.fullmatch(value):
        return float(value)
    if _DATE.match(value):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return value.casefold()
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return value.casefold()


_NUMBER = re.compile(r"-?\d{1,17}(\.\d+)?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def _same(one: Json, other: Json) -> bool:
    return comparable(one) == comparable(other)


def _some(test: Callable[[Json, Json], bool]) -> Callable[[list[Json], Json], bool]:
    """True where some value at the path, null aside, passes."""
    return lambda found, value: any(test(item, value) for item in found if item is not None)


def _before(one: Json, other: Json) -> bool:
    left, right = comparable(one), comparable(other)
    if isinstance(left, str) or isinstance(right, str):
        return isinstance(left, str) and isinstance(right, str) and left < right
    return left < right


def _text(value: Json) -> str:
    return value.casefold() if isinstance(value, str) else str(comparable(value))


def _between(one: Json, ends: Json) -> bool:
    return not _before(one, ends[0]) and not _before(ends[1], one)


def _empty(found: list[Json]) -> bool:
    return all(item in (None, "") for item in found)


def _equal(found: list[Json], value: Json) -> bool:
    return _empty(found) if value is None else any(_same(item, value) for item in found if item is not None)


def _among(found: list[Json], values: Json) -> bool:
    return any(_equal(found, value) for value in values)


OPERATORS: Mapping[str, Callable[[list[Json], Json], bool]] = {
    "eq": _equal,
    "ne": lambda found, value: not _equal(found, value),
    "lt": _some(_before),
    "le": _some(lambda one, other: _before(one, other) or _same(one, other)),
    "gt": _some(lambda one, other: _before(other, one)),
    "ge": _some(lambda one, other: _before(other, one) or _same(one, other)),
    "between": _some(_between),
    "in": _among,
    "not_in": lambda found, values: not _among(found, values),
    "contains": _some(lambda one, other: _text(other) in _text(one)),
    "not_contains": lambda found, value: not OPERATORS["contains"](found, value),
    "starts": _some(lambda one, other: _text(one).startswith(_text(other))),
    "ends": _some(lambda one, other: _text(one).endswith(_text(other))),
    "empty": lambda found, value: _empty(found) is (value is not False),
    "exists": lambda found, value: _empty(found) is (value is False),
}
"""Operator -> test of all values at a path against the wanted one."""
