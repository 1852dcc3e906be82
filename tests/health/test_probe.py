"""Probes against the sandbox, in process and over sockets."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bi_contracts.dialects import ErrorKind
from bi_contracts.errors import ApiError, BiContractsError, ConfigurationError, Unreachable
from bi_contracts.health import Evidence, Limits, Reason, Settings, State, probe
from bi_contracts.health.probe import Prober
from bi_contracts.health.reasons import judge
from bi_contracts.platform import Platform
from bi_contracts.registry import platform, platforms
from bi_contracts.sandbox import Sandbox
from bi_contracts.sandbox.server import running as serving_sandbox
from bi_contracts.serving import Receive, Scope, Send, running
from bi_contracts.session import Upstream
from bi_contracts.workspace import Workspace

from .making import DEGRADED, DOWN, UNKNOWN, UP


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def sandboxed(space: Workspace, *faults: str, rows: int = 5) -> Upstream:
    """A sandbox in process with these faults, struck for ever."""
    sandbox = Sandbox(platforms(), rows=rows, enforce_limits=False)
    sandbox.clock.set(sandbox.world.present)
    for fault in faults:
        sandbox.rule(fault)
    return Upstream(space, "sandbox", sandbox)


def probed(upstream: Upstream, names: Sequence[str] = (), settings: Settings | None = None) -> list[Evidence]:
    chosen = [platform(name) for name in names] or list(platforms())
    return list(asyncio.run(probe(upstream, chosen, settings or Settings())))


def test_every_platform_is_up_in_the_sandbox(space: Workspace) -> None:
    """All nine identities answer and keep their contracts; the sandbox is named as who answered."""
    found = probed(sandboxed(space))
    assert len(found) == 9
    assert {(one.state, one.reason, one.detail, one.status, one.source) for one in found} == {
        (UP, Reason.NONE, "", 200, "sandbox")
    }
    assert all(one.duration is not None for one in found)


FAULTS = {
    "status=503": (DOWN, Reason.SERVER_ERROR),
    "status=500": (DOWN, Reason.SERVER_ERROR),
    "html; status=502": (DOWN, Reason.SERVER_ERROR),
    "rate-limit; retry-after=7": (DEGRADED, Reason.RATE_LIMITED),
    "unauthorized": (DOWN, Reason.AUTH),
    "missing-scope": (DOWN, Reason.AUTH),
    "timeout": (DOWN, Reason.TIMEOUT),
    "reset": (DOWN, Reason.RESET),
    "malformed": (DOWN, Reason.UNREADABLE),
    "truncate": (DOWN, Reason.UNREADABLE),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_platforms_way_to_fail_is_understood(space: Workspace, fault: str) -> None:
    """A rate limit is no outage, whatever status it has; a refused credential is one, be it a 200 as Slack's."""
    found = probed(sandboxed(space, fault))
    assert {(one.state, one.reason) for one in found} == {FAULTS[fault]}
    assert {one.source for one in found} == {"sandbox"}


def test_a_refused_credential_names_its_variables(space: Workspace) -> None:
    """What to look at, and the platform's own code where its declaration knows it."""
    gong, slack = probed(sandboxed(space, "unauthorized"), ["gong", "slack"])
    assert gong.detail == "HTTP 401; check GONG_ACCESS_KEY and GONG_ACCESS_KEY_SECRET"
    assert slack.detail == "HTTP 200, invalid_auth; check SLACK_BOT_TOKEN"


def test_a_probe_does_not_wait_for_a_rate_limit(space: Workspace) -> None:
    """It says so instead: the wait that the platform asks for is told, and not kept."""
    (found,) = probed(sandboxed(space, "rate-limit; retry-after=3600"), ["hubspot"])
    assert found.detail == "HTTP 429; it asks to wait 3600 s"
    assert found.duration is not None
    assert found.duration < 3600


