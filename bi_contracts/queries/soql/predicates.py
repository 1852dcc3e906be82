"""The conditions of a SOQL statement as predicates over rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

from ...paths import Json
from ..operators import comparable
from ..predicate import EVERYTHING, All, Any, BadQuery, Condition, Not, Order, Predicate, Query
from .tree import And, Comparison, Field, Function, Moment, Negation, Or, Period, Select, Test, Value

Inner = Callable[[Select], Sequence[Json]]
"""The values that a statement in parentheses selects."""

_OPERATORS = {"=": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge", "like": "like"}


def query(select: Select) -> Query:
    """The rows of its own object that a statement wants, in order. Raises `BadQuery` for a semi-join."""
    where = EVERYTHING if select.where is None else predicate(select.where, time.time())
    return Query(where, tuple(Order(str(by.operand), by.descending) for by in select.order))


def predicate(test: Test, now: float, inner: Inner | None = None) -> Predicate:
    """A condition as a predicate whose paths are the operands as they are written.

    Args:
        test: The condition.
        now: What time it is, in Unix seconds, for `TODAY` and its like.
        inner: Reads a statement in parentheses; without it such a condition raises `BadQuery`.
    """
    match test:
        case And(parts):
            return All(tuple(predicate(part, now, inner) for part in parts))
        case Or(parts):
            return Any(tuple(predicate(part, now, inner) for part in parts))
        case Negation(part):
            return Not(predicate(part, now, inner))
        case Comparison(operand, operator, value):
            return _compared(operand, operator, value, now, inner)


def _compared(
    operand: Field | Function,
    operator: str,
    value: Value | tuple[Value, ...] | Select,
    now: float,
    inner: Inner | None,
) -> Predicate:
    path = str(operand)
    if isinstance(value, Select):
        if inner is None:
            raise BadQuery("a semi-join cannot be read without the rows of the other object", "MALFORMED_QUERY")
        return Condition(path, operator.replace(" ", "_"), frozenset(map(comparable, inner(value))))
    if not isinstance(value, tuple):
        return _single(path, operator, value, now)
    if operator in ("includes", "excludes"):
        found: Predicate = Any(tuple(_included(path, choice) for choice in value))
        return Not(found) if operator == "excludes" else found
    some: Predicate = Any(tuple(_single(path, "=", choice, now) for choice in value))
    return Not(some) if operator == "not in" else some


def _included(path: str, choice: Value) -> Predicate:
    """`'a;b'` is both of them."""
    return All(tuple(Condition(path, "includes", part) for part in str(choice).split(";")))


def _single(path: str, operator: str, value: Value, now: float) -> Predicate:
    if isinstance(value, Moment):
        return Condition(path, _OPERATORS[operator], _moment(value))
    if not isinstance(value, Period):
        return Condition(path, _OPERATORS[operator], value)
    start, stop = period(value, now)
    since, before = Condition(path, "ge", start), Condition(path, "lt", stop)
    within = All((since, before))
    said: dict[str, Predicate] = {
        "=": within,
        "!=": Not(within),
        "<": Condition(path, "lt", start),
        "<=": before,
        ">": Condition(path, "ge", stop),
        ">=": since,
    }
    return said[operator]


def _moment(value: Moment) -> str:
    """The moment in a form that compares. Raises `BadQuery` for one that is in no calendar."""
    text = value.text.upper()
    try:
        found = datetime.fromisoformat(text)
        (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise BadQuery(f"Invalid date: {value.text}", "MALFORMED_QUERY") from None
    return found.isoformat() if found.tzinfo else text


def period(literal: Period, now: float) -> tuple[str, str]:
    """When a period starts and when the next one does, as date-times. A week starts on Sunday, a year in January."""
    today = datetime.fromtimestamp(now, UTC).date()
    try:
        start, stop = _span(literal.name.replace("FISCAL_", ""), literal.count, today)
    except (OverflowError, ValueError):
        raise BadQuery(f"Invalid date literal: {literal.name}:{literal.count}", "MALFORMED_QUERY") from None
    return f"{start.isoformat()}T00:00:00+00:00", f"{stop.isoformat()}T00:00:00+00:00"


def _span(name: str, count: int, today: date) -> tuple[date, date]:
    if name in _DAYS:
        return _shifted("DAY", today, _DAYS[name]), _shifted("DAY", today, _DAYS[name] + 1)
    if name.endswith("_90_DAYS"):
        name, count = name.replace("_90_", "_N_"), 90
    unit = next(unit for unit in ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR") if unit in name)
    start = _begun(unit, today)
    if name.endswith("_AGO"):
        return _shifted(unit, start, -count), _shifted(unit, start, 1 - count)
    if name.startswith("LAST_N"):
        return _shifted(unit, start, -count), _shifted(unit, start, int(unit == "DAY"))
    if name.startswith("NEXT_N"):
        return _shifted(unit, start, 1), _shifted(unit, start, count + 1)
    by = {"LAST": -1, "THIS": 0, "NEXT": 1}[name[:4]]
    return _shifted(unit, start, by), _shifted(unit, start, by + 1)


_DAYS = {"YESTERDAY": -1, "TODAY": 0, "TOMORROW": 1}


def _begun(unit: str, day: date) -> date:
    match unit:
        case "WEEK":
            return day - timedelta(days=(day.weekday() + 1) % 7)
        case "MONTH":
            return day.replace(day=1)
        case "QUARTER":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "YEAR":
            return day.replace(month=1, day=1)
    return day


def _shifted(unit: str, day: date, by: int) -> date:
    if unit in ("DAY", "WEEK"):
        return day + timedelta(days=by * (7 if unit == "WEEK" else 1))
    months = day.year * 12 + day.month - 1 + by * {"MONTH": 1, "QUARTER": 3, "YEAR": 12}[unit]
    return day.replace(year=months // 12, month=months % 12 + 1)
