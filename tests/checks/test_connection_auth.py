"""Credentials: the good one is taken, every other one refused, and each refusal read for what it is."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import httpx
import pytest

from bi_contracts.checks.connection_auth import (
    NEGATIVE,
    Credential,
    CredentialAccepted,
    CredentialRefused,
    IdentityUnnamed,
    RefusalMisread,
    bad_credential,
    by_login,
    made_up,
    refused,
    valid_credential,
)
from bi_contracts.client import AsyncClient
from bi_contracts.contract import Contract
from bi_contracts.dialects import ErrorKind, Problem
from bi_contracts.errors import ApiError, ContractViolated, RateLimited, Unreachable
from bi_contracts.platform import Platform
from bi_contracts.platforms import gong, intercom, linear, looker, notion, salesforce, slack
from bi_contracts.sandbox import Sandbox
from tests.platforms.declared import PLATFORMS, named

SECRET = "not-to-be-seen-4711"


def asked(sandbox: Sandbox, platform: Platform, credential: Credential) -> Problem:
    """The refusal of a bad credential by a sandbox."""

    async def ask() -> Problem:
        async with httpx.AsyncClient(transport=sandbox.async_transport()) as http:
            return await bad_credential(http, platform, credential)

    return asyncio.run(ask())


def answered(platform: Platform, status: int, body: Any, headers: dict[str, str] | None = None) -> httpx.Response:
    """An answer of a platform's identity endpoint."""
    request = platform.request(platform.endpoint(platform.identity), {})
    content = {"text": body} if isinstance(body, str) else {"json": body}
    return httpx.Response(status, headers=headers, request=request, **content)


def identity(platform: Platform, transport: httpx.AsyncBaseTransport, contract: Contract | None = None) -> Any:
    """What the identity check gives for a transport."""

    async def ask() -> httpx.Response:
        async with AsyncClient(platform, dict.fromkeys(platform.auth.variables, SECRET), transport=transport) as client:
            return await valid_credential(client, contract)

    return asyncio.run(ask())


@pytest.mark.parametrize("credential", NEGATIVE)
@pytest.mark.parametrize("platform", PLATFORMS, ids=named)
def test_every_platform_s_own_refusal_is_read_as_unauthorized(platform: Platform, credential: Credential) -> None:
    """Nine platforms, three bad credentials: 401s, Slack's 200 with `ok: false`, Looker's 404 of a login."""
    sandbox = Sandbox([platform], rows=2)
    assert asked(sandbox, platform, credential).kind is ErrorKind.UNAUTHORIZED
    assert sum(sandbox.requests.values()) == 1


@pytest.mark.parametrize("platform", PLATFORMS, ids=named)
def test_the_good_credential_of_every_platform_is_taken(platform: Platform) -> None:
    """The identity endpoint answers with its key."""
    sandbox = Sandbox([platform], rows=2)

    async def ask() -> httpx.Response:
        client = AsyncClient(platform, sandbox.credentials(platform.name), transport=sandbox.async_transport())
        async with client:
            return await valid_credential(client)

    assert asyncio.run(ask()).is_success


@pytest.mark.parametrize(
    ("platform", "status", "body"),
    [
        (slack.PLATFORM, 200, {"ok": False, "error": "token_revoked"}),
        (slack.PLATFORM, 200, {"ok": False, "error": "account_inactive"}),
        (linear.PLATFORM, 400, {"errors": [{"message": "no", "extensions": {"code": "AUTHENTICATION_ERROR"}}]}),
        (salesforce.PLATFORM, 401, [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]),
        (salesforce.PLATFORM, 403, [{"message": "no", "errorCode": "INVALID_AUTH_HEADER"}]),
        (gong.PLATFORM, 401, {"requestId": "1", "errors": ["no"]}),
        (notion.PLATFORM, 400, {"object": "error", "code": "invalid_grant", "message": "no"}),
        (intercom.PLATFORM, 401, {"type": "error.list", "errors": [{"code": "token_revoked", "message": "no"}]}),
        (salesforce.PLATFORM, 403, "Bad_OAuth_Token"),
        (salesforce.PLATFORM, 403, "Missing_OAuth_Token"),
        (gong.PLATFORM, 401, "<html>no</html>"),
    ],
)
def test_what_platforms_are_known_to_answer_is_read_as_unauthorized(
    platform: Platform, status: int, body: object
) -> None:
    """Answers that the sandbox does not give, or gives under another status."""
    assert refused(platform, Credential.REVOKED, answered(platform, status, body)).kind is ErrorKind.UNAUTHORIZED


def test_a_platform_that_lets_a_bad_credential_through_is_a_finding() -> None:
    """An answer like any other, whatever is in it."""
    with pytest.raises(CredentialAccepted, match="a missing credential got an answer like any other"):
        refused(gong.PLATFORM, Credential.MISSING, answered(gong.PLATFORM, 200, {"workspaces": []}))


def test_a_login_page_in_place_of_a_refusal_is_a_finding() -> None:
    """HTTP 200 with HTML: a proxy's or the vendor's page is no refusal."""
    with pytest.raises(CredentialAccepted, match="a page that is no JSON"):
        refused(gong.PLATFORM, Credential.MISSING, answered(gong.PLATFORM, 200, "<html>Please log in</html>"))


