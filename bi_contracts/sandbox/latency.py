"""How long an answer takes: a figure, a range, or a distribution given by its median and its 99th percentile."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from statistics import NormalDist
from typing import Literal

from ..errors import ConfigurationError

LONGEST = 600.0
"""Seconds; no answer takes longer."""

_P99 = NormalDist().inv_cdf(0.99)


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds, drawn anew for each request.

    Attributes:
        form: `uniform` between the two figures, or `lognormal` with them as median and 99th percentile.
    """

    low: float
    high: float
    form: Literal["uniform", "lognormal"] = "uniform"

    @classmethod
    def parse(cls, text: str) -> Latency:
        """`0.2`, `0.05..0.4`, `lognormal:0.1,0.5`. Raises `ConfigurationError`."""
        form, named, rest = text.partition(":")
        low, _, high = rest.partition(",") if named else form.partition("..")
        try:
            found = cls(float(low), float(high or low), "lognormal" if named else "uniform")
        except ValueError:
            raise ConfigurationError(_WANTED) from None
        if (named and form.strip() != "lognormal") or not 0 <= found.low <= found.high <= LONGEST:
            raise ConfigurationError(_WANTED)
        if named and not found.low:
            raise ConfigurationError("the median of a lognormal latency must be above 0")
        return found

    def draw(self, share: float) -> float:
        """The latency below which this share (0 to 1) of all answers stays."""
        if self.low == self.high:
            return self.low
        if self.form == "uniform":
            return self.low + share * (self.high - self.low)
        sigma = log(self.high / self.low) / _P99
        deviate = NormalDist().inv_cdf(min(max(share, 1e-9), 1 - 1e-9))
        return min(LONGEST, exp(log(self.low) + sigma * deviate))


_WANTED = f"seconds are wanted: 0.2, 0.05..0.4 or lognormal:MEDIAN,P99, the smaller first, up to {LONGEST:g}"
