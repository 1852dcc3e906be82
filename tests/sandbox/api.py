"""One platform in a sandbox of its own, and a client that is signed in."""

from __future__ import annotations

from typing import Any

import httpx

from bi_contracts.paths import Json
from bi_contracts.platform import Platform
from bi_contracts.sandbox import Sandbox

from .fuzzing import signed

NOW = 1_780_000_000.0


class Api:
    """One platform in a sandbox of its own, and a client that is signed in.

    Args:
        settings: What else `Sandbox` takes. Limits are not enforced unless they say so.

    Attributes:
        now: What time it is in the sandbox, in Unix seconds; it stands still until a test moves it.
        http: Sends the credential with every request, to paths below the platform's address.
    """

    def __init__(self, platform: Platform, rows: int, now: float = NOW, **settings: Any) -> None:
        self.platform = platform
        self.now = now
        self.sandbox = Sandbox([platform], rows=rows, clock=lambda: self.now, **{"enforce_limits": False, **settings})
        self.credentials = self.sandbox.credentials(platform.name)
        sent = signed(self.sandbox, platform, httpx.Request("GET", platform.base_url))
        headers = {"authorization": sent.headers["authorization"]}
        self.http = httpx.Client(transport=self.sandbox.transport(), base_url=platform.base_url, headers=headers)

    @property
    def token(self) -> str:
        """The secret, bare."""
        return list(self.credentials.values())[-1]

    def key(self, name: str, position: int = 0) -> Json:
        """The key of a row of the endpoint of that name."""
        return self.sandbox.world.collection(self.platform, self.platform.endpoint(name)).key(position)
