"""How often to try again, and how long to wait before. stamina runs the attempts; what is said here is its schedule."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Any

from ..errors import BiContractsError, ConfigurationError
from .kind import kind_of, retry_after_of, retryable

# stamina logs each retry. Where a program has set up no logging, that would be bare lines on stderr.
logging.getLogger("stamina").addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class RetryConfig:
    """When to try again.

    The wait before attempt n + 1 is `base_delay` doubled n - 1 times, a share of `base_delay` up to the whole added by
    lot, and never more than `max_delay`; where the platform says how long to wait (`Retry-After`), that is the wait.

    Attributes:
        max_attempts: Attempts in all, the first one included.
        base_delay: Seconds before the second attempt.
        max_delay: Most seconds between two attempts, unless the platform asks for more.
        exponential_backoff: False for the same wait every time.
        jitter: False for waits without chance, as in tests.
        budget: Seconds for everything, attempts and waits; None where only the policy's `total_timeout` counts. A wait
            that does not fit in what is left is not begun: the error is raised at once.
    """

    max_attempts: int = 3
    base_delay: float = 1.0
    max_delay: float = 60.0
    exponential_backoff: bool = True
    jitter: bool = True
    budget: float | None = None

    def __post_init__(self) -> None:
        """Raises `ConfigurationError` for a figure that cannot be meant."""
        if self.max_attempts < 1:
            raise ConfigurationError("retry: max_attempts counts the first attempt too, so it is 1 or more")
        if not (self.base_delay >= 0 and isfinite(self.base_delay) and self.max_delay >= 0):
            raise ConfigurationError("retry: base_delay and max_delay are in seconds, 0 or more")
        if self.budget is not None and not self.budget > 0:
            raise ConfigurationError("retry: budget is in seconds, more than 0; None for no budget of its own")

    def attempts(self, hook: Callable[[Exception], bool | float]) -> Any:
        """stamina's attempts, for `for` and `async for`; after a failure the hook gives the wait, or False for no more.

        stamina's own `timeout` is not used: it looks at the time after a wait has been taken, not before.
        """
        import stamina

        return stamina.retry_context(
            on=hook,
            attempts=self.max_attempts,
            timeout=None,
            wait_initial=self.base_delay,
            wait_max=self.max_delay,
            wait_jitter=0.0,
            wait_exp_base=2.0 if self.exponential_backoff else 1.0,
        )

    def wait(
        self, error: BaseException, backoff: float, left: float | None, random: Callable[[], float]
    ) -> float | None:
        """Seconds to wait before another attempt, None where there must be none.

        Args:
            error: What the attempt ended with.
            backoff: The wait that is due without chance.
            left: Seconds left for everything, None where there is no end.
            random: Gives a share from 0 up to 1.
        """
        if not retryable(error):
            return None
        told = retry_after_of(error)
        if told is None:
            told = min(self.max_delay, backoff + (self.base_delay * random() if self.jitter else 0.0))
        return told if (isfinite(told) if left is None else told < left) else None


class Masked(Exception):
    """Stands in for a stranger's error where stamina tells log and metrics of it: its text may hold secrets."""

    def __init__(self, error: Exception) -> None:
        super().__init__(f"{type(error).__name__} ({kind_of(error)})")
        self.error = error

    @classmethod
    def of(cls, error: Exception) -> Exception:
        """The error as others may read it; this package's own are redacted when they are made."""
        return error if isinstance(error, BiContractsError) else cls(error)

    @staticmethod
    def meant(error: BaseException) -> BaseException:
        """The error itself."""
        return error.error if isinstance(error, Masked) else error
