"""`bi-contracts load` as a user types it."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from bi_contracts.cli import load, load_target
from bi_contracts.errors import ConfigurationError, UpstreamError
from bi_contracts.gateway import create_app
from bi_contracts.load import BenchmarkConfig, LoadResult, swarm
from bi_contracts.reading import Reader
from bi_contracts.registry import platforms
from bi_contracts.sandbox import Sandbox
from bi_contracts.sandbox.server import running as sandbox_running
from bi_contracts.serving import running
from bi_contracts.session import Upstream
from bi_contracts.workspace import Workspace

from .conftest import Ended, Run

BASELINE = "health_check_baseline"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A gateway on recordings, served."""
    upstream = Upstream(Workspace(tmp_path_factory.mktemp("empty")), "replay")
    with running(create_app(Reader(upstream), closing=True)) as url:
        yield url


def rows(ended: Ended) -> list[dict[str, object]]:
    """The outcomes of a JSON report."""
    found: list[dict[str, object]] = json.loads(ended.stdout)["outcomes"]
    return found


def test_benchmarks_run_against_a_gateway_of_their_own(run: Run) -> None:
    """In a process of its own, of which processor and memory are told, and which is gone afterwards."""
    ended = run("load", BASELINE, "gong_calls_light_load", "--quick", "--format", "json")
    assert ended.exit_code == 0, ended.output
    first, second = rows(ended)
    assert (first["subject"], first["status"], first["source"]) == (f"gateway/{BASELINE}", "passed", "sandbox")
    figures = second["figures"]
    assert isinstance(figures, dict)
    assert figures["requests"] == 5
    assert {"generator_cpu_percent", "target_memory_mb", "machine_sent_kb", "lag_p99_ms"} <= set(figures)
    assert not [child for child in psutil.Process().children() if "load_target" in " ".join(child.cmdline())]


def test_a_declared_endpoint_runs_against_the_sandbox(run: Run) -> None:
    """In an open model, held to a threshold."""
    ended = run(
        "load", "gong/calls", "--rate", "50", "--requests", "10", "--threshold", "http_reqs: count==10",
        "--sla", "none", "--format", "json",
    )  # fmt: skip
    (row,) = rows(ended)
    assert (row["subject"], row["source"]) == ("gong/calls", "sandbox")
    assert ended.exit_code in (0, 5), ended.output  # 5 where this machine was too busy to keep the rate


def test_a_breach_ends_with_6(run: Run, gateway: str) -> None:
    """And the report says which threshold, and what was measured."""
    ended = run("load", BASELINE, "--url", gateway, "--threshold", "http_req_duration: p(95)<0.0001")
    assert ended.exit_code == 6
    assert "http_req_duration p(95) is" in ended.stdout.replace("\n", " ")


def test_no_request_ends_with_5(run: Run, gateway: str) -> None:
    """Regression: zero tests is exit 5."""
    ended = run("load", BASELINE, "--url", gateway, "--requests", "0")
    assert (ended.exit_code, "no request ran" in ended.stdout) == (5, True)


def test_a_dead_target_is_no_success(run: Run) -> None:
    """Regression: upstream down is never counted as passed: a breach of the usual SLA, or else exit 4."""
    words = ("load", BASELINE, "--url", "http://127.0.0.1:9")
    assert run(*words).exit_code == 6
    assert run(*words, "--sla", "none").exit_code == 4


def test_a_path_and_an_address_can_be_named(run: Run, gateway: str) -> None:
    """Whatever is served; a gateway says itself who answers."""
    ended = run("load", "/healthz", f"{gateway}/healthz", "--url", gateway, "--requests", "3", "--format", "json")
    assert ended.exit_code == 0, ended.output
    assert [(row["samples"], row["source"]) for row in rows(ended)] == [(3, "replay"), (3, "replay")]


def test_what_says_nothing_of_its_source_is_unknown(run: Run) -> None:
    """An address that is no gateway of ours."""
    with sandbox_running(Sandbox(platforms(), enforce_limits=False)) as url:
        ended = run("load", "/x", "--url", url, "--requests", "2", "--sla", "none", "--format", "json")
    assert rows(ended)[0]["source"] == "unknown"


def test_an_endpoint_of_a_served_sandbox(run: Run) -> None:
    """By `--url`, as the other verbs do with `--from`."""
    with sandbox_running(Sandbox(platforms(), enforce_limits=False)) as url:
        ended = run("load", "gong/calls", "--url", url, "--requests", "4", "--format", "json")
    assert ended.exit_code == 0, ended.output
    assert rows(ended)[0]["source"] == "sandbox"


