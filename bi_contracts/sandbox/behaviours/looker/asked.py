"""What a request asks of Looker, and what it is refused with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from ....dialects import ErrorKind, ErrorShape
from ....pagination import Offset, whole_number
from ....paths import Json
from ....platform import Endpoint
from ....slots import json_of
from ...refusal import Refusal

DOCS = "http://docs.looker.com/"

BLANK: dict[str, Any] = {
    "model": "",
    "view": "",
    "fields": None,
    "pivots": None,
    "fill_fields": None,
    "filters": None,
    "filter_expression": None,
    "sorts": None,
    "limit": None,
    "column_limit": None,
    "total": None,
    "row_total": None,
    "subtotals": None,
    "vis_config": None,
    "filter_config": None,
    "visible_ui_sections": None,
    "dynamic_fields": None,
    "query_timezone": None,
}


def query_of(record: dict[str, Json], number: str, name: str) -> dict[str, Json]:
    """A query with what Looker adds to it: its number and the addresses it can be seen at."""
    explored = f"/explore/{record['model']}/{record['view']}?fields={','.join(map(str, record['fields'] or ()))}"
    added = {
        "id": number,
        "slug": name[:7],
        "client_id": name[:22],
        "share_url": f"https://looker.example.com/x/{name[:22]}",
        "expanded_share_url": f"https://looker.example.com{explored}",
        "url": explored,
        "has_table_calculations": False,
        "can": {"run": True, "see_results": True, "explore": True, "create": True, "show": True, "index": True},
    }
    limit = record.get("limit")
    return {**record, **added, "limit": None if limit is None else str(limit)}


def asked_query(request: httpx.Request) -> Mapping[str, Json]:
    """The query in a body. Raises `Refusal` where it names no model or no view."""
    sent = json_of(request)
    if not isinstance(sent, Mapping):
        raise invalid("body", "missing", "a query is wanted")
    for name in ("model", "view"):
        if not isinstance(sent.get(name), str) or not sent[name]:
            raise invalid(name, "missing_field", "This field is required.")
    if not isinstance(sent.get("fields") or [], list):
        raise invalid("fields", "invalid", "a list of texts is wanted")
    return sent


def invalid(field: str, code: str, message: str) -> Refusal:
    """Looker's way to say that a value in a request is wrong."""
    error = {"field": field, "code": code, "message": message, "documentation_url": DOCS}
    body = {"message": "Validation Failed", "errors": [error], "documentation_url": DOCS}
    return Refusal(ErrorKind.BAD_REQUEST, shape=ErrorShape(422, body))


def by_rows(request: httpx.Request, endpoint: Endpoint) -> httpx.Request:
    """A request with `page` and `per_page` as one with `limit` and `offset`. Raises `BadPage`."""
    given = request.url.params
    if not isinstance(endpoint.paginator, Offset) or "limit" in given or not given.get("per_page"):
        return request
    size, page = whole_number(given["per_page"], 0), whole_number(given.get("page"), 1)
    url = request.url.copy_merge_params({"limit": str(size), "offset": str(size * (page - 1))})
    return httpx.Request(request.method, url, headers=request.headers)


def links(url: httpx.URL, total: int) -> list[tuple[str, str]]:
    """The headers that Looker's own clients page by."""
    size, offset = whole_number(url.params.get("limit"), 1), whole_number(url.params.get("offset"), 0)
    places = {
        "first": 0,
        "last": max(0, total - 1) // size * size,
        "next": offset + size if offset + size < total else None,
        "prev": max(0, offset - size) if offset else None,
    }
    links = (f'<{url.copy_set_param("offset", at)}>; rel="{name}"' for name, at in places.items() if at is not None)
    return [("x-total-count", str(total)), ("link", ", ".join(links))]
