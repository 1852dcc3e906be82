"""Measured values, told by their percentiles."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass


def percentile(ordered: list[float], percent: float) -> float:
    """By the nearest-rank method: a value that was measured, of values in order. NaN where there are none."""
    return ordered[max(1, math.ceil(percent * len(ordered) / 100 - 1e-9)) - 1] if ordered else math.nan


@dataclass(frozen=True, slots=True)
class Spread:
    """How measured values lie, in their own unit. All NaN where nothing was measured (`n` is 0)."""

    n: int
    mean: float
    p50: float
    p95: float
    p99: float
    most: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """The spread of values in any order."""
        known = sorted(values)
        mean = math.fsum(known) / len(known) if known else math.nan
        p50, p95, p99 = (percentile(known, percent) for percent in (50, 95, 99))
        return cls(len(known), mean, p50, p95, p99, known[-1] if known else math.nan)

    def times(self, factor: float) -> Spread:
        """In another unit."""
        return Spread(self.n, *(getattr(self, name) * factor for name in ("mean", "p50", "p95", "p99", "most")))

    def as_dict(self) -> dict[str, float | int | None]:
        """As plain data; None for what is not known."""
        return {name: None if math.isnan(value) else value for name, value in asdict(self).items()}

    def __str__(self) -> str:
        """The percentiles, three significant digits, without a unit."""
        return "nothing measured" if not self.n else f"p50 {self.p50:.3g}, p95 {self.p95:.3g}, p99 {self.p99:.3g}"


def per_second(count: float, seconds: float) -> float:
    """A rate; 0 where no time has passed."""
    return count / seconds if seconds > 0 else 0.0
