"""Predicates over rows: frozen values, evaluated in one place whatever language said them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import httpx

from ..paths import Json, dig
from .operators import OPERATORS, comparable


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
        operator: One of `operators.OPERATORS`.
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
