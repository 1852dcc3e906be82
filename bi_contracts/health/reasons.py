"""What went wrong, as a state, a reason and words of our own."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import (
    BiContractsError,
    ConfigurationError,
    CredentialsMissing,
    RateLimited,
    Unauthorized,
    Unreachable,
    UpstreamError,
)
from ..platform import Platform
from .evidence import Reason, State


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an answer, or its absence, says about a platform."""

    state: State
    reason: Reason = Reason.NONE
    detail: str = ""
    status: int | None = None


_UNREACHABLE = {
    "timeout": (Reason.TIMEOUT, "no answer in time"),
    "refused": (Reason.REFUSED, "the connection was refused"),
    "reset": (Reason.RESET, "the connection broke"),
    "dns": (Reason.DNS, "its name does not resolve"),
    "tls": (Reason.TLS, "no encrypted connection could be made"),
}


def judge(error: BiContractsError, platform: Platform) -> Judgement:
    """What an error says about a platform.

    A rate limit is no outage: the platform is there and answers. What cannot be asked for want of a credential or an
    address is unknown. The words never repeat the platform's own, which may hold anything.
    """
    match error:
        case CredentialsMissing():
            what = "malformed" if "malformed" in str(error) else "not set"
            verb = "is" if len(error.variables) == 1 else "are"
            return Judgement(State.UNKNOWN, Reason.NOT_SET, f"{' and '.join(error.variables)} {verb} {what}")
        case RateLimited():
            wait = "" if error.retry_after is None else f"; it asks to wait {error.retry_after:.0f} s"
            return Judgement(State.DEGRADED, Reason.RATE_LIMITED, f"{_said(error, platform)}{wait}", error.status)
        case Unauthorized():
            check = " and ".join(platform.auth.variables)
            return Judgement(State.DOWN, Reason.AUTH, f"{_said(error, platform)}; check {check}", error.status)
        case Unreachable():
            reason, words = _UNREACHABLE.get(error.reason, (Reason.UNREACHABLE, "no answer"))
            return Judgement(State.DOWN, reason, words)
        case UpstreamError():
            return _answered(error, platform)
        case ConfigurationError():
            return Judgement(State.UNKNOWN, Reason.NOT_SET, str(error).partition(";")[0])
    return Judgement(State.UNKNOWN, Reason.NOT_SET, type(error).__name__)


def unreadable(status: int | None) -> Judgement:
    """Whoever answers something else is not the API: a page of a proxy, or half an answer."""
    return Judgement(State.DOWN, Reason.UNREADABLE, "the answer does not hold what it should", status)


def _answered(error: UpstreamError, platform: Platform) -> Judgement:
    if error.status is not None and error.status >= 500:
        return Judgement(State.DOWN, Reason.SERVER_ERROR, _said(error, platform), error.status)
    if error.status is None:
        return unreadable(None)
    return Judgement(State.DOWN, Reason.ERROR, _said(error, platform), error.status)


def _said(error: UpstreamError, platform: Platform) -> str:
    """The status, and the platform's own code where its declaration knows it: no other word of an answer is told."""
    known = {*platform.errors.codes, *(shape.code for shape in platform.errors.shapes.values())}
    return f"HTTP {error.status}, {error.code}" if error.code and error.code in known else f"HTTP {error.status}"
