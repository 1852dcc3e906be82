"""Reading any JSON Schema into a shape, with the counts of the evidence table where it has them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Final
from urllib.parse import unquote

from ..paths import Json
from .shape import ENTRY, ITEM, ORDER, Field, Shape, Union, escape, selector, unescape

Schema = Mapping[str, Any]
Table = Mapping[str, Mapping[str, Any]]
"""Evidence by pointer: `{"seen": 12, "of": 20, "types": {"string": 12}}`."""

SHAPES: Final = 50_000
"""References can multiply a small document without end; beyond so many shapes anything may stand."""
DEPTH: Final = 100
"""Nor is a schema read deeper than this."""
MEDIA_TYPES: Final = re.compile(r"\^\(([^()]*)\)\( \*;\|\$\)")


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads one document: `root` resolves references, `table` gives counts, `trail` stops recursion."""

    root: Schema
    table: Table
    trail: frozenset[str] = frozenset()
    drawn: Iterator[int] = field(default_factory=count)

    def read(self, schema: Json, pointer: str = "") -> Shape:
        """The shape a schema describes."""
        if not isinstance(schema, Mapping) or next(self.drawn) > SHAPES or pointer.count("/") > DEPTH:
            return Shape()
        resolved = self._resolve(schema)
        if resolved is None:
            return Shape()
        reader, schema = resolved
        if isinstance(schema.get("allOf"), list):
            schema = reader._flat(schema)
        branches = schema.get("oneOf", schema.get("anyOf"))
        if isinstance(branches, list) and branches:
            return reader._choice(schema, branches, pointer)
        return reader._plain(schema, pointer)

    def _resolve(self, schema: Schema) -> tuple[Reader, Schema] | None:
        """Follow local references; None for a cycle, a remote or a dangling one."""
        reader = self
        while "$ref" in schema:
            ref = schema["$ref"]
            if not isinstance(ref, str) or ref in reader.trail or not ref.startswith("#"):
                return None
            target = _at(self.root, ref[1:])
            if not isinstance(target, Mapping):
                return None
            reader = replace(reader, trail=reader.trail | {ref})
            schema = {**{key: value for key, value in schema.items() if key != "$ref"}, **target}
        return reader, schema

    def _flat(self, schema: Schema) -> Schema:
        """`allOf` folded into one schema: properties and required keys add up."""
        merged: dict[str, Any] = {key: value for key, value in schema.items() if key != "allOf"}
        for part in schema["allOf"]:
            resolved = self._resolve(part) if isinstance(part, Mapping) else None
            if resolved is not None:
                reader, found = resolved
                merged = _both(merged, reader._flat(found) if isinstance(found.get("allOf"), list) else found)
        return merged

    def _plain(self, schema: Schema, pointer: str) -> Shape:
        evidence = self.table.get(pointer)
        types = _types(schema, evidence)
        return Shape(
            types=types,
            seen=_count(evidence, "seen"),
            format=_text(schema.get("format")),
            values=_values(schema),
            items=self._items(schema, pointer),
            fields=self._fields(schema, pointer),
            entries=self._entries(schema, pointer),
        )

    def _items(self, schema: Schema, pointer: str) -> Shape | None:
        items = schema.get("items")
        return (
            self.read(items, f"{pointer}/{ITEM}")
            if isinstance(items, Mapping) and "prefixItems" not in schema
            else None
        )

    def _entries(self, schema: Schema, pointer: str) -> Shape | None:
        entries = schema.get("additionalProperties")
        patterns = schema.get("patternProperties")
        if isinstance(entries, Mapping):
            return self.read(entries, f"{pointer}/{ENTRY}")
        if isinstance(patterns, Mapping) and len(patterns) == 1 and not schema.get("properties"):
            return self.read(next(iter(patterns.values())), f"{pointer}/{ENTRY}")
        return Shape() if patterns or (entries is True and not schema.get("properties")) else None

    def _fields(self, schema: Schema, pointer: str) -> dict[str, Field]:
        properties = schema.get("properties")
        properties = properties if isinstance(properties, Mapping) else {}
        required = [key for key in schema.get("required") or () if isinstance(key, str)]
        named = dict.fromkeys([*properties, *required])
        return {
            key: Field(self.read(properties.get(key, {}), f"{pointer}/{escape(key)}"), key in required) for key in named
        }

    def _choice(self, schema: Schema, branches: list[Json], pointer: str) -> Shape:
        rest = {key: value for key, value in schema.items() if key not in ("oneOf", "anyOf")}
        found = [(reader, _both(rest, flat)) for reader, flat in self._branches(branches)]
        if len(found) < len(branches):
            return Shape()
        objects = [(reader, _without_others(branch)) for reader, branch in found if _is_object(branch)]
        others = [reader._plain(branch, pointer) for reader, branch in found if not _is_object(branch)]
        key = _discriminator([branch for _, branch in objects], self._counted(pointer))
        if not key:
            return joined([reader._plain_or_choice(branch, pointer) for reader, branch in found])
        variants = {
            value: reader._plain_or_choice(_pinned(branch, key, value), pointer + selector(key, value))
            for reader, branch in objects
            for value in _branch_values(branch, key)
        }
        return self._union(joined(others), Union(key, variants), pointer)

    def _counted(self, pointer: str) -> str:
        """The key by which the evidence tells the variants at a path apart; "" where it has none."""
        start = f"{pointer}<"
        found = next((place for place in self.table if place.startswith(start)), "")
        return unescape(found.removeprefix(start).partition("=")[0])

    def _union(self, others: Shape, union: Union, pointer: str) -> Shape:
        evidence = self.table.get(pointer)
        types = {**others.types, "object": _type_count(evidence, "object")}
        types = {kind: types[kind] for kind in ORDER if kind in types}
        return replace(others, types=types, seen=_count(evidence, "seen"), union=union)

    def _branches(self, branches: list[Json]) -> Iterator[tuple[Reader, Schema]]:
        for branch in branches:
            found = self._resolve(branch) if isinstance(branch, Mapping) else None
            if found is not None:
                reader, schema = found
                yield reader, reader._flat(schema) if isinstance(schema.get("allOf"), list) else schema

    def _plain_or_choice(self, schema: Schema, pointer: str) -> Shape:
        nested = schema.get("oneOf", schema.get("anyOf"))
        if isinstance(nested, list) and nested:
            return self._choice(schema, nested, pointer)
        return self._plain(schema, pointer)


