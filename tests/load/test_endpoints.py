"""Declared endpoints of platforms under load."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.dialects import Quota, RateDialect
from bi_contracts.errors import CredentialsMissing, DeclarationError
from bi_contracts.load import BenchmarkConfig, LoadResult, Stage, run
from bi_contracts.load.benchmarks import of_request
from bi_contracts.load.endpoints import SHARE, capped, endpoint_load
from bi_contracts.registry import platforms, target
from bi_contracts.sandbox import Sandbox
from bi_contracts.sandbox.server import running
from bi_contracts.session import Upstream
from bi_contracts.workspace import Workspace

GIVEN = BenchmarkConfig("x", "x", 2, 6)


def load(id: str, upstream: Upstream) -> tuple[LoadResult, str]:
    asked = endpoint_load(target(id), upstream, GIVEN)

    async def main() -> LoadResult:
        async with asked.client() as client:
            return await run(asked.config, client, request=asked.request, judged=asked.judged)

    return asyncio.run(main()), asked.source


@pytest.mark.parametrize("id", ["gong/calls", "slack/users", "linear/issues", "salesforce/accounts", "asana/tasks"])
def test_an_endpoint_is_asked_as_its_platform_wants_it(id: str, tmp_path: Path) -> None:
    """Signed, with its parents' first rows, by its own method; GraphQL and SOQL too."""
    result, source = load(id, Upstream(Workspace(tmp_path), "sandbox"))
    assert (result.completed, result.successful, result.errors) == (6, 6, {})
    assert (result.config.name, source) == (id, "sandbox")


def test_a_platforms_own_refusal_is_a_failure(tmp_path: Path) -> None:
    """Regression: Slack's 200 with `ok: false` is no successful request."""
    sandbox = Sandbox(platforms(), enforce_limits=False)
    upstream = Upstream(Workspace(tmp_path), "sandbox", sandbox)
    asked = endpoint_load(target("slack/users"), upstream, GIVEN)
    sandbox.fault("forbidden", platform="slack", times=100)

    async def main() -> LoadResult:
        async with asked.client() as client:
            return await run(asked.config, client, request=asked.request, judged=asked.judged)

    result = asyncio.run(main())
    assert result.successful == 0
    assert sum(result.errors.values()) == 6


def test_an_upstream_that_is_down_is_no_success(tmp_path: Path) -> None:
    """Regression: each 503 is a failure, by its kind."""
    sandbox = Sandbox(platforms(), enforce_limits=False)
    upstream = Upstream(Workspace(tmp_path), "sandbox", sandbox)
    asked = endpoint_load(target("gong/calls"), upstream, GIVEN)
    sandbox.fault("status=503", platform="gong", times=100)

    async def main() -> LoadResult:
        async with asked.client() as client:
            return await run(asked.config, client, request=asked.request, judged=asked.judged)

    assert asyncio.run(main()).errors == {"HTTP 503: server error": 6}


def test_a_served_sandbox_is_asked_over_http(tmp_path: Path) -> None:
    """With the sandbox's own credentials; it says itself who answers."""
    with running(Sandbox(platforms(), enforce_limits=False)) as url:
        result, source = load("gong/calls", Upstream(Workspace(tmp_path), url))
    assert (result.successful, source, result.in_process) == (6, "sandbox", False)


def test_nobody_asked_is_an_unknown_source(tmp_path: Path) -> None:
    """No answer, no provenance."""
    assert endpoint_load(target("gong/calls"), Upstream(Workspace(tmp_path), "sandbox"), GIVEN).source == "unknown"


def test_live_without_credentials_names_them(tmp_path: Path) -> None:
    """Before anything is asked."""
    with pytest.raises(CredentialsMissing, match="GONG_ACCESS_KEY"):
        endpoint_load(target("gong/calls"), Upstream(Workspace(tmp_path), "live"), GIVEN)


def test_live_is_capped(tmp_path: Path) -> None:
    """What the command line asks for is cut to what the platform declares."""
    with running(Sandbox(platforms(), enforce_limits=False)) as url:
        environ = {
            "GONG_ACCESS_KEY": "k", "GONG_ACCESS_KEY_SECRET": "s", "GONG_BASE_URL": f"{url}/gong",
        }  # fmt: skip
        credentials = Sandbox(platforms()).credentials("gong")
        space = Workspace(tmp_path, environ={**environ, **credentials})
        asked = endpoint_load(target("gong/calls"), Upstream(space, "live"), replace(GIVEN, arrival_rate=1e6))
    limits = target("gong/calls").platform.limits
    assert asked.config.arrival_rate == min(quota.limit / quota.window for quota in limits.all_for("calls")[:1])


@given(
    st.builds(
        BenchmarkConfig,
        st.just("b"),
        st.just("/"),
        st.integers(1, 50),
        st.integers(1, 10_000),
        arrival_rate=st.none() | st.floats(0.1, 1000),
        duration_seconds=st.none() | st.floats(1, 1000),
        ramp=st.lists(st.builds(Stage, st.floats(1, 100), st.floats(0, 1000)), max_size=2).map(tuple),
        warmup_requests=st.integers(0, 10_000),
    )
)
def test_no_scenario_goes_beyond_the_declared_limits(config: BenchmarkConfig) -> None:
    """The rate is the shortest window's at most; of a day's budget a tenth may go; the model is open."""
    platform = replace(
        target("gong/calls").platform, limits=RateDialect(3, 1.0, quotas=(Quota("daily", 10_000, 86_400),))
    )
    found = capped(config, platform, platform.endpoint("calls"))
    assert found.model == "open"
    assert (found.arrival_rate or 0) <= 3
    assert found.planned is not None
    assert found.planned <= 10_000 * SHARE
    assert found.warmup_requests == 0


def test_a_limit_for_a_day_alone_gives_the_rate_too() -> None:
    """There is no shorter one to keep."""
    platform = replace(target("gong/calls").platform, limits=RateDialect(86_400, 86_400.0))
    assert capped(GIVEN, platform, platform.endpoint("calls")).arrival_rate == 1


def test_a_signed_request_can_be_given_to_another_engine(tmp_path: Path) -> None:
    """Address, method, body, and the signature among the headers."""
    asked = endpoint_load(target("linear/issues"), Upstream(Workspace(tmp_path), "sandbox"), GIVEN)
    signed = asked.signed()
    assert (signed.method, signed.endpoint) == ("POST", str(asked.request.url))
    assert "authorization" in signed.headers
    assert "query" in signed.payload


def test_a_body_that_is_no_json_cannot_be_exported() -> None:
    """A form is told, not mangled."""
    import httpx

    with pytest.raises(DeclarationError, match="no JSON"):
        of_request("b", httpx.Request("POST", "http://x", content=b"a=1"))
