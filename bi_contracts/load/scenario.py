"""What is asked, how often, by how many: one load test as a frozen value."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..errors import DeclarationError
from ..paths import Json


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of a ramp: within `seconds` the arrival rate goes evenly from what it was to `rate` a second."""

    seconds: float
    rate: float


@dataclass(frozen=True, slots=True)
class BenchmarkConfig:
    """One load test.

    With an `arrival_rate` or a `ramp` the model is open: requests start when the schedule says so, however slow the
    target is. Without, it is closed: each user asks, waits for the answer, thinks, and asks again.

    Attributes:
        name: What it is called in reports.
        endpoint: Path below the target's address, or a whole URL.
        concurrent_users: Users of the closed model.
        total_requests: Requests in all, exactly, shared by the users; not heeded where a duration or a ramp is set.
        method: HTTP method.
        payload: JSON body, None for none.
        headers: Sent with every request.
        params: Query parameters.
        timeout_seconds: After that a request has failed, counted from when it was really sent.
        duration_seconds: Requests start for so long; those under way are then waited for.
        arrival_rate: Requests a second, of the open model.
        ramp: Stages one after the other, from `arrival_rate` (or none) on.
        poisson: True for arrivals as independent customers have them; False for even ones.
        seed: Of the Poisson arrivals.
        think_seconds: Pause of a user between an answer and the next request.
        warmup_requests: Sent before anything is measured, one after the other, and counted nowhere.
        expected_status: Statuses that are a success; any 2xx where there are none.
        max_in_flight: Requests of the open model that may wait for an answer at once; more are dropped, and a run
            that dropped any is not valid.
    """

    name: str
    endpoint: str
    concurrent_users: int = 2
    total_requests: int = 20
    method: str = "GET"
    payload: Json = None
    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, Json] = field(default_factory=dict)
    timeout_seconds: float = 30.0
    duration_seconds: float | None = None
    arrival_rate: float | None = None
    ramp: tuple[Stage, ...] = ()
    poisson: bool = False
    seed: int = 0
    think_seconds: float = 0.0
    warmup_requests: int = 0
    expected_status: tuple[int, ...] = ()
    max_in_flight: int = 10_000

    def __post_init__(self) -> None:
        """Raises `DeclarationError` for figures with which nothing can be measured."""
        for attribute, least in _LEAST.items():
            value = getattr(self, attribute)
            if value is not None and not (_is_figure(value, attribute) and least <= value <= MOST):
                raise DeclarationError(f"{self.name}: {attribute} is {value}, and must be at least {least:g}")
        for attribute in ("timeout_seconds", "duration_seconds", "arrival_rate"):
            if getattr(self, attribute) == 0:
                raise DeclarationError(f"{self.name}: {attribute} must be more than 0")
        if any(not (0 < stage.seconds < math.inf and 0 <= stage.rate < math.inf) for stage in self.ramp):
            raise DeclarationError(
                f"{self.name}: a stage of the ramp needs more than 0 seconds and a rate of 0 or more"
            )
        if not max((self.window or 0.0), *(seconds * max(rates) for seconds, *rates in self.stages)) < MOST:
            raise DeclarationError(f"{self.name}: that is a run of {MOST:g} seconds or requests and more")

    @property
    def model(self) -> Literal["open", "closed"]:
        """Who decides when a request starts: the schedule, or the answer to the one before."""
        return "open" if self.arrival_rate is not None or self.ramp else "closed"

    @property
    def stages(self) -> tuple[tuple[float, float, float], ...]:
        """The open model's rates: (seconds, rate at the beginning, rate at the end), without gaps."""
        start = self.arrival_rate or 0.0
        if not self.ramp:
            return ((self.window or 0.0, start, start),)
        found = []
        for stage in self.ramp:
            found.append((stage.seconds, start, stage.rate))
            start = stage.rate
        return tuple(found)

    @property
    def window(self) -> float | None:
        """Seconds for which requests start; None where their number ends the run."""
        if self.ramp:
            return sum(stage.seconds for stage in self.ramp)
        if self.duration_seconds is not None:
            return self.duration_seconds
        return self.total_requests / self.arrival_rate if self.arrival_rate else None

    @property
    def planned(self) -> int | None:
        """How many requests there will be; None where only the target's pace tells."""
        if self.model == "closed":
            return self.total_requests if self.duration_seconds is None else None
        if not self.ramp and self.duration_seconds is None:
            return self.total_requests
        if self.poisson:
            return None
        return math.ceil(sum(seconds * (first + last) / 2 for seconds, first, last in self.stages) - 1e-9)


def _is_figure(value: object, attribute: str) -> bool:
    return not isinstance(value, bool) and isinstance(value, int if attribute in _WHOLE else int | float)


MOST = 1e12
"""Seconds or requests of a run, beyond which somebody has mistyped."""

_WHOLE = ("concurrent_users", "total_requests", "warmup_requests", "max_in_flight")
_LEAST: Mapping[str, float] = {
    "concurrent_users": 1,
    "total_requests": 0,
    "timeout_seconds": 0,
    "duration_seconds": 0,
    "arrival_rate": 0,
    "think_seconds": 0,
    "warmup_requests": 0,
    "max_in_flight": 1,
}
