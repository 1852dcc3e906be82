"""One connection, tested as a user declares it: an endpoint of the gateway, or of a platform.

The checks of a platform itself stand beside: `connection_auth`, `connection_response`, `connection_limits`, `network`.
"""

from __future__ import annotations

import asyncio
import re
import time
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from ..client import as_response
from ..dialects.unreachable import hint_of, reason_of
from ..errors import (
    BiContractsError,
    CassetteError,
    CassetteNotFound,
    ConfigurationError,
    CredentialsMissing,
    ExitCode,
    Failure,
    Unauthorized,
    Unreachable,
)
from ..interaction import DEGRADED_HEADER, SANDBOX_HEADER
from ..paths import Json, decode_body
from ..redact import redact_text
from ..report.events import GATEWAY, Finding, Outcome, Severity, Status
from .connection_response import BadResponse, problems

AUTH_METHODS = ("bearer", "basic", "api_key", "oauth", "none")
NOT_GOOD = frozenset({"stale", "mock", "unavailable", "degraded"})
"""What a section may say of its source when it is no fresh answer of a platform."""

HEALTH = ("/healthz", "/readyz", "/metrics")
"""What a gateway answers by itself: that says nothing about any platform."""

_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_DEPTH = 3
"""How deep sections may stand in an answer that does not list them: below are rows, whose `source` is their own."""


@dataclass(frozen=True, slots=True)
class ConnectionTest:
    """One connection to test.

    Attributes:
        name: What it is called in reports.
        endpoint: A path of the gateway, `/api/business/crm/contacts`, or a declared endpoint, `gong/calls`.
        auth_method: How the first of the variables (`basic`: the first two) signs a request to the gateway:
            `bearer` (`oauth` is another word for it), `basic`, `api_key` (in `X-API-Key`) or `none`. A declared
            endpoint is signed as its platform wants it.
        required_env_vars: Variables that must be set; where one is not, the test is skipped.
        timeout_seconds: How long an answer may take.
        expected_status: HTTP status of a good answer of the gateway.
        method: How the gateway is asked.
        params: Arguments of the query; for a declared endpoint, of the read.
        body: JSON body, None for none.
    """

    name: str
    endpoint: str
    auth_method: str = "bearer"
    required_env_vars: Sequence[str] = ()
    timeout_seconds: float = 30
    expected_status: int = 200
    method: str = "GET"
    params: Mapping[str, Any] = field(default_factory=dict)
    body: Json = None

    def __post_init__(self) -> None:
        """Raises `ConfigurationError` for a field of another type, and for a value that cannot be."""
        self._typed()
        object.__setattr__(self, "required_env_vars", tuple(self.required_env_vars))
        if "://" in self.endpoint:
            raise ConfigurationError(
                f"ConnectionTest {self.name!r}: endpoint {self.endpoint!r} is a whole address; write its path alone"
                " if it is the gateway's, such as /api/business/crm/contacts, or declare the platform, and name its"
                " endpoint"
            )
        if not self.name or "/" not in self.endpoint:
            raise ConfigurationError(
                f"ConnectionTest {self.name!r}: endpoint {self.endpoint!r} is neither a path of the gateway such as"
                " /api/business/crm/contacts nor an endpoint such as gong/calls"
            )
        if self.auth_method not in AUTH_METHODS:
            known = ", ".join(AUTH_METHODS)
            raise ConfigurationError(f"ConnectionTest {self.name!r}: auth_method is one of {known}")
        if not self.timeout_seconds > 0:
            raise ConfigurationError(f"ConnectionTest {self.name!r}: timeout_seconds must be above 0")

    def _typed(self) -> None:
        for name, (kind, wanted) in _FIELDS.items():
            value = getattr(self, name)
            if not isinstance(value, kind) or isinstance(value, bool):
                raise ConfigurationError(
                    f"ConnectionTest {self.name!r}: {name} is to be {wanted}, not {type(value).__name__}"
                )
        names = self.required_env_vars
        if isinstance(names, str) or not all(isinstance(one, str) and one for one in names):
            raise ConfigurationError(
                f"ConnectionTest {self.name!r}: required_env_vars is to be a list of names"
                + (f": [{names!r}]" if isinstance(names, str) else "")
            )

    @property
    def of_gateway(self) -> bool:
        """Whether it asks the gateway, and not a platform."""
        return self.endpoint.startswith("/")

    @property
    def subject(self) -> str:
        """What a report calls it."""
        return f"gateway/{self.name}" if self.of_gateway else self.endpoint


