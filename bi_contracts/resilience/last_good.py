"""The last good answers, kept in memory."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any

from ..errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Kept:
    """A value, and when it was the platform's, as Unix seconds."""

    value: Any
    at: float


class LastGood:
    """The last good answer of each key. Age alone never takes one away: who is stale is still better than nobody.

    Args:
        capacity: How many are kept; beyond that, the one that was neither kept nor read for longest goes.
        now: Unix time in seconds.
    """

    def __init__(self, *, capacity: int = 1000, now: Callable[[], float] = time.time) -> None:
        if capacity < 1:
            raise ConfigurationError("last good answers: a capacity is 1 or more")
        self._capacity, self.now = capacity, now
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._lock = Lock()

    def keep(self, key: str, value: Any, at: float | None = None) -> None:
        """Keeps an answer, of now or of a moment; one that is older than the one kept is not better."""
        now = self.now()
        moment = now if at is None else at
        with self._lock:
            known = self._kept.get(key)
            # What is from the future was kept by a clock that was wrong.
            if known is None or known.at <= moment or known.at > now:
                self._kept[key] = Kept(value, moment)
            self._kept.move_to_end(key)
            if len(self._kept) > self._capacity:
                self._kept.popitem(last=False)

    def get(self, key: str) -> Kept | None:
        """What was kept, however old it is."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def fresh(self, key: str, ttl: float) -> Kept | None:
        """What was kept, if not more than `ttl` seconds ago. What is older stays where it is."""
        found = self.get(key)
        return found if found is not None and self.age(found) <= ttl else None

    def age(self, kept: Kept) -> float:
        """Seconds since it was the platform's."""
        return max(0.0, self.now() - kept.at)

    def __len__(self) -> int:
        return len(self._kept)
