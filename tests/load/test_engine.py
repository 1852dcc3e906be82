"""How requests are sent and measured, in a time of its own: seconds of a run pass in milliseconds."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
import vcr
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.errors import ConfigurationError, DeclarationError
from bi_contracts.load import BenchmarkConfig, LoadResult, Stage, Threshold, client_for, parse, run

from . import virtual

Serve = Callable[[httpx.Request], Awaitable[httpx.Response]]


def load(config: BenchmarkConfig, serve: Serve, **options: Any) -> LoadResult:
    """One run in virtual time."""

    async def main() -> LoadResult:
        async with virtual.client(serve) as client:
            return await run(config, client, **options)

    return virtual.run(main())


def after(seconds: float) -> Serve:
    """A target that takes so long."""

    async def serve(_: httpx.Request) -> httpx.Response:
        return await virtual.ok(seconds)

    return serve


async def stalling(_: httpx.Request) -> httpx.Response:
    """20 ms, but nothing at all from second 4 to second 5."""
    stalled = 5 - virtual.now() if 4 <= virtual.now() < 5 else 0.0
    return await virtual.ok(stalled + 0.02)


def truth(rate: float, seconds: float) -> list[float]:
    """The latencies that customers of `stalling` have, computed: who comes during the stall waits for its end."""
    at = [number / rate for number in range(round(rate * seconds))]
    return sorted(0.02 + (5 - start if 4 <= start < 5 else 0.0) for start in at)


def test_a_stall_is_seen_as_large_as_it_is() -> None:
    """100 requests a second for 10 s, 20 ms service, one stall of 1 s: p95 and p99 are the computed ones."""
    result = load(BenchmarkConfig("stall", "/", arrival_rate=100, duration_seconds=10), stalling)
    real = truth(100, 10)
    assert result.completed == len(real) == 1000
    for percent, shown in ((95, result.p95_response_time_ms), (99, result.p99_response_time_ms)):
        assert shown == pytest.approx(1000 * real[math.ceil(percent * 10) - 1], rel=0.05)
    assert result.valid


def test_a_closed_model_does_not_see_the_stall_and_says_so() -> None:
    """Ten users at the same rate: p95 is that of a target that never stalled."""
    config = BenchmarkConfig("closed", "/", concurrent_users=10, think_seconds=0.08, duration_seconds=10)
    result = load(config, stalling)
    assert result.p95_response_time_ms == pytest.approx(20)
    assert any("closed model" in note for note in result.notes)


def test_p95_p99_and_max_differ_where_they_should_and_failures_are_in_the_latency() -> None:
    """Regression: 100 requests of which 6 are slow, 2 very slow and fail, 1 times out."""
    count = iter(range(1000))

    async def serve(_: httpx.Request) -> httpx.Response:
        number = next(count)
        if number == 0:
            return await virtual.ok(60)
        if number < 3:
            await asyncio.sleep(3)
            return httpx.Response(500)
        return await virtual.ok(1 if number < 9 else 0.1)

    result = load(BenchmarkConfig("b", "/", arrival_rate=1, total_requests=100, timeout_seconds=5), serve)
    shown = (
        result.median_response_time_ms,
        result.p95_response_time_ms,
        result.p99_response_time_ms,
        result.max_response_time_ms,
    )
    assert shown == pytest.approx((100, 1000, 3000, 5000))
    assert (result.successful, result.failed) == (97, 3)
    assert result.errors == {"HTTP 500": 2, "timeout": 1}


def test_failures_do_not_make_a_target_look_fast() -> None:
    """Regression: where every request times out, the latency is the timeout."""
    result = load(BenchmarkConfig("b", "/", timeout_seconds=2, total_requests=4), after(60))
    assert result.p95_response_time_ms == pytest.approx(2000)
    assert (result.success_rate, result.throughput_rps) == (0, 0)


@pytest.mark.parametrize("shape", [{"arrival_rate": 20.0}, {"concurrent_users": 3}], ids=str)
def test_a_run_by_duration_runs_that_long_and_yields(shape: dict[str, Any]) -> None:
    """Regression: a load run in duration mode runs that long and yields; other tasks go on meanwhile."""
    ticks = 0

    async def main() -> tuple[LoadResult, float]:
        async def tick() -> None:
            nonlocal ticks
            while True:
                await asyncio.sleep(1)
                ticks += 1

        ticking = asyncio.create_task(tick())
        async with virtual.client(after(0.03)) as client:
            result = await run(BenchmarkConfig("b", "/", duration_seconds=10, **shape), client)
        ticking.cancel()
        return result, virtual.now()

    result, ended = virtual.run(main())
    assert 10 <= ended <= 10.03 + 1e-6
    assert result.elapsed == pytest.approx(ended)
    assert ticks in (9, 10)


def test_a_timed_run_yields_also_where_answers_take_no_time() -> None:
    """Regression: a target that answers without waiting must not keep everybody else from running."""

    async def main() -> tuple[LoadResult, bool]:
        stopped = asyncio.Event()

        async def instant(_: httpx.Request) -> httpx.Response:
            return httpx.Response(200)

        async def stop() -> None:
            await asyncio.sleep(0)
            stopped.set()

        async with virtual.client(instant) as client:
            stopping = asyncio.create_task(stop())
            result = await run(BenchmarkConfig("b", "/", concurrent_users=1, total_requests=50), client)
            await stopping
        return result, stopped.is_set()

    result, stopped = virtual.run(main())
    assert stopped
    assert result.completed == 50


def test_a_dead_target_is_not_asked_in_a_hot_loop() -> None:
    """A timed run against nobody ends in time, and no request of it is a success."""

    async def refused(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    result = load(BenchmarkConfig("b", "/", concurrent_users=1, duration_seconds=1), refused)
    assert result.successful == 0
    assert 50 <= result.completed <= 101
    assert set(result.errors) == {"no connection"}


@pytest.mark.parametrize(
    "wrong",
    [
        httpx.Response(503),
        httpx.Response(200, json={"source": "unavailable"}),
        httpx.Response(200, json={"sections": [{"id": "gong/calls", "source": "stale"}]}),
        httpx.Response(200, headers={"x-bi-degraded": "mock"}),
        httpx.ReadError("reset"),
        httpx.ConnectTimeout("slow"),
        RuntimeError("a bug"),
    ],
    ids=str,
)
def test_an_upstream_that_is_down_is_never_a_successful_request(wrong: httpx.Response | Exception) -> None:
    """Regression: upstream down is never counted as a successful request, however it shows."""

    async def serve(_: httpx.Request) -> httpx.Response:
        if isinstance(wrong, Exception):
            raise wrong
        return wrong

    result = load(BenchmarkConfig("b", "/", total_requests=3), serve)
    assert (result.completed, result.successful, result.failed) == (3, 0, 3)
    assert sum(result.errors.values()) == 3


def test_there_is_one_client_a_run_and_none_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """Regression: one client per run, not per request."""
    made = 0
    real = httpx.AsyncClient.__init__

    def counted(self: httpx.AsyncClient, *args: Any, **keywords: Any) -> None:
        nonlocal made
        made += 1
        real(self, *args, **keywords)

    monkeypatch.setattr(httpx.AsyncClient, "__init__", counted)
    result = load(BenchmarkConfig("b", "/", concurrent_users=4, total_requests=40), after(0.01))
    assert (result.completed, made) == (40, 1)


@settings(max_examples=30)
@given(st.integers(1, 12), st.integers(0, 60), st.floats(0, 0.2), st.floats(0, 0.1))
def test_a_run_by_number_completes_exactly_that_many(users: int, number: int, takes: float, thinks: float) -> None:
    """Regression: completed is never above total, whatever the users; and it is never below either."""
    config = BenchmarkConfig("b", "/", users, number, think_seconds=thinks)
    seen = 0

    def progress(ended: int) -> None:
        nonlocal seen
        seen = max(seen, ended)

    result = load(config, after(takes), progress=progress)
    assert result.total_requests == result.completed == result.successful == seen == number


@settings(max_examples=30)
@given(st.floats(1, 100), st.floats(0.1, 3), st.floats(0, 2))
def test_an_open_run_starts_as_planned_however_slow_the_target(rate: float, seconds: float, takes: float) -> None:
    """Nobody waits for anybody; the latency of each is what the target takes."""
    config = BenchmarkConfig("b", "/", arrival_rate=rate, duration_seconds=seconds)
    result = load(config, after(takes))
    assert result.completed == config.planned
    assert result.lag.maximum == pytest.approx(0, abs=1e-6)
    assert result.max_response_time_ms == pytest.approx(1000 * takes, abs=0.01)


def test_a_ramp_runs_to_its_end() -> None:
    """Also where the last request is due before."""
    result = load(BenchmarkConfig("b", "/", ramp=(Stage(2, 10), Stage(2, 0))), after(0.01))
    assert result.completed == 20
    assert [second.latency.number for second in result.seconds.values()] == [3, 7, 8, 2]


def test_a_generator_that_lags_makes_the_run_invalid() -> None:
    """It is late itself: what it measured is blamed on nobody, though it stands in the latency."""

    async def main() -> LoadResult:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, virtual.VirtualLoop)

        async def busy() -> None:
            while virtual.now() < 1:
                await asyncio.sleep(0.1)
                loop.block(0.05)

        async with virtual.client(after(0.02)) as client:
            blocking = asyncio.create_task(busy())
            result = await run(BenchmarkConfig("b", "/", arrival_rate=100, duration_seconds=1), client)
            await blocking
        return result

    result = virtual.run(main())
    assert not result.valid
    assert "generator lagged" in result.invalid
    assert result.lag.maximum == pytest.approx(0.05, abs=0.011)
    assert result.max_response_time_ms > 50


def test_what_is_due_and_cannot_be_sent_is_dropped_and_told() -> None:
    """No more than the most allowed are under way; a run that dropped any is not valid."""
    config = BenchmarkConfig("b", "/", arrival_rate=10, duration_seconds=2, max_in_flight=5)
    result = load(config, after(10))
    assert (result.completed, result.dropped) == (5, 15)
    assert "due and not sent" in result.invalid


def test_a_rate_that_no_machine_sends_ends_all_the_same() -> None:
    """A generator far behind its schedule gives up; what it did not send is told, and nothing is lost."""

    async def slow_generator(_: httpx.Request) -> httpx.Response:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, virtual.VirtualLoop)
        loop.block(1.0)
        return httpx.Response(200)

    result = load(BenchmarkConfig("b", "/", arrival_rate=1e9, duration_seconds=100), slow_generator)
    assert result.elapsed < 200
    assert result.completed < 100
    assert result.completed + result.dropped == result.config.planned
    assert "not sent" in result.invalid
    poisson = load(BenchmarkConfig("b", "/", arrival_rate=1e9, duration_seconds=100, poisson=True), slow_generator)
    assert poisson.dropped == 1
    assert not poisson.valid


def test_warming_up_is_not_measured() -> None:
    """The target is asked, and nothing of it is counted."""
    asked = 0

    async def serve(_: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return await virtual.ok(1 if asked <= 3 else 0.01)

    result = load(BenchmarkConfig("b", "/", 1, 5, warmup_requests=3), serve)
    assert (asked, result.completed) == (8, 5)
    assert result.max_response_time_ms == pytest.approx(10)


def aborting(text: str) -> list[Threshold]:
    return list(parse(text))


def test_a_threshold_that_aborts_ends_the_run() -> None:
    """Within a second or so; those under way are sent and not completed, and nothing of them is a success."""
    config = BenchmarkConfig("b", "/", arrival_rate=10, duration_seconds=60)
    result = load(config, after(0.5), thresholds=aborting("p(95)<100 abortOnFail"))
    assert result.elapsed == pytest.approx(1)
    assert result.aborted.startswith("ended after 1 s: http_req_duration p(95) is 500 ms")
    assert result.completed < result.total_requests <= 11


def test_a_threshold_that_aborts_may_wait() -> None:
    """`delayAbortEval`: the first seconds of a cold target are forgiven."""
    config = BenchmarkConfig("b", "/", concurrent_users=1, duration_seconds=60)
    result = load(config, after(0.5), thresholds=aborting("p(95)<100 abortOnFail delayAbortEval=10s"))
    assert result.elapsed == pytest.approx(10, abs=1)


def test_a_threshold_without_abort_lets_the_run_go_on() -> None:
    """It is judged at the end."""
    result = load(BenchmarkConfig("b", "/", 1, 10), after(0.5), thresholds=aborting("p(95)<100"))
    assert (result.completed, result.aborted) == (10, "")


@pytest.mark.parametrize("shape", [{"arrival_rate": 50.0}, {"concurrent_users": 5}], ids=str)
def test_a_run_that_is_cancelled_leaves_nothing_behind(shape: dict[str, Any]) -> None:
    """No task of it goes on."""

    async def main() -> int:
        async with virtual.client(after(1)) as client:
            running = asyncio.create_task(run(BenchmarkConfig("b", "/", duration_seconds=60, **shape), client))
            await asyncio.sleep(2.5)
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
        return len(asyncio.all_tasks())

    assert virtual.run(main()) == 1


def test_the_request_is_what_the_scenario_says() -> None:
    """Method, address, query, headers and body."""
    seen: list[httpx.Request] = []

    async def serve(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(202)

    config = BenchmarkConfig(
        "b", "/x", 1, 2, method="POST", payload={"a": 1}, headers={"x-y": "z"}, params={"days": 7, "all": True}
    )
    result = load(config, serve)
    assert result.statuses == {202: 2}
    assert {(one.method, str(one.url), one.headers["x-y"], one.content) for one in seen} == {
        ("POST", "http://target.test/x?days=7&all=true", "z", b'{"a":1}')
    }


def test_an_expected_status_is_a_success_and_no_other_is() -> None:
    """A test of a refusal may expect 404."""

    async def serve(_: httpx.Request) -> httpx.Response:
        return httpx.Response(404)

    assert load(BenchmarkConfig("b", "/", 1, 1, expected_status=(404,)), serve).successful == 1
    assert load(BenchmarkConfig("b", "/", 1, 1, expected_status=(200,)), serve).successful == 0


@pytest.mark.parametrize("address", ["ftp://x/y", "http://x:port/", "x"])
def test_an_address_that_is_none_is_a_mistake_and_no_failed_request(address: str) -> None:
    """Nothing is measured by it."""

    async def main() -> None:
        async with httpx.AsyncClient() as client:
            await run(BenchmarkConfig("b", address), client)

    with pytest.raises(DeclarationError, match="b: "):
        asyncio.run(main())


def test_no_load_runs_under_a_cassette(tmp_path: Any) -> None:
    """Recordings patch the whole process: what would be measured is the cassette."""
    with (
        vcr.VCR().use_cassette(str(tmp_path / "x.yaml"), record_mode="none"),
        pytest.raises(ConfigurationError, match="cassette"),
    ):
        load(BenchmarkConfig("b", "/"), after(0))


def test_a_client_for_a_run_has_no_limits_of_its_own() -> None:
    """Waiting in a pool is no property of the target, and timeouts are the run's."""

    async def main() -> httpx.Timeout:
        async with client_for("http://127.0.0.1:9") as client:
            return client.timeout

    assert asyncio.run(main()) == httpx.Timeout(None)


def test_in_process_a_closed_run_is_not_called_late() -> None:
    """Users who share a thread with the target wait for the target, not for the generator; the result says so."""
    result = load(BenchmarkConfig("b", "/", 2, 4), after(0.01))
    assert result.in_process
    assert not result.lag_counts
    assert any(note.startswith("in process") for note in result.notes)
