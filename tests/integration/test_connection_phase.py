"""The connection phase: in a sandbox, in a replay, and live without credentials or network."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from bi_contracts.auth import Token
from bi_contracts.cassette.sockets import block_sockets
from bi_contracts.checks.connection import ConnectionTest
from bi_contracts.checks.network import NetworkFailed, Reach
from bi_contracts.errors import ConfigurationError, ExitCode
from bi_contracts.integration.phases import connection
from bi_contracts.integration.phases.connection import NEGATIVE_LOGINS, run
from bi_contracts.interaction import SANDBOX_HEADER
from bi_contracts.platform import Platform
from bi_contracts.reading import QUICK, Reader
from bi_contracts.report.events import Outcome, Status
from bi_contracts.sandbox.server import running
from bi_contracts.session import Upstream
from tests.platforms.declared import PLATFORMS, named

from .contexts import opened, outcomes, sandbox

CHECKS = [
    "network",
    "valid credential",
    "missing credential",
    "malformed credential",
    "revoked credential",
    "response",
    "rate limit",
]


def by_check(found: Sequence[Outcome]) -> dict[str, Outcome]:
    """The outcomes of one platform, by check."""
    return {one.check: one for one in found if not one.subject.startswith("gateway/")}


def of(platform: str, workspace: Path, origin: str, **how: Any) -> dict[str, Outcome]:
    """The outcomes of one platform."""
    return by_check(outcomes(run, workspace, origin, globs=(platform,), **how))


@pytest.mark.parametrize("platform", PLATFORMS, ids=named)
def test_in_a_sandbox_every_check_of_every_platform_passes(platform: Platform, tmp_path: Path) -> None:
    """Nothing is skipped there: whatever cannot be asked of a vendor is staged."""
    found = of(platform.name, tmp_path, "sandbox", given=sandbox(3, [platform.name]))
    assert list(found) == CHECKS
    assert {one.verdict for one in found.values()} == {Status.PASSED}, found
    assert {one.source for one in found.values()} == {"sandbox"}
    assert {one.phase for one in found.values()} == {"connection"}
    assert {one.subject for one in found.values()} == {platform.id(platform.endpoint(platform.identity))}


def test_a_replay_opens_no_socket_and_says_what_it_cannot_know(tmp_path: Path) -> None:
    """Valid, response and stated budgets come from recordings; all else is skipped with a reason."""
    with block_sockets():
        found = outcomes(run, tmp_path, "replay")
    for platform in PLATFORMS:
        own = {one.check: one for one in found if one.platform == platform.name}
        assert own["valid credential"].status is Status.PASSED
        assert own["response"].status is Status.PASSED
        for check in ("network", "missing credential", "malformed credential", "revoked credential"):
            assert (own[check].status, bool(own[check].note)) == (Status.SKIPPED, True)
    assert {one.verdict for one in found} == {Status.PASSED, Status.SKIPPED}


def test_platform_filters_are_kept(tmp_path: Path) -> None:
    """Regression row: `--platform` filters. Only the platform that was asked for is in the outcomes, own tests too."""
    own = [ConnectionTest("gong_calls", "gong/calls"), ConnectionTest("slack_users", "slack/users")]
    found = outcomes(run, tmp_path, "sandbox", globs=("gong",), own=own, given=sandbox(3))
    assert {one.platform for one in found} == {"gong", "gateway"}
    assert [one.subject for one in found if one.check == "connection test"] == ["gateway/health", "gong/calls"]


@pytest.mark.parametrize("fault", ["timeout", "reset", "status=503"])
def test_upstream_down_is_never_counted_as_passed(fault: str, tmp_path: Path) -> None:
    """Regression row: upstream down is never counted as passed, healthy or a successful request."""
    broken = sandbox(3, ["gong"])
    broken.fault(fault, times=None)
    found = of("gong", tmp_path, "sandbox", given=broken)
    passed = {check for check, one in found.items() if one.verdict is Status.PASSED}
    reached = fault == "status=503"
    assert passed == ({"network"} if reached else set())
    assert found["valid credential" if reached else "network"].exit_code is ExitCode.UPSTREAM


def test_a_platform_that_is_not_reached_is_not_asked_again(tmp_path: Path) -> None:
    """Every other check would wait as long: they are skipped, and say why."""
    broken = sandbox(3, ["gong"])
    broken.fault("timeout", times=None)
    found = of("gong", tmp_path, "sandbox", given=broken)
    assert sum(broken.requests.values()) == 1
    assert {one.status for check, one in found.items() if check != "network"} == {Status.SKIPPED}


def test_a_credential_that_a_sandbox_refuses_is_a_finding(tmp_path: Path) -> None:
    """The platform says 401 to what should be good."""
    broken = sandbox(3, ["gong"])
    broken.fault("unauthorized", times=None)
    found = of("gong", tmp_path, "sandbox", given=broken)["valid credential"]
    assert (found.verdict, found.findings[0].rule) == (Status.FAILED, "credential-refused")


def test_a_platform_that_lets_anybody_in_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing, malformed, revoked: each fails by itself."""
    served = sandbox(3, ["notion"])
    monkeypatch.setattr(served, "_refused", lambda _exchange: None)
    found = of("notion", tmp_path, "sandbox", given=served)
    for check in CHECKS[2:5]:
        assert (found[check].verdict, found[check].findings[0].rule) == (Status.FAILED, "credential-accepted")


