"""A whole run: its phases, what it says where something is missing, and how it ends."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bi_contracts.cassette import sockets
from bi_contracts.errors import ConfigurationError, ExitCode, Unreachable
from bi_contracts.integration import run as running
from bi_contracts.integration.context import Context
from bi_contracts.integration.run import PHASES, Run
from bi_contracts.registry import select
from bi_contracts.report import Outcome, Report, Started, Status, exit_code
from bi_contracts.report.stream import Verdict
from bi_contracts.session import Upstream
from bi_contracts.workspace import CONFIG, Workspace

GONG = select(["gong"])


def made(folder: Path, mode: str = "replay", **options: object) -> Run:
    run = Run(Upstream(Workspace(folder), mode), GONG, quick=True, **options)  # type: ignore[arg-type]
    asyncio.run(run.run())
    return run


def test_every_phase_runs_in_its_order(tmp_path: Path) -> None:
    """Connection first, for nothing else makes sense without; health last."""
    run = made(tmp_path)
    assert tuple(dict.fromkeys(outcome.phase for outcome in run.found)) == PHASES


def test_only_the_platforms_that_were_chosen_take_part(tmp_path: Path) -> None:
    """`--platform` filters: the others are neither asked nor reported."""
    run = made(tmp_path, "sandbox")
    assert {outcome.platform for outcome in run.found} - {"gateway", "platforms"} == {"gong"}
    asked = {id.partition("/")[0] for id in run.upstream.sandbox.requests}
    assert asked == {"gong"}


def test_a_replay_opens_no_connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole run, all phases, with sockets blocked: not one attempt was stopped."""
    blocks: list[sockets.Block] = []
    make = sockets.Block

    def noted(allow: tuple[str, ...]) -> sockets.Block:
        blocks.append(make(allow))
        return blocks[-1]

    monkeypatch.setattr(sockets, "Block", noted)
    run = made(tmp_path)
    assert Report.of(run.events).ran
    assert blocks
    assert not [attempt for block in blocks for attempt in block.attempts]


def test_nothing_of_a_replay_or_a_sandbox_passes_for_live(tmp_path: Path) -> None:
    """Whoever answered, it was not the vendor."""
    for mode in ("replay", "sandbox"):
        summary = Report.of(made(tmp_path, mode).events).summary
        assert "live" not in summary.sources
        assert "not against the live API" in summary.headline


def test_outcomes_are_told_as_they_come(tmp_path: Path) -> None:
    """Whoever watches sees each of them once."""
    told: list[Outcome] = []
    run = made(tmp_path, phases=("connection",), told=told.append)
    assert told == run.found


def test_a_run_without_a_phase_that_ran_is_no_pass(tmp_path: Path) -> None:
    """A recording says nothing of health: the run ends with 5."""
    run = made(tmp_path, phases=("health",))
    assert {outcome.status for outcome in run.found} == {Status.SKIPPED}
    assert exit_code(run.events) == ExitCode.NOTHING_RAN


