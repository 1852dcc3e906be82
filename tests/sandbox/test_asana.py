"""Asana's own ways in the sandbox: compact records, tasks by what they belong to, offsets, searches, errors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bi_contracts.platforms.asana import PLATFORM

from .asana import Asana

ROWS = 6


@pytest.fixture
def asana() -> Iterator[Asana]:
    made = Asana(rows=ROWS)
    yield made
    assert made.sandbox.failures == 0


# Fields


@pytest.mark.parametrize(
    ("path", "arguments", "fields"),
    [
        ("/workspaces", {}, {"gid", "name", "resource_type"}),
        ("/users", {"workspace": "W"}, {"gid", "name", "resource_type"}),
        ("/projects", {"workspace": "W"}, {"gid", "name", "resource_type"}),
        ("/workspaces/W/teams", {}, {"gid", "name", "resource_type"}),
        ("/tasks", {"project": "P"}, {"gid", "name", "resource_type", "resource_subtype"}),
        ("/goals", {"workspace": "W"}, {"gid", "name", "owner", "resource_type"}),
        ("/projects/P/sections", {}, {"gid", "name", "resource_type"}),
    ],
)
def test_lists_are_compact(asana: Asana, path: str, arguments: dict[str, str], fields: set[str]) -> None:
    """Without `opt_fields` a list tells its records apart and no more."""
    ids = {"W": asana.workspace, "P": asana.project}
    asked = {name: ids[value] for name, value in arguments.items()}
    found = asana.get(path.replace("/W/", f"/{ids['W']}/").replace("/P/", f"/{ids['P']}/"), **asked)
    assert len(found) == ROWS
    assert {frozenset(row) for row in found} == {frozenset(fields)}


def test_fields_decide_what_is_shown(asana: Asana) -> None:
    """What is named comes, nothing else but the id; an object in whole or in part; what nobody has is left out."""
    fields = "name,assignee.name,workspace,projects,projects.name,likes,nothing"
    task = next(
        task
        for task in asana.get("/tasks", project=asana.project, opt_fields=fields)
        if task["assignee"] and task["projects"]
    )
    assert set(task) == {"gid", "name", "assignee", "workspace", "projects", "likes"}
    assert set(task["assignee"]) == {"gid", "name"}
    assert set(task["workspace"]) == {"gid", "name", "resource_type"}
    assert [set(project) for project in task["projects"]] == [{"gid", "name"}]


@pytest.mark.parametrize(("name", "plural"), [("task", "tasks"), ("project", "projects"), ("team", "teams")])
def test_items_are_whole(asana: Asana, name: str, plural: str) -> None:
    """By id comes every field that the platform has, and the same ones in a list that names them."""
    item, listed = PLATFORM.endpoint(name), PLATFORM.endpoint(plural)
    asked = {"tasks": {"project": asana.project}, "projects": {"workspace": asana.workspace}, "teams": {}}[plural]
    path = listed.path.format(workspace_gid=asana.workspace)
    row = asana.get(path, **asked)[0]
    whole = asana.get(f"/{plural}/{row['gid']}")
    assert set(whole) == set(item.examples[0])
    everything = asana.get(path, **asked, opt_fields=",".join(whole))[0]
    assert set(everything) == set(whole)


# Pages


def test_there_is_no_next_page_until_a_limit_is_sent(asana: Asana) -> None:
    """Without `limit` every row comes, and nothing is said of pages."""
    assert set(asana.ask("/workspaces").json()) == {"data"}
    first = asana.ask("/workspaces", limit=4).json()["next_page"]
    assert set(first) == {"offset", "path", "uri"}
    assert asana.ask("/workspaces", limit=4, offset=first["offset"]).json()["next_page"] is None
    assert asana.http.get(first["uri"]).json()["data"] == asana.get("/workspaces")[4:]


@pytest.mark.parametrize("limit", ["0", "-1", "101", "ten", "1e2", "9" * 30])
def test_a_limit_out_of_range_is_refused(asana: Asana, limit: str) -> None:
    """From 1 to 100."""
    assert asana.refused("GET", "/workspaces", limit=limit)[0] == 400


def test_an_offset_is_good_for_one_list(asana: Asana) -> None:
    """Not for another, not when it was changed, and not for ever."""
    offset = asana.ask("/workspaces", limit=2).json()["next_page"]["offset"]
    assert asana.refused("GET", "/users", workspace=asana.workspace, limit=2, offset=offset)[0] == 400
    for foreign in (offset[:-1], offset.replace("e", "f"), "eyJ.eyJ.x", "2", "\u00e9"):
        assert asana.refused("GET", "/workspaces", limit=2, offset=foreign)[0] == 400


def test_an_offset_expires(asana: Asana) -> None:
    """A day later it is told that it did; a new one is good again."""
    offset = asana.ask("/workspaces", limit=2).json()["next_page"]["offset"]
    asana.now += 80_000
    assert asana.get("/workspaces", limit=2, offset=offset)
    asana.now += 10_000
    assert "expired" in asana.refused("GET", "/workspaces", limit=2, offset=offset)[1]
    again = asana.ask("/workspaces", limit=2).json()["next_page"]["offset"]
    assert asana.get("/workspaces", limit=2, offset=again)


# Tasks by what they belong to


def test_tasks_of_a_section_say_that_they_are_in_it(asana: Asana) -> None:
    """The sections of a project share its tasks out among them."""
    project = asana.project
    sections = [section["gid"] for section in asana.get(f"/projects/{project}/sections")]
    found = {gid: asana.tasks(section=gid) for gid in sections}
    assert sorted(gid for some in found.values() for gid in some) == sorted(asana.tasks(project=project))
    for task in asana.get("/tasks", project=project, opt_fields="memberships.section,memberships.project"):
        assert task["memberships"][0]["project"]["gid"] == project
        assert task["gid"] in found[task["memberships"][0]["section"]["gid"]]
    assert asana.tasks(section=sections[0]) == [task["gid"] for task in asana.get(f"/sections/{sections[0]}/tasks")]


def test_tasks_of_an_assignee(asana: Asana) -> None:
    """By gid, by `me` and by address; each says whose it is."""
    me = asana.get("/users/me")
    workspace = asana.workspace
    mine = asana.get("/tasks", assignee="me", workspace=workspace, opt_fields="assignee,workspace")
    assert mine
    assert {(task["assignee"]["gid"], task["workspace"]["gid"]) for task in mine} == {(me["gid"], workspace)}
    for who in (me["gid"], me["email"]):
        assert asana.tasks(assignee=who, workspace=workspace) == [task["gid"] for task in mine]


def test_tasks_of_a_tag(asana: Asana) -> None:
    """Those, and those alone, that have it."""
    tagged = next(task for task in asana.get("/tasks", project=asana.project, opt_fields="tags") if task["tags"])
    tag = tagged["tags"][0]["gid"]
    found = asana.get(f"/tags/{tag}/tasks", opt_fields="tags")
    assert tagged["gid"] in [task["gid"] for task in found]
    assert all(tag in [one["gid"] for one in task["tags"]] for task in found)
    assert asana.tasks(tag=tag) == [task["gid"] for task in found]
    assert [one["gid"] for one in asana.get(f"/tasks/{tagged['gid']}/tags")] == [tag]


@pytest.mark.parametrize(
    "named",
    [(), ("project", "section"), ("assignee",), ("workspace",), ("project", "workspace"), ("tag", "project")],
)
def test_one_scope_is_wanted(asana: Asana, named: tuple[str, ...]) -> None:
    """Neither none nor two; an assignee goes with a workspace and nothing else does."""
    assert asana.refused("GET", "/tasks", **dict.fromkeys(named, "1200000000000001"))[0] == 400


def test_filters_hold_in_every_scope(asana: Asana) -> None:
    """What is open, in a project and of an assignee alike."""
    for scope in ({"project": asana.project}, {"assignee": "me", "workspace": asana.workspace}):
        every = asana.get("/tasks", **scope, opt_fields="completed")
        still = asana.get("/tasks", **scope, opt_fields="completed", completed_since="now")
        assert still == [task for task in every if not task["completed"]]


# Lists


def test_a_list_has_several_paths(asana: Asana) -> None:
    """Below its workspace, its project and by argument it is the same."""
    workspace, project = asana.workspace, asana.project
    for name in ("projects", "users", "tags"):
        assert asana.get(f"/workspaces/{workspace}/{name}") == asana.get(f"/{name}", workspace=workspace)
    assert asana.get(f"/projects/{project}/tasks") == asana.get("/tasks", project=project)


def test_projects_are_archived_or_not_and_of_a_team(asana: Asana) -> None:
    """Each filter alone, and both."""
    workspace = asana.workspace
    every = asana.get("/projects", workspace=workspace, opt_fields="archived,team")
    kept = asana.get("/projects", workspace=workspace, archived="false", opt_fields="archived,team")
    assert kept == [project for project in every if not project["archived"]]
    team = next(project["team"]["gid"] for project in every if project["team"])
    wanted = [project for project in every if project["team"] and project["team"]["gid"] == team]
    assert asana.get("/projects", team=team, opt_fields="archived,team") == wanted
    assert asana.get(f"/teams/{team}/projects", opt_fields="archived,team") == wanted
    assert asana.get("/projects", workspace=workspace, team=team, opt_fields="archived,team") == wanted


def test_people_of_a_team_are_people_of_the_workspace(asana: Asana) -> None:
    """Some of them."""
    team = asana.get(f"/workspaces/{asana.workspace}/teams")[0]["gid"]
    known = asana.get("/users", workspace=asana.workspace)
    found = asana.get(f"/teams/{team}/users")
    assert found
    assert all(user in known for user in found)


def test_a_user_is_found_by_id_by_address_and_by_me(asana: Asana) -> None:
    """The same one, who is a colleague of the world."""
    me = asana.get("/users/me")
    assert asana.get(f"/users/{me['gid']}")["name"] == me["name"]
    assert asana.get(f"/users/{me['email']}")["gid"] == me["gid"]
    assert me["name"] == asana.sandbox.world.entities.attribute("colleague", 0, "name")
    assert asana.refused("GET", "/users/nobody@example.com")[0] == 404


def test_a_subtask_is_a_task(asana: Asana) -> None:
    """It is read by its own id and knows the task that it is part of."""
    task = asana.tasks(project=asana.project)[0]
    part = asana.get(f"/tasks/{task}/subtasks")[0]
    assert asana.get(f"/tasks/{part['gid']}")["parent"]["gid"] == task


def test_tasks_are_counted(asana: Asana) -> None:
    """What `opt_fields` names, and nothing where it names nothing."""
    project = asana.project
    done = [task["completed"] for task in asana.get("/tasks", project=project, opt_fields="completed")]
    fields = "num_tasks,num_completed_tasks,num_incomplete_tasks"
    found = asana.get(f"/projects/{project}/task_counts", opt_fields=fields)
    assert list(found.values()) == [len(done), done.count(True), done.count(False)]
    assert asana.get(f"/projects/{project}/task_counts") == {}


# Searches


def test_a_search_finds_what_was_asked_for(asana: Asana) -> None:
    """Words, flags, people; the last changed first unless another order is wanted."""
    path = f"/workspaces/{asana.workspace}/tasks/search"
    me = asana.get("/users/me")["gid"]
    fields = "name,notes,completed,assignee,modified_at,due_on"
    found = asana.get(path, text="prepare", completed="false", **{"assignee.any": me}, opt_fields=fields)
    assert found
    assert all(task["assignee"]["gid"] == me and not task["completed"] for task in found)
    times = [task["modified_at"] for task in found]
    assert times == sorted(times, reverse=True)
    due = asana.get(path, sort_by="due_date", sort_ascending="true", opt_fields=fields, limit=3)
    assert len(due) == 3
    assert [task["due_on"] for task in due] == sorted(task["due_on"] for task in due)
    assert asana.get(path, text="no such words") == []
    for wrong in ({"sort_by": "luck"}, {"limit": "0"}, {"completed": "perhaps"}, {"due_on.before": "soon"}):
        assert asana.refused("GET", path, **wrong)[0] == 400


def test_a_search_must_be_paid_for(asana: Asana) -> None:
    """402 in a workspace that is no organization."""
    free = asana.get("/workspaces")[1]["gid"]
    assert asana.refused("GET", f"/workspaces/{free}/tasks/search") == (402, "Payment Required")


@pytest.mark.parametrize("kind", ["user", "project", "task", "tag", "team", "portfolio", "goal", "custom_field"])
def test_typing_ahead_finds_names(asana: Asana, kind: str) -> None:
    """Of one kind, as many as are wanted."""
    path = f"/workspaces/{asana.workspace}/typeahead"
    found = asana.get(path, resource_type=kind, count=3)
    assert 0 < len(found) <= 3
    assert {row["resource_type"] for row in found} == {kind}
    again = asana.get(path, resource_type=kind, query=found[0]["name"].upper())
    assert found[0] in again
    assert asana.refused("GET", path, query="a")[0] == 400


# Errors


@pytest.mark.parametrize(
    ("path", "arguments", "status", "words"),
    [
        ("/projects/404", {}, 404, "project: Unknown object: 404"),
        ("/projects/abc", {}, 400, "project: not an id: abc"),
        ("/projects", {}, 400, "workspace: Missing input"),
        ("/tasks", {"project": "abc"}, 400, "project: not an id: abc"),
        ("/tasks", {"section": "abc"}, 400, "section: not an id: abc"),
        ("/tasks", {"section": "404"}, 404, "section: Unknown object: 404"),
        ("/tasks", {"tag": "404"}, 404, "tag: Unknown object: 404"),
        ("/tasks", {"assignee": "404", "workspace": "W"}, 404, "user: Unknown object: 404"),
        ("/tasks/1/stories", {}, 404, "task: Unknown object: 1"),
        ("/projects", {"workspace": "W", "archived": "maybe"}, 400, "archived: 'maybe' is not a boolean"),
        ("/everything", {}, 404, "Unknown object"),
    ],
)
def test_errors_say_what_is_wrong(asana: Asana, path: str, arguments: dict[str, str], status: int, words: str) -> None:
    """In Asana's envelope, under the status that Asana has for it."""
    asked = {name: asana.workspace if value == "W" else value for name, value in arguments.items()}
    assert asana.refused("GET", path, **asked) == (status, words)


