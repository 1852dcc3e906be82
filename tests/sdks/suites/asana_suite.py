"""The asana client lists, pages, gets and fails as its documentation says."""

from __future__ import annotations

import json
import os
import urllib.request

import asana
import pytest
from asana.rest import ApiException
from urllib3.util.retry import Retry

pytestmark = pytest.mark.bi_cassette("cassettes")

SANDBOX = os.environ["SANDBOX_URL"]
TOKEN = os.environ["ASANA_ACCESS_TOKEN"]
ROWS = int(os.environ["SANDBOX_ROWS"])


def api(token=TOKEN, retries=False):
    configuration = asana.Configuration()
    configuration.host = f"{SANDBOX}/asana/api/1.0"
    configuration.access_token = token
    configuration.retry_strategy = retries
    return asana.ApiClient(configuration)


def first_project(client):
    workspace = next(asana.WorkspacesApi(client).get_workspaces({"limit": 1}))
    return next(asana.ProjectsApi(client).get_projects({"workspace": workspace["gid"], "limit": 1}))


def test_authenticates():
    """`users/me` is the owner of the token."""
    assert asana.UsersApi(api()).get_user("me", {})["resource_type"] == "user"


def test_lists_to_the_end():
    """The SDK's iterator follows `next_page.offset`."""
    client = api()
    client.configuration.page_limit = 3
    project = first_project(client)
    tasks = list(asana.TasksApi(client).get_tasks({"project": project["gid"], "limit": 100}))
    assert len({task["gid"] for task in tasks}) == ROWS


def test_lists_page_by_page():
    """Small pages: every row once, in more than one request."""
    client = api()
    configuration = client.configuration
    configuration.return_page_iterator = False
    workspaces, options, sizes = [], {"limit": 3}, []
    while True:
        page = asana.WorkspacesApi(client).get_workspaces(dict(options))
        workspaces += page["data"]
        sizes.append(len(page["data"]))
        if not page["next_page"]:
            break
        options["offset"] = page["next_page"]["offset"]
    assert sizes == [3, 3, ROWS - 6]
    assert len({workspace["gid"] for workspace in workspaces}) == ROWS


def test_gets_by_id():
    """A task of a project can be asked for alone, with the fields that were asked for."""
    client = api()
    task = next(asana.TasksApi(client).get_tasks({"project": first_project(client)["gid"], "limit": 1}))
    found = asana.TasksApi(client).get_task(task["gid"], {"opt_fields": "name,completed"})
    assert found["gid"] == task["gid"]
    assert set(found) <= {"gid", "name", "completed", "resource_type"}


@pytest.mark.parametrize(
    ("call", "status"),
    [
        (lambda: asana.UsersApi(api(token="wrong")).get_user("me", {}), 401),
        (lambda: asana.TasksApi(api()).get_task("404", {}), 404),
    ],
    ids=["401", "404"],
)
def test_meets_errors(call, status):
    """An error is an ApiException with Asana's own body."""
    with pytest.raises(ApiException) as raised:
        call()
    assert raised.value.status == status
    assert json.loads(raised.value.body)["errors"][0]["message"]


def test_meets_a_rate_limit():
    """A rate limit is HTTP 429 with Retry-After."""
    client = api()
    client.set_default_header("x-bi-fault", "rate-limit; retry-after=3")
    with pytest.raises(ApiException) as raised:
        asana.UsersApi(client).get_user("me", {})
    assert raised.value.status == 429
    assert raised.value.headers["retry-after"] == "3"


def test_comes_back_after_a_rate_limit():
    """The retry strategy of the SDK waits as long as it was told to, and succeeds."""
    fault = {"fault": "rate-limit; retry-after=1", "platform": "asana", "times": 1}
    json_body = {"Content-Type": "application/json"}
    admin = urllib.request.Request(f"{SANDBOX}/_sandbox/faults", json.dumps(fault).encode(), json_body)
    with urllib.request.urlopen(admin, timeout=5) as answer:
        assert answer.status == 200
    client = api(retries=Retry(total=2, status_forcelist=[429]))
    assert asana.UsersApi(client).get_user("me", {})["gid"]
