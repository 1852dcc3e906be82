"""How steps follow each other: what is skipped for what, what ends a run, what is always done."""

from __future__ import annotations

import asyncio
import json
import shlex
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bi_contracts.errors import ConfigurationError, CredentialsMissing, ExitCode, RateLimited, Unauthorized, Unreachable
from bi_contracts.intercom.procedure import reporting, testbed
from bi_contracts.intercom.procedure import run as runs
from bi_contracts.intercom.procedure.actions import ADVICE, Broken, steps, trouble
from bi_contracts.intercom.procedure.conclusion import Conclusion
from bi_contracts.intercom.procedure.context import Context
from bi_contracts.intercom.procedure.line import CLEANUP, CONNECTION, ENVIRONMENT, PERFORMANCE, SERVER, SYNC, Line, Mark
from bi_contracts.intercom.procedure.mcp_client import serving
from bi_contracts.intercom.procedure.run import Run
from bi_contracts.intercom.procedure.settings import Settings
from bi_contracts.intercom.procedure.steps import STEPS, syncing
from bi_contracts.intercom.procedure.steps.performance import writes
from bi_contracts.intercom.procedure.supervisor import main as watched
from bi_contracts.intercom.procedure.usage import children, running, usage
from bi_contracts.workspace import Workspace

from .conftest import done

WATCHED = str(Path(runs.__file__).with_name("supervisor.py"))
Act = Callable[[Context], Awaitable[None]]


def played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, acts: dict[str, Act], timeout: float = 30.0) -> Run:
    """A run whose steps do nothing but what they are given to do."""

    class Played:
        def __init__(self, step: Any) -> None:
            self._step = step

        def __getattr__(self, name: str) -> Any:
            return getattr(self._step, name)

        @property
        def run(self) -> Act:
            async def usual(context: Context) -> None:
                context.say(Line(self._step.section, self._step.line, "is well"))

            return acts.get(self._step.name, usual)

    monkeypatch.setattr(runs, "STEPS", tuple(map(Played, STEPS)))
    monkeypatch.setattr(testbed, "_answering", lambda *_: None)
    one = Run(Settings(folder=tmp_path / "work", timeout=timeout), Workspace(tmp_path))
    asyncio.run(one.run())
    return one


def raising(error: Exception) -> Act:
    async def act(_: Context) -> None:
        raise error

    return act


def marks(one: Run) -> dict[str, Mark]:
    """The mark of each section."""
    return {line.section: line.mark for line in one.lines}


