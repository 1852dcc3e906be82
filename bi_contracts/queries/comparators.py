"""Filters as objects of comparators: `{team: {key: {eq: "NUM"}}, or: [{priority: {lte: 2}}, {dueDate: {null: true}}]}`.

Linear's language. A name is a field of the thing; what stands under it compares a value, or is the filter of the
related thing, or of a list of them with `some`, `every` and `length`. All members hold together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ..paths import Json
from .predicate import BadQuery

Reader = Callable[[Any, str], Any]
"""A thing and the name of a field -> a JSON value, a related thing, or a list of either."""


def wanted(filter_: Mapping[str, Json], thing: Any, read: Reader) -> bool:
    """Whether a thing passes a filter. Raises `BadQuery` for values that cannot be compared."""
    return all(_holds(name, inner, thing, read) for name, inner in filter_.items())


def _holds(name: str, inner: Json, thing: Any, read: Reader) -> bool:
    if inner is None:
        return True
    if name in ("and", "or"):
        parts = [wanted(part, thing, read) for part in _list(inner)]
        return all(parts) if name == "and" else not parts or any(parts)
    if not isinstance(inner, Mapping):
        raise BadQuery(f"{name}: a comparator is wanted")
    return compared(inner, read(thing, name), read)


def compared(inner: Mapping[str, Json], value: Any, read: Reader) -> bool:
    """Whether a value passes what stands under its name: comparators, or the filter of what it is."""
    if isinstance(value, list):
        return _collected(inner, value, read)
    return all(_passes(name, against, value, read) for name, against in inner.items())


def _passes(name: str, against: Json, value: Any, read: Reader) -> bool:
    if name == "null":
        return against is None or (value is None) is bool(against)
    if name in ("and", "or"):
        parts = [compared(part, value, read) for part in _list(against)]
        return all(parts) if name == "and" else not parts or any(parts)
    if isinstance(against, Mapping):
        return value is not None and not _plain(value) and _holds(name, against, value, read)
    test = COMPARATORS.get(name)
    if test is None:
        return True
    return test(value if _plain(value) else None, against)


def _collected(inner: Mapping[str, Json], values: Sequence[Any], read: Reader) -> bool:
    """A list of related things: members that are no quantifier are what some of them must be."""
    direct: dict[str, Json] = {}
    for name, part in inner.items():
        match name:
            case _ if part is None:
                continue
            case "some":
                held = any(wanted(part, value, read) for value in values)
            case "every":
                held = all(wanted(part, value, read) for value in values)
            case "length":
                held = all(_passes(operator, against, len(values), read) for operator, against in part.items())
            case "null":
                held = (not values) is bool(part)
            case "and":
                held = all(_collected(one, values, read) for one in _list(part))
            case "or":
                held = any(_collected(one, values, read) for one in _list(part)) or not part
            case _:
                direct[name] = part
                continue
        if not held:
            return False
    return not direct or any(_about(direct, value, read) for value in values)


def _about(direct: Mapping[str, Json], value: Any, read: Reader) -> bool:
    return compared(direct, value, read) if _plain(value) else wanted(direct, value, read)


def _plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)


def _list(value: Json) -> Sequence[Mapping[str, Json]]:
    found = [part for part in (value if isinstance(value, list) else [value]) if part is not None]
    if not all(isinstance(part, Mapping) for part in found):
        raise BadQuery("and, or: lists of filters are wanted")
    return found


# How one value is compared

Test = Callable[[Json, Json], bool]


def _known(test: Test) -> Test:
    """False for a value that is not there."""
    return lambda value, against: value is not None and against is not None and test(value, against)


def _texts(test: Callable[[str, str], bool], fold: Callable[[str], str] = str) -> Test:
    return _known(lambda value, against: test(fold(str(value)), fold(str(against))))


def _not(test: Test) -> Test:
    return lambda value, against: not test(value, against)


def _ordered(test: Callable[[Any, Any], bool]) -> Test:
    def compare(value: Json, against: Json) -> bool:
        one, other = _rank(value), _rank(against)
        return type(one) is type(other) and test(one, other)

    return _known(compare)


def _rank(value: Json) -> float | str:
    """A value in its order: times as Unix seconds, numbers, else texts."""
    if isinstance(value, int | float):
        return float(value)
    text = str(value)
    if not _DATE.match(text):
        return text
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _same(value: Json, against: Json) -> bool:
    if value is None or against is None or isinstance(value, bool) or isinstance(against, bool):
        return value is against
    return type(_rank(value)) is type(_rank(against)) and _rank(value) == _rank(against)


def _among(value: Json, against: Json) -> bool:
    return any(_same(value, item) for item in (against if isinstance(against, list) else [against]))


def _unaccented(text: str) -> str:
    parts = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


COMPARATORS: Mapping[str, Test] = {
    "eq": _same,
    "neq": _not(_same),
    "in": _among,
    "nin": _not(_among),
    "lt": _ordered(lambda one, other: one < other),
    "lte": _ordered(lambda one, other: one <= other),
    "gt": _ordered(lambda one, other: one > other),
    "gte": _ordered(lambda one, other: one >= other),
    "eqIgnoreCase": _texts(str.__eq__, str.casefold),
    "neqIgnoreCase": _not(_texts(str.__eq__, str.casefold)),
    "contains": _texts(str.__contains__),
    "notContains": _not(_texts(str.__contains__)),
    "containsIgnoreCase": _texts(str.__contains__, str.casefold),
    "notContainsIgnoreCase": _not(_texts(str.__contains__, str.casefold)),
    "containsIgnoreCaseAndAccent": _texts(str.__contains__, _unaccented),
    "startsWith": _texts(str.startswith),
    "startsWithIgnoreCase": _texts(str.startswith, str.casefold),
    "notStartsWith": _not(_texts(str.startswith)),
    "endsWith": _texts(str.endswith),
    "notEndsWith": _not(_texts(str.endswith)),
}
"""Comparator -> test of a value against what is wanted. Linear's schema names them."""


def settled(filter_: Json, now: float) -> Json:
    """The filter with durations (`-P2W`: two weeks ago) as points in time. `now` is in Unix seconds."""
    match filter_:
        case Mapping():
            return {name: _moment(name, value, now) for name, value in filter_.items()}
        case list():
            return [settled(item, now) for item in filter_]
    return filter_


def is_duration(text: str) -> bool:
    """Whether a text is a duration: `P1D`, `-P2W`."""
    return _DURATION.fullmatch(text) is not None


def is_time(text: str) -> bool:
    """Whether a text is a date or a date-time."""
    try:
        return bool(_DATE.match(text)) and bool(datetime.fromisoformat(text))
    except ValueError:
        return False


def _moment(name: str, value: Json, now: float) -> Json:
    if name in COMPARATORS and isinstance(value, str) and (found := _DURATION.fullmatch(value)):
        moment = datetime.fromtimestamp(now, UTC) + _span(found)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return settled(value, now)


def _span(found: re.Match[str]) -> timedelta:
    """How long an ISO 8601 duration is; a month is 30 days, a year 365."""
    years, months, weeks, days, hours, minutes, seconds = (float(part or 0) for part in found.groups()[1:])
    days += 365 * years + 30 * months
    try:
        span = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        raise BadQuery(f"{found[0]}: the duration is too long") from None
    if span > timedelta(days=36_500):
        raise BadQuery(f"{found[0]}: the duration is too long")
    return -span if found[1] else span


_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_DURATION = re.compile(
    r"(-)?P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?"
    r"(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)
