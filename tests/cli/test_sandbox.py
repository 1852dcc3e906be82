"""`bi-contracts sandbox`: what it serves, what it says, and what can be told to one that is served."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bi_contracts.registry import platforms
from bi_contracts.sandbox import Sandbox

from .conftest import Run


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Sandbox]:
    """The sandboxes that would be served, in place of serving them."""
    found: list[Sandbox] = []

    def serve(sandbox: Sandbox, host: str, port: int, *, started: Callable[[str], None]) -> None:
        found.append(sandbox)
        started(f"http://{host}:{port}")

    monkeypatch.setattr("bi_contracts.sandbox.server.serve", serve)
    return found


def test_every_declared_platform_is_served_below_its_name(run: Run, served: list[Sandbox]) -> None:
    """The banner on stderr names each address; stdout holds the exports alone."""
    ended = run("sandbox", "--port", "8771")
    assert ended.exit_code == 0
    assert ended.stderr.splitlines()[0] == "the sandbox, serving at http://127.0.0.1:8771"
    for platform in platforms():
        assert f"http://127.0.0.1:8771/{platform.name}" in ended.stderr
    assert "http://127.0.0.1:8771/asana/api/1.0" in ended.stderr
    assert all(line.startswith("export ") for line in ended.stdout.splitlines())
    assert set(served[0].platforms) == {platform.name for platform in platforms()}


def test_settings_reach_the_sandbox(run: Run, served: list[Sandbox], tmp_path: Path) -> None:
    """Rows, seed, time, changes, faults, limits; the banner says what is not as usual."""
    changes = tmp_path / "changes.toml"
    changes.write_text('[[change]]\nendpoint = "asana/tasks"\nchange = "remove"\npath = "notes"\n')
    more = tmp_path / "more.json"
    more.write_text(json.dumps([{"endpoint": "asana/*", "change": "header", "path": "sunset", "to": "soon"}]))
    ended = run(
        *("sandbox", "--rows", "7", "--seed", "other", "--now", "2026-03-01T09:00:00Z", "--no-limits"),
        *("--evolve", str(changes), "--evolve", str(more), "--platform", "asana", "--platform", "no*"),
        *("--fault", "asana/tasks: rate-limit; retry-after=1 x3", "--fault", "latency=0.01"),
    )
    assert ended.exit_code == 0
    (sandbox,) = served
    assert (sandbox.world.size, sandbox.seed, sandbox.limits.enforced) == (7, "other", False)
    assert set(sandbox.platforms) == {"asana", "notion"}
    assert [rule.times for rule in sandbox.faults.rules] == [3, None]
    assert len(sandbox.evolution.changes) == 2
    assert 0 <= sandbox.now() - 1772355600 < 60
    for said in (
        "7 rows",
        "seed other",
        "2026-03-01T09:0",
        "2 changes",
        "fault: asana/tasks: rate-limit",
        "not enforced",
    ):
        assert said in ended.stderr


def test_quiet_says_only_where(run: Run, served: list[Sandbox]) -> None:
    """One line."""
    assert run("--quiet", "sandbox").stderr.splitlines() == ["the sandbox, serving at http://127.0.0.1:8770"]
    assert served


def test_credentials_are_printed_without_serving(run: Run, served: list[Sandbox]) -> None:
    """As exports or as JSON, of the platforms that are named."""
    assert run("sandbox", "--credentials", "--platform", "asana").stdout.startswith("export ASANA_ACCESS_TOKEN=")
    told = json.loads(run("sandbox", "--credentials", "--platform", "asana", "--format", "json").stdout)
    assert list(told) == ["ASANA_ACCESS_TOKEN"]
    assert not served


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--platform", "asan"), 3, "no platform has this name; there are asana"),
        (("--now", "soon"), 3, "'soon' is no time"),
        (("--fault", "nonsense"), 3, "fault 'nonsense' is not understood"),
        (("--fault", "asana/taks: html"), 3, "no endpoint is called 'taks'; there are tasks"),
        (("--fault", "nowhere/*: html"), 3, "no platform is called 'nowhere'"),
        (("--rows", "-1"), 2, "-1"),
        (("--port", "70000"), 2, "70000"),
        (("--host", "0.0.0.0"), 3, "this machine only"),
        (("--evolve", "none.toml"), 3, "none.toml"),
        (("--evolve", "."), 3, ".: no evolution"),
        (("--evolve", "typo.json"), 3, "typo.json, change 2: no endpoint is called 'asana/taks'; did you mean"),
        (("--evolve", "glob.json"), 3, "glob.json, change 1: no endpoint is called 'zzz/*'"),
        (("--evolve", "bad.toml"), 3, "bad.toml, change 1: change must be one of"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_in_one_line(
    run: Run, tmp_path: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    """Usage is 2, a bad setting or file is 3; nothing is served."""
    good = {"endpoint": "asana/tasks", "change": "remove", "path": "notes"}
    (tmp_path / "typo.json").write_text(json.dumps([good, {**good, "endpoint": "asana/taks"}]))
    (tmp_path / "glob.json").write_text(json.dumps([{**good, "endpoint": "zzz/*"}]))
    (tmp_path / "bad.toml").write_text('[[change]]\nendpoint = "asana/tasks"\nchange = "explode"\n')
    ended = run("sandbox", *words)
    assert (ended.exit_code, said in ended.stderr) == (code, True)
    assert "Traceback" not in ended.stderr


@pytest.fixture
def running() -> Iterator[tuple[Sandbox, str]]:
    pytest.importorskip("uvicorn", reason="the extra sandbox-http is not installed")
    from bi_contracts.sandbox.server import running

    sandbox = Sandbox(platforms(), rows=3, clock=lambda: 1_772_355_600.0)
    with running(sandbox) as url:
        yield sandbox, url


def test_faults_are_told_to_a_sandbox_that_runs(run: Run, running: tuple[Sandbox, str]) -> None:
    """Set, listed, cleared."""
    sandbox, url = running
    assert "no fault is set" in run("sandbox", "fault", "--at", url).stderr
    ended = run("sandbox", "fault", "asana/tasks: rate-limit; retry-after=1 x3", "latency=0.1", "--at", url)
    assert ended.stdout.splitlines() == ["asana/tasks: rate-limit; retry-after=1 x3", "*/*: latency=0.1"]
    assert len(sandbox.faults.rules) == 2
    told = json.loads(run("sandbox", "fault", "--clear", "html x1", "--format", "json", "--at", url).stdout)
    assert told == [{"platform": "*", "endpoint": "*", "fault": "html", "times": 1}]
    ended = run("sandbox", "fault", "nonsense", "--at", url)
    assert (ended.exit_code, "is not understood" in ended.stderr) == (3, True)


def test_the_clock_of_a_sandbox_that_runs_is_read_and_moved(run: Run, running: tuple[Sandbox, str]) -> None:
    """To a moment, by seconds, to a standstill."""
    _, url = running
    assert run("sandbox", "clock", "--at", url).stdout == "2026-03-01T09:00:00.000Z\n"
    assert run("sandbox", "clock", "--advance", "90", "--at", url).stdout == "2026-03-01T09:01:30.000Z\n"
    assert run("sandbox", "clock", "--now", "2027-01-01", "--freeze", "--at", url).stdout.endswith("(stands still)\n")
    told = json.loads(run("sandbox", "clock", "--run", "--format", "json", "--at", url).stdout)
    assert (told["now"], told["frozen"]) == ("2027-01-01T00:00:00.000Z", False)
    assert run("sandbox", "clock", "--now", "x", "--at", url).exit_code == 3
    assert json.loads(run("sandbox", "status", "--at", url).stdout)["clock"]["now"] == told["now"]


@pytest.mark.parametrize("verb", ["fault", "clock", "status"])
def test_nobody_there_is_said_with_what_to_do(run: Run, verb: str) -> None:
    """Exit 4, and how to start one."""
    ended = run("sandbox", verb, "--at", "http://127.0.0.1:9")
    assert (ended.exit_code, "bi-contracts sandbox" in ended.stderr) == (4, True)


def test_another_server_is_no_sandbox(run: Run) -> None:
    """What answers something else is named."""
    pytest.importorskip("uvicorn", reason="the extra sandbox-http is not installed")
    from bi_contracts import serving

    async def other(scope: serving.Scope, receive: serving.Receive, send: serving.Send) -> None:
        if scope["type"] == "lifespan":
            for event in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{event}.complete"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"hi"})

    with serving.running(other) as url:
        ended = run("sandbox", "status", "--at", url)
    assert (ended.exit_code, "is no sandbox" in ended.stderr) == (3, True)


@pytest.mark.parametrize(("words", "ahead"), [((), True), (("--now", "now"), False)])
def test_a_served_sandbox_lives_at_the_time_of_its_rows(
    run: Run, served: list[Sandbox], words: tuple[str, ...], ahead: bool
) -> None:
    """So its rows are fresh; the real time is there for the asking."""
    assert run("sandbox", *words).exit_code == 0
    (sandbox,) = served
    assert (abs(sandbox.now() - sandbox.world.present) < 60) is ahead
    assert (abs(sandbox.now() - time.time()) < 60) is not ahead
