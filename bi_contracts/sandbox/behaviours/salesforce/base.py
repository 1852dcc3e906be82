"""The org's records, one at a time: read, created, changed, deleted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType

import httpx

from ....paths import Json
from ....platform import Platform
from ....queries.soql import Select
from ....queries.soql.tree import Column, Comparison, Field
from ...answer import Answer, json_answer
from ...rest import Rest
from ...world import World
from . import searches, writes
from .records import Org, derived, made
from .refusals import deleted, not_found, refused
from .schema import Sobject
from .statements import Reader
from .times import stamp

JSON = "application/json;charset=UTF-8"
"""How Salesforce writes it."""


class Records(Rest):
    """What is done with single records."""

    def __init__(self, platform: Platform, world: World) -> None:
        super().__init__(platform, world)
        self.org = Org(platform, world, self.brief_record, self.whole_record)
        self.deleted: dict[str, tuple[str, float]] = {}

    def request_id(self, found: str) -> str:
        """Thirty-two hexadecimal digits."""
        return found.replace("-", "")

    def dressed(self, answer: Answer) -> Answer:
        said = dict(answer.headers).get("content-type", "")
        return answer.with_header("content-type", JSON) if said.startswith("application/json") else answer

    def changed(self) -> None:
        super().changed()
        self.org.forget()

    def brief_record(self, sobject: Sobject, position: int, names: frozenset[str] | None) -> Mapping[str, Json]:
        """A record with the fields that its list shows, or with those that are named, as the index knows it by now."""
        home = self.org.home(sobject)
        if names is None or home.touched(position):
            row = home.row(position, self.world.horizon(self.platform))
        else:
            row = home.members(position, names)
        return self._fitted(sobject, row, position)

    def whole_record(self, sobject: Sobject, position: int) -> Mapping[str, Json]:
        """A record with all its fields."""
        home = self.org.home(sobject)
        return self._fitted(sobject, self.whole(sobject.item, home, position), position)

    def _fitted(self, sobject: Sobject, row: Mapping[str, Json], position: int) -> Mapping[str, Json]:
        """A made-up row with what follows from the rest of the org; rows that were put or written are as they are."""
        home = self.org.home(sobject)
        if home.exact is not None or position < 0:
            return row
        fitting = made(self.org, sobject, row, position)
        if home.touched(position):
            changed = {name for _, patch in home.patches.get(position, ()) for name in patch}
            fitting = {name: value for name, value in fitting.items() if name not in changed}
        found = {**row, **fitting}
        return {**found, **derived(sobject, found)}

    def _sobject(self, name: str) -> Sobject:
        found = self.org.find(name)
        if found is None:
            raise not_found()
        return found

    def _record(self, request: httpx.Request, sobject: Sobject, key: str, version: str) -> Answer:
        position = self.org.position(sobject, key)
        if position is None:
            raise deleted() if self._was_deleted(key) else not_found()
        match request.method:
            case "GET":
                return self._item(request, sobject, position, version)
            case "PATCH":
                return self._update(request, sobject, position)
            case "DELETE":
                return self._delete(sobject, position)
        raise refused(405, "METHOD_NOT_ALLOWED", f"HTTP Method '{request.method}' not allowed.")

    def _by_value(self, request: httpx.Request, sobject: Sobject, field: str, value: str, version: str) -> Answer:
        """The record that a field names in the place of its id; several are answered as a choice of addresses."""
        spelled = sobject.spelled.get(field.lower(), "")
        if spelled not in sobject.lookups:
            problem = f"Provided external ID field does not exist or is not accessible: {field}"
            raise refused(404, "NOT_FOUND", problem)
        found = self._positions(sobject, spelled, value)
        if len(found) > 1:
            return json_answer(300, [sobject.url(version, self.org.record(sobject, place)["Id"]) for place in found])
        if request.method == "PATCH" and spelled != "Id":
            return self._upserted(request, sobject, {spelled: value}, found, version)
        if not found:
            raise not_found()
        answer = self._record(request, sobject, str(self.org.record(sobject, found[0])["Id"]), version)
        return self._saved(sobject, found[0], created=False) if request.method == "PATCH" else answer

    def _positions(self, sobject: Sobject, field: str, value: str) -> list[int]:
        if field == "Id":
            position = self.org.position(sobject, value)
            return [] if position is None else [position]
        column = Field((field,))
        select = Select((Column(column),), sobject.name, where=Comparison(column, "=", value))
        return list(Reader(self.org, self.clock(), str(self.platform.version)).selected(sobject, select).positions)

    def _upserted(
        self, request: httpx.Request, sobject: Sobject, value: Mapping[str, Json], found: list[int], version: str
    ) -> Answer:
        """Updates the record, or creates it with the value that names it."""
        if found:
            self._update(request, sobject, found[0])
            return self._saved(sobject, found[0], created=False)
        if request.url.params.get("updateOnly", "").lower() == "true":
            raise not_found()
        answer = self._create(request, sobject, version, value)
        made = json.loads(answer.body)
        return json_answer(201, {**made, "created": True}, headers=[("location", sobject.url(version, made["id"]))])

    def _saved(self, sobject: Sobject, position: int, *, created: bool) -> Answer:
        key = self.org.record(sobject, position)["Id"]
        return json_answer(200, {"id": key, "success": True, "errors": [], "created": created})

    def _was_deleted(self, key: str) -> bool:
        return any(kept == key or kept[:15] == key for kept in self.deleted)

    def _item(self, request: httpx.Request, sobject: Sobject, position: int, version: str) -> Answer:
        record = self.org.record(sobject, position)
        attributes = Reader(self.org, self.clock(), version).attributes(record)
        asked = request.url.params.get("fields", "")
        wanted = [*sobject.fields]
        if asked:
            named = set(searches.spelled(sobject, asked.split(",")))
            wanted = [name for name in sobject.fields if name in named or name == "Id"]
        found = {"attributes": attributes, **{name: record.row.get(name) for name in wanted}}
        return self.enveloped(sobject.item, self.record(sobject.item, found, position))

    def _create(
        self, request: httpx.Request, sobject: Sobject, version: str, also: Mapping[str, Json] = MappingProxyType({})
    ) -> Answer:
        values = writes.checked(self.org, sobject, {**writes.sent(request), **also}, new=True)
        key = self.world.blank(self.platform, sobject.list)["Id"]
        me = self._me()
        record: dict[str, Json] = {
            "attributes": {"type": sobject.name, "url": sobject.url(str(self.platform.version), key)},
            **writes.blank(sobject),
            **({"OwnerId": me} if "OwnerId" in sobject.fields else {}),
            **values,
            **self._stamps("Created", me),
            **self._stamps("LastModified", me),
            "Id": key,
        }
        if sobject.name == "Case":
            record["CaseNumber"] = f"{10_001 + len(self.world.created):08d}"
        self.world.create(self.platform, sobject.list, record | derived(sobject, record))
        where = sobject.url(version, key)
        return json_answer(201, {"id": key, "success": True, "errors": []}, headers=[("location", where)])

    def _update(self, request: httpx.Request, sobject: Sobject, position: int) -> Answer:
        values = writes.checked(self.org, sobject, writes.sent(request), new=False)
        row = {**self.whole_record(sobject, position), **values}
        follows = {name: value for name, value in derived(sobject, row).items() if name not in values}
        patch = {**values, **follows, **self._stamps("LastModified", self._me())}
        self.world.update(self.platform, sobject.list, position, patch)
        return Answer(204, [], b"")

    def _delete(self, sobject: Sobject, position: int) -> Answer:
        if sobject.name == "User":
            raise refused(400, "INVALID_TYPE_FOR_OPERATION", "entity type User does not support delete", ())
        self.deleted[str(self.org.record(sobject, position)["Id"])] = (sobject.name, self.clock())
        self.world.delete(self.platform, sobject.list, position)
        return Answer(204, [], b"")

    def _me(self) -> Json:
        """The user whose session it is: the one that `userinfo` shows."""
        endpoint = self.platform.endpoint(self.platform.identity)
        return self.world.collection(self.platform, endpoint).scope(0).key

    def _stamps(self, beginning: str, who: Json) -> dict[str, Json]:
        now = stamp(self.clock())
        return {f"{beginning}Date": now, f"{beginning}ById": who, "SystemModstamp": now}
