"""No connection during replay: a block below every client that goes through CPython's socket module.

An audit hook (PEP 578) sees connections and look-ups of all threads, and of code that kept its own reference to
`socket.socket`. What it cannot see: clients that bring their own network stack in native code (reqwest, curl) and
child processes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any

from ..errors import SocketBlocked

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Block:
    """One active block: the hosts it lets through and the attempts it stopped, as `host:port`."""

    def __init__(self, allow: Sequence[str]) -> None:
        self.attempts: list[str] = []
        names = {name.lower() for name in allow}
        self._allow = names | _LOOPBACK if names & _LOOPBACK else names

    def stops(self, host: str, port: object) -> bool:
        """Whether this block refuses the target; a refusal is noted."""
        if host in self._allow or f"{host}:{port}" in self._allow:
            return False
        self.attempts.append(_target(host, port))
        return True


_active: list[Block] = []
_lock = Lock()
_installed = False


@contextmanager
def block_sockets(allow: Sequence[str] = ()) -> Iterator[Block]:
    """Refuses connections and name look-ups in every thread while the block runs, with `SocketBlocked`.

    `allow` names hosts (`localhost`, which covers 127.0.0.1 and ::1) or `host:port`. Unix sockets stay open. Blocks
    nest: each must allow a target.
    """
    block = Block(allow)
    with _lock:
        _install()
        _active.append(block)
    try:
        yield block
    finally:
        with _lock:
            _active.remove(block)


def _install() -> None:
    global _installed
    if not _installed:
        sys.addaudithook(_hook)
        _installed = True


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _active or not event.startswith("socket."):
        return
    target = _TARGETS.get(event)
    found = target(arguments) if target else None
    if found is None:
        return
    host, port = found
    if not _is_self_pipe() and [block for block in tuple(_active) if block.stops(host, port)]:
        raise SocketBlocked(
            f"replay opens no connection, and something tried to reach {_target(host, port)}. "
            "Record that request, use a client that is replayed (httpx, requests, urllib3, aiohttp, http.client), "
            "or allow the host."
        )


_hook.__cantrace__ = True  # type: ignore[attr-defined]  # else coverage cannot see it

_Target = tuple[str, object]


def _address(arguments: tuple[Any, ...]) -> _Target | None:
    """The target of `connect`, `sendto` and `sendmsg`: (socket, address). A Unix address is no tuple."""
    address = arguments[1]
    return (_name(address[0]), address[1]) if isinstance(address, tuple) and len(address) >= 2 else None


def _lookup(arguments: tuple[Any, ...]) -> _Target | None:
    """The target of a name look-up: (host, port, ...). Without a host nothing is looked up."""
    host = arguments[0]
    return (_name(host), arguments[1]) if host else None


def _host(arguments: tuple[Any, ...]) -> _Target | None:
    return (_name(arguments[0]), "dns") if arguments[0] else None


def _name(host: object) -> str:
    return host.decode("ascii", "replace").lower() if isinstance(host, bytes | bytearray) else str(host).lower()


def _target(host: str, port: object) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


_TARGETS: dict[str, Callable[[tuple[Any, ...]], _Target | None]] = {
    "socket.connect": _address,
    "socket.sendto": _address,
    "socket.sendmsg": _address,
    "socket.getaddrinfo": _lookup,
    "socket.gethostbyname": _host,
    "socket.gethostbyaddr": _host,
}


def _is_self_pipe() -> bool:
    """Whether the standard library is making a socket pair, which Windows builds from two loopback sockets."""
    frame = sys._getframe(2)
    name = frame.f_code.co_name
    return name in ("socketpair", "_fallback_socketpair") and frame.f_globals.get("__name__") == "socket"
