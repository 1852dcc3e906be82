"""An answer before it becomes a response: status, headers, bytes, and how they travel."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, replace

import httpx

from ..paths import Json

JSON = "application/json; charset=utf-8"
Pairs = list[tuple[str, str]]


@dataclass(slots=True)
class Answer:
    """Status, headers in lower case, and the body as it travels.

    Attributes:
        piece: Bytes that travel at a time, 0 for all at once.
        broken: True where the connection ends in the middle of the body.
    """

    status: int
    headers: Pairs
    body: bytes
    piece: int = 0
    broken: bool = False

    def response(self, request: httpx.Request) -> httpx.Response:
        """The answer as httpx gives it to a client."""
        if self.piece or self.broken:
            stream = _Stream(self, request)
            return httpx.Response(self.status, headers=self.framed(), stream=stream, request=request)
        return httpx.Response(self.status, headers=self.headers, content=self.body, request=request)

    def framed(self) -> Pairs:
        """The headers, with the one that says where the body ends."""
        if any(name == "content-length" for name, _ in self.headers) or self.status in (204, 304):
            return self.headers
        if self.piece:
            return [*self.headers, ("transfer-encoding", "chunked")]
        return [*self.headers, ("content-length", str(len(self.body)))]

    def pieces(self) -> Iterator[bytes]:
        """The body as it travels: half of it where the connection breaks."""
        body = self.body[: len(self.body) // 2] if self.broken else self.body
        size = self.piece or max(1, len(body))
        return (body[start : start + size] for start in range(0, len(body), size))

    def with_header(self, name: str, value: str | None) -> Answer:
        """The answer with one header set, or without it."""
        kept = [pair for pair in self.headers if pair[0] != name.lower()]
        return replace(self, headers=kept if value is None else [*kept, (name.lower(), value)])

    def without_body(self) -> Answer:
        """What HEAD is answered: the headers of the whole (RFC 9110 section 9.3.2)."""
        return Answer(self.status, self.framed(), b"")


class _Stream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that comes in pieces, or not to its end."""

    def __init__(self, answer: Answer, request: httpx.Request) -> None:
        self.answer = answer
        self.request = request

    def __iter__(self) -> Iterator[bytes]:
        yield from self.answer.pieces()
        if self.answer.broken:
            raise httpx.ReadError("the sandbox was told to break the connection", request=self.request)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


def encode(value: Json) -> bytes:
    """Compact JSON in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def writable(value: Json) -> bool:
    """Whether a value can be written as JSON again: `1e999` can be read, and is then infinite."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True


def json_answer(status: int, value: Json, headers: Iterable[tuple[str, str]] = ()) -> Answer:
    """An answer with a JSON body; header names in lower case."""
    return Answer(status, [("content-type", JSON), *headers], encode(value))
