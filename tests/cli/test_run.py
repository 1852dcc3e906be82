"""`bi-contracts run` as a user types it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from .conftest import Run
from .processes import COMMAND, start

QUICK = ("run", "--quick", "--platform", "notion", "--phase", "connection")


def reports(folder: Path) -> dict[str, Path]:
    """The files of one run, by their names without the time."""
    return {path.name.split("_2")[0] + path.suffix: path for path in sorted(folder.iterdir())}


def test_a_quick_run_passes_offline_and_writes_every_report(run: Run, tmp_path: Path) -> None:
    """The first command of whoever has no account: recordings, no key, every file there."""
    done = run("run", "--quick", "--platform", "gong", "--output", "out")
    assert done.exit_code == 0, done.output
    assert "not against the live API" in done.stdout
    found = reports(tmp_path / "out")
    assert set(found) == {
        "bi_performance_benchmark.json",
        "comprehensive_test_results.json",
        "junit.xml",
        "test_report.html",
        "test_report.md",
        "test_summary.json",
    }
    summary = json.loads(found["comprehensive_test_results.json"].read_text())["summary"]
    assert summary["overall_status"].startswith("passed")
    assert summary["phases_passed"] < summary["total_phases"] == 6  # a recording says nothing of health


def test_the_report_names_each_file_that_was_written(run: Run, tmp_path: Path) -> None:
    """On stderr, so that stdout stays data."""
    done = run("run", "--quick", "--platform", "gong", "--phase", "connection", "--output", "out", "--format", "json")
    document = json.loads(done.stdout)
    assert document["verb"] == "run"
    for path in (tmp_path / "out").iterdir():
        assert path.name in done.stderr


def test_a_phase_in_which_nothing_ran_ends_with_5(run: Run) -> None:
    """A recording is no fresh evidence of health."""
    assert run("run", "--platform", "gong", "--phase", "health").exit_code == 5


def test_live_without_a_credential_is_skipped_by_name(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was asked, so nothing passed; the variable is named."""
    monkeypatch.delenv("NOTION_TOKEN", raising=False)
    done = run("run", "--mode", "live", "--quick", "--platform", "notion", "--phase", "connection", "--phase", "health")
    assert done.exit_code == 5, done.output
    assert "NOTION_TOKEN" in done.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--platform", "gonk"), "did you mean gong?"),
        (("--phase", "loud"), "'loud' is not one of"),
        (("--mode", "record"), "'record' is not one of"),
        (("--from", "nonsense"), "neither live, sandbox nor a URL"),
        (("--mode", "replay", "--from", "http://127.0.0.1:1"), "--mode and --from both say who answers"),
        (("--output", ""), "name the folder of the reports"),
    ],
)
def test_a_mistake_in_the_command_is_a_usage_error(run: Run, words: tuple[str, ...], says: str) -> None:
    """Nothing runs, and the message says what would do."""
    done = run("run", *words)
    assert done.exit_code == 2
    assert says in done.output


