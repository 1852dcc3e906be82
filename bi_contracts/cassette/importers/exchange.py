"""One interaction from the loose parts that the formats have in common."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ...interaction import Interaction, Request, Response, Source, header
from .bodies import plain
from .values import headers_of, method_of, moment_of, status_of, text_of, url_of


def request_of(method: Any, url: Any, headers: Any = None, body: bytes = b"") -> Request:
    """A request with its body decoded. Raises `Unusable`."""
    fitted, decoded = plain(headers_of(headers), body)
    return Request(method_of(method), url_of(url), fitted, decoded)


def response_of(status: Any, headers: Any = None, body: bytes = b"", reason: Any = "") -> Response:
    """A response with its body decoded. Raises `Unusable`."""
    code = status_of(status)
    fitted, decoded = plain(headers_of(headers), body)
    return Response(code, fitted, decoded, text_of(reason))


def exchange(
    request: Request,
    response: Response,
    *,
    recorded_at: datetime | None = None,
    elapsed: float | None = None,
    endpoint: str = "",
) -> Interaction:
    """The interaction. Where the format keeps no time, the response's `Date` says when it was recorded."""
    moment = recorded_at or moment_of(header(response.headers, "date"))
    return Interaction(endpoint, request, response, elapsed, moment, Source.IMPORTED)
