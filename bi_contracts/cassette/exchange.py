"""vcrpy's requests and responses to ours and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from ..interaction import Headers, Request, Response, as_headers, header
from .encoding import decoded

_FORM = ("content-type", "application/x-www-form-urlencoded")


def request_of(recorded: Any) -> Request:
    """Our request of a `vcr.request.Request`, its body decoded."""
    headers: Headers = tuple((str(name), _text(value)) for name, value in recorded.headers.items())
    body, is_form = _body(recorded.body_bytes, header(headers, "content-type"))
    if is_form and not header(headers, "content-type"):
        headers = (*headers, _FORM)
    headers, body = decoded(headers, body)
    return Request(str(recorded.method), str(recorded.uri), headers, body)


def form_of(recorded: Any) -> Request | None:
    """The request read as a form, where aiohttp passed on a mapping that may have been `data=` or `json=`."""
    body = recorded.body_bytes
    if not isinstance(body, Mapping) or any(isinstance(value, list | Mapping) for value in body.values()):
        return None
    request = request_of(recorded)
    return Request(request.method, request.url, (*request.headers, _FORM), urlencode(body).encode())


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _body(body: Any, content_type: str) -> tuple[bytes, bool]:
    """The bytes of a body as a client gave it, and whether they are a form the client has yet to declare."""
    if body is None:
        return b"", False
    if isinstance(body, bytes | bytearray | memoryview):
        return bytes(body), False
    if isinstance(body, str):
        return body.encode(), False
    if isinstance(body, Mapping) and "urlencoded" in content_type:
        return urlencode(body).encode(), False
    if isinstance(body, Mapping | list | tuple | int | float | bool):
        return json.dumps(body, ensure_ascii=False, default=str).encode(), False
    return urlencode(list(_fields(body))).encode(), True


def _fields(form: Any) -> Iterable[tuple[str, str]]:
    """The fields of aiohttp's FormData, whose bytes are made only when they are sent."""
    for options, _, value in getattr(form, "_fields", ()):
        yield str(options.get("name", "")), value if isinstance(value, str) else type(value).__name__


def response_of(recorded: Mapping[str, Any]) -> Response:
    """Our response of vcrpy's mapping, its body decoded."""
    body = recorded.get("body") or {}
    headers, content = decoded(as_headers(recorded["headers"]), _body(body.get("string"), "")[0])
    status = recorded["status"]
    return Response(int(status["code"]), headers, content, str(status.get("message") or ""))


def playable(response: Response) -> dict[str, Any]:
    """vcrpy's mapping of our response, made afresh: its stubs change what they are given."""
    headers: dict[str, list[str]] = {}
    for name, value in response.headers:
        if name.lower() != "content-encoding":
            headers.setdefault(name, []).append(value)
    return {
        "status": {"code": response.status, "message": response.reason.encode("ascii", "ignore").decode()},
        "headers": headers,
        "body": {"string": response.body},
    }
