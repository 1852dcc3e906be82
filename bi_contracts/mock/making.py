"""Values from schemas alone: compiled when first needed, into closures that take an index and 64 bits."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..contract.evidence import Evidence
from ..errors import InvalidContract
from ..paths import Json
from ..sandbox import words
from ..sandbox.keys import mix, salt
from .schemas import Schema, Schemas, fits_pattern, types
from .texts import Make, Values

DEEP = 5
"""Levels below which optional members are left out and lists stay empty: schemas may refer to themselves."""

BOTTOM = 40
"""Levels below which a schema is taken to ask for a value without end."""

TRIES = 24
"""Values that are tried before a schema is said to be one that none can be made for."""

SHARE = 0.5
"""How often an optional member is there that no evidence speaks of."""

NULLS = 0.1
"""How often a value is null that may be, and of which no evidence speaks."""

LONGEST = 10_000
"""Items of a list, or members of a map, beyond which no value is made."""

HARD = frozenset({"not", "if", "contains", "dependentSchemas", "propertyNames", "unevaluatedProperties"})
HARD |= {"unevaluatedItems", "maxProperties", "$dynamicRef"}
"""Keywords that are not read but tried: values are made until one satisfies them."""

_WHOLE = 1 << 64
_FALLBACK = ("object", "array", "number", "string", "boolean", "null")


class Making:
    """Compiles the schemas of one contract into makers of values.

    Args:
        schemas: The contract's schemas.
        evidence: How often its members were seen.
        values: Makers of single values.
        key: Where in a record stands what tells it from others; nowhere where nothing does.
    """

    def __init__(self, schemas: Schemas, evidence: Evidence, values: Values, key: tuple[str, ...] = ()) -> None:
        self.schemas = schemas
        self.counts = _successes(evidence.counts)
        self.values = values
        self.key = key

    def lazy(self, schema: Json, path: tuple[str, ...], pointer: str = "") -> Make:
        """As `make`, compiled at the first call: schemas may refer to themselves."""
        made: list[Make] = []

        def make(index: int, bits: int) -> Json:
            if not made:
                made.append(self.make(schema, path, pointer))
            return made[0](index, bits)

        return make

    def make(self, schema: Json, path: tuple[str, ...], pointer: str = "") -> Make:
        """A maker for a schema at a path in a record. Raises `InvalidContract` where nothing can satisfy it."""
        if len(path) > BOTTOM:
            raise InvalidContract(f"{self._where(path[:6])}: asks for a value inside itself without end")
        flat = self.schemas.flat(schema)
        if "const" in flat:
            return _always(flat["const"])
        if "enum" in flat:
            return self._one_of(flat, path)
        variants = self.schemas.branches(flat)
        if len(variants) > 1 or any(word in flat for word in ("oneOf", "anyOf")):
            return self._variants(flat, variants, path, pointer)
        return self._checked(flat, self._plain(flat, path, pointer), path)

    def _plain(self, flat: Schema, path: tuple[str, ...], pointer: str) -> Make:
        kinds = types(flat)
        if path and _MORE.search(path[-1]) and {"null", "boolean"} & {*kinds}:
            return _always(None if "null" in kinds else False)
        named = [kind for kind in kinds if kind != "null"]
        if kinds == [""]:
            return self._anything(path, pointer) if not HARD & flat.keys() else self._everything(path, pointer)
        made = [self._of_type(kind, flat, path, pointer) for kind in named]
        if "null" not in kinds:
            return made[0] if len(made) == 1 else _either(made, salt("type", *path))
        if not made:
            return _always(None)
        share = self._nulls(pointer)
        some = made[0] if len(made) == 1 else _either(made, salt("type", *path))
        return _sometimes(some, share, salt("null", *path))

    def _of_type(self, kind: str, flat: Schema, path: tuple[str, ...], pointer: str) -> Make:
        match kind:
            case "object":
                return self._object(flat, path, pointer)
            case "array":
                return self._array(flat, path, pointer)
            case "boolean":
                mark = salt("flag", *path)
                return lambda _, bits: mix(bits, mark) % 3 > 0
            case "integer" | "number" | "string":
                return self._scalar(kind, flat, path)
        return _always(None)

    def _scalar(self, kind: str, flat: Schema, path: tuple[str, ...]) -> Make:
        name, where = path[-1] if path else "", self._where(path)
        if self.key and path == self.key:
            return self.values.key(flat, name, where)
        if kind == "string":
            return self.values.text(flat, path, where)
        return self.values.number(flat, name, kind == "integer")

    # Objects

    def _object(self, flat: Schema, path: tuple[str, ...], pointer: str) -> Make:
        required, forbidden = _required(flat), _forbidden(flat) | (flat.get("dependentRequired", {}).keys())
        forbidden -= required
        members = []
        spare = flat.get("maxProperties", LONGEST) - len(required)
        for name, schema in self._properties({**flat, "required": sorted(required)}).items():
            share = 1.0 if name in required else self.share(f"{pointer}/{_escaped(name)}", len(path))
            spare -= name not in required and name not in forbidden
            if spare < 0 and name not in required:
                continue
            if share > 0 and name not in forbidden and (schema is not False or name in required):
                made = self.lazy(schema, (*path, name), f"{pointer}/{_escaped(name)}")
                members.append((name, made, int(share * _WHOLE), salt(*path, name)))
        entries = self._entries(flat, path, pointer)
        return _bundle(members, entries)

    def _properties(self, flat: Schema) -> dict[str, Json]:
        """The members by name, those among them that are only required."""
        known = dict(flat.get("properties", {}))
        other = flat.get("additionalProperties", {})
        for name in flat.get("required", ()):
            if name not in known:
                known[name] = _patterned(flat, name, {} if other is True else other)
        return known

    def share(self, pointer: str, depth: int) -> float:
        """How often a member is there: as often as it was seen, where anybody counted."""
        if depth >= DEEP:
            return 0.0
        seen = self.counts.get(pointer)
        if seen is not None and seen.get("of"):
            return min(1.0, float(seen.get("seen", 0)) / float(seen["of"]))
        return SHARE if depth < 2 else SHARE / 2

    def _nulls(self, pointer: str) -> float:
        entry = self.counts.get(pointer, {})
        kinds: Mapping[str, int] = entry.get("types", {})
        every = sum(kinds.values())
        return kinds.get("null", 0) / every if every else NULLS

    def _entries(
        self, flat: Schema, path: tuple[str, ...], pointer: str
    ) -> Callable[[int, int], dict[str, Json]] | None:
        """Members whose names nobody fixed: an object that is a map."""
        other, least = flat.get("additionalProperties"), flat.get("minProperties", 0)
        known = len(flat.get("properties", {}))
        if least > LONGEST:
            raise InvalidContract(f"{self._where(path)}: asks for {least} members; {LONGEST} is the most that is made")
        if not (isinstance(other, Mapping) and not known and len(path) < DEEP + 3) and least <= known:
            return None
        make = self.lazy(other if isinstance(other, Mapping) else {}, (*path, "entry"), f"{pointer}/{{*}}")

        def entries(index: int, bits: int) -> dict[str, Json]:
            names = [_thing(bits, number) for number in range(max(least, 1 + bits % 3))]
            return {name: make(index, mix(bits, salt(name))) for name in names}

        return entries

    # Lists

    def _array(self, flat: Schema, path: tuple[str, ...], pointer: str) -> Make:
        first = [self.lazy(one, (*path, str(place)), pointer) for place, one in enumerate(flat.get("prefixItems", ()))]
        least = flat.get("minItems", 1 if "contains" in flat else 0)
        most = flat.get("maxItems", max(least, 3))
        if least > LONGEST:
            raise InvalidContract(f"{self._where(path)}: asks for {least} items; {LONGEST} is the most that is made")
        if flat.get("items") is False:
            most = min(most, len(first))
        if len(path) >= DEEP:
            most = least
        item = self.lazy(flat.get("contains", flat.get("items", {})), (*path, "*"), f"{pointer}/*")
        mark = salt("items", *path)
        unique = bool(flat.get("uniqueItems"))

        def make(index: int, bits: int) -> list[Json]:
            length = max(least, len(first) and min(len(first), most)) + mix(bits, mark) % (max(0, most - least) + 1)
            length = min(length, most)
            made = [one(index, mix(bits, place + 1)) for place, one in enumerate(first[:length])]
            draws = 0
            while len(made) < length and draws < length + TRIES:
                draws += 1
                value = item(index, mix(bits, len(first) + draws))
                if not unique or value not in made:
                    made.append(value)
            return made

        return make

    # Variants and what is hard to read

    def _variants(self, flat: Schema, variants: Sequence[dict[str, Any]], path: tuple[str, ...], pointer: str) -> Make:
        if len(path) >= DEEP:
            variants = sorted(variants, key=lambda one: (types(one) != ["null"], '"$ref"' in json.dumps(one)))[:1]
        makes = [self.lazy(one, path, pointer) for one in variants]
        check, mark = self.schemas.check(flat), salt("variant", *path)

        def make(index: int, bits: int) -> Json:
            start = mix(bits, mark)
            for attempt in range(len(makes) + TRIES):
                value = makes[(start + attempt) % len(makes)](index, mix(bits, attempt) if attempt else bits)
                if check(value):
                    return value
            raise InvalidContract(f"{self._where(path)}: no value could be made that fits one of the variants")

        return make

    def _one_of(self, flat: Schema, path: tuple[str, ...]) -> Make:
        bare = {name: value for name, value in flat.items() if name != "enum"}
        check = self.schemas.check(bare)
        fitting = [value for value in flat["enum"] if check(value)]
        if not fitting:
            raise InvalidContract(f"{self._where(path)}: none of the values in `enum` is allowed")
        mark = salt("enum", *path)
        return lambda _, bits: fitting[mix(bits, mark) % len(fitting)]

    def _checked(self, flat: Schema, make: Make, path: tuple[str, ...]) -> Make:
        """The maker, trying again where the schema holds what it does not read."""
        if not HARD & flat.keys() or (set(HARD & flat.keys()) == {"not"} and _forbidden(flat)):
            return make
        check = self.schemas.check(flat)

        def checked(index: int, bits: int) -> Json:
            for attempt in range(TRIES):
                value = make(index, mix(bits, attempt) if attempt else bits)
                if check(value):
                    return value
            words_ = ", ".join(sorted(HARD & flat.keys()))
            raise InvalidContract(f"{self._where(path)}: no value could be made that satisfies {words_}")

        return checked

    def _anything(self, path: tuple[str, ...], pointer: str) -> Make:
        """A value of a schema that says nothing: of the type that was seen."""
        seen: Mapping[str, int] = self.counts.get(pointer, {}).get("types", {})
        kind = max(seen, key=lambda one: (seen[one], one)) if seen else "string"
        return self._of_type(kind if kind in _FALLBACK else "string", {}, path, pointer)

    def _everything(self, path: tuple[str, ...], pointer: str) -> Make:
        """Values of every type in turn, that which was seen first: some of them will do."""
        kinds = [kind for kind in _FALLBACK if kind not in ("object", "array") or len(path) < DEEP]
        others = _either([self._of_type(kind, {}, path, pointer) for kind in kinds], salt("any", *path))
        return _either([self._anything(path, pointer), others], salt("every", *path))

    def _where(self, path: Sequence[str]) -> str:
        return f"{self.schemas.id}: at {'/'.join(path) or 'the record'}"


def _successes(counts: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The evidence by pointers without the marks of variants, that of refusals left out."""
    found: dict[str, dict[str, Any]] = {}
    for pointer, entry in counts.items():
        if not _REFUSED.search(pointer):
            bare = found.setdefault(_VARIANT.sub("", pointer), {"seen": 0, "of": 0, "types": {}})
            bare["seen"] += entry.get("seen", 0)
            bare["of"] += entry.get("of", 0)
            for kind, seen in entry.get("types", {}).items():
                bare["types"][kind] = bare["types"].get(kind, 0) + seen
    return found


