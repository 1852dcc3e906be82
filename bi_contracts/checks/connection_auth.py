"""Whether a platform takes a good credential, and refuses every other one in words that we understand.

A negative check sends one request, without a credential or with one that was made up: the real one is never used.
"""

from __future__ import annotations

from enum import StrEnum

import httpx

from ..auth import AuthScheme, Credentials, OAuthLogin
from ..client import AsyncClient, Core, as_response
from ..contract import Contract
from ..dialects import ErrorKind, Problem
from ..errors import ApiError, Failure, RateLimited, Unauthorized, Unreachable
from ..paths import dig
from ..platform import Platform
from ..redact import redact_text
from ..slots import answer_of
from .recorded import contract_holds


class Credential(StrEnum):
    """What a request carries."""

    VALID = "valid"
    MISSING = "missing"
    MALFORMED = "malformed"
    REVOKED = "revoked"


NEGATIVE = (Credential.MISSING, Credential.MALFORMED, Credential.REVOKED)


class CredentialRefused(Failure):
    """The platform does not take a credential that should be good."""

    rule = "credential-refused"


class CredentialAccepted(Failure):
    """The platform answers a request that it should refuse."""

    rule = "credential-accepted"


class RefusalMisread(Failure):
    """The platform refuses, and its answer reads as something else than a bad credential."""

    rule = "refusal-misread"


class IdentityUnnamed(Failure):
    """The platform takes the credential and does not say whose it is."""

    rule = "identity-unnamed"


def by_login(auth: AuthScheme) -> bool:
    """Whether a credential is sent to a login: a wrong one may count towards locking the account."""
    return isinstance(auth, OAuthLogin)


def made_up(auth: AuthScheme, credential: Credential) -> Credentials:
    """A credential that nobody gave out: of the wrong form, or of the right one and unknown to the platform."""
    if credential is Credential.REVOKED:
        return auth.example("revoked")
    return dict.fromkeys(auth.variables, "malformed")


async def valid_credential(client: AsyncClient, contract: Contract | None = None) -> httpx.Response:
    """The identity endpoint's answer: it says whose the credential is, and keeps its contract where one is given.

    Raises `CredentialRefused`, `IdentityUnnamed`, `ContractViolated`; `UpstreamError` where nothing was found out.
    """
    platform = client.platform
    endpoint = platform.endpoint(platform.identity)
    try:
        answers = [answer async for answer in client.responses(endpoint.name, max_pages=1)]
    except Unauthorized as error:
        # The platform's own words are left out: some repeat the credential.
        said = f"HTTP {error.status}{f', {redact_text(error.code)}' if error.code else ''}"
        names = " and ".join(platform.auth.variables)
        raise CredentialRefused(
            f"{platform.id(endpoint)}: the credential was refused ({said}); check {names}"
        ) from None
    rows = [row for answer in answers for row in client.rows(endpoint.name, answer)]
    if not rows or dig(rows[0], endpoint.key) in (None, ""):
        raise IdentityUnnamed(f"{platform.id(endpoint)}: the answer has no {endpoint.key}")
    if contract is not None:
        contract_holds(contract, [as_response(answer).envelope for answer in answers])
    return answers[0]


async def bad_credential(
    http: httpx.AsyncClient, platform: Platform, credential: Credential, *, base_url: str = ""
) -> Problem:
    """Sends one request with a bad credential, to the identity endpoint; gives the refusal as it was understood.

    `http` signs nothing of its own. Raises as `refused` does, and `Unreachable`.
    """
    return refused(platform, credential, await asked_with(http, platform, credential, base_url=base_url))


async def asked_with(
    http: httpx.AsyncClient, platform: Platform, credential: Credential, *, base_url: str = ""
) -> httpx.Response:
    """What a request with a bad credential is answered. Raises `Unreachable`."""
    endpoint = platform.endpoint(platform.identity)
    request = platform.request(endpoint, {}, base_url)
    auth = None if credential is Credential.MISSING else platform.auth.sign(made_up(platform.auth, credential))
    try:
        return await http.send(request, auth=auth)
    except (httpx.TransportError, httpx.DecodingError) as error:
        raise unreachable(platform, error) from error


def refused(platform: Platform, credential: Credential, response: httpx.Response) -> Problem:
    """The refusal of a bad credential, understood as that.

    Raises `CredentialAccepted` where the platform let it through, `RefusalMisread` where the answer reads as another
    error; `RateLimited` and `ApiError` where the platform was too busy, or too broken, to say anything about it.
    """
    problem = platform.errors.recognise(response)
    where = platform.id(platform.endpoint(platform.identity))
    if problem is None:
        what = "a page that is no JSON" if isinstance(answer_of(response), str) else "an answer like any other"
        raise CredentialAccepted(f"{where}: a {credential} credential got {what} (HTTP {response.status_code})")
    said = f"HTTP {problem.status}{f', {redact_text(problem.code)}' if problem.code else ''}"
    match problem.kind:
        case ErrorKind.UNAUTHORIZED:
            return problem
        case ErrorKind.RATE_LIMITED:
            raise RateLimited(f"{where}: too many requests to look at a {credential} credential ({said})")
        case ErrorKind.SERVER_ERROR:
            raise ApiError(f"{where}: the platform failed at a {credential} credential ({said})", status=problem.status)
    kind = problem.kind.replace("_", " ")
    raise RefusalMisread(f"{where}: a {credential} credential was refused as {kind} ({said}), not as unauthorized")


def unreachable(platform: Platform, error: httpx.RequestError) -> Unreachable:
    """The client's own error for a connection that failed."""
    return Core(platform).unreachable(platform.endpoint(platform.identity), error)
