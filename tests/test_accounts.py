"""Several accounts of one platform in one workspace."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from bi_contracts.accounts import account_platform, address_variable
from bi_contracts.auth import Token
from bi_contracts.cassette.importers.declared import Declared
from bi_contracts.errors import ConfigurationError, CredentialsMissing, UnknownEndpoint
from bi_contracts.interaction import Interaction, Request, Response
from bi_contracts.platform import Platform
from bi_contracts.registry import platform, platforms, select, target
from bi_contracts.sandbox import Sandbox
from bi_contracts.session import Mode, Session, Upstream
from bi_contracts.workspace import CONFIG, Account, Workspace

EU = """
[accounts."slack@eu"]
base_url = "https://eu.slack.example/api"
credentials = { SLACK_BOT_TOKEN = "EU_WORKSPACE_TOKEN" }
[accounts."slack@us-2"]
"""


def workspace(folder: Path, text: str = EU, **environ: str) -> Workspace:
    (folder / CONFIG).write_text(text, encoding="utf-8")
    return Workspace.discover(folder, environ)


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return workspace(tmp_path)


def test_an_account_is_a_platform(space: Workspace) -> None:
    """With its own ids, address and variables; everything else is its platform's."""
    slack, eu = platform("slack", space), platform("slack@eu", space)
    assert (eu.title, eu.base_url) == (f"{slack.title} (eu)", "https://eu.slack.example/api")
    assert eu.auth.variables == ("EU_WORKSPACE_TOKEN",)
    assert eu.endpoints == slack.endpoints
    assert target("slack@eu/users", space).id == "slack@eu/users"


def test_variables_are_derived_where_none_are_named(space: Workspace) -> None:
    """The platform's, with the label behind; the address likewise."""
    us = platform("slack@us-2", space)
    assert us.auth.variables == ("SLACK_BOT_TOKEN_US_2",)
    assert us.base_url == platform("slack").base_url
    assert (address_variable(us), address_variable(platform("slack"))) == ("SLACK_US_2_BASE_URL", "SLACK_BASE_URL")


def test_globs_tell_accounts_apart(space: Workspace) -> None:
    """`slack` is the platform alone, `slack@*` every other account, `slack*` all of them."""
    assert {one.platform.name for one in select(["slack"], space)} == {"slack"}
    assert {one.platform.name for one in select(["slack@*"], space)} == {"slack@eu", "slack@us-2"}
    assert {one.platform.name for one in select(["slack*"], space)} == {"slack", "slack@eu", "slack@us-2"}
    with pytest.raises(UnknownEndpoint, match="did you mean slack@eu"):
        select(["slack@eo"], space)
    assert "slack@eu" not in {one.name for one in platforms()}


def test_an_account_needs_its_own_credential(tmp_path: Path) -> None:
    """The platform's is no substitute, and the variable that is missing is named."""
    space = workspace(tmp_path, SLACK_BOT_TOKEN="xoxb-one")
    with pytest.raises(CredentialsMissing, match="slack@eu: EU_WORKSPACE_TOKEN is not set"):
        Upstream(space).credentials(platform("slack@eu", space))
    space = workspace(tmp_path, EU_WORKSPACE_TOKEN="xoxb-two", SLACK_EU_BASE_URL="https://moved.example/api")
    upstream, eu = Upstream(space), platform("slack@eu", space)
    assert upstream.credentials(eu) == {"EU_WORKSPACE_TOKEN": "xoxb-two"}
    assert upstream.base_url(eu) == "https://moved.example/api"
    request = httpx.Request("GET", eu.base_url)
    signed = next(eu.auth.sign(upstream.credentials(eu)).sync_auth_flow(request))
    assert eu.auth.presented(signed) == "xoxb-two"


