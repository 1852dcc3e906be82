"""One policy around a call, in Polly's order: total timeout -> retry -> breaker -> attempt timeout.

Where a rate limit is declared, its limiter stands between breaker and attempt.

**One logical call is one failure.** The breaker is asked before every attempt, so that nobody goes on trying once it
is open; but it is told of one outcome, at the end of the call, when all its attempts are over. What the call holds
meanwhile (a permit of a half-open breaker, for example) it holds through its retries; it gives it back if cancelled.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ..errors import BiContractsError, ConfigurationError, TimedOut
from .breaker import Breaker
from .fallback import Fallback
from .kind import Kind, kind_of
from .limiter import Limiter
from .logical_call import LogicalCall
from .result import Result, Source
from .retry import Masked, RetryConfig

T = TypeVar("T")


@dataclass(frozen=True)
class Policy:
    """How calls of one platform survive a bad day.

    Attributes:
        name: Whom it is about, for messages.
        retry: When to try again.
        breaker: Shared by every call of the platform; None for none.
        limiter: Shared by every call of the platform; None for none.
        total_timeout: Seconds for a call with all its attempts and waits, None for no end.
        attempt_timeout: Seconds for one attempt, None for no end.
        clock: Seconds that never go back.
        sleep: How to wait before another attempt, None to let stamina wait.
        random: Gives a share from 0 up to 1, for jitter.
    """

    name: str = ""
    retry: RetryConfig = field(default_factory=RetryConfig)
    breaker: Breaker | None = None
    limiter: Limiter | None = None
    total_timeout: float | None = 120.0
    attempt_timeout: float | None = 30.0
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)
    sleep: Callable[[float], Awaitable[None]] | None = field(default=None, repr=False)
    random: Callable[[], float] = field(default=random.random, repr=False)

    def __post_init__(self) -> None:
        """Raises `ConfigurationError` for a timeout that leaves no time."""
        for timeout in (self.total_timeout, self.attempt_timeout):
            if timeout is not None and not timeout > 0:
                raise ConfigurationError("policy: timeouts are in seconds, more than 0; None for no end")

    @property
    def limit(self) -> float | None:
        """Seconds for everything: the shorter of `total_timeout` and the retry's budget."""
        return min((each for each in (self.total_timeout, self.retry.budget) if each is not None), default=None)

    async def call(self, fn: Callable[[], Awaitable[T]], *, endpoint: str = "", requests: int = 1) -> T:
        """What `fn` returns, after as many attempts as it takes.

        `endpoint` is whose rate limits hold, `requests` how many of its requests one attempt makes. Raises what the
        last attempt raised; `TimedOut` where a timeout ended it; `BreakerOpen` where it was not asked; `RateLimited`
        where the platform stated a longer wait than there is time for.
        """
        call = LogicalCall(self, endpoint, waits_itself=self.sleep is not None)
        try:
            value = await self._timed(fn, call, requests)
        except Masked as masked:
            call.lost(masked.error)
            raise masked.error from masked.error.__cause__
        except BaseException as error:
            call.lost(error)
            raise
        return call.won(value)

    async def fetch(
        self,
        fn: Callable[[], Awaitable[T | Result[T]]],
        *,
        source: Source = Source.LIVE,
        fallbacks: Sequence[Fallback] = (),
        endpoint: str = "",
        requests: int = 1,
    ) -> Result[T]:
        """As `call`, and a `Result` whatever comes: the answer, else what the first fallback that has something gives.

        An answer is from `source`, unless `fn` returns a `Result` that says more. Raises what is a mistake in the
        calling program (`TypeError`, ...), and cancellation.
        """
        try:
            value = await self.call(fn, endpoint=endpoint, requests=requests)
        except Exception as error:
            if not _is_trouble(error):
                raise
            return await self._fall_back(error, fallbacks)
        result = value if isinstance(value, Result) else Result(value, source)
        if result.ok:
            for fallback in fallbacks:
                fallback.learn(result)
        return result

    def call_blocking(
        self, fn: Callable[[], T], *, endpoint: str = "", sleep: Callable[[float], None] | None = None
    ) -> T:
        """`call` for synchronous code: retries, budget and breaker.

        A thread cannot be interrupted, so an attempt ends only by itself: give the client a timeout. There is no
        limiter either, for aiolimiter waits on an event loop.
        """
        call = LogicalCall(self, endpoint, waits_itself=sleep is not None)
        try:
            value = self._attempts_blocking(fn, call, sleep)
        except Masked as masked:
            call.lost(masked.error)
            raise masked.error from masked.error.__cause__
        except BaseException as error:
            call.lost(error)
            raise
        return call.won(value)

    def _attempts_blocking(self, fn: Callable[[], T], call: LogicalCall, sleep: Callable[[float], None] | None) -> T:
        for attempt in self.retry.attempts(call.after):
            if call.pause and sleep is not None:
                sleep(call.pause)
            with attempt:
                call.attempt = attempt
                call.begin()
                try:
                    return fn()
                except Exception as error:
                    raise call.failed(error) from error.__cause__
        raise AssertionError("stamina ends with a value or an error")

    async def _timed(self, fn: Callable[[], Awaitable[T]], call: LogicalCall, requests: int) -> T:
        try:
            async with asyncio.timeout(self.limit) as total:
                return await self._attempts(fn, call, requests)
        except TimeoutError as error:
            if not total.expired():
                raise
            what = "no answer, with all attempts and waits," if call.tried else "its rate limit left no turn"
            late = TimedOut(f"{call.who}: {what} in {self.limit:g} s")
            late.__cause__ = call.error or error
            if call.cut:
                call.failed(late)
            raise late from late.__cause__

    async def _attempts(self, fn: Callable[[], Awaitable[T]], call: LogicalCall, requests: int) -> T:
        async for attempt in self.retry.attempts(call.after):
            if call.pause and self.sleep is not None:
                await self.sleep(call.pause)
            with attempt:
                call.attempt = attempt
                if self.limiter is not None:
                    call.check()
                    await self.limiter.wait(call.endpoint, call.left, requests)
                call.begin()
                return await self._attempt(fn, call)
        raise AssertionError("stamina ends with a value or an error")

    async def _attempt(self, fn: Callable[[], Awaitable[T]], call: LogicalCall) -> T:
        try:
            async with asyncio.timeout(self.attempt_timeout) as limit:
                return await fn()
        except asyncio.CancelledError:
            call.cut = True
            raise
        except Exception as error:
            if isinstance(error, TimeoutError) and limit.expired():
                late = TimedOut(f"{call.who}: no answer within {self.attempt_timeout:g} s")
                raise call.failed(late) from error
            raise call.failed(error) from error.__cause__

    async def _fall_back(self, error: Exception, fallbacks: Sequence[Fallback]) -> Result[Any]:
        notes = [f"asked: {kind_of(error)}"]
        for fallback in fallbacks:
            try:
                found = await fallback.offer(error)
            except Exception as problem:
                notes.append(f"{fallback.name}: {type(problem).__name__}")
                continue
            if found is None:
                notes.append(f"{fallback.name}: nothing kept")
                continue
            if found.ok:  # nobody was asked, so it is no answer
                notes.append(f"{fallback.name}: passes for an answer")
                continue
            return Result(found.value, found.source, found.age, found.error, (*notes, *found.notes))
        return Result(None, Source.UNAVAILABLE, None, error, tuple(notes))


def _is_trouble(error: Exception) -> bool:
    """Whether an error is something that happens, not a mistake in the program that called."""
    return isinstance(error, BiContractsError) or kind_of(error) is not Kind.OTHER
