"""Plausible values for what a schema promises and no made-up data says."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

from ...paths import Json
from ..keys import salt
from .nodes import Node

if TYPE_CHECKING:
    from .schemas import Field

Default = Callable[[Node], Json]
LONG_AGO = "2026-01-05T08:00:00.000Z"


def default(field: Field) -> Default:
    """What a field that must not be null is, of an object that does not say."""
    if field.many:
        return lambda _: []
    if field.choices:
        first = field.choices[0]
        return lambda _: first
    if field.name == "url":
        return lambda node: f"https://linear.example/{node.type.lower()}/{identifier(node, 'id')}"
    if field.name == "color":
        return lambda _: "#5e6ad2"
    made = _DEFAULTS.get(field.type)
    if made is not None:
        return made
    name = field.name
    return (lambda node: identifier(node, name)) if field.type in ("ID", "UUID") or name == "id" else (lambda _: "")


def identifier(node: Node, name: str) -> str:
    """An identifier that is always the same for the same object."""
    own = node.values.get(name)
    if isinstance(own, str):
        return own
    parts = (node.type, node.position, sorted(map(str, node.values.items())), name)
    number = salt("a", *parts) << 64 | salt("b", *parts)
    return str(uuid.UUID(int=number, version=4))


def _time(node: Node) -> Json:
    return node.values.get("createdAt") or LONG_AGO


_DEFAULTS: dict[str, Default] = {
    "Int": lambda _: 0,
    "Float": lambda _: 0,
    "Boolean": lambda _: False,
    "DateTime": _time,
    "TimelessDate": lambda node: str(_time(node))[:10],
    "JSON": lambda _: {},
    "JSONObject": lambda _: {},
}
