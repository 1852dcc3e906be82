"""`bi-contracts health`: what it prints, writes and ends with."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from bi_contracts.registry import platforms
from bi_contracts.sandbox import Sandbox
from bi_contracts.sandbox.server import running

from .conftest import Run


@pytest.fixture
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """No credential of any platform in the environment."""
    for one in platforms():
        for name in (*one.auth.variables, *one.aliases, f"{one.name.upper()}_BASE_URL"):
            monkeypatch.delenv(name, raising=False)


def plain(text: str) -> dict[str, dict[str, Any]]:
    return {one["platform"]: one for one in json.loads(text)["platforms"]}


def test_all_platforms_are_up_in_the_sandbox(run: Run) -> None:
    """A table for people, a sentence at the end, and the sandbox named in both."""
    ended = run("health")
    assert ended.exit_code == 0
    lines = ended.stdout.splitlines()
    assert lines[0].split() == ["platform", "state", "took", "evidence", "from", "why"]
    assert len(lines) == 12
    assert re.fullmatch(r"asana +up +\d+ ms +\d+ s old +sandbox", lines[1])
    assert lines[-1] == "healthy: 9 up (sandbox: not evidence about the live APIs)"


def test_globs_choose_the_platforms(run: Run) -> None:
    """By name or glob; one that is none is a mistake with a hint."""
    assert sorted(plain(run("health", "gong", "s*", "--format", "json").stdout)) == ["gong", "salesforce", "slack"]
    ended = run("health", "gonk")
    assert ended.exit_code == 2
    assert "did you mean" in ended.stderr


def test_recordings_are_no_fresh_evidence(run: Run) -> None:
    """Nothing ran is exit 5: in replay every platform is unknown, and nothing is remembered."""
    ended = run("health", "--mode", "replay", "--format", "json")
    assert ended.exit_code == 5
    assert {(one["state"], one["detail"]) for one in plain(ended.stdout).values()} == {
        ("unknown", "a recording is no fresh evidence")
    }
    assert not Path(".bi-contracts").exists()


@pytest.mark.usefixtures("unset")
def test_without_credentials_nothing_is_probed(run: Run) -> None:
    """Live without a key: exit 5, and each variable by its name."""
    ended = run("health", "--mode", "live")
    assert ended.exit_code == 5
    assert "GONG_ACCESS_KEY and GONG_ACCESS_KEY_SECRET are not set" in ended.stdout
    assert ended.stdout.splitlines()[-1] == "unknown: 9 unknown"


def test_some_down_is_a_finding_and_all_down_is_upstream(run: Run) -> None:
    """Upstream down is never counted healthy: 1 where some are down, 4 where all are."""
    sandbox = Sandbox(platforms(), rows=2, enforce_limits=False)
    with running(sandbox) as url:
        sandbox.rule("gong/*: status=503")
        some = run("health", "gong", "slack", "--from", url, "--format", "json", "--no-memory")
        sandbox.rule("slack/*: unauthorized")
        every = run("health", "gong", "slack", "--from", url, "--no-memory")
    assert (some.exit_code, every.exit_code) == (1, 4)
    found = plain(some.stdout)
    assert (found["gong"]["state"], found["slack"]["state"]) == ("down", "up")
    assert json.loads(some.stdout)["overall_status"] == "unhealthy"
    assert re.search(r"slack +down .* auth: HTTP 200, invalid_auth; check SLACK_BOT_TOKEN", every.stdout)


def test_a_run_remembers_the_one_before(run: Run) -> None:
    """By cron: the third failure in a row confirms the outage, in whichever process it is seen."""
    sandbox = Sandbox(platforms(), rows=2, enforce_limits=False)
    states = []
    with running(sandbox) as url:
        run("health", "gong", "--from", url)
        sandbox.rule("gong/*: status=503")
        for _ in range(3):
            found = plain(run("health", "gong", "--from", url, "--format", "json").stdout)["gong"]
            states.append((found["state"], found["confirmed"]))
    assert states == [("down", "up"), ("down", "up"), ("down", "down")]
    assert Path(".bi-contracts/health.sandbox.json").is_file()
    assert not Path(".bi-contracts/health.json").exists()


def test_a_damaged_memory_is_set_aside_with_a_word(run: Run) -> None:
    """The run goes on, and the old file is kept for whoever wants to see it."""
    place = Path(".bi-contracts/health.sandbox.json")
    place.parent.mkdir()
    place.write_text('{"version": 1, "memory": {"standings": 3}}')
    ended = run("health", "gong")
    assert ended.exit_code == 0
    assert "damaged (not what it should be at standings)" in ended.stderr
    assert "kept as health.sandbox.json.damaged" in ended.stderr
    assert json.loads(place.read_text())["version"] == 1


def test_files_are_written_for_people_and_for_prometheus(run: Run) -> None:
    """A page and a text file, besides what is printed."""
    ended = run("health", "gong", "--page", "out/status.html", "--prometheus-file", "out/health.prom")
    assert ended.exit_code == 0
    assert "All platforms are up" in Path("out/status.html").read_text()
    assert 'probe_success{platform="gong",source="sandbox"} 1.0' in Path("out/health.prom").read_text()


def test_the_same_is_printed_where_that_is_asked_for(run: Run) -> None:
    """--format html and prometheus print what the files hold."""
    assert run("health", "gong", "--format", "html").stdout.startswith("<!DOCTYPE html>")
    assert "# TYPE probe_success gauge" in run("health", "gong", "--format", "prometheus").stdout


def test_a_file_that_cannot_be_written_is_told_first(run: Run) -> None:
    """Before anybody is asked."""
    Path("file").write_text("")
    assert run("health", "gong", "--page", "file/status.html").exit_code == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--watch", "--mode", "replay"), "recordings do not change"),
        (("--watch", "--format", "html"), "a watch prints text or json"),
        (("--rounds", "2"), "--rounds is for --watch"),
        (("--from", "nowhere"), "neither live, sandbox nor a URL"),
    ],
)
def test_what_does_not_go_together_is_a_usage_error(run: Run, words: tuple[str, ...], said: str) -> None:
    """Exit 2 and a sentence."""
    ended = run("health", *words)
    assert ended.exit_code == 2
    assert said in ended.stderr


def test_an_interval_longer_than_evidence_lasts_is_refused(run: Run) -> None:
    """Nothing would ever be up."""
    ended = run("health", "--watch", "--interval", "1000")
    assert ended.exit_code == 3
    assert "must be longer than the interval of 1000 s" in ended.stderr


def test_a_wrong_configuration_names_file_and_key(run: Run) -> None:
    """What is allowed there, too."""
    Path("bi-contracts.toml").write_text("[health]\nintervall = 3\n")
    ended = run("health")
    assert ended.exit_code == 3
    assert "bi-contracts.toml: health: unknown setting 'intervall': did you mean interval?" in ended.stderr


def test_a_watch_prints_a_line_a_look_and_what_changed(run: Run) -> None:
    """Lines where nobody sits at a terminal; JSON is one object a line."""
    ended = run("health", "gong", "--watch", "--rounds", "2", "--interval", "1")
    assert ended.exit_code == 0
    assert [line.partition(" ")[2] for line in ended.stdout.splitlines() if line[0] != " "] == [
        "healthy: 1 up (sandbox: not evidence about the live APIs)"
    ] * 2
    assert "  gong: unknown -> up" in ended.stdout
    ended = run("health", "gong", "--watch", "--rounds", "2", "--interval", "1", "--format", "json")
    assert [json.loads(line)["overall_status"] for line in ended.stdout.splitlines()] == ["healthy"] * 2


HOOK = """
[health]
failures = 1

