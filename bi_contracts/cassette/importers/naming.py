"""Which platform and endpoint a foreign interaction belongs to, and its full URL."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from ...interaction import Headers, Interaction
from ...redact import DEFAULT, Policy, policy_of_answer, redact_request, redact_response
from .base import Unusable
from .endpoint_ids import endpoint_name, file_safe, host_of, platform_of_host

Known = Callable[[str, Interaction], str | None]
UNKNOWN = "unknown"

_GIVEN = re.compile(r"[\w.~@-]+/[\w.{}~-]+", re.ASCII)
_VERSION = re.compile(r"[a-z][a-z-]*-version")
_NO_API_VERSION = ("client", "sdk", "websocket", "app-", "tls", "browser")


def nothing_known(platform: str, interaction: Interaction) -> str | None:  # noqa: ARG001 the hook's default
    """Declares nothing."""
    return None


@dataclass(frozen=True, slots=True)
class Names:
    """What the caller knows.

    Attributes:
        hosts: Host -> platform. A subdomain belongs to its parent's platform.
        known: (platform, redacted interaction) -> name of the declared endpoint, None where there is none.
        origins: Platform -> base URL, for formats that keep no host.
        platform: The platform of files that keep no host; "" takes the nearest folder named like a platform.
    """

    hosts: Mapping[str, str] = field(default_factory=dict)
    known: Known = nothing_known
    origins: Mapping[str, str] = field(default_factory=dict)
    platform: str = ""

    def place(self, interaction: Interaction, path: Path, policy: Policy = DEFAULT) -> Interaction:
        """The interaction redacted, with a full URL and its endpoint's id. Raises `Unusable`."""
        host = host_of(interaction.request.url)
        platform = platform_of_host(host, self.hosts) if host else self._platform_of_file(path)
        request = interaction.request
        if not host:
            request = replace(request, url=self._completed(request.url, platform))
        try:
            asked = redact_request(request, policy)
            answered = redact_response(interaction.response, policy_of_answer(request, policy))
            # The id becomes a file name: it must come from what is redacted.
            return self._named(replace(interaction, request=asked, response=answered), platform)
        except (ValueError, RecursionError) as error:
            raise Unusable(f"cannot be redacted and named ({type(error).__name__}), so it is not written") from None

    def _named(self, clean: Interaction, platform: str) -> Interaction:
        if _GIVEN.fullmatch(clean.endpoint):
            return replace(clean, endpoint=_safe(clean.endpoint))
        return replace(clean, endpoint=f"{platform}/{self.known(platform, clean) or endpoint_name(clean)}")

    def _platform_of_file(self, path: Path) -> str:
        platforms = {*self.hosts.values(), *self.origins}
        folder = next((parent.name for parent in path.absolute().parents if parent.name in platforms), UNKNOWN)
        return file_safe(self.platform) if self.platform else folder

    def _completed(self, url: str, platform: str) -> str:
        """The path below the platform's base URL; some recordings repeat the base's own path, some leave it out."""
        base = self.origins.get(platform, f"https://{platform.replace('_', '-')}.invalid").rstrip("/")
        root = urlsplit(base).path
        path = urlsplit(url).path
        if root and (path == root or path.startswith(f"{root}/")):
            base = base.removesuffix(root)
        return base + url


def _safe(endpoint: str) -> str:
    platform, _, name = endpoint.partition("/")
    return f"{file_safe(platform)}/{file_safe(name)}"


def api_versions(interactions: list[Interaction]) -> str:
    """The API versions that the recorded headers name (`Notion-Version: 2022-06-28`), sorted."""
    seen = {
        value
        for one in interactions
        for headers in (one.request.headers, one.response.headers)
        for value in _versions(headers)
    }
    return ", ".join(sorted(seen))


def _versions(headers: Headers) -> list[str]:
    return [
        value
        for name, value in headers
        if _VERSION.fullmatch(name.lower())
        and re.fullmatch(r"\d[\d.-]{0,15}|Unstable", value)
        and not any(word in name.lower() for word in _NO_API_VERSION)
    ]
