"""The declared endpoints of a platform as OpenAPI 3, for a fuzzer to read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

import httpx

from bi_contracts.paths import Json
from bi_contracts.platform import Endpoint, Platform
from bi_contracts.queries import Arguments

_SLOT = re.compile(r"(query|form|body|param)\.(\w+)")


def openapi(platform: Platform) -> dict[str, Any]:
    """Paths below the platform's base URL, with the names that a request may carry, of no type in particular."""
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in platform.endpoints:
        for method in (endpoint.method, *endpoint.other_methods):
            paths.setdefault(endpoint.path, {})[method.lower()] = _operation(endpoint, method)
    return {"openapi": "3.0.3", "info": {"title": platform.title, "version": "1"}, "paths": paths}


def base_path(platform: Platform) -> str:
    """The platform's path in the sandbox's layout by first segment."""
    return f"/{platform.name}{httpx.URL(platform.base_url).path.rstrip('/')}"


def known_names(endpoint: Endpoint) -> dict[str, set[str]]:
    """Where a request may carry something -> the names that the declaration knows there."""
    inside = endpoint.arguments.partition(".")[0]
    found: dict[str, set[str]] = {"query": set(), "form": set(), "body": set()}
    found[inside] |= {*endpoint.params, *endpoint.parents} - set(endpoint.placeholders)
    found["body"] |= set(endpoint.body) if isinstance(endpoint.body, Mapping) else set()
    for place, name in _slots(endpoint):
        for where in ("query", "form", "body") if place == "param" else (place,):
            found[where].add(name)
    return found


def _slots(endpoint: Endpoint) -> Iterator[tuple[str, str]]:
    paginator: Any = endpoint.paginator
    said = [getattr(paginator, each.name) for each in fields(paginator)] + [endpoint.fields]
    said += [*endpoint.query.filters, endpoint.query.sort] if isinstance(endpoint.query, Arguments) else []
    for text in said:
        found = _SLOT.match(text) if isinstance(text, str) else None
        if found:
            yield found[1], found[2]


def _operation(endpoint: Endpoint, method: str) -> dict[str, Any]:
    names = known_names(endpoint)
    place = [_parameter(name, "path") for name in endpoint.placeholders]
    query = [_parameter(name, "query") for name in sorted(names["query"])]
    operation: dict[str, Any] = {"parameters": place + query, "responses": {"default": {"description": "any"}}}
    if method != "GET":
        inside = {name: {"schema": _object(names[part])} for part, name in _MEDIA.items()}
        operation["requestBody"] = {"content": inside}
    return operation


def _parameter(name: str, place: str) -> Json:
    return {"name": name, "in": place, "required": place == "path", "schema": {"type": "string"}}


def _object(names: set[str]) -> Json:
    return {"type": "object", "properties": {name: {} for name in sorted(names)}}


_MEDIA = {"body": "application/json", "form": "application/x-www-form-urlencoded"}
