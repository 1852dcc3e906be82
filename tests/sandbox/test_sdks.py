"""The vendors' own clients against the sandbox over HTTP: list, page to the end, get by id, 401, 404, 429."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from importlib import import_module
from typing import Any

import httpx
import pytest

from bi_contracts.sandbox import Sandbox
from bi_contracts.sandbox.server import running

pytest.importorskip("uvicorn", reason="the extra sandbox-http is not installed")

NAMES = ("asana", "intercom", "linear", "notion", "slack")
ROWS = 120


class Served:
    """A sandbox that is being served, and where."""

    def __init__(self, sandbox: Sandbox, url: str) -> None:
        self.sandbox = sandbox
        self.url = url

    def token(self, platform: str) -> str:
        return next(iter(self.sandbox.credentials(platform).values()))


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    platforms = [import_module(f"bi_contracts.platforms.{name}").PLATFORM for name in NAMES]
    sandbox = Sandbox(platforms, rows=ROWS, enforce_limits=False)
    with running(sandbox) as url:
        yield Served(sandbox, url)


@pytest.fixture
def closing() -> Iterator[ExitStack]:
    """Closes what the clients leave open."""
    with ExitStack() as stack:
        yield stack


def test_slack_sdk(served: Served) -> None:
    """slack_sdk pages by cursor, and raises on `ok: false` and on 429."""
    sdk = pytest.importorskip("slack_sdk", reason="the vendor's client is not installed")
    base = f"{served.url}/slack/api/"
    client = sdk.WebClient(token=served.token("slack"), base_url=base)
    channels = [row for page in client.conversations_list(limit=50) for row in page["channels"]]
    messages = [
        row for page in client.conversations_history(channel=channels[3]["id"], limit=50) for row in page["messages"]
    ]
    users = [row for page in client.users_list(limit=50) for row in page["members"]]
    assert len({row["id"] for row in channels}) == len({row["ts"] for row in messages}) == ROWS
    assert client.users_info(user=users[7]["id"])["user"] == users[7]
    with pytest.raises(sdk.errors.SlackApiError, match="not_found"):
        client.users_info(user="U0NOBODY000")
    with pytest.raises(sdk.errors.SlackApiError, match="invalid_auth"):
        sdk.WebClient(token="xoxb-nobody", base_url=base).auth_test()
    served.sandbox.fault("rate-limit; retry-after=3", platform="slack")
    with pytest.raises(sdk.errors.SlackApiError) as refused:
        client.auth_test()
    assert (refused.value.response.status_code, refused.value.response.headers["retry-after"]) == (429, "3")


def test_notion_client(served: Served, closing: ExitStack) -> None:
    """notion_client pages by cursor in query and body, and raises the platform's codes."""
    sdk = pytest.importorskip("notion_client", reason="the vendor's client is not installed")
    helpers = import_module("notion_client.helpers")
    base = f"{served.url}/notion"
    client = closing.enter_context(
        sdk.Client(auth=served.token("notion"), base_url=base, log_level=logging.CRITICAL, retry=False)
    )
    stranger = closing.enter_context(
        sdk.Client(auth="ntn_nobody", base_url=base, log_level=logging.CRITICAL, retry=False)
    )
    pages = helpers.collect_paginated_api
    users = pages(client.users.list, page_size=50)
    found = pages(client.search, page_size=50)
    source = next(row for row in found if row["object"] == "data_source")
    rows = pages(client.data_sources.query, data_source_id=source["id"], page_size=50)
    assert [len(users), len(found), len(rows)] == [ROWS] * 3
    assert client.users.retrieve(users[3]["id"])["name"] == users[3]["name"]
    assert client.pages.retrieve(rows[5]["id"])["properties"] == rows[5]["properties"]
    assert len(pages(client.blocks.children.list, block_id=rows[5]["id"])) == ROWS
    codes = []
    with pytest.raises(sdk.APIResponseError) as error:
        client.pages.retrieve("2c0a7f10-55aa-4b7e-8c01-0000000004ff")
    codes.append((error.value.status, error.value.code))
    with pytest.raises(sdk.APIResponseError) as error:
        stranger.users.me()
    codes.append((error.value.status, error.value.code))
    served.sandbox.fault("rate-limit; retry-after=1", platform="notion")
    with pytest.raises(sdk.APIResponseError) as error:
        client.users.me()
    codes.append((error.value.status, error.value.code))
    assert codes == [(404, "object_not_found"), (401, "unauthorized"), (429, "rate_limited")]


