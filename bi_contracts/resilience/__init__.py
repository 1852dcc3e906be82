"""Calls that survive a bad day: one policy of timeouts, retry, breaker, limiter and fallback."""

from __future__ import annotations

from ..errors import BreakerOpen, TimedOut
from .breaker import Breaker, CircuitBreakerConfig, Figures, State, Transition
from .breakers import Breakers
from .fallback import Bypass, Degraded, Fallback, Mock, Recording, Stale
from .kind import Kind, counts_as_failure, kind_of, retry_after_of, retryable
from .last_good import Kept, LastGood
from .limiter import Limiter
from .policies import Policies
from .policy import Policy
from .result import Result, Source
from .retry import RetryConfig

__all__ = [
    "Breaker",
    "BreakerOpen",
    "Breakers",
    "Bypass",
    "CircuitBreakerConfig",
    "Degraded",
    "Fallback",
    "Figures",
    "Kept",
    "Kind",
    "LastGood",
    "Limiter",
    "Mock",
    "Policies",
    "Policy",
    "Recording",
    "Result",
    "RetryConfig",
    "Source",
    "Stale",
    "State",
    "TimedOut",
    "Transition",
    "counts_as_failure",
    "kind_of",
    "retry_after_of",
    "retryable",
]
