"""Cassettes of Ruby's VCR gem: `http_interactions` in YAML or JSON, and the tagged structs of VCR 1.

Format: https://benoittgt.github.io/vcr. A body is `{encoding, string}` or `{encoding, base64_string}`.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ...interaction import Interaction
from . import json_stream, yaml_stream
from .base import EMPTY, HEAD, Refused, Unusable, attempt
from .bodies import as_bytes, from_base64
from .exchange import exchange, request_of, response_of
from .values import mapping_of, moment_of

_STRUCT = b"!ruby/struct:VCR::HTTPInteraction"


class RubyVcr:
    """Reads cassettes of the VCR gem."""

    name = "ruby-vcr"

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002 the content decides
        keys = {*json_stream.top_keys(head), *yaml_stream.top_keys(head)}
        return "http_interactions" in keys or _STRUCT in head

    def read(self, path: Path) -> Iterator[Interaction | Refused]:
        for number, item in enumerate(_items(path)):
            yield attempt(path, number, lambda item=item: interaction(item))  # type: ignore[misc]


def interaction(item: Any) -> Interaction:
    """One entry of `http_interactions`. Raises `Unusable`."""
    entry = mapping_of(item, "interaction")
    request = mapping_of(entry.get("request"), "request")
    response = mapping_of(entry.get("response"), "response")
    status = mapping_of(response.get("status"), "status")
    return exchange(
        request_of(request.get("method"), request.get("uri"), request.get("headers"), _body(request.get("body"))),
        response_of(status.get("code"), response.get("headers"), _body(response.get("body")), status.get("message")),
        recorded_at=moment_of(entry.get("recorded_at")),
    )


def _items(path: Path) -> Iterable[Any]:
    with path.open("rb") as stream:
        keys = json_stream.top_keys(stream.read(HEAD))
    return json_stream.elements(json_stream.document(path), "http_interactions") if keys else _yaml_items(path)


def _yaml_items(path: Path) -> Iterator[Any]:
    seen = False
    for key, value in yaml_stream.entries(path, "http_interactions"):
        if key in ("", "http_interactions"):
            seen = True
            if value is not None and value != []:
                yield value
    if not seen:
        raise Unusable(EMPTY)


def _body(body: Any) -> bytes:
    if not isinstance(body, dict):
        return as_bytes(body)
    if "base64_string" in body:
        return from_base64(body["base64_string"])
    return as_bytes(body.get("string"), _encoding(body.get("encoding")))


def _encoding(name: Any) -> str:
    """Python's name of a Ruby encoding. Ruby's binary strings stand in the file as the UTF-8 they are."""
    if not isinstance(name, str) or name in ("ASCII-8BIT", "BINARY", "US-ASCII"):
        return "utf-8"
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "utf-8"


IMPORTER = RubyVcr()
