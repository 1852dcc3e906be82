"""What the gateway counts, for Prometheus. Labels are route templates, ids and sources: never what was asked for."""

from __future__ import annotations

from ..resilience import Breakers, State
from .section import Section


class Metrics:
    """The figures of one gateway, in a registry of its own. Raises ImportError without prometheus-client."""

    def __init__(self, breakers: Breakers) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self.breakers = breakers
        self.registry = CollectorRegistry()
        registry = self.registry
        self.requests = Counter(
            "bi_gateway_requests", "Requests answered.", ("route", "method", "status"), registry=registry
        )
        self.seconds = Histogram(
            "bi_gateway_request_seconds",
            "Seconds from the request to the end of its answer.",
            ("route",),
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
            registry=registry,
        )
        self.sections = Counter("bi_gateway_sections", "Sections given out.", ("id", "source"), registry=registry)
        self.degraded = Counter(
            "bi_gateway_degraded", "Answers with a section that is not fresh.", ("route",), registry=registry
        )
        self.breaker = Gauge(
            "bi_gateway_breaker_state", "1 for the state that a platform's breaker is in.", ("platform", "state"),
            registry=registry,
        )  # fmt: skip

    def request(self, route: str, method: str, status: int, seconds: float, *, degraded: bool) -> None:
        """Counts an answer."""
        self.requests.labels(route, method, str(status)).inc()
        self.seconds.labels(route).observe(seconds)
        if degraded:
            self.degraded.labels(route).inc()

    def section(self, section: Section) -> None:
        """Counts a section."""
        self.sections.labels(section.id, section.source).inc()

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        from prometheus_client import generate_latest

        for name, found in self.breakers.states().items():
            for state in State:
                self.breaker.labels(name, str(state)).set(1 if state is found else 0)
        return generate_latest(self.registry)
