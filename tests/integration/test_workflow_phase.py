"""The workflow phase: one outcome a process, naming the step that broke."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from bi_contracts.cassette.sockets import block_sockets
from bi_contracts.checks.workflow import Step, Trail, Undecided, Workflow
from bi_contracts.integration.phases.workflow import run
from bi_contracts.report.events import Outcome, Status

from .contexts import outcomes, sandbox

ALL = [
    "platforms/lead qualification",
    "platforms/project optimisation",
    "platforms/call analysis",
    "gateway/lead qualification",
    "gateway/project optimisation",
    "gateway/call analysis",
]


def by_subject(found: list[Outcome]) -> dict[str, Outcome]:
    """The outcomes by subject."""
    return {one.subject: one for one in found}


def test_a_replay_opens_no_socket_and_runs_what_was_recorded(tmp_path: Path) -> None:
    """One outcome a process, with the time of each step."""
    with block_sockets():
        found = by_subject(outcomes(run, tmp_path, "replay"))
    assert list(found) == ALL
    for subject in ALL[:3]:
        assert found[subject].status is Status.PASSED
        assert found[subject].source == "sandbox"
        assert len(found[subject].figures) == found[subject].samples


def test_in_a_sandbox_what_is_written_is_read_back(tmp_path: Path) -> None:
    """In a sandbox of its own: nothing changes in the one that the run reads."""
    given = sandbox(30)
    found = by_subject(outcomes(run, tmp_path, "sandbox", given=given))
    assert list(found) == [*ALL, "platforms/message written", "platforms/task written"]
    assert {found[name].status for name in ("platforms/message written", "platforms/task written")} == {Status.PASSED}
    assert not given.world.created


def test_the_quick_form_writes_nothing(tmp_path: Path) -> None:
    """The three processes in both forms, and no more."""
    assert list(by_subject(outcomes(run, tmp_path, "sandbox", given=sandbox(10), quick=True))) == ALL


def test_the_broken_step_is_in_the_finding(tmp_path: Path) -> None:
    """In words, and as evidence; with what was not run because of it."""
    given = sandbox(30)
    given.fault("server-error", platform="slack", times=None)
    found = by_subject(outcomes(run, tmp_path, "sandbox", given=given, quick=True))["platforms/lead qualification"]
    (finding,) = found.findings
    assert (found.verdict, found.phase, found.samples) == (Status.FAILED, "workflow", 3)
    assert (finding.rule, finding.severity) == ("workflow-broken", "breaking")
    assert finding.evidence == {"step": "messaging", "not_run": ["automation"]}
    assert "lead qualification: step 'messaging' broke: slack/users" in finding.message


@pytest.mark.parametrize(
    ("globs", "subject", "note"),
    [
        (("gong", "hubspot", "slack"), "platforms/lead qualification", "asana takes no part in this run"),
        (("gong",), "gateway/project optimisation", "asana and linear take no part in this run"),
        (("gong",), "platforms/lead qualification", "hubspot, slack and asana take no part in this run"),
    ],
)
def test_platform_filters_are_kept(globs: tuple[str, ...], subject: str, note: str, tmp_path: Path) -> None:
    """Regression row: `--platform` filters. A process that needs another platform is skipped, and says which."""
    found = by_subject(outcomes(run, tmp_path, "sandbox", given=sandbox(10), globs=globs))[subject]
    assert (found.status, found.note, found.findings) == (Status.SKIPPED, note, ())


@pytest.mark.parametrize(("globs", "written"), [(("gong",), set()), (("slack",), {"platforms/message written"})])
def test_only_platforms_that_take_part_are_written_to(
    globs: tuple[str, ...], written: set[str], tmp_path: Path
) -> None:
    """Each written workflow by its own platform."""
    found = by_subject(outcomes(run, tmp_path, "sandbox", given=sandbox(10), globs=globs))
    assert set(found) - set(ALL) == written


def test_unset_credentials_skip_a_process_with_the_variable_s_name(tmp_path: Path) -> None:
    """Live, with no credential: never passed."""
    with block_sockets():
        found = by_subject(outcomes(run, tmp_path, "live"))["platforms/lead qualification"]
    assert (found.status, "HUBSPOT_ACCESS_TOKEN" in found.note) == (Status.SKIPPED, True)


def test_every_variable_that_a_process_wants_is_named(tmp_path: Path) -> None:
    """Those of all its platforms, and no other one: whoever sets them one by one needs one run, not four."""
    with block_sockets():
        found = by_subject(outcomes(run, tmp_path, "live", environ={"SLACK_BOT_TOKEN": "x"}))
    note = found["platforms/lead qualification"].note
    assert note.startswith("HUBSPOT_ACCESS_TOKEN, GONG_ACCESS_KEY, GONG_ACCESS_KEY_SECRET and ASANA_ACCESS_TOKEN are")
    assert "SLACK_BOT_TOKEN" not in note


def test_nothing_is_said_of_steps_that_were_not_run_where_there_are_none(tmp_path: Path) -> None:
    """The last step broke: its name is all the evidence."""

    async def last(_previous: Any, _trail: Trail) -> Any:
        return None

    own = [Workflow("mine", (Step("only", last),))]
    found = by_subject(outcomes(run, tmp_path, "replay", own=own))["platforms/mine"]
    assert found.findings[0].evidence == {"step": "only"}


def test_a_gateway_is_not_asked_for_platforms_without_credentials(tmp_path: Path) -> None:
    """Live, with no credential: the gateway's sections are missing, and that is no finding."""

    def never(_request: httpx.Request) -> httpx.Response:
        raise AssertionError("nobody is to be asked")

    found = by_subject(outcomes(run, tmp_path, "live", gateway=httpx.MockTransport(never)))
    for subject in ALL[3:]:
        assert (found[subject].status, "not set" in found[subject].note) == (Status.SKIPPED, True)


