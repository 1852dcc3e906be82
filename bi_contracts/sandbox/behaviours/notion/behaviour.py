"""Answers as Notion: which version was asked for, which ids are ids at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar

import httpx

from ....dialects import ErrorKind
from ....paths import Json, bury, dig
from ....platform import Endpoint
from ....queries.property_filters import dashed, quoted, relative
from ....slots import json_of, with_content
from ...answer import Answer, encode
from ...refusal import Refusal
from ...routing import Match
from .base import not_found
from .contents import invalid
from .pages import Pages
from .versions import DECLARED, KNOWN, as_of

SEARCHES = ("search", "pages", "data_sources")
FOUND = {"page": "pages", "data_source": "data_sources", "database": "data_sources"}
"""What a search is for -> the list that answers it."""
OLD = ("database_query",)
"""Endpoints that no version from the declared one on has."""
NEW = ("data_source", "rows")
"""Endpoints that no version before the declared one has."""
NAMES = {
    "database": "data_source",
    "database_query": "rows",
    "page_property": "page",
    "update_block": "block",
    "delete_block": "block",
}
"""Endpoint that is not declared -> the declared one that it counts as."""
KINDS = {
    "page_id": "page",
    "block_id": "block",
    "user_id": "user",
    "data_source_id": "data_source",
    "database_id": "database",
}


class Behaviour(Pages):
    """Answers as Notion."""

    extra: ClassVar[tuple[Endpoint, ...]] = (
        Endpoint("database", "/databases/{database_id}", kind="item"),
        Endpoint("database_query", "/databases/{database_id}/query", method="POST", arguments="body", kind="item"),
        Endpoint("page_property", "/pages/{page_id}/properties/{property_id}", kind="item"),
        Endpoint("update_block", "/blocks/{block_id}", method="PATCH", arguments="body", kind="item"),
        Endpoint("delete_block", "/blocks/{block_id}", method="DELETE", kind="item"),
    )

    def name(self, request: httpx.Request, match: Match) -> str:
        name = super().name(request, self._meant(request, match))
        return NAMES.get(name, name)

    def _meant(self, request: httpx.Request, match: Match) -> Match:
        """A search for one kind of object is a list of its own."""
        if match.endpoint.name not in SEARCHES:
            return match
        kind = dig(json_of(request), "filter.value")
        name = FOUND.get(kind, "search") if isinstance(kind, str) else "search"
        found = self.platform.endpoint(name)
        if found.paginator is not match.endpoint.paginator:  # a fault bends it
            found = replace(found, paginator=match.endpoint.paginator)
        return Match(found, match.arguments)

    def answer(self, request: httpx.Request, match: Match) -> Answer:
        version = self._version(request)
        match = self._meant(request, match)
        name = match.endpoint.name
        if name in (NEW if version < DECLARED else OLD):
            raise Refusal(ErrorKind.BAD_REQUEST, shape=self.platform.errors.unknown_path)
        match = Match(match.endpoint, self._arguments(match))
        if name in SEARCHES:
            self.sent(request, "query filter sort start_cursor page_size")
            request = self._searching(request, version)
        elif name in ("rows", "database_query"):
            request = self._dated(request)
        try:
            answer = super().answer(request, match)
        except Refusal as refusal:
            raise self._explained(refusal, match) from None
        if version != DECLARED and answer.body:
            answer.body = encode(as_of(version, json.loads(answer.body)))
        return answer

    def _version(self, request: httpx.Request) -> str:
        version: str = request.headers[self.platform.version_header]
        if version not in KNOWN:
            known = ", ".join(f'"{one}"' for one in KNOWN)
            words = f"header.Notion-Version should be {known}, instead was `{quoted(version)}`."
            raise Refusal(ErrorKind.BAD_REQUEST, f"headers failed validation: {words}")
        return version

    def _arguments(self, match: Match) -> dict[str, Json]:
        """The arguments, their ids with dashes. Raises `Refusal` for one that is no UUID and that no row has."""
        found = dict(match.arguments)
        for name in KINDS:
            if name not in found or self._stands(match, name):
                continue
            key = dashed(found[name])
            if not key:
                place = "path" if name in match.endpoint.placeholders else "query"
                words = f"{place}.{name} should be a valid uuid, instead was `{quoted(found[name])}`."
                raise Refusal(ErrorKind.BAD_REQUEST, f"{place} failed validation: {words}")
            found[name] = key
        return found

    def _stands(self, match: Match, name: str) -> bool:
        """Whether a row has this very key: rows that were put here may have any."""
        parent = match.endpoint.parents.get(name)
        return parent is not None and self.collection(parent).position(match.arguments[name]) is not None

    def _searching(self, request: httpx.Request, version: str) -> httpx.Request:
        """The search in the words of the declared version. Raises `Refusal` for words of another one."""
        body = json_of(request)
        wanted = body.get("filter") if isinstance(body, Mapping) else None
        value = wanted.get("value") if isinstance(wanted, Mapping) else None
        if version >= DECLARED or value not in ("database", "data_source"):
            return request
        if value == "data_source":
            raise invalid('body.filter.value should be "page" or "database", instead was `"data_source"`.')
        return with_content(request, json.dumps(bury(body, "filter.value", "data_source")).encode(), "application/json")

    def _dated(self, request: httpx.Request) -> httpx.Request:
        """The query with dates for words such as `past_week`."""
        body = json_of(request)
        if not isinstance(body, Mapping) or not any(word in request.content for word in _WORDS):
            return request
        today = datetime.fromtimestamp(self.clock(), UTC)
        changed = {**body, "filter": _resolved(body.get("filter"), today, 0)}
        return with_content(request, json.dumps(changed).encode(), "application/json")

    def _explained(self, refusal: Refusal, match: Match) -> Refusal:
        """Not found says what, and its id."""
        name = next((one for one in KINDS if one in match.arguments), None)
        if refusal.kind is not ErrorKind.NOT_FOUND or refusal.message or refusal.shape is not None or name is None:
            return refusal
        return not_found(KINDS[name], match.arguments[name])


_WORDS = (b"past_", b"this_week", b"next_")


def _resolved(wanted: Json, today: datetime, depth: int) -> Json:
    if isinstance(wanted, list):
        return [_resolved(part, today, depth + 1) for part in wanted] if depth < 8 else wanted
    if not isinstance(wanted, Mapping):
        return wanted
    return {
        name: relative(value, today)
        if name in ("date", "created_time", "last_edited_time") and isinstance(value, Mapping)
        else _resolved(value, today, depth + 1)
        if name in ("and", "or", "formula", "rollup")
        else value
        for name, value in wanted.items()
    }
