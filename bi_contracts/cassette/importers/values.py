"""Untyped values out of a recording, turned into typed ones; `Unusable` says what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from ...interaction import Headers
from .base import Unusable

_METHOD = re.compile(r"[A-Za-z][A-Za-z-]{0,31}")
_FOLDED = re.compile(r"[\r\n]+[ \t]*")


class Broken:
    """A value that was there but could not be decoded; the reason comes out where the value is needed."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


def mapping_of(value: Any, what: str) -> Mapping[str, Any]:
    """The value where it is an object."""
    if isinstance(value, Mapping):
        return value
    raise Unusable(f"no {what}" if value is None else f"{what} is no object")


def method_of(value: Any) -> str:
    """An HTTP method, in upper case. Ruby writes it as a symbol (`:get`)."""
    if isinstance(value, str) and _METHOD.fullmatch(value.lstrip(":")):
        return value.lstrip(":").upper()
    raise Unusable("no HTTP method" if value is None else "the method is not an HTTP method")


def url_of(value: Any) -> str:
    """An absolute http(s) URL, or a path where the format has no host."""
    if not isinstance(value, str) or not value.strip():
        raise Unusable("no URL")
    url = value.strip()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Unusable("the URL does not parse") from None
    if parts.scheme.lower() in ("http", "https") and parts.hostname and port != 0:
        return url
    if not parts.scheme and not parts.netloc:
        return url if url.startswith("/") else f"/{url}"
    raise Unusable("not an HTTP exchange: the URL is not http or https")


def status_of(value: Any) -> int:
    """A status code: three digits (RFC 9110 section 15)."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{3}", value):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 100 <= value <= 999:
        return value
    if value == 0 and not isinstance(value, bool):
        raise Unusable("no response: the status is 0 (blocked, aborted or failed)")
    raise Unusable("no status code" if value is None else "the status is no HTTP status code")


def text_of(value: Any) -> str:
    """A scalar as text: header values and reasons may stand as numbers or bytes."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bytes():
            return value.decode("latin-1")
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case Broken():
            raise Unusable(value.reason)
    raise Unusable("a header or a name is neither text nor a number")


def headers_of(value: Any) -> Headers:
    """Headers from `{name: value | [values]}`, `[{name, value}]` or `[[name, value]]`."""
    pairs = [pair for name, held in _entries(value) for pair in _pairs(name, held)]
    # HTTP/2 pseudo-headers (":authority") repeat what stands in the request line.
    return tuple((name, text) for name, text in pairs if name and not name.startswith(":"))


def _entries(value: Any) -> list[tuple[Any, Any]]:
    if value is None:
        return []
    if isinstance(value, Mapping):
        return list(value.items())
    if not isinstance(value, list):
        raise Unusable("the headers are neither an object nor a list")
    return [_entry(item) for item in value]


def _entry(item: Any) -> tuple[Any, Any]:
    if isinstance(item, Mapping) and "name" in item:
        return item["name"], item.get("value")
    if isinstance(item, list) and len(item) == 2:
        return item[0], item[1]
    raise Unusable("a header is no pair of name and value")


def _pairs(name: Any, held: Any) -> list[tuple[str, str]]:
    values = held if isinstance(held, list) else [held]
    return [(text_of(name).strip(), _FOLDED.sub(" ", text_of(item))) for item in values]


def moment_of(value: Any) -> datetime | None:
    """A moment from ISO 8601 or RFC 5322 text; UTC where it names no zone; None where it is no moment."""
    if not isinstance(value, str) or not value:
        return None
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(value)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None