def joined(shapes: Iterable[Shape]) -> Shape:
    """What holds whichever of these shapes a value has: types add up, a key is required only if always required."""
    merged: Shape | None = None
    for shape in shapes:
        merged = shape if merged is None else _join(merged, shape)
    return merged if merged is not None else Shape()


def _join(one: Shape, two: Shape) -> Shape:
    if not one.types or not two.types:
        return Shape()
    types = {kind: _add(one.types, two.types, kind) for kind in ORDER if kind in one.types or kind in two.types}
    return Shape(
        types=types,
        seen=one.seen,
        format=one.format if "string" not in two.types or one.format == two.format else "",
        values=_join_values(one, two),
        items=one.items if "array" not in two.types else two.items if "array" not in one.types else None,
        fields=_join_fields(one, two),
        entries=one.entries or two.entries,
        union=one.union or two.union,
    )


def _join_values(one: Shape, two: Shape) -> tuple[Json, ...]:
    if set(two.types) <= {"null"} or set(one.types) <= {"null"}:
        return one.values or two.values
    return tuple(dict.fromkeys((*one.values, *two.values))) if one.values and two.values else ()


def _join_fields(one: Shape, two: Shape) -> dict[str, Field]:
    if "object" not in two.types:
        return dict(one.fields)
    if "object" not in one.types:
        return dict(two.fields)
    return {
        key: _join_field(one.fields.get(key), two.fields.get(key)) for key in dict.fromkeys((*one.fields, *two.fields))
    }


def _join_field(one: Field | None, two: Field | None) -> Field:
    if one is None or two is None:
        known = one or two
        return Field(known.shape if known else Shape(), required=False)
    return Field(_join(one.shape, two.shape), one.required and two.required)


def _add(one: Mapping[str, int | None], two: Mapping[str, int | None], kind: str) -> int | None:
    counts = [types[kind] for types in (one, two) if kind in types]
    known = [count for count in counts if count is not None]
    return max(known) if known else None


def _both(one: Schema, two: Schema) -> dict[str, Any]:
    """Two schemas that must both hold, as one: the later says more precisely what both speak about."""
    merged = {**one, **two}
    properties = {**_mapping(one.get("properties")), **_mapping(two.get("properties"))}
    if properties:
        merged["properties"] = properties
    required = dict.fromkeys([*(one.get("required") or ()), *(two.get("required") or ())])
    if required:
        merged["required"] = list(required)
    return merged