def test_one_platform_that_hangs_does_not_delay_the_others(space: Workspace) -> None:
    """All are asked at once; who says nothing is down after its own timeout."""
    upstream = sandboxed(space, "gong/*: latency=600")
    settings = Settings(own={"gong": Limits(timeout=0.2)})
    found = {one.platform: one for one in probed(upstream, settings=settings)}
    assert (found["gong"].state, found["gong"].detail) == (DOWN, "no answer within 0.2 s")
    assert {one.state for name, one in found.items() if name != "gong"} == {UP}


def test_a_late_answer_is_degraded(space: Workspace) -> None:
    """Warning: high response times. Measured by the timer that is given."""
    ticks = iter([0.0, 6.25])

    async def late() -> Evidence:
        async with Prober(sandboxed(space), timer=lambda: next(ticks), clock=lambda: 5.0) as prober:
            return await prober.one(platform("slack"))

    found = asyncio.run(late())
    assert (found.state, found.reason, found.detail) == (DEGRADED, Reason.SLOW, "6.2 s, and 5 s are allowed")
    assert (found.duration, found.at) == (6.25, 5.0)


def contract(space: Workspace, id: str, **changes: object) -> None:
    """A contract of the workspace's own that the sandbox does not keep."""
    path = space.contract(id)
    path.parent.mkdir(parents=True)
    body = {"type": "object", "properties": {"nothing": True}, "required": ["nothing", "me@example.com"]}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": id,
        "title": id,
        "type": "object",
        "properties": {"body": body | changes},
        "required": ["status"],
    }
    path.write_text(json.dumps(schema))


def test_an_identity_that_breaks_its_contract_is_degraded(space: Workspace) -> None:
    """Data quality: how many violations and of which kind; no name and no value out of the answer."""
    contract(space, "asana/me")
    (found,) = probed(sandboxed(space), ["asana"])
    assert (found.state, found.reason) == (DEGRADED, Reason.CONTRACT)
    assert found.detail.endswith("of the contract of asana/me (required)")
    assert "example.com" not in found.detail


def test_a_list_is_looked_at_where_that_is_asked_for(space: Workspace) -> None:
    """`quality` names further endpoints; what they break degrades the platform."""
    contract(space, "asana/users")
    assert probed(sandboxed(space), ["asana"])[0].state is UP
    (found,) = probed(sandboxed(space), ["asana"], Settings(quality=("asana/users",)))
    assert (found.state, found.reason) == (DEGRADED, Reason.CONTRACT)


@pytest.mark.parametrize(
    ("fault", "reason", "detail"),
    [
        ("status=503", Reason.SERVER_ERROR, "asana/users: HTTP 503"),
        ("rate-limit", Reason.RATE_LIMITED, "asana/users: HTTP 429; it asks to wait 1 s"),
        ("latency=600", Reason.TIMEOUT, "asana/users: no answer within 0.2 s"),
    ],
)
def test_a_list_that_fails_degrades_and_is_no_outage(space: Workspace, fault: str, reason: Reason, detail: str) -> None:
    """The platform answered who we are: part of it fails."""
    settings = Settings(quality=("asana/users",), own={"asana": Limits(timeout=0.2)})
    (found,) = probed(sandboxed(space, f"asana/users: {fault}"), ["asana"], settings)
    assert (found.state, found.reason, found.detail) == (DEGRADED, reason, detail)


def test_a_list_whose_parent_has_no_rows_says_nothing(space: Workspace) -> None:
    """Where there is nothing to look at, nothing is wrong; where the platform says not found, something is."""
    settings = Settings(quality=("asana/tasks",))
    assert probed(sandboxed(space, rows=0), ["asana"], settings)[0].state is UP
    (found,) = probed(sandboxed(space, "asana/projects: status=404"), ["asana"], settings)
    assert (found.state, found.detail) == (DEGRADED, "asana/tasks: HTTP 404")


def test_all_lists_of_all_platforms_keep_their_contracts_in_the_sandbox(space: Workspace) -> None:
    """The widest look at data that can be asked for finds nothing."""
    some = ("asana/users", "gong/calls", "hubspot/contacts", "intercom/contacts", "slack/users", "notion/users")
    found = probed(sandboxed(space), settings=Settings(quality=some))
    assert [one.detail for one in found if not one.ok] == []