def test_asana(served: Served, closing: ExitStack) -> None:
    """asana pages by offset, and raises on each error."""
    sdk = pytest.importorskip("asana", reason="the vendor's client is not installed")
    rest = import_module("asana.rest")

    def client(token: str) -> Any:
        settings = sdk.Configuration()
        settings.host, settings.access_token = f"{served.url}/asana/api/1.0", token
        settings.retry_strategy = settings.retry_strategy.new(total=0, raise_on_status=False)
        made = sdk.ApiClient(settings)
        closing.callback(made.rest_client.pool_manager.clear)
        return made

    good = client(served.token("asana"))
    workspaces = list(sdk.WorkspacesApi(good).get_workspaces({"limit": 50}))
    projects = list(sdk.ProjectsApi(good).get_projects({"workspace": workspaces[0]["gid"], "limit": 50}))
    tasks = list(sdk.TasksApi(good).get_tasks({"project": projects[0]["gid"], "limit": 50}))
    assert [len(workspaces), len(projects), len(tasks)] == [ROWS] * 3
    assert sdk.TasksApi(good).get_task(tasks[7]["gid"], {}) == tasks[7]
    statuses = []
    for call in (
        lambda: sdk.TasksApi(good).get_task("1", {}),
        lambda: sdk.UsersApi(client("nobody")).get_user("me", {}),
        lambda: served.sandbox.fault("rate-limit", platform="asana") or sdk.UsersApi(good).get_user("me", {}),
    ):
        with pytest.raises(rest.ApiException) as error:
            call()
        statuses.append(error.value.status)
    assert statuses == [404, 401, 429]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_python_intercom(served: Served, closing: ExitStack) -> None:
    """python-intercom pages by cursor and by scroll, and raises on each error."""
    sdk = pytest.importorskip("intercom", reason="the vendor's client is not installed")
    errors = import_module("intercom.core.api_error")
    base = f"{served.url}/intercom"
    http = closing.enter_context(httpx.Client(trust_env=False))
    client = sdk.Intercom(token=served.token("intercom"), base_url=base, httpx_client=http)
    contacts = list(client.contacts.list(per_page=50))
    assert len({contact.id for contact in contacts}) == ROWS
    assert len(list(client.companies.scroll())) == ROWS
    assert client.contacts.find(contacts[3].id).name == contacts[3].name
    statuses = []
    for call in (
        lambda: client.contacts.find("nobody"),
        lambda: sdk.Intercom(token="nobody", base_url=base, httpx_client=http).admins.identify(),
        lambda: (
            served.sandbox.fault("rate-limit", platform="intercom")
            or client.admins.identify(request_options={"max_retries": 0})
        ),
    ):
        with pytest.raises(errors.ApiError) as error:
            call()
        statuses.append(error.value.status_code)
    assert statuses == [404, 401, 429]


def test_gql(served: Served) -> None:
    """gql pages Linear's issues, gets one by id, and raises what the body says."""
    sdk = pytest.importorskip("gql", reason="the client is not installed")
    transport = import_module("gql.transport.httpx")
    failure = import_module("gql.transport.exceptions").TransportQueryError

    def session(token: str) -> Any:
        url = f"{served.url}/linear/graphql"
        return sdk.Client(transport=transport.HTTPXTransport(url=url, headers={"Authorization": token}))

    text = (
        "query($after: String) { issues(first: 50, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }"
    )
    with session(served.token("linear")) as client:
        found, after, more = [], None, True
        while more:
            query = sdk.gql(text)
            query.variable_values = {"after": after}
            page = client.execute(query)["issues"]
            found += [row["id"] for row in page["nodes"]]
            after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        assert len(set(found)) == ROWS
        assert client.execute(sdk.gql(f'{{ issue(id: "{found[3]}") {{ id }} }}'))["issue"]["id"] == found[3]
        with pytest.raises(failure, match="Entity not found"):
            client.execute(sdk.gql('{ issue(id: "nobody") { id } }'))
        served.sandbox.fault("rate-limit", platform="linear")
        with pytest.raises(failure, match="RATELIMITED"):
            client.execute(sdk.gql("{ viewer { id } }"))
    with session("nobody") as client, pytest.raises(failure, match="AUTHENTICATION_ERROR"):
        client.execute(sdk.gql("{ viewer { id } }"))
