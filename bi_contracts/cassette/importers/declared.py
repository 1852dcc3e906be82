"""What declared platforms say about recorded traffic: whose host it is, and which endpoint was asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

import httpx

from ...interaction import Interaction, Request
from ...pagination import Locator
from ...paths import dig
from ...platform import Endpoint, Platform
from ...queries import Selective
from .endpoint_ids import graphql_name, host_of, is_id, root_name
from .naming import Names

_PLACEHOLDER = re.compile(r"{\w+}")


@dataclass(frozen=True)
class Declared:
    """The declared platforms, as `import_paths` wants them: `import_paths(..., names=Declared(platforms).names())`."""

    platforms: tuple[Platform, ...]

    @cached_property
    def hosts(self) -> dict[str, str]:
        """Host -> platform, from the base URLs; the first where several accounts share a host."""
        return {host_of(platform.base_url): platform.name for platform in reversed(self.platforms)}

    @cached_property
    def origins(self) -> dict[str, str]:
        """Platform -> base URL, for recordings without a host."""
        return {platform.name: platform.base_url for platform in self.platforms}

    def names(self, platform: str = "") -> Names:
        """Everything as one value; `platform` is that of files without hosts, and of its own host in any case."""
        own = {host_of(self.origins[platform]): platform} if platform in self.origins else {}
        return Names(self.hosts | own, self.known, self.origins, platform)

    def known(self, platform: str, interaction: Interaction) -> str | None:
        """The declared name of the endpoint that was asked, None where none is declared."""
        found = self._by_name.get(platform)
        if found is None:
            return None
        if found.protocol == "graphql":
            return self._fields[platform].get(graphql_name(interaction))
        matching = sorted(_matching(found, interaction.request), key=lambda endpoint: len(endpoint.placeholders))
        return matching[0].name if matching else None

    @cached_property
    def _by_name(self) -> dict[str, Platform]:
        return {platform.name: platform for platform in self.platforms}

    @cached_property
    def _fields(self) -> dict[str, dict[str, str]]:
        return {platform.name: _root_fields(platform) for platform in self.platforms if platform.protocol == "graphql"}


def _root_fields(platform: Platform) -> dict[str, str]:
    """Root field -> endpoint name; the first declaration of a field has it."""
    fields: dict[str, str] = {}
    for endpoint in platform.endpoints:
        document = endpoint.body.get("query") if isinstance(endpoint.body, Mapping) else None
        if isinstance(document, str):
            fields.setdefault(root_name(document), endpoint.name)
    fields.pop("", None)
    return fields


def _matching(platform: Platform, request: Request) -> Iterator[Endpoint]:
    root = urlsplit(platform.base_url).path.rstrip("/")
    path = request.path.rstrip("/")
    if path.startswith(f"{root}/"):
        for endpoint in platform.endpoints:
            taken = request.method in (endpoint.method, *endpoint.other_methods)
            if taken and _fits(platform, endpoint, path.removeprefix(root)) and _concerns(endpoint, request):
                yield endpoint


def _fits(platform: Platform, endpoint: Endpoint, path: str) -> bool:
    """Whether the path is the declared one, that of a later page included."""
    if isinstance(endpoint.paginator, Locator):
        path = endpoint.paginator.head(path)
    wanted, segments = endpoint.path.rstrip("/").split("/"), path.split("/")
    return len(wanted) == len(segments) and all(
        _stands_for(platform, endpoint, declared, found) for declared, found in zip(wanted, segments, strict=True)
    )


def _stands_for(platform: Platform, endpoint: Endpoint, declared: str, found: str) -> bool:
    """Whether a segment is the declared one. A placeholder takes ids only: `/users/me` is not `/users/{id}`.

    One inside a segment takes anything (`v{version}`), and one for a parent whose keys are words takes words.
    """
    placeholder = _PLACEHOLDER.fullmatch(declared)
    if placeholder is None:
        pattern = ".+".join(re.escape(part) for part in _PLACEHOLDER.split(declared))
        return re.fullmatch(pattern, found) is not None
    parent = endpoint.parents.get(declared[1:-1])
    home = platform.endpoint(parent) if parent else None
    keys = [str(dig(example, home.key)) for example in home.examples] if home is not None else []
    return is_id(found) or any(not is_id(key) for key in keys)


def _concerns(endpoint: Endpoint, request: Request) -> bool:
    """Whether the rows asked for are the endpoint's, where several share a path and the query tells."""
    if not isinstance(endpoint.query, Selective):
        return True
    return "q=" in request.url and endpoint.query.concerns(httpx.Request(request.method, request.url))
