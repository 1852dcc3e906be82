"""The canonical form of a request: two requests that ask the same have the same key."""

from __future__ import annotations

import json
import re
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from ..interaction import Request, header
from ..paths import Json
from ..redact import is_graphql

_PORTS = {"https": 443, "http": 80}
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_BOUNDARY = re.compile(r'boundary="?([^";,\s]{1,200})', re.IGNORECASE)
_GRAPHQL_TOKEN = re.compile(
    r'"""[\s\S]*?"""|"[^"\\\n]*(?:\\.[^"\\\n]*)*"|#[^\n]*|[\s,\ufeff]+|\.\.\.|[\w$@.-]+|[^\s\w]'
)


class RequestKey(NamedTuple):
    """What has to be equal for a recording to answer a request. Headers are no part of it."""

    method: str
    scheme: str
    host: str
    port: int | None
    path: str
    query: tuple[tuple[str, str], ...]
    body: str


def key_of(request: Request) -> RequestKey:
    """The key of a *redacted* request: query and form parameters sorted, JSON and GraphQL free of layout."""
    parts = urlsplit(request.url)
    scheme = parts.scheme.lower()
    return RequestKey(
        method=request.method.upper(),
        scheme=scheme,
        host=(parts.hostname or "").lower(),
        port=_port(parts.netloc, scheme),
        path=_path(parts.path),
        query=tuple(sorted(parse_qsl(parts.query, keep_blank_values=True))) if parts.query else (),
        body=canonical_body(request.body, header(request.headers, "content-type")),
    )


def _port(netloc: str, scheme: str) -> int | None:
    digits = netloc.rpartition("@")[2].rpartition("]")[2].rpartition(":")[2]
    return int(digits) if digits.isdecimal() and len(digits) < 6 and ":" in netloc else _PORTS.get(scheme)


def _path(path: str) -> str:
    """The path with escapes as RFC 3986 section 6.2.2 normalises them."""
    return _ESCAPE.sub(_escape, path) if "%" in path else path or "/"


def _escape(match: re.Match[str]) -> str:
    char = chr(int(match[1], 16))
    return char if char in _UNRESERVED else match[0].upper()


def canonical_body(body: bytes, content_type: str = "") -> str:
    """The body without what does not change its meaning: key order, layout, a form's order, multipart boundaries."""
    if not body:
        return ""
    kind = content_type.lower()
    if kind.startswith("multipart/") and (boundary := _BOUNDARY.search(content_type)):
        return body.decode("latin-1").replace(boundary[1], "boundary")
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return body.decode("latin-1")
    return _canonical_text(text, kind)


def _canonical_text(text: str, kind: str) -> str:
    if "urlencoded" in kind:
        return urlencode(sorted(parse_qsl(text, keep_blank_values=True)))
    if text.lstrip()[:1] in ("{", "[") or "json" in kind:
        try:
            return json.dumps(_normal(json.loads(text)), sort_keys=True, separators=(",", ":"))
        except (ValueError, RecursionError):
            pass
    return canonical_graphql(text) if "graphql" in kind or is_graphql(text) else text


def _normal(value: Json) -> Json:
    if isinstance(value, list):
        return [_normal(item) for item in value]
    if isinstance(value, dict) and is_graphql(value.get("query")):
        return _operation(value)
    return value


def _operation(value: dict[str, Json]) -> dict[str, Json]:
    """A GraphQL request; members that say nothing (`variables: {}`, `operationName: null`) are left out."""
    silent = {"variables", "operationName", "extensions"}
    members = {name: item for name, item in value.items() if name not in silent or item}
    return members | {"query": canonical_graphql(value["query"])}


def canonical_graphql(document: str) -> str:
    """The document's tokens with one space between them; comments and commas mean nothing (GraphQL section 2.1)."""
    tokens = (match[0] for match in _GRAPHQL_TOKEN.finditer(document))
    return " ".join(token for token in tokens if token[0] not in "#, \t\r\n\ufeff")
