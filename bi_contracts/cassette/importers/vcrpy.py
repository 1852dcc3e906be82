"""vcrpy cassettes: YAML and JSON, today's form and the older httpx one, and files of a single interaction.

Format: https://vcrpy.readthedocs.io. Today's response is `body.string`, `headers`, `status.code`; vcrpy 4 and 5
wrote httpx responses as `content`, `headers`, `status_code`. This reads the format without importing vcrpy, so
that a foreign or damaged file is described instead of raising from inside of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ...interaction import Interaction, Request, Response
from . import json_stream, yaml_stream
from .base import EMPTY, HEAD, Refused, Unusable, attempt
from .bodies import as_bytes, from_base64
from .exchange import exchange, request_of, response_of
from .values import mapping_of, moment_of

_SINGLE = {"request", "response"}


class Vcrpy:
    """Reads vcrpy cassettes."""

    name = "vcrpy"

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002 the content decides
        keys = {*json_stream.top_keys(head), *yaml_stream.top_keys(head)}
        return "interactions" in keys or (keys >= _SINGLE and "status" not in keys)

    def read(self, path: Path) -> Iterator[Interaction | Refused]:
        for number, item in enumerate(_items(path)):
            yield attempt(path, number, lambda item=item: interaction(item))  # type: ignore[misc]


def interaction(item: Any) -> Interaction:
    """One entry of `interactions`. Raises `Unusable`."""
    entry = mapping_of(item, "interaction")
    if "include_file" in entry:
        raise Unusable("refers to another file (include_file); that file is imported where it is given itself")
    return exchange(
        _request(mapping_of(entry.get("request"), "request")),
        _response(mapping_of(entry.get("response"), "response")),
        recorded_at=moment_of(entry.get("recorded_at")),
    )


def _items(path: Path) -> Iterable[Any]:
    with path.open("rb") as stream:
        keys = json_stream.top_keys(stream.read(HEAD))
    if "interactions" in keys:
        return json_stream.elements(json_stream.document(path), "interactions")
    return [json_stream.value_at(json_stream.document(path))] if keys else _yaml_items(path)


def _yaml_items(path: Path) -> Iterator[Any]:
    single: dict[str, Any] = {}
    seen = False
    for key, value in yaml_stream.entries(path, "interactions"):
        if key == "metadata":
            _refuse_own(value)
        elif key in _SINGLE:
            single[key] = value
        elif key == "interactions":
            seen = True
            if value is not None and value != []:
                yield value
    if single:
        yield single
    elif not seen:
        raise Unusable(EMPTY)


def _refuse_own(metadata: Any) -> None:
    """An import must not turn a sandbox recording into one of unknown origin."""
    if isinstance(metadata, dict) and "bi_contracts" in metadata:
        raise Unusable("already a cassette of this package; copy the file instead, which keeps its provenance")


def _request(request: Any) -> Request:
    return request_of(request.get("method"), request.get("uri"), request.get("headers"), as_bytes(request.get("body")))


def _response(response: Any) -> Response:
    if "status_code" in response:
        return response_of(response["status_code"], response.get("headers"), as_bytes(response.get("content")))
    status = mapping_of(response.get("status"), "status")
    return response_of(status.get("code"), response.get("headers"), _body(response.get("body")), status.get("message"))


def _body(body: Any) -> bytes:
    if not isinstance(body, dict):
        return as_bytes(body)
    if "base64_string" in body:
        return from_base64(body["base64_string"])
    return as_bytes(body.get("string"))


IMPORTER = Vcrpy()
