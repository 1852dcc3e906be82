"""The three business processes against the gateway: each step broken in turn, and told by name."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from bi_contracts.checks.workflow import Workflow, WorkflowResult, run_workflow
from bi_contracts.errors import Unreachable
from bi_contracts.integration.workflows import Gateway, common
from bi_contracts.integration.workflows_gateway import GATEWAY
from bi_contracts.resilience import RetryConfig
from bi_contracts.sandbox import Sandbox

from .contexts import Breaking, opened, sandbox

pytest.importorskip("fastapi", reason="the gateway needs its extra")

LEADS, PROJECTS, CALLS = GATEWAY
PATHS = {
    LEADS: {
        "crm": "crm/contacts",
        "calls": "calls/recent",
        "messaging": "message/preview",
        "automation": "workflows/trigger",
    },
    PROJECTS: {"projects": "projects/overview", "analysis": "/optimize", "deployment": "workflows/trigger"},
    CALLS: {"calls": "gong/recent", "processing": "/analyze", "follow-up": "workflows/trigger"},
}
STEPS = [(workflow, step, path) for workflow, steps in PATHS.items() for step, path in steps.items()]
SECTION = {"id": "gong/calls", "platform": "gong", "provenance": "sandbox", "complete": True, "rows": 0}


def named(value: object) -> str | None:
    """A pytest id."""
    return value.name if isinstance(value, Workflow) else None


def ran(
    workflow: Workflow,
    folder: Path,
    given: Sandbox | None = None,
    origin: str = "sandbox",
    broken: str = "",
    answer: Callable[[], httpx.Response] = lambda: httpx.Response(500, json={}),
) -> tuple[WorkflowResult, Gateway]:
    """The result of a workflow over the real gateway, one path of which may be answered otherwise."""
    from bi_contracts.gateway import in_process

    async def run() -> tuple[WorkflowResult, Gateway]:
        retry = RetryConfig(max_attempts=1)
        async with opened(folder, origin, given=given) as context, in_process(context.reader, retry=retry) as http:
            breaking = Breaking(http._transport, broken, answer)
            async with httpx.AsyncClient(transport=breaking, base_url="http://gateway") as client:
                gateway = Gateway(client)
                return await run_workflow(workflow, gateway), gateway

    return asyncio.run(run())


def answered(**body: Any) -> Callable[[], httpx.Response]:
    """A plain 200 with this body."""
    return lambda: httpx.Response(200, json=body)


def refused() -> httpx.Response:
    """The connection is refused."""
    raise httpx.ConnectError("refused") from ConnectionRefusedError()


BROKEN: dict[str, Callable[[], httpx.Response]] = {
    "an error": lambda: httpx.Response(503, json={"sections": []}),
    "a stale section in a plain 200": answered(sections=[{**SECTION, "source": "stale"}], degraded=True),
    "a mock section in a plain 200": answered(sections=[{**SECTION, "source": "mock"}], degraded=True),
    "a missing section in a plain 200": answered(sections=[{**SECTION, "source": "unavailable"}], degraded=True),
    "an error inside a plain 200": answered(error="gong is down"),
    "nothing of what is wanted": answered(sections=[]),
    "an HTML page": lambda: httpx.Response(200, html="<html>log in</html>"),
    "no connection": refused,
}


@pytest.mark.parametrize("origin", ["sandbox", "replay"])
@pytest.mark.parametrize("workflow", GATEWAY, ids=named)
def test_each_process_runs_to_its_end(workflow: Workflow, origin: str, tmp_path: Path) -> None:
    """Over a sandbox and over the packaged recordings; the sections say who answered in the first place."""
    given = sandbox(30) if origin == "sandbox" else None
    found, gateway = ran(workflow, tmp_path, given, origin)
    found.check()
    assert found.passed
    assert gateway.source in ("sandbox", "imported", "unknown")


@pytest.mark.parametrize("how", BROKEN)
@pytest.mark.parametrize(("workflow", "step", "path"), STEPS, ids=named)
def test_a_step_that_the_gateway_answers_badly_breaks_the_workflow_and_is_named(
    workflow: Workflow, step: str, path: str, how: str, tmp_path: Path, base: Sandbox
) -> None:
    """Upstream down, stale or made up is never counted as passed, whatever the status says."""
    found, _ = ran(workflow, tmp_path, base, broken=path, answer=BROKEN[how])
    names = [one.name for one in workflow.steps]
    assert found.broken is not None, found
    assert (found.broken.workflow, found.broken.step) == (workflow.name, step)
    assert found.not_run == tuple(names[names.index(step) + 1 :])


@pytest.fixture(scope="module")
def base() -> Sandbox:
    """A sandbox that nobody breaks."""
    return sandbox(10)


@pytest.mark.parametrize(
    ("workflow", "platform", "step"),
    [(LEADS, "hubspot", "crm"), (PROJECTS, "asana", "projects"), (CALLS, "gong", "calls")],
)
def test_a_platform_that_is_down_breaks_the_step_that_reads_it(
    workflow: Workflow, platform: str, step: str, tmp_path: Path
) -> None:
    """Through the real gateway, which answers honestly that the section is not there."""
    given = sandbox(10)
    given.fault("server-error", platform=platform, times=None)
    found, _ = ran(workflow, tmp_path, given)
    assert found.broken is not None
    assert (found.broken.step, "unavailable" in found.broken.why) == (step, True)


PLANNED = {"sections": [], "status": "planned", "failed_step": None, "plan": [{"arguments": {"channel": "sales"}}]}


@pytest.mark.parametrize(
    ("workflow", "path", "body", "why"),
    [
        (LEADS, "message/preview", {"sent": True, "text": "", "channel": "sales"}, "a preview was sent"),
        (
            LEADS,
            "message/preview",
            {"sent": False, "text": "somebody", "missing": []},
            "does not say what it was given",
        ),
        (LEADS, "workflows/trigger", {**PLANNED, "plan": [{"arguments": {}}]}, "told to the channel"),
        (LEADS, "workflows/trigger", {**PLANNED, "plan": []}, "no action in the plan"),
        (
            LEADS,
            "workflows/trigger",
            {**PLANNED, "status": "failed", "failed_step": "crm"},
            "own step 'crm' ended failed",
        ),
        (PROJECTS, "/optimize", {"project": {"id": "404"}, "suggestions": []}, "about another project"),
        (CALLS, "/analyze", {"call": {"id": "404"}, "speakers": [1]}, "about another call"),
        (CALLS, "workflows/trigger", {**PLANNED, "plan": []}, "no action in the plan"),
    ],
)
def test_an_answer_that_does_not_follow_from_the_step_before_breaks_the_workflow(
    workflow: Workflow, path: str, body: dict[str, Any], why: str, tmp_path: Path, base: Sandbox
) -> None:
    """A good answer to another question is no good answer."""
    found, _ = ran(workflow, tmp_path, base, broken=path, answer=answered(**body))
    assert found.broken is not None
    assert why in found.broken.why


def test_what_may_stand_on_a_page_that_was_not_read_leaves_it_undecided(tmp_path: Path, base: Sandbox) -> None:
    """The section says that it was not read to its end."""
    body = {"sections": [{**SECTION, "source": "sandbox", "complete": False}], "calls": []}
    found, _ = ran(CALLS, tmp_path, base, broken="gong/recent", answer=answered(**body))
    assert (found.broken, found.skipped) == (
        None,
        "step 'calls': no recent call in what was read; gong/calls goes on",
    )


def test_an_action_is_wanted_where_some_were_suggested(tmp_path: Path, base: Sandbox) -> None:
    """And none where all is well."""
    empty = answered(**{**PLANNED, "plan": []})
    found, _ = ran(PROJECTS, tmp_path, base, broken="workflows/trigger", answer=empty)
    suggested = found.steps[1].output["suggestions"]
    assert (found.broken is not None) == bool(suggested)


def test_no_answer_is_told_with_its_reason() -> None:
    """The reason is the transport's own."""

    async def ask() -> None:
        def fail(_request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("refused") from ConnectionRefusedError()

        async with httpx.AsyncClient(transport=httpx.MockTransport(fail), base_url="http://gateway") as client:
            await Gateway(client).post("workflows/trigger")

    with pytest.raises(Unreachable, match="/api/business/workflows/trigger") as caught:
        asyncio.run(ask())
    assert caught.value.reason == "refused"


@pytest.mark.parametrize(
    ("sources", "said"), [({"live"}, "live"), (set(), "unknown"), ({"live", "sandbox"}, "unknown")]
)
def test_several_sources_are_nobody_s_in_particular(sources: set[str], said: str) -> None:
    """Only where all agree is one named."""
    assert common(sources) == said
