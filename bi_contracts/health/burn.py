"""How fast an error budget is used up.

A service that may fail in one of a hundred probes has a budget; a burn rate of 1 uses it up in just the time it is for,
a rate of 14.4 uses 2 % of a month's in an hour. An alert wants two windows to agree: the longer one says that it
matters, the shorter one that it still goes on. Rates, windows and the advice about services with little traffic are
those of the Site Reliability Workbook (Beyer et al., 2018), chapter 5, "Alerting on SLOs".
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from .evidence import State

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


@dataclass(frozen=True, slots=True)
class Pair:
    """Two windows, in seconds, in both of which the budget burns more than `rate` times as fast as it may."""

    rate: float
    long: float
    short: float
    level: Literal["critical", "warning"]

    def __str__(self) -> str:
        return f"{self.rate:g}x over {_span(self.long)} and {_span(self.short)}"


PAIRS = (
    Pair(14.4, HOUR, 5 * MINUTE, "critical"),
    Pair(6.0, 6 * HOUR, 30 * MINUTE, "critical"),
    Pair(1.0, 3 * DAY, 6 * HOUR, "warning"),
)
"""The fastest first."""


class Bucket(NamedTuple):
    """What was seen in one slice of time; `number` counts the slices since 1970."""

    number: int
    up: int = 0
    degraded: int = 0
    down: int = 0
    maintenance: int = 0

    @property
    def good(self) -> int:
        """Probes that were answered: what is slow or limited has not failed."""
        return self.up + self.degraded

    @property
    def bad(self) -> int:
        """Probes that failed. What fails in maintenance was announced and uses no budget."""
        return self.down


@dataclass(frozen=True, slots=True)
class Ring:
    """Counts of what was seen by slices of `width` seconds; of what is older than `kept` seconds nothing stays."""

    width: float
    kept: float
    buckets: tuple[Bucket, ...] = ()

    def add(self, at: float, state: State) -> Ring:
        """With one more probe. One that is older than all that is kept changes nothing, nor does an unknown state."""
        if state is State.UNKNOWN:
            return self
        number = int(at // self.width)
        found = list(self.buckets)
        place = bisect_left(found, Bucket(number))
        if place == len(found) or found[place].number != number:
            found.insert(place, Bucket(number))
        one = found[place]
        found[place] = one._replace(**{state.value: getattr(one, state.value) + 1})
        oldest = found[-1].number - int(self.kept // self.width)
        return replace(self, buckets=tuple(each for each in found if each.number > oldest))

    def until(self, now: float) -> Ring:
        """Without slices to come: a clock that ran ahead must not make what is seen now look too old to be kept."""
        last = int(now // self.width) + 1
        if not self.buckets or self.buckets[-1].number <= last:
            return self
        return replace(self, buckets=tuple(one for one in self.buckets if one.number <= last))

    def count(self, now: float, window: float) -> tuple[int, int]:
        """Good and bad of the last `window` seconds, the slice that `now` lies in being the last of them."""
        last = int(now // self.width)
        first = last - int(window // self.width)
        within = [one for one in self.buckets if first < one.number <= last]
        return sum(one.good for one in within), sum(one.bad for one in within)

    def slots(self, now: float, many: int) -> list[Bucket]:
        """The last so many slices, the oldest first; those of which nothing is known are empty."""
        last = int(now // self.width)
        known = {one.number: one for one in self.buckets}
        return [known.get(number, Bucket(number)) for number in range(last - many + 1, last + 1)]


@dataclass(frozen=True, slots=True)
class Budget:
    """The probes of one platform: by the minute for six hours, by the half hour for three days, by the day for 90."""

    minutes: Ring = Ring(MINUTE, 6 * HOUR)
    halves: Ring = Ring(30 * MINUTE, 3 * DAY)
    days: Ring = Ring(DAY, 90 * DAY)

    def add(self, at: float, state: State) -> Budget:
        """With one more probe; what could not be asked says nothing."""
        return Budget(self.minutes.add(at, state), self.halves.add(at, state), self.days.add(at, state))

    def until(self, now: float) -> Budget:
        """As `Ring.until`."""
        return Budget(self.minutes.until(now), self.halves.until(now), self.days.until(now))

    def count(self, now: float, window: float) -> tuple[int, int]:
        """Good and bad of the last `window` seconds, from the finest slices that reach so far back."""
        ring = next((one for one in (self.minutes, self.halves) if window <= one.kept), self.days)
        return ring.count(now, window)

    def rate(self, now: float, window: float, objective: float) -> float:
        """How many times as fast as it may the budget was used up in a window; 0 where nobody asked."""
        good, bad = self.count(now, window)
        return burn_rate(good, bad, objective)

    def remaining(self, now: float, objective: float, window: float = 30 * DAY) -> float:
        """The share of the budget that is left of a window, from 1 down to 0; 1 where nobody asked."""
        return max(0.0, 1.0 - self.rate(now, window, objective))


@dataclass(frozen=True, slots=True)
class Guard:
    """What there must be in the longer window before a rate means anything: probes, and failed ones."""

    total: int = 20
    bad: int = 3


def burn_rate(good: int, bad: int, objective: float) -> float:
    """The share of bad events, in units of the share that may be bad; 0 where there are none."""
    total = good + bad
    return bad / total / (1.0 - objective) if total else 0.0


def burning(
    budget: Budget, now: float, objective: float, guard: Guard | None = None, pairs: Sequence[Pair] = PAIRS
) -> tuple[Pair, ...]:
    """The pairs whose two windows both burn faster than their rate, and on enough probes to say so."""
    if not objective:
        return ()
    guard = guard or Guard()
    return tuple(pair for pair in pairs if _burns(budget, now, objective, guard, pair))


def _burns(budget: Budget, now: float, objective: float, guard: Guard, pair: Pair) -> bool:
    good, bad = budget.count(now, pair.long)
    if good + bad < guard.total or bad < guard.bad:
        return False
    return burn_rate(good, bad, objective) > pair.rate and budget.rate(now, pair.short, objective) > pair.rate


def _span(seconds: float) -> str:
    for unit, name in ((DAY, "d"), (HOUR, "h")):
        if seconds >= unit:
            return f"{seconds / unit:g} {name}"
    return f"{seconds / MINUTE:g} min"
