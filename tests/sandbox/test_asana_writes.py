"""What is written to Asana in the sandbox, and seen in later reads and events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bi_contracts.platforms.asana import PLATFORM
from bi_contracts.sandbox.behaviours.asana import events

from .asana import Asana


@pytest.fixture
def asana() -> Iterator[Asana]:
    made = Asana(rows=5)
    yield made
    assert made.sandbox.failures == 0


def made(asana: Asana, **data: Any) -> Any:
    return asana.send("POST", "/tasks", {"name": "Check the figures", "projects": [asana.project], **data})


def test_a_new_task_is_in_its_project(asana: Asana) -> None:
    """Whole in the answer of 201, and last in the list."""
    project = asana.project
    answer = asana.http.post("/tasks", json={"data": {"name": "Check", "projects": [project], "assignee": "me"}})
    assert answer.status_code == 201
    task = answer.json()["data"]
    assert task["created_at"] == "2026-09-21T14:13:20.500Z"
    assert task["assignee"]["gid"] == asana.get("/users/me")["gid"]
    assert asana.tasks(project=project)[-1] == task["gid"]
    assert asana.get(f"/tasks/{task['gid']}") == task
    assert set(task) == set(PLATFORM.endpoint("task").examples[0])
    assert task["gid"] in asana.tasks(section=task["memberships"][0]["section"]["gid"])
    assert task["gid"] in asana.tasks(assignee="me", workspace=asana.workspace)


def test_a_task_may_stand_in_no_project(asana: Asana) -> None:
    """Then its assignee has it, and a search finds it."""
    task = asana.send("POST", "/tasks", {"name": "Zebra", "workspace": asana.workspace, "assignee": "me"})
    assert (task["projects"], task["memberships"]) == ([], [])
    assert task["gid"] in asana.tasks(assignee="me", workspace=asana.workspace)
    found = asana.get(f"/workspaces/{asana.workspace}/tasks/search", text="zebra")
    assert [one["gid"] for one in found] == [task["gid"]]


def test_a_task_may_be_part_of_another(asana: Asana) -> None:
    """Below it, by either path."""
    task = made(asana)
    parts = [
        asana.send("POST", f"/tasks/{task['gid']}/subtasks", {"name": "First"}),
        asana.send("POST", "/tasks", {"name": "Second", "parent": task["gid"]}),
    ]
    assert [part["parent"]["gid"] for part in parts] == [task["gid"]] * 2
    assert [one["gid"] for one in asana.get(f"/tasks/{task['gid']}/subtasks")] == [part["gid"] for part in parts]
    changed = asana.send("PUT", f"/tasks/{parts[0]['gid']}", {"completed": True})
    assert asana.get(f"/tasks/{parts[0]['gid']}") == changed


def test_a_task_is_put_into_a_section(asana: Asana) -> None:
    """When it is made, and later."""
    project = asana.project
    first, second, *_ = [section["gid"] for section in asana.get(f"/projects/{project}/sections")]
    task = asana.send("POST", "/tasks", {"name": "Check", "memberships": [{"project": project, "section": second}]})
    assert task["gid"] in asana.tasks(section=second)
    asana.send("POST", f"/tasks/{task['gid']}/addProject", {"project": project, "section": first})
    assert task["gid"] in asana.tasks(section=first)
    assert task["gid"] not in asana.tasks(section=second)
    old = asana.tasks(section=second)[0]
    asana.send("POST", f"/tasks/{old}/addProject", {"project": project, "section": first})
    assert old in asana.tasks(section=first)
    assert old not in asana.tasks(section=second)


def test_a_task_leaves_its_project(asana: Asana) -> None:
    """It is still there, and says so."""
    task = made(asana)
    asana.send("POST", f"/tasks/{task['gid']}/removeProject", {"project": asana.project})
    left = asana.get(f"/tasks/{task['gid']}")
    assert (left["projects"], left["memberships"]) == ([], [])
    assert asana.get(f"/tasks/{task['gid']}/projects") == []


def test_completing_sets_the_time(asana: Asana) -> None:
    """And takes it away again; the filter of open tasks follows."""
    task, project = made(asana), asana.project
    asana.now += 60
    done = asana.send("PUT", f"/tasks/{task['gid']}", {"completed": True})
    assert done["completed_at"] == done["modified_at"] == "2026-09-21T14:14:20.500Z"
    assert task["gid"] not in asana.tasks(project=project, completed_since="now")
    again = asana.send("PUT", f"/tasks/{task['gid']}", {"completed": False}, opt_fields="completed_at")
    assert again == {"gid": task["gid"], "completed_at": None}
    assert task["gid"] in asana.tasks(project=project, completed_since="now")


def test_a_task_that_was_there_is_changed(asana: Asana) -> None:
    """Alone: its neighbours, its section and what was not sent stay."""
    project = asana.project
    gid = asana.tasks(project=project)[1]
    before = asana.get(f"/tasks/{gid}")
    changed = asana.send("PUT", f"/tasks/{gid}", {"name": "Otherwise", "assignee": None, "followers": ["me"]})
    assert changed == {
        **before,
        "name": "Otherwise",
        "assignee": None,
        "followers": changed["followers"],
        "modified_at": changed["modified_at"],
    }
    assert gid in asana.tasks(section=before["memberships"][0]["section"]["gid"])


def test_tags_come_and_go(asana: Asana) -> None:
    """Once each; the tag's list follows."""
    task = made(asana)
    tag = asana.get("/tags", workspace=asana.workspace)[1]
    for _ in range(2):
        assert asana.send("POST", f"/tasks/{task['gid']}/addTag", {"tag": tag["gid"]}) == {}
    assert asana.get(f"/tasks/{task['gid']}/tags") == [tag]
    assert task["gid"] in asana.tasks(tag=tag["gid"])
    asana.send("POST", f"/tasks/{task['gid']}/removeTag", {"tag": tag["gid"]})
    assert task["gid"] not in asana.tasks(tag=tag["gid"])


