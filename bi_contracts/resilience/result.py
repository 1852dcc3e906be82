"""What a call came to: a value, who it is from, how old it is, and what went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from ..errors import UpstreamError
from ..redact import redact_text

T = TypeVar("T")


class Source(StrEnum):
    """Where a value is from. Only the first three are answers to the question that was asked."""

    LIVE = "live"
    SANDBOX = "sandbox"
    REPLAY = "replay"
    STALE = "stale"
    MOCK = "mock"
    DEGRADED = "degraded"
    UNAVAILABLE = "unavailable"
    BYPASSED = "bypassed"


FRESH = frozenset({Source.LIVE, Source.SANDBOX, Source.REPLAY})
"""What counts as success."""

_EMPTY = frozenset({Source.UNAVAILABLE, Source.BYPASSED})


@dataclass(frozen=True, slots=True)
class Result(Generic[T]):
    """A value with its origin. Raises ValueError where it would pass for something that it is not.

    Attributes:
        value: The answer; None where there is none.
        source: Where it is from.
        age: Seconds since it was the platform's; None where there is no value.
        error: Why it is no answer to the question that was asked.
        notes: What was tried before this came out, in order.
    """

    value: T | None
    source: Source
    age: float | None = 0.0
    error: Exception | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.source in FRESH and self.error is not None:
            raise ValueError(f"{self.source} is an answer, and an answer has no error")
        if self.source in _EMPTY and self.value is not None:
            raise ValueError(f"{self.source} has no value")
        if (self.age is None) is not (self.source in _EMPTY):
            raise ValueError(f"{self.source}: a value has an age in seconds, and what is no value has none")

    @property
    def ok(self) -> bool:
        """True only for an answer to the question that was asked: what is stale or made up never is."""
        return self.source in FRESH

    @property
    def success(self) -> bool:
        """The same as `ok`."""
        return self.ok

    @property
    def usable(self) -> bool:
        """Whether there is a value at all, fresh or not."""
        return self.source not in _EMPTY

    def unwrap(self) -> T:
        """The value of an answer. Raises the error where it is none."""
        if self.ok:
            return self.value  # type: ignore[return-value]
        raise self.error or UpstreamError(f"no answer, only something {self.source}")

    @property
    def facts(self) -> dict[str, Any]:
        """All but the value, for JSON: `source`, `age_seconds`, and where there are some `error` and `notes`."""
        found: dict[str, Any] = {"source": str(self.source), "age_seconds": self.age}
        if self.error is not None:
            found["error"] = redact_text(str(self.error)) or type(self.error).__name__
        if self.notes:
            found["notes"] = list(self.notes)
        return found
