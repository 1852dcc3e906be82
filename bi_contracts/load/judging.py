"""Whether an answer is a success. What only looks like one is none."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from typing import Any

import httpx

from ..errors import BiContractsError
from ..interaction import DEGRADED_HEADER

Judge = Callable[[httpx.Response], str]
"""An answer -> what is wrong with it, "" where nothing is."""

NO_EVIDENCE = ("unavailable", "stale", "mock", "degraded")
"""Sources of a gateway's answer, or of a section of it, that stand for an upstream which did not answer now."""


def judge(expected_status: Collection[int] = ()) -> Judge:
    """Success is an expected status (any 2xx where none is named) with a body that does not say otherwise."""

    def found(response: httpx.Response) -> str:
        status = response.status_code
        if not (status in expected_status if expected_status else response.is_success):
            return f"HTTP {status}"
        worst = response.headers.get(DEGRADED_HEADER)
        return f"source: {worst}" if worst else unanswered(response.content)

    return found


def unanswered(body: bytes) -> str:
    """`source: stale`, where a gateway says that it, or a section of its answer, does not come from the upstream."""
    if not any(f'"{source}"'.encode() in body for source in NO_EVIDENCE):
        return ""  # most answers, without the cost of parsing them
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):  # no JSON, or JSON that nobody means
        return ""
    return next((f"source: {source}" for source in _sources(found) if source in NO_EVIDENCE), "")


def _sources(found: Any) -> list[Any]:
    """What the answer says of itself and of its sections; a row's own field `source` is data and not meant."""
    if not isinstance(found, dict):
        return []
    inside = found.get("sections")
    sections = list(inside.values()) if isinstance(inside, dict) else inside if isinstance(inside, list) else []
    parts = [found, *sections, *(part for part in found.values() if isinstance(part, dict))]
    return [part.get("source") for part in parts if isinstance(part, dict)]


def kind_of(error: Exception) -> str:
    """What a request failed with, in few words: they are counted, so nothing that varies stands in them."""
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return "timeout"
    if isinstance(error, httpx.ConnectError):
        return "no connection"
    if isinstance(error, httpx.TransportError):
        return "connection broken"
    if isinstance(error, httpx.DecodingError):
        return "unreadable answer"
    return f"error: {type(error).__name__}" if isinstance(error, BiContractsError) else f"bug: {type(error).__name__}"


NO_ANSWER = ("timeout", "no connection", "connection broken")
"""The kinds that mean that nobody answered."""
