"""Locust's files read back, and what can be known of its processes without it."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from bi_contracts.errors import ConfigurationError, UpstreamError
from bi_contracts.load import BenchmarkConfig, Stage, swarm
from bi_contracts.load.locust import locustfile, mean_rate, users_of

CONFIG = BenchmarkConfig("b", "/", 2, 4)
STATS = """\
Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,Max Response Time,\
Average Content Size,Requests/s,Failures/s,25%,50%,75%,99%,100%
GET,b,3,0,20,20.0,10.5,30.2,5,1.5,0,10,20,30,30,30
GET,b (failed),1,1,40,40,40,40,5,0.5,0.5,40,40,40,40,40
,Aggregated,4,1,20,25.0,10.5,40.0,5,2,0.5,20,30,40,40,40
"""
FAILURES = """\
Method,Name,Error,Occurrences,First Seen,Last Seen
GET,b (failed),CatchResponseError('HTTP 503'),1,x,y
"""
HISTORY = """\
Timestamp,User Count,Type,Name,50%,95%,Total Request Count,Total Failure Count
100,2,,Aggregated,N/A,N/A,0,0
101,2,GET,b,20,30,2,0
101,2,,Aggregated,20,30,2,0
103,2,,Aggregated,30,40,3,1
103,2,,Aggregated,30,40,4,1
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files as Locust writes them."""
    for name, text in (("stats", STATS), ("failures", FAILURES), ("stats_history", HISTORY)):
        (tmp_path / f"run_{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def test_the_sums_become_a_result(folder: Path) -> None:
    """Requests, failures by kind, throughput and bytes."""
    found = swarm.read(CONFIG, folder, source="sandbox")
    assert (found.total_requests, found.successful, found.failed) == (4, 3, 1)
    assert found.errors == {"HTTP 503": 1}
    assert (found.elapsed, found.received, found.source, found.engine) == (2, 20, "sandbox", "locust")
    assert found.valid


def test_percentiles_are_those_of_nearest_rank(folder: Path) -> None:
    """Locust's percentile of a share p is the value of rank int(n p) + 1; failures are among them."""
    found = swarm.read(CONFIG, folder)
    assert [found.percentile_ms(percent) for percent in (25, 50, 75, 100)] == [10.5, 20, 30, 40]
    assert found.avg_response_time_ms == pytest.approx(25)


def test_the_history_becomes_a_timeline(folder: Path) -> None:
    """The last row of a second counts, from the first second with a request on."""
    found = swarm.read(CONFIG, folder)
    assert {at: (one.latency.number, one.failed) for at, one in found.seconds.items()} == {0: (2, 0), 2: (2, 1)}


def test_requests_that_locust_did_not_count_are_told(folder: Path) -> None:
    """A run of ten that counted four was cut off."""
    assert swarm.read(BenchmarkConfig("b", "/", 2, 10), folder).aborted == "Locust counted 4 of 10 requests"


def test_no_requests_are_no_result_to_pass(folder: Path) -> None:
    """The row is there, and empty."""
    (folder / "run_stats.csv").write_text(
        STATS.splitlines()[0] + "\n,Aggregated,0,0,0,0,0,0,0,0,0,N/A,N/A,N/A,N/A,N/A\n", encoding="utf-8"
    )
    found = swarm.read(BenchmarkConfig("b", "/", 2, 0), folder)
    assert (found.completed, found.successful) == (0, 0)


def test_no_sums_are_an_error(tmp_path: Path) -> None:
    """Locust ended before it wrote any."""
    with pytest.raises(UpstreamError, match="no sums"):
        swarm.read(CONFIG, tmp_path)


def test_without_locust_people_are_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra by its name."""
    monkeypatch.setattr(swarm, "find_spec", lambda _: None)
    with pytest.raises(ConfigurationError, match=r"pip install 'bi-contracts\[locust\]'"):
        swarm.run(CONFIG, "http://127.0.0.1:9")


def test_workers_without_users_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their part of the requests would never be sent."""
    monkeypatch.setattr(swarm, "find_spec", lambda _: True)
    with pytest.raises(ConfigurationError, match="3 workers cannot share 2 users"):
        swarm.run(CONFIG, "http://127.0.0.1:9", 3)


def staged(monkeypatch: pytest.MonkeyPatch, master: str, worker: str, stats: str = STATS) -> list[int]:
    """Python in place of Locust; gives the ids of the processes that were started."""
    write = f"import pathlib; pathlib.Path('run_stats.csv').write_text({stats!r}); "
    commands = [[sys.executable, "-c", write + master], [sys.executable, "-c", worker]]
    ids: list[int] = []
    real = swarm._stop

    def stop(processes: Sequence[swarm.subprocess.Popen[bytes]]) -> None:
        ids.extend(process.pid for process in processes)
        real(processes)
        assert all(process.poll() is not None for process in processes)

    monkeypatch.setattr(swarm, "find_spec", lambda _: True)
    monkeypatch.setattr(swarm, "_commands", lambda *_: commands)
    monkeypatch.setattr(swarm, "_stop", stop)
    return ids