def test_the_sandbox_gives_each_account_its_own_data_and_credentials(space: Workspace) -> None:
    """Same rows for the same account, others for another; no account is let in with another's credential."""
    sandbox = Sandbox(platforms(space), rows=5)
    upstream = Upstream(space, "sandbox", sandbox)

    def names(name: str) -> list[str]:
        with upstream.client(platform(name, space)) as client:
            return [row["name"] for row in client.records("users")]

    assert names("slack") == names("slack")
    assert len({*names("slack"), *names("slack@eu"), *names("slack@us-2")}) > 10
    tokens = [value for name in ("slack", "slack@eu") for value in sandbox.credentials(name).values()]
    answers = {
        (path, token): httpx.Client(transport=sandbox.transport())
        .get(f"http://localhost/{path}/api/auth.test", headers={"Authorization": f"Bearer {token}"})
        .json()["ok"]
        for path in ("slack", "slack%40eu")
        for token in tokens
    }
    assert list(answers.values()) == [True, False, False, True]


def test_one_label_is_one_world(tmp_path: Path) -> None:
    """The people of `asana@eu` are those of `intercom@eu`, and not those of `asana`."""
    space = workspace(tmp_path, '[accounts."asana@eu"]\n[accounts."slack@eu"]\n')
    world = Sandbox(platforms(space), rows=20).world
    eu = world.of(platform("asana@eu", space))
    assert eu is world.of(platform("slack@eu", space))
    assert world.of(platform("asana")) is world
    assert eu.entities.attribute("person", 7, "email") != world.entities.attribute("person", 7, "email")


def test_an_account_is_recorded_and_replayed_by_itself(space: Workspace) -> None:
    """Its recording stands in a folder of its own, at its own address, and answers nobody else."""
    session = Session(space, Mode.RECORD, Upstream(space, "sandbox", Sandbox(platforms(space), rows=3)))
    one = target("slack@eu/users", space)
    made = session.record(one.platform, one.endpoint)
    assert made.path == space.root / "cassettes" / "slack@eu" / "users.yaml"
    assert "https://eu.slack.example/api/users.list" in made.path.read_text()
    assert "localhost" not in made.path.read_text()
    assert space.find_cassette("slack@us-2/users") is None


@pytest.mark.parametrize("id", ["looker@eu/users", "intercom@eu/contacts", "salesforce@eu/contacts", "gong@eu/calls"])
def test_links_in_a_recording_lead_to_the_account(tmp_path: Path, id: str) -> None:
    """In bodies and in headers, however the sandbox was reached."""
    space = workspace(tmp_path, f'[accounts."{id.partition("/")[0]}"]\nbase_url = "https://eu.example/api/4.0"')
    one = target(id, space)
    session = Session(space, Mode.RECORD, Upstream(space, "sandbox", Sandbox(platforms(space), rows=7)))
    text = session.record(one.platform, one.endpoint, page_size=3 if "looker" in id else None).path.read_text()
    assert "https://eu.example/api/4.0" in text
    assert "localhost" not in text


def test_an_account_is_held_to_its_platforms_contract(space: Workspace) -> None:
    """Its own comes first, then the workspace's for the platform, then the packaged one; recordings are not shared."""
    packaged = space.find_contract("slack@eu/users")
    assert packaged is not None
    assert packaged == space.find_contract("slack/users")
    assert not space.owns(packaged)
    shared, own = space.contract("slack/users"), space.contract("slack@eu/users")
    for path in (shared, own):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
        assert space.find_contract("slack@eu/users") == path
    own.unlink()
    shared.unlink()
    cassette = space.cassette("slack@eu/users")
    cassette.parent.mkdir(parents=True)
    cassette.write_text("")
    assert space.find_contract("slack@eu/users") is None
    assert space.find_contract("slack/users") == packaged


