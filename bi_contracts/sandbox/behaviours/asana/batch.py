"""Asana's batches: up to ten requests in one, each with an answer of its own.

Source: developers.asana.com/docs/batch-requests, Asana's OpenAPI description (createBatchRequest).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property

import httpx

from ....dialects import ErrorKind
from ....pagination import BadPage
from ....paths import Json
from ....queries import BadQuery
from ....slots import text
from ...answer import Answer, json_answer
from ...refusal import Refusal
from ...routing import Match, Router
from .values import bad
from .writes import Writes

MOST = 10
"""Requests in one batch."""

METHODS = ("get", "post", "put", "delete")


class Batch(Writes):
    """Answers requests that stand in another one."""

    @cached_property
    def router(self) -> Router:
        router = Router.of((self.platform,))
        router.extend(self.platform.name, self.extra)
        return router

    def answer_batch(self, request: httpx.Request, match: Match) -> Answer:
        actions = self._sent(request, match).get("actions")
        if not isinstance(actions, list) or not 1 <= len(actions) <= MOST:
            raise bad(f"actions: a list of 1 to {MOST} is wanted")
        inner = [_request(self.platform.base_url, number, action) for number, action in enumerate(actions)]
        return json_answer(200, {"data": [self._acted(one) for one in inner]})

    def _acted(self, request: httpx.Request) -> dict[str, Json]:
        place = self.router.place(request)
        found = self.router.match(request, place) if place is not None else None
        try:
            if found is None:
                raise Refusal(ErrorKind.NOT_FOUND)
            answer = self.answer(request, found)
        except Refusal as refusal:
            shape = refusal.shape or self.platform.errors.shapes[refusal.kind]
            answer = json_answer(*shape.render(refusal.message))
        except (BadPage, BadQuery) as problem:
            answer = json_answer(*self.platform.errors.render(ErrorKind.BAD_REQUEST, str(problem)))
        return {"status_code": answer.status, "headers": {}, "body": json.loads(answer.body)}


def _request(base_url: str, number: int, action: Json) -> httpx.Request:
    """The request that an action stands for. Raises `Refusal`."""
    path = action.get("relative_path") if isinstance(action, Mapping) else None
    method = str(action.get("method")).lower() if isinstance(action, Mapping) else ""
    if not isinstance(path, str) or not path.startswith("/") or method not in METHODS:
        raise bad(f"actions: [{number}]: relative_path and method are wanted")
    if path.partition("?")[0].rstrip("/") == "/batch":
        raise bad(f"actions: [{number}]: a batch holds no batch")
    data, options = action.get("data") or {}, action.get("options") or {}
    if not isinstance(data, Mapping) or not isinstance(options, Mapping):
        raise bad(f"actions: [{number}]: data and options are objects")
    asked = {"opt_fields" if name == "fields" else str(name): text(value) for name, value in options.items()}
    if method in ("get", "delete"):
        asked |= {name: text(value) for name, value in data.items()}
    content = None if method in ("get", "delete") else json.dumps({"data": dict(data)}).encode()
    headers = {"content-type": "application/json"}
    try:
        url = httpx.URL(base_url + path)
    except httpx.InvalidURL:
        raise bad(f"actions: [{number}]: relative_path is no path") from None
    return httpx.Request(method.upper(), url.copy_merge_params(asked), headers=headers, content=content)