def test_a_damaged_answer_is_found(tmp_path: Path) -> None:
    """The identity comes under another content type: neither its contract nor the response check takes it."""
    broken = sandbox(3, ["gong"])
    broken.fault("content-type=text/plain", endpoint="*", times=None)
    found = of("gong", tmp_path, "sandbox", given=broken)
    assert [one.rule for one in found["valid credential"].findings] == ["contract-violated"]
    assert [one.rule for one in found["response"].findings] == ["content-type"]
    assert {found[check].verdict for check in ("valid credential", "response")} == {Status.FAILED}


def test_a_clock_that_is_off_is_a_warning(tmp_path: Path) -> None:
    """The check has passed all the same."""
    broken = sandbox(3, ["gong"])
    broken.fault("clock-skew=600", times=None)
    found = of("gong", tmp_path, "sandbox", given=broken)["response"]
    assert (found.verdict, [one.severity for one in found.findings]) == (Status.PASSED, ["warning"])


def test_a_served_sandbox_is_reached_over_the_network(tmp_path: Path) -> None:
    """Name, connection and first byte have their times; negative credentials go over HTTP."""
    served = sandbox(3, ["gong", "slack"])
    with running(served) as url:
        found = of("gong", tmp_path, url)
    assert {one.verdict for one in found.values()} == {Status.PASSED}, found
    assert {"dns_ms", "tcp_ms", "first_byte_ms"} == set(found["network"].figures)
    assert found["valid credential"].source == "sandbox"


# Live: nobody is asked here but ourselves


def live(platform: str, workspace: Path, environ: dict[str, str]) -> dict[str, Outcome]:
    """The outcomes of one platform in live mode."""
    return of(platform, workspace, "live", environ=environ)


@pytest.mark.parametrize("platform", PLATFORMS, ids=named)
def test_unset_credentials_are_skipped_with_the_variable_s_name(platform: Platform, tmp_path: Path) -> None:
    """Never passed, and nobody is asked."""
    with block_sockets():
        found = live(platform.name, tmp_path, {})
    assert {one.status for one in found.values()} == {Status.SKIPPED}
    for one in found.values():
        assert all(name in one.note for name in platform.auth.variables)


def test_a_platform_without_an_address_is_skipped_with_the_variable_s_name(tmp_path: Path) -> None:
    """Salesforce's customers have an address each."""
    with block_sockets():
        found = live("salesforce", tmp_path, {"SALESFORCE_ACCESS_TOKEN": "x"})
    assert {(one.status, "SALESFORCE_BASE_URL" in one.note) for one in found.values()} == {(Status.SKIPPED, True)}


