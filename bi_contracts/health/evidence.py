"""What one probe found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a platform is. `up` always rests on fresh evidence."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"
    MAINTENANCE = "maintenance"


class Reason(StrEnum):
    """Why a platform is not up."""

    NONE = ""
    AUTH = "auth"
    RATE_LIMITED = "rate limited"
    TIMEOUT = "timeout"
    REFUSED = "refused"
    RESET = "reset"
    DNS = "dns"
    TLS = "tls"
    UNREACHABLE = "unreachable"
    SERVER_ERROR = "server error"
    ERROR = "error"
    UNREADABLE = "unreadable"
    SLOW = "slow"
    CONTRACT = "contract violation"
    NOT_SET = "not set"
    STALE = "no fresh evidence"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one probe found.

    Attributes:
        platform: Who was asked.
        at: When the answer was there, or its absence was certain, as Unix seconds of the monitor's own clock.
        state: `up`, `degraded` or `down`; `unknown` where nobody could be asked.
        reason: Why it is not up.
        detail: The same for people, in our own words: it never repeats what the platform wrote.
        duration: Seconds from question to answer, None where nobody was asked.
        status: HTTP status, None where there was no answer.
        remaining: Requests left of the rate limit, None where the platform does not say.
        source: Who answered: `live`, `sandbox` or `unknown`.
    """

    platform: str
    at: float
    state: State
    reason: Reason = Reason.NONE
    detail: str = ""
    duration: float | None = None
    status: int | None = None
    remaining: int | None = None
    source: str = "unknown"

    @property
    def ok(self) -> bool:
        """Whether the platform answered as it should, in time."""
        return self.state is State.UP

    @property
    def asked(self) -> bool:
        """Whether somebody was asked: what could not be asked says nothing about the platform."""
        return self.state is not State.UNKNOWN
