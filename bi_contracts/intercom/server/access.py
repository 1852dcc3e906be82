"""Who may ask over HTTP: this machine by names of its own, others by an allowed name and a key."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

from ...errors import ConfigurationError
from ...serving import Application, Receive, Scope, Send

KEY = "BI_CONTRACTS_INTERCOM_KEY"
LEAST_KEY = 16
"""Characters of a key."""

HEALTH = "/healthz"
_LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Access:
    """Which names a request may be sent to, and the key it must bring.

    The name in `Host` tells a page of another site, whose name was bound to this machine's address (DNS rebinding),
    from a client that means this server; `Origin` tells the same of a page that says who it is.
    """

    hosts: frozenset[str]
    key: str = field(default="", repr=False)

    @classmethod
    def granted(cls, host: str, allowed: Iterable[str], environ: Mapping[str, str]) -> Self:
        """For a server at `host`. Raises `ConfigurationError` where others could ask without a key."""
        key, names = environ.get(KEY, "").strip(), tuple(_name(one) for one in allowed)
        if key and len(key) < LEAST_KEY:
            raise ConfigurationError(f"{KEY} has {len(key)} characters: give it {LEAST_KEY} or more, made by chance")
        if not key.isascii():
            raise ConfigurationError(f"{KEY} has characters outside ASCII")
        if not local(host) and not names:
            raise ConfigurationError(
                f"--host {host} can be reached by others: name who may ask with --allow-host, such as the name that"
                " clients use for this machine"
            )
        if (names or not local(host)) and not key:
            raise ConfigurationError(
                f"others may reach this server, and it serves what customers wrote: set {KEY} to a key that clients"
                " send as `Authorization: Bearer KEY`"
            )
        return cls(frozenset((*_LOCAL, *names)), key)

    def refusal(self, headers: Mapping[str, str], path: str) -> tuple[int, str] | None:
        """Status and words for a request that must not be answered, None for one that may."""
        if _hostname(f"//{headers.get('host', '')}") not in self.hosts:
            return 421, "this server does not answer to that Host: start it with --allow-host"
        origin = headers.get("origin")
        if origin is not None and _hostname(origin) not in self.hosts:
            return 403, "pages of that Origin may not ask this server"
        if self.key and path != HEALTH and not self._knows(headers):
            return 401, "send the key of this server: Authorization: Bearer KEY"
        return None

    def _knows(self, headers: Mapping[str, str]) -> bool:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        brought = given.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")
        return hmac.compare_digest(brought.encode("utf-8", "replace"), self.key.encode())


class Guard:
    """An application that only lets through who may ask."""

    def __init__(self, application: Application, access: Access) -> None:
        self._application, self._access = application, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
            refusal = self._access.refusal(headers, scope["path"])
            if refusal is not None:
                return await _refuse(send, *refusal)
        return await self._application(scope, receive, send)


def local(host: str) -> bool:
    """Whether only this machine can reach an address."""
    name = host.strip("[]")
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


async def _refuse(send: Send, status: int, words: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": words.encode()})


def _hostname(address: str) -> str:
    """The name in an address, small letters; "" where there is none."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _name(allowed: str) -> str:
    """A name as `--allow-host` takes it. Raises `ConfigurationError` for an address, a port or a pattern."""
    name = allowed.strip().lower()
    bare = name.strip("[]")
    if not name or bare != _hostname(f"//{name}") or any(letter in name for letter in "*/@ "):
        raise ConfigurationError(f"--allow-host {allowed!r}: a name or an address, without scheme, port or pattern")
    return bare
