"""What describes the objects: property definitions and pipelines, for every object type, and schemas."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from ....dialects import ErrorKind
from ....paths import Json
from ....platform import Endpoint
from ....queries import Any, Condition, Query
from ...answer import Answer, json_answer
from ...refusal import Refusal
from ...rest import Rest
from ...routing import Match
from .objects import unknown_type
from .types import ObjectType, object_type

PIPELINES = 3
"""Pipelines of a type, where there are as many objects."""


class Catalogue(Rest):
    """Answers about definitions."""

    def answer_contact_properties(self, request: httpx.Request, match: Match) -> Answer:
        """The definitions of an object type's properties."""
        return self._catalogued(request, match.endpoint)

    answer_company_properties = answer_contact_properties
    answer_deal_properties = answer_contact_properties
    answer_ticket_properties = answer_contact_properties
    answer_deal_pipelines = answer_contact_properties
    answer_ticket_pipelines = answer_contact_properties

    def answer_properties(self, request: httpx.Request, match: Match) -> Answer:
        """The same for any object type, one that has no definitions among them."""
        return self._catalogued(request, self._catalogue(match, "properties"))

    def answer_pipelines(self, request: httpx.Request, match: Match) -> Answer:
        """The pipelines of any object type."""
        return self._catalogued(request, self._catalogue(match, "pipelines"))

    answer_properties_dated = answer_properties
    answer_pipelines_dated = answer_pipelines

    def answer_properties_item(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        """One definition, by name."""
        return self._catalogued_one(self._catalogue(match, "properties"), str(match.arguments["objectId"]), "name")

    def answer_pipelines_item(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        """One pipeline, by id."""
        return self._catalogued_one(self._catalogue(match, "pipelines"), str(match.arguments["objectId"]), "id")

    answer_properties_item_dated = answer_properties_item
    answer_pipelines_item_dated = answer_pipelines_item

    def answer_api_usage(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        """What is left of the day's requests, as limits declare them."""
        home = self.world.collection(self.platform, match.endpoint)
        daily = next(quota for quota in self.platform.limits.quotas if quota.name == "daily")
        return self.enveloped(match.endpoint, {**self.shown(match.endpoint, home, 0), "usageLimit": daily.limit})

    def answer_schema(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        """One object type that the customer made, by any of its names."""
        key, home, endpoint = (
            match.arguments["objectType"],
            self.collection("schemas"),
            self.platform.endpoint("schemas"),
        )
        named = Any(tuple(Condition(name, "eq", key) for name in ("id", "objectTypeId", "fullyQualifiedName", "name")))
        found = self.narrowed(home.everything(), Query(named)).positions
        if not found:
            raise Refusal(ErrorKind.NOT_FOUND, shape=self.platform.endpoint("contact").missing)
        return json_answer(200, self.shown(endpoint, home, found[0]))

    def _catalogue(self, match: Match, what: str) -> Endpoint:
        one = object_type(str(match.arguments["objectType"]))
        if one is None:
            raise unknown_type(match.arguments["objectType"])
        name = f"{one.singular}_{what}"
        declared = next((each for each in self.platform.endpoints if each.name == name), None)
        return declared or self._bare(one, name)

    def _bare(self, one: ObjectType, name: str) -> Endpoint:
        """An endpoint for a type whose definitions nobody declared."""
        rows = [{"name": each} for each in self.platform.endpoint(one.name).examples[0]["properties"]]
        return Endpoint(name, "", records="results", key="name", examples=tuple(rows if "properties" in name else ()))

    def _catalogued(self, request: httpx.Request, endpoint: Endpoint) -> Answer:
        return self.paged(request, endpoint, self._entries(endpoint))

    def _catalogued_one(self, endpoint: Endpoint, key: str, by: str) -> Answer:
        found = next((each for each in self._entries(endpoint) if each.get(by) == key), None)
        if found is None:
            raise Refusal(ErrorKind.NOT_FOUND, shape=self.platform.endpoint("contact").missing)
        return json_answer(200, self.record(endpoint, found, 0))

    def _entries(self, endpoint: Endpoint) -> list[Json]:
        """What is declared, and no more than there are rows in every list; exact rows where there are some."""
        home = self.world.collection(self.platform, endpoint)
        if home.exact is not None:
            return list(home.exact)
        entries: list[Json] = [self._made(each) for each in endpoint.examples]
        if endpoint.name.endswith("_pipelines") and entries:
            entries += [_copy(entries[0], number) for number in range(2, PIPELINES + 1)]
        return entries[: self.world.size]

    def _made(self, entry: Mapping[str, Json]) -> dict[str, Json]:
        """What somebody defined, by somebody who is there."""
        users = self.collection("users")
        return {**entry, **{name: users.key(0) for name in _AUTHORS if entry.get(name) and users.count}}


_AUTHORS = ("createdUserId", "updatedUserId")


def _copy(pipeline: Mapping[str, Json], number: int) -> dict[str, Json]:
    """Another pipeline with stages of its own."""
    made = 41_900_900 + number * 10
    stages = [{**stage, "id": str(made + at + 1)} for at, stage in enumerate(pipeline["stages"])]
    label = f"{pipeline['label']} {number}"
    return {**pipeline, "id": str(made), "label": label, "displayOrder": number - 1, "stages": stages}
