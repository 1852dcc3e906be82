"""Where messages go: each channel is a value with `send`, which raises `Undelivered` unless they were accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...errors import ConfigurationError
from ..wiring import Wiring
from .protocol import Channel, Undelivered

__all__ = ["Channel", "Undelivered", "channels"]


def channels(wirings: Sequence[Wiring], environ: Mapping[str, str]) -> dict[str, Channel]:
    """The channels by name. Raises `ConfigurationError` naming what is not set or not usable, and never its value."""
    return {one.name: _channel(one, environ) for one in wirings}


def _channel(wiring: Wiring, environ: Mapping[str, str]) -> Channel:
    secrets = {key: _secret(wiring, variable, environ) for key, variable in wiring.variables.items()}
    match wiring.kind:
        case "webhook":
            from .webhook import Webhook

            return Webhook(wiring, secrets["url_env"], secrets.get("secret_env", ""))
        case "slack":
            from .slack import Slack

            return Slack(wiring, secrets["url_env"])
        case "github":
            from .github import GitHub

            return GitHub(wiring, secrets["token_env"])
        case "apprise":
            from .by_apprise import Apprise

            return Apprise(wiring, secrets["urls_env"])
    raise ConfigurationError(f"channel {wiring.name}: there is no kind {wiring.kind!r}")


def _secret(wiring: Wiring, variable: str, environ: Mapping[str, str]) -> str:
    value = environ.get(variable, "").strip()
    if not value:
        raise ConfigurationError(f"channel {wiring.name}: {variable} is not set; export it or put it in .env")
    return value
