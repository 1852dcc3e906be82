"""Modes: record from the sandbox, replay offline, and who is said to have answered."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from bi_contracts.accounts import account_platform
from bi_contracts.cassette.store import load
from bi_contracts.client import Client
from bi_contracts.errors import (
    CassetteMiss,
    CassetteNotFound,
    ConfigurationError,
    CredentialsMissing,
    NotFound,
    SocketBlocked,
    Unauthorized,
)
from bi_contracts.interaction import MOCK_HEADER, Source
from bi_contracts.platform import Platform
from bi_contracts.registry import platform, platforms, target
from bi_contracts.sandbox import Sandbox
from bi_contracts.session import Mode, Session, Upstream, draw_arguments, heads, who_answered
from bi_contracts.workspace import Account, Workspace

TASKS = target("asana/tasks")


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(platforms(), rows=7)


def recorder(space: Workspace, sandbox: Sandbox) -> Session:
    return Session(space, Mode.RECORD, Upstream(space, "sandbox", sandbox))


def test_a_recording_says_that_the_sandbox_answered(space: Workspace, sandbox: Sandbox) -> None:
    """In the file, in every interaction, and in what is returned."""
    made = recorder(space, sandbox).record(TASKS.platform, TASKS.endpoint)
    kept = load(made.path)
    assert (made.source, kept.provenance.source) == (Source.SANDBOX, Source.SANDBOX)
    assert {each.source for each in kept.interactions} == {Source.SANDBOX}
    assert (made.pages, made.records) == (len(kept.interactions), 7)


def test_a_sandbox_is_told_from_the_vendor_wherever_it_is_served(space: Workspace) -> None:
    """A base URL that points at a sandbox does not make its recordings live."""
    vendor, here = httpx.Request("GET", "https://app.asana.com/"), httpx.Request("GET", "http://127.0.0.1:1/")
    marked = {"x-bi-contracts-sandbox": "1"}
    upstream = Upstream(space, "live")
    assert upstream.source(httpx.Response(200, request=vendor)) is Source.LIVE
    assert upstream.source(httpx.Response(200, request=vendor, headers=marked)) is Source.SANDBOX
    assert upstream.source(httpx.Response(200, request=here)) is Source.UNKNOWN
    assert Upstream(space, "http://127.0.0.1:1").source(httpx.Response(200, request=vendor)) is Source.UNKNOWN


def test_parents_are_drawn_and_not_recorded(space: Workspace, sandbox: Sandbox) -> None:
    """The cassette of a child holds the child's traffic only."""
    made = recorder(space, sandbox).record(TASKS.platform, TASKS.endpoint)
    assert all(TASKS.endpoint.read(httpx.Request("GET", each.request.url), TASKS.platform.base_url) is not None
               for each in load(made.path).interactions)  # fmt: skip


def test_a_child_without_a_parent_is_not_found(space: Workspace, sandbox: Sandbox) -> None:
    """The message names both."""
    parent = next(iter(TASKS.endpoint.parents.values()))
    sandbox.put(f"asana/{parent}", [])
    with (
        recorder(space, sandbox).fresh.client(TASKS.platform) as client,
        pytest.raises(NotFound, match=f"asana/tasks needs a row of asana/{parent}"),
    ):
        draw_arguments(client, TASKS.endpoint)


def test_what_was_recorded_is_replayed(space: Workspace, sandbox: Sandbox) -> None:
    """The same rows, through the same client, without the sandbox."""
    made = recorder(space, sandbox).record(TASKS.platform, TASKS.endpoint)
    session = Session(space)
    (first,) = heads(TASKS.endpoint, TASKS.platform.base_url, session.recorded(TASKS.id))
    with session.replaying(TASKS.platform, TASKS.endpoint) as (client, player):
        rows = [row for page in client.follow("tasks", first) for row in client.rows("tasks", page)]
    assert len(rows) == made.records
    assert not player.unused


def test_replay_opens_no_socket(space: Workspace, sandbox: Sandbox) -> None:
    """Whoever tries, and with whatever."""
    recorder(space, sandbox).record(TASKS.platform, TASKS.endpoint)
    with Session(space).replaying(TASKS.platform, TASKS.endpoint), pytest.raises(SocketBlocked, match=r"127\.0\.0\.1"):
        socket.create_connection(("127.0.0.1", 9), timeout=1)


def test_a_request_that_was_not_recorded_is_a_miss(space: Workspace, sandbox: Sandbox) -> None:
    """The closest recorded request is named."""
    recorder(space, sandbox).record(TASKS.platform, TASKS.endpoint)
    with (
        Session(space).replaying(TASKS.platform, TASKS.endpoint) as (client, _),
        pytest.raises(CassetteMiss, match="Closest"),
    ):
        list(client.records("tasks", project="1"))