def test_a_comment_is_a_story(asana: Asana) -> None:
    """In words or in markup; it can be read alone and deleted."""
    task = made(asana)
    said = asana.send("POST", f"/tasks/{task['gid']}/stories", {"text": "All of them."})
    marked = asana.send("POST", f"/tasks/{task['gid']}/stories", {"html_text": "<body><b>All</b> of them.</body>"})
    assert (said["html_text"], marked["text"]) == ("<body>All of them.</body>", "All of them.")
    assert (said["type"], said["resource_subtype"]) == ("comment", "comment_added")
    assert asana.get(f"/stories/{said['gid']}") == said
    asana.send("DELETE", f"/stories/{said['gid']}")
    assert asana.refused("GET", f"/stories/{said['gid']}")[0] == 404
    assert [story["gid"] for story in asana.get(f"/tasks/{task['gid']}/stories")] == [marked["gid"]]


def test_what_the_system_told_stays(asana: Asana) -> None:
    """403 for who would delete it."""
    task = asana.tasks(project=asana.project)[0]
    told = next(story for story in asana.get(f"/tasks/{task}/stories") if story["type"] == "system")
    assert asana.refused("DELETE", f"/stories/{told['gid']}")[0] == 403


def test_a_deleted_task_is_gone(asana: Asana) -> None:
    """From its project, from its section, and by its id."""
    gid, project = asana.tasks(project=asana.project)[0], asana.project
    section = asana.get(f"/tasks/{gid}")["memberships"][0]["section"]["gid"]
    assert asana.send("DELETE", f"/tasks/{gid}") == {}
    assert gid not in asana.tasks(project=project) + asana.tasks(section=section)
    assert asana.refused("GET", f"/tasks/{gid}")[0] == 404
    assert asana.refused("DELETE", f"/tasks/{gid}")[0] == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (None, 400),
        ([1], 400),
        ({}, 400),
        ({"name": "outside data"}, 400),
        ({"data": []}, 400),
        ({"data": {}}, 400),
        ({"data": {"name": "nowhere"}}, 400),
        ({"data": {"projects": "x"}}, 400),
        ({"data": {"projects": {"a": 1}}}, 400),
        ({"data": {"projects": ["404"]}}, 404),
        ({"data": {"memberships": [1]}}, 400),
        ({"data": {"memberships": [{}]}}, 400),
        ({"data": {"parent": "404"}}, 404),
        ({"data": {"parent": {"gid": "1"}}}, 400),
        ({"data": {"workspace": "404"}}, 404),
        ({"data": {"workspace": "W", "name": 7}}, 400),
        ({"data": {"workspace": "W", "completed": "yes"}}, 400),
        ({"data": {"workspace": "W", "due_on": "soon"}}, 400),
        ({"data": {"workspace": "W", "resource_subtype": "song"}}, 400),
        ({"data": {"workspace": "W", "assignee": "404"}}, 404),
        ({"data": {"workspace": "W", "tags": ["404"]}}, 404),
    ],
)
def test_what_is_wrong_is_not_written(asana: Asana, body: Any, status: int) -> None:
    """400 for what cannot be, 404 for what is not there."""
    if isinstance(body, dict) and isinstance(body.get("data"), dict) and body["data"].get("workspace") == "W":
        body["data"]["workspace"] = asana.workspace
    version = asana.sandbox.world.version
    assert asana.refused("POST", "/tasks", body)[0] == status
    assert asana.sandbox.world.version == version


def test_events_tell_what_was_written(asana: Asana) -> None:
    """To those who follow the project or the task, from their token on."""
    project, other = [row["gid"] for row in asana.get("/projects", workspace=asana.workspace)[:2]]
    answers = [asana.ask("/events", resource=gid) for gid in (project, other)]
    assert [answer.status_code for answer in answers] == [412, 412]
    mine, theirs = [answer.json()["sync"] for answer in answers]
    task = made(asana)
    asana.send("PUT", f"/tasks/{task['gid']}", {"name": "Otherwise"})
    asana.send("POST", f"/tasks/{task['gid']}/stories", {"text": "Why?"})
    told = asana.ask("/events", resource=project, sync=mine).json()
    assert [(event["type"], event["action"]) for event in told["data"]] == [
        ("task", "added"),
        ("task", "changed"),
        ("story", "added"),
    ]
    assert told["data"][1]["change"] == {"field": "name", "action": "changed"}
    assert told["data"][2]["parent"]["gid"] == task["gid"]
    assert told["has_more"] is False
    assert asana.ask("/events", resource=project, sync=told["sync"]).json()["data"] == []
    assert asana.ask("/events", resource=other, sync=theirs).json()["data"] == []


