"""A load test as a value: what can be measured, and how many requests that will be."""

from __future__ import annotations

import pytest

from bi_contracts.errors import DeclarationError
from bi_contracts.load import STANDARD_BENCHMARKS, BenchmarkConfig, Stage, benchmark
from bi_contracts.load.benchmarks import quick


def test_the_defaults_are_those_of_the_seed() -> None:
    """A benchmark is added with a name and a path: two users, twenty requests."""
    config = BenchmarkConfig(name="new_platform_performance", endpoint="/api/business/new-platform")
    assert (config.concurrent_users, config.total_requests, config.model) == (2, 20, "closed")


def test_the_standard_benchmarks_are_those_of_the_seed() -> None:
    """By name, users and requests."""
    assert {one.name: (one.concurrent_users, one.total_requests) for one in STANDARD_BENCHMARKS} == {
        "health_check_baseline": (1, 5),
        "gong_calls_light_load": (2, 20),
        "gong_calls_medium_load": (5, 50),
        "crm_contacts_performance": (3, 30),
        "crm_pipeline_performance": (2, 20),
        "dashboard_load_test": (4, 40),
        "projects_overview_stress": (3, 25),
        "workflow_trigger_performance": (2, 15),
        "high_concurrency_test": (10, 100),
    }
    assert benchmark("gong_calls_light_load").params == {"days": 7}
    assert benchmark("gong_calls_medium_load").params == {"days": 30}


def test_the_workflow_benchmark_only_plans() -> None:
    """Load must never write into anybody's platforms."""
    config = benchmark("workflow_trigger_performance")
    assert (config.method, config.payload["dry_run"]) == ("POST", True)


@pytest.mark.parametrize(("name", "said"), [("dashbord", "dashboard_load_test"), ("zzzzz", "health_check_baseline")])
def test_an_unknown_benchmark_is_answered_with_the_nearest(name: str, said: str) -> None:
    """Or with all of them where none is near."""
    with pytest.raises(DeclarationError, match=said):
        benchmark(name)


@pytest.mark.parametrize(
    "wrong",
    [
        {"concurrent_users": 0},
        {"total_requests": -1},
        {"timeout_seconds": 0.0},
        {"duration_seconds": 0.0},
        {"arrival_rate": float("nan")},
        {"arrival_rate": float("inf")},
        {"think_seconds": -0.1},
        {"ramp": (Stage(0, 10),)},
        {"ramp": (Stage(10, -1),)},
        {"ramp": (Stage(float("inf"), 1),)},
        {"ramp": (Stage(1, float("nan")),)},
        {"ramp": (Stage(1, float("inf")),)},
        {"arrival_rate": 1e-320},
        {"arrival_rate": 1e308, "duration_seconds": 1e10},
        {"arrival_rate": "5"},
        {"concurrent_users": 1.5},
        {"total_requests": 10**400},
        {"total_requests": True},
    ],
    ids=str,
)
def test_figures_with_which_nothing_can_be_measured_are_refused(wrong: dict[str, object]) -> None:
    """When the value is made, not when the run has begun."""
    with pytest.raises(DeclarationError, match="b: "):
        BenchmarkConfig("b", "/", **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("config", "window", "planned"),
    [
        (BenchmarkConfig("b", "/", 2, 20), None, 20),
        (BenchmarkConfig("b", "/", duration_seconds=3), 3, None),
        (BenchmarkConfig("b", "/", arrival_rate=10, duration_seconds=3), 3, 30),
        (BenchmarkConfig("b", "/", arrival_rate=10, total_requests=25), 2.5, 25),
        (BenchmarkConfig("b", "/", ramp=(Stage(4, 10), Stage(2, 0))), 6, 30),
        (BenchmarkConfig("b", "/", arrival_rate=10, duration_seconds=3, poisson=True), 3, None),
    ],
    ids=str,
)
def test_how_long_and_how_many_is_known_where_it_can_be(
    config: BenchmarkConfig, window: float | None, planned: int | None
) -> None:
    """None where only the target's pace, or chance, tells."""
    assert (config.window, config.planned) == (window, planned)


def test_quick_sends_few_requests_and_every_user_at_least_one() -> None:
    """Five, or one a user."""
    assert {one.name: quick(one).total_requests for one in STANDARD_BENCHMARKS} == {
        one.name: max(5, one.concurrent_users) for one in STANDARD_BENCHMARKS
    }


def test_quick_is_quick_also_for_a_run_by_duration() -> None:
    """Few requests, and no ten minutes; none where none were asked for."""
    closed = quick(BenchmarkConfig("b", "/", 7, duration_seconds=600))
    assert (closed.planned, closed.model) == (7, "closed")
    ramp = quick(BenchmarkConfig("b", "/", ramp=(Stage(300, 50), Stage(300, 0))))
    assert (ramp.planned, ramp.arrival_rate, ramp.window) == (5, 50, 0.1)
    assert quick(BenchmarkConfig("b", "/", total_requests=0)).planned == 0