def test_the_budget_of_the_rate_limit_is_kept(space: Workspace) -> None:
    """Where the platform says what is left, the evidence does too."""
    sandbox = Sandbox(platforms(), rows=2)
    (found,) = probed(Upstream(space, "sandbox", sandbox), ["hubspot"])
    assert isinstance(found.remaining, int)


def test_unset_credentials_are_unknown_with_the_variables_name(tmp_path: Path) -> None:
    """Who cannot be asked is unknown: never up, never down, and nobody answered."""
    found = probed(Upstream(Workspace(tmp_path, environ={}), "live"), ["gong", "slack"])
    assert [(one.state, one.detail, one.source, one.duration) for one in found] == [
        (UNKNOWN, "GONG_ACCESS_KEY and GONG_ACCESS_KEY_SECRET are not set", "unknown", None),
        (UNKNOWN, "SLACK_BOT_TOKEN is not set", "unknown", None),
    ]


def test_malformed_credentials_are_unknown(tmp_path: Path) -> None:
    """A line break in a token: the variable is named, the value is not."""
    space = Workspace(tmp_path, environ={"SLACK_BOT_TOKEN": "xoxb\nsecret"})
    (found,) = probed(Upstream(space, "live"), ["slack"])
    assert (found.state, found.detail) == (UNKNOWN, "SLACK_BOT_TOKEN is malformed")


def test_an_unset_address_is_unknown(tmp_path: Path) -> None:
    """A platform where every customer has an address of their own cannot be asked without it."""
    space = Workspace(tmp_path, environ={"SALESFORCE_ACCESS_TOKEN": "token"})
    (found,) = probed(Upstream(space, "live"), ["salesforce"])
    assert (found.state, found.detail) == (UNKNOWN, "salesforce: SALESFORCE_BASE_URL is not set")


def test_recordings_are_no_fresh_evidence(space: Workspace) -> None:
    """A prober of recordings cannot be made."""
    with pytest.raises(ConfigurationError, match="recordings are no fresh evidence"):
        Prober(Upstream(space, "replay"))


def live(tmp_path: Path, url: str, name: str = "slack", token: str = "token") -> Upstream:
    """The upstream of a workspace whose platform stands at that address."""
    declared = platform(name)
    variables = dict.fromkeys(declared.auth.variables, token)
    return Upstream(Workspace(tmp_path, environ={**variables, f"{name.upper()}_BASE_URL": url}), "live")


def test_a_sandbox_in_place_of_a_platform_never_passes_for_it(tmp_path: Path) -> None:
    """Live by configuration, and yet the answer says who gave it."""
    sandbox = Sandbox(platforms(), rows=2)
    token = sandbox.credentials("slack")["SLACK_BOT_TOKEN"]
    with serving_sandbox(sandbox) as url:
        (found,) = probed(live(tmp_path, f"{url}/slack/api", token=token), ["slack"])
    assert (found.state, found.source) == (UP, "sandbox")


def test_a_port_where_nobody_listens_is_refused(tmp_path: Path) -> None:
    """Refused, not timed out."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        (found,) = probed(live(tmp_path, url), ["slack"])
    assert (found.state, found.reason, found.status) == (DOWN, Reason.REFUSED, None)


def test_a_server_that_never_answers_is_a_timeout(tmp_path: Path) -> None:
    """A connection that is taken and left alone."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        (found,) = probed(live(tmp_path, url), ["slack"], Settings(usual=Limits(timeout=0.2)))
    assert (found.state, found.reason, found.detail) == (DOWN, Reason.TIMEOUT, "no answer within 0.2 s")


