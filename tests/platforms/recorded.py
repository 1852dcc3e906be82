"""Real answers that others recorded, read from the vendor data beside the repository, and their shapes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import yaml

from bi_contracts.paths import Json, bury
from bi_contracts.platform import Endpoint, Platform
from bi_contracts.queries import Selective

from .declared import arguments

Shape = set[tuple[str, str]]
"""Path (`*` for list indexes and for keys that users chose) and JSON type of every value."""

MAPS = re.compile(r"/(properties|custom_attributes|plan)$")
"""Objects whose keys are data."""

SAME = re.compile(r"^/workspaces/\d+/(projects|tags|users)$")
"""Paths that give the same records as a declared one with a parameter."""


def answers(folder: Path, platform: Platform) -> Iterator[tuple[str, str, Json]]:
    """Method, path below the base URL and body of every recorded success of a platform."""
    for path in sorted((folder / "recorded" / platform.name / "nango").glob("*.test.json")):
        for method, paths in json.loads(path.read_text(encoding="utf-8")).get("api", {}).items():
            for where, found in paths.items():
                for one in found if isinstance(found, list) else [found]:
                    if one.get("status", 200) == 200 and not _failed(platform, one["response"]):
                        yield method.upper(), where + _query(one), one["response"]
    for suffix in ("slack-ruby-client/**/*.yml", "notion-sdk-py/**/*.yaml"):
        for path in sorted((folder / "recorded" / platform.name).glob(suffix)):
            yield from (one for one in _cassette(path) if not _failed(platform, one[2]))


def _query(recorded: Json) -> str:
    """The statement of a recorded request, where that is what tells endpoints apart (SOQL)."""
    statement = (recorded.get("request", {}).get("params") or {}).get("q")
    return f"?{urlencode({'q': statement})}" if statement else ""


def _failed(platform: Platform, body: Json) -> bool:
    return platform.errors.recognise(httpx.Response(200, json=body)) is not None


def _cassette(path: Path) -> Iterator[tuple[str, str, Json]]:
    recorded = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    for one in recorded.get("interactions") or recorded.get("http_interactions") or ():
        response, request = one["response"], one["request"]
        if response["status"]["code"] == 200:
            body = response["body"].get("string")
            text = body.decode() if isinstance(body, bytes) else body
            if text and text.lstrip().startswith("{"):
                yield request["method"].upper(), re.sub(r"https?://[^/]+", "", request["uri"]), json.loads(text)


def endpoint_of(platform: Platform, method: str, path: str, body: Json) -> Endpoint | None:
    """The declared endpoint that gave a recorded answer."""
    below = path.partition("?")[0]
    for base in ("/api/1.0", "/api", "/v1"):
        below = below.removeprefix(base)
    below = SAME.sub(r"/\1", below)
    for endpoint in platform.endpoints:
        if platform.protocol == "graphql":
            if isinstance(body, dict) and _root(endpoint) in (body.get("data") or {}):
                return endpoint
        elif method in (endpoint.method, *endpoint.other_methods) and _concerns(endpoint, method, path):
            pattern = re.sub(r"\\{\w+\\}", "(?!me$|search$|scroll$)[^/]+", re.escape(endpoint.path))
            if re.fullmatch(pattern, below):
                return endpoint
    return None


def _concerns(endpoint: Endpoint, method: str, path: str) -> bool:
    if not isinstance(endpoint.query, Selective):
        return True
    return endpoint.query.concerns(httpx.Request(method, f"https://api.example.com{path}"))


def _root(endpoint: Endpoint) -> str:
    return endpoint.records.split(".")[1]


def declared_shape(platform: Platform, endpoint: Endpoint) -> Shape:
    """What an endpoint's examples look like in its envelope, on a first page, on a last one and on an empty one."""
    found: Shape = set()
    request = platform.request(endpoint, arguments(platform, endpoint))
    if endpoint.kind != "list":
        for example in endpoint.examples:
            body = bury(dict(endpoint.envelope), endpoint.records, example)
            found |= shape(body if endpoint.records else {**endpoint.envelope, **example})
        return found
    sized = endpoint.paginator.sized(request, 1)
    for rows in ([*endpoint.examples, endpoint.examples[0]], endpoint.examples[:1], []):
        page = endpoint.paginator.serve(sized, rows, {})
        body = bury(dict(endpoint.envelope), endpoint.records, list(rows))
        for path, value in page.fields.items():
            body = bury(body, path, value)
        found |= shape(body)
    return found


def shape(value: Json, path: str = "") -> Shape:
    """Every path in a value with its type; an empty object or list counts as itself alone."""
    found = {(path, _type(value))}
    if isinstance(value, dict):
        for name, item in value.items():
            found |= shape(item, f"{path}/*" if MAPS.search(path) else f"{path}/{name}")
    elif isinstance(value, list):
        for item in value:
            found |= shape(item, f"{path}/*")
    return found


def _type(value: Json) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
    return "object"
