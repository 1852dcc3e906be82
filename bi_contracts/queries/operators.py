"""How the value at a path is compared: one test for every operator, whatever language it was said in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache

from ..paths import Json


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