def test_a_section_of_a_platform_without_credentials_breaks_nothing(tmp_path: Path) -> None:
    """Contacts come from three platforms; the workflow needs one of them, and the others are not set."""
    section = {"source": "live", "provenance": "live", "complete": True}
    missing = {"id": "intercom/contacts", "platform": "intercom", "source": "unavailable", "error": "not set"}
    body = {"degraded": True, "sections": [{**section, "id": "hubspot/contacts", "platform": "hubspot"}, missing]}
    headers = {"x-bi-degraded": "unavailable"}

    async def contacts(_previous: Any, trail: Trail) -> Any:
        return await trail.context.get("crm/contacts")

    own = [Workflow("contacts", (Step("read", contacts),), gateway=True)]
    environ = {"HUBSPOT_ACCESS_TOKEN": "x"}

    def ran(answer: dict[str, Any]) -> Outcome:
        gateway = httpx.MockTransport(lambda _: httpx.Response(200, json=answer, headers=headers))
        with block_sockets():
            return by_subject(outcomes(run, tmp_path, "live", own=own, gateway=gateway, environ=environ))[
                "gateway/contacts"
            ]

    found = ran(body)
    assert (found.status, found.source) == (Status.PASSED, "live")
    stale = {**section, "id": "hubspot/contacts", "platform": "hubspot", "source": "stale"}
    found = ran({**body, "sections": [stale, missing]})
    assert (found.verdict, "hubspot/contacts" in found.findings[0].message) == (Status.FAILED, True)


def test_what_cannot_be_decided_is_skipped(tmp_path: Path) -> None:
    """With the step and its reason; no finding, and no pass."""

    async def unsure(_previous: Any, _trail: Trail) -> Any:
        raise Undecided("the list goes on")

    own = [Workflow("unsure", (Step("look", unsure), Step("act", unsure)))]
    found = by_subject(outcomes(run, tmp_path, "replay", own=own))["platforms/unsure"]
    assert (found.status, found.note, found.findings) == (Status.SKIPPED, "step 'look': the list goes on", ())


def test_a_workspace_s_own_workflow_is_run(tmp_path: Path) -> None:
    """Against the platforms with a reader, or against the gateway with its client."""

    async def people(_previous: Any, trail: Trail) -> Any:
        return (await trail.context.read("gong/users")).records

    async def alive(_previous: Any, trail: Trail) -> Any:
        return await trail.context.get("anything")

    own = [Workflow("people", (Step("read", people),)), Workflow("alive", (Step("ask", alive),), gateway=True)]
    gateway = httpx.MockTransport(lambda _: httpx.Response(200, json={"ok": True}))
    found = by_subject(outcomes(run, tmp_path, "replay", own=own, gateway=gateway))
    assert found["platforms/people"].status is Status.PASSED
    assert (found["gateway/alive"].status, found["gateway/alive"].source) == (Status.PASSED, "")
