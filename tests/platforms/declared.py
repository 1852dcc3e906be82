"""Every platform that the package declares, found by looking, so that no test knows how many there are."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from pathlib import Path
from types import ModuleType

from bi_contracts import platforms
from bi_contracts.pagination import Single
from bi_contracts.paths import Json
from bi_contracts.platform import Endpoint, Platform

MODULES: tuple[ModuleType, ...] = tuple(
    import_module(f"{platforms.__name__}.{found.name}") for found in pkgutil.iter_modules(platforms.__path__)
)
FILES: tuple[Path, ...] = tuple(Path(str(module.__file__)) for module in MODULES)
PLATFORMS: tuple[Platform, ...] = tuple(module.PLATFORM for module in MODULES)
ENDPOINTS: tuple[tuple[Platform, Endpoint], ...] = tuple(
    (platform, endpoint) for platform in PLATFORMS for endpoint in platform.endpoints
)
READS = tuple((platform, endpoint) for platform, endpoint in ENDPOINTS if endpoint.kind != "write")
LISTS = tuple((platform, endpoint) for platform, endpoint in ENDPOINTS if endpoint.kind == "list")
PAGED = tuple((platform, endpoint) for platform, endpoint in LISTS if not isinstance(endpoint.paginator, Single))


def named(value: object) -> str | None:
    """A pytest id for a platform; an endpoint is named by itself."""
    match value:
        case Platform() | Endpoint():
            return value.name
    return None


def arguments(platform: Platform, endpoint: Endpoint) -> dict[str, Json]:
    """Something for every argument that the endpoint needs: the key of its parent's first example."""
    found: dict[str, Json] = dict.fromkeys(endpoint.placeholders, "1")
    for name, parent in endpoint.parents.items():
        home = platform.endpoint(parent)
        found[name] = home.examples[0][home.key]
    return found


def largest(endpoint: Endpoint) -> int:
    """The largest page size that can be asked for; 0 where the platform fixes the size."""
    fixed = getattr(endpoint.paginator, "size", None) == ""
    return 0 if fixed else getattr(endpoint.paginator, "most", 0)
