"""The health phase of a run."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest

from bi_contracts.cassette.sockets import block_sockets
from bi_contracts.errors import ExitCode
from bi_contracts.integration.context import Context
from bi_contracts.integration.phases.health import run
from bi_contracts.reading import Reader
from bi_contracts.registry import platforms, select
from bi_contracts.report.events import Outcome, Status
from bi_contracts.sandbox import Sandbox
from bi_contracts.session import Upstream
from bi_contracts.workspace import Workspace


def outcomes(upstream: Upstream, globs: Sequence[str] = ("*",)) -> list[Outcome]:
    """All outcomes of the phase over these endpoints."""

    async def collect() -> list[Outcome]:
        async with Reader(upstream) as reader, httpx.AsyncClient() as gateway:
            context = Context(upstream, reader, select(globs), gateway, quick=True)
            return [one async for one in run(context)]

    return asyncio.run(collect())


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def sandboxed(space: Workspace, *faults: str) -> Upstream:
    sandbox = Sandbox(platforms(), rows=3, enforce_limits=False)
    for fault in faults:
        sandbox.rule(fault)
    return Upstream(space, "sandbox", sandbox)


def test_recordings_are_skipped_one_outcome_a_platform(space: Workspace) -> None:
    """A recording is no fresh evidence: nothing passes, and no socket is opened."""
    with block_sockets():
        found = outcomes(Upstream(space, "replay"))
    assert len(found) == 9
    assert {(one.status, one.note, one.phase) for one in found} == {
        (Status.SKIPPED, "a recording is no fresh evidence", "health")
    }


def test_every_platform_passes_in_the_sandbox_and_says_so(space: Workspace) -> None:
    """Nine passed, their source the sandbox, with how long each took."""
    found = outcomes(sandboxed(space))
    assert [(one.subject, one.status, one.source) for one in found] == [
        (f"{one.name}/health", Status.PASSED, "sandbox") for one in platforms()
    ]
    assert all(one.elapsed is not None and "duration_ms" in one.figures for one in found)


def test_what_is_down_or_degraded_has_failed(space: Workspace) -> None:
    """Upstream down is never passed: breaking; a rate limit is a warning, and no pass either."""
    found = {one.platform: one for one in outcomes(sandboxed(space, "gong/*: status=503", "slack/*: rate-limit"))}
    assert [found[name].verdict for name in ("gong", "slack", "asana")] == [
        Status.FAILED, Status.FAILED, Status.PASSED
    ]  # fmt: skip
    assert (found["gong"].worst, found["slack"].worst) == ("breaking", "warning")
    (finding,) = found["gong"].findings
    assert (finding.rule, finding.before, finding.after) == ("health-down", "up", "down")
    assert finding.message == "server error: HTTP 503"


def test_unset_credentials_are_skipped_with_the_variables_name(tmp_path: Path) -> None:
    """Live without a key: never passed, and nobody answered."""
    found = outcomes(Upstream(Workspace(tmp_path, environ={}), "live"), ["gong", "slack"])
    assert [(one.status, one.note, one.source) for one in found] == [
        (Status.SKIPPED, "GONG_ACCESS_KEY and GONG_ACCESS_KEY_SECRET are not set", ""),
        (Status.SKIPPED, "SLACK_BOT_TOKEN is not set", ""),
    ]


def test_a_wrong_configuration_is_an_error_of_the_phase(tmp_path: Path) -> None:
    """One outcome that names file and key; the other phases go on."""
    space = Workspace(tmp_path, tables={"health": {"intervall": 3}}, where="bi-contracts.toml")
    (found,) = outcomes(sandboxed(space))
    assert (found.status, found.exit_code) == (Status.ERROR, ExitCode.CONFIGURATION)
    assert "did you mean interval?" in found.note