@pytest.mark.parametrize(("status", "read"), [(403, "forbidden"), (404, "not found"), (400, "bad request")])
def test_a_refusal_that_reads_as_something_else_is_a_finding(status: int, read: str) -> None:
    """What would send a reader looking in the wrong place."""
    with pytest.raises(RefusalMisread, match=f"refused as {read}"):
        refused(gong.PLATFORM, Credential.MALFORMED, answered(gong.PLATFORM, status, {"errors": [SECRET]}))


@pytest.mark.parametrize(("status", "error"), [(429, RateLimited), (503, ApiError)])
def test_a_busy_or_broken_platform_says_nothing_about_credentials(status: int, error: type[Exception]) -> None:
    """No finding: it could not be found out."""
    with pytest.raises(error):
        refused(gong.PLATFORM, Credential.MALFORMED, answered(gong.PLATFORM, status, {"errors": ["later"]}))


def test_nobody_answers_a_bad_credential() -> None:
    """A timeout is told as that, with the platform's host."""
    sandbox = Sandbox([gong.PLATFORM])
    sandbox.fault("timeout")
    with pytest.raises(Unreachable, match=r"api\.gong\.io") as caught:
        asked(sandbox, gong.PLATFORM, Credential.MISSING)
    assert caught.value.reason == "timeout"


@pytest.mark.parametrize("platform", PLATFORMS, ids=named)
def test_the_real_credential_is_in_no_negative_request(platform: Platform) -> None:
    """A made-up credential has nothing of the sandbox's own, and a revoked one has its form."""
    real = Sandbox([platform]).credentials(platform.name)
    for credential in (Credential.MALFORMED, Credential.REVOKED):
        made = made_up(platform.auth, credential)
        assert set(made) == set(real)
        assert not set(made.values()) & set(real.values())
    revoked = made_up(platform.auth, Credential.REVOKED)
    assert {name: len(value) for name, value in revoked.items()} == {name: len(value) for name, value in real.items()}


def test_only_a_login_counts_wrong_credentials() -> None:
    """Looker logs in; the others send a token or a key with every request."""
    assert [one.name for one in PLATFORMS if by_login(one.auth)] == [looker.PLATFORM.name]


@pytest.mark.parametrize("status", [401, 403])
def test_a_credential_that_should_be_good_and_is_refused_is_a_finding(status: int) -> None:
    """With the variable's name and never its value."""
    body = {"errors": [f"unknown: {SECRET}"]}
    transport = httpx.MockTransport(lambda request: httpx.Response(status, json=body, request=request))
    with pytest.raises(CredentialRefused, match="check GONG_ACCESS_KEY and GONG_ACCESS_KEY_SECRET") as caught:
        identity(gong.PLATFORM, transport)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("workspaces", [[{"name": "no id"}], [{"id": ""}]])
def test_an_identity_without_its_key_is_a_finding(workspaces: list[object]) -> None:
    """Who the credential is cannot be told."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"workspaces": workspaces}))
    with pytest.raises(IdentityUnnamed, match="gong/account: the answer has no id"):
        identity(gong.PLATFORM, transport)


def test_an_identity_is_held_to_its_contract() -> None:
    """A field of another type than the contract says is a violation."""
    good = {"status": 200, "headers": {}, "body": {"workspaces": [{"id": "1", "name": "a"}]}}
    contract = Contract.infer("gong/account", [good, good])  # type: ignore[list-item]

    def transport(name: object) -> httpx.MockTransport:
        return httpx.MockTransport(lambda _: httpx.Response(200, json={"workspaces": [{"id": "1", "name": name}]}))

    assert identity(gong.PLATFORM, transport("b"), contract).is_success
    with pytest.raises(ContractViolated):
        identity(gong.PLATFORM, transport(7), contract)


@pytest.mark.parametrize("credential", NEGATIVE)
def test_values_of_credentials_are_in_no_message(credential: Credential) -> None:
    """A platform that repeats what it was sent gets it into no message of ours."""

    def repeating(request: httpx.Request) -> httpx.Response:
        sent = request.headers.get("authorization", "nothing")
        return httpx.Response(403, json={"category": sent, "message": sent}, request=request)

    async def ask(platform: Platform) -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(repeating)) as http:
            await bad_credential(http, platform, credential)

    for platform in PLATFORMS:
        if by_login(platform.auth):
            continue
        with pytest.raises(RefusalMisread) as caught:
            asyncio.run(ask(platform))
        made = made_up(platform.auth, Credential.REVOKED)
        assert not any(value in str(caught.value) for value in made.values())


def test_an_account_is_asked_where_it_stands() -> None:
    """`base_url` goes before the declared place."""
    seen: list[httpx.URL] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        seen.append(request.url)
        return httpx.Response(401, json={"errors": ["no"]}, request=request)

    async def ask() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(refuse)) as http:
            place = "https://eu.example"
            await bad_credential(http, replace(gong.PLATFORM, name="gong@eu"), Credential.MISSING, base_url=place)

    asyncio.run(ask())
    assert [url.host for url in seen] == ["eu.example"]
