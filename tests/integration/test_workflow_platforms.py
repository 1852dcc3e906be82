"""The three business processes against the platforms: each step broken in turn, and told by name."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from bi_contracts.checks.workflow import StepFailed, Trail, Workflow, WorkflowResult, run_workflow
from bi_contracts.integration.workflows import Reads
from bi_contracts.integration.workflows_platforms import PLATFORMS, WRITTEN, processed, transcript
from bi_contracts.interaction import Source
from bi_contracts.reading import Reading
from bi_contracts.sandbox import Sandbox

from .contexts import opened, sandbox

LEADS, PROJECTS, CALLS = PLATFORMS
READ = {
    LEADS: {
        "crm": ["hubspot/contacts"],
        "calls": ["gong/calls_extensive"],
        "messaging": ["slack/users", "slack/conversations"],
        "automation": ["asana/users", "asana/projects"],
    },
    PROJECTS: {
        "projects": ["asana/projects"],
        "analysis": ["asana/tasks"],
        "deployment": ["linear/teams", "linear/workflow_states"],
    },
    CALLS: {
        "calls": ["gong/calls_extensive"],
        "transcript": ["gong/transcript"],
        "follow-up": ["hubspot/contacts", "slack/conversations"],
    },
}
"""Workflow -> step -> the endpoints that it reads."""

STEPS = [(workflow, step, id) for workflow, steps in READ.items() for step, ids in steps.items() for id in ids]
Break = Callable[[Sandbox, str], None]


def named(value: object) -> str | None:
    """A pytest id."""
    return value.name if isinstance(value, Workflow) else None


def ran(workflow: Workflow, folder: Path, given: Sandbox | None = None, origin: str = "sandbox") -> WorkflowResult:
    """The result of a workflow over a sandbox, or over the packaged recordings."""

    async def run() -> WorkflowResult:
        async with opened(folder, origin, given=given) as context:
            return await run_workflow(workflow, Reads(context.reader))

    return asyncio.run(run())


def served(workflow: Workflow) -> Sandbox:
    """A sandbox of the platforms of a workflow."""
    return sandbox(30, workflow.platforms)


def unauthorized(served: Sandbox, id: str) -> None:
    """The credential is refused."""
    _fault(served, id, "unauthorized")


def down(served: Sandbox, id: str) -> None:
    """The platform answers with an error of its own."""
    _fault(served, id, "server-error")


def silent(served: Sandbox, id: str) -> None:
    """Nobody answers."""
    _fault(served, id, "timeout")


def page(served: Sandbox, id: str) -> None:
    """An HTML page comes in place of data."""
    _fault(served, id, "html; status=502")


def empty(served: Sandbox, id: str) -> None:
    """There are no rows."""
    served.put("gong/transcripts" if id == "gong/transcript" else id, [])


def _fault(served: Sandbox, id: str, fault: str) -> None:
    platform, _, endpoint = id.partition("/")
    served.fault(fault, platform=platform, endpoint=endpoint, times=None)


@pytest.mark.parametrize("workflow", PLATFORMS, ids=named)
def test_each_process_runs_to_its_end_in_a_sandbox(workflow: Workflow, tmp_path: Path) -> None:
    """Every step gives something that the next one works on."""
    found = ran(workflow, tmp_path, served(workflow))
    found.check()
    assert found.passed
    assert [step.name for step in found.steps] == [step.name for step in workflow.steps]


@pytest.mark.parametrize("workflow", PLATFORMS, ids=named)
def test_each_process_runs_to_its_end_in_a_replay(workflow: Workflow, tmp_path: Path) -> None:
    """The packaged recordings join: a contact is in a call, its colleague in Slack and Asana."""
    found = ran(workflow, tmp_path, origin="replay")
    assert found.passed, found


@pytest.mark.parametrize("breaking", [down, silent, unauthorized, page, empty])
@pytest.mark.parametrize(("workflow", "step", "id"), STEPS, ids=named)
def test_a_step_whose_platform_fails_breaks_the_workflow_and_is_named(
    workflow: Workflow, step: str, id: str, breaking: Break, tmp_path: Path
) -> None:
    """Error, silence, refusal, page, nothing at all: the steps before it have passed, those after it are not run."""
    platform = served(workflow)
    breaking(platform, id)
    found = ran(workflow, tmp_path, platform)
    names = [one.name for one in workflow.steps]
    assert found.broken is not None, found
    assert (found.broken.workflow, found.broken.step) == (workflow.name, step)
    assert found.not_run == tuple(names[names.index(step) + 1 :])


def calls_of(served: Sandbox) -> list[dict[str, object]]:
    """All calls of a sandbox, with their parties."""
    gong = served.platforms["gong"]
    return [dict(row) for row in served.world.rows(gong, gong.endpoint("calls_extensive"))]


def test_a_call_with_strangers_only_breaks_the_step_that_looks_for_contacts(tmp_path: Path) -> None:
    """The calls are there, and none of the contacts took part."""
    given = served(LEADS)
    gong = given.platforms["gong"]
    (call, *_) = gong.endpoint("calls_extensive").examples
    parties = [{"emailAddress": "nobody@elsewhere.example", "affiliation": "External"}]
    given.put("gong/calls_extensive", [{**call, "parties": parties}])
    found = ran(LEADS, tmp_path, given)
    assert found.broken is not None
    assert (found.broken.step, "call with one of the contacts" in found.broken.why) == ("calls", True)


def test_somebody_on_a_page_that_nobody_read_leaves_it_undecided(tmp_path: Path) -> None:
    """Three pages are searched; where a list goes on, not finding somebody is no finding."""
    given = sandbox(350, LEADS.platforms)
    (call, *_) = given.platforms["gong"].endpoint("calls_extensive").examples
    parties = [{"emailAddress": "nobody@elsewhere.example", "affiliation": "External"}]
    given.put("gong/calls_extensive", [{**call, "parties": parties}] * 350)
    found = ran(LEADS, tmp_path, given)
    assert (found.broken, found.skipped) == (
        None,
        "step 'calls': no call with one of the contacts in what was read; gong/calls_extensive goes on",
    )


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ([{"speakerId": "404", "sentences": [{"start": 0, "end": 9, "text": "a"}]}], "speakers are no party"),
        ([{"speakerId": None, "sentences": []}], "nothing was said"),
    ],
)
def test_a_transcript_that_does_not_fit_its_call_breaks_the_workflow(
    said: list[object], why: str, tmp_path: Path
) -> None:
    """A speaker who is no party, a call in which nobody speaks."""
    given = served(CALLS)
    call = calls_of(given)[0]["metaData"]
    given.put("gong/transcripts", [{"callId": call["id"], "transcript": said}])  # type: ignore[index]
    found = ran(CALLS, tmp_path, given)
    assert found.broken is not None
    assert why in found.broken.why


def test_tasks_of_another_project_break_the_analysis(tmp_path: Path) -> None:
    """The list was asked for one project, and answers for another."""
    given = served(PROJECTS)
    (task, *_) = given.platforms["asana"].endpoint("tasks").examples
    given.put("asana/tasks", [{**task, "projects": [{"gid": "404"}]}])
    found = ran(PROJECTS, tmp_path, given)
    assert found.broken is not None
    assert "1 of 1 tasks say that they are of another project" in found.broken.why


def told(call: str, seconds: int) -> Trail:
    """A trail whose reader gives one transcript, of a call and of so many seconds."""

    class One:
        async def read(self, _id: str, **_arguments: object) -> Reading:
            said = [{"speakerId": "1", "sentences": [{"start": 0, "end": seconds * 1000}]}]
            return Reading("gong/transcript", ({"callId": call, "transcript": said},), (), Source.SANDBOX, 0.0)

    return Trail(One())


CALL = {"metaData": {"id": "7"}, "parties": [{"speakerId": "1", "affiliation": "Internal"}]}


def test_the_transcript_of_another_call_breaks_the_workflow() -> None:
    """Whatever is said in it."""
    with pytest.raises(StepFailed, match="of another call"):
        asyncio.run(transcript([CALL], told("8", 1)))


@pytest.mark.parametrize("seconds", [0, 5])
def test_who_speaks_takes_time(seconds: int) -> None:
    """Sentences that begin and end at once say nothing about who spoke how long."""

    async def both() -> float:
        trail = told("7", seconds)
        ratio: float = (await processed(await transcript([CALL], trail), trail))["talk_ratio"]
        return ratio

    if seconds:
        assert asyncio.run(both()) == 1.0
    else:
        with pytest.raises(StepFailed, match="take no time"):
            asyncio.run(both())


@pytest.mark.parametrize("workflow", WRITTEN, ids=named)
def test_what_is_written_in_a_sandbox_shows_in_a_later_read(workflow: Workflow, tmp_path: Path) -> None:
    """The message is in the channel's history, the task in the project's list."""
    assert ran(workflow, tmp_path, served(workflow)).passed


@pytest.mark.parametrize("workflow", WRITTEN, ids=named)
def test_what_is_written_and_does_not_show_breaks_the_reading_step(workflow: Workflow, tmp_path: Path) -> None:
    """An index that lags behind: the write went well, the list does not have it."""
    given = served(workflow)
    given.fault("index-lag=3600", times=None)
    found = ran(workflow, tmp_path, given)
    assert found.broken is not None
    assert (found.broken.step, "that was written is not in the list" in found.broken.why) == ("read back", True)


def test_nothing_of_the_three_processes_is_written(tmp_path: Path) -> None:
    """Against the platforms themselves they only read."""
    for workflow in PLATFORMS:
        given = served(workflow)
        ran(workflow, tmp_path, given)
        assert not given.world.created
