"""The phase of load: the standard benchmarks and the workspace's own against the gateway in process."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from bi_contracts.cassette.sockets import block_sockets
from bi_contracts.gateway import in_process
from bi_contracts.integration.context import Context
from bi_contracts.integration.phases import load
from bi_contracts.load import STANDARD_BENCHMARKS, BenchmarkConfig
from bi_contracts.reading import Reader
from bi_contracts.registry import platforms, select
from bi_contracts.report.events import Outcome, Status
from bi_contracts.resilience import RetryConfig
from bi_contracts.sandbox import Sandbox
from bi_contracts.session import Upstream
from bi_contracts.workspace import Workspace

ONCE = RetryConfig(max_attempts=1)


def phase(upstream: Upstream, names: Sequence[str] = (), own: Sequence[Any] = ()) -> list[Outcome]:
    """The outcomes of the phase."""

    async def main() -> list[Outcome]:
        async with Reader(upstream) as reader, in_process(reader, platforms=names, retry=ONCE) as gateway:
            chosen = select([f"{name}/*" for name in names] or ["*"])
            context = Context(upstream, reader, chosen, gateway, quick=True, own=tuple(own))
            return [outcome async for outcome in load.run(context)]

    return asyncio.run(main())


def test_the_nine_benchmarks_run_from_recordings_without_a_socket(tmp_path: Path) -> None:
    """By the seed's names, each with its figures, and none of them takes part for the vendor's API."""

    async def main() -> list[Outcome]:
        upstream = Upstream(Workspace(tmp_path), "replay")
        async with Reader(upstream) as reader, in_process(reader) as gateway:
            with block_sockets():
                context = Context(upstream, reader, select(["*"]), gateway, quick=True)
                return [outcome async for outcome in load.run(context)]

    found = asyncio.run(main())
    assert [one.subject for one in found] == [f"gateway/{one.name}" for one in STANDARD_BENCHMARKS]
    assert {(one.verdict, one.phase) for one in found} == {(Status.PASSED, "load")}
    assert [one.source for one in found] == ["gateway", *["replay"] * (len(found) - 1)]
    assert [one.samples for one in found] == [max(5, one.concurrent_users) for one in STANDARD_BENCHMARKS]
    assert all("in process" in one.note for one in found)
    assert all(one.elapsed is not None for one in found)


def test_benchmarks_of_platforms_that_were_not_chosen_are_skipped(tmp_path: Path) -> None:
    """Regression: `--platform` filters, and what was not asked has not passed."""
    found = {one.subject: one for one in phase(Upstream(Workspace(tmp_path), "replay"), ["gong"])}
    assert found["gateway/gong_calls_light_load"].verdict == Status.PASSED
    skipped = found["gateway/crm_pipeline_performance"]
    assert skipped.verdict == Status.SKIPPED
    assert "hubspot" in skipped.note


def test_what_was_never_recorded_is_skipped(tmp_path: Path) -> None:
    """Recordings cannot say how fast an answer is that nobody recorded."""
    (tmp_path / "cassettes" / "gong").mkdir(parents=True)
    space = Workspace(tmp_path)
    space.cassette("gong/calls_extensive").write_text("version: 1\ninteractions: []\n")
    space.cassette("gong/calls").write_text("version: 1\ninteractions: []\n")
    found = {one.subject: one for one in phase(Upstream(space, "replay"), ["gong"])}
    light = found["gateway/gong_calls_light_load"]
    assert (light.verdict, "recordings" in light.note) == (Status.SKIPPED, True)


def test_an_upstream_that_is_down_fails_its_benchmarks(tmp_path: Path) -> None:
    """Regression: upstream down is never counted as passed, and no request of it as a success."""
    sandbox = Sandbox(platforms(), enforce_limits=False)
    sandbox.clock.set(sandbox.world.present)
    sandbox.fault("status=503", platform="gong", times=100_000)
    found = {one.subject: one for one in phase(Upstream(Workspace(tmp_path), "sandbox", sandbox), ["gong"])}
    light = found["gateway/gong_calls_light_load"]
    assert (light.verdict, light.figures["successful"]) == (Status.FAILED, 0)


def test_a_workspaces_own_benchmark_runs_too(tmp_path: Path) -> None:
    """And one that cannot be asked is an error, not a pass."""
    own = [BenchmarkConfig("mine", "/healthz", 1, 3), BenchmarkConfig("broken", "http://x:port/")]
    found = {one.subject: one for one in phase(Upstream(Workspace(tmp_path), "replay"), ["gong"], own)}
    assert (found["gateway/mine"].verdict, found["gateway/mine"].samples) == (Status.PASSED, 3)
    assert found["gateway/broken"].verdict == Status.ERROR


def test_an_address_elsewhere_is_not_measured_on_the_gateway(tmp_path: Path) -> None:
    """It is skipped: the gateway in process would answer in its place."""
    own = [BenchmarkConfig("mine", "http://elsewhere.test/healthz", 1, 3)]
    found = {one.subject: one for one in phase(Upstream(Workspace(tmp_path), "replay"), ["gong"], own)}
    mine = found["gateway/mine"]
    assert (mine.verdict, "bi-contracts load mine" in mine.note) == (Status.SKIPPED, True)


def test_live_platforms_are_left_alone(tmp_path: Path) -> None:
    """One row says so, and how to do it all the same."""
    (found,) = phase(Upstream(Workspace(tmp_path), "live"))
    assert (found.verdict, "--yes-load-live" in found.note) == (Status.SKIPPED, True)


@pytest.mark.parametrize("body", [b"[]", b"no json", b'{"sections": [1]}'])
def test_an_answer_without_sections_is_put_under_load(body: bytes) -> None:
    """Whatever another server answers."""
    import httpx

    assert load._sections(httpx.Response(200, content=body)) == []


def test_how_fast_the_gateway_says_that_it_is_alive_tells_nothing_while_nobody_answers(tmp_path: Path) -> None:
    """Regression row: upstream down is never counted as passed, and the gateway's own health is nobody's answer."""
    found = phase(Upstream(Workspace(tmp_path, environ={}), "http://127.0.0.1:1"), ["gong"])
    assert Status.PASSED not in {one.verdict for one in found}
    health = found[0]
    assert (health.subject, health.status) == ("gateway/health_check_baseline", Status.SKIPPED)
    assert (health.source, "no platform" in health.note) == ("", True)
