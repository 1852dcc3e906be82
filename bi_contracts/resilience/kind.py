"""What kind of trouble an error is, and what follows: whether to try again, when, and whose fault it was."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from enum import StrEnum

import httpx

from ..dialects import RateDialect
from ..errors import (
    ApiError,
    BreakerOpen,
    CassetteError,
    ConfigurationError,
    ContractError,
    DeclarationError,
    Failure,
    RateLimited,
    Unauthorized,
    Unreachable,
)


class Kind(StrEnum):
    """Classes of error; each asks for another answer."""

    AUTH = "auth"
    CONFIG = "config"
    RATE_LIMIT = "rate_limit"
    TIMEOUT = "timeout"
    SERVICE = "service"
    NETWORK = "network"
    VALIDATION = "validation"
    OTHER = "other"


_PASSING = frozenset({Kind.RATE_LIMIT, Kind.TIMEOUT, Kind.SERVICE, Kind.NETWORK})
"""What may be gone at the next attempt. Everything else stays as it is until a person does something."""

_OUTAGE = frozenset({Kind.TIMEOUT, Kind.SERVICE, Kind.NETWORK})
"""What says that a service is not well."""

_GRAVITY = tuple(sorted(Kind, key=lambda kind: (kind in _PASSING, kind in _OUTAGE)))
"""Of several errors at once the gravest decides: what stays as it is, then what says when to come back."""

_HEADERS = RateDialect(limit=1, window=1.0)
"""Reads `Retry-After` of an answer whose platform is not known."""


def kind_of(error: BaseException) -> Kind:
    """The kind of an error, one of this package's or one of httpx, asyncio or the operating system."""
    match error:
        case Unauthorized():
            return Kind.AUTH
        case RateLimited():
            return Kind.RATE_LIMIT
        case Unreachable():
            return Kind.TIMEOUT if error.reason == "timeout" else Kind.NETWORK
        case BreakerOpen():
            return Kind.SERVICE
        case ApiError():
            return Kind.OTHER if error.status is None else _of_status(error.status)
        case ConfigurationError() | DeclarationError() | CassetteError() | ContractError() | httpx.InvalidURL():
            return Kind.CONFIG
        case Failure():
            return Kind.VALIDATION
        case httpx.HTTPStatusError():
            return _of_status(error.response.status_code)
        case TimeoutError() | httpx.TimeoutException():
            return Kind.TIMEOUT
        case httpx.UnsupportedProtocol():
            return Kind.CONFIG
        case httpx.TransportError() | ConnectionError() | socket.gaierror():
            return Kind.NETWORK
        case BaseExceptionGroup():
            return min((kind_of(each) for each in error.exceptions), key=_GRAVITY.index)
    return Kind.OTHER


def _of_status(status: int) -> Kind:
    """The kind that an HTTP status means where nothing says more (RFC 9110 section 15)."""
    if status >= 500:
        return Kind.SERVICE
    known = {401: Kind.AUTH, 403: Kind.AUTH, 404: Kind.OTHER, 408: Kind.TIMEOUT, 429: Kind.RATE_LIMIT}
    return known.get(status, Kind.VALIDATION if status >= 400 else Kind.OTHER)


def retryable(error: BaseException) -> bool:
    """Whether another attempt may end otherwise: never after an auth, configuration or validation error."""
    return kind_of(error) in _PASSING and not any(isinstance(each, BreakerOpen) for each in _all(error))


def counts_as_failure(error: BaseException) -> bool:
    """Whether an error says that the service is not well, and so counts in a breaker.

    A refused credential, a wrong request and a rate limit are answers of a service that is up.
    """
    return kind_of(error) in _OUTAGE and not any(isinstance(each, BreakerOpen) for each in _all(error))


def _all(error: BaseException) -> Iterator[BaseException]:
    """An error, or those of a group of them."""
    for each in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        yield from _all(each)
    yield error


def retry_after_of(error: BaseException) -> float | None:
    """The seconds that the platform asks to wait, None where it does not say (RFC 9110 section 10.2.3)."""
    if isinstance(error, BaseExceptionGroup):
        return max((each for each in map(retry_after_of, error.exceptions) if each is not None), default=None)
    if isinstance(error, httpx.HTTPStatusError):
        return _HEADERS.wait(error.response) if error.response.status_code in (429, 503) else None
    told: float | None = getattr(error, "retry_after", None)
    return told
