"""A circuit breaker after resilience4j: it stops asking a service that is down, and finds out when it is back."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock
from typing import Literal

from ..errors import BreakerOpen, ConfigurationError
from .kind import counts_as_failure
from .window import FAILED, RAN, SLOW, CountWindow, TimeWindow, Window

_log = logging.getLogger("bi_contracts.resilience")
_NOBODY = 0
"""A token that no record is kept for."""


class State(StrEnum):
    """Whether calls go through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"
    FORCED_OPEN = "forced_open"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class CircuitBreakerConfig:
    """When a breaker opens, and how it closes again.

    Attributes:
        failure_threshold: Failures in a row that open it; 0 where only rates count.
        recovery_timeout: Seconds it stays open before calls are let through to try.
        expected_exception: What may count as a failure at all.
        window: What the rates are taken of: the last `size` calls (`count`) or `size` seconds (`time`).
        size: Length of the window.
        minimum_calls: Calls in the window before a rate says anything.
        failure_rate: Share of failed calls from which on it opens, above 0 and up to 1.
        slow_call_rate: The same for slow calls.
        slow_call_seconds: From how many seconds on a call is slow.
        half_open_permits: Calls that are let through to try, and whose outcomes decide.
        counts: Which errors count. Those that do not, such as a refused credential, leave no trace.
    """

    failure_threshold: int = 5
    recovery_timeout: float = 60.0
    expected_exception: type[BaseException] | tuple[type[BaseException], ...] = Exception
    window: Literal["count", "time"] = field(default="count", kw_only=True)
    size: int = field(default=100, kw_only=True)
    minimum_calls: int = field(default=10, kw_only=True)
    failure_rate: float = field(default=0.5, kw_only=True)
    slow_call_rate: float = field(default=1.0, kw_only=True)
    slow_call_seconds: float = field(default=60.0, kw_only=True)
    half_open_permits: int = field(default=1, kw_only=True)
    counts: Callable[[BaseException], bool] = field(default=counts_as_failure, kw_only=True)

    def __post_init__(self) -> None:
        """Raises `ConfigurationError` for a figure that no breaker can work with."""
        least = {"size": 1, "minimum_calls": 1, "half_open_permits": 1, "failure_threshold": 0, "recovery_timeout": 0}
        for name, smallest in least.items():
            if not getattr(self, name) >= smallest:
                raise ConfigurationError(f"circuit breaker: {name} must be {smallest} or more")
        for name in ("failure_rate", "slow_call_rate"):
            if not 0 < getattr(self, name) <= 1:
                raise ConfigurationError(f"circuit breaker: {name} is a share, above 0 and up to 1")
        if self.window not in ("count", "time"):
            raise ConfigurationError(f"circuit breaker: a window is count or time, not {self.window!r}")

    def is_failure(self, error: BaseException) -> bool:
        """Whether this error counts."""
        return isinstance(error, self.expected_exception) and self.counts(error)


@dataclass(frozen=True, slots=True)
class Transition:
    """A breaker went from one state to another. `at` is by the breaker's clock, in seconds."""

    name: str
    before: State
    after: State
    at: float
    reason: str


@dataclass(frozen=True, slots=True)
class Figures:
    """A breaker in numbers: what its window holds, and how many calls it refused in all."""

    state: State
    calls: int
    failed: int
    slow: int
    refused: int


