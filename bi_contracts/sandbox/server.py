"""The sandbox, served on this machine."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from .. import serving
from .asgi import application
from .engine import Sandbox


def serve(
    sandbox: Sandbox, host: str = "127.0.0.1", port: int = 0, *, started: Callable[[str], None] = lambda _url: None
) -> None:
    """Serves until interrupted; see `serving.serve`."""
    serving.serve(application(sandbox), host, port, started=started)


def running(sandbox: Sandbox, host: str = "127.0.0.1", port: int = 0) -> AbstractContextManager[str]:
    """Serves in a thread for as long as the block lasts; gives the base URL. See `serving.running`."""
    return serving.running(application(sandbox), host, port)
