"""Runs a locustfile as Locust's own master and workers, each a process, and reads their CSV files back."""

from __future__ import annotations

import csv
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote_to_bytes

from ..errors import ConfigurationError, UpstreamError
from ..redact import redact_text
from .histogram import Distribution
from .k6 import HEADERS, without_password
from .locust import PARENT, WORKERS, locustfile, users_of
from .measure import Second
from .result import LoadResult
from .scenario import BenchmarkConfig

EXTRA = "locust"
PATIENCE = 60.0
"""Seconds beyond the run itself that starting, stopping and writing may take."""

STOPPING = 5.0
"""Seconds a process gets to end by itself once it was asked to."""


def run(
    config: BenchmarkConfig,
    base_url: str,
    workers: int = 1,
    *,
    source: str = "",
    patience: float = PATIENCE,
    told: Callable[[int], None] = lambda _: None,
) -> LoadResult:
    """One load run on Locust: a master and `workers` workers on this machine, none of which outlives the call.

    They talk over loopback only. Raises `ConfigurationError` where Locust is not installed or the users are fewer
    than the workers, `UpstreamError` where a process fails or the run does not end.
    """
    if find_spec("locust") is None:
        raise ConfigurationError(
            f"--engine locust needs Locust, which is not installed: pip install 'bi-contracts[{EXTRA}]'"
        )
    users = users_of(config, workers)
    if not 1 <= workers <= users:
        raise ConfigurationError(f"{config.name}: {workers} workers cannot share {users} users; use fewer workers")
    with tempfile.TemporaryDirectory(prefix="bi-contracts-locust-") as name:
        folder = Path(name)
        (folder / "locustfile.py").write_text(locustfile(config, base_url, workers), encoding="utf-8")
        commands = _commands(without_password(base_url), users, workers, _free_port())
        signed = replace(config, headers={**_basic(base_url), **_basic(config.endpoint), **config.headers})
        with _processes(commands, folder, _environ(signed, folder, workers)) as processes:
            _wait(processes, folder, config, patience, told)
        return read(config, folder, source=source)


def _basic(url: str) -> dict[str, str]:
    """The credentials of an address as a header: on a command line and in a file others could read them."""
    import httpx

    user = httpx.URL(url).userinfo
    return {"authorization": f"Basic {b64encode(unquote_to_bytes(user)).decode()}"} if user else {}


def _commands(base_url: str, users: int, workers: int, port: int) -> list[list[str]]:
    locust = [sys.executable, "-m", "locust", "-f", "locustfile.py", "--loglevel", "WARNING"]
    master = [
        *locust,
        *("--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", str(port)),
        *("--headless", "--users", str(users), "--spawn-rate", str(users), "--host", base_url.rstrip("/")),
        *("--expect-workers", str(workers), "--expect-workers-max-wait", "45"),
        *("--csv", "run", "--csv-full-history", "--only-summary", "--exit-code-on-error", "0"),
    ]
    worker = [*locust, "--worker", "--master-host", "127.0.0.1", "--master-port", str(port)]
    return [master, *([worker] * workers)]


