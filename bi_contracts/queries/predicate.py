"""Predicates over rows: frozen values, evaluated in one place whatever language said them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol, runtime_checkable

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


@runtime_checkable
class Selective(Protocol):
    """A language whose requests say whose rows they want, so that several endpoints can share a path."""

    def concerns(self, request: httpx.Request) -> bool:
        """Whether a request wants rows of this endpoint."""
        ...


def matches(predicate: Predicate, row: Json) -> bool:
    """Whether a row is wanted."""
    return holds(predicate, lambda path: values_at(row, path))


def holds(predicate: Predicate, values: Callable[[str], Sequence[Json]]) -> bool:
    """Whether a row is wanted of which `values` gives what stands at a path."""
    match predicate:
        case Always():
            return True
        case Condition(path, operator, value):
            return OPERATORS[operator](values(path), value)
        case All(parts):
            return all(holds(part, values) for part in parts)
        case Any(parts):
            return any(holds(part, values) for part in parts)
        case Not(part):
            return not holds(part, values)


def values_at(row: Json, path: str) -> Sequence[Json]:
    """Everything that stands at a path in a row; a list on the way is gone into."""
    return list(_found(row, path.split(".")))


def paths_of(predicate: Predicate) -> frozenset[str]:
    """The paths that a predicate looks at."""
    match predicate:
        case Condition(path):
            return frozenset((path,))
        case All(parts) | Any(parts):
            return frozenset().union(*map(paths_of, parts))
        case Not(part):
            return paths_of(part)
    return frozenset()


def sorted_rows(rows: Iterable[tuple[int, Json]], order: tuple[Order, ...]) -> list[int]:
    """The positions of rows, in order. Stable: equal rows stay as they came."""
    return sorted_by(((place, [dig(row, by.path) for by in order]) for place, row in rows), order)


def sorted_by(keys: Iterable[tuple[int, Sequence[Json]]], order: tuple[Order, ...]) -> list[int]:
    """The positions of rows, each given with one value for every field of the order."""
    found = list(keys)
    for number, by in reversed(list(enumerate(order))):
        present = [row for row in found if row[1][number] is not None]
        absent = [row for row in found if row[1][number] is None]
        present.sort(key=lambda row: _rank(row[1][number]), reverse=by.descending)
        found = present + absent
    return [place for place, _ in found]


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


def _some(test: Callable[[Json, Json], bool]) -> Callable[[Sequence[Json], Json], bool]:
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


def _empty(found: Sequence[Json]) -> bool:
    return all(item in (None, "") for item in found)


def _equal(found: Sequence[Json], value: Json) -> bool:
    return _empty(found) if value is None else any(_same(item, value) for item in found if item is not None)


def _among(found: Sequence[Json], values: Json) -> bool:
    if isinstance(values, frozenset):
        return any(comparable(item) in values for item in found if item is not None)
    return any(_equal(found, value) for value in values)


@lru_cache(maxsize=1024)
def _like(pattern: str) -> re.Pattern[str]:
    """What `%` (any text), `_` (any character) and a backslash before either mean in a `LIKE`."""
    parts = (_LIKE.get(part) or re.escape(part[-1]) for part in re.findall(r"\\.|.", pattern, re.DOTALL))
    return re.compile("".join(parts), re.DOTALL)


_LIKE = {"%": ".*", "_": "."}


def _tokens(one: Json, wanted: Json) -> bool:
    """Whether a text has every word of another; `*` in a word stands for any characters."""
    text, words = _text(one), _text(wanted).split()
    found = [text, *text.split(), *_WORDS.findall(text)]
    return bool(words) and all(any(_glob(word).fullmatch(each) for each in found) for word in words)


@lru_cache(maxsize=1024)
def _glob(word: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, word.split("*"))), re.DOTALL)


_WORDS = re.compile(r"\w+")

OPERATORS: Mapping[str, Callable[[Sequence[Json], Json], bool]] = {
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
    "like": _some(lambda one, pattern: bool(_like(_text(pattern)).fullmatch(_text(one)))),
    "includes": _some(lambda one, choice: _text(choice) in _text(one).split(";")),
    "tokens": _some(_tokens),
    "empty": lambda found, value: _empty(found) is (value is not False),
    "exists": lambda found, value: _empty(found) is (value is False),
}
"""Operator -> test of all values at a path against the wanted one."""