def test_nothing_recorded_is_nothing_to_replay(space: Workspace) -> None:
    """The message says how to record it."""
    with pytest.raises(CassetteNotFound, match="bi-contracts record no/such"):
        Session(space).cassette("no/such")


def test_live_needs_credentials(space: Workspace) -> None:
    """The variable is named; a set one is used."""
    with pytest.raises(CredentialsMissing, match="ASANA_ACCESS_TOKEN"):
        Upstream(space, "live").credentials(TASKS.platform)
    own = Workspace(space.root, environ={"ASANA_ACCESS_TOKEN": "t", "ASANA_BASE_URL": "https://eu.example/api"})
    assert Upstream(own, "live").credentials(TASKS.platform) == {"ASANA_ACCESS_TOKEN": "t"}
    assert Upstream(own, "live").base_url(TASKS.platform) == "https://eu.example/api"
    assert Upstream(own, "http://127.0.0.1:9").credentials(TASKS.platform) == {"ASANA_ACCESS_TOKEN": "t"}


def test_a_served_sandbox_has_its_path_layout(space: Workspace) -> None:
    """Platform name, then the path of the API's root; the sandbox's own credentials where none are set."""
    upstream = Upstream(space, "http://127.0.0.1:9/")
    assert upstream.base_url(TASKS.platform) == "http://127.0.0.1:9/asana/api/1.0"
    assert upstream.credentials(TASKS.platform) == upstream.sandbox.credentials("asana")


def test_what_is_recorded_elsewhere_is_kept_under_the_declared_place(
    space: Workspace, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Links in the answers too, so that replay does not depend on where it was recorded."""
    monkeypatch.setattr(Upstream, "base_url", lambda *_: "http://127.0.0.1:9/asana/api/1.0")
    made = recorder(space, sandbox).record(TASKS.platform, TASKS.endpoint, max_pages=1)
    text = made.path.read_text()
    assert "127.0.0.1" not in text
    assert f"{TASKS.platform.base_url}/tasks" in text


def test_a_failed_recording_leaves_the_old_one(space: Workspace, sandbox: Sandbox) -> None:
    """Half a recording is none."""
    session = recorder(space, sandbox)
    made = session.record(TASKS.platform, TASKS.endpoint)
    before = made.path.read_bytes()
    sandbox.fault("status=401", platform="asana", endpoint="tasks")
    with pytest.raises(Unauthorized):
        session.record(TASKS.platform, TASKS.endpoint)
    assert made.path.read_bytes() == before
    assert [each.name for each in made.path.parent.iterdir()] == ["tasks.yaml"]


def test_observing_writes_nothing(space: Workspace, sandbox: Sandbox) -> None:
    """Fresh answers are redacted, credited and kept in memory."""
    found = Session(space, Mode.SANDBOX, Upstream(space, "sandbox", sandbox)).observe(TASKS.platform, TASKS.endpoint)
    assert {each.source for each in found} == {Source.SANDBOX}
    secret = sandbox.credentials("asana")["ASANA_ACCESS_TOKEN"]
    assert all(secret not in repr(each) for each in found)
    assert not list(space.root.iterdir())


def test_replay_has_nobody_to_ask(space: Workspace) -> None:
    """Asking for fresh answers in replay is a mistake with a hint."""
    with pytest.raises(ConfigurationError, match="live, sandbox or record"):
        _ = Session(space).fresh
    assert Session(space, Mode.SANDBOX).fresh.in_process
    assert Session(space, Mode.LIVE).fresh.origin == "live"


@pytest.mark.parametrize("origin", ["http://api.example.com", "http://[::1", "ftp://localhost", "https://", "nowhere"])
def test_no_credential_travels_in_the_clear(space: Workspace, origin: str) -> None:
    """An origin that is no URL is refused, and so is another machine without https, whoever asks for it."""
    with pytest.raises(ConfigurationError, match=r"https:// only|neither live, sandbox nor a URL"):
        Upstream(space, origin)


def test_a_base_url_in_the_environment_is_held_to_the_same(tmp_path: Path) -> None:
    """`ASANA_BASE_URL` may lead to this machine or to an https URL, and nowhere else."""
    place = {"ASANA_BASE_URL": "http://api.example.com"}
    with pytest.raises(ConfigurationError, match="https:// only"):
        Upstream(Workspace(tmp_path, environ=place)).base_url(TASKS.platform)
    place = {"ASANA_BASE_URL": "http://127.0.0.1:1/api"}
    assert Upstream(Workspace(tmp_path, environ=place)).base_url(TASKS.platform) == place["ASANA_BASE_URL"]


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("http://api.example.com", "'http://api.example.com': credentials travel"),
        ("nonsense", "'nonsense' is no URL"),
    ],
)
def test_an_address_that_cannot_be_used_is_told_with_the_variable_that_was_set(
    place: str, said: str, tmp_path: Path
) -> None:
    """Not with the name that it stands for: whoever has set `SALESFORCE_INSTANCE_URL` looks for that one."""
    for name, id in (("SALESFORCE_INSTANCE_URL", "salesforce"), ("ASANA_BASE_URL", "asana")):
        platform = next(one for one in platforms() if one.name == id)
        with pytest.raises(ConfigurationError, match=f"{id}: {name}: {said}"):
            Upstream(Workspace(tmp_path, environ={name: place})).base_url(platform)


def test_an_echoed_credential_is_not_observed(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fresh answers go into reports: a credential of no known form is masked where the vendor repeats it."""
    credential = "correct-horse-battery"
    one = target("asana/workspaces")

    def echo(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"data": [{"gid": "1", "plan": request.headers["authorization"][7:]}]})

    def client(*_: object) -> Client:
        return Client(one.platform, {"ASANA_ACCESS_TOKEN": credential}, transport=httpx.MockTransport(echo))

    monkeypatch.setattr(Upstream, "client", client)
    owner = Workspace(space.root, environ={"ASANA_ACCESS_TOKEN": credential})
    (found,) = Session(owner, Mode.LIVE).observe(one.platform, one.endpoint)
    assert found.response.envelope["body"]["data"][0]["gid"] == "1"
    assert credential not in repr(found)


