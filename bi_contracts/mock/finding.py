"""Where the records stand in the answers of a contract that nobody declares, and what tells them apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..paths import Json
from .schemas import Schema, Schemas, types

DEEP = 4
"""Levels below which nobody hides a list of records."""

_USUAL = ("data", "results", "items", "records", "values", "entries", "nodes", "list")
_KEYS = ("id", "gid", "uuid", "uid", "key", "Id", "ID")


@dataclass(frozen=True, slots=True)
class Place:
    """Where records stand in the body of an answer.

    Attributes:
        path: The members that lead there; none where the body itself is meant.
        many: True where a list stands there, False where one record does.
    """

    path: tuple[str, ...] = ()
    many: bool = False

    @property
    def steps(self) -> tuple[str, ...]:
        """The way from an envelope to a record; `*` is any item."""
        return ("body", *self.path, *("*" * self.many))

    @property
    def pointer(self) -> str:
        """The same as a JSON Pointer of a contract's evidence."""
        return "".join(f"/{step}" for step in self.steps)

    @property
    def dotted(self) -> str:
        """The path with dots."""
        return ".".join(self.path)


def place_of_records(schemas: Schemas, id: str) -> Place:
    """The list of objects, or the object with a key, that is most likely meant; else the body itself."""
    found = [place for body in schemas.at(("body",)) for place in _places(schemas, body, ())]
    name = _plain(id.rpartition("/")[2])
    return min(found, key=lambda place: _rank(place, name), default=Place())


def key_name(schemas: Schemas, schema: Json, id: str) -> str:
    """The member that tells records apart; "" where none does."""
    name = id.rpartition("/")[2].removesuffix("s")
    for branch in schemas.branches(schemas.flat(schema)):
        known = branch.get("properties", {})
        own = [one for one in known if _plain(one) in (f"{_plain(name)}id", f"{_plain(name)}key")]
        for one in (*_KEYS, *own):
            if one in known and _may_be_key(schemas.flat(known[one])):
                return str(one)
    return ""


def _may_be_key(flat: Schema) -> bool:
    kinds = {*types(flat)} - {"null"}
    return bool(kinds) and kinds <= {"string", "integer", "number"} and not {"const", "enum"} & flat.keys()


def _places(schemas: Schemas, schema: Json, path: tuple[str, ...]) -> Iterator[Place]:
    """Lists of objects, and objects with a key; what stands inside one of those is a part of it."""
    for flat in schemas.branches(schemas.flat(schema)):
        known = flat.get("properties", {})
        if "array" in types(flat):
            items = schemas.branches(schemas.flat(flat.get("items", {})))
            if any("object" in types(one) or types(one) == [""] for one in items):
                yield Place(path, many=True)
        elif any(name in known and _may_be_key(schemas.flat(known[name])) for name in _KEYS):
            yield Place(path)
        elif len(path) < DEEP:
            for name, inner in known.items():
                yield from _places(schemas, inner, (*path, name))


def _rank(place: Place, name: str) -> tuple[int, int, int]:
    last = _plain(place.path[-1]) if place.path else ""
    usual = _USUAL.index(last) if last in _USUAL else len(_USUAL)
    expected = not last or last in (name, f"{name}s", f"{name}es") or name.removesuffix("s") == last
    return (0 if expected else 1 if last in _USUAL else 2, usual, 2 * len(place.path) + (not place.many))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