_REFUSED = re.compile(r"<(status=[345]|errors=true|ok=false)")
_MORE = re.compile(r"^(next|has_?(more|next))|cursor$", re.IGNORECASE)
"""Members that say that there are more pages: of what was made, there are none."""

_VARIANT = re.compile(r"<[^>]*>")


def _always(value: Json) -> Make:
    return lambda *_: value


def _either(made: Sequence[Make], mark: int) -> Make:
    return lambda index, bits: made[mix(bits, mark) % len(made)](index, bits)


def _sometimes(made: Make, nulls: float, mark: int) -> Make:
    edge = int(nulls * _WHOLE)
    return lambda index, bits: None if mix(bits, mark) < edge else made(index, bits)


def _bundle(
    members: Sequence[tuple[str, Make, int, int]], entries: Callable[[int, int], dict[str, Json]] | None
) -> Make:
    def make(index: int, bits: int) -> dict[str, Json]:
        found = entries(index, bits) if entries is not None else {}
        for name, made, share, mark in members:
            own = mix(bits, mark)
            if share >= _WHOLE or mix(own, mark) < share:
                found[name] = made(index, own)
        return found

    return make


def _thing(bits: int, number: int) -> str:
    """The name of an entry of a map, no two the same."""
    turn, place = divmod(number, len(words.THINGS))
    name = words.THINGS[(bits + place) % len(words.THINGS)]
    return f"{name} {turn + 1}" if turn else name


def _required(flat: Schema) -> set[str]:
    """The members that must be there, those that they bring with them included."""
    found, told = set(flat.get("required", ())), flat.get("dependentRequired", {})
    while more := {name for one in found for name in told.get(one, ())} - found:
        found |= more
    return found


def _forbidden(flat: Schema) -> set[str]:
    """Members that `not: {required: [...]}` forbids, as the answers of GraphQL say it."""
    refused = flat.get("not")
    if isinstance(refused, Mapping) and refused.keys() == {"required"} and len(refused["required"]) == 1:
        return set(refused["required"])
    return set()


def _patterned(flat: Schema, name: str, other: Json) -> Json:
    found = [schema for pattern, schema in flat.get("patternProperties", {}).items() if fits_pattern(pattern, name)]
    return {"allOf": found} if found else other


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
