"""When the requests of the open model start: seconds since the beginning, by growing time, known before any is sent."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from itertools import count

from .scenario import BenchmarkConfig


def arrivals(config: BenchmarkConfig) -> Iterator[float]:
    """The intended starts of an open run.

    Even arrivals start the moment that the rate, summed over time, reaches the next whole number. Poisson arrivals put
    exponential steps in place of whole ones, so the same law holds on a ramp.
    """
    by_number = not config.ramp and config.duration_seconds is None
    marks = _exponential(config.seed) if config.poisson else map(float, count())
    for number, mark in enumerate(marks):
        if by_number and number >= config.total_requests:
            return
        # The number ends such a run, not the window: Poisson arrivals may come later than their mean.
        at = mark / (config.arrival_rate or 1.0) if by_number else moment(config.stages, mark)
        if at is None:
            return
        yield at


def moment(stages: tuple[tuple[float, float, float], ...], mark: float) -> float | None:
    """When the rate, summed over time, exceeds or reaches `mark`; None where it does not before the stages end."""
    begun = 0.0
    for seconds, first, last in stages:
        total = seconds * (first + last) / 2
        if mark < total - 1e-9:
            return begun + _within(seconds, first, last, mark)
        mark = max(0.0, mark - total)
        begun += seconds
    return None


def _within(seconds: float, first: float, last: float, mark: float) -> float:
    """Solves first * t + (last - first) / (2 * seconds) * t**2 = mark for t, stably where the slope is small."""
    slope = (last - first) / seconds
    root = math.sqrt(max(0.0, first * first + 2 * slope * mark))
    return 2 * mark / (first + root) if first + root else 0.0


def _exponential(seed: int) -> Iterator[float]:
    chance, at = random.Random(seed), 0.0
    while True:
        at += chance.expovariate(1.0)
        yield at
