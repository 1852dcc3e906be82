"""Schemas of arguments and answers, short: a client may show them to its model, and checks every answer by them.

What a model of pydantic says with references and alternatives is said without: a checker of JSON Schema written in
Python then takes half the time.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

LEFT_OUT = ("title", "examples", "$defs")


def arguments_schema(model: type[BaseModel]) -> dict[str, Any]:
    """What a tool may be asked."""
    return _schema(model.model_json_schema())


def answer_schema(model: type[BaseModel]) -> dict[str, Any]:
    """What a tool answers."""
    return _schema(model.model_json_schema(mode="serialization"))


def _schema(whole: dict[str, Any]) -> dict[str, Any]:
    short: dict[str, Any] = _short(whole, whole.get("$defs", {}))
    return short


def _short(schema: Any, named: dict[str, Any]) -> Any:
    """A schema with its references filled in, without names and without what describes a whole object."""
    if isinstance(schema, list):
        return [_short(one, named) for one in schema]
    if not isinstance(schema, dict):
        return schema
    reference = schema.get("$ref", "")
    if reference:
        return {**_short(named[reference.rpartition("/")[2]], named), **_kept(schema, named, ("$ref",))}
    kept = _kept(schema, named, ("description",) if "properties" in schema else ())
    return _one_of_types(kept)


def _kept(schema: dict[str, Any], named: dict[str, Any], without: tuple[str, ...]) -> dict[str, Any]:
    return {
        name: {key: _short(one, named) for key, one in member.items()}
        if name == "properties"
        else _short(member, named)
        for name, member in schema.items()
        if name not in LEFT_OUT and name not in without
    }


def _one_of_types(schema: dict[str, Any]) -> dict[str, Any]:
    """`{"anyOf": [{"type": "string"}, {"type": "null"}]}` as `{"type": ["string", "null"]}`: it means the same.

    A keyword that is about one type (maximum, maxLength, items, properties) says nothing of another.
    """
    options = schema.get("anyOf", [])
    types = [option.get("type") for option in options]
    if not options or not all(isinstance(one, str) for one in types) or len(set(types)) < len(types):
        return schema
    if any("enum" in option or "const" in option for option in options):
        return schema
    merged: dict[str, Any] = {}
    for option in options:
        if option.keys() & merged.keys() - {"type"}:
            return schema
        merged |= option
    return {**{name: one for name, one in schema.items() if name != "anyOf"}, **merged, "type": types} | (
        {"description": schema["description"]} if "description" in schema else {}
    )
