"""A whole integration run as events: nine platforms, six phases, load charts, and a little of everything that fails."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from random import Random

from bi_contracts.errors import ExitCode
from bi_contracts.report import (
    Chart,
    Event,
    Finding,
    Finished,
    Outcome,
    Recommendation,
    Series,
    Started,
    Status,
    Timed,
)

from .streams import AT

PLATFORMS = ("asana", "gong", "hubspot", "intercom", "linear", "looker", "notion", "salesforce", "slack")
CONNECTION = ("valid credential", "missing credential", "malformed credential", "timeout", "rate limit")
BENCHMARKS = (
    ("health_check_baseline", 5, 3.0),
    ("gong_calls_light_load", 20, 18.0),
    ("gong_calls_medium_load", 50, 420.0),
    ("crm_contacts_performance", 30, 22.0),
    ("crm_pipeline_performance", 20, 25.0),
    ("dashboard_load_test", 40, 80.0),
    ("projects_overview_stress", 25, 41.0),
    ("workflow_trigger_performance", 15, 12.0),
    ("high_concurrency_test", 100, 33.0),
)
TIMES = {"connection": 1.1, "data flow": 2.6, "workflow": 0.9, "resilience": 1.4, "load": 4.8, "health": 0.3}
PHASES = tuple(TIMES)


def connection() -> list[Outcome]:
    """Two platforms without a key, one that refuses its own."""
    rows = []
    for platform in PLATFORMS:
        if platform == "salesforce":
            note = "SALESFORCE_API_KEY and SALESFORCE_INSTANCE_URL are not set"
            rows.append(Outcome("salesforce/credential", "valid credential", Status.SKIPPED, note=note))
            continue
        rows += [_connected(platform, check) for check in CONNECTION]
    return rows


def _connected(platform: str, check: str) -> Outcome:
    subject = f"{platform}/{check.replace(' ', '-')}"
    if platform == "linear" and check in ("valid credential", "timeout"):
        found = Finding("connection-refused", "breaking", "", message="refused: 401 where 200 was expected")
        return Outcome(subject, check, Status.FAILED, (found,), "sandbox", 1, 0.03)
    if platform == "slack" and check == "rate limit":
        return Outcome(subject, check, Status.ERROR, source="sandbox", elapsed=2.0, note="no answer within 2 s")
    return Outcome(subject, check, Status.PASSED, source="sandbox", samples=1, elapsed=0.02)


def data_flow() -> list[Outcome]:
    """Contracts, freshness, references."""
    rows = []
    for number, platform in enumerate(PLATFORMS):
        rows += [_flow(f"{platform}/{endpoint}", number) for endpoint in ("first", "second", "third")]
    unknown = Finding(
        "dangling-reference", "warning", "/calls/*/parties/*/emailAddress",
        message="parties that no HubSpot contact has the address of", evidence={"seen": 3, "of": 120},
    )  # fmt: skip
    rows.append(Outcome("gong/calls", "gong-parties-in-hubspot", Status.PASSED, (unknown,), "sandbox", 120, 0.4))
    return rows


def _flow(subject: str, number: int) -> Outcome:
    if subject == "hubspot/first":
        lost = Finding(
            "contract-required", "breaking", "/results/0/properties/email", before="string",
            message="`email` is required (12 times at /results/*/properties/email)",
            evidence={"seen": 28, "of": 40, "baseline_seen": 40, "baseline_of": 40},
            explanation="Every record has to have what the contract requires.",
        )  # fmt: skip
        return Outcome(subject, "contract", Status.FAILED, (lost,), "sandbox", 40, 0.12, artifact="contracts/x.json")
    if subject == "notion/second":
        old = Finding("stale-recording", "warning", "", message="recorded 94 days ago", evidence={"age_days": 94})
        return Outcome(subject, "freshness", Status.PASSED, (old,), "sandbox", 4, 0.01)
    return Outcome(subject, "contract", Status.PASSED, source="sandbox", samples=10 + number, elapsed=0.04)


def workflow() -> list[Outcome]:
    """Three workflows, one broken."""
    broken = Finding("step-failed", "breaking", "", message="step `deployment` has no project to deploy")
    return [
        Outcome("gateway/lead-qualification", "workflow", Status.PASSED, source="sandbox", samples=4, elapsed=0.2),
        Outcome("gateway/project-optimisation", "workflow", Status.FAILED, (broken,), "sandbox", 2, 0.3),
        Outcome("gateway/call-analysis", "workflow", Status.PASSED, source="sandbox", samples=3, elapsed=0.2),
    ]


def resilience() -> list[Outcome]:
    """Figures without a chart."""
    figures = {"admitted": 5, "of": 100, "call_us": 1.4}
    return [
        Outcome(f"{platform}/breaker", "half-open probes", Status.PASSED, source="sandbox", samples=100,
                elapsed=0.15, figures=figures)
        for platform in PLATFORMS
    ]  # fmt: skip


def load() -> list[Outcome]:
    """The nine benchmarks, one over its threshold."""
    return [_benchmark(name, requests, middle) for name, requests, middle in BENCHMARKS]


def _benchmark(name: str, requests: int, middle: float) -> Outcome:
    random = Random(name)
    times = sorted(middle * math.exp(random.gauss(0, 0.5)) for _ in range(requests * 20))
    p50, p95, p99 = (times[int(len(times) * share)] for share in (0.5, 0.95, 0.99))
    slow = p95 > 800
    found = (
        Finding(
            "sla-breached", "breaking", "", before="< 800", after=round(p95, 4),
            message=f"http_req_duration p(95) is {p95:.4g} ms, wanted < 800 ms",
            evidence={"metric": "http_req_duration", "condition": "p(95)<800"},
        ),
    )  # fmt: skip
    figures = {
        "requests": requests * 20, "failed": int(slow), "success_rate": 1 - slow / (requests * 20),
        "rate_per_second": 101.3, "p50_ms": p50, "p95_ms": p95, "p99_ms": p99, "max_ms": times[-1],
        "lag_p99_ms": 0.7, "cpu_percent": 31.0, "memory_bytes": 83_000_000,
    }  # fmt: skip
    return Outcome(
        f"gateway/{name}", "load", Status.FAILED if slow else Status.PASSED, found if slow else (), "sandbox",
        requests * 20, 0.5, exit_code=ExitCode.SLA_BREACHED if slow else None, figures=figures,
        charts=(_histogram(times, p50, p95, p99), _timeline(times, random)),
    )  # fmt: skip


def _histogram(times: list[float], p50: float, p95: float, p99: float) -> Chart:
    low, ratio = times[0], (times[-1] * 1.001 / times[0]) ** (1 / 30)
    edges = [low * ratio**step for step in range(31)]
    counts = [sum(edge <= time < above for time in times) for edge, above in pairwise(edges)]
    marks = {"p50": p50, "p95": p95, "p99": p99, "p(95)<800": 800.0}
    bars = tuple((edge, float(count)) for edge, count in zip(edges, counts, strict=False))
    return Chart("histogram", "Latency", "latency in ms", "requests", (Series("answered", bars),), marks, edges[-1])


def _timeline(times: list[float], random: Random) -> Chart:
    median = times[len(times) // 2]
    lines = tuple(
        Series(name, tuple((second / 4, median * factor * random.uniform(0.8, 1.3)) for second in range(40)))
        for name, factor in (("p50", 1.0), ("p95", 2.2))
    )
    return Chart("timeline", "Latency over time", "seconds since the start", "latency in ms", lines, {"limit": 800.0})


def health() -> list[Outcome]:
    """Nobody was asked."""
    note = "no fresh evidence in a recording"
    return [Outcome(f"{name}/health", "probe", Status.SKIPPED, note=note) for name in PLATFORMS]


ADVICE = (
    Recommendation(
        "Connection reliability issues detected for Linear integration (2 of 5 checks failed).",
        ("linear/valid-credential valid credential: failed, refused", "linear/timeout timeout: failed, refused"),
        "breaking",
        "linear",
    ),
    Recommendation(
        "Set SALESFORCE_API_KEY and SALESFORCE_INSTANCE_URL to have Salesforce checked.",
        ("salesforce/credential valid credential: skipped, SALESFORCE_API_KEY is not set",),
        "info",
        "salesforce",
    ),
)


def long_run(*, advice: bool = True) -> list[Event]:
    """Every event of the run."""
    events: list[Event] = [
        Started("Integration run", "run", AT, "1.2.3", {"mode": "sandbox", "form": "quick"}),
    ]
    builders = (connection, data_flow, workflow, resilience, load, health)
    start = 0.2
    for phase, build in zip(PHASES, builders, strict=True):
        events += [replace(row, phase=phase) for row in build()]
        events.append(Timed(phase, start, TIMES[phase]))
        start += TIMES[phase] + 0.05
    return [*events, *(ADVICE if advice else ()), Finished(start)]


def wide_run(count: int) -> list[Event]:
    """Many outcomes over 30 platforms and all phases, every tenth with a finding, every one with figures."""
    found = Finding(
        "contract-type", "warning", "/results/*/id", "string", "integer", "another type", {"seen": 1, "of": 9}
    )
    rows = [
        Outcome(
            f"platform{number % 30}/endpoint{number}", "contract", Status.PASSED, (found,) if number % 10 == 0 else (),
            "sandbox", 5, 0.01, phase=PHASES[number % len(PHASES)],
            figures={"p50_ms": 3.0, "p95_ms": 8.0, "p99_ms": 9.0},
        )
        for number in range(count)
    ]  # fmt: skip
    return [Started("Wide", "run", AT), *rows, Finished(30.0)]