def test_a_run_ends_with_its_master_and_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker that still waits is ended."""
    ids = staged(monkeypatch, "import time; time.sleep(0.2)", "import time; time.sleep(600)")
    seen: list[int] = []
    assert swarm.run(CONFIG, "http://127.0.0.1:9", told=seen.append).completed == 4
    assert len(ids) == 2
    assert set(seen) <= {0, 4}


def test_a_process_that_does_not_listen_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """After some seconds to end by itself."""
    monkeypatch.setattr(swarm, "STOPPING", 0.3)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    ids = staged(monkeypatch, "import time; time.sleep(0.5)", deaf)
    swarm.run(CONFIG, "http://127.0.0.1:9")
    assert len(ids) == 2


@pytest.mark.parametrize(
    ("master", "worker", "said"),
    [
        ("import sys; sys.exit('no such host')", "import time; time.sleep(600)", r"Locust failed \(1\): no such host"),
        ("import time; time.sleep(600)", "raise SystemExit('out of files')", "worker failed: out of files"),
        ("import time; time.sleep(600)", "import time; time.sleep(600)", "did not end: it said nothing"),
    ],
)
def test_a_run_that_fails_says_why_and_leaves_no_process(
    monkeypatch: pytest.MonkeyPatch, master: str, worker: str, said: str
) -> None:
    """With the last line of the process that failed."""
    ids = staged(monkeypatch, master, worker)
    config = BenchmarkConfig("b", "/", 2, 4, timeout_seconds=0.1, duration_seconds=0.1)
    with pytest.raises(UpstreamError, match=said):
        swarm.run(config, "http://127.0.0.1:9", patience=1.0)
    assert len(ids) == 2


def test_an_interruption_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends master and workers."""
    ids = staged(monkeypatch, "import time; time.sleep(600)", "import time; time.sleep(600)")

    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        swarm.run(CONFIG, "http://127.0.0.1:9", told=interrupted)
    assert len(ids) == 2


def test_a_users_settings_of_locust_do_not_mix_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nor does a proxy; headers travel in the environment, for they may be credentials."""
    monkeypatch.setenv("LOCUST_USERS", "999")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy")
    found = swarm._environ(BenchmarkConfig("b", "/", headers={"authorization": "x"}), tmp_path, 2)
    assert "LOCUST_USERS" not in found
    assert "HTTPS_PROXY" not in found
    assert (found["HOME"], found["BI_CONTRACTS_LOAD_HEADERS"]) == (str(tmp_path), '{"authorization": "x"}')


def test_a_password_of_an_address_travels_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the header that it stands for: command lines can be read by everybody on the machine."""
    staged(monkeypatch, "import os; open('run_env', 'w')", "import time; time.sleep(600)")
    seen: list[tuple[str, str]] = []
    commands = swarm._commands

    def kept(url: str, *rest: int) -> list[list[str]]:
        seen.append(("url", url))
        return commands(url, *rest)

    environ = swarm._environ

    def headers(config: BenchmarkConfig, *rest: object) -> dict[str, str]:
        seen.append(("authorization", config.headers["authorization"]))
        return environ(config, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(swarm, "_commands", kept)
    monkeypatch.setattr(swarm, "_environ", headers)
    swarm.run(CONFIG, "http://me:s3%40t@127.0.0.1:9")
    assert seen == [("url", "http://127.0.0.1:9"), ("authorization", "Basic bWU6czNAdA==")]


def test_locust_ends_with_whoever_started_it(tmp_path: Path) -> None:
    """Also where that was killed and could end nobody: every process watches whose child it is."""
    assert swarm._environ(CONFIG, tmp_path, 1)["BI_CONTRACTS_LOAD_PARENT"] == str(os.getpid())
    text = locustfile(CONFIG, "http://x")
    assert "os.getppid() == int(os.environ" in text
    assert "constant(0.0)" in locustfile(BenchmarkConfig("b", "/", ramp=(Stage(10, 0),)), "http://x")


def test_master_and_workers_talk_over_loopback_only() -> None:
    """And there is no web page."""
    master, *workers = swarm._commands("http://127.0.0.1:1/", 4, 2, 5557)
    assert (master[i := master.index("--master-bind-host")], master[i + 1]) == ("--master-bind-host", "127.0.0.1")
    assert "--headless" in master
    assert len(workers) == 2
    assert all("127.0.0.1" in worker for worker in workers)


@pytest.mark.parametrize(
    "config",
    [
        CONFIG,
        BenchmarkConfig("b", "/", duration_seconds=5, think_seconds=0.5),
        BenchmarkConfig("b", "/", arrival_rate=10, duration_seconds=5),
        BenchmarkConfig("b", "/", ramp=(Stage(10, 10),)),
        BenchmarkConfig('a"""\nb\\', '/\'"""x{y}', payload={"q": '{}\'"""\\'}, headers={"authorization": "s3cr3t"}),
    ],
    ids=str,
)
def test_every_locustfile_is_python_and_holds_no_header(config: BenchmarkConfig) -> None:
    """Whatever stands in names and values."""
    text = locustfile(config, "http://127.0.0.1:1")
    ast.parse(text)
    assert "s3cr3t" not in text


def test_an_arrival_rate_becomes_users() -> None:
    """As many as may wait for a second, each with its part of the rate."""
    ramp = BenchmarkConfig("b", "/", arrival_rate=10, ramp=(Stage(10, 30), Stage(10, 30)))
    assert (users_of(ramp), mean_rate(ramp)) == (30, 25)
    assert "constant_throughput(" in locustfile(ramp, "http://x")
    assert users_of(BenchmarkConfig("b", "/", 2, arrival_rate=0.5), workers=4) == 4
