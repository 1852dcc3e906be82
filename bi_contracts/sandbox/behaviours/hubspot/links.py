"""Associations: which objects have to do with which, as the one world says and as clients add to it."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable

from ....paths import Json
from ....platform import Platform
from ...collection import Collection
from ...entities import CONTACTS
from ...world import World
from .types import ObjectType

TYPE_IDS = {
    ("contacts", "companies"): 279,
    ("companies", "contacts"): 280,
    ("deals", "contacts"): 3,
    ("contacts", "deals"): 4,
    ("deals", "companies"): 341,
    ("companies", "deals"): 342,
    ("contacts", "tickets"): 15,
    ("tickets", "contacts"): 16,
    ("tickets", "companies"): 339,
    ("companies", "tickets"): 340,
    ("tasks", "contacts"): 204,
    ("contacts", "tasks"): 203,
    ("tasks", "companies"): 192,
    ("companies", "tasks"): 191,
    ("tasks", "deals"): 216,
    ("deals", "tasks"): 215,
    ("notes", "contacts"): 202,
    ("contacts", "notes"): 201,
    ("notes", "companies"): 190,
    ("companies", "notes"): 189,
    ("notes", "deals"): 214,
    ("deals", "notes"): 213,
}
"""HubSpot's own ids of the associations without a label (docs, "Associations", association type ids)."""

_TO_ONE = {
    ("contacts", "companies"): "company",
    ("deals", "companies"): "company",
    ("tickets", "companies"): "company",
    ("tickets", "contacts"): "person",
    ("tasks", "companies"): "company",
    ("tasks", "contacts"): "person",
    ("notes", "companies"): "company",
    ("notes", "contacts"): "person",
    ("notes", "deals"): "deal",
}
"""What the one world says outright; the other direction follows."""

Key = tuple[str, str]
"""Object type and id."""


class Links:
    """Who has to do with whom."""

    def __init__(self, platform: Platform, world: World) -> None:
        self.platform = platform
        self.world = world
        self.added: dict[Key, list[Key]] = defaultdict(list)
        self._backwards: dict[tuple[str, str], tuple[array[int], array[int]]] = {}

    def ids(self, one: ObjectType, position: int, other: ObjectType) -> list[str]:
        """The ids of the objects of another type that an object has to do with, each once."""
        home, there = self.home(one), self.home(other)
        places = self._places(one, position, other) if home.exact is None and there.exact is None else ()
        made = [str(there.key(place)) for place in places if 0 <= place < there.count and place not in there.gone]
        said = [key for name, key in self.added.get((one.name, str(home.key(position))), ()) if name == other.name]
        return list(dict.fromkeys([*made, *(key for key in said if there.position(key) is not None)]))

    def home(self, one: ObjectType) -> Collection:
        """The list of all objects of a type."""
        return self.world.collection(self.platform, self.platform.endpoint(one.name))

    def ids_towards(self, other: ObjectType) -> set[str]:
        """The ids, as texts, of the kinds of association that lead to objects of a type."""
        return {str(found) for (_, towards), found in TYPE_IDS.items() if towards == other.name}

    def add(self, one: Key, other: Key) -> None:
        """Two objects have to do with each other from now on."""
        self.added[one].append(other)
        self.added[other].append(one)

    def _places(self, one: ObjectType, position: int, other: ObjectType) -> Iterable[int]:
        if position < 0:
            return ()
        pair = (one.name, other.name)
        if pair == ("deals", "contacts"):
            return self._staff(self.world.entities.related("deal", position, "company"))
        if pair == ("companies", "contacts"):
            return self._staff(position)
        if pair == ("contacts", "deals"):
            return self._back("deals", "companies", self.world.entities.related("person", position, "company"))
        if pair in _TO_ONE:
            return (self._forth(*pair, position),)
        return self._back(other.name, one.name, position) if (other.name, one.name) in _TO_ONE else ()

    def _staff(self, company: int) -> Iterable[int]:
        """The contacts of a company."""
        people = range(company * CONTACTS, company * CONTACTS + CONTACTS)
        return (person for person in people if self.world.entities.employer(person) == company)

    def _forth(self, one: str, other: str, position: int) -> int:
        kind = self.platform.endpoint(one).entity
        return self.world.entities.related(kind, position, _TO_ONE[one, other])

    def _back(self, many: str, one: str, position: int) -> Iterable[int]:
        """The objects that have to do with one. Found once for all, and kept in few bytes: there may be a million."""
        found = self._backwards.get((many, one))
        if found is None:
            towards = array("q", (self._forth(many, one, place) for place in range(self.world.size)))
            order = array("q", sorted(range(len(towards)), key=towards.__getitem__))
            found = self._backwards[many, one] = (towards, order)
        towards, order = found
        first = bisect_left(order, position, key=towards.__getitem__)
        return order[first : bisect_right(order, position, lo=first, key=towards.__getitem__)]


def type_of(one: ObjectType, other: ObjectType) -> dict[str, Json]:
    """The kind of an association, as version 4 writes it."""
    return {"category": "HUBSPOT_DEFINED", "typeId": TYPE_IDS.get((one.name, other.name), 450), "label": None}
