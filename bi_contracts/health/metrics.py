"""A look as Prometheus reads it. All figures come from the look and its memory, so that counters outlive a process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from typing import Any

from ..errors import ConfigurationError
from .evidence import State
from .look import Look, Row

TEXT = "text/plain; version=0.0.4; charset=utf-8"
"""The media type of Prometheus' text format."""


def exposition(look: Look, at: float | None = None) -> str:
    """The metrics of a look in Prometheus' text format. Raises `ConfigurationError` where the extra is missing."""
    check_installed()
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(look, look.at if at is None else at))
    return generate_latest(registry).decode()


def check_installed() -> None:
    """Raises `ConfigurationError` where the extra is missing."""
    if find_spec("prometheus_client") is None:
        raise ConfigurationError(
            "metrics need prometheus-client, which is not installed: pip install 'bi-contracts[health]'"
        )


class _Collector:
    """Gives the figures when they are asked for."""

    def __init__(self, look: Look, at: float) -> None:
        self._look = look
        self._at = at

    def collect(self) -> Iterator[Any]:
        rows = self._look.rows(self._at)
        yield from self._probes(rows)
        yield self._states(rows)
        yield from self._budgets(rows)
        yield from self._messages()

    def _probes(self, rows: tuple[Row, ...]) -> Iterator[Any]:
        labels = ("platform", "source")
        fresh = [((row.name, row.source), self._success(row)) for row in rows]
        yield _gauge("probe_success", "1 where the latest probe was answered as it should be.", labels, fresh)
        for name, (text, attribute) in _FIGURES.items():
            found = [((row.name, row.source), getattr(row.evidence, attribute, None)) for row in rows]
            yield _gauge(name, text, labels, found)

    def _success(self, row: Row) -> float:
        """What is too old to say anything is no success."""
        latest = row.standing.latest
        fresh = row.age is not None and row.age <= self._look.settings.max_age
        return float(fresh and latest is not None and latest.ok)

    def _states(self, rows: tuple[Row, ...]) -> Any:
        found = [((row.name, state.value, row.source), float(row.state is state)) for row in rows for state in State]
        text = "1 for the state that the platform is in, 0 for the others."
        return _gauge("bi_contracts_platform_state", text, ("platform", "state", "source"), found)

    def _budgets(self, rows: tuple[Row, ...]) -> Iterator[Any]:
        from .burn import HOUR

        objective = self._look.settings.objective
        if not objective:
            return
        left = [((row.name,), row.budget.remaining(self._at, objective)) for row in rows]
        text = "The share of 30 days' error budget that is left."
        yield _gauge("bi_contracts_error_budget_remaining_ratio", text, ("platform",), left)
        spans = (("5m", HOUR / 12), ("30m", HOUR / 2), ("1h", HOUR), ("6h", 6 * HOUR), ("3d", 72 * HOUR))
        rates = [((row.name, name), row.budget.rate(self._at, span, objective)) for row in rows for name, span in spans]
        text = "How many times as fast as it may the error budget is used up."
        yield _gauge("bi_contracts_error_budget_burn_rate", text, ("platform", "window"), rates)

    def _messages(self) -> Iterator[Any]:
        from prometheus_client.core import CounterMetricFamily

        memory = self._look.memory
        sent = CounterMetricFamily(
            "bi_contracts_alerts_sent", "Messages that a channel accepted.", labels=("channel", "level")
        )
        refused = CounterMetricFamily(
            "bi_contracts_alerts_refused", "Attempts that a channel did not accept.", labels=("channel", "level")
        )
        for one in memory.counts:
            sent.add_metric((one.channel, one.level), one.sent)
            refused.add_metric((one.channel, one.level), one.refused)
        yield sent
        yield refused
        waiting = Counter(one.channel for one in memory.outbox)
        found = [((one.name,), float(waiting[one.name])) for one in self._look.settings.channels]
        yield _gauge("bi_contracts_alerts_waiting", "Messages that are not accepted yet.", ("channel",), found)
        if memory.at is not None:
            text = "When all were looked at last."
            yield _gauge("bi_contracts_health_look_timestamp_seconds", text, (), [((), memory.at)])


def _gauge(name: str, text: str, labels: tuple[str, ...], found: Iterable[tuple[tuple[str, ...], float | None]]) -> Any:
    """A family of figures; those that nobody knows are left out."""
    from prometheus_client.core import GaugeMetricFamily

    family = GaugeMetricFamily(name, text, labels=labels)
    for values, figure in found:
        if figure is not None:
            family.add_metric(values, float(figure))
    return family


_FIGURES = {
    "probe_duration_seconds": ("How long the latest probe took.", "duration"),
    "probe_http_status_code": ("HTTP status of the latest probe.", "status"),
    "bi_contracts_evidence_timestamp_seconds": ("When the latest probe was answered.", "at"),
    "bi_contracts_rate_limit_remaining": ("Requests left of the rate limit.", "remaining"),
}
"""Metric -> its text, and the attribute of the evidence."""
