"""Workflows read what the step before gave, plan their writes, and write only where that is permitted."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bi_contracts.sandbox import Sandbox
from bi_contracts.session import Upstream

from .worlds import asked, get, post, sandbox, workspace

TRIGGER = "workflows/trigger"
STEPS = {
    "lead-qualification": ["crm", "calls", "score", "plan"],
    "project-optimisation": ["projects", "tasks", "analysis", "plan"],
    "call-analysis": ["call", "transcript", "analysis", "plan"],
}


def run(workflow: str, world: Sandbox | Upstream | None = None, *, dry_run: bool = True, **parameters: Any) -> Any:
    """What a workflow came to; the gateway may write where it is to."""
    body = {"workflow": workflow, "dry_run": dry_run, "parameters": parameters}
    return post(TRIGGER, body, world, allow_writes=not dry_run)


def channel(world: Sandbox) -> str:
    """A channel that takes messages."""
    rows = get("slack/conversations?limit=1000", world).json()["rows"]
    return str(next(row["id"] for row in rows if not row["is_archived"] and row["is_member"]))


@pytest.mark.parametrize("workflow", STEPS)
def test_a_workflow_runs_step_by_step_and_writes_nothing(workflow: str) -> None:
    """By default it is a dry run: the plan says what would be sent, why, and from which rows that follows."""
    answer = post(TRIGGER, {"workflow": workflow})
    told = answer.json()
    assert (answer.status_code, told["status"], told["dry_run"], told["failed_step"]) == (200, "planned", True, None)
    assert [step["name"] for step in told["steps"]] == STEPS[workflow]
    assert {step["status"] for step in told["steps"]} == {"done"}
    assert told["plan"]
    assert all(one["evidence"] and one["status"] in ("planned", "incomplete") for one in told["plan"])


@pytest.mark.parametrize("workflow", STEPS)
def test_a_workflow_runs_on_recordings(workflow: str) -> None:
    """Nothing is opened and nothing is written."""
    answer = run(workflow, Upstream(workspace(), "replay"))
    assert (answer.status_code, answer.json()["status"]) == (200, "planned")


def test_a_message_without_a_channel_is_incomplete() -> None:
    """Nobody guesses where to post."""
    told = run("call-analysis").json()
    message = next(one for one in told["plan"] if one["id"] == "slack/post_message")
    assert (message["status"], message["error"]) == ("incomplete", "name a channel: parameters.channel")


@pytest.mark.parametrize(
    ("workflow", "platform", "step"),
    [
        ("lead-qualification", "gong", "calls"),
        ("call-analysis", "gong", "call"),
    ],
)
def test_a_broken_step_fails_the_workflow_and_names_itself(workflow: str, platform: str, step: str) -> None:
    """503, and the steps that needed it are skipped."""
    world = sandbox(rows=5)
    world.fault("status=503", platform=platform, times=None)
    answer = run(workflow, world)
    told = answer.json()
    status = {one["name"]: one["status"] for one in told["steps"]}
    later = STEPS[workflow][STEPS[workflow].index(step) + 1 :]
    assert (answer.status_code, told["status"], told["failed_step"], status[step]) == (503, "failed", step, "failed")
    assert {status[name] for name in later} == {"skipped"}
    assert told["plan"] == []


def test_a_missing_transcript_source_breaks_that_step() -> None:
    """The call could be read, its transcript could not."""
    world = sandbox(rows=30)
    world.fault("status=503", platform="gong", endpoint="transcript*", times=None)
    assert run("call-analysis", world).json()["failed_step"] == "transcript"


def test_all_projects_down_breaks_the_first_step() -> None:
    """One of two platforms down does not."""
    world = sandbox(rows=30)
    world.fault("status=503", platform="linear", times=None)
    assert run("project-optimisation", world).json()["status"] == "planned"
    world.fault("status=503", platform="asana", times=None)
    assert run("project-optimisation", world).json()["failed_step"] == "projects"


def test_nothing_is_written_without_permission() -> None:
    """403, whatever the caller asks for."""
    answer = post(TRIGGER, {"workflow": "lead-qualification", "dry_run": False})
    assert answer.status_code == 403
    assert "--allow-writes" in answer.json()["detail"]


def test_recordings_take_no_writes() -> None:
    """403, even where writing is allowed."""
    assert run("lead-qualification", Upstream(workspace(), "replay"), dry_run=False).status_code == 403


def test_a_permitted_workflow_writes_and_says_what_it_wrote() -> None:
    """The message stands in the channel, the tasks in HubSpot; each write has the id of what it made."""
    world = sandbox()
    here = channel(world)

    async def ask(client: httpx.AsyncClient) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        before = await client.get("/api/business/hubspot/tasks?limit=1000")
        body = {"workflow": "lead-qualification", "dry_run": False, "parameters": {"min_score": 0, "channel": here}}
        done = await client.post(f"/api/business/{TRIGGER}", json=body)
        after = await client.get("/api/business/hubspot/tasks?limit=1000")
        return before.json(), done.json(), after.json()

    before, told, after = asked(ask, world, allow_writes=True)
    assert told["status"] == "completed"
    assert [one["status"] for one in told["plan"]] == ["performed"] * 4
    assert told["steps"][-1]["name"] == "write"
    written = {one["result_id"] for one in told["plan"] if one["platform"] == "hubspot"}
    assert written <= {row["id"] for row in after["rows"]}
    assert after["total"] == before["total"] + 3


def test_a_project_gets_its_tasks() -> None:
    """The suggestions stand in the project that they are about."""
    world = sandbox()
    busy = next(
        one
        for one in get("projects/overview?limit=1000", world).json()["projects"]
        if one["platform"] == "asana" and one["work"] and one["work"]["overdue"]
    )
    told = run("project-optimisation", world, dry_run=False, project_id=busy["id"], limit=1).json()
    task = next(one for one in told["plan"] if one["id"] == "asana/create_task")
    assert (task["status"], task["arguments"]["data"]["projects"]) == ("performed", [busy["id"]])


def test_a_write_that_is_refused_is_409_and_the_rest_is_left() -> None:
    """A channel that is not there is the caller's mistake; what was written before stands in the plan."""
    told = run("call-analysis", dry_run=False, channel="C0NOWHERE0")
    plan = told.json()["plan"]
    assert (told.status_code, told.json()["failed_step"]) == (409, "write")
    assert [one["status"] for one in plan] == ["performed", "refused"]


