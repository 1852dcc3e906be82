"""Where a value travels in a request: `query.limit`, `form.cursor`, `body.variables.after`, `param.cursor`.

`body` is a JSON body and takes a dotted path. `param` is written into the form of a form post and into the
query otherwise, and is read from query, form or JSON body: some APIs (Slack) take their arguments in any of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

import httpx

from .errors import DeclarationError
from .paths import Json, bury, decode_body, dig

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


def media_type(headers: Mapping[str, str]) -> str:
    """The content type without its parameters, in lower case."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def form_of(request: httpx.Request) -> dict[str, str]:
    """The fields of a form post; empty for anything else."""
    if not request.content or media_type(request.headers) not in (FORM, MULTIPART):
        return {}
    if media_type(request.headers) == MULTIPART:
        return _parts(request)
    return dict(parse_qsl(request.content.decode("utf-8", errors="replace"), keep_blank_values=True))


def _parts(request: httpx.Request) -> dict[str, str]:
    """The fields of a form in parts (RFC 7578); files are left out."""
    from email import message_from_bytes
    from email.policy import HTTP

    head = f"content-type: {request.headers['content-type']}\r\n\r\n".encode("latin-1", "replace")
    found = {}
    for part in message_from_bytes(head + request.content, policy=HTTP).iter_parts():
        name = part.get_param("name", header="content-disposition")
        if isinstance(name, str) and part.get_filename() is None:
            found[name] = bytes(part.get_payload(decode=True) or b"").decode("utf-8", "replace")
    return found


def json_of(request: httpx.Request) -> Json:
    """The JSON body, None where there is none or it does not parse."""
    if not request.content or media_type(request.headers) == FORM:
        return None
    try:
        return json.loads(request.content)
    except ValueError:
        return None


def answer_of(response: httpx.Response) -> Json:
    """The decoded body of a response that was read. Parsed once, however many ask."""
    if _ANSWER not in response.extensions:
        response.extensions[_ANSWER] = decode_body(response.content)
    return response.extensions[_ANSWER]


def read_slot(request: httpx.Request, slot: str) -> Json:
    """What stands in the slot, None where nothing does. Query and form values are text."""
    place, _, name = slot.partition(".")
    match place:
        case "query":
            return request.url.params.get(name)
        case "form":
            return form_of(request).get(name)
        case "body":
            return dig(json_of(request), name)
        case "param":
            found = (request.url.params.get(name), form_of(request).get(name), dig(json_of(request), name))
            return next((value for value in found if value is not None), None)
    raise DeclarationError(f"slot {slot!r}: the place must be query, form, body or param")


def write_slot(request: httpx.Request, slot: str, value: Json) -> httpx.Request:
    """A copy of the request with `value` in the slot."""
    place, _, name = slot.partition(".")
    if place == "param":
        place = "form" if media_type(request.headers) == FORM else "query"
    match place:
        case "query":
            return httpx.Request(
                request.method,
                request.url.copy_set_param(name, text(value)),
                headers=request.headers,
                content=request.content or None,
            )
        case "form":
            fields = {**form_of(request), name: text(value)}
            return with_content(request, urlencode(fields).encode(), FORM)
        case "body":
            body = bury(json_of(request) or {}, name, value)
            return with_content(request, json.dumps(body).encode(), "application/json")
    raise DeclarationError(f"slot {slot!r}: the place must be query, form, body or param")


def with_content(request: httpx.Request, content: bytes, content_type: str) -> httpx.Request:
    """A copy of the request with another body."""
    kept = [(name.lower(), value) for name, value in request.headers.raw if name.lower() not in _BODY_HEADERS]
    headers = [*kept, (b"content-type", content_type.encode())]
    return httpx.Request(request.method, request.url, headers=headers, content=content)


def text(value: Json) -> str:
    """A value as query and form carry it: `true`, `3`, `a,b`; objects as JSON."""
    match value:
        case str():
            return value
        case bool() | None | Mapping():
            return json.dumps(value)
        case list() | tuple():
            return ",".join(map(text, value))
    return str(value)


_ANSWER = "bi_contracts.answer"
_BODY_HEADERS = {b"content-length", b"content-type", b"transfer-encoding"}
