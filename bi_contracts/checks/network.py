"""Whether a platform can be reached, told stage by stage: name, connection, encryption, first byte.

Every check here sends one request without a credential: what matters is that somebody answers, not what.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal
from urllib.request import getproxies, proxy_bypass

import httpx

from ..dialects.unreachable import Reason, hint_of, reason_of
from ..errors import Failure, Unreachable

Stage = Literal["name", "connection", "encryption", "first byte"]

WARNING_DAYS = 14.0
"""A certificate that expires sooner is worth a warning."""

DAY = 86_400.0
NO_HTTP = "what answers there does not speak HTTP"


class NetworkFailed(Failure):
    """No answer came. `reason` says why, `stage` how far it went."""

    rule = "network-failed"

    def __init__(self, message: str, *, reason: Reason = "other", stage: Stage = "connection") -> None:
        super().__init__(message)
        self.reason = reason
        self.stage = stage


class CertificateExpiring(Failure):
    """The certificate is good, and not for long."""

    rule = "certificate-expiring"


@dataclass(frozen=True, slots=True)
class Reach:
    """How a server was reached. Times are in milliseconds, each of its own stage.

    Attributes:
        host: Whom was asked.
        port: Where.
        dns_ms: Until the name was resolved.
        tcp_ms: Until the connection stood.
        tls_ms: Until it was encrypted; None without encryption.
        first_byte_ms: From the request to the first byte of the answer.
        status: HTTP status of the answer, whatever it was.
        tls: The version of TLS; "" without.
        expires_at: When the certificate ends, as Unix seconds; None without.
        headers: Those of the answer, by their names in lower case.
    """

    host: str
    port: int
    dns_ms: float
    tcp_ms: float
    tls_ms: float | None
    first_byte_ms: float
    status: int
    tls: str = ""
    expires_at: float | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def days_left(self, now: float) -> float | None:
        """Days until the certificate ends; None without one."""
        return None if self.expires_at is None else (self.expires_at - now) / DAY

    def figures(self, now: float) -> dict[str, float]:
        """The numbers by name and unit."""
        stated = {
            "dns_ms": self.dns_ms,
            "tcp_ms": self.tcp_ms,
            "tls_ms": self.tls_ms,
            "first_byte_ms": self.first_byte_ms,
            "certificate_days": self.days_left(now),
        }
        return {name: round(value, 3) for name, value in stated.items() if value is not None}


def proxied(url: str) -> str:
    """The environment's proxy for a URL, "" where there is none: a direct connection would say nothing then."""
    parsed = httpx.URL(url)
    return "" if proxy_bypass(parsed.host) else getproxies().get(parsed.scheme, "")


async def reach(
    url: str,
    *,
    timeout: float = 10.0,
    context: ssl.SSLContext | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Reach:
    """One unsigned GET of a URL, stage by stage, each within `timeout` seconds.

    Raises `NetworkFailed` naming the stage, and the reason as `dialects.unreachable` gives it.
    """
    asked = httpx.URL(url)
    host, secure = asked.host, asked.scheme == "https"
    port = asked.port or (443 if secure else 80)
    stage: Stage = "name"
    writer: asyncio.StreamWriter | None = None
    times = [clock()]
    try:
        addresses = await asyncio.wait_for(_addresses(host, port), timeout)
        times.append(clock())
        stage = "connection"
        reader, writer = await _connected(addresses, port, timeout)
        times.append(clock())
        if secure:
            stage = "encryption"
            await asyncio.wait_for(writer.start_tls(context or _trusting(), server_hostname=host), timeout)
        times.append(clock())
        stage = "first byte"
        status, headers = await asyncio.wait_for(_asked(reader, writer, asked), timeout)
        times.append(clock())
    except (OSError, EOFError) as error:
        raise _failed(url, stage, error) from error
    finally:
        encryption = _encryption(writer)
        await _closed(writer)
    name, connection, encrypted, first = ((end - start) * 1000 for start, end in pairwise(times))
    return Reach(host, port, name, connection, encrypted if secure else None, first, status, *encryption, headers)


def certificate_lasts(found: Reach, now: float, *, days: float = WARNING_DAYS) -> None:
    """Raises `CertificateExpiring` where the certificate ends within so many days."""
    left = found.days_left(now)
    if left is not None and left < days:
        raise CertificateExpiring(f"the certificate of {found.host} ends in {left:.0f} days; {days:.0f} are wanted")


def network_failed(error: Unreachable) -> NetworkFailed:
    """The finding for an error of the client."""
    reason: Reason = error.reason  # type: ignore[assignment]
    return NetworkFailed(str(error), reason=reason, stage="name" if reason == "dns" else "connection")


async def _addresses(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


async def _connected(
    addresses: list[str], port: int, timeout: float
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to the first address that takes one. Raises what the last one raised."""
    for address in addresses[:-1]:
        with suppress(OSError):
            return await asyncio.wait_for(asyncio.open_connection(address, port), timeout)
    return await asyncio.wait_for(asyncio.open_connection(addresses[-1], port), timeout)


async def _asked(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, url: httpx.URL
) -> tuple[int, dict[str, str]]:
    """Status and headers of the answer. Raises EOFError where the other side hangs up before it."""
    path = url.raw_path.decode("ascii") or "/"
    lines = (f"GET {path} HTTP/1.1", f"Host: {url.netloc.decode()}", "Accept: application/json", "Connection: close")
    writer.write("".join(f"{line}\r\n" for line in (*lines, "")).encode("ascii"))
    await writer.drain()
    try:
        line = await reader.readline()
    except ValueError:  # longer than any status line
        raise OSError(NO_HTTP) from None
    if not line:
        raise EOFError("closed before an answer")
    version, _, rest = line.decode("latin-1").partition(" ")
    if not version.startswith("HTTP/") or not rest[:3].isdecimal():
        raise OSError(NO_HTTP)
    return int(rest[:3]), await _headers(reader)


async def _headers(reader: asyncio.StreamReader) -> dict[str, str]:
    """Up to the empty line, or as far as they came: the status alone says that somebody is there."""
    found: dict[str, str] = {}
    with suppress(ValueError, OSError):
        while line := (await reader.readline()).strip():
            name, _, value = line.decode("latin-1").partition(":")
            found[name.strip().lower()] = value.strip()
    return found


def _encryption(writer: asyncio.StreamWriter | None) -> tuple[str, float | None]:
    """The version of TLS, and when the certificate ends."""
    secured = writer.get_extra_info("ssl_object") if writer is not None else None
    if secured is None:
        return "", None
    ends = (secured.getpeercert() or {}).get("notAfter")
    return secured.version() or "", None if ends is None else float(ssl.cert_time_to_seconds(str(ends)))


async def _closed(writer: asyncio.StreamWriter | None) -> None:
    if writer is None:
        return
    writer.close()
    with suppress(OSError, TimeoutError):
        await asyncio.wait_for(writer.wait_closed(), 1.0)


def _trusting() -> ssl.SSLContext:
    from ..cassette.tls import shared_ssl_context

    return shared_ssl_context()


def _failed(url: str, stage: Stage, error: BaseException) -> NetworkFailed:
    host = httpx.URL(url).host
    reason = reason_of(error)
    said = str(error) if reason == "other" and type(error) is OSError else type(error).__name__
    return NetworkFailed(f"{host}: failed at {stage} ({said}); {hint_of(error)}", reason=reason, stage=stage)