def test_a_malformed_variable_is_an_error_and_no_skip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is set, and can be in no header."""
    monkeypatch.setattr(connection, "reach", _reached)
    monkeypatch.setattr(Upstream, "transport", lambda *_, **__: httpx.MockTransport(lambda _: httpx.Response(401)))
    found = live("notion", tmp_path, {"NOTION_TOKEN": "a\nb"})["valid credential"]
    assert (found.status, "malformed" in found.note) == (Status.ERROR, True)


async def _reached(url: str, **_: Any) -> Reach:
    """As if it had been asked; its certificate ends in ten days."""
    from time import time

    return Reach(httpx.URL(url).host, 443, 1.0, 2.0, 3.0, 4.0, 401, "TLSv1.3", time() + 10 * 86_400)


@pytest.fixture
def as_if_live(monkeypatch: pytest.MonkeyPatch) -> list[httpx.Request]:
    """Live mode whose network is a sandbox; gives the requests."""
    served, seen = sandbox(3), []

    def note(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return served.handle(request)

    monkeypatch.setattr(Upstream, "transport", lambda *_, **__: httpx.MockTransport(note))
    monkeypatch.setattr(connection, "reach", _reached)
    monkeypatch.setattr(connection, "proxied", lambda _: "")
    return seen


def credentials(platform: str) -> dict[str, str]:
    """What the sandbox accepts, and where it stands."""
    declared = next(one for one in PLATFORMS if one.name == platform)
    return {**sandbox(1, [platform]).credentials(platform), f"{platform.upper()}_BASE_URL": declared.base_url}


def test_live_a_negative_check_sends_one_request(tmp_path: Path, as_if_live: list[httpx.Request]) -> None:
    """Identity once, missing once, malformed once; a revoked credential cannot be made of a live one."""
    found = live("notion", tmp_path, credentials("notion"))
    assert len(as_if_live) == 3
    assert found["revoked credential"].status is Status.SKIPPED
    assert {found[check].status for check in CHECKS[1:4]} == {Status.PASSED}


def test_live_a_certificate_that_ends_soon_is_a_warning(tmp_path: Path, as_if_live: list[httpx.Request]) -> None:
    """With its days among the figures."""
    found = live("notion", tmp_path, credentials("notion"))["network"]
    assert as_if_live
    assert [(one.rule, one.severity) for one in found.findings] == [("certificate-expiring", "warning")]
    assert (found.verdict, round(found.figures["certificate_days"])) == (Status.PASSED, 10)


def test_live_no_wrong_login_is_sent_unless_it_is_asked_for(tmp_path: Path, as_if_live: list[httpx.Request]) -> None:
    """Wrong logins may lock an account."""
    environ = credentials("looker")
    found = live("looker", tmp_path, environ)["malformed credential"]
    logins = sum(request.url.path.endswith("/login") for request in as_if_live)
    assert (found.status, NEGATIVE_LOGINS in found.note, logins) == (Status.SKIPPED, True, 1)
    found = live("looker", tmp_path, {**environ, NEGATIVE_LOGINS: "1"})["malformed credential"]
    assert (found.status, found.note) == (Status.PASSED, "refused: HTTP 404")


@pytest.mark.parametrize(("platform", "status"), [("notion", Status.SKIPPED), ("intercom", Status.PASSED)])
def test_live_a_budget_is_read_where_one_is_stated(
    platform: str, status: Status, tmp_path: Path, as_if_live: list[httpx.Request]
) -> None:
    """A refusal is not provoked."""
    found = live(platform, tmp_path, credentials(platform))["rate limit"]
    assert as_if_live
    assert (found.status, bool(found.note), bool(found.figures)) == (status, True, status is Status.PASSED)


def test_live_a_platform_that_cannot_be_reached_fails(
    tmp_path: Path, as_if_live: list[httpx.Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the exit code of an upstream that is down."""

    async def unreachable(url: str, **_: Any) -> Reach:
        raise NetworkFailed(f"{url}: failed at name", reason="dns", stage="name")

    monkeypatch.setattr(connection, "reach", unreachable)
    found = live("notion", tmp_path, credentials("notion"))
    assert not as_if_live
    assert (found["network"].verdict, found["network"].exit_code) == (Status.FAILED, ExitCode.UPSTREAM)
    assert {found[check].status for check in CHECKS[1:]} == {Status.SKIPPED}


