"""From a request to the platform and the endpoint that it asks for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

import httpx

from ..paths import Json, dig
from ..platform import Endpoint, Platform
from ..slots import json_of, read_slot, text

OUTSIDE = "\0"
"""The path of what stands at a platform's address outside of its API."""


@dataclass(frozen=True, slots=True)
class Place:
    """A platform and the path below its base URL."""

    platform: Platform
    path: str


@dataclass(frozen=True, slots=True)
class Match:
    """An endpoint and the arguments that the request gives it."""

    endpoint: Endpoint
    arguments: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class _Route:
    pattern: re.Pattern[str]
    endpoint: Endpoint


@dataclass(slots=True)
class Router:
    """Finds platforms by host, or by the first segment of the path, and endpoints by method and path."""

    platforms: Mapping[str, Platform]
    hosts: dict[str, list[tuple[str, Platform]]] = field(default_factory=dict)
    routes: dict[str, tuple[dict[str, list[Endpoint]], list[_Route]]] = field(default_factory=dict)

    @classmethod
    def of(cls, platforms: Iterable[Platform]) -> Router:
        """A router over platforms, by path prefix and by host."""
        router = cls({platform.name: platform for platform in platforms})
        for platform in router.platforms.values():
            base = httpx.URL(platform.base_url)
            router.hosts.setdefault(base.host, []).append((_trimmed(base.path), platform))
            router.routes[platform.name] = _routes(platform.endpoints)
        return router

    def extend(self, platform: str, endpoints: Iterable[Endpoint]) -> None:
        """More endpoints for a platform, which are served and not declared."""
        fixed, patterns = _routes(endpoints)
        known, others = self.routes[platform]
        for path, found in fixed.items():
            known.setdefault(path, []).extend(found)
        others.extend(patterns)

    def place(self, request: httpx.Request) -> Place | None:
        """The platform that is asked, None where there is none at this address."""
        path = request.url.raw_path.partition(b"?")[0].decode("ascii")
        known = self.hosts.get(request.url.host, ())
        for base, platform in known:
            if (path + "/").startswith(base + "/"):
                return Place(platform, _trimmed(path[len(base) :]))
        if known:
            return Place(known[0][1], OUTSIDE)
        name, _, rest = path[1:].partition("/")
        found = self.platforms.get(unquote(name))
        if found is None:
            return None
        base = _trimmed(httpx.URL(found.base_url).path)
        if not f"/{rest}/".startswith(base + "/"):
            return Place(found, OUTSIDE)
        return Place(found, _trimmed(f"/{rest}"[len(base) :]))

    def match(self, request: httpx.Request, place: Place) -> Match | None:
        """The endpoint that is asked, with its arguments."""
        fixed, patterns = self.routes[place.platform.name]
        found = [(endpoint, _no_arguments) for endpoint in fixed.get(place.path, ())]
        if not found:
            hits = [(route.endpoint, route.pattern.fullmatch(place.path)) for route in patterns]
            found = [(endpoint, hit.groupdict()) for endpoint, hit in hits if hit]
        taken = [(endpoint, inside) for endpoint, inside in found if _takes(endpoint, request.method)]
        if not taken:
            return None
        if place.platform.protocol == "graphql":
            return Match(taken[0][0], {})
        matches = [Match(endpoint, _arguments(endpoint, request, inside)) for endpoint, inside in taken]
        return matches[0] if len(matches) == 1 else max(matches, key=lambda match: _fit(match, request))

    def methods(self, place: Place) -> set[str]:
        """The methods that some endpoint at a path takes."""
        fixed, patterns = self.routes[place.platform.name]
        found = [*fixed.get(place.path, ()), *(one.endpoint for one in patterns if one.pattern.fullmatch(place.path))]
        return {method for endpoint in found for method in (endpoint.method, *endpoint.other_methods)}


def missing(match: Match) -> list[str]:
    """The arguments that the endpoint cannot do without and the request does not give."""
    return [name for name in match.endpoint.parents if match.arguments.get(name) in (None, "")]


def _routes(endpoints: Iterable[Endpoint]) -> tuple[dict[str, list[Endpoint]], list[_Route]]:
    fixed: dict[str, list[Endpoint]] = {}
    patterns = []
    for endpoint in endpoints:
        path = _trimmed(endpoint.path)
        if endpoint.placeholders:
            parts = re.split(r"{(\w+)}", path)
            named = (f"(?P<{part}>[^/]+)" if number % 2 else re.escape(part) for number, part in enumerate(parts))
            patterns.append(_Route(re.compile("".join(named)), endpoint))
        else:
            fixed.setdefault(path, []).append(endpoint)
    return fixed, patterns


def _trimmed(path: str) -> str:
    return path.rstrip("/")


def _takes(endpoint: Endpoint, method: str) -> bool:
    return method == endpoint.method or method in endpoint.other_methods


def _arguments(endpoint: Endpoint, request: httpx.Request, inside: Mapping[str, str]) -> dict[str, Json]:
    found: dict[str, Json] = {name: unquote(value) for name, value in inside.items()}
    place = "param" if endpoint.arguments in ("query", "form") else endpoint.arguments
    for name in endpoint.parents:
        if name not in found:
            value = read_slot(request, f"{place}.{name}")
            if value is not None:
                found[name] = value
    return found


def _fit(match: Match, request: httpx.Request) -> tuple[int, int, int]:
    """How well an endpoint fits where several share a path: arguments given, fixed values the same."""
    endpoint = match.endpoint
    body, sent = (json_of(request), request.url.params) if endpoint.body or endpoint.params else (None, {})
    place = "param" if endpoint.arguments in ("query", "form") else endpoint.arguments
    wanted = [(value, dig(body, path)) for path, value in _leaves(endpoint.body, "")]
    if endpoint.body is None or sent is None:
        wanted += [(text(value), read_slot(request, f"{place}.{name}")) for name, value in endpoint.params.items()]
    same = sum(value == found for value, found in wanted)
    return -len(missing(match)), same - len(wanted), len(endpoint.parents)


def _leaves(value: Json, path: str) -> list[tuple[str, Json]]:
    if isinstance(value, Mapping) and value:
        return [leaf for name, item in value.items() for leaf in _leaves(item, f"{path}.{name}".lstrip("."))]
    return [] if value is None or value == {} else [(path, value)]


_no_arguments: Mapping[str, str] = {}
