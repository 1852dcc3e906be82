"""HTTP Archive 1.2, as browsers and proxies export it.

Format: http://www.softwareishard.com/blog/har-12-spec/. Bodies in an archive are already decoded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from ...interaction import Interaction, Request, Response
from ...slots import FORM
from . import json_stream
from .base import Refused, Unusable, attempt
from .bodies import as_bytes, from_base64
from .exchange import exchange, request_of, response_of
from .values import headers_of, mapping_of, moment_of, text_of


class Har:
    """Reads HTTP archives."""

    name = "har"

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002 the content decides
        return "log" in json_stream.top_keys(head) and any(
            mark in head for mark in (b'"entries"', b'"creator"', b'"pages"')
        )

    def read(self, path: Path) -> Iterator[Interaction | Refused]:
        for number, item in enumerate(json_stream.elements(json_stream.document(path), "log", "entries")):
            yield attempt(path, number, lambda item=item: interaction(item))  # type: ignore[misc]


def interaction(item: Any) -> Interaction:
    """One entry of `log.entries`. Raises `Unusable`."""
    entry = mapping_of(item, "entry")
    return exchange(
        _request(mapping_of(entry.get("request"), "request")),
        _response(mapping_of(entry.get("response"), "response")),
        recorded_at=moment_of(entry.get("startedDateTime")),
        elapsed=_seconds(entry.get("time")),
    )


def _request(request: Mapping[str, Any]) -> Request:
    posted = request.get("postData")
    body = _posted(mapping_of(posted, "postData")) if posted else b""
    return request_of(request.get("method"), request.get("url"), request.get("headers"), body)


def _posted(posted: Mapping[str, Any]) -> bytes:
    text = posted.get("text")
    if text:
        return from_base64(text) if posted.get("encoding") == "base64" else as_bytes(text)
    params = posted.get("params") or []
    if params and text_of(posted.get("mimeType")).partition(";")[0].strip().lower() != FORM:
        raise Unusable("the request's body was not saved (postData has params and no text)")
    return urlencode(headers_of(params)).encode()


def _response(response: Mapping[str, Any]) -> Response:
    content = response.get("content") or {}
    body = _content(mapping_of(content, "content"))
    return response_of(response.get("status"), response.get("headers"), body, response.get("statusText"))


def _content(content: Mapping[str, Any]) -> bytes:
    text, size = content.get("text"), content.get("size")
    if text is None and isinstance(size, int) and size > 0:
        raise Unusable(f"the response's body was not saved (size {size}, no text); export the archive with content")
    if content.get("encoding") == "base64":
        return from_base64(text or "")
    return as_bytes(text)


def _seconds(milliseconds: Any) -> float | None:
    if isinstance(milliseconds, int | float) and not isinstance(milliseconds, bool) and milliseconds >= 0:
        return milliseconds / 1000
    return None


IMPORTER = Har()
