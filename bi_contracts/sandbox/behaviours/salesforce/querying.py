"""What statements select, in pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import httpx

from ....pagination import BadPage, Locator, Page, Paginator
from ....paths import Json
from ....platform import Endpoint, Platform
from ....queries import BadQuery
from ....queries.soql import Select, parse
from ....queries.soql.tree import Field, Function
from ...answer import Answer, json_answer
from ...routing import Match
from ...rows import FOREVER, Rows
from ...world import World
from .base import Records
from .binding import aggregated, bound, relative
from .schema import Sobject
from .statements import Reader

DATA = "/services/data"
KEPT = 256
"""Statements, and pages of them, that are remembered."""

PAGES = Locator("nextRecordsUrl", "done", "totalSize", "Sforce-Query-Options", "batchSize")


class Statements(Records):
    """Answers queries."""

    def __init__(self, platform: Platform, world: World) -> None:
        super().__init__(platform, world)
        self.statements: dict[str, tuple[str, bool]] = {}
        self.plans: dict[str, Callable[[int], Json]] = {}

    def _query(self, request: httpx.Request, match: Match, version: str, *, deleted: bool) -> Answer:
        text = request.url.params.get("q", "")
        if not text.strip():
            raise BadQuery("A query string has to be specified", "MALFORMED_QUERY")
        path = f"{DATA}/v{version}/{'queryAll' if deleted else 'query'}"
        asked = httpx.Request("GET", f"{self.platform.base_url}{path}", params={"q": text}, headers=request.headers)
        answer = self._selected(asked, match.endpoint.paginator, text, version, deleted=deleted)
        if len(self.statements) >= KEPT:
            self.statements.pop(next(iter(self.statements)))
        self.statements[PAGES.locator(asked)] = (text, deleted)
        return answer

    def _query_more(self, match: Match, request: httpx.Request, version: str, steps: list[str]) -> Answer:
        kept = self.statements.get(steps[1].partition("-")[0])
        if kept is None or kept[1] != (steps[0] == "queryAll"):
            raise BadQuery("invalid query locator", "INVALID_QUERY_LOCATOR")
        text, deleted_too = kept
        url = f"{self.platform.base_url}{DATA}/v{version}/{'/'.join(steps)}"
        asked = httpx.Request("GET", url, headers=request.headers)
        return self._selected(asked, match.endpoint.paginator, text, version, deleted=deleted_too)

    def _selected(
        self, asked: httpx.Request, paginator: Paginator, text: str, version: str, *, deleted: bool
    ) -> Answer:
        """One page of what a statement selects."""
        sobject, select = bound(self.org, parse(text), text)
        reader = Reader(self.org, self.clock(), version, deleted=deleted)
        endpoint = self.platform.endpoint("query_all") if deleted else sobject.list
        if _counts(select):
            count = len(reader.selected(sobject, select))
            return json_answer(200, {"totalSize": count, "done": True, "records": []})
        if aggregated(select):
            return self._paged(endpoint, self._page(asked, paginator, reader.aggregates(sobject, select)), "")
        page = self._page(asked, paginator, self._rows(sobject, select, reader, text))
        make = reader.shown(sobject, select)
        if deleted or not _plain(select):
            return self._paged(endpoint, Page([make(place) for place in _places(page)], page.fields), "")
        plan = f"{version} {text}"
        if len(self.plans) >= KEPT:
            self.plans.clear()
        self.plans[plan] = make
        return self._paged(endpoint, page, plan)

    def _rows(self, sobject: Sobject, select: Select, reader: Reader, text: str) -> Rows:
        """The records that a statement wants; kept until something is written, so that a later page is not sought."""
        if self.world.version != self.version or len(self.queried) >= KEPT:
            self.queried.clear()
            self.version = self.world.version
        timeless = self.world.horizon(self.platform) == FOREVER and not relative(select.where)
        name = (text, reader.deleted)
        kept = self.queried.get(name) if timeless else None
        if kept is not None:
            return Rows(self.org.home(sobject), kept)
        rows = reader.selected(sobject, select)
        if timeless:
            self.queried[name] = rows.positions
        return rows

    def _paged(self, endpoint: Endpoint, page: Page, fields: str) -> Answer:
        """The figures first, then the records."""
        figures = {name: value for name, value in page.fields.items() if value is not ...}
        return super()._paged(replace(endpoint, envelope={**endpoint.envelope, **figures}), page, fields)

    def _page(self, asked: httpx.Request, paginator: Paginator, rows: Json) -> Page:
        memory = self.memories.setdefault("query", {})
        while len(memory) > KEPT:
            memory.pop(next(iter(memory)))
        try:
            return paginator.serve(asked, rows, memory)
        except BadPage as problem:
            code = "INVALID_QUERY_LOCATOR" if PAGES.continues(asked) else "MALFORMED_QUERY"
            raise BadQuery(str(problem), code) from None

    def _shown(self, endpoint: Endpoint, row: Json, position: int, fields: str) -> Json:
        make = self.plans.get(fields)
        if make is None:
            return super()._shown(endpoint, row, position, fields)
        return self.record(endpoint, make(position), position)


def _counts(select: Select) -> bool:
    """Whether a statement only asks how many there are: `SELECT COUNT()`."""
    value = select.columns[0].value
    return isinstance(value, Function) and value.name == "COUNT" and value.argument is None


def _plain(select: Select) -> bool:
    """Whether every column is a field of the record's own: nothing that another record's change could change."""
    return all(isinstance(column.value, Field) and len(column.value.steps) == 1 for column in select.columns)


def _places(page: Page) -> Sequence[int]:
    return page.rows.positions if isinstance(page.rows, Rows) else ()