def tenant(**environ: str) -> tuple[Upstream, Platform]:
    """A platform whose customers have an address each, and who is asked in that environment."""
    return Upstream(Workspace(Path(), environ=environ)), replace(TASKS.platform, name="vendor-x", tenant=True)


def test_a_tenants_address_must_be_set() -> None:
    """The declared one is only an example: the variable to set is named, and nothing is asked."""
    upstream, platform = tenant()
    with pytest.raises(ConfigurationError, match="vendor-x: VENDOR_X_BASE_URL is not set"):
        upstream.base_url(platform)
    upstream, platform = tenant(VENDOR_X_BASE_URL="https://own.example/api")
    assert upstream.base_url(platform) == "https://own.example/api"
    assert Upstream(upstream.workspace, "sandbox").base_url(platform) == platform.base_url


def test_a_tenants_account_may_name_its_address_once() -> None:
    """An account that says where it is needs no variable; one that does not still does."""
    upstream, platform = tenant()
    said = account_platform(platform, Account("vendor-x@eu", base_url="https://eu.example/api"))
    assert upstream.base_url(said) == "https://eu.example/api"
    with pytest.raises(ConfigurationError, match="VENDOR_X_US_BASE_URL"):
        upstream.base_url(account_platform(platform, Account("vendor-x@us")))


@pytest.mark.parametrize(
    ("name", "environ"),
    [
        ("gong", {"GONG_ACCESS_KEY": "one", "GONG_CLIENT_SECRET": "two"}),
        ("hubspot", {"HUBSPOT_API_KEY": "one"}),
        ("salesforce", {"SALESFORCE_API_KEY": "one"}),
    ],
)
def test_a_credential_is_known_by_its_other_names(tmp_path: Path, name: str, environ: dict[str, str]) -> None:
    """What people export for other tools is taken too."""
    one = platform(name)
    found = Upstream(Workspace(tmp_path, environ=environ)).credentials(one)
    assert set(found) == set(one.auth.variables)
    assert sorted(found.values()) == sorted(environ.values())


def test_our_own_name_of_a_credential_counts_first(tmp_path: Path) -> None:
    """Where both are set there is no guessing; a blank one is not set."""
    both = {"HUBSPOT_API_KEY": "other", "HUBSPOT_ACCESS_TOKEN": "ours"}
    hubspot = platform("hubspot")
    assert Upstream(Workspace(tmp_path, environ=both)).credentials(hubspot) == {"HUBSPOT_ACCESS_TOKEN": "ours"}
    blank = both | {"HUBSPOT_ACCESS_TOKEN": ""}
    assert Upstream(Workspace(tmp_path, environ=blank)).credentials(hubspot) == {"HUBSPOT_ACCESS_TOKEN": "other"}


def test_a_tenants_address_is_known_by_its_other_name(tmp_path: Path) -> None:
    """`SALESFORCE_INSTANCE_URL` is where Salesforce stands."""
    space = Workspace(tmp_path, environ={"SALESFORCE_INSTANCE_URL": "https://acme.my.salesforce.com"})
    assert Upstream(space).base_url(platform("salesforce")) == "https://acme.my.salesforce.com"


def test_mock_data_are_nobodys_answer() -> None:
    """Whoever serves them: they are not recorded, and no contract is held against them."""
    with pytest.raises(ConfigurationError, match="mock data"):
        who_answered("live", "https://api.gong.io/v2/calls", {MOCK_HEADER: "7"})
