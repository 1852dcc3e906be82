"""When the next call may be made, so that none is refused: slots are handed out ahead, evenly.

However a window of Intercom's counting falls, it never holds more slots than the limit: with a burst of C slots and
one slot every s seconds after it, a window of W seconds holds at most C + ceil(W / s) - 1 of them.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from math import ceil

from ...dialects import Budget

BURST = 0.01
"""Share of the limit that may be used at once, after a pause."""

SPARE = 0.005
"""Share of the limit that is left alone: calls do not arrive as evenly as they leave."""

BODIES, HEADS = 1, 0
"""Lanes: whoever waits in the lower one goes first."""


class Pace:
    """Hands out slots.

    Args:
        limit: Calls a window, until Intercom says another figure.
        window: Length of a window in seconds.
        enforced: False where nobody refuses anything: every call may be made at once.
        clock: Seconds that never go back; the running event loop's where None.
    """

    def __init__(
        self, limit: int, window: float, *, enforced: bool = True, clock: Callable[[], float] | None = None
    ) -> None:
        self.limit, self.window, self.enforced = limit, window, enforced
        self.remaining: int | None = None
        self.in_flight = 0
        self._clock = clock
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._numbers = 0
        self._next = 0.0  # when the next slot is due if nobody bursts
        self._paused = 0.0
        self._reset, self._began, self._ours = 0.0, 0.0, 0
        self._others = 0
        self._slow = 0.0

    def now(self) -> float:
        return self._clock() if self._clock is not None else asyncio.get_running_loop().time()

    @property
    def spacing(self) -> float:
        """Seconds between two slots."""
        usable = self.limit - self.burst - ceil(self.limit * SPARE) + 1 - self._others
        return max(self.window / max(1, usable), self._slow)

    @property
    def burst(self) -> int:
        return max(1, int(self.limit * BURST))

    async def take(self, lane: int = BODIES) -> None:
        """Waits for a slot. The call counts as in flight until `landed`."""
        if self.enforced or self._paused > self.now():
            self._numbers += 1
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            heapq.heappush(self._waiting, (lane, self._numbers, turn))
            if self._timer is None:
                self._grant()
            await turn
        self.in_flight += 1

    def landed(self) -> None:
        """A call came back, however."""
        self.in_flight -= 1

    def pause(self, seconds: float) -> None:
        """Nobody goes for so many seconds."""
        self._paused = max(self._paused, self.now() + seconds)

    def learn(self, budget: Budget | None, date: float) -> None:
        """Reads what an answer says is left. `date` is when it was written, by Intercom's clock.

        Each answer of a window stands for one call of ours; whatever else was used, somebody else did.
        """
        if budget is not None:
            self.remaining = budget.remaining
        if budget is None or not self.enforced:
            return
        if 0 < budget.limit <= _MOST and budget.limit != self.limit:
            self.limit = budget.limit
        if budget.reset != self._reset:
            if budget.reset < self._reset and self._reset - budget.reset <= 2 * self.window:
                return  # an answer of the last window that took its time
            self._reset, self._began, self._ours, self._slow = budget.reset, self.now(), 0, 0.0
            self._others //= 2  # who used the last window may use this one, or not
        self._ours += 1
        self._share(budget, date)

    def _share(self, budget: Budget, date: float) -> None:
        others = budget.limit - budget.remaining - self._ours - self.in_flight
        if others <= _CHANCE:
            return
        self._others = max(self._others, min(others, self.limit - 1))
        left, free = self._left(budget, date), budget.remaining - self.in_flight
        if free <= 0:
            self.pause(left)
        else:
            self._slow = left / free

    def _left(self, budget: Budget, date: float) -> float:
        """Seconds until the window ends, at most: both its stated end and its first answer tell."""
        told = budget.reset - date
        seen = self._began + self.window - self.now()
        return max(0.0, min(told, seen) if told >= 0 else seen)

    def _grant(self) -> None:
        self._timer = None
        while self._waiting:
            if self._waiting[0][2].done():  # whoever waited was cancelled
                heapq.heappop(self._waiting)
                continue
            now, spacing = self.now(), self.spacing
            due = max(self._paused, self._next - (self.burst - 1) * spacing) if self.enforced else self._paused
            if due > now + _TICK:
                self._timer = asyncio.get_running_loop().call_later(due - now, self._grant)
                return
            self._next = max(self._next, now) + spacing
            heapq.heappop(self._waiting)[2].set_result(None)


_TICK = 1e-4
_CHANCE = 2
_MOST = 1_000_000
