"""One logical call: how far it is, when it may try again, and what the breaker is told in the end. Does no I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import BreakerOpen
from .kind import Kind, kind_of, retry_after_of
from .retry import Masked

if TYPE_CHECKING:
    from .policy import Policy

T = TypeVar("T")


class LogicalCall:
    """What `Policy.call` and `Policy.call_blocking` share.

    Args:
        policy: Whose call it is.
        endpoint: What is called.
        waits_itself: True where the caller waits between attempts, for `pause` seconds; else stamina does.

    Attributes:
        attempt: stamina's, the present one.
        error: What the last attempt ended with.
        pause: Seconds to wait before the next attempt.
        cut: True where an attempt was cancelled.
        tried: True where an attempt has begun.
    """

    __slots__ = (
        *("_began", "_policy", "_token", "_took", "_until", "_waits"),
        *("attempt", "cut", "endpoint", "error", "pause", "tried"),
    )

    def __init__(self, policy: Policy, endpoint: str, *, waits_itself: bool) -> None:
        limit = policy.limit
        self._policy, self.endpoint, self._waits = policy, endpoint, waits_itself
        self._until = None if limit is None else policy.clock() + limit
        self._token, self._began, self._took = 0, 0.0, 0.0
        self.attempt: Any = None
        self.error: Exception | None = None
        self.pause, self.cut, self.tried = 0.0, False, False

    @property
    def who(self) -> str:
        """`gong/calls`, as far as it is known."""
        return "/".join(filter(None, (self._policy.name, self.endpoint))) or "the service"

    @property
    def left(self) -> float | None:
        """Seconds left for everything, None where there is no end."""
        return None if self._until is None else self._until - self._policy.clock()

    def check(self) -> None:
        """Raises `BreakerOpen` where the next attempt would be refused now."""
        breaker = self._policy.breaker
        if breaker is not None and not breaker.holds(self._token):
            breaker.check()

    def begin(self) -> None:
        """An attempt begins. Raises `BreakerOpen`."""
        breaker = self._policy.breaker
        if breaker is not None and not breaker.holds(self._token):
            try:
                self._token = breaker.acquire()
            except BreakerOpen as refused:
                raise refused from self.error
        self._began, self.tried = self._policy.clock(), True

    def failed(self, error: Exception) -> Exception:
        """The attempt ended with an error. Gives what stamina and its hooks may know of it."""
        self._took = self._policy.clock() - self._began
        self.error = error
        return Masked.of(error)

    def after(self, error: BaseException) -> bool | float:
        """stamina's backoff hook: seconds until the next attempt, False for none. It is asked of cancellation too."""
        policy, meant = self._policy, Masked.meant(error)
        told = retry_after_of(meant)
        if told and policy.limiter is not None and kind_of(meant) is Kind.RATE_LIMIT:
            policy.limiter.pause(self.endpoint, told)
        wait = policy.retry.wait(meant, self.attempt.next_wait, self.left, policy.random)
        if wait is None:
            return False
        self.pause = wait
        return 0.0 if self._waits else wait

    def won(self, value: T) -> T:
        """The call ended well."""
        if self._policy.breaker is not None:
            self._policy.breaker.succeed(self._token, self._policy.clock() - self._began)
        return value

    def lost(self, error: BaseException) -> None:
        """The call ended with an error, or was cancelled."""
        breaker, blamed = self._policy.breaker, self.error
        if breaker is not None:
            if isinstance(error, Exception) and blamed is not None and breaker.config.is_failure(blamed):
                breaker.fail(self._token, self._took)
            else:
                breaker.release(self._token)