def _discriminator(branches: list[Schema], counted: str) -> str:
    """The key that every branch pins to a value of its own, the one `counted` by where there are several.

    It is `errors` when one branch forbids that.
    """
    if not branches:
        return ""
    if len(branches) == 2 and any(branch.get("not") == {"required": ["errors"]} for branch in branches):
        return "errors"
    shared = [key for key in _mapping(branches[0].get("properties")) if all(_branch_values(b, key) for b in branches)]
    if len(branches) == 1:  # a vocabulary in the only variant tells it from nothing
        shared = [key for key in shared if len(_branch_values(branches[0], key)) == 1]
    for key in sorted(shared, key=lambda key: key != counted):
        values = [value for branch in branches for value in _branch_values(branch, key)]
        if len(values) == len(set(values)):
            return key
    return ""


def _branch_values(branch: Schema, key: str) -> tuple[Json, ...]:
    if key == "errors" and "errors" in (branch.get("required") or ()):
        return (True,)
    if key == "errors" and branch.get("not") == {"required": ["errors"]}:
        return (False,)
    values = _values(_mapping(_mapping(branch.get("properties")).get(key)))
    return values if all(isinstance(value, (str, int, bool)) for value in values) else ()


def _pinned(branch: Schema, key: str, value: Json) -> Schema:
    """One variant of a branch that stands for several values of the key."""
    if len(_branch_values(branch, key)) == 1:
        return branch
    member = {name: said for name, said in branch["properties"][key].items() if name != "enum"} | {"const": value}
    return {**branch, "properties": {**branch["properties"], key: member}}


def _without_others(branch: Schema) -> Schema:
    """An object's schema without what only says something about arrays and strings."""
    others = ("items", "prefixItems", "format", "pattern", "enum", "const")
    return {key: value for key, value in branch.items() if key not in others}


def _is_object(schema: Schema) -> bool:
    kind = schema.get("type")
    return (
        kind == "object" or (isinstance(kind, list) and "object" in kind) or (kind is None and "properties" in schema)
    )


def _types(schema: Schema, evidence: Mapping[str, Any] | None) -> dict[str, int | None]:
    named = schema.get("type")
    names = [named] if isinstance(named, str) else list(named) if isinstance(named, list) else _implied(schema)
    if not names and evidence is not None and set(_mapping(evidence.get("types"))) == {"null"}:
        names = ["null"]
    if "number" in names and "integer" not in names and _type_count(evidence, "integer"):
        names.append("integer")
    return {kind: _type_count(evidence, kind) for kind in ORDER if kind in names}


def _implied(schema: Schema) -> list[str]:
    if "const" in schema or "enum" in schema:
        return sorted({_type_of(value) for value in schema.get("enum", [schema.get("const")])})
    return ["object"] if "properties" in schema or "required" in schema else ["array"] if "items" in schema else []


def _type_of(value: Json) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", type(None): "null"}
    return names.get(type(value), "object")


def _values(schema: Schema) -> tuple[Json, ...]:
    if "const" in schema:
        return (schema["const"],) if isinstance(schema["const"], (str, int)) else ()
    if isinstance(schema.get("enum"), list):
        values = tuple(value for value in schema["enum"] if value is not None)
        return values if all(isinstance(value, (str, int)) for value in values) else ()
    pattern = MEDIA_TYPES.fullmatch(_text(schema.get("pattern")))
    return tuple(pattern[1].replace("\\", "").split("|")) if pattern and "/" in pattern[1] else ()


def _at(document: Json, pointer: str) -> Json:
    for step in pointer.split("/")[1:]:
        key = unquote(step).replace("~1", "/").replace("~0", "~")
        if isinstance(document, Mapping) and key in document:
            document = document[key]
        elif isinstance(document, list) and key.isdigit() and int(key) < len(document):
            document = document[int(key)]
        else:
            return None
    return document


def _count(evidence: Mapping[str, Any] | None, name: str) -> int | None:
    count = (evidence or {}).get(name)
    return count if isinstance(count, int) else None


def _type_count(evidence: Mapping[str, Any] | None, kind: str) -> int | None:
    return _count(_mapping((evidence or {}).get("types")), kind) if evidence else None


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: Json) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