class Breaker:
    """Lets calls through, or refuses them.

    Whoever is let through holds a token and gives it back exactly once: with `succeed`, `fail` or `release`. A token
    of an earlier state (the breaker has opened meanwhile) is worth nothing any more and harms nothing.

    Args:
        name: Whom it protects.
        config: When it opens.
        clock: Seconds that never go back.
        listener: Is told of every change of state; what it raises is logged.
    """

    __slots__ = (
        *("_calls_row", "_clock", "_closed", "_failed_try", "_generation", "_listener", "_lock", "_permits"),
        *("_reopens", "_slow_try", "_state", "_tried", "_window", "config", "name", "refused"),
    )

    def __init__(
        self,
        name: str = "",
        config: CircuitBreakerConfig | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        listener: Callable[[Transition], None] | None = None,
    ) -> None:
        self.name = name
        self.config = config or CircuitBreakerConfig()
        self.refused = 0
        self._clock, self._listener, self._lock = clock, listener, Lock()
        self._generation, self._reopens = 0, 0.0
        self._enter(State.CLOSED)

    @property
    def state(self) -> State:
        """The state. An open breaker stays so until somebody asks after `recovery_timeout`."""
        return self._state

    @property
    def retry_in(self) -> float:
        """Seconds until an open breaker lets a call through; 0 in any other state."""
        return max(0.0, self._reopens - self._clock()) if self._state is State.OPEN else 0.0

    @property
    def figures(self) -> Figures:
        """What it has seen."""
        with self._lock:
            seen = self._window
            return Figures(self._state, seen.calls, seen.failed, seen.slow, self.refused)

    def check(self) -> None:
        """Raises `BreakerOpen` where a call would be refused now; takes no permit."""
        if self._closed:
            return
        with self._lock:  # a state is entered in several steps
            refused = self._state not in (State.CLOSED, State.DISABLED) and not self._due()
        if refused:
            self._refuse()

    def holds(self, token: int) -> bool:
        """Whether a token is of the present state."""
        return token == self._generation

    def acquire(self) -> int:
        """Lets a call through. Raises `BreakerOpen`."""
        return self._closed or self._acquire()

    def succeed(self, token: int, seconds: float = 0.0) -> None:
        """The call that holds this token ended well, after so many seconds."""
        self._record(token, RAN if seconds < self.config.slow_call_seconds else RAN | SLOW)

    def fail(self, token: int, seconds: float = 0.0) -> None:
        """The call that holds this token failed, after so many seconds."""
        slow = seconds >= self.config.slow_call_seconds
        self._record(token, RAN | FAILED | SLOW if slow else RAN | FAILED)

    def release(self, token: int) -> None:
        """The call that holds this token says nothing about the service: it was cancelled, or never made."""
        if self._state is State.HALF_OPEN:
            with self._lock:
                if token == self._generation and self._state is State.HALF_OPEN:
                    self._permits += 1

    def force_open(self) -> None:
        """Refuses every call until `reset`: maintenance, a switch for people."""
        self._go(State.FORCED_OPEN, "by hand")

    def disable(self) -> None:
        """Lets every call through until `reset`, and counts nothing."""
        self._go(State.DISABLED, "by hand")

    def reset(self) -> None:
        """Closes it and forgets what it has seen."""
        self._go(State.CLOSED, "by hand")

    # The states

    def _enter(self, state: State) -> None:
        self._state = state
        self._generation += 1
        self._closed = self._generation if state is State.CLOSED else _NOBODY
        self._calls_row = self._tried = self._failed_try = self._slow_try = 0
        self._permits = self.config.half_open_permits
        if state is State.CLOSED:
            kind = CountWindow if self.config.window == "count" else TimeWindow
            self._window: Window = kind(self.config.size)
        if state is State.OPEN:
            self._reopens = self._clock() + self.config.recovery_timeout

    def _go(self, state: State, reason: str) -> None:
        with self._lock:
            moved = self._moved(state, reason)
        self._tell(moved)

    def _moved(self, state: State, reason: str) -> Transition:
        before = self._state
        self._enter(state)
        return Transition(self.name, before, state, self._clock(), reason)

    def _tell(self, moved: Transition | None) -> None:
        if moved is None or self._listener is None:
            return
        try:
            self._listener(moved)
        except Exception:
            _log.exception("a listener of circuit breaker %s failed", self.name)

    def _due(self) -> bool:
        """Whether a call may be let through to try."""
        if self._state is State.HALF_OPEN:
            return self._permits > 0
        return self._state is State.OPEN and self._clock() >= self._reopens

    def _acquire(self) -> int:
        moved = None
        with self._lock:
            if self._state in (State.CLOSED, State.DISABLED):
                return self._closed
            token = _NOBODY
            if self._due():
                if self._state is State.OPEN:
                    moved = self._moved(State.HALF_OPEN, f"{self.config.recovery_timeout:g} s have passed")
                self._permits -= 1
                token = self._generation
        self._tell(moved)
        return token or self._refuse()

    def _refuse(self) -> int:
        with self._lock:
            self.refused += 1
        wait = self.retry_in
        who = self.name or "the service"
        told = {
            State.OPEN: f"not asked, for its circuit breaker is open; it is tried again in {wait:.0f} s",
            State.FORCED_OPEN: "not asked, for its circuit breaker was opened by hand",
        }
        words = told.get(self._state, "not asked, for its circuit breaker waits for a trial call to end")
        raise BreakerOpen(f"{who}: {words}", retry_in=wait)

    def _record(self, token: int, outcome: int) -> None:
        moved = None
        with self._lock:
            if token != self._generation:
                return
            if self._closed:
                moved = self._counted(outcome)
            elif self._state is State.HALF_OPEN:
                moved = self._tested(outcome)
        if moved is not None:
            self._tell(moved)

    def _counted(self, outcome: int) -> Transition | None:
        config, window = self.config, self._window
        window.add(outcome, self._clock() if config.window == "time" else 0.0)
        if outcome & FAILED:
            self._calls_row += 1
            if self._calls_row == config.failure_threshold:
                return self._moved(State.OPEN, f"{self._calls_row} failures in a row")
        else:
            self._calls_row = 0
        calls = window.calls
        if calls >= config.minimum_calls:
            if window.failed / calls >= config.failure_rate:
                return self._moved(State.OPEN, f"{window.failed} of {calls} calls failed")
            if window.slow / calls >= config.slow_call_rate:
                return self._moved(State.OPEN, f"{window.slow} of {calls} calls were slow")
        return None

    def _tested(self, outcome: int) -> Transition | None:
        config = self.config
        self._tried += 1
        self._failed_try += bool(outcome & FAILED)
        self._slow_try += bool(outcome & SLOW)
        tries = config.half_open_permits
        if self._failed_try / tries >= config.failure_rate:
            return self._moved(State.OPEN, f"{self._failed_try} of {tries} trial calls failed")
        if self._slow_try / tries >= config.slow_call_rate:
            return self._moved(State.OPEN, f"{self._slow_try} of {tries} trial calls were slow")
        return self._moved(State.CLOSED, f"{tries} trial calls went well") if self._tried == tries else None