def test_a_wrong_token_and_a_wrong_body(asana: Asana) -> None:
    """401 and 400."""
    refused = asana.sandbox.handle(httpx.Request("GET", f"{PLATFORM.base_url}/users/me"))
    assert refused.status_code == 401
    headers = {"content-type": "application/json"}
    assert asana.http.post("/tasks", content=b"{", headers=headers).status_code == 400


def test_a_server_error_has_a_phrase(asana: Asana) -> None:
    """By which its makers find it; no other error has one."""
    asana.sandbox.fault("status=500")
    answer = asana.ask("/users/me")
    assert answer.status_code == 500
    assert answer.json()["errors"][0]["phrase"]


def test_searches_have_a_limit_of_their_own() -> None:
    """Sixty a minute, beside that of all requests."""
    asana = Asana(rows=1, enforce_limits=True)
    path = f"/workspaces/{asana.workspace}/tasks/search"
    statuses = [asana.ask(path).status_code for _ in range(61)]
    assert statuses == [200] * 60 + [429]
    assert asana.ask(path).headers["retry-after"] == "60"
    assert asana.get("/users/me")


# Anything at all


words = st.text(max_size=12) | st.sampled_from(
    ["now", "true", "1200000000000001", "me", "a@b", "2026-01-01", "{}", "["]
)
arguments = st.dictionaries(
    st.sampled_from(["limit", "offset", "opt_fields", "project", "section", "tag", "assignee", "workspace", "team"])
    | st.sampled_from(["archived", "completed_since", "modified_since", "parent", "owner", "resource", "sync", "text"])
    | st.sampled_from(["sort_by", "count", "resource_type", "query", "is_workspace_level", "created_since"]),
    words,
    max_size=5,
)
values = words | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False, allow_infinity=False)
bodies = st.recursive(values, lambda deep: st.lists(deep, max_size=2) | st.dictionaries(words, deep, max_size=2))
sent = st.dictionaries(
    st.sampled_from(["name", "notes", "completed", "due_on", "assignee", "projects", "workspace", "parent", "tags"])
    | st.sampled_from(["followers", "memberships", "text", "html_text", "tag", "project", "section", "due_at"]),
    bodies,
    max_size=4,
)
PATHS = [
    *sorted({endpoint.path for endpoint in PLATFORM.endpoints}),
    "/workspaces/{workspace_gid}/tasks/search",
    "/workspaces/{workspace_gid}/typeahead",
    "/events",
    "/teams/{team_gid}/users",
    "/sections/{section_gid}/tasks",
]


