"""What a load run came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .histogram import Distribution
from .measure import Second
from .resources import Usage
from .scenario import BenchmarkConfig

LEAST_LAG = 0.010
"""Seconds. Timers and a busy machine make that much of lateness now and then, and it is well below what people feel."""

LAG_SHARE = 0.05
"""Of the median latency. All latencies count from the intended start, so lag is in them: up to this much of it."""

CLOSED_NOTE = (
    "closed model: while the target stalls its users wait too, so the requests that would have come meanwhile are"
    " missing from the percentiles; a constant arrival rate sees them"
)
IN_PROCESS_NOTE = (
    "in process: generator and target share one thread, so this measures the target and this machine together, not a"
    " network and not the vendor's API"
)
LOCUST_NOTE = "measured by Locust: from when a request was really sent, not from when it was due; times rounded by it"


@dataclass(frozen=True, slots=True)
class LoadResult:
    """One load run. Attributes named `..._ms` are milliseconds, all other durations seconds.

    Attributes:
        config: What was run.
        latency: Of every request that ended, failures among them, from its intended start.
        latency_of_successes: Of those that succeeded.
        lag: How late the generator started them.
        total_requests: How many were sent; those that were cut off when the run was aborted among them.
        errors: Kind of failure -> how many.
        statuses: HTTP status -> how many.
        seconds: Second of the run -> what was due in it.
        dropped: Requests that were due and not sent, because too many were under way.
        received: Bytes of bodies.
        elapsed: Length of the run.
        usage: What generator and target took of the machine, by name.
        aborted: Why the run was ended early, "" where it was not.
        source: Who answered.
        engine: What sent the requests.
        in_process: True where target and generator share one thread.
    """

    config: BenchmarkConfig
    latency: Distribution
    latency_of_successes: Distribution
    lag: Distribution
    total_requests: int
    errors: Mapping[str, int] = field(default_factory=dict)
    statuses: Mapping[int, int] = field(default_factory=dict)
    seconds: Mapping[int, Second] = field(default_factory=dict)
    dropped: int = 0
    received: int = 0
    elapsed: float = 0.0
    usage: Mapping[str, Usage] = field(default_factory=dict)
    aborted: str = ""
    source: str = ""
    engine: Literal["builtin", "locust"] = "builtin"
    in_process: bool = False

    @property
    def completed(self) -> int:
        """Requests that ended, well or not; never more than were sent."""
        return self.latency.number

    @property
    def successful(self) -> int:
        return self.latency_of_successes.number

    @property
    def failed(self) -> int:
        return self.completed - self.successful

    @property
    def success_rate(self) -> float:
        """Share of the completed requests that succeeded; 0 where none completed."""
        return self.successful / self.completed if self.completed else 0.0

    @property
    def error_rate(self) -> float:
        """Share of the completed requests that failed; 0 where none completed."""
        return self.failed / self.completed if self.completed else 0.0

    @property
    def requests_per_second(self) -> float:
        """Completed requests a second."""
        return self.completed / self.elapsed if self.elapsed else 0.0

    @property
    def throughput_rps(self) -> float:
        """Successes a second: a target that refuses everything at once has no throughput."""
        return self.successful / self.elapsed if self.elapsed else 0.0

    @property
    def avg_response_time_ms(self) -> float:
        return 1000 * self.latency.mean

    @property
    def median_response_time_ms(self) -> float:
        return self.percentile_ms(50)

    @property
    def p95_response_time_ms(self) -> float:
        return self.percentile_ms(95)

    @property
    def p99_response_time_ms(self) -> float:
        return self.percentile_ms(99)

    @property
    def min_response_time_ms(self) -> float:
        return 1000 * self.latency.minimum if self.completed else 0.0

    @property
    def max_response_time_ms(self) -> float:
        return 1000 * self.latency.maximum

    def percentile_ms(self, percent: float) -> float:
        """A percentile of the latency by nearest rank."""
        return 1000 * self.latency.percentile(percent)

    @property
    def lag_limit(self) -> float:
        """The p99 of the lag above which a run says nothing."""
        return max(LEAST_LAG, LAG_SHARE * self.latency.percentile(50))

    @property
    def invalid(self) -> str:
        """Why the figures say nothing about the target; "" where they do."""
        if self.dropped:
            most = self.config.max_in_flight
            return (
                f"{self.dropped} requests were due and not sent: {most} were under way, which is the most allowed, or"
                " the generator was too far behind; use a lower rate"
            )
        lag = self.lag.percentile(99) if self.lag_counts else 0.0
        if lag > self.lag_limit:
            return (
                f"the generator lagged: 1 % of the requests started {1000 * lag:.1f} ms late or more, and"
                f" {1000 * self.lag_limit:.1f} ms is the most that figures can be trusted with; use a lower rate, a"
                " less busy machine or --engine locust --workers N"
            )
        return ""

    @property
    def lag_counts(self) -> bool:
        """Whether lateness is the generator's. A user who shares a thread with the target only waits for the target."""
        return self.engine == "builtin" and not (self.in_process and self.config.model == "closed")

    @property
    def valid(self) -> bool:
        return not self.invalid

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know of the figures."""
        found = [self.aborted] if self.aborted else []
        if self.engine == "locust":
            found.append(LOCUST_NOTE)
        if self.in_process:
            found.append(IN_PROCESS_NOTE)
        return (*found, *((CLOSED_NOTE,) if self.config.model == "closed" or self.engine == "locust" else ()))

    @property
    def figures(self) -> dict[str, float]:
        """The numbers worth keeping, by name and unit."""
        found = {
            "requests": float(self.total_requests),
            "successful": float(self.successful),
            "failed": float(self.failed),
            "success_rate": self.success_rate,
            "error_rate": self.error_rate,
            "throughput_rps": self.throughput_rps,
            "requests_per_second": self.requests_per_second,
            "avg_ms": self.avg_response_time_ms,
            "min_ms": self.min_response_time_ms,
            "median_ms": self.median_response_time_ms,
            "p90_ms": self.percentile_ms(90),
            "p95_ms": self.p95_response_time_ms,
            "p99_ms": self.p99_response_time_ms,
            "max_ms": self.max_response_time_ms,
            "elapsed_s": self.elapsed,
            "received_bytes": float(self.received),
        }
        if self.engine == "builtin":
            found |= {"lag_p99_ms": 1000 * self.lag.percentile(99), "lag_max_ms": 1000 * self.lag.maximum}
        for name, usage in self.usage.items():
            found |= {f"{name}_{figure}": value for figure, value in usage.figures.items()}
        return found

    def as_dict(self) -> dict[str, Any]:
        """As JSON: names are those of the attributes."""
        timed = ("avg", "median", "p95", "p99", "min", "max")
        return {
            "name": self.config.name,
            "endpoint": self.config.endpoint,
            "model": self.config.model,
            "engine": self.engine,
            "source": self.source,
            "valid": self.valid,
            "invalid": self.invalid,
            "total_requests": self.total_requests,
            "completed": self.completed,
            "successful": self.successful,
            "failed": self.failed,
            "success_rate": self.success_rate,
            "error_rate": self.error_rate,
            "throughput_rps": self.throughput_rps,
            "requests_per_second": self.requests_per_second,
            **{f"{one}_response_time_ms": getattr(self, f"{one}_response_time_ms") for one in timed},
            "errors": dict(self.errors),
            "statuses": {str(status): many for status, many in self.statuses.items()},
            "figures": self.figures,
            "notes": list(self.notes),
        }
