"""How far a sync is, as values that anybody may show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """How far a sync is.

    Attributes:
        phase: `heads`, `conversations`, `deleted`, `reconcile`, `contacts`, `tickets` or `done`.
        done: Rows of this phase that are held.
        total: Rows it has, None where that is not known.
        rate: Rows a second, over the whole phase.
        eta: Seconds that are left, None where that cannot be told.
        budget_remaining: Calls that the rate limit has left in its window, None where Intercom does not say.
        calls: Calls that were made in all.
    """

    phase: str
    done: int
    total: int | None = None
    rate: float = 0.0
    eta: float | None = None
    budget_remaining: int | None = None
    calls: int = 0


Progress = Callable[[Step], None]


class Meter:
    """Turns counts into steps. `clock` gives seconds that never go back."""

    def __init__(self, progress: Progress | None, clock: Callable[[], float]) -> None:
        self._progress, self._clock = progress, clock
        self._began: dict[str, float] = {}

    def tell(self, phase: str, done: int, total: int | None, *, remaining: int | None = None, calls: int = 0) -> None:
        """Tells whoever listens; costs nothing where nobody does."""
        if self._progress is None:
            return
        now = self._clock()
        took = now - self._began.setdefault(phase, now)
        rate = done / took if took > 0 else 0.0
        eta = max(0, total - done) / rate if rate and total is not None else None
        self._progress(Step(phase, done, total, rate, eta, remaining, calls))
