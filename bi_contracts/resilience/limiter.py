"""Keeps to a platform's rate limits, as they are declared and as the platform itself states them."""

from __future__ import annotations

import asyncio
import time
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache
from threading import Lock
from typing import Any

import httpx

from ..dialects import Quota, RateDialect
from ..errors import ConfigurationError, RateLimited

LONG = 3600.0
"""Seconds. Windows from this length on give half of their requests at once: nobody wants a day's paced evenly."""

LONGEST = 86_400.0
"""Seconds. What a platform states may be wrong, and must not keep everybody out for ever."""


class Limiter:
    """Waits until a request may be sent.

    aiolimiter's bucket lets its capacity through at once and then refills evenly, so that a bucket as large as a limit
    lets nearly twice the limit through within one window. Here a bucket holds a share of the limit, and refills so much
    slower that burst and refill together never exceed the limit in any window, wherever the platform's begins.

    Args:
        dialect: The platform's limits. Those counted in points are not known beforehand: they are learnt from answers.
        name: The platform's, for messages.
        burst: Share of a limit that may be used at once; the smaller, the nearer the pace comes to the limit.
        clock: Seconds that never go back.
        sleep: How to wait for a limit that the platform stated.
    """

    def __init__(
        self,
        dialect: RateDialect,
        *,
        name: str = "",
        burst: float = 0.1,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] | None = None,
    ) -> None:
        if not 0 <= burst <= 1:
            raise ConfigurationError("limiter: burst is a share of the limit, from 0 to 1")
        self.dialect, self.name = dialect, name
        self._burst, self._clock, self._sleep = burst, clock, sleep or asyncio.sleep
        self._buckets: dict[tuple[str, str], _Bucket] = {}
        self._chains: dict[str, tuple[_Bucket, ...]] = {}
        self._until: dict[str, float] = {}

    @asynccontextmanager
    async def slot(self, endpoint: str = "", patience: float | None = None, requests: int = 1) -> AsyncIterator[None]:
        """Waits for every limit that holds for an endpoint; the block is then the request, or so many of them.

        Raises `RateLimited` at once where the platform stated a wait of more than `patience` seconds.
        """
        await self.wait(endpoint, patience, requests)
        yield

    async def wait(self, endpoint: str = "", patience: float | None = None, requests: int = 1) -> None:
        """As `slot`, for callers that need no block."""
        if self._until:
            await self._stated(endpoint, patience)
        chain = self._chains.get(endpoint)
        if chain is None:
            chain = self._chains[endpoint] = self._chain(endpoint)
        taken: list[tuple[_Bucket, float]] = []
        try:
            for bucket in chain:
                for _ in range(requests):
                    await bucket.take()
                    taken.append((bucket, self._clock()))
        except BaseException:  # whoever leaves while it waits for one limit has not used the others
            for bucket, at in taken:
                bucket.give_back(at)
            raise

    def learn(self, endpoint: str, response: httpx.Response) -> None:
        """Reads what an answer says about limits: where nothing is left, everybody waits until the reset."""
        budget = self.dialect.budget(response)
        spent = budget is not None and budget.remaining <= 0
        wait = self.dialect.wait(response) if spent or response.status_code == httpx.codes.TOO_MANY_REQUESTS else None
        if wait:
            self.pause(endpoint, wait)

    def pause(self, endpoint: str, seconds: float) -> None:
        """Lets nobody through for so many seconds, a day at most: to this path where paths are counted apart."""
        place = endpoint if self.dialect.per == "path" else ""
        self._until[place] = max(self._until.get(place, 0.0), self._clock() + min(seconds, LONGEST))

    async def _stated(self, endpoint: str, patience: float | None) -> None:
        now = self._clock()
        self._until = {place: moment for place, moment in self._until.items() if moment > now}
        wait = max((self._until.get(place, now) for place in ("", endpoint)), default=now) - now
        if wait <= 0:
            return
        if patience is not None and wait >= patience:
            who = "/".join(filter(None, (self.name, endpoint)))
            raise RateLimited(f"{who}: the rate limit is used up; wait {wait:.0f} s", retry_after=wait)
        await self._sleep(wait)

    def _chain(self, endpoint: str) -> tuple[_Bucket, ...]:
        """The buckets of an endpoint, the one of the shortest window last: it is the one that is waited for."""
        quotas = sorted(self.dialect.all_for(endpoint), key=lambda quota: -quota.window)
        return tuple(self._bucket(quota, endpoint) for quota in quotas if quota.counts == "requests")

    def _bucket(self, quota: Quota, endpoint: str) -> _Bucket:
        # An endpoint with a tier of its own has another limit, and so a count of its own.
        place = (quota.name, endpoint if quota.per == "path" else str(quota.limit))
        if place not in self._buckets:
            share = max(self._burst, 0.5) if quota.window >= LONG else self._burst
            self._buckets[place] = _Bucket(quota.limit, quota.window, share, self._clock)
        return self._buckets[place]


