"""The standard benchmarks of the business gateway, and a benchmark of any declared endpoint."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from difflib import get_close_matches

import httpx

from ..errors import DeclarationError
from ..paths import Json
from .scenario import BenchmarkConfig

_API = "/api/business"

STANDARD_BENCHMARKS: tuple[BenchmarkConfig, ...] = (
    BenchmarkConfig("health_check_baseline", "/healthz", 1, 5),
    BenchmarkConfig("gong_calls_light_load", f"{_API}/gong/recent", 2, 20, params={"days": 7}),
    BenchmarkConfig("gong_calls_medium_load", f"{_API}/gong/recent", 5, 50, params={"days": 30}),
    BenchmarkConfig("crm_contacts_performance", f"{_API}/crm/contacts", 3, 30),
    BenchmarkConfig("crm_pipeline_performance", f"{_API}/crm/pipeline", 2, 20),
    BenchmarkConfig("dashboard_load_test", f"{_API}/dashboard", 4, 40),
    BenchmarkConfig("projects_overview_stress", f"{_API}/projects/overview", 3, 25),
    BenchmarkConfig(
        "workflow_trigger_performance",
        f"{_API}/workflows/trigger",
        2,
        15,
        method="POST",
        payload={"workflow": "lead-qualification", "dry_run": True},
    ),
    BenchmarkConfig("high_concurrency_test", f"{_API}/dashboard", 10, 100),
)
"""Nothing of them writes: the workflow is only planned."""


def benchmark(name: str, known: Iterable[BenchmarkConfig] = STANDARD_BENCHMARKS) -> BenchmarkConfig:
    """The benchmark of that name. Raises `DeclarationError` with the nearest names."""
    found = {config.name: config for config in known}
    if name not in found:
        near = get_close_matches(name, found, n=3, cutoff=0.4)
        hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(found)}."
        raise DeclarationError(f"no benchmark is called {name!r}: {hint}")
    return found[name]


def quick(config: BenchmarkConfig, most: int = 5) -> BenchmarkConfig:
    """The same with few requests, at least one a user: for every commit, not for figures to be held to.

    A run by duration becomes one by number, and a ramp one at the rate that it comes to.
    """
    few = max(most, config.concurrent_users)
    number = few if config.planned is None else min(config.planned, few)
    rate = max((rate for _, *rates in config.stages for rate in rates), default=0.0) or None
    return replace(config, arrival_rate=rate, ramp=(), duration_seconds=None, total_requests=number, warmup_requests=0)


def of_request(name: str, request: httpx.Request, given: BenchmarkConfig | None = None) -> BenchmarkConfig:
    """A benchmark that sends a request that was made before, signature and all; how often, as given.

    Raises `DeclarationError` where its body is no JSON.
    """
    kept = {key: value for key, value in request.headers.items() if key not in _MADE_ANEW}
    return replace(
        given or BenchmarkConfig(name, ""),
        name=name,
        endpoint=str(request.url),
        method=request.method,
        headers=kept,
        params={},
        payload=_payload(name, request),
    )


_MADE_ANEW = ("host", "content-length", "content-type", "connection", "accept-encoding", "user-agent")


def _payload(name: str, request: httpx.Request) -> Json:
    if not request.content:
        return None
    try:
        return json.loads(request.content)
    except ValueError:
        raise DeclarationError(f"{name}: its body is no JSON, and only JSON can be exported") from None
