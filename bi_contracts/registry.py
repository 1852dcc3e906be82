"""Every platform that can be used, by name. Built-ins come in through the same hook as third parties:

the entry-point group `bi_contracts.platforms`, each entry a `Platform` value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from .errors import DeclarationError, UnknownEndpoint
from .platform import Endpoint, Platform

GROUP = "bi_contracts.platforms"


@dataclass(frozen=True, slots=True)
class Target:
    """One endpoint of one platform; `id` is the key that names it everywhere."""

    platform: Platform
    endpoint: Endpoint

    @property
    def id(self) -> str:
        return self.platform.id(self.endpoint)


@cache
def platforms() -> tuple[Platform, ...]:
    """All platforms, sorted by name. Raises `DeclarationError` naming the entry point that is not usable."""
    found = [_load(entry) for entry in entry_points(group=GROUP)]
    names = [platform.name for platform in found]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise DeclarationError(f"two installed packages declare the platform {', '.join(doubled)}; remove one")
    return tuple(sorted(found, key=lambda platform: platform.name))


def platform(name: str) -> Platform:
    """The platform of that name. Raises `UnknownEndpoint` with the nearest names."""
    for found in platforms():
        if found.name == name:
            return found
    raise UnknownEndpoint(name, [found.name for found in platforms()])


def target(id: str) -> Target:
    """The endpoint of that id. Raises `UnknownEndpoint` with the nearest ids."""
    found = [one for one in targets() if one.id == id]
    if not found:
        raise UnknownEndpoint(id, [one.id for one in targets()])
    return found[0]


def select(globs: Iterable[str]) -> tuple[Target, ...]:
    """The endpoints that match any glob, each once, parents before children within a platform.

    `asana` stands for `asana/*`. A glob never selects a write; only its whole id does. Raises `UnknownEndpoint`
    where a glob selects nothing.
    """
    found: dict[str, Target] = {}
    for glob in globs:
        matching = [one for one in targets() if _selects(pattern(glob), one)]
        if not matching:
            raise UnknownEndpoint(glob, [*(one.id for one in targets()), *(one.name for one in platforms())])
        found |= {one.id: one for one in matching}
    return tuple(one for one in targets() if one.id in found)


def pattern(glob: str) -> str:
    """What a glob stands for: `asana` for `asana/*`."""
    return glob if "/" in glob or glob == "*" else f"{glob}/*"


def targets() -> Iterator[Target]:
    """Every endpoint of every platform, in the order of their declaration."""
    for found in platforms():
        for endpoint in found.endpoints:
            yield Target(found, endpoint)


def _selects(wanted: str, one: Target) -> bool:
    return one.id == wanted or (one.endpoint.kind != "write" and fnmatchcase(one.id, wanted))


def _load(entry: EntryPoint) -> Platform:
    try:
        found = entry.load()
    except Exception as error:  # a third party's module may raise anything
        raise DeclarationError(f"platform {entry.name!r} ({entry.value}) cannot be loaded: {error!r}") from error
    if not isinstance(found, Platform):
        raise DeclarationError(f"platform {entry.name!r} ({entry.value}) is no Platform but a {type(found).__name__}")
    return found
