"""The last outcomes of a breaker, counted as they come: so many calls, or so many seconds."""

from __future__ import annotations

from typing import Protocol

RAN, FAILED, SLOW = 1, 2, 4
"""An outcome is the sum of what is so."""


class Window(Protocol):
    """What a breaker judges by."""

    calls: int
    failed: int
    slow: int

    def add(self, outcome: int, now: float) -> None:
        """One more outcome; those that are too old by now are forgotten."""


class CountWindow:
    """The last `size` calls, in a ring."""

    __slots__ = ("_at", "_ring", "_size", "calls", "failed", "slow")

    def __init__(self, size: int) -> None:
        self._size, self._at = size, 0
        self._ring = bytearray(size)
        self.calls = self.failed = self.slow = 0

    def add(self, outcome: int, now: float) -> None:  # noqa: ARG002
        """As `Window.add`; the time is of no matter."""
        at = self._at
        gone = self._ring[at]
        self._ring[at] = outcome
        at += 1
        self._at = at if at < self._size else 0
        if not gone:
            self.calls += 1
        if gone != outcome:
            self.failed += ((outcome & FAILED) - (gone & FAILED)) // FAILED
            self.slow += ((outcome & SLOW) - (gone & SLOW)) // SLOW


class TimeWindow:
    """The calls of the current second and of the `size - 1` seconds before it, counted by the second."""

    __slots__ = ("_buckets", "_second", "_size", "calls", "failed", "slow")

    def __init__(self, size: int) -> None:
        self._size = size
        self._second = -1
        self._buckets = [[0, 0, 0] for _ in range(size)]
        self.calls = self.failed = self.slow = 0

    def add(self, outcome: int, now: float) -> None:
        """As `Window.add`."""
        second = int(now)
        if second != self._second:
            self._forget(second)
        bucket = self._buckets[second % self._size]
        failed, slow = (outcome & FAILED) // FAILED, (outcome & SLOW) // SLOW
        bucket[0] += 1
        bucket[1] += failed
        bucket[2] += slow
        self.calls += 1
        self.failed += failed
        self.slow += slow

    def _forget(self, second: int) -> None:
        for passed in range(max(self._second + 1, second - self._size + 1), second + 1):
            bucket = self._buckets[passed % self._size]
            self.calls -= bucket[0]
            self.failed -= bucket[1]
            self.slow -= bucket[2]
            bucket[:] = (0, 0, 0)
        self._second = max(second, self._second)
