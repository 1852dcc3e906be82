"""What every part of Notion's behaviour needs: who writes, what is in the trash, which rows a list holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import ClassVar

import httpx

from ....dialects import ErrorKind
from ....paths import Json
from ....platform import Endpoint, Platform
from ....queries.property_filters import dashed, quoted
from ....slots import json_of
from ...answer import Answer, encode, json_answer, writable
from ...collection import Collection
from ...refusal import Refusal
from ...rest import Rest, parent_rows
from ...routing import Match
from ...rows import Rows
from ...world import World
from .coherence import settled
from .contents import Table, invalid

SHARED = ("pages", "search")
"""Lists that show the rows of data sources which somebody created, beside their own."""


class Base(Rest):
    """Answers as Notion, for lists and items."""

    extra: ClassVar[tuple[Endpoint, ...]] = ()

    def __init__(self, platform: Platform, world: World) -> None:
        super().__init__(platform, world)
        self.trash: set[tuple[str, int]] = set()
        schema = getattr(platform.endpoint("rows").query, "schema", {})
        columns = platform.endpoint("data_sources").examples[0]["properties"]
        self.table = Table(schema, columns)

    def bot(self) -> Json:
        """Who writes through this connection, in brief."""
        return {"object": "user", "id": self.collection("me").row(0)["id"]}

    def record(self, endpoint: Endpoint, row: Json, position: int) -> Json:
        home = self.world.collection(self.platform, endpoint)
        made_up = position >= 0 and home.exact is None and not getattr(home, "own", False)
        return super().record(endpoint, settled(row) if made_up else row, position)

    def rows(self, request: httpx.Request, match: Match) -> Rows:
        rows = parent_rows(self.world, self.platform, match)
        if match.endpoint.name in SHARED:
            rows = self._with_created(rows)
        if self.trash:
            kept = [position for position in rows.positions if not self.trashed(rows.source, position)]
            rows = Rows(rows.source, kept, rows.until)
        query = match.endpoint.query.read(request) if match.endpoint.query is not None else None
        return rows if query is None or query.plain else self.narrowed(rows, query)

    def _with_created(self, rows: Rows) -> Rows:
        added = self.collection("rows").added(None, rows.until)
        return Rows(rows.source, [*rows.positions, *added], rows.until) if added else rows

    def trashed(self, home: Collection, position: int) -> bool:
        """Whether a row is in the trash: it can be asked for, and is in no list."""
        real, place = home.home(position)
        return (real.endpoint.name, place) in self.trash

    def throw(self, home: Collection, position: int, *, away: bool) -> None:
        """Puts a row into the trash, or takes it out again."""
        real, place = home.home(position)
        (self.trash.add if away else self.trash.discard)((real.endpoint.name, place))
        self.world.update(self.platform, home.endpoint, position, {"in_trash": away, "archived": away})

    def sent(self, request: httpx.Request, known: str = "", required: str = "") -> Mapping[str, Json]:
        """The body, an object with `known` members and all of `required`. Raises `Refusal`."""
        body = json_of(request)
        if body is None and not request.content:
            body = {}
        if not isinstance(body, Mapping) or not writable(body):
            raise invalid(f"body should be an object, instead was `{quoted(body)}`.")
        for name in required.split():
            if name not in body:
                raise invalid(f"body.{name} should be defined, instead was `undefined`.")
        names = {*known.split(), *required.split()}
        strange = next((name for name in body if names and name not in names), None)
        if strange is not None:
            raise invalid(f"body.{strange} should be not present, instead was `{quoted(body[strange])}`.")
        return body

    def whole_page(self, endpoint: str, home: Collection, position: int) -> Answer:
        """A page, as the item endpoint of that name gives it."""
        found = self.platform.endpoint(endpoint)
        return self.enveloped(found, self.shown(found, home, position))

    def chosen(self, request: httpx.Request, answer: Answer) -> Answer:
        """The answer with only the properties that `filter_properties` names. Raises `Refusal`."""
        params = request.url.params
        names = [*params.get_list("filter_properties"), *params.get_list("filter_properties[]")]
        if not names:
            return answer
        wanted = {self.table.named(name)[0] for name in names if name != "title"}
        body = json.loads(answer.body)
        for page in body.get("results", [body]):
            kept = page.get("properties", {})
            page["properties"] = {
                name: value
                for name, value in kept.items()
                if name in wanted or ("title" in names and value.get("id") == "title")
            }
        answer.body = encode(body)
        return answer


def not_found(kind: str, key: Json) -> Refusal:
    """There is no such thing, or it is not shared with this integration."""
    words = f"Could not find {kind} with ID: {dashed(key) or key}. It is not there, or not shared with the integration."
    return Refusal(ErrorKind.NOT_FOUND, words)


def listed(endpoint: Endpoint, rows: list[Json]) -> Answer:
    """All rows in one page."""
    return json_answer(200, {**endpoint.envelope, endpoint.records: rows, "next_cursor": None, "has_more": False})
