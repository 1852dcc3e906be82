"""A scenario as a locustfile. Locust itself is never imported here: it runs in processes of its own (`swarm`).

Locust knows users only, so an arrival rate becomes users of a constant throughput; what they miss while the target
stalls is not made up for, and latency counts from when a request was sent.
"""

from __future__ import annotations

import math
from typing import Any

from ..interaction import DEGRADED_HEADER
from .k6 import HEADERS, comment, file_name, refuse_credentials, target_of, without_password
from .scenario import BenchmarkConfig

FAILED = " (failed)"
"""Behind the name of a request that failed, so that Locust sums successes up by themselves."""

WORKERS = "BI_CONTRACTS_LOAD_WORKERS"
"""The environment variable that tells every process how many workers there are."""

PARENT = "BI_CONTRACTS_LOAD_PARENT"
"""The environment variable that tells every process whose child it is: it ends when that is no longer so."""

_FILE = '''\
"""{name}: made by `bi-contracts load --export locust`.

Run it: locust -f {name}.py --headless --users {users} --spawn-rate {users} --host {base_url}
Distributed: one `--master --expect-workers N`, and N times `--worker`, each with {workers}=N in its environment.
"""

import json
import math
import os
import time

import gevent
import locust.stats
from locust import FastHttpUser, constant, constant_throughput, events, task
from locust.exception import StopUser
from locust.runners import MasterRunner, WorkerRunner

SCENARIO = json.loads({scenario})
HEADERS = {{**SCENARIO["headers"], **json.loads(os.environ.get("{headers}", "{{}}"))}}
WORKERS = int(os.environ.get("{workers}", "1"))

# Sums are sent and written often enough to be whole at the end, and by the millisecond.
locust.runners.WORKER_REPORT_INTERVAL = 0.5
locust.stats.CSV_STATS_INTERVAL_SEC = 0.5
locust.stats.CSV_STATS_FLUSH_INTERVAL_SEC = 0.5
locust.stats.HISTORY_STATS_INTERVAL_SEC = 1
locust.stats.PERCENTILES_TO_REPORT[:] = [
    *(n / 200 for n in range(1, 198)), *(n / 1000 for n in range(990, 1000)), 0.9999, 1.0
]
locust.stats.bucket_response_time = round


class Quota:
    """What this process has to send: its part of the requests, or until when."""

    left = 0
    until = math.inf
    users = 0
    begun = False


@events.test_start.add_listener
def begin(environment, **_):
    if isinstance(environment.runner, MasterRunner):
        return
    index = max(environment.runner.worker_index, 0) if isinstance(environment.runner, WorkerRunner) else 0
    total = SCENARIO["requests"]
    if total is None:
        Quota.left = math.inf
        Quota.until = time.monotonic() + SCENARIO["duration"]
    else:
        Quota.left = total // WORKERS + (index % WORKERS < total % WORKERS)
    Quota.begun = True


def orphaned():
    """Ends this process with the one that started it, however that one ended."""
    while os.getppid() == int(os.environ["{parent}"]):
        gevent.sleep(0.5)
    os._exit(1)


@events.init.add_listener
def watch(environment, **_):
    if "{parent}" in os.environ:
        gevent.spawn(orphaned)
    runner = environment.runner
    if isinstance(runner, MasterRunner):
        ended = set()

        def done(environment, msg, **_):
            ended.add(msg.node_id)
            if len(ended) >= WORKERS:
                gevent.spawn(quit_later, runner)

        runner.register_message("quota_done", done)
    elif runner is not None:
        gevent.spawn(report, runner)


def report(runner):
    """Says once that nothing is left to send and nobody waits for an answer any more."""
    while not (Quota.begun and Quota.users == 0 and (Quota.left <= 0 or time.monotonic() >= Quota.until)):
        gevent.sleep(0.05)
    gevent.sleep(1.2)  # the last sums are sent meanwhile
    if isinstance(runner, WorkerRunner):
        runner.send_message("quota_done")
    else:
        quit_later(runner)


def quit_later(runner):
    gevent.sleep(1.2)  # and written
    runner.quit()


class Customer(FastHttpUser):
    wait_time = {wait}
    connection_timeout = SCENARIO["timeout"]
    network_timeout = SCENARIO["timeout"]

    def on_start(self):
        Quota.users += 1

    def on_stop(self):
        Quota.users -= 1

    @task
    def ask(self):
        if Quota.left <= 0 or time.monotonic() >= Quota.until:
            raise StopUser()
        Quota.left -= 1
        name = SCENARIO["name"]
        keywords = {{"json": SCENARIO["payload"]}} if SCENARIO["payload"] is not None else {{}}
        with self.client.request(
            SCENARIO["method"], SCENARIO["target"], name=name, headers=HEADERS, catch_response=True,
            allow_redirects=False, **keywords
        ) as response:
            wrong = judge(response)
            if wrong:
                response.request_meta["name"] = name + "{failed}"
                response.failure(wrong)
            else:
                response.success()


def judge(response):
    status = response.status_code
    if not status:
        kind = type(response.error).__name__.lower()
        return "timeout" if "timeout" in kind else "no connection" if "refused" in kind else "connection broken"
    expected = SCENARIO["expected"]
    if not (status in expected if expected else 200 <= status < 300):
        return "HTTP %d" % status
    worst = (response.headers or {{}}).get("{degraded}")
    return "source: %s" % worst if worst else ""
'''


def users_of(config: BenchmarkConfig, workers: int = 1) -> int:
    """How many users Locust needs: at least one a worker; with an arrival rate, as many as may wait for a second."""
    if config.model == "closed":
        return config.concurrent_users
    most = max(rate for stage in config.stages for rate in stage[1:])
    return max(workers, config.concurrent_users, math.ceil(most))


def locustfile(config: BenchmarkConfig, base_url: str, workers: int = 1) -> str:
    """The file. Headers of the scenario are read from the environment: they may be credentials.

    A ramp is run at its mean rate, and Poisson arrivals as even ones: Locust has neither.
    """
    refuse_credentials(config)
    users = users_of(config, workers)
    return _FILE.format(
        name=file_name(config),
        users=users,
        base_url=comment(without_password(base_url.rstrip("/"))),
        scenario=repr(_json(_scenario(config))),
        headers=HEADERS,
        workers=WORKERS,
        parent=PARENT,
        wait=_wait(config, users),
        failed=FAILED,
        degraded=DEGRADED_HEADER,
    )


def mean_rate(config: BenchmarkConfig) -> float:
    """Requests a second over the whole of an open run."""
    if config.ramp:
        length = sum(seconds for seconds, _, _ in config.stages)
        return sum(seconds * (first + last) / 2 for seconds, first, last in config.stages) / length
    return config.arrival_rate or 0.0


def _wait(config: BenchmarkConfig, users: int) -> str:
    if config.model == "open" and mean_rate(config):
        return f"constant_throughput({mean_rate(config) / users!r})"
    return f"constant({config.think_seconds!r})"


def _scenario(config: BenchmarkConfig) -> dict[str, Any]:
    by_number = config.duration_seconds is None and not config.ramp
    return {
        "name": config.name,
        "method": config.method,
        "target": without_password(target_of(config)),
        "headers": {"accept": "application/json"},
        "payload": config.payload,
        "timeout": config.timeout_seconds,
        "expected": list(config.expected_status),
        "requests": config.total_requests if by_number else None,
        "duration": config.window,
    }


def _json(value: Any) -> str:
    import json

    return json.dumps(value)
