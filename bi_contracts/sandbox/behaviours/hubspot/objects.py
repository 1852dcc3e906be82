"""Objects: lists, single ones, search and writes, for every object type alike."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import httpx

from ....dialects import ErrorKind
from ....pagination import BadPage, whole_number
from ....paths import Json
from ....platform import Endpoint, Platform
from ....queries import Condition, Query
from ....queries.filter_groups import FilterGroups
from ....slots import read_slot, write_slot
from ...answer import Answer
from ...clock import iso
from ...collection import Collection
from ...refusal import Refusal
from ...rest import Rest
from ...routing import Match
from ...rows import Rows
from ...world import World
from .links import Links
from .types import TYPES, ObjectType, object_type

PAGE = 10
"""Objects on a page when nobody says how many."""

WITH_HISTORY = 50
"""The most on a page that shows earlier values."""

DEPTH = 10_000
"""How many results of a search can be read."""


class Wanted(NamedTuple):
    """What a request wants to see of an object: property names, with history, and types of associated objects."""

    properties: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    associations: tuple[str, ...] = ()

    def text(self) -> str:
        """The choice as one text; "" for the usual."""
        return json.dumps(self) if any(self) else ""


class Objects(Rest):
    """Answers about objects."""

    def __init__(self, platform: Platform, world: World) -> None:
        super().__init__(platform, world)
        self.links = Links(platform, world)
        self.archived: dict[str, dict[str, Json]] = {one.name: {} for one in TYPES}
        self.types = {name: one for one in TYPES for name in _names(one)}

    # Reads

    def listed(self, request: httpx.Request, one: ObjectType) -> Answer:
        """A page of the objects of a type, or of those that were archived."""
        endpoint = self.platform.endpoint(one.name)
        wanted = asked_for(request)
        if read_slot(request, "query.limit") in (None, ""):
            request = write_slot(request, "query.limit", PAGE)
        elif wanted.history and whole_number(read_slot(request, "query.limit"), PAGE) > WITH_HISTORY:
            raise BadPage(f"with propertiesWithHistory the limit is at most {WITH_HISTORY}")
        if read_slot(request, "query.archived") == "true":
            return self.paged(request, endpoint, list(self.archived[one.name].values()), wanted.text())
        return self.paged(request, endpoint, self.rows(request, Match(endpoint, {})), wanted.text())

    def given(self, request: httpx.Request, one: ObjectType, key: str) -> Answer:
        """One object, by id or by a property that tells objects apart."""
        endpoint = self.item_endpoint(one)
        fields = asked_for(request).text()
        if read_slot(request, "query.archived") == "true":
            record = self.archived[one.name].get(key)
            if record is None:
                raise self.gone(one)
            return self.enveloped(endpoint, self._shown(endpoint, record, -1, fields))
        position = self.place(one, key, str(read_slot(request, "query.idProperty") or ""))
        if position is None:
            raise self.gone(one)
        return self.enveloped(endpoint, self.object(one, position, fields))

    def searched(self, request: httpx.Request, one: ObjectType) -> Answer:
        """A page of the objects that a search finds."""
        endpoint = self.search_endpoint(one)
        rows = self.rows(request, Match(endpoint, {}))
        names = read_slot(request, "body.properties")
        if read_slot(request, "body.limit") in (None, ""):
            request = write_slot(request, "body.limit", PAGE)
        size = whole_number(read_slot(request, "body.limit"), PAGE)
        if whole_number(read_slot(request, "body.after"), 0) + size > DEPTH:
            raise BadPage(f"a search gives {DEPTH} results at most")
        return self.paged(request, endpoint, rows, Wanted(names_in(names)).text())

    # What stands where

    def home(self, one: ObjectType) -> Collection:
        """The list of all objects of a type."""
        return self.links.home(one)

    def place(self, one: ObjectType, key: str, by: str = "") -> int | None:
        """Where the object stands that has this id, or this value of a property. Raises `Refusal`."""
        if by in ("", "hs_object_id", "id"):
            return self.home(one).position(key)
        if by not in self.definitions(one):
            raise Refusal(ErrorKind.BAD_REQUEST, f"there is no property named {by}")
        found = self.having(self.home(one).everything(), by, key)
        return found[0] if found else None

    def places(self, one: ObjectType, keys: Sequence[str], by: str = "") -> dict[str, int | None]:
        """Where the objects stand that have these ids or values, each looked for once and all together."""
        if by in ("", "hs_object_id", "id") or not keys:
            return {key: self.place(one, key, by) for key in keys}
        if by not in self.definitions(one):
            raise Refusal(ErrorKind.BAD_REQUEST, f"there is no property named {by}")
        wanted = Query(Condition(f"properties.{by}", "in", list(dict.fromkeys(keys))))
        home = self.home(one)
        there: dict[str, int] = {}
        for position in self.narrowed(home.everything(), wanted).positions:
            there.setdefault(str(home.row(position)["properties"][by]).casefold(), position)
        return {key: there.get(key.casefold()) for key in keys}

    def having(self, rows: Rows, name: str, value: str) -> Sequence[int]:
        """Where the objects stand that have this value."""
        return self.narrowed(rows, Query(Condition(f"properties.{name}", "eq", value))).positions

    def definitions(self, one: ObjectType) -> Mapping[str, Mapping[str, Json]]:
        """Property name -> its definition; an empty one where the platform's declaration has none."""
        names = self.platform.endpoint(one.name).examples[0]["properties"]
        listed = self.platform.endpoint(one.definitions).examples if one.definitions else ()
        made = {name: {"modificationMetadata": {"readOnlyValue": True}} for name in one.always}
        return {**{name: {} for name in names}, **made, **{each["name"]: each for each in listed}}

    def item_endpoint(self, one: ObjectType) -> Endpoint:
        """The endpoint that gives one object; the list's own record where none is declared."""
        declared = next((each for each in self.platform.endpoints if each.name == one.singular), None)
        return declared or replace(self.platform.endpoint(one.name), name=one.singular, records="", kind="item")

    def search_endpoint(self, one: ObjectType) -> Endpoint:
        """The endpoint that searches; one like it for contacts where none is declared."""
        name = f"{one.name}_search"
        declared = next((each for each in self.platform.endpoints if each.name == name), None)
        if declared is not None:
            return declared
        home = self.platform.endpoint(one.name)
        names = tuple(home.examples[0]["properties"])
        query = FilterGroups(names, times=(one.made, one.changed, "hs_timestamp"), searched=names)
        like = self.platform.endpoint("contacts_search")
        return replace(like, name=name, query=query, entity=home.entity, examples=home.examples)

    def object(self, one: ObjectType, position: int, fields: str = "", endpoint: Endpoint | None = None) -> Json:
        """An object as an endpoint gives it, the item endpoint where none is named."""
        return self.shown(endpoint or self.item_endpoint(one), self.home(one), position, fields)

    def gone(self, one: ObjectType) -> Refusal:
        """The refusal of an id that is not there."""
        shape = self.item_endpoint(one).missing or self.platform.endpoint("contact").missing
        return Refusal(ErrorKind.NOT_FOUND, shape=shape)

    def moment(self) -> str:
        """Now, as HubSpot writes it: to the millisecond."""
        return iso(self.clock())

    def _shown(self, endpoint: Endpoint, row: Json, position: int, fields: str) -> Json:
        one = self.types.get(endpoint.name)
        record = self.record(endpoint, row, position)
        if one is None or not isinstance(record, Mapping) or not isinstance(record.get("properties"), Mapping):
            return super()._shown(endpoint, row, position, fields)
        wanted = _parsed(fields)
        values, before = record["properties"], row["properties"]
        names = {*one.always, *(wanted.properties or one.usual), *wanted.history, *(values.keys() - before.keys())}
        found = {**record, "properties": {name: values[name] for name in sorted(values) if name in names}}
        if wanted.history:
            found["propertiesWithHistory"] = {name: _history(record, name) for name in wanted.history if name in values}
        said = found.pop("associations", {}) if self.home(one).exact is not None else {}
        others = {name: said[name] for name in wanted.associations if name in said}
        others |= self._associated(one, position, wanted.associations)
        return {**found, "associations": others} if others else _without(found, "associations")

    def _associated(self, one: ObjectType, position: int, names: Sequence[str]) -> dict[str, Json]:
        found = {}
        for other in filter(None, map(object_type, names)):
            ids = self.links.ids(one, position, other)
            if ids:
                kind = f"{one.singular}_to_{other.singular}"
                found[other.name] = {"results": [{"id": each, "type": kind} for each in ids]}
        return found


