"""Whatever Apprise can reach: mail, Teams, Telegram, PagerDuty and some hundred others."""

from __future__ import annotations

import re
import warnings
from typing import Any

from ...errors import ConfigurationError
from ..alerts import Message
from ..wiring import Wiring
from .muting import mute_for_good
from .protocol import Undelivered

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Apprise:
    """Sends messages to every Apprise URL in a variable, separated by white space or commas."""

    def __init__(self, wiring: Wiring, urls: str) -> None:
        self._name = wiring.name
        self._types = {"critical": "failure", "warning": "warning", "info": "info"}
        # What Apprise's modules warn of while they are loaded concerns nobody here.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._services = _services(urls, f"channel {wiring.name}", wiring.variables["urls_env"])

    async def send(self, message: Message) -> None:
        """Returns once every service accepted it. Raises `Undelivered`: those that accepted it will hear it again."""
        kind = "success" if message.kind == "resolved" else self._types[message.level]
        accepted = await self._services.async_notify(
            title=message.title, body=message.text or message.title, notify_type=kind
        )
        if not accepted:
            raise Undelivered(f"channel {self._name}: not every service accepted the message")

    async def aclose(self) -> None:
        """There is nothing to close."""


def _services(urls: str, channel: str, variable: str) -> Any:
    try:
        import apprise
    except ImportError:
        raise ConfigurationError(
            f"{channel} needs apprise, which is not installed: pip install 'bi-contracts[alerts]'"
        ) from None
    for name in ("apprise", "urllib3.connectionpool"):
        mute_for_good(name)
    found = apprise.Apprise()
    for number, url in enumerate(re.split(r"[\s,]+", urls), 1):
        where = f"{channel}: URL {number} in {variable}"
        service = apprise.Apprise.instantiate(url)
        if service is None:
            raise ConfigurationError(f"{where}: is none that Apprise knows")
        _check_secure(service, where)
        found.add(service)
    return found


def _check_secure(service: Any, where: str) -> None:
    """Raises `ConfigurationError` for a service that is reached in the clear, though it could be otherwise."""
    plain = service.protocol if isinstance(service.protocol, tuple | list) else (service.protocol,)
    if service.schema in plain and not service.secure and service.host not in _LOOPBACK:
        raise ConfigurationError(f"{where}: {service.schema}:// is not encrypted; use {service.schema}s://")