def test_a_refused_token_skips_what_needs_it_and_ends_with_three(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sync, integrity, server and performance are skipped, each with its reason; cleaning up is not."""
    refusal = Unauthorized("intercom/me: no", status=401)
    one = played(tmp_path, monkeypatch, {"API connection": raising(refusal)})
    assert [line.text for line in one.lines if line.mark is Mark.SKIPPED] == [
        "Skipped due to API failure",
        *["Skipped due to data unavailability"] * 3,
    ]
    assert [(one.section, one.text, one.cause) for one in one.conclusion.failures] == [
        (CONNECTION, "401 Unauthorized", "Invalid or expired access token"),
        (SYNC, "Skipped due to API failure", ""),
        (SERVER, "Skipped due to data unavailability", ""),
    ]
    assert marks(one)[CLEANUP] is Mark.GOOD
    assert reporting.exit_code(one) is ExitCode.CONFIGURATION


def test_an_api_that_is_down_ends_with_four(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And with what to try next, by the host's name."""
    one = played(tmp_path, monkeypatch, {"API connection": raising(Unreachable("no answer"))})
    assert reporting.exit_code(one) is ExitCode.UPSTREAM
    assert one.conclusion.required[0] == "Test basic connectivity: ping api.intercom.io"


def test_a_missed_target_alone_ends_with_six(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And everything after it is still done."""

    async def slow(context: Context) -> None:
        context.say(Line(SYNC, "Sync Speed", "slow", Mark.BAD, "x", "slow sync", exit_code=ExitCode.SLA_BREACHED))

    one = played(tmp_path, monkeypatch, {"data sync": slow})
    assert marks(one)[PERFORMANCE] is Mark.GOOD
    assert reporting.exit_code(one) is ExitCode.SLA_BREACHED


def test_a_finding_outweighs_a_missed_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """1 where something is wrong, however slow it is besides."""

    async def slow(context: Context) -> None:
        context.say(Line(SYNC, "Sync Speed", "slow", Mark.BAD, "x", "slow sync", exit_code=ExitCode.SLA_BREACHED))

    acts = {"data sync": slow, "queries": raising(Broken("a wrong answer", "tool:search_conversations"))}
    assert reporting.exit_code(played(tmp_path, monkeypatch, acts)) is ExitCode.FINDINGS


def test_the_time_for_everything_ends_a_step_and_not_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What hangs is named, what would have followed is skipped, and it is cleaned up."""

    async def hangs(_: Context) -> None:
        await asyncio.sleep(60)

    one = played(tmp_path, monkeypatch, {"data sync": hangs}, timeout=0.2)
    (bad,) = (line for line in one.lines if line.mark is Mark.BAD)
    assert (bad.section, bad.problem) == (SYNC, "timeout")
    assert {line.text for line in one.lines if line.mark is Mark.SKIPPED} == {"Skipped due to timeout"}
    assert marks(one)[CLEANUP] is Mark.GOOD
    assert reporting.exit_code(one) is ExitCode.FINDINGS
    assert any("FASTINTERCOM_TEST_TIMEOUT" in step for step in one.conclusion.required)


def test_a_mistake_of_ours_is_a_failed_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report is written all the same, and says in which step it was."""
    one = played(tmp_path, monkeypatch, {"database": raising(KeyError("x"))})
    (bad,) = (line for line in one.lines if line.mark is Mark.BAD)
    assert bad.text == "KeyError in the step database"
    assert marks(one)[SYNC] is Mark.SKIPPED


def test_a_run_without_a_token(tmp_path: Path) -> None:
    """The real first step: nothing is asked, everything but cleaning up is skipped, the exit code is 3."""
    one = done(tmp_path, mode="live").run
    assert "INTERCOM_ACCESS_TOKEN is not set" in one.conclusion.failures[0].text
    assert marks(one)[CONNECTION] is Mark.SKIPPED
    assert reporting.exit_code(one) is ExitCode.CONFIGURATION
    assert not (tmp_path / "work").exists()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """It is named, and what to set instead."""
    (tmp_path / "work").write_text("")
    with pytest.raises(ConfigurationError, match="FASTINTERCOM_TEST_WORKSPACE"):
        done(tmp_path)


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (CredentialsMissing("intercom", ["INTERCOM_ACCESS_TOKEN"]), "token missing"),
        (Unauthorized("no", status=401), "unauthorized"),
        (Unauthorized("no", status=403), "scope"),
        (RateLimited("no", status=429), "rate limited"),
        (Unreachable("no"), "unreachable"),
        (Broken("no", "server start"), "server start"),
        (ConfigurationError("no"), "configuration"),
    ],
)
def test_every_error_has_its_advice(error: Any, problem: str) -> None:
    """And the advice is not empty."""
    assert trouble(error).problem == problem
    assert ADVICE[problem].steps


def test_steps_are_told_once_and_filled_in() -> None:
    """Several problems that ask for the same."""
    told = steps(["slow sync", "slow queries", "tool:get_conversation"], base="https://x", host="x")
    assert len(told) == len(set(told))
    assert told[-1] == "Test it alone: bi-contracts intercom tool --tool get_conversation"


def test_another_server_is_named_in_what_to_type() -> None:
    """Never ours in its place, and without what looks like a secret."""
    lines = (
        Line(SERVER, "Startup", "no", Mark.BAD, "", "server start"),
        Line(SERVER, "get_conversation", "no", Mark.BAD, "", "tool:get_conversation"),
    )
    quoted = shlex.quote("npx 'their server'")
    told = Conclusion(lines, server=("npx", "their server")).required
    assert told == (
        "Start it by hand and read what it says: npx 'their server'",
        f"Test it alone: bi-contracts intercom tool --tool get_conversation --server {quoted}",
    )
    assert "abcdefghijkl" not in str(Conclusion(lines, server=("x", "--token=xoxb-123456789012-abcdefghijkl")).required)
    assert Conclusion(lines).required[0].endswith(": bi-contracts intercom serve")


def test_errors_of_the_other_process_come_back_as_what_they_were() -> None:
    """By kind and status; what is not known is a matter of configuration."""
    back = syncing.failure({"kind": "Unauthorized", "message": "no", "status": 401})
    assert isinstance(back, Unauthorized)
    assert back.status == 401
    assert type(syncing.failure({"kind": "StoreBusy", "message": "held"})).__name__ == "StoreBusy"
    assert type(syncing.failure({"kind": "TimedOut", "message": "late"})).__name__ == "TimedOut"
    for kind in ("os", "Severity", "UnknownEndpoint", "CassetteMiss"):
        assert str(syncing.failure({"kind": kind, "message": "said"})).endswith("said")


def test_a_command_that_speaks_no_mcp_is_named_with_its_last_words(tmp_path: Path) -> None:
    """And with how it ended."""
    command = [sys.executable, "-c", "import sys; print('starting', file=sys.stderr); sys.exit('no configuration')"]

    async def ask() -> None:
        async with serving(command, tmp_path, {}):
            raise AssertionError("it started")

    with pytest.raises(Broken, match=r"no MCP server.*no configuration"):
        asyncio.run(ask())


def test_a_command_that_is_not_there(tmp_path: Path) -> None:
    """It is named."""

    async def ask() -> None:
        async with serving(["/nowhere/server"], tmp_path, {}):
            raise AssertionError("it started")

    with pytest.raises(Broken, match="/nowhere/server"):
        asyncio.run(ask())


@pytest.mark.parametrize(("code", "wanted"), [("pass", 0), ("raise SystemExit(7)", 7)])
def test_how_a_command_ended_is_written_down(tmp_path: Path, code: str, wanted: int) -> None:
    """Its process and its exit code."""
    status = tmp_path / "status.json"
    assert watched([str(status), sys.executable, "-c", code]) == wanted
    told = json.loads(status.read_text())
    assert told["code"] == wanted
    assert not running(told["pid"])


def test_a_command_that_is_told_to_stop_is_stopped_and_that_is_written_down(tmp_path: Path) -> None:
    """So that whoever looks knows that it did not end by itself."""
    status = tmp_path / "status.json"
    sleeps = [sys.executable, "-I", "-S", "-c", "import time; time.sleep(60)"]
    with subprocess.Popen([sys.executable, "-I", "-S", WATCHED, str(status), *sleeps]) as process:
        while not status.exists():
            time.sleep(0.01)
        process.terminate()
    told = json.loads(status.read_text())
    assert (told["terminated"], told["code"], process.returncode) == (True, -15, 128 + 15)
    assert not running(told["pid"])


def test_what_a_process_uses() -> None:
    """Its peak is never below what it holds; a process that is not there uses nothing."""
    used = usage()
    assert used is not None
    assert used.peak >= used.resident > 2**20
    assert used.cpu > 0
    assert usage(2**22 + 5) is None
    assert not running(2**22 + 5)
    assert children(2**22 + 5) == set()


def test_writing_is_measured_on_the_disk_that_is_used(tmp_path: Path) -> None:
    """So many conversations a second, all of them there afterwards."""
    from bi_contracts.intercom.store import open_store

    assert writes(tmp_path / "scratch.db", 20) > 0
    with open_store(tmp_path / "scratch.db") as store:
        assert store.status().counters["conversations"] == 20


def test_every_step_stands_in_a_section_and_names_a_line() -> None:
    """The table of steps and the layout of the report agree."""
    assert next(step.section for step in STEPS) == ENVIRONMENT
    assert all(callable(step.run) for step in STEPS)