def test_a_phase_that_cannot_be_done_is_an_outcome(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others run all the same, and the report says what was wrong."""

    async def broken(_: Context) -> AsyncIterator[Outcome]:
        yield Outcome("gong/calls", "first", Status.PASSED, source="sandbox")
        raise Unreachable("gong/calls: no answer from api.gong.io")

    known = running.phase
    monkeypatch.setattr(running, "phase", lambda name: broken if name == "data flow" else known(name))
    run = made(tmp_path, "sandbox", phases=("data flow", "health"))
    first, error, health = run.found
    assert (first.status, first.phase) == (Status.PASSED, "data flow")
    assert (error.status, error.exit_code) == (Status.ERROR, ExitCode.UPSTREAM)
    assert "no answer from api.gong.io" in error.note
    assert health.phase == "health"


def test_without_the_gateways_libraries_its_phases_are_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install is said, and nothing looks as if it had passed."""

    def missing(*_: object, **__: object) -> None:
        raise ConfigurationError("the gateway needs fastapi: pip install 'bi-contracts[gateway]'")

    monkeypatch.setattr("bi_contracts.gateway.in_process", missing)
    run = made(tmp_path, phases=("workflow", "load", "health"))
    skipped = [outcome for outcome in run.found if outcome.phase in ("workflow", "load")]
    assert [(one.status, "bi-contracts[gateway]" in one.note) for one in skipped] == [(Status.SKIPPED, True)] * 2


def test_an_interrupted_run_is_reported_as_one(tmp_path: Path) -> None:
    """What was found until then is there, and never counts as good."""

    def stop(_: Outcome) -> None:
        raise KeyboardInterrupt

    run = Run(Upstream(Workspace(tmp_path), "replay"), GONG, quick=True, phases=("connection",), told=stop)
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(run.run())
    report = Report.of(run.events)
    assert len(report.outcomes) == 1
    assert report.interrupted
    assert report.summary.phases["connection"].verdict == Verdict.INCOMPLETE


def test_phases_run_once_and_in_their_order(tmp_path: Path) -> None:
    """However they were asked for."""
    run = made(tmp_path, phases=("health", "connection", "health"))
    assert run.phases == ("connection", "health")
    assert [timed.phase for timed in run.timed] == ["connection", "health"]


BARE = """
import asyncio, sys
from pathlib import Path
for name in ("fastapi", "starlette", "uvicorn", "mcp", "prometheus_client", "psutil"):
    sys.modules[name] = None
from bi_contracts.integration.run import Run
from bi_contracts.registry import select
from bi_contracts.report.stream import Verdict
from bi_contracts.session import Upstream
from bi_contracts.workspace import CONFIG, Workspace
run = Run(Upstream(Workspace(Path.cwd()), "sandbox"), select(["notion"]), quick=True)
asyncio.run(run.run())
for one in run.found:
    print(one.phase, one.status, one.note, sep="|")
"""


def test_a_base_install_runs_what_it_can(tmp_path: Path) -> None:
    """Without any extra the gateway's phases are skipped, saying what to install, and the others run."""
    done = subprocess.run([sys.executable, "-c", BARE], cwd=tmp_path, capture_output=True, text=True, check=True)
    rows = [line.split("|") for line in done.stdout.splitlines()]
    wanted = (
        "the gateway needs fastapi, which is not installed: pip install 'bi-contracts[gateway]'",
        "the gateway needs starlette, which is not installed: pip install 'bi-contracts[gateway]'",
    )
    for name in ("workflow", "load"):
        assert [(status, note in wanted) for phase, status, note in rows if phase == name] == [("skipped", True)]
    for name in ("connection", "data flow", "resilience"):
        assert "passed" in {status for phase, status, _ in rows if phase == name}


def test_a_step_that_ends_the_process_breaks_its_workflow(tmp_path: Path) -> None:
    """`sys.exit(0)` in a step is a broken step with a name, not the end of the run."""
    (tmp_path / CONFIG).write_text('checks = ["checks.py"]')
    (tmp_path / "checks.py").write_text(
        "import sys\nfrom bi_contracts.integration import Step, Workflow\n"
        "async def leave(previous, trail):\n    sys.exit(0)\n"
        "mine = Workflow('mine', [Step('leaving', leave)])\n"
    )
    run = Run(Upstream(Workspace.discover(tmp_path, {}), "replay"), GONG, quick=True, phases=("workflow",))
    asyncio.run(run.run())
    (mine,) = (one for one in run.found if one.subject == "platforms/mine")
    assert mine.verdict == Status.FAILED
    assert "'leaving' broke: SystemExit" in mine.findings[0].message


def test_a_report_says_what_was_run(tmp_path: Path) -> None:
    """Mode, form, phases and platforms stand at its head."""
    started = made(tmp_path, phases=("health",)).events[0]
    assert isinstance(started, Started)
    assert started.facts == {"mode": "replay", "phases": "health", "form": "quick", "platforms": "gong"}
