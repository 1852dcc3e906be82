"""Every platform that can be used, by name. Built-ins come in through the same hook as third parties:

the entry-point group `bi_contracts.platforms`, each entry a `Platform` value. A workspace adds its own: platforms
declared in its files, and further accounts. Every function takes that workspace; without one it knows what is
installed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from .errors import ConfigurationError, DeclarationError, UnknownEndpoint
from .platform import Endpoint, Platform
from .workspace import Account, Workspace

GROUP = "bi_contracts.platforms"


@dataclass(frozen=True, slots=True)
class Target:
    """One endpoint of one platform; `id` is the key that names it everywhere."""

    platform: Platform
    endpoint: Endpoint

    @property
    def id(self) -> str:
        """`asana/tasks`."""
        return self.platform.id(self.endpoint)


def platforms(space: Workspace | None = None) -> tuple[Platform, ...]:
    """All platforms, sorted by name.

    Raises `DeclarationError` naming the entry point or the file that is not usable, `ConfigurationError` for an
    account of a platform that nobody declares.
    """
    if space is None or not (space.platforms or space.accounts):
        return installed()
    return _with(tuple((path, _changed_at(path)) for path in space.platforms), space.accounts)


@cache
def installed() -> tuple[Platform, ...]:
    """The platforms of all installed packages, sorted by name. Raises `DeclarationError`."""
    found = [_load(entry) for entry in entry_points(group=GROUP)]
    names = [platform.name for platform in found]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise DeclarationError(f"two installed packages declare the platform {', '.join(doubled)}; remove one")
    return tuple(sorted(found, key=lambda platform: platform.name))


def platform(name: str, space: Workspace | None = None) -> Platform:
    """The platform of that name. Raises `UnknownEndpoint` with the nearest names."""
    for found in platforms(space):
        if found.name == name:
            return found
    raise UnknownEndpoint(name, [found.name for found in platforms(space)])


def target(id: str, space: Workspace | None = None) -> Target:
    """The endpoint of that id. Raises `UnknownEndpoint` with the nearest ids."""
    found = find(id, space)
    if found is None:
        raise UnknownEndpoint(id, [one.id for one in targets(space)])
    return found


def find(id: str, space: Workspace | None = None) -> Target | None:
    """The endpoint of that id, None where no platform declares it."""
    return next((one for one in targets(space) if one.id == id), None)


def select(globs: Iterable[str], space: Workspace | None = None) -> tuple[Target, ...]:
    """The endpoints that match any glob, each once, parents before children within a platform.

    `asana` stands for `asana/*`. A glob never selects a write; only its whole id does. Raises `UnknownEndpoint`
    where a glob selects nothing.
    """
    found: dict[str, Target] = {}
    for glob in globs:
        matching = [one for one in targets(space) if _selects(pattern(glob), one)]
        if not matching:
            raise UnknownEndpoint(glob, [*(one.id for one in targets(space)), *(one.name for one in platforms(space))])
        found |= {one.id: one for one in matching}
    return tuple(one for one in targets(space) if one.id in found)


def pattern(glob: str) -> str:
    """What a glob stands for: `asana` for `asana/*`."""
    return glob if "/" in glob or glob == "*" else f"{glob}/*"


def targets(space: Workspace | None = None) -> Iterator[Target]:
    """Every endpoint of every platform, in the order of their declaration."""
    for found in platforms(space):
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


@lru_cache(maxsize=16)
def _with(files: tuple[tuple[Path, int], ...], accounts: tuple[Account, ...]) -> tuple[Platform, ...]:
    """What is installed with what a workspace adds. A file is read again once it has changed."""
    from .accounts import account_platform

    found = {platform.name: platform for platform in installed()}
    for path, _ in files:
        platform = _declared(path)
        if platform.name in found:
            raise DeclarationError(f"{path}: name: there is a platform {platform.name} already; choose another name")
        found[platform.name] = platform
    added = [account_platform(_owner(account, found), account) for account in accounts]
    return tuple(sorted([*found.values(), *added], key=lambda platform: platform.name))


def _declared(path: Path) -> Platform:
    from .declaration import read

    platform = read(path)
    if not _NAME.fullmatch(platform.name):
        raise DeclarationError(f"{path}: name: {platform.name!r} must be small letters, digits, - and _: acme")
    return platform


def _owner(account: Account, known: dict[str, Platform]) -> Platform:
    if account.platform not in known:
        near = get_close_matches(account.platform, known, n=1)
        hint = f"did you mean {near[0]}@{account.label}?" if near else f"known are {', '.join(sorted(known))}."
        raise ConfigurationError(f"{account.where}: there is no platform {account.platform!r}: {hint}")
    return known[account.platform]


def _changed_at(path: Path) -> int:
    """When a file was changed, in nanoseconds; 0 for one that is not there, which is told when it is read."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


_NAME = re.compile(r"[a-z][a-z0-9_-]*")
