"""Two made-up platforms that use everything a declaration can say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx

from bi_contracts.auth import Token
from bi_contracts.dialects import ErrorDialect, ErrorKind, ErrorShape, RateDialect
from bi_contracts.pagination import Cursor, Link, Offset, Relay, Scroll
from bi_contracts.platform import Endpoint, Platform
from bi_contracts.sandbox import Sandbox

ERROR = {"status": 0, "error": {"code": "{code}", "words": "{message}"}}


def errors(not_found: int = 404, limited: int = 429) -> ErrorDialect:
    statuses = {
        ErrorKind.UNAUTHORIZED: 401,
        ErrorKind.FORBIDDEN: 403,
        ErrorKind.NOT_FOUND: not_found,
        ErrorKind.BAD_REQUEST: 400,
        ErrorKind.RATE_LIMITED: limited,
        ErrorKind.SERVER_ERROR: 500,
    }
    shapes = {
        kind: ErrorShape(status, {**ERROR, "status": status}, code=kind.value, message=f"{kind.value} indeed")
        for kind, status in statuses.items()
    }
    return ErrorDialect(shapes, code="error.code", message="error.words")


USER = {"id": 7001, "name": "Pat Doe", "email": "pat@shop.test", "admin": False, "joined_on": "2026-02-01"}
SHELF = {"id": "5f0c1a52-7a43-4e7d-9f53-0d2f5b7f8a11", "name": "north-wall", "created_at": "2026-02-01T08:00:00.120Z"}
BOOK = {
    "id": "1200000000000701",
    "title": "Weekly report",
    "type": "book",
    "state": "lent",
    "pages": 320,
    "price": 12.5,
    "lent": True,
    "note": None,
    "text": "It was a long and quiet day.",
    "html": "<p>It was a long and quiet day.</p>",
    "created_at": "2026-03-01T09:12:24.630Z",
    "updated_at": "2026-03-02T09:12:24Z",
    "seen": 1767225600,
    "seen_ms": 1767225600123,
    "due_on": "2026-03-15",
    "url": "https://shop.test/books/1200000000000701?shelf=5f0c1a52-7a43-4e7d-9f53-0d2f5b7f8a11",
    "ticket": "LIB-18",
    "number": 18,
    "shelf": {"id": "5f0c1a52-7a43-4e7d-9f53-0d2f5b7f8a11", "name": "north-wall"},
    "author": {"id": "65a1b2c3d4e5f60718293a02", "name": "Kim Roe", "email": "kim@shop.test"},
    "reader_id": "65a1b2c3d4e5f60718293a02",
    "tags": ["one", "two"],
    "born": "1990-01-01",
}
MESSAGE = {"ts": "1773301231.714899", "user": "U0EXAMPLE01", "text": "Hello to all of you here", "blocks": []}

SHOP = Platform(
    name="shop",
    title="Shop",
    base_url="https://api.shop.test/v2",
    auth=Token("SHOP_TOKEN", form="shop_{}"),
    version="2026-01",
    version_header="Shop-Version",
    version_missing=ErrorShape(400, {"status": 400, "error": {"code": "{code}", "words": "{message}"}}, code="missing"),
    identity="me",
    endpoints=(
        Endpoint("me", "/users/me", kind="identity", examples=(USER,)),
        Endpoint(
            "users",
            "/users",
            records="data",
            paginator=Offset(slot="query.page", size="query.size", rows="data", by="pages", first=1, page=10),
            envelope={"object": "list"},
            examples=(USER, {**USER, "id": 7002, "admin": True}),
        ),
        Endpoint("user", "/users/{user_id}", kind="item", parents={"user_id": "users"}, examples=(USER,)),
        Endpoint(
            "shelves",
            "/shelves",
            records="data",
            paginator=Link(next="next", page=10, most=50, size="query.per_page"),
            examples=(SHELF,),
        ),
        Endpoint(
            "books",
            "/books",
            records="data.items",
            paginator=Cursor(
                token="page.next", slot="query.after", size="query.size", page=10, block="page", more="more"
            ),
            parents={"shelf": "shelves"},
            envelope={"object": "list"},
            examples=(BOOK,),
        ),
        Endpoint(
            "book",
            "/books/{book_id}",
            kind="item",
            records="data",
            parents={"book_id": "books"},
            examples=({**BOOK, "summary": "Only shown when one asks for the book"},),
        ),
        Endpoint(
            "shelf_book", "/shelves/{shelf}/books/{book}", kind="item", parents={"shelf": "shelves", "book": "books"}
        ),
        Endpoint(
            "add_book",
            "/books",
            method="POST",
            arguments="body",
            kind="write",
            records="data",
            parents={"shelf": "shelves"},
            examples=(BOOK,),
        ),
        Endpoint(
            "found_books",
            "/search",
            method="POST",
            arguments="body",
            body={"filter": "books"},
            records="found",
            paginator=Cursor(token="next", slot="body.after", size="body.size", page=10, tokens="uuid"),
            examples=({**SHELF, "kind": "shelf"},),
        ),
        Endpoint(
            "found",
            "/search",
            method="POST",
            arguments="body",
            body={"filter": "all"},
            records="found",
            paginator=Cursor(token="next", slot="body.after", size="body.size", page=10, tokens="uuid"),
            examples=({**USER, "kind": "user"}, {**SHELF, "kind": "shelf"}),
        ),
        Endpoint(
            "everything", "/everything", records="rows", paginator=Scroll("scroll", "query.scroll", "rows", page=10)
        ),
        Endpoint("colours", "/colours", records="", examples=({"id": "red-1", "name": "red"},)),
        Endpoint(
            "messages",
            "/messages.list",
            method="POST",
            other_methods=("GET",),
            arguments="form",
            records="messages",
            key="ts",
            paginator=Cursor(token="meta.cursor", slot="param.cursor", size="param.limit", page=10, end=""),
            examples=(MESSAGE,),
        ),
    ),
    errors=errors(),
    limits=RateDialect(
        limit=100, window=60.0, headers={"X-Limit": "limit", "X-Remaining": "remaining", "X-Reset": "reset_seconds"}
    ),
)

TEAM = {"id": "0b6f1a10-3c52-4d0e-8f11-000000000201", "key": "NUM", "name": "Numbers", "description": "Counting"}
LABEL = {"id": "0b6f1a10-3c52-4d0e-8f11-000000000601", "name": "Source"}
ISSUE = {
    "id": "0b6f1a10-3c52-4d0e-8f11-000000000701",
    "title": "Draft the chart",
    "priority": 2,
    "settings": {"a": 1},
    "parent": None,
    "team": {"id": TEAM["id"], "name": "Numbers"},
    "labels": {"nodes": [LABEL, {**LABEL, "id": "0b6f1a10-3c52-4d0e-8f11-000000000602"}]},
    "history": [{"at": "2026-01-01", "by": "someone"}],
}

GRAPH = Platform(
    name="graph",
    title="Graph",
    base_url="https://graph.test",
    auth=Token("GRAPH_TOKEN", prefix="", form="graph_{}"),
    protocol="graphql",
    identity="viewer",
    endpoints=(
        Endpoint(
            "viewer",
            "/graphql",
            method="POST",
            kind="identity",
            records="data.viewer",
            examples=({**USER, "id": "u1"},),
        ),
        Endpoint(
            "teams",
            "/graphql",
            method="POST",
            arguments="body.variables",
            records="data.teams.nodes",
            paginator=Relay("data.teams", page=10, most=50),
            examples=(TEAM,),
        ),
        Endpoint(
            "issues",
            "/graphql",
            method="POST",
            arguments="body.variables",
            records="data.issues.nodes",
            paginator=Relay("data.issues", page=10, most=50),
            examples=(ISSUE,),
        ),
        Endpoint(
            "issue",
            "/graphql",
            method="POST",
            kind="item",
            arguments="body.variables",
            records="data.issue",
            parents={"id": "issues"},
            examples=({**ISSUE, "extra": "shown for one issue"},),
        ),
        Endpoint(
            "plain_labels",
            "/graphql",
            method="POST",
            arguments="body.variables",
            records="data.labels",
            examples=(LABEL,),
        ),
        Endpoint(
            "create",
            "/graphql",
            method="POST",
            kind="write",
            arguments="body.variables",
            records="data.issueCreate.issue",
            examples=(ISSUE,),
        ),
    ),
    errors=errors(not_found=200, limited=400),
    limits=RateDialect(limit=100, window=60.0),
)


class Shop:
    """A sandbox and a client that talks to it, signed and versioned."""

    def __init__(self, rows: int = 25, seed: str = "bi", **settings: Any) -> None:
        self.now = 1_700_000_000.0
        self.sandbox = Sandbox((SHOP, GRAPH), rows=rows, seed=seed, clock=lambda: self.now, **settings)
        token = self.sandbox.credentials("shop")["SHOP_TOKEN"]
        self.headers = {"authorization": f"Bearer {token}", "shop-version": "2026-01"}
        self.http = httpx.Client(transport=self.sandbox.transport(), base_url="https://api.shop.test/v2")

    def get(self, path: str, headers: Mapping[str, str] | None = None, **params: Any) -> httpx.Response:
        return self.http.get(path, params=params or None, headers={**self.headers, **(headers or {})})

    def post(self, path: str, headers: Mapping[str, str] | None = None, **content: Any) -> httpx.Response:
        return self.http.post(path, headers={**self.headers, **(headers or {})}, **content)

    def query(self, text: str, variables: Any = None, **more: Any) -> httpx.Response:
        token = self.sandbox.credentials("graph")["GRAPH_TOKEN"]
        body = {"query": text, "variables": variables, **more}
        return self.http.post("https://graph.test/graphql", content=json.dumps(body), headers={"authorization": token})
