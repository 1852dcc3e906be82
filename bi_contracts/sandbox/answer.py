"""An answer before it becomes a response: status, headers, bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

import httpx

from ..paths import Json

JSON = "application/json; charset=utf-8"
Pairs = list[tuple[str, str]]


@dataclass(slots=True)
class Answer:
    """Status, headers in lower case, and the body as it travels."""

    status: int
    headers: Pairs
    body: bytes

    def response(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(self.status, headers=self.headers, content=self.body, request=request)

    def with_header(self, name: str, value: str | None) -> Answer:
        """The answer with one header set, or without it."""
        kept = [pair for pair in self.headers if pair[0] != name.lower()]
        return Answer(self.status, kept if value is None else [*kept, (name.lower(), value)], self.body)


def encode(value: Json) -> bytes:
    """Compact JSON in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def json_answer(status: int, value: Json, headers: Iterable[tuple[str, str]] = ()) -> Answer:
    return Answer(status, [("content-type", JSON), *headers], encode(value))