[[health.channels]]
kind = "webhook"
url_env = "HOOK_URL"
"""


def test_alerts_of_a_sandbox_are_sent_where_that_is_asked_for(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A drill: silent by default; with --alerts the channel hears of it, marked as a drill."""
    from ..health.receivers import Receiver, served

    Path("bi-contracts.toml").write_text(HOOK)
    sandbox = Sandbox(platforms(), rows=2, enforce_limits=False)
    receiver = Receiver()
    with running(sandbox) as url, served(receiver) as hook:
        monkeypatch.setenv("HOOK_URL", hook)
        run("health", "gong", "--from", url)
        sandbox.rule("gong/*: status=503")
        run("health", "gong", "--from", url)
        assert receiver.asked == []
        ended = run("health", "gong", "--from", url, "--alerts", "--watch", "--rounds", "1")
    assert [one.json["title"] for one in receiver.asked] == ["[sandbox] gong is down"]
    assert "critical: [sandbox] gong is down (to webhook)" in ended.stdout


@pytest.mark.usefixtures("unset")
def test_a_channel_without_its_variable_is_told_before_the_first_look(run: Run) -> None:
    """Exit 3, and the variable's name: whoever is to be told of outages must be reachable."""
    Path("bi-contracts.toml").write_text(HOOK)
    ended = run("health", "--mode", "live")
    assert ended.exit_code == 3
    assert "channel webhook: HOOK_URL is not set" in ended.stderr


