"""What only a real process shows: interrupts, pipes, entry points, and servers on loopback."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bi_contracts.cassette.store import load
from bi_contracts.registry import platforms
from bi_contracts.sandbox import Sandbox

from .processes import COMMAND, finish, printed, start, wait_for

pytest.importorskip("uvicorn", reason="needs the extra sandbox-http")


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return Sandbox(platforms(), rows=30)


@pytest.fixture(scope="module")
def url(sandbox: Sandbox) -> Iterator[str]:
    """The sandbox, served on loopback."""
    from bi_contracts.sandbox.server import running

    with running(sandbox) as address:
        yield address


def test_recording_a_served_sandbox_is_the_same_as_in_process(url: str, tmp_path: Path) -> None:
    """Source, place and pages do not depend on how the sandbox is reached."""
    for folder, origin in (("a", url), ("b", "sandbox")):
        (tmp_path / folder).mkdir()
        process = start(
            tmp_path / folder, "record", "asana/workspaces", "slack/users", "--from", origin, "--format", "json"
        )
        out, said = process.communicate(timeout=60)
        assert process.returncode == 0, said
        assert {row["source"] for row in json.loads(out)} == {"sandbox"}
    text = (tmp_path / "a" / "cassettes" / "asana" / "workspaces.yaml").read_text()
    assert "https://app.asana.com/api/1.0/workspaces" in text
    assert "127.0.0.1" not in text


def test_an_interrupted_recording_leaves_the_old_one(url: str, sandbox: Sandbox, tmp_path: Path) -> None:
    """Ctrl-C in the middle: exit code 130, one line, and the file as it was."""
    finish(tmp_path, "record", "asana/tasks", "--from", url)
    path = tmp_path / "cassettes" / "asana" / "tasks.yaml"
    before = path.read_bytes()
    sandbox.fault("latency=20", platform="asana", endpoint="tasks", times=None)
    try:
        process = start(tmp_path, "record", "asana/tasks", "--from", url, "--page-size", "10")
        time.sleep(2.5)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    finally:
        sandbox.faults.clear()
    assert process.returncode == 130
    assert "Traceback" not in said
    assert "interrupted" in said
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["tasks.yaml"]


def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    """`bi-contracts rules | head -1` ends quietly."""
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{' '.join(map(repr, COMMAND))} rules --format json | head -c 10"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    assert done.returncode == 0


def test_a_vendor_that_is_down_ends_with_4(tmp_path: Path) -> None:
    """Nobody listens there: the host is named, the credential is not."""
    process = start(tmp_path, "record", "asana/workspaces", "--from", "http://127.0.0.1:9")
    _, said = process.communicate(timeout=60)
    assert process.returncode == 4
    assert "no answer from 127.0.0.1" in said


def test_the_sandbox_command_serves_what_its_exports_open(tmp_path: Path) -> None:
    """The printed credential is accepted, and Ctrl-C ends the server well."""
    process = start(tmp_path, "sandbox", "--port", "0", "--rows", "3", "--format", "json")
    try:
        address = wait_for("serving", process)
        token = printed(process)["ASANA_ACCESS_TOKEN"]
        answer = httpx.get(f"{address}/asana/api/1.0/users/me", headers={"Authorization": f"Bearer {token}"})
        assert answer.json()["data"]["gid"]
        assert httpx.get(f"{address}/asana/api/1.0/users/me").status_code == 401
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode in (0, 130)


def test_cassettes_are_served_to_any_client(url: str, tmp_path: Path) -> None:
    """`replay --serve` answers from recordings; what was not recorded is a 501 that names the closest."""
    finish(tmp_path, "record", "asana/workspaces", "--from", url)
    process = start(tmp_path, "replay", "asana/workspaces", "--serve", "0")
    try:
        address = wait_for("serving", process)
        (recorded,) = load(tmp_path / "cassettes" / "asana" / "workspaces.yaml").interactions
        asked = recorded.request.url.replace("https://app.asana.com", f"{address}/asana")
        assert len(httpx.get(asked).json()["data"]) == 30
        missed = httpx.get(asked.replace("limit=100", "limit=7"))
        assert missed.status_code == 501
        assert "limit" in missed.text
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


def test_a_reader_that_leaves_early_is_no_failure(tmp_path: Path) -> None:
    """`bi-contracts rules | head -1` ends well and in silence."""
    with start(tmp_path, "rules") as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert (process.stderr.read(), process.wait(30)) == ("", 0)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_below_stdout_is_told_in_a_line(tmp_path: Path) -> None:
    """Output that cannot be written ends with 3 and no traceback."""
    with open("/dev/full", "w") as full:
        ended = subprocess.run([*COMMAND, "rules"], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True)
    assert ended.returncode == 3
    assert ended.stderr == "bi-contracts: the output cannot be written: no space left on the device\n"
