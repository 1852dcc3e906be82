"""Frozen values as JSON and back, checked against their own types on the way in."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

Value = TypeVar("Value")

EARLIEST, LATEST = -6e10, 2.5e11
"""No number is less or more: as Unix seconds, every one of them has a place in the calendar."""


class Unreadable(ValueError):
    """What was read is not of the type it is to be."""


def encoded(value: Any) -> Any:
    """The value as JSON can carry it. A named tuple becomes a list, a dataclass an object."""
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: encoded(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): encoded(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [encoded(each) for each in value]
    return str(value) if isinstance(value, StrEnum) else value


def decoded(kind: type[Value], value: Any, where: str = "") -> Value:
    """The value of that type. Raises `Unreadable` naming the place, never the value."""
    found: Value = _decoded(kind, value, where)
    return found


def _decoded(kind: Any, value: Any, where: str) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any:
        return value
    if origin in (Union, types.UnionType):
        return None if value is None else _decoded(next(one for one in inner if one is not type(None)), value, where)
    if origin is Literal:
        return _checked(value in inner, value, where)
    if origin is tuple:
        items = _checked(isinstance(value, list), value, where)
        return tuple(_decoded(inner[0], each, f"{where}[{at}]") for at, each in enumerate(items))
    if origin is not None and issubclass(origin, Mapping):
        rows = _checked(isinstance(value, dict), value, where)
        return {name: _decoded(inner[1], each, f"{where}.{name}") for name, each in rows.items()}
    if is_dataclass(kind):
        return _object(kind, value, where)
    return _leaf(kind, value, where)


def _object(kind: Any, value: Any, where: str) -> Any:
    hints = _hints(kind)
    rows = _checked(isinstance(value, dict) and set(value) <= set(hints), value, where)
    try:
        return kind(**{name: _decoded(hints[name], each, f"{where}.{name}".lstrip(".")) for name, each in rows.items()})
    except TypeError:
        raise Unreadable(f"something is missing at {where or 'its root'}") from None


def _leaf(kind: Any, value: Any, where: str) -> Any:
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(_checked(value in [each.value for each in kind], value, where))
    if isinstance(kind, type) and issubclass(kind, tuple):
        whole = isinstance(value, list) and len(value) == len(_hints(kind))
        return kind(*_checked(whole and all(_count(each) for each in value), value, where))
    if kind is float:
        number = not isinstance(value, bool) and isinstance(value, int | float)
        return float(_checked(number and EARLIEST <= value <= LATEST, value, where))
    fine = type(value) is kind and (kind is not int or EARLIEST <= value <= LATEST)
    return _checked(fine, value, where)


def _count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= LATEST


def _checked(fine: bool, value: Any, where: str) -> Any:
    if not fine:
        raise Unreadable(f"not what it should be at {where or 'its root'}")
    return value


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)