_FIELDS: Mapping[str, tuple[Any, str]] = {
    "name": (str, "text"),
    "endpoint": (str, "text"),
    "auth_method": (str, "text"),
    "required_env_vars": (Iterable, "a list of names"),
    "timeout_seconds": ((int, float), "a number of seconds"),
    "expected_status": (int, "a status such as 200"),
    "method": (str, "text"),
    "params": (Mapping, "a mapping"),
}
"""What each field holds, and how a person is told."""


class Degraded(Failure):
    """The gateway answered, and not with fresh data of its platforms."""

    rule = "degraded-answer"


class _Reading(Protocol):
    """What was read of an endpoint."""

    @property
    def records(self) -> tuple[Json, ...]: ...
    @property
    def source(self) -> Any: ...


class Reads(Protocol):
    """Reads declared endpoints, as `reading.Reader` does."""

    async def read(
        self, id: str, /, *, max_pages: int | None = 1, narrowing: Mapping[str, Json] | None = None, **arguments: Json
    ) -> _Reading:
        """The rows of an endpoint."""
        ...


async def run_connection_test(
    test: ConnectionTest,
    http: httpx.AsyncClient,
    environ: Mapping[str, str],
    *,
    reader: Reads | None = None,
    recorded: bool = False,
    clock: Callable[[], float] = time.perf_counter,
) -> Outcome:
    """Runs one test; nothing is raised, what goes wrong is in the outcome.

    Args:
        test: What to ask.
        http: A client of the gateway, base URL included.
        environ: Where `required_env_vars` are looked up.
        reader: Who reads declared endpoints; needed for tests of those only.
        recorded: Whether recordings answer: what was not recorded skips the test then.
        clock: Tells the time in seconds.
    """
    unset = [name for name in test.required_env_vars if not environ.get(name, "").strip()]
    if unset:
        verb = "is" if len(unset) == 1 else "are"
        return _outcome(test, Status.SKIPPED, note=f"{' and '.join(unset)} {verb} not set")
    started = clock()
    try:
        work = _gateway(test, http, environ, recorded=recorded) if test.of_gateway else _platform(test, reader)
        source, findings, samples = await asyncio.wait_for(work, test.timeout_seconds)
    except TimeoutError:
        return _failed(test, clock() - started, "timeout", f"no answer within {test.timeout_seconds:g} s")
    except (httpx.TransportError, httpx.DecodingError) as error:
        return _failed(test, clock() - started, reason_of(error), f"{type(error).__name__}; {hint_of(error)}")
    except Unreachable as error:
        return _failed(test, clock() - started, error.reason, str(error))
    except CredentialsMissing as error:
        return _outcome(test, Status.SKIPPED, note=str(error))
    except Unauthorized as error:
        return _outcome(test, Status.FAILED, (_finding("credential-refused", str(error)),), elapsed=clock() - started)
    except BiContractsError as error:
        # What was not recorded cannot be known: that is no fault of the connection.
        status = Status.SKIPPED if isinstance(error, CassetteError) else Status.ERROR
        code = None if status is Status.SKIPPED else ExitCode(error.exit_code)
        return _outcome(test, status, note=str(error), exit_code=code, elapsed=clock() - started)
    bad = any(finding.severity == "breaking" for finding in findings)
    status = Status.FAILED if bad else Status.PASSED
    return _outcome(test, status, findings, source=source, samples=samples, elapsed=clock() - started)


def not_good(body: Json) -> list[tuple[str, str]]:
    """Where an answer says that it is no fresh data, and what it says: a JSON pointer, and the source or `error`.

    An answer that lists its `sections` is taken at that list; in any other they may stand anywhere near its root.
    """
    if not isinstance(body, Mapping):
        return []
    if isinstance(body.get("sections"), list):
        found = list(_not_good(body["sections"], "/sections", 2))
    else:
        found = list(_not_good(body, "", _DEPTH))
    return found or ([("", "degraded")] if body.get("degraded") is True else [])


def not_recorded(body: Json) -> str:
    """Why a replay cannot tell whether an answer of the gateway is good: sections of it were never recorded.

    "" where it can.
    """
    sections = body.get("sections") if isinstance(body, Mapping) else None
    found = [one for one in sections or () if isinstance(one, Mapping)] if isinstance(sections, list) else []
    missing = [str(one.get("id")) for one in found if one.get("source") in ("unavailable", "stale")]
    return f"cannot be known from recordings: none of {', '.join(missing)}" if missing else ""


