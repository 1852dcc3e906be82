"""Many values kept small: exact up to a number, then in buckets of a constant relative width."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

EXACT = 100_000
"""Values that are kept as they are; beyond, memory stops growing with their number."""

PRECISION = 0.001
"""The largest relative error of a value that was put into a bucket."""

SMALLEST = 1e-6
"""Values below, zero among them, share one bucket. One microsecond where values are seconds."""

_GROWTH = math.log((1 + PRECISION) / (1 - PRECISION))


def nearest_rank(number: int, percent: float) -> int:
    """The rank, counted from 1, of a percentile by the nearest-rank method: the least with `percent` at or below.

    No value is invented between two measured ones. Raises ValueError outside 0 to 100.
    """
    if not 0 <= percent <= 100:
        raise ValueError(f"a percentile lies between 0 and 100, not at {percent:g}")
    return max(1, math.ceil(percent * number / 100 - 1e-9))


class Distribution:
    """Values of one kind, in any unit, none below 0. Minimum, maximum, mean and number are always exact.

    Args:
        exact: How many values are kept as they are.
    """

    def __init__(self, values: Iterable[float] = (), *, exact: int = EXACT) -> None:
        self.number = 0
        self.total = 0.0
        self.minimum = math.inf
        self.maximum = 0.0
        self._exact = exact
        self._values = array("d")
        self._buckets: Counter[int] = Counter()
        self._sorted = True
        for value in values:
            self.add(value)

    def __len__(self) -> int:
        return self.number

    def add(self, value: float) -> None:
        """Takes one value in. Raises ValueError for what no duration can be."""
        if not 0 <= value < math.inf:
            raise ValueError(f"{value} is no duration")
        self.number += 1
        self.total += value
        self.minimum = min(self.minimum, value)
        self.maximum = max(self.maximum, value)
        if self._buckets:
            self._buckets[_bucket(value)] += 1
            return
        self._values.append(value)
        self._sorted = False
        if len(self._values) > self._exact:
            self._buckets.update(map(_bucket, self._values))
            self._values = array("d")

    @property
    def mean(self) -> float:
        """The arithmetic mean, 0 of nothing."""
        return self.total / self.number if self.number else 0.0

    def percentile(self, percent: float) -> float:
        """By nearest rank, 0 of nothing. Within `PRECISION` once there are more values than are kept as they are."""
        rank = nearest_rank(self.number, percent)
        if not self.number:
            return 0.0
        if rank == self.number:
            return self.maximum
        if not self._buckets:
            return self._ordered()[rank - 1]
        return min(max(self._in_bucket(rank), self.minimum), self.maximum)

    def counts(self, edges: Sequence[float]) -> list[int]:
        """How many values are at or below each edge, by growing edge."""
        found, below = [], 0
        pairs = sorted(self._pairs().items())
        at = 0
        for edge in edges:
            while at < len(pairs) and pairs[at][0] <= edge:
                below += pairs[at][1]
                at += 1
            found.append(below)
        return found

    def _pairs(self) -> Mapping[float, int]:
        if not self._buckets:
            return Counter(self._values)
        return {min(max(_middle(key), self.minimum), self.maximum): many for key, many in self._buckets.items()}

    def _ordered(self) -> array[float]:
        if not self._sorted:
            self._values = array("d", sorted(self._values))
            self._sorted = True
        return self._values

    def _in_bucket(self, rank: int) -> float:
        below = 0
        for key in sorted(self._buckets):
            below += self._buckets[key]
            if below >= rank:
                return _middle(key)
        return self.maximum

    @classmethod
    def of_ranks(cls, number: int, ranks: Mapping[int, float], mean: float | None = None) -> Distribution:
        """What another tool summed up: rank (from 1) -> value. A rank between two gets the value of the one above.

        Raises ValueError where the highest rank is not among them.
        """
        if number not in ranks:
            raise ValueError(f"the value of rank {number} is needed")
        made, known = cls(), sorted(ranks)
        at = 0
        for rank in range(1, number + 1):
            while known[at] < rank:
                at += 1
            made.add(ranks[known[at]])
        if mean is not None:
            made.total = mean * number
        return made


def _bucket(value: float) -> int:
    return 0 if value < SMALLEST else 1 + math.floor(math.log(value / SMALLEST) / _GROWTH)


def _middle(key: int) -> float:
    """The value whose relative distance to both ends of the bucket is the same."""
    return 0.0 if key == 0 else SMALLEST * math.exp((key - 1) * _GROWTH) * (1 + PRECISION)
