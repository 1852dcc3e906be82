"""Nango's recorded tests (`*.test.json`) and its older mock files.

A test holds `{"api": {method: {path: entry | [entries]}}}`, an entry being `response`, `status`, `headers`,
`hash` and `request` (`params`, `data`, `headers`). A mock file is one entry with `method`, `endpoint` and
`requestIdentity`. Paths have no host. Mock files that hold a response body and nothing else cannot be imported.

What was recorded passed through Nango's proxy, which adds headers of its own to every answer; those are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from ...interaction import Interaction, Request
from ...paths import Json
from ...slots import text
from . import json_stream
from .base import Refused, Unusable, attempt
from .bodies import as_bytes, dump_json
from .exchange import exchange, request_of, response_of
from .values import mapping_of

_METHODS = {"get", "post", "put", "patch", "delete", "head", "options"}
_PROXY = {f"x-ratelimit-{name}" for name in ("limit", "remaining", "reset")} | {
    *("access-control-allow-origin", "access-control-expose-headers", "content-security-policy-report-only"),
    *("strict-transport-security", "x-content-type-options", "x-dns-prefetch-control", "x-download-options"),
    *("x-frame-options", "x-xss-protection", "rndr-id", "x-render-origin-server"),
}
"""What stands on the answers of every platform alike: the proxy's rate limit, its safety headers, its host's names."""


class Nango:
    """Reads Nango's recorded tests and full mock files."""

    name = "nango"

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002 the content decides
        keys = json_stream.top_keys(head)
        # The calls stand last: a long `output` or `nango` block may hide them from the head.
        return "requestIdentity" in keys or "api" in keys or keys[:1] == ("nango",) or keys[:2] == ("input", "output")

    def read(self, path: Path) -> Iterator[Interaction | Refused]:
        document = json_stream.document(path)
        for number, (method, where, entry) in enumerate(_entries(document)):
            yield attempt(path, number, lambda m=method, w=where, e=entry: _interaction(m, w, e))  # type: ignore[misc]


def _entries(document: str) -> Iterator[tuple[Any, Any, Any]]:
    if json_stream.value_at(document, "requestIdentity") is not None:
        mock = mapping_of(json_stream.value_at(document), "mock")
        yield mock.get("method"), mock.get("endpoint"), {**mock, "request": mock["requestIdentity"]}
        return
    api = json_stream.value_at(document, "api")
    if not isinstance(api, Mapping) or not api.keys() <= _METHODS:
        raise Unusable("no recorded calls in it (no `api` object with methods)")
    for method, paths in api.items():
        for where, held in mapping_of(paths, "object of paths").items():
            for entry in held if isinstance(held, list) else [held]:
                yield method, where, entry


def _interaction(method: Any, where: Any, item: Any) -> Interaction:
    entry = mapping_of(item, "entry")
    request = mapping_of(entry.get("request") or {}, "request")
    return exchange(
        _request(method, where, request),
        response_of(entry.get("status"), _headers(entry.get("headers")), _answer(entry.get("response"))),
    )


def _headers(headers: Any) -> Any:
    """The vendor's own; what is no object is told later."""
    if not isinstance(headers, Mapping):
        return headers
    return {name: value for name, value in headers.items() if str(name).lower() not in _PROXY}


def _request(method: Any, where: Any, request: Mapping[str, Any]) -> Request:
    query = urlencode(list(_params(request.get("params"))))
    url = f"{where}{'&' if '?' in str(where) else '?'}{query}" if query else where
    data = request.get("data")
    return request_of(method, url, request.get("headers"), b"" if data is None else _sent(data))


def _params(params: Json) -> Iterator[tuple[str, str]]:
    """Query parameters from an object, or from a list of pairs; a list value is a repeated parameter."""
    if isinstance(params, str):
        raise Unusable("the query parameters are neither an object nor a list of pairs")
    pairs = params.items() if isinstance(params, Mapping) else params or []
    for pair in pairs:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise Unusable("a query parameter is no pair of name and value")
        name, value = pair
        for item in value if isinstance(value, list) else [value]:
            yield str(name), text(item)


def _sent(data: Json) -> bytes:
    """What was sent: text stands as it went over the wire, anything else went as JSON."""
    return as_bytes(data) if isinstance(data, str) else dump_json(data)


def _answer(response: Json) -> bytes:
    """What was answered: Nango keeps parsed JSON, and text (or "" for no body) where it was no JSON."""
    if response is None or isinstance(response, str):
        return as_bytes(response)
    return dump_json(response)


IMPORTER = Nango()