def test_live_behind_a_proxy_the_stages_are_not_told(
    tmp_path: Path, as_if_live: list[httpx.Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A direct connection would say nothing about the one that is used."""
    monkeypatch.setattr(connection, "proxied", lambda _: "http://proxy.example")
    found = live("notion", tmp_path, credentials("notion"))["network"]
    assert as_if_live
    assert (found.status, "proxy" in found.note) == (Status.SKIPPED, True)


def test_live_answers_are_not_held_to_a_contract_of_the_sandbox(
    tmp_path: Path, as_if_live: list[httpx.Request]
) -> None:
    """The packaged contracts were inferred from it: they say nothing about a vendor."""
    found = live("salesforce", tmp_path, credentials("salesforce"))["valid credential"]
    assert as_if_live
    assert (found.status, "no contract" in found.note) == (Status.PASSED, True)


# The gateway, and the user's own tests


def test_a_gateway_whose_libraries_are_missing_is_skipped(tmp_path: Path) -> None:
    """It is an extra: nothing is wrong, and nothing was tested."""

    def missing(_request: httpx.Request) -> httpx.Response:
        raise ConfigurationError("the gateway needs fastapi, which is not installed")

    found = outcomes(run, tmp_path, "replay", globs=("gong",), gateway=httpx.MockTransport(missing))[-1]
    assert (found.subject, found.status, "fastapi" in found.note) == ("gateway/health", Status.SKIPPED, True)


def test_a_gateway_with_nobody_behind_it_has_not_passed(tmp_path: Path) -> None:
    """Live, with no credential at all: every outcome is skipped, and a run of nothing ends with 5."""
    with block_sockets():
        found = outcomes(run, tmp_path, "live")
    assert {one.status for one in found} == {Status.SKIPPED}
    assert (found[-1].subject, bool(found[-1].note)) == ("gateway/health", True)


def test_the_gateway_s_health_is_its_own(tmp_path: Path) -> None:
    """No platform is behind it: it counts for no source, whoever answers elsewhere."""
    found = outcomes(run, tmp_path, "replay", globs=("gong",))[-1]
    assert (found.subject, found.status, found.source) == ("gateway/health", Status.PASSED, "gateway")
    assert not found.answered


@pytest.mark.parametrize("origin", ["live", "http://127.0.0.1:1"])
def test_upstream_down_is_not_made_good_by_the_gateway_s_own_health(origin: str, tmp_path: Path) -> None:
    """Regression row: upstream down is never counted as passed. Nothing passes, and no source is named."""
    environ = {"NOTION_TOKEN": "x", "NOTION_BASE_URL": "http://127.0.0.1:1"}
    found = outcomes(run, tmp_path, origin, globs=("notion",), environ=environ)
    assert Status.PASSED not in {one.verdict for one in found}
    assert {one.source for one in found} == {""}
    assert (found[0].verdict, found[0].exit_code) == (Status.FAILED, ExitCode.UPSTREAM)
    assert (found[-1].subject, found[-1].note) == ("gateway/health", "no platform behind it answered")


def test_who_answers_on_this_machine_is_never_the_vendor(tmp_path: Path) -> None:
    """Live, with an address on loopback: a sandbox says that it is one, and over the network check too."""
    served = sandbox(3, ["notion"])
    with running(served) as url:
        environ = {**served.credentials("notion"), "NOTION_BASE_URL": f"{url}/notion/v1"}
        found = live("notion", tmp_path, environ)
    assert found["network"].source == "sandbox"
    assert "live" not in {one.source for one in found.values()}


def test_an_answer_that_nobody_can_be_named_for_has_not_passed(tmp_path: Path) -> None:
    """A server on this machine that is no sandbox refuses every bad credential: nothing is known of the vendor."""
    served = sandbox(3, ["notion"])

    def nameless(request: httpx.Request) -> httpx.Response:
        answer = served.handle(request)
        del answer.headers[SANDBOX_HEADER]
        return answer

    async def ask() -> list[Outcome]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Upstream, "transport", lambda *_, **__: httpx.MockTransport(nameless))
            patch.setattr(connection, "reach", _reached)
            environ = {**served.credentials("notion"), "NOTION_BASE_URL": "http://127.0.0.1:1/notion/v1"}
            async with opened(tmp_path, "live", globs=("notion",), environ=environ) as context:
                return [outcome async for outcome in run(context)]

    found = asyncio.run(ask())
    assert Status.PASSED not in {one.verdict for one in found}
    assert "cannot be told" in by_check(found)["missing credential"].note


@pytest.mark.parametrize("fault", ["html", "truncate", "malformed", "unauthorized"])
def test_under_faults_every_pass_names_who_answered(fault: str, tmp_path: Path) -> None:
    """A refusal that passes was the sandbox's."""
    broken = sandbox(3, ["gong"])
    broken.fault(fault, times=None)
    found = of("gong", tmp_path, "sandbox", given=broken)
    assert {one.source for one in found.values() if one.verdict is Status.PASSED} <= {"sandbox"}


@pytest.mark.parametrize("fault", ["rate-limit; retry-after=600", "rate-limit; retry-after=1"])
def test_a_platform_that_refuses_by_rate_is_not_asked_on(fault: str, tmp_path: Path) -> None:
    """The first check bears with it for as long as it may; the others would learn the same."""
    broken = sandbox(3, ["gong"])
    broken.fault(fault, times=None)

    async def ask() -> list[Outcome]:
        async with opened(tmp_path, "sandbox", globs=("gong",), given=broken) as context:
            slept: list[float] = []

            async def sleep(seconds: float) -> None:
                slept.append(seconds)

            async with Reader(context.upstream, QUICK, sleep=sleep) as reader:
                mine = [outcome async for outcome in run(replace(context, reader=reader))]
            assert sum(slept) <= (QUICK.patience or 0)
            return mine

    found = by_check(asyncio.run(ask()))
    assert found["valid credential"].status is Status.ERROR
    assert {found[check].status for check in CHECKS[2:]} == {Status.SKIPPED}


def test_an_address_that_cannot_be_used_is_told_once(tmp_path: Path) -> None:
    """One error that names the variable and what it holds; the other checks refer to it."""
    environ = {"GONG_ACCESS_KEY": "x", "GONG_ACCESS_KEY_SECRET": "y", "GONG_BASE_URL": "http://api.gong.example"}
    found = live("gong", tmp_path, environ)
    assert [one.status for one in found.values()] == [Status.ERROR] + [Status.SKIPPED] * 6
    assert "GONG_BASE_URL: 'http://api.gong.example'" in found["network"].note
    assert "see the network check" in found["valid credential"].note


def test_an_own_test_of_what_was_never_recorded_is_skipped_in_a_replay(tmp_path: Path) -> None:
    """The gateway has no section to tell of; asked of a sandbox, the same answer is a finding."""
    body = {"degraded": True, "sections": [{"id": "acme/me", "source": "unavailable", "error": "no recording"}]}
    gateway = httpx.MockTransport(lambda _: httpx.Response(503, json=body))
    own = [ConnectionTest("acme", "/api/business/acme")]
    how = {"globs": ("gong",), "own": own, "gateway": gateway}
    found = outcomes(run, tmp_path, "replay", **how)[-1]
    assert (found.status, found.note) == (Status.SKIPPED, "cannot be known from recordings: none of acme/me")
    assert outcomes(run, tmp_path, "sandbox", given=sandbox(3, ["gong"]), **how)[-1].verdict is Status.FAILED


def test_own_tests_are_run_against_the_gateway(tmp_path: Path) -> None:
    """With the workspace's environment."""
    own = [ConnectionTest("custom", "/api/business/custom", required_env_vars=["CUSTOM_API_TOKEN"])]
    how = {"globs": ("gong",), "own": own}
    assert outcomes(run, tmp_path, "replay", **how)[-1].note == "CUSTOM_API_TOKEN is not set"
    found = outcomes(run, tmp_path, "replay", environ={"CUSTOM_API_TOKEN": "x"}, **how)[-1]
    assert (found.subject, found.status) == ("gateway/custom", Status.PASSED)


def test_a_platform_of_which_nothing_was_recorded_is_skipped(tmp_path: Path) -> None:
    """In a replay, with what would record it; a good answer of one that was is no evidence of it."""
    from dataclasses import replace as changed

    from bi_contracts.registry import Target

    platform = changed(PLATFORMS[0], name="acme", auth=Token("ACME_TOKEN"))

    async def ask() -> list[Outcome]:
        async with opened(tmp_path, "replay", globs=("gong",)) as context:
            mine = changed(context, targets=(Target(platform, platform.endpoints[0]),))
            return [outcome async for outcome in run(mine)]

    found = by_check(asyncio.run(ask()))
    assert {one.status for one in found.values()} == {Status.SKIPPED}
    assert "bi-contracts record acme" in found["valid credential"].note


def test_a_run_that_is_given_up_leaves_nothing_behind(tmp_path: Path) -> None:
    """The first outcome is taken, and no task goes on."""

    async def first() -> tuple[Outcome, int]:
        async with opened(tmp_path, "sandbox", given=sandbox(3)) as context:
            stream = run(context)
            outcome = await anext(stream)
            await stream.aclose()  # type: ignore[attr-defined]
            await asyncio.sleep(0.01)  # generators that were cut off are closed by the loop
            return outcome, len(asyncio.all_tasks())

    outcome, tasks = asyncio.run(first())
    assert (outcome.check, tasks) == ("network", 1)
