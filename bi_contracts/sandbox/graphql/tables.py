"""Which list holds the objects of a type, and which of its rows have to do with an object of another."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...paths import Json, dig
from ...platform import Endpoint, Platform
from ..collection import Collection
from ..rows import FOREVER, Rows
from ..selecting import KEPT
from ..world import World
from .derived import root
from .schemas import Field

Schema = Mapping[str, Mapping[str, Field]]
Known = dict[int, tuple[str, ...]]
"""Position of a row -> the keys that it refers to."""

ALL = "*"
"""Stands for a relation in which every row has to do with every object."""


@dataclass(slots=True)
class Tables:
    """The lists of a platform as the tables behind its schema.

    Attributes:
        fields: Object type -> field -> what is known of it.
        stated: `Type.field` -> the field of the rows that refers back, `*` for every row; where it cannot be told.
        aliases: Type -> the type whose rows it shows.
    """

    platform: Platform
    world: World
    fields: Schema
    stated: Mapping[str, str]
    aliases: Mapping[str, str]
    lists: dict[str, Endpoint] = field(default_factory=dict)
    items: dict[str, Endpoint] = field(default_factory=dict)
    identities: dict[str, Endpoint] = field(default_factory=dict)
    roots: dict[str, Endpoint] = field(default_factory=dict)
    indexes: dict[tuple[str, str], dict[str, array[int]]] = field(default_factory=dict)
    known: dict[tuple[str, str], Known] = field(default_factory=dict)
    version: int = -1

    def __post_init__(self) -> None:
        for endpoint in self.platform.endpoints:
            name = root(endpoint)
            found = self.fields.get("Mutation" if endpoint.kind == "write" else "Query", {}).get(name)
            if found is None:
                continue
            self.roots.setdefault(name, endpoint)
            if endpoint.kind == "list":
                self.lists.setdefault(found.node or found.type, endpoint)
            elif endpoint.kind == "item":
                self.items.setdefault(found.type, endpoint)
            elif endpoint.kind == "identity":
                self.identities.setdefault(found.type, endpoint)

    def type_of(self, endpoint: Endpoint) -> str:
        """The type of an endpoint's records, "" where the schema has no such field."""
        if endpoint.kind == "write":
            return ""
        found = self.fields.get("Query", {}).get(root(endpoint))
        return "" if found is None else found.node or found.type

    def endpoint(self, type_: str) -> Endpoint | None:
        """The list of a type's objects."""
        return self.lists.get(self.aliases.get(type_, type_))

    def home(self, type_: str) -> Collection | None:
        """The rows of a type's objects."""
        endpoint = self.endpoint(type_)
        return None if endpoint is None else self.world.collection(self.platform, endpoint)

    def back(self, parent: str, found: Field) -> str:
        """The field of a connection's rows that refers back to the object that has the connection, "" for none."""
        parent = self.aliases.get(parent, parent)
        stated = self.stated.get(f"{parent}.{found.name}")
        if stated is not None:
            return stated
        fields = self.fields.get(found.node, {})
        single = [name for name, item in fields.items() if item.form == "object" and item.type == parent]
        several = [name for name, item in fields.items() if item.form == "connection" and item.node == parent]
        own = parent[:1].lower() + parent[1:]
        if own in single:
            return own
        return next(iter([*single, *several] if len(single) < 2 else []), "")

    def rows(self, home: Collection, path: str, key: str, until: float) -> Rows:
        """The rows whose field refers to the object with that key; newest first where the list is so."""
        if path == ALL:
            found: Sequence[int] = home.everything(until).positions
        elif until != FOREVER:
            found = self._index(home, path, until).get(key, ())
        else:
            found = self._indexed(home, path).get(key, ())
        return Rows(home, found[::-1] if home.endpoint.newest_first else found, until)

    def _indexed(self, home: Collection, path: str) -> Mapping[str, Sequence[int]]:
        if self.version != self.world.version:
            self.indexes.clear()
            self.version = self.world.version
        name = (home.endpoint.name, path)
        if name not in self.indexes:
            self.indexes[name] = self._index(home, path, FOREVER)
        return self.indexes[name]

    def _index(self, home: Collection, path: str, until: float) -> dict[str, array[int]]:
        """Key of what rows refer to -> their positions."""
        known = self.known.setdefault((home.endpoint.name, path), {})
        found: dict[str, array[int]] = {}
        for position in home.everything(until).positions:
            for key in _referred(home, position, path, until, known):
                found.setdefault(key, array("q")).append(position)
        return found


def _referred(home: Collection, position: int, path: str, until: float, known: Known) -> Iterable[str]:
    """The keys of what one row refers to; known once where nobody wrote the row."""
    if home.exact is not None or home.touched(position):
        return keys(home.row(position, until), path)
    found = known.get(position)
    if found is None:
        found = tuple(keys(home.members(position, frozenset((path,))), path))
        if home.count <= KEPT:
            known[position] = found
    return found


def keys(row: Json, path: str) -> Iterator[str]:
    """The keys of the objects that a field of a row refers to."""
    value = row.get(path) if isinstance(row, Mapping) else None
    if isinstance(value, Mapping) and isinstance(value.get("nodes"), list):
        yield from _keys(value["nodes"])
    elif isinstance(value, list):
        yield from _keys(value)
    else:
        yield from _keys([value])


def _keys(values: Iterable[Json]) -> Iterator[str]:
    for value in values:
        key = dig(value, "id") if isinstance(value, Mapping) else None
        if isinstance(key, str):
            yield key
