"""Batches: many objects by one request, some of which may not be there."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from ....dialects import ErrorKind
from ....paths import Json
from ....platform import Endpoint
from ....slots import json_of
from ...answer import Answer, json_answer
from ...refusal import Refusal
from .objects import Wanted, names_in, object_of
from .types import ObjectType
from .writes import Writes

MOST = 100
"""Objects in a batch."""


class Batches(Writes):
    """Answers about many objects."""

    def batch(self, request: httpx.Request, one: ObjectType, action: str) -> Answer:
        """What a batch asks for. Raises `Refusal`."""
        body = object_of(json_of(request), "body")
        inputs = body.get("inputs")
        if not isinstance(inputs, list) or not inputs or len(inputs) > MOST:
            raise Refusal(ErrorKind.BAD_REQUEST, f"inputs must be a list of 1 to {MOST} objects")
        given = [object_of(each, "inputs") for each in inputs]
        match action:
            case "batch_read":
                return self.many(one, body, [str(each.get("id")) for each in given])
            case "batch_create":
                return self._many_created(one, given)
            case "batch_update":
                return self._many_updated(one, given)
        for each in given:
            self.archive(one, str(each.get("id")))
        return Answer(204, [], b"")

    def many(self, one: ObjectType, body: Mapping[str, Json], keys: list[str]) -> Answer:
        """The objects with these ids, each once, and what is wrong with the others."""
        by = str(body.get("idProperty") or "")
        fields = Wanted(names_in(body.get("properties")), names_in(body.get("propertiesWithHistory"))).text()
        places = self.places(one, keys, by)
        endpoint = self._endpoint(one)
        found = [self.object(one, place, fields, endpoint) for place in places.values() if place is not None]
        return self.done(found, one, [key for key, place in places.items() if place is None])

    def _endpoint(self, one: ObjectType) -> Endpoint | None:
        """The endpoint that reads a batch, None where none is declared for the type."""
        return next((each for each in self.platform.endpoints if each.name == f"{one.name}_batch"), None)

    def _many_created(self, one: ObjectType, given: list[Mapping[str, Json]]) -> Answer:
        for each in given:  # nothing is made of a batch in which one value is wrong
            self.sent(one, each)
        return self.done([self.written(one, self.create(one, each)) for each in given], status=201)

    def _many_updated(self, one: ObjectType, given: list[Mapping[str, Json]]) -> Answer:
        absent = [str(each.get("id")) for each in given if self.place(one, str(each.get("id"))) is None]
        there = [each for each in given if str(each.get("id")) not in absent]
        for each in there:
            self.sent(one, each)
        found = [self.written(one, self.update(one, str(each["id"]), each)) for each in there]
        return self.done(found, one, absent)

    def done(
        self, results: list[Json], one: ObjectType | None = None, absent: list[str] | None = None, status: int = 200
    ) -> Answer:
        """The answer to a batch; 207 where some of the objects are not there (RFC 4918 section 13)."""
        now = self.moment()
        body: dict[str, Json] = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
        if absent and one is not None:
            message = f"some {one.singular.upper()} objects are not there"
            error = {"status": "error", "category": "OBJECT_NOT_FOUND", "message": message, "context": {"ids": absent}}
            body |= {"numErrors": 1, "errors": [error]}
        endpoint = self._endpoint(one) if one is not None else None
        if endpoint is not None:
            body = self.evolution.envelope(self.platform.id(endpoint), body)
        return json_answer(207 if absent else status, body)
