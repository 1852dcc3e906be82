"""Cassettes in formats other tools read: HAR 1.2, and one response envelope a line."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from ..interaction import Headers, Interaction, header
from .store import Cassette, tool_version

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_jsonl(cassettes: Iterable[Cassette]) -> Iterator[str]:
    """Responses as `{"endpoint", "status", "headers", "body"}`, one JSON text each: what `infer --from` reads."""
    for cassette in cassettes:
        for interaction in cassette.interactions:
            yield json.dumps({"endpoint": interaction.endpoint, **interaction.response.envelope}, ensure_ascii=False)


def to_har(cassettes: Iterable[Cassette]) -> dict[str, Any]:
    """The interactions as a HAR 1.2 log. Times are in milliseconds, -1 where they were not measured."""
    entries = [_entry(interaction) for cassette in cassettes for interaction in cassette.interactions]
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "bi_contracts", "version": tool_version()},
            "entries": entries,
        }
    }


def _entry(interaction: Interaction) -> dict[str, Any]:
    elapsed = -1.0 if interaction.elapsed is None else interaction.elapsed * 1000
    return {
        "startedDateTime": (interaction.recorded_at or _EPOCH).isoformat(),
        "time": elapsed,
        "request": _request(interaction),
        "response": _response(interaction),
        "cache": {},
        "timings": {"send": 0, "wait": elapsed, "receive": 0},
        "comment": interaction.endpoint,
    }


def _request(interaction: Interaction) -> dict[str, Any]:
    request = interaction.request
    members = {
        "method": request.method,
        "url": request.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(request.headers),
        "queryString": _pairs(tuple(request.query)),
        "headersSize": -1,
        "bodySize": len(request.body),
    }
    if request.body:
        members["postData"] = {"mimeType": header(request.headers, "content-type"), **_text(request.body)}
    return members


def _response(interaction: Interaction) -> dict[str, Any]:
    response = interaction.response
    return {
        "status": response.status,
        "statusText": response.reason,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(response.headers),
        "content": {
            "size": len(response.body),
            "mimeType": header(response.headers, "content-type"),
            **_text(response.body),
        },
        "redirectURL": header(response.headers, "location"),
        "headersSize": -1,
        "bodySize": len(response.body),
    }


def _pairs(pairs: Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _text(body: bytes) -> dict[str, str]:
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"text": b64encode(body).decode(), "encoding": "base64"}
