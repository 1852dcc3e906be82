"""One exchange with an API as a value: what was asked, what was answered, when, and by whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypedDict
from urllib.parse import parse_qsl, urlsplit

from .paths import Json, decode_body

Headers = tuple[tuple[str, str], ...]


class Source(StrEnum):
    """Who answered. Only `live` is evidence about the vendor's API."""

    LIVE = "live"
    SANDBOX = "sandbox"
    IMPORTED = "imported"
    UNKNOWN = "unknown"


SANDBOX_HEADER = "x-bi-contracts-sandbox"
"""Every answer of a sandbox carries it, wherever it is served: its recordings never pass for the vendor's."""

DEGRADED_HEADER = "x-bi-degraded"
"""An answer of the gateway carries it where a part of it is not fresh: the worst source among its sections."""

MOCK_HEADER = "x-bi-contracts-mock"
"""Every mock answer carries it: nobody gave it, and it is evidence of nothing."""


class Envelope(TypedDict):
    """A response as plain data: what contracts describe and scripts pass in. Header names are lower case."""

    status: int
    headers: dict[str, str]
    body: Json


def header(headers: Headers, name: str, default: str = "") -> str:
    """The first value of a header, whatever its case."""
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), default)


@dataclass(frozen=True, slots=True)
class Request:
    """A recorded request. `body` is decoded (never compressed) bytes."""

    method: str
    url: str
    headers: Headers = ()
    body: bytes = b""

    @property
    def path(self) -> str:
        """The path of the URL."""
        return urlsplit(self.url).path

    @property
    def query(self) -> list[tuple[str, str]]:
        """The arguments of the URL, sorted."""
        return sorted(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))

    @property
    def is_login(self) -> bool:
        """Whether it asks for a token (RFC 6749 section 4): what is answered are no data of an endpoint."""
        if self.method != "POST" or "urlencoded" not in header(self.headers, "content-type").lower():
            return False
        return not _OF_LOGINS.isdisjoint(name for name, _ in parse_qsl(self.body.decode("utf-8", "replace")))


_OF_LOGINS = frozenset({"client_secret", "grant_type"})


@dataclass(frozen=True, slots=True)
class Response:
    """A recorded response. `body` is decoded (never compressed) bytes."""

    status: int
    headers: Headers = ()
    body: bytes = b""
    reason: str = ""

    @property
    def envelope(self) -> Envelope:
        """The response as plain data; a repeated header is joined by `, ` (RFC 9110 section 5.3)."""
        headers: dict[str, str] = {}
        for name, value in self.headers:
            key = name.lower()
            headers[key] = f"{headers[key]}, {value}" if key in headers else value
        return {"status": self.status, "headers": headers, "body": decode_body(self.body)}


@dataclass(frozen=True, slots=True)
class Interaction:
    """One exchange. `endpoint` is its id (`asana/tasks`), `elapsed` is in seconds."""

    endpoint: str
    request: Request
    response: Response
    elapsed: float | None = None
    recorded_at: datetime | None = None
    source: Source = Source.UNKNOWN


def common_source(interactions: Iterable[Interaction]) -> Source:
    """Who answered a recording: live only where all of it is; unknown where it is mixed, or nothing."""
    found = {interaction.source for interaction in interactions}
    return found.pop() if len(found) == 1 else Source.UNKNOWN


def as_headers(headers: Mapping[str, str | Iterable[str]]) -> Headers:
    """Headers as pairs, from a mapping whose values are strings or lists of strings."""
    return tuple(
        (name, value) for name, values in headers.items() for value in ([values] if isinstance(values, str) else values)
    )