def _names(one: ObjectType) -> tuple[str, ...]:
    """The endpoints that show objects of a type."""
    return (one.name, one.singular, f"{one.name}_search", f"{one.name}_batch")


def asked_for(request: httpx.Request) -> Wanted:
    """What the arguments `properties`, `propertiesWithHistory` and `associations` want, given once or many times."""
    names = ("properties", "propertiesWithHistory", "associations")
    return Wanted(*(names_in(request.url.params.get_list(name)) for name in names))


def object_of(value: Json, where: str) -> Mapping[str, Json]:
    """An object in a body. Raises `Refusal` for anything else."""
    if not isinstance(value, Mapping):
        raise Refusal(ErrorKind.BAD_REQUEST, f"Invalid input JSON: {where} must be an object")
    return value


def unknown_type(name: Json) -> Refusal:
    """No object type has this name."""
    return Refusal(ErrorKind.BAD_REQUEST, f"Unable to infer object type from: {name}")


def _without(record: dict[str, Json], name: str) -> dict[str, Json]:
    return {key: value for key, value in record.items() if key != name}


def names_in(said: Json) -> tuple[str, ...]:
    """Names that came as a list, each of which may hold several with commas between."""
    if not isinstance(said, list):
        return ()
    parts = (part.strip() for text in said if isinstance(text, str) for part in text.split(","))
    return tuple(filter(None, parts))


@lru_cache(maxsize=256)
def _parsed(fields: str) -> Wanted:
    return Wanted(*(tuple(names) for names in json.loads(fields))) if fields else Wanted()


def _history(record: Mapping[str, Json], name: str) -> list[Json]:
    value = record["properties"][name]
    said = {"timestamp": record["updatedAt"], "sourceType": "INTEGRATION", "sourceId": "41900801"}
    return [] if value is None else [{"value": value, **said}]
