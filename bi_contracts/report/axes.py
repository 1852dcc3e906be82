"""Axes: which numbers stand on one, and where on it a value lies."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_NARROWEST = 1e-9


@dataclass(frozen=True, slots=True)
class Axis:
    """From `low` to `high`, which differ; a logarithmic one starts above zero."""

    low: float
    high: float
    logarithmic: bool = False

    @classmethod
    def over(cls, values: Iterable[float], *, zero: bool = False, logarithmic: bool = False) -> Axis:
        """An axis on which all the values lie, and zero where that is asked for."""
        known = [*values, *([0.0] if zero else [])] or [0.0]
        low, high = min(known), max(known)
        if logarithmic and low > 0:
            return cls(low, high if high > low * 1.01 else low * 10, True)
        least = max(_NARROWEST, abs(low) * _NARROWEST, abs(high) * _NARROWEST)
        return cls(low, high if high - low > least else low + max(1.0, abs(low)))

    def at(self, value: float) -> float:
        """Where a value lies: 0 is the beginning, 1 the end; what lies outside is put at the nearer one."""
        if self.logarithmic:
            value = max(value, self.low)
            place = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            place = (value - self.low) / (self.high - self.low)
        return min(1.0, max(0.0, place))

    def holds(self, value: float) -> bool:
        """Whether a value lies on the axis."""
        return self.low <= value <= self.high

    def rounded(self, most: int = 4) -> Axis:
        """The axis with ends that are ticks."""
        step = _step(self.low, self.high, most)
        return Axis(math.floor(self.low / step) * step, math.ceil(self.high / step) * step)

    def ticks(self, most: int = 6) -> list[float]:
        """Round numbers on the axis, at most `most` of them."""
        if self.logarithmic:
            return _thinned([value for value in _decades(self.low, self.high) if self.holds(value)], most)
        rough = _step(self.low, self.high, most)
        steps = (rough / share for share in (5, 4, 2.5, 2, 1) if _is_round(rough / share))
        found = ((step, *_between(self.low, self.high, step)) for step in steps)
        step, first, last = next(row for row in found if row[2] - row[1] < most)
        return [round(number * step, 12) for number in range(first, last + 1)]


def _between(low: float, high: float, step: float) -> tuple[int, int]:
    """The first and the last multiple of a step that lie between two values."""
    return math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)


def _is_round(step: float) -> bool:
    return f"{step:.3e}"[:5] in ("1.000", "2.000", "2.500", "5.000")


def _step(low: float, high: float, most: int) -> float:
    """The least round step that gives no more than `most` ticks."""
    rough = (high - low) / max(1, most - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in _STEPS if step * power >= rough * (1 - 1e-9))


def _decades(low: float, high: float) -> list[float]:
    """1, 2 and 5 times every power of ten from `low` to `high`."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    return [float(f"{digit}e{power}") for power in range(first, last + 1) for digit in (1, 2, 5)]


def _thinned(ticks: list[float], most: int) -> list[float]:
    """Powers of ten alone where 1, 2, 5 would be too many, and every nth of these where that is not enough."""
    if len(ticks) <= most:
        return ticks
    tens = [tick for tick in ticks if f"{tick:e}".startswith("1.0")]
    return tens[:: math.ceil(len(tens) / most)] if len(tens) > 1 else ticks[:: math.ceil(len(ticks) / most)]


def short(value: float) -> str:
    """A tick's number in few characters: `0.25`, `12`, `1.5k`, `2M`."""
    for least, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= least:
            return f"{value / (1e3 if letter == 'k' else least):.4g}{letter}"
    return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"
