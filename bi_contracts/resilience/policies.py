"""A policy for every platform, made from its declaration and kept."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from ..platform import Platform
from .breakers import Breakers
from .limiter import Limiter
from .policy import Policy
from .retry import RetryConfig


class Policies:
    """One policy a platform: everybody who calls it shares its breaker and its limiter.

    Args:
        retry: For every platform.
        breakers: Where the breakers are kept; others may share it.
        total_timeout: As in `Policy`.
        attempt_timeout: As in `Policy`.
        limits: False to leave the declared rate limits alone: nobody counts in a replay.
        clock: As in `Policy`.
        sleep: As in `Policy`.
    """

    def __init__(
        self,
        *,
        retry: RetryConfig | None = None,
        breakers: Breakers | None = None,
        total_timeout: float | None = 120.0,
        attempt_timeout: float | None = 30.0,
        limits: bool = True,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] | None = None,
    ) -> None:
        self.breakers = Breakers(clock=clock) if breakers is None else breakers
        self._retry = retry or RetryConfig()
        self._total, self._attempt, self._limits = total_timeout, attempt_timeout, limits
        self._clock, self._sleep = clock, sleep
        self._made: dict[str, Policy] = {}

    def of(self, platform: Platform) -> Policy:
        """The policy of a platform, the same one every time."""
        if platform.name not in self._made:
            self._made[platform.name] = self._make(platform)
        return self._made[platform.name]

    def _make(self, platform: Platform) -> Policy:
        name, limits = platform.name, platform.limits
        return Policy(
            name,
            retry=self._retry,
            breaker=self.breakers.of(name),
            limiter=Limiter(limits, name=name, clock=self._clock, sleep=self._sleep) if self._limits else None,
            total_timeout=self._total,
            attempt_timeout=self._attempt,
            clock=self._clock,
            sleep=self._sleep,
        )