def test_events_come_in_pages(asana: Asana, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until there are no more; a token from before what is kept is too old."""
    project = asana.project
    begun = asana.ask("/events", resource=project).json()["sync"]
    monkeypatch.setattr(events, "MOST", 2)
    tasks = [made(asana)["gid"] for _ in range(5)]
    found, sync, more = [], begun, True
    while more:
        answer = asana.ask("/events", resource=project, sync=sync).json()
        found += [event["resource"]["gid"] for event in answer["data"]]
        sync, more = answer["sync"], answer["has_more"]
    assert found == tasks
    monkeypatch.setattr(events, "KEPT", 3)
    made(asana)
    assert asana.ask("/events", resource=project, sync=begun).status_code == 412
    assert len(asana.ask("/events", resource=project, sync=sync).json()["data"]) == 1


@pytest.mark.parametrize("sync", ["", "x", "0" * 32, "z" * 32])
def test_a_foreign_token_is_told_a_new_one(asana: Asana, sync: str) -> None:
    """412, with what to go on from."""
    answer = asana.ask("/events", resource=asana.project, sync=sync)
    assert answer.status_code == 412
    assert asana.ask("/events", resource=asana.project, sync=answer.json()["sync"]).status_code == 200


@pytest.mark.parametrize(("resource", "status"), [("", 400), ("abc", 400), ("404", 404)])
def test_events_need_a_resource(asana: Asana, resource: str, status: int) -> None:
    """A project or a task that is there."""
    assert asana.refused("GET", "/events", resource=resource)[0] == status


# Batches


def test_a_batch_is_several_requests(asana: Asana) -> None:
    """Each is answered as it would be alone, errors among them, and what was written before is seen."""
    project = asana.project
    actions = [
        {"relative_path": "/tasks", "method": "post", "data": {"name": "Check", "projects": [project]}},
        {"relative_path": "/tasks", "method": "get", "data": {"project": project}, "options": {"limit": 100}},
        {"relative_path": "/users/me", "method": "GET", "options": {"fields": ["email"]}},
        {"relative_path": "/tasks/404", "method": "delete"},
        {"relative_path": "/tasks?project=abc", "method": "get"},
        {"relative_path": "/workspaces", "method": "get", "options": {"limit": 0}},
        {"relative_path": "/nowhere", "method": "get"},
    ]
    found = asana.send("POST", "/batch", {"actions": actions})
    assert [one["status_code"] for one in found] == [201, 200, 200, 404, 400, 400, 404]
    assert found[1]["body"]["data"][-1]["gid"] == found[0]["body"]["data"]["gid"]
    assert set(found[2]["body"]["data"]) == {"gid", "email"}
    assert found[3]["body"]["errors"][0]["message"] == "task: Unknown object: 404"


@pytest.mark.parametrize(
    "actions",
    [
        None,
        [],
        [{"relative_path": "/users/me", "method": "get"}] * 11,
        ["/users/me"],
        [{"relative_path": "/users/me"}],
        [{"relative_path": "users/me", "method": "get"}],
        [{"relative_path": "/users/me", "method": "patch"}],
        [{"relative_path": "/batch", "method": "post"}],
        [{"relative_path": "/users/me", "method": "get", "data": [1]}],
        [{"relative_path": "/\x00", "method": "get"}],
    ],
)
def test_a_batch_that_is_none(asana: Asana, actions: Any) -> None:
    """Is refused as a whole."""
    assert asana.refused("POST", "/batch", {"data": {"actions": actions}})[0] == 400


def test_a_task_is_listed_in_all_its_projects(asana: Asana) -> None:
    """In those that it came to, and no longer in those that it left, whoever made it."""
    workspace = asana.get("/workspaces")[0]["gid"]
    one, other = (row["gid"] for row in asana.get("/projects", workspace=workspace)[:2])
    made_up = asana.get("/tasks", project=one)[0]["gid"]
    own = asana.send("POST", "/tasks", {"name": "Both", "projects": [one, other]})["gid"]
    asana.send("POST", f"/tasks/{made_up}/addProject", {"project": other})
    for gid in (made_up, own):
        for project in (one, other):
            assert gid in [row["gid"] for row in asana.get("/tasks", project=project)]
            assert gid in [row["gid"] for row in asana.get(f"/projects/{project}/tasks")]
        asana.send("POST", f"/tasks/{gid}/removeProject", {"project": one})
        assert gid not in [row["gid"] for row in asana.get("/tasks", project=one)]
        assert gid in [row["gid"] for row in asana.get("/tasks", project=other)]
    counts = asana.get(f"/projects/{other}/task_counts", opt_fields="num_tasks")
    assert counts["num_tasks"] == len(asana.get("/tasks", project=other))
