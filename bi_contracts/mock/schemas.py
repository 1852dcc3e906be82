"""A contract's schema made plain: references followed, `allOf` joined, so that one object says all there is to say."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Any
from urllib.parse import unquote

from ..contract.contract import EVIDENCE
from ..contract.violation import Validation
from ..errors import InvalidContract
from ..paths import Json

Schema = Mapping[str, Any]

UNIONS = ("oneOf", "anyOf")
NOTHING: dict[str, Any] = {"not": {}}
"""The schema that no value keeps."""

MOST = 64
"""Variants of unions that are joined; their number is a product, and values of a few of them do."""

DEEPEST = 60
"""References that may lead on to one another before a contract is taken to lead in a circle."""


class Schemas:
    """The schemas of one contract."""

    def __init__(self, id: str, document: Schema) -> None:
        self.id = id
        bare = {name: value for name, value in document.items() if name not in (EVIDENCE, "$id")}
        self.root: dict[str, Any] = _local(json.loads(json.dumps(bare)), id)
        self._flat: dict[int, tuple[Json, dict[str, Any]]] = {}
        self._branches: dict[int, tuple[Json, list[dict[str, Any]]]] = {}
        self._checks: dict[int, tuple[Json, Callable[[Json], bool]]] = {}

    def flat(self, schema: Json) -> dict[str, Any]:
        """The schema without `$ref` and `allOf` at its top. Raises `InvalidContract` for one that leads in a circle."""
        found = self._flat.get(id(schema))
        if found is None:
            found = self._flat[id(schema)] = (schema, self._flattened(schema, 0))
        return found[1]

    def _flattened(self, schema: Json, depth: int) -> dict[str, Any]:
        if not isinstance(schema, dict):
            return NOTHING if schema is False else {}
        if "$ref" not in schema and "allOf" not in schema:
            return schema
        if depth > DEEPEST:
            raise InvalidContract(f"{self.id}: {schema.get('$ref', 'allOf')} leads in a circle; nothing can satisfy it")
        found = {name: value for name, value in schema.items() if name not in ("$ref", "allOf", "$defs")}
        if "$ref" in schema:
            found = joined(self._flattened(_resolved(self.root, schema["$ref"], self.id), depth + 1), found)
        for part in schema.get("allOf", ()):
            found = joined(found, self._flattened(part, depth + 1))
        return self._flattened(found, depth + 1)

    def branches(self, flat: dict[str, Any]) -> list[dict[str, Any]]:
        """The variants of a flat schema, each with what holds beside them; itself alone where there are none."""
        found = self._branches.get(id(flat))
        if found is None:
            found = self._branches[id(flat)] = (flat, self._split(flat))
        return found[1]

    def _split(self, flat: dict[str, Any]) -> list[dict[str, Any]]:
        word = next((one for one in UNIONS if one in flat), None)
        if word is None:
            return self._conditional(flat) if "if" in flat else [flat]
        beside = {name: value for name, value in flat.items() if name not in (word, "$defs")}
        every = [self.flat(joined(beside, self.flat(branch))) for branch in flat[word]]
        possible = [one for one in every if one != NOTHING] or [NOTHING]
        return [one for branch in possible for one in self.branches(branch)]

    def _conditional(self, flat: dict[str, Any]) -> list[dict[str, Any]]:
        """The variants of `if`: with what it asks and then what follows, or without and else what follows."""
        beside = {name: value for name, value in flat.items() if name not in ("if", "then", "else", "$defs")}
        told = [[flat["if"], flat.get("then", True)], [{"not": flat["if"]}, flat.get("else", True)]]
        every = [self.flat({"allOf": [beside, *parts]}) for parts in told]
        return [one for branch in every if branch != NOTHING for one in self.branches(branch)] or [NOTHING]

    def check(self, schema: Json) -> Callable[[Json], bool]:
        """What says whether a value satisfies a schema of this contract."""
        found = self._checks.get(id(schema))
        if found is None:
            found = self._checks[id(schema)] = (schema, _check(schema, self.root))
        return found[1]

    def complaint(self, schema: Json, value: Json) -> str:
        """Where a value breaks a schema, and by which keyword; "" where it does not."""
        error = next(iter(_validation(schema, self.root).slow.iter_errors(value)), None)
        return "" if error is None else f"/{'/'.join(map(str, error.absolute_path))} breaks `{error.validator}`"

    def at(self, path: Sequence[str]) -> tuple[dict[str, Any], ...]:
        """The schemas that may hold at a path (`*` is any item) of an answer that is no refusal."""
        found = [self.flat(self.root)]
        for step in path:
            found = [self.flat(inner) for one in found for inner in self._inside(one, step)]
        return tuple(found)

    def _inside(self, flat: dict[str, Any], step: str) -> Iterator[Json]:
        every = self.branches(flat)
        for branch in [one for one in every if not _unlikely(one)] or every:
            if step == "*" or ("items" in branch and step.isdecimal()):
                yield branch.get("items", {})
            elif step in branch.get("properties", {}):
                yield branch["properties"][step]


def joined(one: Schema, other: Schema) -> dict[str, Any]:
    """A schema that says what both say."""
    found = dict(one)
    if "const" in one and "const" in other and one["const"] != other["const"]:
        return dict(NOTHING)
    for name, value in other.items():
        if name in found and found[name] != value:
            found[name] = _JOIN.get(name, _second)(found[name], value)
        else:
            found[name] = value
    if "enum" in found and "const" in found:
        found["enum"] = [value for value in found["enum"] if value == found["const"]]
    return dict(NOTHING) if [] in (found.get("type"), found.get("enum")) else found


def types(flat: Schema) -> list[str]:
    """The JSON types that a flat schema allows, judged by its keywords where it names none."""
    named = flat.get("type")
    if isinstance(named, str):
        return [named]
    if named is not None:
        return list(named)
    return [next((kind for kind, words in _TELLING.items() if words & flat.keys()), "")]


def kind_fits(kind: str, value: Json) -> bool:
    """Whether a value is of a JSON type."""
    match value:
        case None:
            return kind == "null"
        case bool():
            return kind == "boolean"
        case int():
            return kind in ("integer", "number")
        case float():
            return kind == "number" or (kind == "integer" and value.is_integer())
        case str():
            return kind == "string"
        case Mapping():
            return kind == "object"
    return kind == "array"


def fits_pattern(pattern: str, name: str) -> bool:
    """Whether a pattern of `patternProperties` finds a name."""
    return bool(Validation({"pattern": pattern}).fast.is_valid(name))


def _check(schema: Json, root: Schema) -> Callable[[Json], bool]:
    if not isinstance(schema, Mapping):
        return lambda _: schema is not False
    fast = _validation(schema, root).fast

    def check(value: Json) -> bool:
        try:
            return bool(fast.is_valid(value))
        except (ValueError, RecursionError):
            return False

    return check


def _validation(schema: Schema, root: Schema) -> Validation:
    about = {name: root[name] for name in ("$schema", "$defs") if name in root}
    return Validation({**about, **{name: value for name, value in schema.items() if name != "$defs"}})


def _unlikely(branch: Schema) -> bool:
    """Whether a variant is that of a failure: an answer of another status than success, or one with `errors`."""
    properties = branch.get("properties", {})
    status = properties.get("status", {}) if isinstance(properties, Mapping) else {}
    told = status.get("const") if isinstance(status, Mapping) else None
    return (isinstance(told, int) and not 200 <= told < 300) or "errors" in branch.get("required", ())


def _local(document: dict[str, Any], id: str) -> dict[str, Any]:
    """The document with every reference led to `$defs`, so that a part of it can stand alone."""
    moved: dict[str, Any] = {}
    for place in list(_references(document)):
        reference = place["$ref"]
        found = _resolved(document, reference, id)
        if not reference.startswith("#/$defs/"):
            moved.setdefault(reference, dict(found) if found is document else found)
    if moved:
        names = {reference: f"at-{number}" for number, reference in enumerate(moved)}
        held = {names[reference]: found for reference, found in moved.items()}
        for found in held.values():
            found.pop("$defs", None)
        document["$defs"] = {**document.get("$defs", {}), **held}
        for place in list(_references(document)):
            place["$ref"] = f"#/$defs/{names[place['$ref']]}" if place["$ref"] in names else place["$ref"]
    return document


def _references(value: Json) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def _resolved(document: Json, reference: str, id: str) -> Json:
    if not reference.startswith("#"):
        raise InvalidContract(f"{id}: remote references are not followed: {reference}")
    found = document
    for step in unquote(reference[1:]).split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, Mapping) and step in found:
            found = found[step]
        elif isinstance(found, list) and step.isdecimal() and int(step) < len(found):
            found = found[int(step)]
        else:
            raise InvalidContract(f"{id}: {reference} refers to nothing")
    return found


def _second(_: Json, other: Json) -> Json:
    return other


def _both(one: Json, other: Json) -> Json:
    return {"allOf": [one, other]}


def _kinds(one: Json, other: Json) -> Json:
    mine, theirs = ([kinds] if isinstance(kinds, str) else list(kinds) for kinds in (one, other))
    whole = [kind for kind in ("integer",) if kind in mine + theirs and "number" in mine + theirs]
    return [kind for kind in mine if kind in theirs] + [
        kind for kind in whole if kind not in mine or kind not in theirs
    ]


def _members(one: Mapping[str, Json], other: Mapping[str, Json]) -> Json:
    return {
        name: _both(one[name], other[name]) if name in one and name in other else one.get(name, other.get(name))
        for name in (*one, *(name for name in other if name not in one))
    }


def _each(one: Sequence[Json], other: Sequence[Json]) -> Json:
    return [_both(mine, theirs) for mine, theirs in islice(product(one, other), MOST)]


_JOIN: Mapping[str, Callable[[Any, Any], Json]] = {
    "type": _kinds,
    "properties": _members,
    "patternProperties": _members,
    "required": lambda one, other: list(dict.fromkeys([*one, *other])),
    "enum": lambda one, other: [value for value in one if value in other],
    "items": _both,
    "additionalProperties": lambda one, other: False if False in (one, other) else _both(one, other),
    "minimum": max,
    "maximum": min,
    "minLength": max,
    "maxLength": min,
    "minItems": max,
    "maxItems": min,
    "not": lambda one, other: {"anyOf": [one, other]},
    "oneOf": _each,
    "anyOf": _each,
}
_TELLING: Mapping[str, frozenset[str]] = {
    "object": frozenset({"properties", "required", "additionalProperties", "patternProperties", "minProperties"}),
    "array": frozenset({"items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"}),
    "string": frozenset({"format", "pattern", "minLength", "maxLength"}),
    "number": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}),
}
