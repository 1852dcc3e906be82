"""`bi-contracts run` as a user types it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from .conftest import Run


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