def test_in_process_needs_no_socket_and_says_so(run: Run) -> None:
    """Gateway and endpoint alike."""
    ended = run("load", BASELINE, "gong/calls", "--in-process", "--quick", "--format", "json")
    assert ended.exit_code == 0, ended.output
    assert all("in process" in str(row["note"]) for row in rows(ended))


def test_live_is_refused_unless_it_is_wanted(run: Run) -> None:
    """With the option to type; with it, credentials are asked for."""
    refused = run("load", "gong/calls", "--mode", "live")
    assert (refused.exit_code, "--yes-load-live" in refused.stderr) == (2, True)
    wanted = run("load", "gong/calls", "--mode", "live", "--yes-load-live")
    assert (wanted.exit_code, "GONG_ACCESS_KEY" in wanted.stdout) == (3, True)


@pytest.mark.parametrize(
    "words",
    [
        ("https://api.hubapi.com/crm/v3/objects/contacts",),
        ("/crm/v3/objects/contacts", "--url", "https://me:key@API.hubapi.com:443"),
    ],
    ids=str,
)
def test_a_vendors_address_is_live_whatever_it_is_called(run: Run, words: tuple[str, ...]) -> None:
    """It is refused in the same way; its export is not."""
    refused = run("load", *words)
    assert (refused.exit_code, "hubspot: load on live" in refused.stderr) == (2, True)
    assert run("load", *words, "--export", "k6").exit_code == 0
    assert run("load", "http://x:port/", "--requests", "1").exit_code == 2


def test_whoever_does_not_say_who_answers_is_unknown(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole address is not the sandbox, and a server that never answers holds nobody up."""
    monkeypatch.setattr(load, "PATIENCE", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        ended = run("load", f"{url}/x", "--requests", "1", "--timeout", "0.1", "--format", "json")
    (row,) = rows(ended)
    assert (ended.exit_code, row["source"], row["samples"]) == (6, "unknown", 1)


def test_a_run_that_is_stopped_reports_what_it_has(run: Run, gateway: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And that it is not complete; it does not end well."""
    real = load._builtin

    async def stopped(this: load.Run, config: BenchmarkConfig, *rest: Any) -> LoadResult:
        if config.name != BASELINE:
            raise KeyboardInterrupt
        return await real(this, config, *rest)

    monkeypatch.setattr(load, "_builtin", stopped)
    ended = run("load", BASELINE, "gong_calls_light_load", "--quick", "--url", gateway, "--format", "json")
    report = json.loads(ended.stdout)
    assert ended.exit_code not in (0, 5, 6)
    assert (report["finished"], [one["subject"] for one in report["outcomes"]]) == (False, [f"gateway/{BASELINE}"])


def test_what_a_closed_model_leaves_out_is_said(run: Run, gateway: str) -> None:
    """Also of a run that has passed, of which text shows no note; not where there is a rate, nor to the quiet."""
    words = ("load", BASELINE, "--url", gateway, "--requests", "1")
    assert "closed model" in run(*words).stderr
    assert "closed model" not in run(*words, "--rate", "10").stderr
    assert "closed model" not in run("-q", *words).stderr


def test_a_workspaces_own_benchmark_has_its_name(run: Run, gateway: str) -> None:
    """As the seed's section on contributing shows it."""
    Path("bi-contracts.toml").write_text('checks = ["mine.py"]\n')
    Path("mine.py").write_text(
        "from bi_contracts.integration import BenchmarkConfig\n"
        'benchmark = BenchmarkConfig(name="new_platform_performance", endpoint="/healthz",'
        " concurrent_users=2, total_requests=4)\n"
    )
    ended = run("load", "new_platform_performance", "--url", gateway, "--format", "json")
    assert ended.exit_code == 0, ended.output
    assert rows(ended)[0]["samples"] == 4


def test_an_sla_comes_from_a_file_and_from_words(run: Run, gateway: str) -> None:
    """The words are laid over the file."""
    Path("sla.toml").write_text("[sla]\nmax_response_time_ms = 0.0001\n")
    words = ("load", BASELINE, "--url", gateway, "--sla", "sla.toml")
    assert run(*words).exit_code == 6
    assert run(*words, "--sla", "max_response_time_ms=60000").exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("helth_check_baseline",), "did you mean health_check_baseline"),
        (("gong/callz",), "did you mean gong/call"),
        ((BASELINE, "--threshold", "p95<1"), "column 1"),
        ((BASELINE, "--ramp", "10"), "SECONDS:RATE"),
        ((BASELINE, "--ramp", "x:1"), "SECONDS:RATE"),
        ((BASELINE, "--sla", "none.toml"), "cannot be read"),
        ((BASELINE, "--sla", "max_error=1"), "did you mean max_error_rate"),
        ((BASELINE, "--engine", "locust", "--in-process"), "--in-process"),
        (("gong/calls", "--mode", "replay"), "a recording is not served"),
        (("--export", "k6"), "name the one"),
    ],
)
def test_a_mistake_is_answered_with_what_to_type(run: Run, words: tuple[str, ...], said: str) -> None:
    """Before anything is sent."""
    ended = run("load", *words)
    assert ended.exit_code in (2, 3)
    assert said in ended.stderr


