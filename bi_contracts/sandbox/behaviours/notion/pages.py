"""Pages and databases: read by id, created, updated, put into the trash."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from ....dialects import ErrorKind
from ....paths import Json, dig
from ....queries.property_filters import dashed, quoted
from ...answer import Answer, json_answer
from ...collection import Collection
from ...refusal import Refusal
from ...routing import Match
from .base import not_found
from .blocks import Blocks
from .coherence import title_of, url_of
from .contents import empty, invalid, minute, rich_text
from .versions import DECLARED, database_of


class Pages(Blocks):
    """Answers about pages and databases."""

    def answer_page(self, request: httpx.Request, match: Match) -> Answer:
        return self.chosen(request, self.usual(request, match))

    def answer_rows(self, request: httpx.Request, match: Match) -> Answer:
        self.sent(request, "filter sorts start_cursor page_size archived in_trash result_type")
        return self.chosen(request, self.usual(request, match))

    def answer_database_query(self, request: httpx.Request, match: Match) -> Answer:
        home, position = self.source_of(match.arguments["database_id"])
        arguments = {"data_source_id": home.key(position)}
        return self.answer_rows(request, Match(self.platform.endpoint("rows"), arguments))

    def answer_database(self, request: httpx.Request, match: Match) -> Answer:
        home, position = self.source_of(match.arguments["database_id"])
        endpoint = self.platform.endpoint("data_source")
        source = self.shown(endpoint, home, position)
        if request.headers[self.platform.version_header] < DECLARED:
            return self.enveloped(endpoint, source)
        name = "".join(piece.get("plain_text", "") for piece in source.get("title", []))
        head = {"object": "database", "id": dashed(match.arguments["database_id"])}
        body = {key: source[key] for key in _KEPT if key in source}
        more = {
            "parent": source.get("database_parent"),
            "is_locked": False,
            "data_sources": [{"id": source.get("id"), "name": name}],
        }
        return json_answer(200, {**head, **body, **more, **endpoint.envelope})

    def source_of(self, key: Json) -> tuple[Collection, int]:
        """The data source of a database. Raises `Refusal`."""
        home = self.collection("data_sources")
        position = home.position(database_of(key))
        if position is None:
            exact = enumerate(home.exact or ())
            position = next((one for one, row in exact if dig(row, "parent.database_id") in (key, dashed(key))), None)
        if position is None:
            raise not_found("database", key)
        return home, position

    def answer_page_property(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        home = self.collection("pages")
        position = home.position(match.arguments["page_id"])
        if position is None:
            raise not_found("page", match.arguments["page_id"])
        key = match.arguments["property_id"]
        values = home.row(position)["properties"]
        value = next((one for name, one in values.items() if key in (name, one["id"])), None)
        if value is None:
            raise Refusal(ErrorKind.BAD_REQUEST, f"{key} is not a property that exists.")
        head = {"object": "property_item", "id": value["id"], "type": value["type"]}
        if not isinstance(value[value["type"]], list) or value["type"] in ("multi_select", "files"):
            return json_answer(200, {**head, value["type"]: value[value["type"]], "request_id": "{request_id}"})
        items = [{**head, value["type"]: item} for item in value[value["type"]]]
        about = {"id": value["id"], "next_url": None, "type": value["type"], value["type"]: {}}
        body = {"object": "list", "results": items, "next_cursor": None, "has_more": False, "type": "property_item"}
        return json_answer(200, {**body, "property_item": about, "request_id": "{request_id}"})

    # What is written

    def answer_create_page(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        sent = self.sent(request, "children icon cover content markdown template position properties", "parent")
        parent, place, name = self._parent(sent["parent"])
        values = sent.get("properties", {})
        properties = self._row_values(values) if name == "rows" else _title(values)
        home = self.collection(name)
        key = self.world.blank(self.platform, home.endpoint)["id"]
        record = self._page(key, parent, properties, sent)
        page = self.world.create(self.platform, home.endpoint, record, place)
        try:
            self.append(sent.get("children", []), {"type": "page_id", "page_id": key}, page)
        except Refusal:
            self.world.delete(self.platform, home.endpoint, page)
            raise
        return self.whole_page("page", self.collection("pages"), page)

    def _page(self, key: str, parent: Json, properties: Json, sent: Mapping[str, Json]) -> Json:
        now, bot = minute(self.clock()), self.bot()
        for value in properties.values():
            made = {"created_time": now, "last_edited_time": now, "created_by": bot, "last_edited_by": bot}
            if value["type"] in made:
                value[value["type"]] = made[value["type"]]
        return {
            "object": "page",
            "id": key,
            "created_time": now,
            "last_edited_time": now,
            "created_by": bot,
            "last_edited_by": bot,
            "cover": sent.get("cover"),
            "icon": sent.get("icon"),
            "parent": parent,
            "in_trash": False,
            "is_archived": False,
            "is_locked": False,
            "properties": properties,
            "url": url_of(title_of({"properties": properties}), key),
            "public_url": None,
            "archived": False,
        }

    def _row_values(self, sent: Json) -> dict[str, Json]:
        """All properties of a new row: those that were sent, the others empty."""
        given = self.table.values(sent)
        number = len(self.world.created) + self.collection("rows").size
        found = {}
        for name, column in self.table.schema.items():
            value = {"id": column.id, "type": column.type, column.type: empty(column)}
            if column.inside:
                value[column.type] = {"type": column.inside, column.inside: None}
            if column.type == "rollup":
                value["rollup"]["function"] = "sum"
            if column.type == "unique_id":
                value["unique_id"] = {"prefix": self.table.columns[name]["unique_id"]["prefix"], "number": number + 1}
            found[name] = given.get(name, value)
            if column.type == "relation":
                found[name] = {**found[name], "has_more": False}
        return found

    def _parent(self, sent: Json) -> tuple[Json, int | None, str]:
        """A parent as pages write it, its position, and the list that a page below it stands in. Raises `Refusal`."""
        kinds = ("data_source_id", "database_id", "page_id", "workspace")
        kind = next((name for name in kinds if isinstance(sent, Mapping) and name in sent), None)
        if kind is None:
            raise invalid("body.parent.page_id should be defined, instead was `undefined`.")
        if kind == "workspace":
            return {"type": "workspace", "workspace": True}, None, "pages"
        key = dashed(sent[kind])
        if not key:
            raise invalid(f"body.parent.{kind} should be a valid uuid, instead was `{quoted(sent[kind])}`.")
        if kind == "page_id":
            if self.collection("pages").position(key) is None:
                raise not_found("page", key)
            return {"type": "page_id", "page_id": key}, None, "pages"
        home = self.collection("data_sources")
        position = self.source_of(key)[1] if kind == "database_id" else home.position(key)
        if position is None:
            raise not_found("data_source", key)
        source = home.key(position)
        parent = {"type": "data_source_id", "data_source_id": source, "database_id": database_of(source)}
        return parent, position, "rows"

    def answer_update_page(self, request: httpx.Request, match: Match) -> Answer:
        known = "properties icon cover archived in_trash is_locked is_archived erase_content template"
        sent = self.sent(request, known)
        home, position = self.found(match)
        patch: dict[str, Json] = {name: sent[name] for name in ("icon", "cover", "is_locked") if name in sent}
        if "properties" in sent:
            bare = dig(home.row(position), "parent.type") not in ("data_source_id", "database_id")
            patch["properties"] = _title(sent["properties"]) if bare else self.table.values(sent["properties"])
        away = next((sent[name] for name in ("in_trash", "archived") if name in sent), None)
        if away is not None and not isinstance(away, bool):
            raise invalid(f"body.archived should be a boolean, instead was `{quoted(away)}`.")
        if self.trashed(home, position) and away is not False:
            raise Refusal(ErrorKind.BAD_REQUEST, "Can't edit page on block with an archived ancestor.")
        self._touch(home, position, patch)
        if away is not None:
            self.throw(home, position, away=away)
        return self.whole_page("page", home, position)


_KEPT = (
    "title",
    "description",
    "is_inline",
    "in_trash",
    "created_time",
    "last_edited_time",
    "icon",
    "cover",
    "url",
    "public_url",
    "archived",
)
"""What a database has of its data source."""


def _title(sent: Json) -> dict[str, Json]:
    """The one property of a page that stands in no data source. Raises `Refusal`."""
    if not isinstance(sent, Mapping):
        raise invalid(f"body.properties should be an object, instead was `{quoted(sent)}`.")
    strange = next((name for name in sent if name != "title"), None)
    if strange is not None:
        raise Refusal(ErrorKind.BAD_REQUEST, f"{strange} is not a property that exists.")
    value = sent.get("title", [])
    value = value.get("title") if isinstance(value, Mapping) else value
    return {"title": {"id": "title", "type": "title", "title": rich_text(value, "body.properties.title.title")}}
