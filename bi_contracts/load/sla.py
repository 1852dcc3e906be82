"""A service level agreement as six figures, held as thresholds are."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from typing import Any, Self

from ..errors import ConfigurationError
from .thresholds import Threshold


@dataclass(frozen=True, slots=True)
class SLAThresholds:
    """What a service promises. A figure that is None is not promised.

    As given here, the longest response decides before p95 and p99 do: whoever means those raises
    `max_response_time_ms` or sets it to None.

    Attributes:
        max_response_time_ms: The longest response, failures among them.
        max_p95_response_time_ms: 95 % of the responses take no longer.
        max_p99_response_time_ms: 99 % of the responses take no longer.
        min_success_rate: Share of requests that succeed.
        max_error_rate: Share of requests that fail.
        min_throughput_rps: Successes a second.
    """

    max_response_time_ms: float | None = 5000
    max_p95_response_time_ms: float | None = 8000
    max_p99_response_time_ms: float | None = 15000
    min_success_rate: float | None = 0.95
    max_error_rate: float | None = 0.05
    min_throughput_rps: float | None = 1.0

    @property
    def thresholds(self) -> tuple[Threshold, ...]:
        """The same in k6's terms."""
        stated = (
            (self.max_response_time_ms, "http_req_duration", "max", "<=", False),
            (self.max_p95_response_time_ms, "http_req_duration", "p(95)", "<=", False),
            (self.max_p99_response_time_ms, "http_req_duration", "p(99)", "<=", False),
            (self.min_success_rate, "checks", "rate", ">=", False),
            (self.max_error_rate, "http_req_failed", "rate", "<=", False),
            (self.min_throughput_rps, "http_reqs", "rate", ">=", True),
        )
        return tuple(
            Threshold(metric, aggregation, operator, limit, expected_only)
            for limit, metric, aggregation, operator, expected_only in stated
            if limit is not None
        )

    @classmethod
    def of(cls, table: Mapping[str, Any], where: str = "SLA") -> Self:
        """From a table of a TOML file: what it does not name is as given here, `false` is not promised.

        Raises `ConfigurationError` that names the key.
        """
        known = [one.name for one in fields(cls)]
        found: dict[str, float | None] = {}
        for name, value in table.items():
            if name not in known:
                near = get_close_matches(name, known, n=1)
                hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
                raise ConfigurationError(f"{where}: there is no {name!r}: {hint}")
            found[name] = None if value is False else _figure(f"{where}: {name}", value)
        return replace(cls(), **found)

    @classmethod
    def of_words(cls, words: Iterable[str], given: Self | None = None, where: str = "--sla") -> Self:
        """From words such as `max_p95_response_time_ms=500` and `min_throughput_rps=none`, over what was given."""
        table: dict[str, Any] = {}
        for word in words:
            name, sign, value = word.partition("=")
            if not sign:
                raise ConfigurationError(f"{where}: {word!r} is neither a file nor NAME=NUMBER")
            table[name.strip()] = (
                False if value.strip().lower() in ("none", "off") else _number(f"{where}: {name}", value)
            )
        changed = cls.of(table, where)
        return replace(given or cls(), **{name: getattr(changed, name) for name in table})


def _number(where: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise ConfigurationError(f"{where}: {value!r} is no number") from None


def _figure(where: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise ConfigurationError(f"{where}: {value!r} is no number of 0 or more")
    return float(value)
