"""Redaction of whole requests and responses."""

from __future__ import annotations

import re
from dataclasses import replace

from ..interaction import Headers, Request, Response, header
from .keys import Kind, kind_of_header, words
from .literals import mask_literals
from .policy import DEFAULT, REDACTED, Policy
from .redactor import Redactor, dump_json, is_graphql, parse_json, redactor
from .shapes import mask_shapes

_SCHEMES = words(
    """
    basic bearer digest token negotiate ntlm oauth apikey hmac mac dpop hawk signature sso-key genericoauth
    aws4-hmac-sha256 zoho-oauthtoken klaviyo-api-key
    """
)
_FORM = re.compile(r"[\w.%+*\[\]-]+=[^&\s=]*(?:&[\w.%+*\[\]-]+=[^&\s=]*)*")
_BOUNDARY = re.compile(r'boundary="?([^";,\s]{1,200})', re.IGNORECASE)
_PART_NAME = re.compile(r'[;\s]name="?([^";\r\n]{0,200})', re.IGNORECASE)
_CHARSET = re.compile(r'charset="?([\w.:-]{1,40})', re.IGNORECASE)
_COOKIE_ATTRIBUTES = frozenset({"path", "domain", "expires", "max-age", "samesite", "priority"})


def redact_request(request: Request, policy: Policy = DEFAULT) -> Request:
    """The request without credentials and, by policy, without personal data. Content-Length follows the body."""
    tool = redactor(policy)
    body = _body(tool, request.body, header(request.headers, "content-type"))
    headers = _headers(tool, request.headers, len(request.body), len(body))
    return replace(request, url=tool.url(request.url), headers=headers, body=body)


def redact_response(response: Response, policy: Policy = DEFAULT) -> Response:
    """The response without credentials and, by policy, without personal data. Content-Length follows the body.

    The texts of an error response (status 400 and up) stay: they are the platform's own words.
    """
    tool = redactor(policy if response.status < 400 else replace(policy, text=False))
    body = _body(tool, response.body, header(response.headers, "content-type"))
    headers = _headers(tool, response.headers, len(response.body), len(body))
    return replace(response, headers=headers, body=body)


def _headers(tool: Redactor, headers: Headers, before: int, after: int) -> Headers:
    return tuple((name, _header(tool, name.lower(), value, before, after)) for name, value in headers)


def _header(tool: Redactor, name: str, value: str, before: int, after: int) -> str:
    if name in ("authorization", "proxy-authorization"):
        return _authorization(value)
    if name in ("cookie", "set-cookie"):
        return _cookies(value)
    if name == "content-length":
        return str(after) if before != after and value == str(before) else value
    return tool.leaf(kind_of_header(name), value)


def _authorization(value: str) -> str:
    scheme, _, rest = value.strip().partition(" ")
    return f"{scheme} {REDACTED}" if rest and scheme.lower() in _SCHEMES else (value and REDACTED)


def _cookies(value: str) -> str:
    return ";".join(map(_cookie, value.split(";")))


def _cookie(pair: str) -> str:
    name, equals, value = pair.partition("=")
    if not equals:
        bare = name.strip().lower() in ("", "secure", "httponly", "partitioned")
        return pair if bare else f"{name[: len(name) - len(name.lstrip())]}{REDACTED}"
    return pair if not value.strip() or name.strip().lower() in _COOKIE_ATTRIBUTES else f"{name}={REDACTED}"


def _body(tool: Redactor, body: bytes, content_type: str) -> bytes:
    if not body:
        return body
    if boundary := content_type.lower().startswith("multipart/") and _BOUNDARY.search(content_type):
        return _multipart(tool, body, b"--" + boundary[1].encode("latin-1", "replace"))
    charset = _CHARSET.search(content_type)
    for encoding in ("utf-8", charset[1] if charset else "utf-8"):
        try:
            text = body.decode(encoding)
            redacted = _text_body(tool, text, content_type.lower())
            return body if redacted == text else redacted.encode(encoding)
        except (UnicodeError, LookupError):
            continue
    return _binary(tool, body)


def _binary(tool: Redactor, body: bytes) -> bytes:
    """Bytes that are no text, searched for credentials only: a false alarm would break the file."""
    text = body.decode("latin-1")
    known = mask_literals(text, tool.policy.literals) if tool.policy.literals else text
    redacted = mask_shapes(known)
    return body if redacted == text else redacted.encode("latin-1")


def _text_body(tool: Redactor, text: str, content_type: str) -> str:
    start = text.lstrip("\ufeff \t\r\n")[:1]
    if start in ("{", "[", '"') and start:
        return _json_body(tool, text)
    if "urlencoded" in content_type or (not content_type and _FORM.fullmatch(text)):
        return tool.form(text)
    if "graphql" in content_type and is_graphql(text):
        return tool.graphql(text)
    return tool.string(text)


def _json_body(tool: Redactor, text: str) -> str:
    parsed = parse_json(text)
    if parsed is None:
        return _json_lines(tool, text)
    try:
        redacted = tool.json(parsed)
        return text if redacted == parsed else dump_json(redacted)
    except RecursionError:
        return tool.string(text)


def _json_lines(tool: Redactor, text: str) -> str:
    """One JSON value a line, or broken JSON: then whatever looks like a credential goes."""
    if is_graphql(text):
        return tool.graphql(text)
    lines = text.splitlines(keepends=True)
    if len(lines) < 2 or parse_json(lines[0]) is None:
        return tool.string(text)
    return "".join(_json_line(tool, line) for line in lines)


def _json_line(tool: Redactor, line: str) -> str:
    bare = line.rstrip("\r\n")
    return tool.leaf(Kind.PLAIN, bare) + line[len(bare) :]


def _multipart(tool: Redactor, body: bytes, delimiter: bytes) -> bytes:
    return delimiter.join(_part(tool, part) for part in body.split(delimiter))


def _part(tool: Redactor, part: bytes) -> bytes:
    for gap in (b"\r\n\r\n", b"\n\n"):
        head, found, content = part.partition(gap)
        if found:
            names = tool.string(head.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
            return names + found + _part_content(tool, head.decode("latin-1"), content)
    return part


def _part_content(tool: Redactor, head: str, content: bytes) -> bytes:
    value = content.rstrip(b"\r\n")
    name = _PART_NAME.search(head)
    try:
        text = value.decode()
    except UnicodeError:
        return _binary(tool, content)
    redacted = tool.pair(name[1], text) if name and "filename" not in head else _text_body(tool, text, "")
    return content if redacted == text else redacted.encode() + content[len(value) :]
