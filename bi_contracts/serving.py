"""Serves an ASGI application on this machine, and to others only where that is asked for."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from threading import Thread
from typing import Any

from .errors import ConfigurationError

EXTRA = "sandbox-http"
PATIENCE = 10.0
"""Seconds a server may take to start or to stop."""

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
"""An ASGI 3 application."""


def serve(
    application: Application,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    started: Callable[[str], None] = lambda _url: None,
    log_level: str = "warning",
    anywhere: bool = False,
) -> None:
    """Serves until interrupted. `started` is given the base URL once connections are accepted.

    `anywhere` lets `host` be an address that others can reach: whoever asks for it looks after who may.

    Raises `ConfigurationError` where the extra is not installed, the host is not this machine, or the port
    is taken.
    """
    with _listening(host, port, anywhere=anywhere) as listener:
        url = _url(listener)
        server = _server(application, log_level, lambda: started(url))
        server.run(sockets=[listener])


@contextmanager
def running(application: Application, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serves in a thread for as long as the block lasts; gives the base URL. Raises as `serve` does."""
    with _listening(host, port) as listener:
        server = _server(application, "critical", lambda: None)
        thread = Thread(target=server.run, kwargs={"sockets": [listener]}, name="server", daemon=True)
        thread.start()
        try:
            _wait(lambda: server.started or not thread.is_alive())
            if not thread.is_alive():
                raise ConfigurationError(f"the server did not start at {_url(listener)}")
            yield _url(listener)
        finally:
            server.should_exit = True
            thread.join(PATIENCE)


def _server(application: Application, log_level: str, started: Callable[[], None]) -> Any:
    try:
        import uvicorn
    except ImportError:
        raise ConfigurationError(
            f"serving over HTTP needs uvicorn, which is not installed: pip install 'bi-contracts[{EXTRA}]'"
        ) from None

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            started()

    return Server(
        uvicorn.Config(
            application,
            log_level=log_level,
            access_log=False,
            ws="none",
            lifespan="on",
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=1,
        )
    )


@contextmanager
def _listening(host: str, port: int, *, anywhere: bool = False) -> Iterator[socket.socket]:
    """A socket that listens on this machine."""
    address = host.strip("[]") if anywhere else _loopback(host)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # The protocol is named because asyncio sets TCP_NODELAY only where it is; without, an answer takes 40 ms.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address, port))
        except (OSError, OverflowError) as problem:
            raise ConfigurationError(f"cannot listen on {host}:{port}: {problem}; try another --port") from None
        listener.listen(128)
        yield listener


def _loopback(host: str) -> str:
    name = "127.0.0.1" if host == "localhost" else host.strip("[]")
    try:
        local = ipaddress.ip_address(name).is_loopback
    except ValueError:
        local = False
    if not local:
        raise ConfigurationError(f"servers listen on this machine only: 127.0.0.1, ::1 or localhost, not {host!r}")
    return name


def _url(listener: socket.socket) -> str:
    address, port = listener.getsockname()[:2]
    return f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"


def _wait(ready: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not ready() and time.monotonic() < until:
        time.sleep(0.005)