def test_recordings_of_others_belong_to_the_platform_unless_the_account_is_named(tmp_path: Path) -> None:
    """Two accounts at one host cannot be told apart by it."""
    space = workspace(tmp_path, '[accounts."notion@eu"]')
    asked = Interaction("", Request("GET", "https://api.notion.com/v1/users/me"), Response(200))
    declared = Declared(platforms(space))
    ids = [declared.names(name).place(asked, Path("x")).endpoint for name in ("", "notion@eu")]
    assert ids == ["notion/me", "notion@eu/me"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("accounts = 1", "accounts must be tables"),
        ("[accounts.slack]", r'\[accounts."slack"\]: the name must be a platform, @ and a label'),
        ('[accounts."slack@EU"]', "label of small letters"),
        ('[accounts."slack@e_u"]', "single hyphens"),
        ('[accounts]\n"slack@eu" = "xoxb-secret"', "must be a table; empty is enough"),
        ('[accounts."slack@eu"]\ntoken = "xoxb-secret"', "unknown setting 'token': known are base_url, credentials"),
        ('[accounts."slack@eu"]\ncredentials = "xoxb-secret"', "credentials must name variables, never values"),
        ('[accounts."slack@eu"]\ncredentials = { SLACK_BOT_TOKEN = "xoxb-secret" }', "never the credential itself"),
        ('[accounts."slack@eu"]\ncredentials = { SLACK_BOT_TOKEN = 7 }', "never the credential itself"),
        ('[accounts."slack@eu"]\nbase_url = "https://me:secret@eu.example"', "base_url must be https://HOST/PATH"),
        ('[accounts."slack@eu"]\nbase_url = "http://eu.example"', "base_url must be https"),
        ('[accounts."slack@eu"]\nbase_url = "https://[::1"', "base_url must be https"),
        ('[accounts."slack@eu"]\nbase_url = 7', "base_url must be https"),
        ("platforms = 'acme.toml'", "platforms must be a list of files"),
        ("accountz = 1", "did you mean accounts"),
    ],
)
def test_a_bad_table_is_named(tmp_path: Path, text: str, words: str) -> None:
    """File, table and what to type; what was given is not repeated, since it may be a credential."""
    with pytest.raises(ConfigurationError, match=words) as caught:
        workspace(tmp_path, text)
    assert CONFIG in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[accounts."slak@eu"]', "there is no platform 'slak': did you mean slack@eu"),
        ('[accounts."zzz@eu"]', "there is no platform 'zzz': known are asana"),
        (
            '[accounts."slack@eu"]\ncredentials = { SLACK_TOKEN = "A" }',
            "no credential SLACK_TOKEN: known are SLACK_BOT",
        ),
    ],
)
def test_an_account_of_nothing_is_named(tmp_path: Path, text: str, words: str) -> None:
    """Once the platforms are known; the nearest are offered."""
    with pytest.raises(ConfigurationError, match=words) as caught:
        platforms(workspace(tmp_path, text))
    assert CONFIG in str(caught.value)


def test_a_scheme_that_hides_its_variables_is_refused() -> None:
    """Nobody could give such an account a credential of its own."""

    class Hidden(Token):
        @property
        def variables(self) -> tuple[str, ...]:
            return ("SLACK_BOT_TOKEN",)

    slack = platform("slack")
    hidden = Platform(
        slack.name, slack.title, slack.base_url, Hidden("X"), slack.endpoints, slack.errors, slack.limits, "auth"
    )
    with pytest.raises(ConfigurationError, match="a Hidden cannot read its credential from other variables"):
        account_platform(hidden, Account("slack@eu", where="here"))


def test_every_platform_can_have_an_account(tmp_path: Path) -> None:
    """Whatever its scheme, its variables are its own and the sandbox lets them in."""
    text = "\n".join(f'[accounts."{one.name}@eu"]' for one in platforms())
    space = workspace(tmp_path, text)
    upstream = Upstream(space, "sandbox", Sandbox(platforms(space), rows=2))
    for one in platforms(space):
        assert one.name.endswith("@eu") == all(name.endswith("_EU") for name in one.auth.variables)
        with upstream.client(one) as client:
            assert client.identity()