def test_a_workspace_that_records_must_say_how_it_runs(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """`mode = "record"` is a setting for recording; a run has other modes."""
    monkeypatch.setenv("BI_CONTRACTS_MODE", "record")
    done = run("run", "--platform", "gong")
    assert done.exit_code == 2
    assert "choose replay, sandbox or live" in done.output


def test_checks_of_the_workspace_take_part(run: Run, tmp_path: Path) -> None:
    """A test that fails, out of a file that the setting names, fails the run."""
    (tmp_path / "bi-contracts.toml").write_text('checks = ["checks.py"]')
    (tmp_path / "checks.py").write_text(
        "from bi_contracts.integration import DataFlowTest\n"
        "mine = DataFlowTest(name='mine', source_endpoint='gong/calls', expected_fields=['gone'])\n"
    )
    done = run("run", "--quick", "--platform", "gong", "--phase", "data flow")
    assert done.exit_code == 1
    assert "mine" in done.stdout


def test_a_run_that_is_stopped_leaves_a_report(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found until then is written, and says that it is not all."""
    from bi_contracts.integration.run import Run as Running

    async def stopped(_: Running) -> None:
        await asyncio.sleep(0)
        raise KeyboardInterrupt

    monkeypatch.setattr(Running, "run", stopped)
    done = run("run", "--quick", "--platform", "gong", "--output", "out")
    assert done.exit_code != 0
    document = json.loads(reports(tmp_path / "out")["comprehensive_test_results.json"].read_text())
    assert document["summary"]["overall_status"] == "error"


def test_the_folder_of_the_reports_is_tried_before_anything_runs(run: Run, tmp_path: Path) -> None:
    """A file in its place is told at once, in the words that were typed."""
    (tmp_path / "taken").touch()
    done = run(*QUICK, "--output", "taken")
    assert done.exit_code == 3
    assert "taken: reports cannot be written there" in done.output
    assert "checks:" not in done.output


def test_a_phase_that_is_asked_for_twice_runs_once(run: Run) -> None:
    """And in the order in which phases always run."""
    phases = ("--phase", "resilience", "--phase", "connection", "--phase", "resilience")
    done = run("run", "--quick", "--platform", "notion", *phases, "--format", "json")
    assert json.loads(done.stdout)["facts"]["phases"] == "connection, resilience"


def test_reports_are_written_where_nothing_can_be_printed(tmp_path: Path) -> None:
    """A full device ends with 3, a closed stdout changes nothing; both leave every report, and no traceback."""
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*COMMAND, *QUICK, "--output", "out"], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert (done.returncode, len(reports(tmp_path / "out"))) == (3, 6)
    assert "no space left" in done.stderr
    shell = 'exec "$@" >&-'
    done = subprocess.run(
        ["sh", "-c", shell, "sh", *COMMAND, *QUICK, "--output", "closed"],
        cwd=tmp_path, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert (done.returncode, len(reports(tmp_path / "closed"))) == (0, 6)
    assert "Traceback" not in done.stderr


WAITING = """
import asyncio
from bi_contracts.integration import Step, Workflow

async def wait(previous, trail):
    print("waiting", flush=True)
    await asyncio.sleep(600)

mine = Workflow("mine", [Step("waiting", wait)])
"""


def test_a_run_that_is_terminated_leaves_a_report(tmp_path: Path) -> None:
    """SIGTERM does as Ctrl-C does: 143, every report, the begun phase in it and nothing that looks like a pass."""
    (tmp_path / "bi-contracts.toml").write_text('checks = ["checks.py"]')
    (tmp_path / "checks.py").write_text(WAITING)
    words = ("run", "--quick", "--platform", "notion", "--output", "out")
    with start(tmp_path, *words) as process:
        assert process.stderr is not None
        assert any("waiting" in line for line in process.stderr)
        os.kill(process.pid, signal.SIGTERM)
        printed, said = process.communicate(timeout=60)
    assert process.returncode == 143, said
    assert printed.startswith("INCOMPLETE")
    got = json.loads(reports(tmp_path / "out")["test_summary.json"].read_text())
    assert (got["phases_passed"], got["total_phases"]) == (2, 6)
    assert (got["totals"]["status"], got["totals"]["success_rate"]) == ("error", None)
    assert got["phases"]["workflow"]["status"] == "error"


def test_what_checks_print_stays_out_of_the_report(run: Run, tmp_path: Path) -> None:
    """`--format json` stays JSON."""
    (tmp_path / "bi-contracts.toml").write_text('checks = ["checks.py"]')
    (tmp_path / "checks.py").write_text(
        "from bi_contracts.integration import Step, Workflow\n"
        "async def say(previous, trail):\n    print('in a step')\n    return 1\n"
        "print('loading')\nmine = Workflow('mine', [Step('saying', say)])\n"
    )
    done = run("run", "--quick", "--platform", "notion", "--phase", "workflow", "--format", "json")
    assert json.loads(done.stdout)["verb"] == "run"
    assert "loading" in done.stderr
    assert "in a step" in done.stderr


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("import sys; sys.exit(0)", 3),
        ("1 / 0", 3),
        ("from bi_contracts.integration import ConnectionTest\nA = ConnectionTest('a', 'gong/cals')", 2),
    ],
)
def test_a_file_of_checks_that_is_of_no_use_ends_the_run(run: Run, tmp_path: Path, text: str, code: int) -> None:
    """What cannot be used is the configuration (3), a name that nobody knows is usage (2); neither is a pass."""
    (tmp_path / "bi-contracts.toml").write_text('checks = ["checks.py"]')
    (tmp_path / "checks.py").write_text(text)
    done = run(*QUICK)
    assert done.exit_code == code
    assert "checks.py: " in done.output
