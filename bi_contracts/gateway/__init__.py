"""The business gateway: what several platforms know, behind one API on this machine.

`create_app` gives the application, `in_process` a client of one without a socket. FastAPI is loaded when one of them is
called for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .local import in_process

if TYPE_CHECKING:
    from .app import Gateway, create_app

__all__ = ["Gateway", "create_app", "in_process"]


def __getattr__(name: str) -> Any:
    if name not in ("Gateway", "create_app"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ..errors import ConfigurationError

    try:
        from . import app
    except ImportError as error:
        raise ConfigurationError(
            f"the gateway needs {error.name}, which is not installed: pip install 'bi-contracts[gateway]'"
        ) from None
    return getattr(app, name)