def _environ(config: BenchmarkConfig, folder: Path, workers: int) -> dict[str, str]:
    """Nothing of the user's Locust configuration mixes in, and no proxy stands between."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("LOCUST_") and not name.lower().endswith("_proxy")
    }
    own = {WORKERS: str(workers), PARENT: str(os.getpid())}
    own |= {"HOME": str(folder), "USERPROFILE": str(folder), "NO_PROXY": "*"}
    return {**kept, **own, HEADERS: json.dumps(dict(config.headers))}


def _free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _processes(
    commands: Sequence[Sequence[str]], folder: Path, environ: Mapping[str, str]
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """The processes, for as long as the block lasts. However it ends, none is left behind."""
    started: list[subprocess.Popen[bytes]] = []
    try:
        for number, command in enumerate(commands):
            with (folder / f"process-{number}.log").open("wb") as log:
                started.append(
                    # A session of its own: Ctrl-C reaches us, and we end them in order.
                    subprocess.Popen(
                        command,
                        cwd=folder,
                        env=dict(environ),
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                        start_new_session=True,
                    )
                )
        yield started
    finally:
        _stop(started)


def _stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    until = time.monotonic() + STOPPING
    for process in processes:
        try:
            process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(
    processes: Sequence[subprocess.Popen[bytes]],
    folder: Path,
    config: BenchmarkConfig,
    patience: float,
    told: Callable[[int], None],
) -> None:
    """Until the master ends. A worker that ends before it, in any other way than well, ends the run."""
    master, *workers = processes
    window = config.window
    # A run by number may take as long as every request timing out one after the other.
    most = window if window is not None else config.timeout_seconds * (config.total_requests / config.concurrent_users)
    until = time.monotonic() + most + config.timeout_seconds + patience
    while master.poll() is None:
        broken = next((number for number, one in enumerate(workers, 1) if one.poll()), None)
        if broken is not None:
            raise UpstreamError(f"{config.name}: a Locust worker failed: {_said(folder, broken)}")
        if time.monotonic() > until:
            raise UpstreamError(f"{config.name}: Locust did not end: {_said(folder, 0)}")
        told(_requests(folder))
        time.sleep(0.1)
    if master.returncode:
        raise UpstreamError(f"{config.name}: Locust failed ({master.returncode}): {_said(folder, 0)}")


def _said(folder: Path, number: int) -> str:
    """The last line that a process wrote."""
    path = folder / f"process-{number}.log"
    lines = path.read_text(encoding="utf-8", errors="replace").strip().splitlines() if path.is_file() else []
    return redact_text(lines[-1]) if lines else "it said nothing"


def _requests(folder: Path) -> int:
    rows = _rows(folder / "run_stats.csv")
    return _whole(rows[-1].get("Request Count")) if rows else 0


def read(config: BenchmarkConfig, folder: Path, *, source: str = "") -> LoadResult:
    """What the files `run_stats.csv`, `run_failures.csv` and `run_stats_history.csv` in a folder say.

    Raises `UpstreamError` where there are no sums.
    """
    rows = {row["Name"]: row for row in _rows(folder / "run_stats.csv")}
    total = rows.get("Aggregated")
    if total is None:
        raise UpstreamError(f"{config.name}: Locust wrote no sums")
    number = _whole(total["Request Count"])
    errors: dict[str, int] = {}
    for row in _rows(folder / "run_failures.csv"):
        kind = _kind(row["Error"])
        errors[kind] = errors.get(kind, 0) + _whole(row["Occurrences"])
    rate = float(total["Requests/s"] or 0)
    successes = rows.get(config.name)
    planned = config.planned
    return LoadResult(
        config,
        _distribution(total),
        _distribution(successes) if successes is not None else Distribution(),
        Distribution(),
        number,
        errors,
        seconds=dict(_seconds(_rows(folder / "run_stats_history.csv"))),
        received=round(number * float(total["Average Content Size"] or 0)),
        elapsed=number / rate if rate else 0.0,
        aborted=f"Locust counted {number} of {planned} requests" if planned is not None and number < planned else "",
        source=source,
        engine="locust",
    )


def _distribution(row: Mapping[str, str]) -> Distribution:
    """Locust's percentile of a share p is the value of rank int(n * p) + 1; with n up to 200 that is every rank."""
    number = _whole(row["Request Count"])
    ranks = {
        min(number, int(number * float(name[:-1]) / 100 + 1e-9) + 1): _whole(value) / 1000
        for name, value in row.items()
        if name and name.endswith("%") and value not in ("", "N/A")
    }
    if not number or not ranks:
        return Distribution()
    least, most = float(row["Min Response Time"]) / 1000, float(row["Max Response Time"]) / 1000
    ranks = {rank: min(max(value, least), most) for rank, value in ranks.items()}
    return Distribution.of_ranks(number, {**ranks, number: most, 1: least}, float(row["Average Response Time"]) / 1000)


def _seconds(rows: Sequence[Mapping[str, str]]) -> Iterator[tuple[int, Second]]:
    """What was counted within a second, by the last row of it; its percentiles are Locust's over its last seconds."""
    last = {_whole(row["Timestamp"]): row for row in rows if row["Name"] == "Aggregated"}
    begun: int | None = None
    requests = failures = 0
    for at, row in sorted(last.items()):
        now, failed = _whole(row["Total Request Count"]), _whole(row["Total Failure Count"])
        more = now - requests
        if more > 0:
            begun = at if begun is None else begun
            values = {percent: _whole(row.get(f"{percent}%")) / 1000 for percent in (50, 95)}
            ranks = {max(1, round(more * percent / 100)): value for percent, value in values.items()}
            latency = Distribution.of_ranks(more, {**ranks, more: values[95]})
            yield at - begun, Second(latency, max(0, failed - failures))
        requests, failures = max(requests, now), max(failures, failed)


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _kind(error: str) -> str:
    """`HTTP 503` for what Locust writes as `CatchResponseError('HTTP 503')`."""
    _, bracket, said = error.partition("('")
    return redact_text(said.removesuffix(")").strip("'") if bracket else error)


def _whole(value: str | None) -> int:
    return int(float(value)) if value not in (None, "", "N/A") else 0
