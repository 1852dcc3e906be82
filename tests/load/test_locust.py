"""Scenarios as Locust runs them: its own master and workers, each a process, against a server on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from importlib.util import find_spec

import psutil
import pytest

from bi_contracts.load import BenchmarkConfig, outcome, parse, swarm
from bi_contracts.report.events import Status
from bi_contracts.serving import Receive, Scope, Send, running

if find_spec("locust") is None:  # never imported here: it patches the whole process
    pytest.skip("needs Locust: tox -e locust", allow_module_level=True)


class Target:
    """Counts what it is asked, and fails every so many requests."""

    def __init__(self, fail: int = 0) -> None:
        self.fail = fail
        self.asked: list[tuple[str, str, bytes, str]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            while True:
                event = (await receive())["type"]
                await send({"type": f"{event}.complete"})
                if event == "lifespan.shutdown":
                    return
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        query = scope["query_string"].decode()
        body = (await receive()).get("body", b"")
        self.asked.append((scope["method"], f"{scope['path']}?{query}", body, headers.get("x-key", "")))
        number = len(self.asked)
        await asyncio.sleep(0.01)
        status = 503 if self.fail and number % self.fail == 0 else 200
        length = [(b"content-length", b"2"), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": length})
        await send({"type": "http.response.body", "body": b"{}"})


@pytest.fixture
def nothing_left() -> Iterator[None]:
    """No process of the run is left at the end."""
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    yield
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before


@pytest.mark.usefixtures("nothing_left")
def test_a_distributed_run_sends_exactly_what_the_scenario_says() -> None:
    """41 requests of four users on two workers, a tenth of which fail; the report is that of any run."""
    target = Target(fail=10)
    config = BenchmarkConfig(
        "b", "/x", 4, 41, method="POST", payload={"a": "é"}, params={"days": 7}, headers={"x-key": "s3cr3t"}
    )
    with running(target) as url:
        result = swarm.run(config, url, 2, source="sandbox")
    assert (result.total_requests, result.successful, result.failed) == (41, 37, 4)
    assert len(target.asked) == 41
    assert {(method, path, key) for method, path, _, key in target.asked} == {("POST", "/x?days=7", "s3cr3t")}
    assert {json.loads(body)["a"] for _, _, body, _ in target.asked} == {"é"}
    assert result.errors == {"HTTP 503": 4}
    assert result.min_response_time_ms >= 5
    found = outcome(result, parse("http_req_failed: rate<0.05"))
    assert found.verdict == Status.FAILED


@pytest.mark.usefixtures("nothing_left")
def test_a_timed_run_with_a_rate_sends_about_that_much() -> None:
    """20 a second for 3 seconds, from users of a constant throughput."""
    target = Target()
    with running(target) as url:
        result = swarm.run(BenchmarkConfig("b", "/x", arrival_rate=20, duration_seconds=3), url, 2)
    assert result.completed == len(target.asked)
    assert 40 <= result.completed <= 80
    assert result.success_rate == 1


@pytest.mark.usefixtures("nothing_left")
def test_an_upstream_that_is_down_is_never_a_success() -> None:
    """Regression: refused connections are failures, by their kind."""
    result = swarm.run(BenchmarkConfig("b", "/x", 2, 6), "http://127.0.0.1:9", 1)
    assert (result.completed, result.successful) == (6, 0)
    assert result.errors == {"no connection": 6}