def fresh_answer(response: httpx.Response) -> None:
    """Raises `Degraded` where any section of an answer of the gateway is stale, made up or missing."""
    _fresh(not_good(decode_body(response.content)), response.headers.get(DEGRADED_HEADER, ""))


def fresh_sections(sections: Sequence[Json]) -> None:
    """As `fresh_answer`, for some of an answer's sections. Raises `Degraded`."""
    _fresh(not_good({"sections": list(sections)}), "")


def _fresh(found: Sequence[tuple[str, str]], told: str) -> None:
    if found or told:
        said = ", ".join(f"{path or 'the answer'} is {source}" for path, source in found[:5]) or f"it is {told}"
        raise Degraded(f"not a fresh answer of the platforms: {said}")


def _not_good(body: Json, path: str, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(body, Mapping):
        source = body.get("source")
        if isinstance(source, str) and source in NOT_GOOD:
            yield f"{path} ({body['id']})" if isinstance(body.get("id"), str) else path, source
        elif body.get("error"):
            yield f"{path}/error", "error"
    values = body.items() if isinstance(body, Mapping) else enumerate(body) if isinstance(body, list) else ()
    for name, value in values if depth else ():
        yield from _not_good(value, f"{path}/{name}", depth - 1)


async def _gateway(
    test: ConnectionTest, http: httpx.AsyncClient, environ: Mapping[str, str], *, recorded: bool
) -> tuple[str, tuple[Finding, ...], int]:
    response = await http.request(
        test.method,
        test.endpoint,
        params=dict(test.params) or None,
        json=test.body,
        headers=_signed(test, environ),
        timeout=test.timeout_seconds,
    )
    unknown = not_recorded(decode_body(response.content)) if recorded else ""
    if unknown:
        raise CassetteNotFound(unknown)
    found: list[Failure] = list(problems(as_response(response), expected=(test.expected_status,)))
    try:
        fresh_answer(response)
    except Degraded as failure:
        found.append(failure)
    return _source(response), tuple(map(finding_of, found)), 1


async def _platform(test: ConnectionTest, reader: Reads | None) -> tuple[str, tuple[Finding, ...], int]:
    if reader is None:
        raise ConfigurationError(f"ConnectionTest {test.name!r}: a reader is needed to ask {test.endpoint}")
    found = await reader.read(test.endpoint, **test.params)
    return str(found.source), (), 1


def _signed(test: ConnectionTest, environ: Mapping[str, str]) -> dict[str, str]:
    values = [environ[name].strip() for name in test.required_env_vars]
    if not values or test.auth_method == "none":
        return {}
    if test.auth_method == "api_key":
        return {"x-api-key": values[0]}
    if test.auth_method == "basic":
        return {"authorization": f"Basic {b64encode(':'.join(values[:2]).encode()).decode()}"}
    return {"authorization": f"Bearer {values[0]}"}


def _source(response: httpx.Response) -> str:
    """Who is behind an answer of the gateway: what its sections say, where they agree; of its health, nobody."""
    if response.request.url.path in HEALTH:
        return GATEWAY
    body = decode_body(response.content)
    sections = body.get("sections") if isinstance(body, Mapping) else None
    told = {one.get("provenance") or one.get("source") for one in sections or () if isinstance(one, Mapping)}
    if len(told) == 1:
        return str(told.pop())
    return "sandbox" if SANDBOX_HEADER in response.headers else "unknown"


def finding_of(failure: Failure, rule: str = "") -> Finding:
    """A failed check as a finding: its own rule and severity where it has them. Personal data is masked."""
    severity: Severity = failure.severity if isinstance(failure, BadResponse) else "breaking"
    named = rule or getattr(failure, "rule", "") or _WORDS.sub("-", type(failure).__name__).lower()
    return _finding(named, str(failure), severity)


def _finding(rule: str, message: str, severity: Severity = "breaking") -> Finding:
    return Finding(rule, severity, "", message=redact_text(message))


def _failed(test: ConnectionTest, elapsed: float, reason: str, message: str) -> Outcome:
    finding = Finding(f"network-{reason}", "breaking", "", message=redact_text(message), evidence={"reason": reason})
    return _outcome(test, Status.FAILED, (finding,), elapsed=elapsed, exit_code=ExitCode.UPSTREAM)


def _outcome(
    test: ConnectionTest, status: Status, findings: tuple[Finding, ...] = (), *, note: str = "", **rest: Any
) -> Outcome:
    return Outcome(
        test.subject, "connection test", status, findings, note=redact_text(note), phase="connection", **rest
    )
