"""Shapes as JSON Schema 2020-12, and back.

Writing is canonical: the same shape gives the same bytes. Reading takes any schema a person may have written;
what it cannot understand is read as "anything", so that drift never claims what the contract does not say.
"""

from __future__ import annotations

import re
from typing import Any

from ..paths import Json
from .shape import Shape, Union, ordered

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def to_schema(shape: Shape) -> dict[str, Any]:
    """The JSON Schema that says what `shape` says. Objects stay open: an added property is no violation."""
    known = ordered(shape.types)
    if known in ([], ["null"]):
        return {}
    schema: dict[str, Any] = {"type": known[0] if len(known) == 1 else known}
    if shape.format:
        schema["format"] = shape.format
    schema |= _values(shape)
    if shape.items is not None:
        schema["items"] = to_schema(shape.items)
    if shape.entries is not None:
        schema["additionalProperties"] = to_schema(shape.entries)
    if shape.union is not None:
        branches = _branches(shape.union, [kind for kind in known if kind != "object"])
        return schema | {"oneOf" if _is_told(shape.union) else "anyOf": branches}
    return schema | _members(shape)


def _values(shape: Shape) -> dict[str, Any]:
    if not shape.values:
        return {}
    if "/" in str(shape.values[0]):
        return {"pattern": f"^({'|'.join(re.escape(str(value)) for value in shape.values)})( *;|$)"}
    values = [*shape.values, *([None] if "null" in shape.types else [])]
    return {"const": values[0]} if len(values) == 1 else {"enum": values}


def _members(shape: Shape) -> dict[str, Any]:
    if not shape.fields:
        return {}
    required = sorted(key for key, member in shape.fields.items() if member.required)
    properties = {key: to_schema(member.shape) for key, member in sorted(shape.fields.items())}
    return {"properties": properties} | ({"required": required} if required else {})


def _is_told(union: Union) -> bool:
    """Whether the key is there in every variant; without it an object may be of any."""
    return union.key == "errors" or all(
        variant.union is not None or (union.key in variant.fields and variant.fields[union.key].required)
        for variant in union.variants.values()
    )


def _branches(union: Union, others: list[str]) -> list[dict[str, Any]]:
    variants = sorted(union.variants.items(), key=lambda item: (str(type(item[0])), item[0]))
    branches = [_branch(union.key, value, shape) for value, shape in variants]
    return [*branches, {"type": others[0] if len(others) == 1 else others}] if others else branches


def _branch(key: str, value: Json, shape: Shape) -> dict[str, Any]:
    schema = to_schema(shape)
    if key == "errors" and value is False:
        return schema | {"not": {"required": ["errors"]}}
    if shape.union is None:
        return schema
    pinned = {} if key == "errors" else {"properties": {key: {"const": value}}}
    return {"type": schema["type"]} | pinned | {"required": [key]} | {"oneOf": schema["oneOf"]}
