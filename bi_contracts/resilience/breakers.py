"""Breakers by name: one for each platform, shared by everybody who calls it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from threading import Lock

from .breaker import Breaker, CircuitBreakerConfig, State, Transition


class Breakers:
    """Makes a breaker when it is first asked for and keeps it: what it has seen lasts longer than any call.

    Args:
        config: For every breaker...
        configs: ...but those that have one of their own.
        clock: As in `Breaker`.
        listener: As in `Breaker`; a transition names its breaker.
    """

    def __init__(
        self,
        config: CircuitBreakerConfig | None = None,
        *,
        configs: Mapping[str, CircuitBreakerConfig] | None = None,
        clock: Callable[[], float] = time.monotonic,
        listener: Callable[[Transition], None] | None = None,
    ) -> None:
        self._config = config or CircuitBreakerConfig()
        self._configs = dict(configs or {})
        self._clock, self._listener, self._lock = clock, listener, Lock()
        self._made: dict[str, Breaker] = {}

    def of(self, name: str) -> Breaker:
        """The breaker of that name, the same one every time."""
        with self._lock:
            if name not in self._made:
                config = self._configs.get(name, self._config)
                self._made[name] = Breaker(name, config, clock=self._clock, listener=self._listener)
            return self._made[name]

    def states(self) -> dict[str, State]:
        """Every breaker that was asked for, with its state."""
        return {breaker.name: breaker.state for breaker in self}

    def __iter__(self) -> Iterator[Breaker]:
        with self._lock:
            return iter(list(self._made.values()))
