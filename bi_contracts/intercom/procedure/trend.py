"""Whether a series of values grows, told robustly: outliers and noise do not make a trend, nor hide one.

The slope is Theil's and Sen's (the median of all pairwise slopes), its significance Mann's and Kendall's (how many
pairs rise, against chance; ties counted). Source: Sen 1968, JASA 63; Kendall 1975, Rank Correlation Methods.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist, median

LEAST = 8
"""Values without which no trend is told."""


@dataclass(frozen=True, slots=True)
class Trend:
    """How values grow from one to the next.

    Attributes:
        slope: On the median, in the values' unit.
        chance: Probability of a rise at least as steady as this where nothing grows; 1 where there are too few values.
        n: How many values.
    """

    slope: float
    chance: float
    n: int

    def grows(self, threshold: float, significance: float = 0.01) -> bool:
        """Whether it rises by at least so much from one value to the next, and hardly by chance."""
        return self.n >= LEAST and self.slope >= threshold > 0 and self.chance < significance


def trend(values: Sequence[float]) -> Trend:
    """The trend of values at equal distances."""
    n = len(values)
    if n < LEAST:
        return Trend(0.0, 1.0, n)
    pairs = [(later - earlier, at - before) for (before, earlier), (at, later) in combinations(enumerate(values), 2)]
    score = sum((difference > 0) - (difference < 0) for difference, _ in pairs)
    return Trend(median(difference / distance for difference, distance in pairs), _chance(score, values), n)


def _chance(score: int, values: Sequence[float]) -> float:
    n = len(values)
    ties = sum(count * (count - 1) * (2 * count + 5) for count in Counter(values).values())
    variance = (n * (n - 1) * (2 * n + 5) - ties) / 18
    if variance <= 0 or score == 0:
        return 1.0 if score <= 0 else 0.0
    return 1 - NormalDist().cdf((score - math.copysign(1, score)) / math.sqrt(variance))
