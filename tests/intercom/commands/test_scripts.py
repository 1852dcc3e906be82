"""The scripts that the testing document names, the image, and the workflow."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bi_contracts.cli.intercom import VERBS

ROOT = Path(__file__).parents[3]
SCRIPTS = {
    "run_integration_test.sh": "test",
    "run_performance_test.sh": "performance",
    "diagnose_sync_performance.sh": "diagnose",
    "profile_sync_performance.sh": "performance --profile",
    "measure_api_latency.sh": "latency",
    "profile_database_performance.sh": "database --profile",
    "test_database_performance.sh": "database",
    "monitor_memory_usage.sh": "memory monitor --label monitor_memory_usage",
    "analyze_memory_profile.sh": "memory analyze",
    "check_memory_leaks.sh": "memory leaks",
    "monitor_network_during_sync.sh": "network",
    "test_concurrent_clients.sh": "clients",
    "test_network_interruption.sh": "interruption",
    "test_database_recovery.sh": "recovery",
    "test_mcp_tools.py": "tool",
    "test_docker_install.sh": "install",
    "test_cross_platform.sh": "cross-platform",
    "weekly_integration_check.sh": "weekly",
    "generate_integration_report.sh": "report",
}
"""Script -> what it calls."""

pytestmark = pytest.mark.skipif(not (ROOT / "scripts").is_dir(), reason="the scripts are in the checkout only")


def test_every_script_of_the_document_is_there() -> None:
    """No more and no fewer, each executable; what each calls is a verb."""
    assert {path.name for path in (ROOT / "scripts").iterdir() if path.suffix in (".sh", ".py")} == set(SCRIPTS)
    assert all(os.access(ROOT / "scripts" / name, os.X_OK) for name in SCRIPTS)
    assert {words.split()[0] for words in SCRIPTS.values()} <= VERBS.keys()


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_passes_its_arguments_on_and_keeps_the_exit_code(name: str, tmp_path: Path) -> None:
    """Arguments with spaces, too."""
    program = tmp_path / "bi-contracts"
    program.write_text("#!/bin/sh\nprintf '%s|' \"$@\"\nexit 6\n")
    program.chmod(0o755)
    path = os.pathsep.join((str(tmp_path), str(Path(sys.executable).parent), os.environ["PATH"]))
    done = subprocess.run(
        [str(ROOT / "scripts" / name), "--days", "7", "two words"],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 6
    assert done.stdout.split("|")[:-1] == ["intercom", *SCRIPTS[name].split(), "--days", "7", "two words"]


def test_every_script_stands_in_the_documentation() -> None:
    """With the command that it calls."""
    page = (ROOT / "docs" / "intercom-commands.md").read_text(encoding="utf-8")
    rows = {found[1]: found[2] for found in re.finditer(r"^\| `([a-z_]+\.(?:sh|py))` \| `([^`]+)`", page, re.MULTILINE)}
    assert {name: words.split()[0] for name, words in SCRIPTS.items()} == {
        name: words.split()[0] for name, words in rows.items()
    }


def test_the_image_is_small_healthy_and_nobodys_root() -> None:
    """Built from the wheel in a stage of its own; nothing of the checkout but what the wheel is made of is sent."""
    text = (ROOT / "Dockerfile").read_text()
    stages = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert stages == ["python:3.13-slim"] * 2
    last = text.rpartition("FROM ")[2]
    assert "HEALTHCHECK" in last
    assert re.search(r"^USER (?!root)\w+", last, re.MULTILINE)
    assert 'CMD ["intercom", "serve"]' in last
    assert (ROOT / ".dockerignore").read_text().splitlines()[0] == "*"
    assert not re.search(r"(?i)(token|key|secret|password)\s*=\s*\S", text)


def test_the_workflow_runs_the_procedure_with_secrets_by_reference() -> None:
    """By hand and by schedule, on 3.11; the report is uploaded whatever came of it; nothing is echoed of a secret."""
    text = (ROOT / ".github" / "workflows" / "integration-test.yml").read_text()
    flow = yaml.safe_load(text)
    assert {"workflow_dispatch", "schedule"} <= flow[True].keys()  # YAML 1.1 reads `on` as true
    steps = flow["jobs"]["integration"]["steps"]
    assert [step["with"]["python-version"] for step in steps if "python-version" in step.get("with", {})] == ["3.11"]
    (upload,) = (step for step in steps if "upload-artifact" in step.get("uses", ""))
    assert upload["if"] == "always()"
    for step in steps:
        assert "secrets." not in step.get("run", "")
        assert not re.search(r"echo.*\$\{?INTERCOM_ACCESS_TOKEN", step.get("run", ""))
        assert "${{ inputs" not in step.get("run", "")  # what somebody typed is no part of a script
    assert flow["permissions"] == {"contents": "read"}


@pytest.mark.parametrize(("token", "mode"), [("", "sandbox"), ("t", "live")])
def test_without_a_secret_the_workflow_says_that_it_is_a_sandbox(token: str, mode: str, tmp_path: Path) -> None:
    """The step is run as it stands."""
    flow = yaml.safe_load((ROOT / ".github" / "workflows" / "integration-test.yml").read_text())
    (step,) = (step for step in flow["jobs"]["integration"]["steps"] if step.get("id") == "mode")
    told = tmp_path / "output"
    environ = {**os.environ, "INTERCOM_ACCESS_TOKEN": token, "GITHUB_OUTPUT": str(told)}
    done = subprocess.run(["bash", "-c", step["run"]], env=environ, capture_output=True, text=True, check=True)
    assert told.read_text() == f"mode={mode}\n"
    assert ("says nothing about the live API" in done.stdout) is (mode == "sandbox")
