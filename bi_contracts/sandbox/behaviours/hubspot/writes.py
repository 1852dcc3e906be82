"""Writes: objects are created, changed, archived, and associated."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from ....dialects import ErrorKind, ErrorShape
from ....paths import Json, dig
from ....slots import json_of, read_slot
from ...answer import Answer
from ...merging import merged
from ...refusal import Refusal
from ...rows import FOREVER, Rows
from .objects import Objects, Wanted, object_of
from .types import TYPES, ObjectType
from .values import checked, missing

LOOKED_THROUGH = 20_000
"""Made-up objects that are looked through for a value that only one may have.

In larger worlds only those that were written are: to look through a million would take minutes.
"""


class Writes(Objects):
    """Writes objects."""

    def created(self, request: httpx.Request, one: ObjectType) -> Answer:
        """A new object."""
        body = object_of(json_of(request), "body")
        position = self.create(one, body)
        return self.enveloped(self.item_endpoint(one), self.written(one, position), 201)

    def updated(self, request: httpx.Request, one: ObjectType, key: str) -> Answer:
        """An object with other values."""
        body = object_of(json_of(request), "body")
        position = self.update(one, key, body, str(read_slot(request, "query.idProperty") or ""))
        return self.enveloped(self.item_endpoint(one), self.written(one, position))

    def create(self, one: ObjectType, body: Mapping[str, Json]) -> int:
        """Makes an object of what was sent. Raises `Refusal`."""
        sent = self.sent(one, body)
        absent = [name for name in one.required if not sent.get(name)]
        if absent:
            raise missing(absent)
        self._alone(one, sent, None)
        links = self._links(body)
        endpoint = self.platform.endpoint(one.name)
        record = self.world.blank(self.platform, endpoint)
        record.pop("associations", None)
        now = self.moment()
        values = {**dict(one.given), **sent, one.made: now, one.changed: now, "hs_object_id": record["id"]}
        empty = dict.fromkeys(record["properties"], None)
        record |= {"properties": {**empty, **values}, "createdAt": now, "updatedAt": now, "archived": False}
        position = self.world.create(self.platform, endpoint, record)
        for other in links:
            self.link((one.name, str(record["id"])), other)
        return position

    def update(self, one: ObjectType, key: str, body: Mapping[str, Json], by: str = "") -> int:
        """Changes an object. Raises `Refusal`."""
        position = self.place(one, key, by)
        if position is None:
            raise self.gone(one)
        sent = self.sent(one, body)
        self._alone(one, sent, position)
        now = self.moment()
        patch = {"properties": {**sent, one.changed: now}, "updatedAt": now}
        self.world.update(self.platform, self.platform.endpoint(one.name), position, patch)
        return position

    def archive(self, one: ObjectType, key: str) -> Answer:
        """Takes an object away; one that is not there is as good as gone."""
        position = self.home(one).position(key)
        if position is not None:
            row = self.home(one).row(position)
            patch = {"archived": True, "archivedAt": self.moment()}
            self.archived[one.name][key] = merged(row, patch)
            self.world.delete(self.platform, self.platform.endpoint(one.name), position)
            self.rendered.clear()
        return Answer(204, [], b"")

    def link(self, one: tuple[str, str], other: tuple[str, str]) -> None:
        """Two objects have to do with each other from now on."""
        self.links.add(one, other)
        self.rendered.clear()

    def sent(self, one: ObjectType, body: Mapping[str, Json]) -> dict[str, str]:
        """The property values that were sent, as texts. Raises `Refusal`."""
        found = checked(object_of(body.get("properties"), "properties"), self.definitions(one))
        return {**found, **self._closing(found)} if one.name == "deals" else found

    def _closing(self, sent: Mapping[str, str]) -> dict[str, str]:
        """What follows from the stage of a deal."""
        stages = [stage for each in self.platform.endpoint("deal_pipelines").examples for stage in each["stages"]]
        stage = next((stage for stage in stages if stage["id"] == sent.get("dealstage")), None)
        if stage is None:
            return {}
        closed, probability = stage["metadata"]["isClosed"], stage["metadata"]["probability"]
        won = "true" if closed == "true" and float(probability) == 1 else "false"
        return {"hs_is_closed": closed, "hs_is_closed_won": won, "hs_deal_stage_probability": probability}

    def _alone(self, one: ObjectType, sent: Mapping[str, str], position: int | None) -> None:
        """Raises `Refusal` where another object has a value that only one may have."""
        value = sent.get(one.unique)
        if not value:
            return
        home = self.home(one)
        rows = home.everything()
        if len(rows) > LOOKED_THROUGH:
            rows = Rows(home, [*home.added(None, FOREVER), *home.patches])
        found = [place for place in self.having(rows, one.unique, value) if place != position]
        if found:
            raise conflict(one, home.key(found[0]))

    def _links(self, body: Mapping[str, Json]) -> list[tuple[str, str]]:
        """The objects that a new one has to do with, as they were sent. Raises `Refusal`."""
        found = []
        listed = body.get("associations") or []
        for said in listed if isinstance(listed, list) else [None]:
            key, kind = str(dig(said, "to.id")), str(dig(said, "types.0.associationTypeId"))
            other = next((one for one in TYPES if kind in self.links.ids_towards(one)), None)
            if other is None or self.home(other).position(key) is None:
                raise Refusal(ErrorKind.BAD_REQUEST, "an association is not valid")
            found.append((other.name, key))
        return found

    def written(self, one: ObjectType, position: int) -> Json:
        """An object as a write answers it: with every property that has a value."""
        properties = self.home(one).row(position)["properties"]
        return self.object(one, position, Wanted(tuple(properties)).text())


def conflict(one: ObjectType, key: Json) -> Refusal:
    """The refusal of a second object with a value that only one may have."""
    body = {
        "status": "error",
        "message": f"{one.singular.capitalize()} already exists. Existing ID: {key}",
        "correlationId": "{request_id}",
        "category": "CONFLICT",
    }
    return Refusal(ErrorKind.BAD_REQUEST, shape=ErrorShape(409, body))
