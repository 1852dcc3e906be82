"""Record, replay and drift detection for the SaaS APIs your product lives on.

Names are loaded when they are first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .client import AsyncClient as AsyncClient
    from .client import Client as Client
    from .contract import Contract as Contract
    from .contract import Violation as Violation
    from .errors import BiContractsError as BiContractsError
    from .errors import Failure as Failure
    from .interaction import Interaction as Interaction
    from .interaction import Source as Source
    from .platform import Endpoint as Endpoint
    from .platform import Platform as Platform
    from .session import Mode as Mode
    from .session import Session as Session
    from .workspace import Workspace as Workspace

__version__ = "0.1.0"

_HOME = {
    "AsyncClient": "client",
    "BiContractsError": "errors",
    "Client": "client",
    "Contract": "contract",
    "Endpoint": "platform",
    "Failure": "errors",
    "Interaction": "interaction",
    "Mode": "session",
    "Platform": "platform",
    "Session": "session",
    "Source": "interaction",
    "Violation": "contract",
    "Workspace": "workspace",
}

__all__ = ["__version__", *_HOME]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f".{_HOME[name]}", __name__), name)
    if name in {"drift", "errors"}:
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
