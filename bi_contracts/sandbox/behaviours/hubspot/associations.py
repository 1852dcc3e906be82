"""Associations in version 4: what has to do with an object, many objects, and making it so."""

from __future__ import annotations

import httpx

from ....dialects import ErrorKind
from ....paths import Json
from ....slots import json_of
from ...answer import Answer, json_answer
from ...refusal import Refusal
from ...routing import Match
from .links import type_of
from .objects import object_of, unknown_type
from .types import ObjectType, object_type
from .writes import Writes


class Associations(Writes):
    """Answers about associations."""

    def answer_deal_contacts(self, request: httpx.Request, match: Match) -> Answer:
        """The contacts of a deal."""
        endpoint = match.endpoint
        if self.world.collection(self.platform, endpoint).exact is not None:
            return self.usual(request, match)
        rows = self._linked(typed("deals"), str(match.arguments["dealId"]), typed("contacts"))
        return self.paged(request, endpoint, rows)

    def answer_links(self, request: httpx.Request, match: Match) -> Answer:
        """The objects of a type that an object has to do with."""
        one, other = (typed(str(match.arguments[name])) for name in ("objectType", "toObjectType"))
        rows = self._linked(one, str(match.arguments["objectId"]), other)
        return self.paged(request, self.platform.endpoint("deal_contacts"), rows)

    def answer_links_v3(self, request: httpx.Request, match: Match) -> Answer:
        """The same as version 3 writes it: ids, and the kind of the association by name."""
        one, other = (typed(str(match.arguments[name])) for name in ("objectType", "toObjectType"))
        kind = f"{one.singular}_to_{other.singular}"
        linked = self._linked(one, str(match.arguments["objectId"]), other)
        rows = [{"id": str(each["toObjectId"]), "type": kind} for each in linked]
        return self.paged(request, self.platform.endpoint("deal_contacts"), rows)

    def answer_links_read(self, request: httpx.Request, match: Match) -> Answer:
        """The same for many objects; those without any are left out."""
        one, other = (typed(str(match.arguments[name])) for name in ("objectType", "toObjectType"))
        inputs = object_of(json_of(request), "body").get("inputs")
        if not isinstance(inputs, list):
            raise Refusal(ErrorKind.BAD_REQUEST, "inputs must be a list of objects")
        found = []
        for key in dict.fromkeys(str(object_of(each, "inputs").get("id")) for each in inputs):
            rows = self._linked(one, key, other) if self.home(one).position(key) is not None else []
            if rows:
                found.append({"from": {"id": key}, "to": rows})
        now = self.moment()
        return json_answer(200, {"status": "COMPLETE", "results": found, "startedAt": now, "completedAt": now})

    def answer_link(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        """Two objects have to do with each other."""
        one, other = (typed(str(match.arguments[name])) for name in ("objectType", "toObjectType"))
        keys = [str(match.arguments[name]) for name in ("objectId", "toObjectId")]
        for each, key in zip((one, other), keys, strict=True):
            if self.home(each).position(key) is None:
                raise self.gone(each)
        self.link((one.name, keys[0]), (other.name, keys[1]))
        now = self.moment()
        results = [
            {"from": {"id": keys[at]}, "to": {"id": keys[1 - at]}, "associationSpec": _spec(*pair)}
            for at, pair in enumerate(((one, other), (other, one)))
        ]
        body = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
        return json_answer(200, body)

    def _linked(self, one: ObjectType, key: str, other: ObjectType) -> list[Json]:
        position = self.home(one).position(key)
        if position is None:
            raise self.gone(one)
        ids = self.links.ids(one, position, other)
        return [{"toObjectId": int(each), "associationTypes": [type_of(one, other)]} for each in ids]


def typed(name: str) -> ObjectType:
    """The object type of that name. Raises `Refusal` where there is none."""
    found = object_type(name)
    if found is None:
        raise unknown_type(name)
    return found


def _spec(one: ObjectType, other: ObjectType) -> dict[str, Json]:
    found = type_of(one, other)
    return {"associationCategory": found["category"], "associationTypeId": found["typeId"]}
