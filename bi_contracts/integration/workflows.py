"""The three business processes, against the gateway and, reading only, against the platforms themselves.

Whoever adds one writes a `Workflow` of steps. A step for the gateway finds a `Gateway` in `trail.context`, one for
the platforms a `Reads`; both remember who answered, and neither hands out what is stale, made up or missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

import httpx

from ..accounts import address_variable
from ..checks.connection import fresh_answer, fresh_sections
from ..checks.connection_response import good_response
from ..checks.workflow import StepFailed, Undecided, Workflow, some
from ..client import as_response
from ..dialects.unreachable import hint_of, reason_of
from ..errors import CredentialsMissing, Unreachable
from ..interaction import Source
from ..paths import Json, decode_body
from ..platform import Platform
from ..reading import Reader, Reading
from ..session import Upstream, address_missing


@dataclass(slots=True)
class Reads:
    """Reads platforms for a workflow.

    Attributes:
        reader: Who reads.
        sources: Who answered so far.
    """

    reader: Reader
    sources: set[str] = field(default_factory=set)

    async def read(self, id: str, *, max_pages: int | None = 1, **arguments: Json) -> Reading:
        """The rows of an endpoint, at least one. Raises `StepFailed` where there is none, and as `Reader.read` does."""
        found = await self.reader.read(id, max_pages=max_pages, **arguments)
        self.sources.add(str(found.source))
        some(found.records, f"row of {id}")
        return found

    @property
    def source(self) -> str:
        """Who answered, where it was the same everywhere."""
        return common(self.sources)


@dataclass(slots=True)
class Gateway:
    """Asks the business gateway for a workflow.

    Attributes:
        http: Its client, base URL included.
        without: Platforms whose credentials are not set: that their sections are missing is nobody's failure.
        sources: Who answered so far, in the first place: a recording may be the sandbox's.
    """

    http: httpx.AsyncClient
    without: frozenset[str] = frozenset()
    sources: set[str] = field(default_factory=set)

    async def get(self, path: str, **params: Any) -> dict[str, Any]:
        """A fresh answer below `/api/business/`. Raises `BadResponse`, `Degraded`, `Unreachable`."""
        return await self._ask("GET", path, params=params or None)

    async def post(self, path: str, body: Json = None) -> dict[str, Any]:
        """The same by POST, with a JSON body where one is given."""
        return await self._ask("POST", path, json=body) if body is not None else await self._ask("POST", path)

    @property
    def source(self) -> str:
        """Who answered, where it was the same everywhere."""
        return common(self.sources)

    async def _ask(self, method: str, path: str, **sent: Any) -> dict[str, Any]:
        where = f"/api/business/{path.lstrip('/')}"
        try:
            response = await self.http.request(method, where, **sent)
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise Unreachable(f"{where}: no answer; {hint_of(error)}", reason=reason_of(error)) from error
        if response.is_success:
            good_response(as_response(response), expected=(response.status_code,))
        body = decode_body(response.content)
        sections = body.get("sections") if isinstance(body, dict) else None
        asked = [one for one in sections or () if isinstance(one, Mapping) and one.get("platform") not in self.without]
        if asked and len(asked) < len(sections or ()):
            fresh_sections(asked)
        else:
            fresh_answer(response)
        good_response(as_response(response))
        self.sources |= {str(one["provenance"]) for one in asked if one.get("provenance")}
        found: dict[str, Any] = body
        return found


def unset(upstream: Upstream, platform: Platform) -> str:
    """What keeps a live platform from being asked; it names the variable. "" where nothing does."""
    if upstream.origin != "live":
        return ""
    try:
        upstream.credentials(platform)
    except CredentialsMissing as error:
        blank = [name for name in error.variables if not upstream.workspace.environ.get(name, "").strip()]
        return str(error) if blank else ""
    return address_missing(platform, upstream.workspace)


def unset_variables(upstream: Upstream, platform: Platform) -> tuple[str, ...]:
    """The variables without which a live platform cannot be asked."""
    environ = platform.environment(upstream.workspace.environ)
    found = [name for name in platform.auth.variables if not environ.get(name, "").strip()]
    if address_missing(platform, upstream.workspace):
        found.append(address_variable(platform))
    return tuple(found)


def common(sources: set[str]) -> str:
    """The one source, `unknown` of none or several."""
    return next(iter(sources)) if len(sources) == 1 else str(Source.UNKNOWN)


def settled(found: object, what: str, *readings: Reading) -> None:
    """Goes on where something was found.

    Raises `StepFailed` where there is none, `Undecided` where it may stand on a page that nobody read.
    """
    if found:
        return
    _missing(what, [reading.id for reading in readings if not reading.complete])


def settled_by(body: Mapping[str, Any], found: object, what: str) -> None:
    """As `settled`, for an answer of the gateway: its sections say whether they were read to their end."""
    if not found:
        _missing(what, [str(one.get("id")) for one in body.get("sections") or () if not one.get("complete")])


def _missing(what: str, unread: list[str]) -> NoReturn:
    if unread:
        goes_on = f"{' and '.join(unread)} {'goes' if len(unread) == 1 else 'go'} on"
        raise Undecided(f"no {what} in what was read; {goes_on}")
    raise StepFailed(f"there is no {what}")


def standard() -> tuple[Workflow, ...]:
    """The processes, first against the platforms, then against the gateway."""
    from .workflows_gateway import GATEWAY
    from .workflows_platforms import PLATFORMS

    return (*PLATFORMS, *GATEWAY)
