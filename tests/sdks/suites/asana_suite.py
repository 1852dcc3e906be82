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


def first_workspace(client):
    return next(asana.WorkspacesApi(client).get_workspaces({"limit": 1}))["gid"]


def first_project(client):
    return next(asana.ProjectsApi(client).get_projects({"workspace": first_workspace(client), "limit": 1}))


def refused(call):
    """Status and messages of the exception that a call raises."""
    with pytest.raises(ApiException) as raised:
        call()
    return raised.value.status, [error["message"] for error in json.loads(raised.value.body)["errors"]]


def fault(text, times=1):
    """Lets the next requests fail."""
    body = json.dumps({"fault": text, "platform": "asana", "times": times}).encode()
    asked = urllib.request.Request(f"{SANDBOX}/_sandbox/faults", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=5) as answer:
        assert answer.status == 200


def test_authenticates():
    """`users/me` is the owner of the token."""
    assert asana.UsersApi(api()).get_user("me", {})["resource_type"] == "user"


def test_lists_to_the_end():
    """The SDK's iterator follows `next_page.offset`."""
    client = api()
    client.configuration.page_limit = 3
    project = first_project(client)
    tasks = list(asana.TasksApi(client).get_tasks({"project": project["gid"], "limit": 3}))
    assert len({task["gid"] for task in tasks}) == len(tasks) >= ROWS


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


def test_a_list_is_compact_and_an_item_is_not():
    """Without `opt_fields` a list names its records, an item shows all of its own."""
    client = api()
    listed = next(asana.ProjectsApi(client).get_projects({"workspace": first_workspace(client), "limit": 1}))
    assert set(listed) == {"gid", "name", "resource_type"}
    assert {"archived", "members", "owner", "workspace"} <= set(
        asana.ProjectsApi(client).get_project(listed["gid"], {})
    )


def test_gets_by_id():
    """A task of a project can be asked for alone, with the fields that were asked for."""
    client = api()
    task = next(asana.TasksApi(client).get_tasks({"project": first_project(client)["gid"], "limit": 1}))
    found = asana.TasksApi(client).get_task(task["gid"], {"opt_fields": "name,completed,workspace.name"})
    assert found["gid"] == task["gid"]
    assert set(found) == {"gid", "name", "completed", "workspace"}
    assert set(found["workspace"]) == {"gid", "name"}


def test_lists_tasks_by_section_and_assignee():
    """A task is found by where it stands and by whose it is."""
    client = api()
    fields = {"opt_fields": "assignee,memberships.section"}
    listed = asana.TasksApi(client).get_tasks({"project": first_project(client)["gid"], "limit": 9, **fields})
    task = next(task for task in listed if task["assignee"])
    section = task["memberships"][0]["section"]["gid"]
    mine = {"assignee": task["assignee"]["gid"], "workspace": first_workspace(client)}
    for options in ({"section": section}, mine):
        assert task["gid"] in [one["gid"] for one in asana.TasksApi(client).get_tasks({**options, "limit": 100})]
    assert task["gid"] in [one["gid"] for one in asana.TasksApi(client).get_tasks_for_section(section, {"limit": 100})]


def test_lists_what_is_not_completed():
    """`completed_since=now` leaves out what is done."""
    client = api()
    options = {"project": first_project(client)["gid"], "limit": 100, "opt_fields": "completed"}
    done = [task["completed"] for task in asana.TasksApi(client).get_tasks(options)]
    still = [task["completed"] for task in asana.TasksApi(client).get_tasks({**options, "completed_since": "now"})]
    assert True in done
    assert still == [False] * done.count(False)


def test_writes_what_is_read_later():
    """A task that was made is in its project, can be changed and commented, and is followed by events."""
    client = api()
    tasks, stories, project = asana.TasksApi(client), asana.StoriesApi(client), first_project(client)["gid"]
    made = tasks.create_task({"data": {"name": "Check the figures", "projects": [project], "assignee": "me"}}, {})
    assert made["assignee"]["gid"] == asana.UsersApi(client).get_user("me", {})["gid"]
    assert made["gid"] in [task["gid"] for task in tasks.get_tasks({"project": project, "limit": 100})]
    assert tasks.update_task({"data": {"completed": True}}, made["gid"], {})["completed_at"] is not None
    said = stories.create_story_for_task({"data": {"text": "All of them."}}, made["gid"], {})
    assert [story["gid"] for story in stories.get_stories_for_task(made["gid"], {"limit": 9})] == [said["gid"]]
    tasks.delete_task(made["gid"])
    assert refused(lambda: tasks.get_task(made["gid"], {}))[0] == 404


def test_asks_for_several_things_at_once():
    """A batch has an answer for each of its requests."""
    actions = [{"relative_path": path, "method": "get"} for path in ("/users/me", "/tasks/404")]
    found = list(asana.BatchAPIApi(api()).create_batch_request({"data": {"actions": actions}}, {}))
    assert [one["status_code"] for one in found] == [200, 404]


def test_follows_events():
    """Without a token 412 and a new token, with which the SDK goes on; with it what happened since."""
    client, plain = api(), api()
    plain.configuration.return_page_iterator = False
    project = first_project(client)["gid"]
    with pytest.raises(ApiException) as raised:
        asana.EventsApi(plain).get_events(project, {})
    assert raised.value.status == 412
    sync = json.loads(raised.value.body)["sync"]
    assert list(asana.EventsApi(client).get_events(project, {})) == []
    tasks = asana.TasksApi(client)
    made = tasks.create_task({"data": {"name": "Follow the figures", "projects": [project]}}, {})
    answer = asana.EventsApi(plain).get_events(project, {"sync": sync})
    tasks.delete_task(made["gid"])
    assert [(event["action"], event["resource"]["gid"]) for event in answer["data"]] == [("added", made["gid"])]
    assert answer["sync"] != sync


@pytest.mark.parametrize(
    ("call", "status"),
    [
        (lambda: asana.UsersApi(api(token="wrong")).get_user("me", {}), 401),
        (lambda: asana.TasksApi(api()).get_task("404", {}), 404),
        (lambda: asana.TasksApi(api()).get_task("no-number", {}), 400),
        (lambda: list(asana.TasksApi(api()).get_tasks({"limit": 3})), 400),
        (lambda: list(asana.WorkspacesApi(api()).get_workspaces({"limit": 101})), 400),
        (lambda: list(asana.WorkspacesApi(api()).get_workspaces({"limit": 3, "offset": "foreign"})), 400),
        (lambda: asana.TasksApi(api()).create_task({"data": {"name": "Nowhere"}}, {}), 400),
    ],
    ids=["401", "404", "malformed id", "no scope", "limit", "offset", "no workspace"],
)
def test_meets_errors(call, status):
    """An error is an ApiException with Asana's own body."""
    found, messages = refused(call)
    assert found == status
    assert all(messages)


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
    fault("rate-limit; retry-after=1")
    client = api(retries=Retry(total=2, status_forcelist=[429]))
    assert asana.UsersApi(client).get_user("me", {})["gid"]


def test_comes_back_of_itself():
    """The SDK's own strategy, which nobody set, tries again after a rate limit and after a server error."""
    configuration = asana.Configuration()
    configuration.host = f"{SANDBOX}/asana/api/1.0"
    configuration.access_token = TOKEN
    for text in ("rate-limit; retry-after=1", "status=500"):
        fault(text)
        assert asana.UsersApi(asana.ApiClient(configuration)).get_user("me", {})["gid"]