def started(folder: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", "from bi_contracts.cli import main; main()", "health", "gong", *words]
    environ = {**os.environ, "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(command, cwd=folder, env=environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_an_interrupted_watch_ends_cleanly(tmp_path: Path) -> None:
    """The look that is under way is finished; the exit code is that of the last one; no traceback."""
    with started(tmp_path, "--watch", "--interval", "300") as process:
        assert process.stdout is not None
        assert "healthy" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, "")
    assert (tmp_path / ".bi-contracts" / "health.sandbox.json").is_file()


def test_a_served_watch_can_be_read_while_it_runs(tmp_path: Path) -> None:
    """Its address is told on stderr; SIGTERM, as a service manager sends it, ends it."""
    with started(tmp_path, "--serve", "0", "--interval", "300") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", process.stderr.readline())
        assert found is not None
        process.stdout.readline()
        for path in ("/healthz", "/status", "/status.json", "/metrics"):
            assert httpx.get(f"{found[0]}{path}", trust_env=False).status_code == 200
        process.terminate()
        process.communicate(timeout=60)
    assert process.returncode == 0


def test_a_terminal_sees_one_table_that_changes(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where somebody sits there, the table is drawn anew in its place."""
    from bi_contracts.cli import health

    class Terminal:
        @staticmethod
        def isatty() -> bool:
            return True

    with monkeypatch.context() as patched:
        patched.setattr(health, "sys", type("System", (), {"stdout": Terminal}))
        ended = run("health", "gong", "--watch", "--rounds", "1")
    assert ended.exit_code == 0
    assert "Ctrl-C ends the watch" in ended.stdout


def test_an_interruption_during_a_look_ends_the_watch_after_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is cut off: what was seen is printed and kept."""
    from bi_contracts.cli import health

    usual = health._lines

    def interrupted(look: Any) -> None:
        usual(look)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(health, "_lines", interrupted)
    ended = run("health", "gong", "--watch", "--interval", "600")
    assert (ended.exit_code, ended.stdout.count("healthy")) == (0, 1)


def test_a_served_watch_ends_with_its_rounds(run: Run) -> None:
    """The address on stderr, and the server gone afterwards."""
    ended = run("health", "gong", "--serve", "0", "--rounds", "1")
    assert ended.exit_code == 0
    found = re.search(r"serving at (http://127\.0\.0\.1:\d+)/status", ended.stderr)
    assert found is not None
    with pytest.raises(httpx.ConnectError):
        httpx.get(found[1], trust_env=False)


def test_a_file_that_can_be_written_no_more_does_not_end_a_watch(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is reported on stderr; the next look is taken all the same."""
    from bi_contracts.errors import ConfigurationError

    def full(path: Path, _: str) -> None:
        if path.suffix == ".html":
            raise ConfigurationError(f"{path}: no space left")

    monkeypatch.setattr("bi_contracts.files.write_text", full)
    ended = run("health", "gong", "--page", "status.html", "--watch", "--rounds", "2", "--interval", "1")
    assert ended.exit_code == 0
    assert ended.stderr.count("status.html: no space left") == 2
