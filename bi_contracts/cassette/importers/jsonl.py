"""Plain JSON lines of responses: `{"status": 200, "headers": {...}, "body": ...}`, streamed.

A line may also say what was asked (`method` and `url`, or `request` with `method`, `url`, `headers`, `body`),
which endpoint that is (`endpoint`), when (`recorded_at`) and how long it took in seconds (`elapsed`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from ...interaction import Interaction, Request
from ...paths import Json
from . import json_stream
from .base import Refused, Unusable, attempt
from .bodies import encode_body
from .exchange import exchange, request_of, response_of
from .values import mapping_of, moment_of

MAX_LINE = 64 * 1024 * 1024
"""The longest line that is read, in bytes."""


class JsonLines:
    """Reads JSON lines of responses."""

    name = "jsonl"

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002 the content decides
        keys = set(json_stream.top_keys(head.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")[0]))
        return "status" in keys and bool(keys & {"body", "headers"}) and not keys & {"response", "interactions"}

    def read(self, path: Path) -> Iterator[Interaction | Refused]:
        with path.open("rb") as stream:
            lines = (found for found in _lines(stream) if found[1] is None or found[1].strip())
            for number, (line, text) in enumerate(lines):
                yield attempt(path, number, lambda line=line, text=text: _read(line, text, path))  # type: ignore[misc]


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Each line with its number from 1; None for a line that is too long, which is read past."""
    number = 0
    while line := stream.readline(MAX_LINE + 1):
        number += 1
        if len(line) <= MAX_LINE:
            yield number, line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(MAX_LINE)
        yield number, None


def _read(line: int, text: bytes | None, path: Path) -> Interaction:
    if text is None:
        raise Unusable(f"line {line} is longer than {MAX_LINE >> 20} MiB")
    return interaction(_parsed(line, text), default_url=f"/{path.name.partition('.')[0] or 'responses'}")


def _parsed(line: int, text: bytes) -> Json:
    try:
        return json.loads(text.decode("utf-8-sig").rstrip())
    except json.JSONDecodeError as error:
        raise Unusable(f"line {line}, column {error.colno}: corrupt JSON: {error.msg}") from None
    except UnicodeDecodeError as error:
        raise Unusable(f"line {line}: not UTF-8: byte {error.start}") from None
    except (ValueError, RecursionError):
        raise Unusable(f"line {line}: nested too deeply, or a number with too many digits") from None


def interaction(item: Json, default_url: str = "/responses") -> Interaction:
    """One line. A response that does not say what was asked is a GET of `default_url`. Raises `Unusable`."""
    entry = mapping_of(item, "response")
    endpoint = entry.get("endpoint")
    elapsed = entry.get("elapsed")
    return exchange(
        _request(entry, default_url),
        response_of(entry.get("status"), entry.get("headers"), encode_body(entry.get("body")), entry.get("reason")),
        recorded_at=moment_of(entry.get("recorded_at")),
        elapsed=elapsed if isinstance(elapsed, float) and elapsed >= 0 else None,
        endpoint=endpoint if isinstance(endpoint, str) else "",
    )


def _request(entry: Mapping[str, Any], default_url: str) -> Request:
    asked = entry.get("request")
    if asked is None:
        return request_of(entry.get("method", "GET"), entry.get("url", default_url))
    request = mapping_of(asked, "request")
    url = request.get("url", request.get("uri"))
    return request_of(request.get("method"), url, request.get("headers"), encode_body(request.get("body")))


IMPORTER = JsonLines()
