"""What a run is measured by. Latency counts from the intended start, and failures count as much as successes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from .histogram import Distribution

EXACT_A_SECOND = 2_000
"""Values of one second of the timeline that are kept as they are."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One request. Times are seconds since the run began.

    Attributes:
        intended: When it was to start.
        started: When it did.
        ended: When the answer was read, or the failure known.
        failure: What went wrong, "" where nothing did: `timeout`, `HTTP 503`, `source: unavailable`.
        status: The HTTP status, 0 without an answer.
        size: Bytes of the body.
    """

    intended: float
    started: float
    ended: float
    failure: str = ""
    status: int = 0
    size: int = 0

    @property
    def latency(self) -> float:
        """From the intended start: time spent waiting to be sent is time that a customer would have waited too."""
        return max(0.0, self.ended - self.intended)

    @property
    def lag(self) -> float:
        """How late the generator was."""
        return max(0.0, self.started - self.intended)


@dataclass(slots=True)
class Second:
    """The requests whose intended start lies in one second of the run."""

    latency: Distribution
    failed: int = 0


class Measurement:
    """Takes samples in while the run is on. All durations are in seconds."""

    def __init__(self) -> None:
        self.latency = Distribution()
        self.latency_of_successes = Distribution()
        self.lag = Distribution()
        self.errors: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.seconds: dict[int, Second] = {}
        self.received = 0
        self.dropped = 0
        self.elapsed = 0.0

    @property
    def successful(self) -> int:
        return self.latency_of_successes.number

    @property
    def failed(self) -> int:
        return self.latency.number - self.latency_of_successes.number

    def add(self, sample: Sample) -> None:
        """Takes one request in."""
        latency = sample.latency
        self.latency.add(latency)
        self.lag.add(sample.lag)
        second = self._second(int(sample.intended))
        second.latency.add(latency)
        if sample.failure:
            self.errors[sample.failure] += 1
            second.failed += 1
        else:
            self.latency_of_successes.add(latency)
        if sample.status:
            self.statuses[sample.status] += 1
        self.received += sample.size
        self.elapsed = max(self.elapsed, sample.ended)

    def _second(self, number: int) -> Second:
        if number not in self.seconds:
            self.seconds[number] = Second(Distribution(exact=EXACT_A_SECOND))
        return self.seconds[number]
