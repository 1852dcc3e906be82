"""A JSON POST, signed where a secret is given."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

from ..alerts import Message
from ..lasting import iso
from ..wiring import Wiring
from .http import Http, checked_url

SIGNATURE = "x-bi-contracts-signature"
TIMESTAMP = "x-bi-contracts-timestamp"


class Webhook:
    """Posts messages to a URL.

    With a secret every request says when it was sent and carries the HMAC-SHA256 of that time, a full stop and the
    body, so that a receiver can tell who sent it and refuse what is old; `signature` computes the same.
    """

    def __init__(self, wiring: Wiring, url: str, secret: str = "", clock: Callable[[], float] = time.time) -> None:
        self._url = checked_url(url, f"channel {wiring.name}: {wiring.variables['url_env']}")
        self._secret = secret
        self._clock = clock
        self._http = Http(wiring.name)

    async def send(self, message: Message) -> None:
        """Returns once the receiver answered with a success. Raises `Undelivered`."""
        body = json.dumps(payload(message), ensure_ascii=False, separators=(",", ":")).encode()
        headers = {"content-type": "application/json"}
        if self._secret:
            sent = str(int(self._clock()))
            headers |= {TIMESTAMP: sent, SIGNATURE: signature(self._secret, sent, body)}
        await self._http.request("POST", self._url, content=body, headers=headers)

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._http.aclose()


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """`sha256=...`: what the header of a request with that body, sent at that time, must hold."""
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"sha256={digest}"


def payload(message: Message) -> dict[str, Any]:
    """A message as JSON. Times are ISO 8601 in UTC, the duration is in seconds."""
    return {
        "version": 1,
        "id": message.id,
        "kind": message.kind,
        "key": message.key,
        "level": message.level,
        "platform": message.platform,
        "state": message.label,
        "title": message.title,
        "text": message.text,
        "at": iso(message.at),
        "began": iso(message.began),
        "duration": round(message.duration, 3),
        "source": message.source,
    }