@given(data=st.data(), path=st.sampled_from(PATHS), asked=arguments, body=sent | bodies)
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_anything_is_answered_in_asanas_way(
    asana: Asana, data: st.DataObject, path: str, asked: dict[str, Any], body: Any
) -> None:
    """Whatever is asked for or sent: data, or errors with their words and a status below 500."""
    world = asana.sandbox.world
    for endpoint in PLATFORM.endpoints:
        for name, parent in endpoint.parents.items():
            key = str(world.collection(PLATFORM, PLATFORM.endpoint(parent)).key(0))
            path = path.replace(f"{{{name}}}", key)
            if name in asked and data.draw(st.booleans()):
                asked = {**asked, name: key}
    method = data.draw(st.sampled_from(["GET", "POST", "PUT"]))
    content = None if method == "GET" else json.dumps({"data": body}).encode()
    headers = {"content-type": "application/json"}
    answer = asana.http.request(method, path, params=asked, content=content, headers=headers)
    assert answer.status_code < 500
    found = answer.json()
    assert "data" in found or all(error["message"] and error["help"] for error in found["errors"])


def test_what_only_the_item_shows_is_about_the_same_people(asana: Asana) -> None:
    """A list that is asked for members, followers or dates gives what the project itself gives."""
    fields = "members,followers,due_date,due_on,completed_by,icon"
    workspace = asana.get("/workspaces")[0]["gid"]
    for listed in asana.get("/projects", workspace=workspace, opt_fields=fields):
        assert listed == asana.get(f"/projects/{listed['gid']}", opt_fields=fields)
        assert listed["due_date"] == listed["due_on"]
        assert all(asana.get(f"/users/{one['gid']}")["name"] == one["name"] for one in listed["members"])


def test_a_task_counts_its_subtasks(asana: Asana) -> None:
    """As many as are listed below it, those that somebody adds among them."""
    project = asana.get("/projects", workspace=asana.get("/workspaces")[0]["gid"])[0]["gid"]
    task = asana.get("/tasks", project=project)[0]["gid"]
    before = asana.get(f"/tasks/{task}")["num_subtasks"]
    assert before == len(asana.get(f"/tasks/{task}/subtasks"))
    asana.send("POST", f"/tasks/{task}/subtasks", {"name": "Ask again"})
    assert asana.get(f"/tasks/{task}")["num_subtasks"] == before + 1


def test_what_the_system_tells_is_what_happened(asana: Asana) -> None:
    """A story about a due date says who changed it."""
    project = asana.get("/projects", workspace=asana.get("/workspaces")[0]["gid"])[0]["gid"]
    task = asana.get("/tasks", project=project)[0]["gid"]
    stories = [one for one in asana.get(f"/tasks/{task}/stories") if one["type"] == "system"]
    assert stories
    assert all(one["text"] == f"{one['created_by']['name']} changed the due date" for one in stories)
