"""A value brought under a schema: what fits stays, what does not is borrowed from its likes, or made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..paths import Json
from ..sandbox.keys import mix, salt
from .making import TRIES, Making
from .schemas import Schema, kind_fits, types
from .texts import Make

_ABSENT: Any = object()


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a record.

    Attributes:
        index: Which record it is.
        bits: 64 bits that belong to the place.
        path: Where it is.
        pointer: Where the evidence counts it.
        likes: What stands there in records of the same kind: values to borrow.
    """

    index: int
    bits: int
    path: tuple[str, ...] = ()
    pointer: str = ""
    likes: Sequence[Json] = ()

    def member(self, name: str) -> Spot:
        """A member of the object that stands here."""
        likes = [like[name] for like in self.likes if isinstance(like, Mapping) and name in like]
        bits = mix(self.bits, salt(name))
        return Spot(self.index, bits, (*self.path, name), f"{self.pointer}/{name}", likes)

    def item(self, number: int) -> Spot:
        """An item of the list that stands here."""
        likes = [item for like in self.likes if isinstance(like, list) for item in like]
        return Spot(self.index, mix(self.bits, number + 1), (*self.path, "*"), f"{self.pointer}/*", likes)


class Fitting:
    """Changes values no more than their schema asks for. Equal values that have to change become equal ones."""

    def __init__(self, making: Making) -> None:
        self.making = making
        self.schemas = making.schemas
        self._makes: dict[tuple[str, tuple[str, ...]], Make] = {}

    def fit(self, schema: Json, value: Json, spot: Spot) -> Json:
        """The value, changed where it breaks the schema."""
        if self.schemas.check(schema)(value):
            return value
        flat = self.schemas.flat(schema)
        variants = self.schemas.branches(flat)
        if len(variants) == 1:
            return self._into(variants[0], value, spot)
        check, found = self.schemas.check(flat), value
        for variant in sorted(variants, key=lambda one: _distance(one, value)):
            found = self._into(variant, value, spot)
            if check(found):
                return found
        return found

    def _into(self, flat: Schema, value: Json, spot: Spot) -> Json:
        if "const" in flat:
            return flat["const"]
        kinds = types(flat)
        if isinstance(value, Mapping) and "object" in kinds:
            return self._members(flat, value, spot)
        if isinstance(value, list) and "array" in kinds:
            return self._items(flat, value, spot)
        return self._other(flat, value, spot)

    def _other(self, flat: Schema, value: Json, spot: Spot) -> Json:
        """Another value in the place of one that does not do."""
        check = self.schemas.check(flat)
        for like in (*spot.likes, _cast(value, types(flat))):
            if like is not _ABSENT and check(like):
                return like
        known = isinstance(value, str | int) and not isinstance(value, bool) and value != ""
        return self._made(flat, spot.index, salt(repr(value)) if known else spot.bits, spot)

    def _made(self, flat: Schema, index: int, bits: int, spot: Spot) -> Json:
        name = (repr(flat), spot.path)
        make = self._makes.get(name)
        if make is None:
            make = self._makes[name] = self.making.make(flat, spot.path, spot.pointer)
        return make(index, bits)

    def _members(self, flat: Schema, value: Mapping[str, Json], spot: Spot) -> dict[str, Json]:
        known, required = flat.get("properties", {}), list(flat.get("required", ()))
        beyond = flat.get("additionalProperties", True)
        found: dict[str, Json] = {}
        for name in dict.fromkeys((*value, *required)):
            schema = known.get(name, beyond)
            if name in value and (schema is not False or name in required):
                found[name] = self.fit(schema, value[name], spot.member(name))
            elif name not in value:
                found[name] = self._missing(schema, spot.member(name))
        return found

    def _missing(self, schema: Json, spot: Spot) -> Json:
        check = self.schemas.check(schema)
        borrowed = next((like for like in spot.likes if check(like)), _ABSENT)
        return self._made(self.schemas.flat(schema), spot.index, spot.bits, spot) if borrowed is _ABSENT else borrowed

    def _items(self, flat: Schema, value: Sequence[Json], spot: Spot) -> list[Json]:
        schema, least = flat.get("items", {}), flat.get("minItems", 0)
        kept = value[: flat.get("maxItems")]
        found = [self.fit(schema, item, spot.item(number)) for number, item in enumerate(kept)]
        for number in range(len(found), least + TRIES):
            if len(found) >= least:
                break
            found.append(self._missing(schema, spot.item(number)))
        return found


def _cast(value: Json, kinds: Sequence[str]) -> Json:
    """The same value as another type, where that says the same."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and {"integer", "number"} & {*kinds}:
        return int(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and "string" in kinds:
        return str(value)
    return int(value) if isinstance(value, float) and "integer" in kinds else _ABSENT


def _distance(variant: Schema, value: Json) -> int:
    """How far a value is from a variant: the wrong type, constants that differ, members that are missing."""
    kinds = types(variant)
    far = 0 if kinds == [""] or any(kind_fits(kind, value) for kind in kinds) else 100
    if not isinstance(value, Mapping):
        return far
    for name, schema in variant.get("properties", {}).items():
        fixed = schema["const"] if isinstance(schema, Mapping) and "const" in schema else _ABSENT
        far += 20 * (fixed is not _ABSENT and name in value and value[name] != fixed)
    far += sum(name not in value for name in variant.get("required", ()))
    refused = variant.get("not", {})
    return far + 50 * (isinstance(refused, Mapping) and any(name in value for name in refused.get("required", ())))