def test_a_write_that_fails_is_never_tried_again() -> None:
    """It may have been done. What comes after it is skipped, and the answer is 503."""
    world = sandbox()
    here = channel(world)
    world.fault("status=503", platform="hubspot", endpoint="create_task", times=1)
    answer = run("call-analysis", world, dry_run=False, channel=here)
    assert answer.status_code == 503
    assert [one["status"] for one in answer.json()["plan"]] == ["failed", "skipped"]


def test_nothing_is_written_on_what_is_not_fresh() -> None:
    """Stale rows are good for looking at."""
    world = sandbox()

    async def ask(client: httpx.AsyncClient) -> dict[str, Any]:
        await client.post(f"/api/business/{TRIGGER}", json={"workflow": "lead-qualification"})
        world.fault("status=503", platform="gong", times=None)
        body = {"workflow": "lead-qualification", "dry_run": False, "parameters": {"min_score": 0}}
        answer = await client.post(f"/api/business/{TRIGGER}", json=body)
        found: dict[str, Any] = answer.json()
        return found

    told = asked(ask, world, allow_writes=True, max_age=0)
    assert (told["failed_step"], told["steps"][-1]["summary"]) == (
        "write",
        "not fresh, so nothing is written: gong/calls_extensive",
    )
    assert {one["status"] for one in told["plan"]} <= {"skipped", "incomplete"}


def test_a_workflow_that_broke_writes_nothing() -> None:
    """The step that writes is skipped."""
    world = sandbox(rows=5)
    world.fault("status=503", platform="gong", times=None)
    told = run("call-analysis", world, dry_run=False).json()
    assert (told["failed_step"], told["steps"][-1]["status"]) == ("call", "skipped")


@pytest.mark.parametrize(
    ("workflow", "parameter"), [("call-analysis", "call_id"), ("project-optimisation", "project_id")]
)
def test_a_thing_that_is_not_there_is_404(workflow: str, parameter: str) -> None:
    """Where those who would know could be asked."""
    assert run(workflow, **{parameter: "nothing"}).status_code == 404


def test_a_project_that_may_be_on_a_platform_that_is_down_is_not_404() -> None:
    """Nobody knows whether it is there."""
    world = sandbox(rows=5)
    world.fault("status=503", platform="linear", times=None)
    answer = run("project-optimisation", world, project_id="nothing")
    assert (answer.status_code, answer.json()["failed_step"]) == (503, "projects")


def test_nothing_to_do_is_done() -> None:
    """No lead is good enough: every step is done, and the plan is empty."""
    told = run("lead-qualification", min_score=100).json()
    assert (told["status"], told["plan"]) == ("planned", [])


@pytest.mark.parametrize(("workflow", "step"), [("call-analysis", "call"), ("project-optimisation", "projects")])
def test_an_empty_world_breaks_the_first_step(workflow: str, step: str) -> None:
    """There is nothing to work on."""
    assert run(workflow, sandbox(rows=0)).json()["failed_step"] == step


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"workflow": "no"},
        {"workflow": "call-analysis", "dry_run": "false"},
        {"workflow": "call-analysis", "parameters": {"limit": True}},
        {"workflow": "call-analysis", "parameters": {"min_score": "5"}},
        {"workflow": "call-analysis", "dryrun": False},
    ],
)
def test_a_body_that_is_not_as_described_is_refused(body: dict[str, Any]) -> None:
    """A slip of the pen must not write, nor look like a dry run."""
    assert post(TRIGGER, body).status_code == 422


def test_a_call_that_was_known_before_may_not_be_there_now() -> None:
    """The platform is down: nobody says that it is gone."""
    world = sandbox()

    async def ask(client: httpx.AsyncClient) -> httpx.Response:
        await client.get("/api/business/dashboard")
        await client.post("/api/business/calls/1/analyze")
        world.fault("status=503", platform="gong", times=None)
        body = {"workflow": "call-analysis", "parameters": {"call_id": "1"}}
        return await client.post(f"/api/business/{TRIGGER}", json=body)

    answer = asked(ask, world, max_age=0)
    assert (answer.status_code, answer.json()["failed_step"]) == (503, "analysis")


def test_a_linear_project_is_told_of_and_gets_no_task_of_asana() -> None:
    """Its suggestions go to the team's channel."""
    world = sandbox()
    busy = next(
        one
        for one in get("projects/overview?limit=1000", world).json()["projects"]
        if one["platform"] == "linear" and one["work"] and one["work"]["overdue"]
    )
    told = run("project-optimisation", world, project_id=busy["id"]).json()
    assert {one["id"] for one in told["plan"]} == {"slack/post_message"}
