"""The checks from Python."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bi_contracts.errors import ConfigurationError, UnknownEndpoint
from bi_contracts.integration import BIIntegrationTester, ConnectionTest, DataFlowTest
from bi_contracts.sandbox import Sandbox
from bi_contracts.workspace import Workspace

Ask = Callable[[BIIntegrationTester], Awaitable[dict[str, Any]]]


def asked(folder: Path, ask: Ask, mode: str = "sandbox", **options: Any) -> dict[str, Any]:
    async def run() -> dict[str, Any]:
        space = Workspace(folder, environ=options.pop("environ", {}))
        async with BIIntegrationTester(mode, platforms=["gong"], workspace=space, **options) as tester:
            return await ask(tester)

    return asyncio.run(run())


@pytest.mark.parametrize(
    "ask",
    [
        BIIntegrationTester.test_all_connections,
        BIIntegrationTester.test_all_data_flows,
        BIIntegrationTester.test_all_workflows,
        BIIntegrationTester.test_error_handling,
    ],
)
def test_each_group_has_a_summary_and_its_results(tmp_path: Path, ask: Ask) -> None:
    """The counts are those of the results, and what was skipped counts for nothing."""
    found = asked(tmp_path, ask)
    summary, results = found["summary"], found["results"]
    assert summary["total_tests"] == len(results) == summary["passed"] + summary["failed"] + summary["skipped"]
    assert summary["failed"] == 0
    assert summary["passed"] > 0
    assert summary["success_rate"] == 1.0


def test_a_platform_that_is_down_is_unhealthy(tmp_path: Path) -> None:
    """Upstream down is never counted as healthy."""

    async def ask(tester: BIIntegrationTester) -> dict[str, Any]:
        tester.context.upstream.sandbox.fault("status=503", platform="gong", times=None)
        return await tester.get_integration_health()

    found = asked(tmp_path, ask)
    assert found["overall_status"] == "unhealthy"
    assert found["platforms"]["gong"]["state"] == "down"


def test_a_platform_that_answers_is_healthy(tmp_path: Path) -> None:
    """Every platform was asked just now, and the answer says who gave it."""
    found = asked(tmp_path, BIIntegrationTester.get_integration_health)
    assert found["overall_status"] == "healthy"
    assert found["platforms"]["gong"]["source"] == "sandbox"


def test_a_recording_says_nothing_of_health(tmp_path: Path) -> None:
    """No fresh evidence is no health."""
    assert asked(tmp_path, BIIntegrationTester.get_integration_health, "replay")["overall_status"] == "unknown"


def test_without_credentials_nothing_is_healthy(tmp_path: Path) -> None:
    """Upstream that nobody asked is never healthy: the sandbox stands in for checks, and never for health."""
    found = asked(tmp_path, BIIntegrationTester.get_integration_health, "")
    assert found["overall_status"] == "unknown"
    assert "GONG_ACCESS_KEY" in found["platforms"]["gong"]["reason"]
    assert asked(tmp_path, BIIntegrationTester.test_all_connections, "")["summary"]["passed"] > 0


def test_with_a_credential_the_live_platform_is_meant(tmp_path: Path) -> None:
    """Whoever has exported a key does not want to hear of a sandbox."""
    space = Workspace(tmp_path, environ={"GONG_ACCESS_KEY": "key"})
    assert BIIntegrationTester(platforms=["gong"], workspace=space)._upstream.origin == "live"
    assert BIIntegrationTester(platforms=["slack"], workspace=space)._upstream.origin == "sandbox"


def test_a_test_without_its_credential_is_skipped_by_name(tmp_path: Path) -> None:
    """Unset credentials are skipped with the variable's name, never passed."""
    test = ConnectionTest(name="custom", endpoint="/healthz", required_env_vars=["CUSTOM_API_TOKEN"])
    found = asked(tmp_path, lambda tester: tester.test_connection(test))
    assert found["status"] == "skipped"
    assert "CUSTOM_API_TOKEN" in found["note"]


def test_a_connection_test_with_its_credential_is_run(tmp_path: Path) -> None:
    """The gateway has the one path and not the other."""
    environ = {"CUSTOM_API_TOKEN": "any"}
    for endpoint, status in (("/healthz", "passed"), ("/api/business/custom/nothing", "failed")):
        test = ConnectionTest(name="custom", endpoint=endpoint, required_env_vars=["CUSTOM_API_TOKEN"])
        assert asked(tmp_path, lambda tester: tester.test_connection(test), environ=environ)["status"] == status  # noqa: B023


def test_a_data_flow_test_looks_at_rows(tmp_path: Path) -> None:
    """A field that is there in its type passes, one that is not there fails."""
    for fields, status in ((["id", "started"], "passed"), (["id", "gone"], "failed")):
        test = DataFlowTest(name="calls", source_endpoint="gong/calls", expected_fields=fields)
        assert asked(tmp_path, lambda tester: tester.test_data_flow(test))["status"] == status  # noqa: B023


def test_tests_with_a_path_go_to_the_gateway_that_is_named(tmp_path: Path) -> None:
    """A base URL where nobody listens is a failure, not a look at the gateway in process."""
    test = ConnectionTest(name="there", endpoint="/healthz")
    found = asked(tmp_path, lambda tester: tester.test_connection(test), base_url="http://127.0.0.1:9")
    assert found["status"] in ("failed", "error")


def test_it_is_used_as_a_context() -> None:
    """Outside nothing is open, and the message shows how."""
    with pytest.raises(RuntimeError, match="async with BIIntegrationTester"):
        _ = BIIntegrationTester().context


def test_a_platform_that_nobody_declares_is_refused(tmp_path: Path) -> None:
    """With the nearest names."""
    with pytest.raises(UnknownEndpoint, match="gong"):
        BIIntegrationTester(platforms=["gonk"], workspace=Workspace(tmp_path))


def test_a_mode_that_is_none_is_refused(tmp_path: Path) -> None:
    """It is neither a word that is known nor a URL."""
    with pytest.raises(ConfigurationError, match="neither live, sandbox nor a URL"):
        BIIntegrationTester("staging", workspace=Workspace(tmp_path))


def test_sandboxes_are_not_shared(tmp_path: Path) -> None:
    """What one run breaks is whole in the next."""
    seen: list[Sandbox] = []

    async def ask(tester: BIIntegrationTester) -> dict[str, Any]:
        seen.append(tester.context.upstream.sandbox)
        return {}

    asked(tmp_path, ask)
    asked(tmp_path, ask)
    assert seen[0] is not seen[1]
