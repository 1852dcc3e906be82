"""The checks as users write them. Type-checked, never run."""

from __future__ import annotations

from typing import Any

from bi_contracts.integration import (
    BenchmarkConfig,
    BIIntegrationTester,
    BIMockDataGenerator,
    BIPerformanceBenchmarker,
    BusinessRule,
    ConnectionTest,
    DataFlowTest,
    MockDataConfig,
    SLAThresholds,
    Step,
    Workflow,
)
from bi_contracts.load import LoadResult
from bi_contracts.resilience import CircuitBreakerConfig, Degraded, Policies, Policy, Result, RetryConfig

CHECKS: list[Any] = [
    ConnectionTest(name="crm", endpoint="hubspot/contacts", required_env_vars=["HUBSPOT_API_KEY"]),
    DataFlowTest(name="calls", source_endpoint="gong/calls", expected_fields=["id"]),
    BusinessRule(id="paid", endpoint="hubspot/deals", expression="true", severity="warning"),
    BenchmarkConfig(name="fast", endpoint="/healthz", concurrent_users=2, total_requests=20),
]


async def first(_previous: Any, _trail: Any) -> int:
    return 1


WORKFLOW: Workflow = Workflow(name="one", steps=[Step("first", first)])
SLA: SLAThresholds = SLAThresholds(max_p95_response_time_ms=8000)
RETRY: RetryConfig = RetryConfig(max_attempts=3, base_delay=1.0, max_delay=60.0, exponential_backoff=True, jitter=True)
BREAKER = CircuitBreakerConfig(failure_threshold=5, recovery_timeout=60, expected_exception=Exception)


async def read() -> list[int]:
    return [1]


async def use() -> None:
    policy: Policy = Policy("gong", retry=RETRY)
    rows: list[int] = await policy.call(read)
    kept: Result[list[int]] = await policy.fetch(read, fallbacks=[Degraded(rows)])
    fresh: bool = kept.ok
    assert fresh or Policies(retry=RETRY)
    async with BIIntegrationTester(mode="sandbox", platforms=["gong"]) as tester:
        results: dict[str, Any] = await tester.test_all_connections()
        assert results
    figures: dict[str, LoadResult] = await BIPerformanceBenchmarker().run_standard_benchmark_suite()
    mean: float = figures["dashboard_load_test"].avg_response_time_ms
    assert mean


calls: dict[str, Any] = BIMockDataGenerator().generate_gong_calls(MockDataConfig(platform="gong", record_count=3))