@cache
def _kind() -> Any:
    """aiolimiter's bucket, that can be given back to; loaded when the first one is needed."""
    from aiolimiter import AsyncLimiter

    class Returning(AsyncLimiter):
        __slots__ = ()

        def less(self, amount: float) -> None:
            self._level = max(0.0, self._level - amount)

    return Returning


class _Bucket:
    """One limit.

    A bucket of capacity C that refills one request every T / C seconds lets C through at once and then, in a window of
    W seconds, one for each refill that falls inside it: C + ceil(W * C / T) - 1 in all. That is at most the limit L
    where T = C * W / (L - C + 1).
    """

    __slots__ = ("_capacity", "_clock", "_level", "_limiter", "_lock", "_loop", "_period", "_seen", "_shared")

    def __init__(self, limit: int, window: float, share: float, clock: Callable[[], float]) -> None:
        self._capacity = max(1, int(limit * share))
        self._period = self._capacity * window / (limit - self._capacity + 1)
        self._clock = clock
        self._level, self._seen = 0.0, clock()
        self._loop: Callable[[], object] = lambda: None
        self._limiter: Any = None
        self._lock, self._shared = Lock(), False

    async def take(self) -> None:
        if self._shared:
            return await self._turn()
        limiter, loop = self._limiter, asyncio.get_running_loop()
        if limiter is None or self._loop() is not loop:
            limiter = await self._moved(loop)
        if not self._shared:
            await limiter.acquire()
        if self._shared:
            return await self._turn()
        self._drip()
        self._level += 1
        return None

    async def _turn(self) -> None:
        """A turn where several event loops run at once, in threads: each is given the next one, and waits for it."""
        with self._lock:
            self._drip()
            self._level += 1
            wait = (self._level - self._capacity) * self._period / self._capacity
        at = self._clock()
        try:
            await asyncio.sleep(max(0.0, wait))
        except BaseException:
            self.give_back(at)
            raise

    def give_back(self, at: float) -> None:
        """A turn that was taken then is not used: as much of it as has certainly not been refilled since."""
        left = max(0.0, 1.0 - (self._clock() - at) * self._capacity / self._period)
        self._level = max(0.0, self._level - left)
        if self._limiter is not None:
            self._limiter.less(left)

    def _drip(self) -> None:
        now = self._clock()
        self._level = max(0.0, self._level - (now - self._seen) * self._capacity / self._period)
        self._seen = now

    async def _moved(self, loop: asyncio.AbstractEventLoop) -> Any:
        """An AsyncLimiter belongs to one event loop: in the next loop a new one goes on from the same level."""
        with self._lock:
            other, self._loop = self._loop(), weakref.ref(loop)
            self._shared = self._shared or (isinstance(other, asyncio.AbstractEventLoop) and other.is_running())
        limiter = _kind()(self._capacity, self._period)
        self._drip()
        await limiter.acquire(min(self._level, self._capacity))
        self._limiter = limiter
        return limiter