def test_a_server_that_does_not_speak_tls_is_told_as_that(tmp_path: Path) -> None:
    """https:// to a port that speaks HTTP."""

    async def hello(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            for _ in range(2):
                await send({"type": f"{(await receive())['type']}.complete"})

    with running(hello) as url:
        (found,) = probed(live(tmp_path, url.replace("http:", "https:")), ["slack"])
    assert found.state is DOWN
    assert found.reason in (Reason.TLS, Reason.RESET)


REASONS = {
    "timeout": Reason.TIMEOUT,
    "refused": Reason.REFUSED,
    "reset": Reason.RESET,
    "dns": Reason.DNS,
    "tls": Reason.TLS,
    "proxy": Reason.UNREACHABLE,
    "other": Reason.UNREACHABLE,
}


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_of_the_client_has_one_here(reason: str) -> None:
    """DNS, TLS and the others are told apart."""
    found = judge(Unreachable("no answer", reason=reason), platform("slack"))
    assert (found.state, found.reason) == (DOWN, REASONS[reason])


def test_what_a_platform_writes_is_never_told() -> None:
    """An error's message may hold anybody's name: only its status is repeated, and a code that is declared."""
    error = ApiError("asana/me: bad request: Erika Mustermann", status=400, code="Erika")
    found = judge(error, platform("asana"))
    assert (found.state, found.detail) == (DOWN, "HTTP 400")


def test_an_error_of_our_own_making_is_unknown() -> None:
    """What says nothing about the platform leaves it unknown."""
    assert judge(BiContractsError("odd"), platform("asana")).state is State.UNKNOWN


def test_a_platform_with_a_certificate_that_nobody_knows_is_tls() -> None:
    """Through the client's own reading of what lies behind the error."""
    from bi_contracts.dialects.unreachable import reason_of

    problem = OSError("all attempts failed")
    problem.__cause__ = ssl.SSLCertVerificationError("self-signed")
    assert REASONS[reason_of(problem)] is Reason.TLS


def test_a_platform_is_one_file_and_has_a_probe(space: Workspace) -> None:
    """A platform that nobody has heard of is probed by its declaration alone."""
    acme: Platform = replace(platform("asana"), name="acme", title="Acme")
    sandbox = Sandbox([acme], rows=2)
    (found,) = asyncio.run(probe(Upstream(space, "sandbox", sandbox), [acme], Settings()))
    assert (found.platform, found.state) == ("acme", UP)


def test_an_answer_without_a_page_is_none(space: Workspace) -> None:
    """A platform that answers an identity with "there is nothing" has not said who we are."""
    asana = platform("asana")
    empty = asana.errors.shapes[ErrorKind.NOT_FOUND]
    odd = replace(
        asana,
        name="odd",
        endpoints=tuple(replace(one, empty=empty) if one.name == asana.identity else one for one in asana.endpoints),
    )
    sandbox = Sandbox([odd], rows=2)
    sandbox.rule("odd/*: not-found")
    (found,) = asyncio.run(probe(Upstream(space, "sandbox", sandbox), [odd], Settings()))
    assert (found.state, found.reason, found.source) == (DOWN, Reason.UNREADABLE, "sandbox")


def test_what_nobody_foresaw_leaves_a_platform_unknown(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of our own making ends no watch, and is no outage of anybody's."""

    async def broken() -> Evidence:
        async with Prober(sandboxed(space)) as prober:
            monkeypatch.setattr(prober._reader, "client", lambda _: 1 / 0)
            return await prober.one(platform("slack"))

    found = asyncio.run(broken())
    assert (found.state, found.reason, found.detail) == (UNKNOWN, Reason.ERROR, "ZeroDivisionError")


def test_the_time_that_a_contract_takes_is_not_the_platforms(space: Workspace) -> None:
    """Measured from question to answer: the timer is read twice, before anything is held against a contract."""
    ticks = iter([0.0, 1.0])

    async def timed() -> Evidence:
        async with Prober(sandboxed(space), timer=lambda: next(ticks)) as prober:
            return await prober.one(platform("asana"))

    assert asyncio.run(timed()).duration == 1.0


def test_an_answer_without_what_is_declared_is_unreadable(space: Workspace) -> None:
    """JSON, a success, and yet nothing where the identity is to stand."""
    asana = platform("asana")
    moved = tuple(replace(one, records="elsewhere") if one.name == asana.identity else one for one in asana.endpoints)
    upstream = Upstream(space, "sandbox", Sandbox([asana], rows=2))
    (found,) = asyncio.run(probe(upstream, [replace(asana, endpoints=moved)], Settings()))
    assert (found.state, found.reason) == (DOWN, Reason.UNREADABLE)