def test_a_file_that_is_no_toml_is_told(run: Run) -> None:
    """By its name."""
    Path("sla.toml").write_text("max_error_rate: 1\n")
    assert "sla.toml is no TOML" in run("load", BASELINE, "--sla", "sla.toml").stderr


@pytest.mark.parametrize("tool", ["k6", "locust"])
def test_a_scenario_is_exported(run: Run, tool: str) -> None:
    """To stdout or to a file; nothing runs, and live needs no leave for that."""
    printed = run("load", "dashboard_load_test", "--rate", "20", "--duration", "30", "--export", tool)
    assert (printed.exit_code, "/api/business/dashboard" in printed.stdout) == (0, True)
    assert run("load", "dashboard_load_test", "--export", tool, "--output", "x").exit_code == 0
    assert "/api/business/dashboard" in Path("x").read_text()


def test_an_exported_endpoint_has_no_credentials(run: Run) -> None:
    """They are read from the environment by whoever runs it."""
    ended = run("load", "linear/issues", "--export", "k6")
    assert ended.exit_code == 0, ended.output
    assert "https://api.linear.app/graphql" in ended.stdout
    assert "authorization" not in ended.stdout.lower()


def test_locust_gets_the_same_scenario(run: Run, gateway: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Benchmarks as they are, endpoints with their signature; what it gives goes into the same report."""
    given: list[tuple[BenchmarkConfig, str, int]] = []

    def locust(config: BenchmarkConfig, url: str, workers: int, *, told: Callable[[int], None], **_: str) -> object:
        given.append((config, url, workers))
        told(1)  # the bar moves
        raise UpstreamError("Locust wrote no sums")

    monkeypatch.setattr(swarm, "run", locust)
    ended = run("load", BASELINE, "--url", gateway, "--engine", "locust", "--workers", "2")
    assert (ended.exit_code, "Locust wrote no sums" in ended.stdout) == (4, True)
    with sandbox_running(Sandbox(platforms(), enforce_limits=False)) as url:
        run("load", "gong/calls", "--url", url, "--engine", "locust")
    (first, address, workers), (second, _, _) = given
    assert (first.name, address, workers) == (BASELINE, gateway, 2)
    assert (second.name, "authorization" in second.headers) == ("gong/calls", True)
    live = run("load", "gong/calls", "--mode", "live", "--yes-load-live", "--engine", "locust")
    assert "not put on live platforms" in live.stdout.replace("\n", " ")


def test_without_psutil_the_run_goes_on_and_says_so(run: Run, gateway: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once, on stderr."""
    import sys

    monkeypatch.setitem(sys.modules, "psutil", None)
    ended = run("load", BASELINE, "gong_calls_light_load", "--quick", "--url", gateway)
    assert ended.exit_code == 0, ended.output
    assert ended.stderr.count("bi-contracts[load]") == 1


def test_a_target_that_does_not_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the line that it ended with, and with the exit code of a configuration that does not work."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bi-contracts.toml").write_text("nonsense = 1\n")
    with pytest.raises(ConfigurationError, match="nonsense"), load_target.served("gateway", "sandbox"):
        raise AssertionError("it did start")
    monkeypatch.setattr(load_target.sys, "executable", shutil.which("false"))
    with pytest.raises(UpstreamError, match="did not start: it said"), load_target.served("gateway", "sandbox"):
        raise AssertionError("it did start")
