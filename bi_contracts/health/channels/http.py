"""What the channels that speak HTTP share."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from ...errors import ConfigurationError
from .muting import muted
from .protocol import Undelivered

TIMEOUT = 10.0
"""Seconds that one request may take."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def checked_url(url: str, where: str) -> httpx.URL:
    """A URL that a secret may travel to. Raises `ConfigurationError` with `where`, and never the URL."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise ConfigurationError(f"{where}: holds no URL") from None
    if not parsed.host or not (parsed.scheme == "https" or (parsed.scheme == "http" and parsed.host in _LOOPBACK)):
        raise ConfigurationError(f"{where}: must be an https:// URL")
    return parsed


class Http:
    """One client, opened when it is first needed. Redirects are not followed: they would carry secrets elsewhere."""

    def __init__(self, name: str, headers: Mapping[str, str] | None = None) -> None:
        self.name = name
        self._headers = {"user-agent": "bi-contracts", **(headers or {})}
        self._client: httpx.AsyncClient | None = None

    async def request(self, method: str, url: httpx.URL | str, **given: Any) -> httpx.Response:
        """The answer, which is a success. Raises `Undelivered`."""
        client = self._opened()
        try:
            # httpx counts its seconds anew for every piece that comes.
            with muted("httpx"):
                async with asyncio.timeout(TIMEOUT):
                    response = await client.request(method, url, **given)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise Undelivered(f"channel {self.name}: no answer ({type(error).__name__})", answered=False) from None
        if not response.is_success:
            raise Undelivered(f"channel {self.name}: HTTP {response.status_code}", retry_after=wait(response))
        return response

    async def aclose(self) -> None:
        """Closes the connections; the next request opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            from ...cassette.tls import shared_ssl_context

            self._client = httpx.AsyncClient(headers=self._headers, timeout=TIMEOUT, verify=shared_ssl_context())
        return self._client


def wait(response: httpx.Response, now: float | None = None) -> float | None:
    """Seconds until it makes sense to try again, None where the answer does not say.

    `Retry-After` as seconds or as an HTTP date (RFC 9110 section 10.2.3); GitHub says when its limit is reset.
    """
    now = time.time() if now is None else now
    value = response.headers.get("retry-after", "").strip()
    if value.isdecimal():
        return float(value)
    if value:
        try:
            return max(0.0, parsedate_to_datetime(value).timestamp() - now)
        except ValueError:
            return None
    reset = response.headers.get("x-ratelimit-reset", "")
    if response.headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
        return max(0.0, float(reset) - now)
    return None
