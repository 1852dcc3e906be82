"""What kind of trouble an error is, and what follows from that."""

from __future__ import annotations

import socket

import httpx
import pytest

from bi_contracts import errors
from bi_contracts.errors import (
    ApiError,
    BreakerOpen,
    CredentialsMissing,
    Failure,
    NotFound,
    RateLimited,
    TimedOut,
    Unauthorized,
    UnknownEndpoint,
    Unreachable,
)
from bi_contracts.resilience import Kind, counts_as_failure, kind_of, retry_after_of, retryable

REQUEST = httpx.Request("GET", "https://api.example.com/things")


def answered(status: int, **headers: str) -> httpx.HTTPStatusError:
    response = httpx.Response(status, headers=headers, request=REQUEST)
    return httpx.HTTPStatusError("refused", request=REQUEST, response=response)


KINDS: list[tuple[BaseException, Kind, bool, bool]] = [
    (Unauthorized("no"), Kind.AUTH, False, False),
    (answered(401), Kind.AUTH, False, False),
    (answered(403), Kind.AUTH, False, False),
    (CredentialsMissing("gong", ["GONG_ACCESS_KEY"]), Kind.CONFIG, False, False),
    (UnknownEndpoint("a/b", []), Kind.CONFIG, False, False),
    (errors.CassetteNotFound("none"), Kind.CONFIG, False, False),
    (errors.InvalidContract("none"), Kind.CONFIG, False, False),
    (httpx.InvalidURL("no URL"), Kind.CONFIG, False, False),
    (httpx.UnsupportedProtocol("gopher"), Kind.CONFIG, False, False),
    (RateLimited("slow down"), Kind.RATE_LIMIT, True, False),
    (answered(429), Kind.RATE_LIMIT, True, False),
    (TimedOut("late"), Kind.TIMEOUT, True, True),
    (Unreachable("late", reason="timeout"), Kind.TIMEOUT, True, True),
    (TimeoutError(), Kind.TIMEOUT, True, True),
    (httpx.ReadTimeout("late"), Kind.TIMEOUT, True, True),
    (answered(408), Kind.TIMEOUT, True, True),
    (ApiError("broken", status=503), Kind.SERVICE, True, True),
    (answered(500), Kind.SERVICE, True, True),
    (BreakerOpen("open"), Kind.SERVICE, False, False),
    (Unreachable("refused", reason="refused"), Kind.NETWORK, True, True),
    (httpx.ConnectError("refused"), Kind.NETWORK, True, True),
    (ConnectionResetError(), Kind.NETWORK, True, True),
    (socket.gaierror(), Kind.NETWORK, True, True),
    (ExceptionGroup("", [TimedOut("late"), ApiError("broken", status=500)]), Kind.TIMEOUT, True, True),
    (ExceptionGroup("", [ApiError("broken", status=500), RateLimited("slow")]), Kind.RATE_LIMIT, True, False),
    (ExceptionGroup("", [ApiError("broken", status=500), Unauthorized("no")]), Kind.AUTH, False, False),
    (ExceptionGroup("", [ApiError("broken", status=500), BreakerOpen("open")]), Kind.SERVICE, False, False),
    (ApiError("wrong", status=422), Kind.VALIDATION, False, False),
    (answered(400), Kind.VALIDATION, False, False),
    (Failure("a finding"), Kind.VALIDATION, False, False),
    (NotFound("gone", status=404), Kind.OTHER, False, False),
    (answered(404), Kind.OTHER, False, False),
    (answered(304), Kind.OTHER, False, False),
    (ApiError("no rows there"), Kind.OTHER, False, False),
    (TypeError("a mistake"), Kind.OTHER, False, False),
]


@pytest.mark.parametrize(
    ("error", "kind", "again", "outage"), KINDS, ids=[f"{type(row[0]).__name__}-{row[1]}" for row in KINDS]
)
def test_an_error_has_a_kind_and_the_kind_decides(error: BaseException, kind: Kind, again: bool, outage: bool) -> None:
    """What may pass is tried again, what says that a service is down counts; auth, config, validation do neither."""
    assert (kind_of(error), retryable(error), counts_as_failure(error)) == (kind, again, outage)


def test_every_error_of_the_package_has_a_kind_that_was_thought_of() -> None:
    """An error that is added to the tree is not tried again before somebody has decided so."""
    tried = {row[0].__class__ for row in KINDS if row[2]}
    known = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, Exception)]
    plain = [each for each in known if each not in (CredentialsMissing, UnknownEndpoint)]
    passing = {each for each in plain if retryable(each("text"))}
    assert passing <= tried | {Unreachable}


def test_what_the_platform_asks_to_wait_is_read_in_seconds_and_as_a_date() -> None:
    """`Retry-After` is seconds or an HTTP date, compared with the platform's own clock."""
    date = {"date": "Wed, 21 Oct 2026 07:28:00 GMT", "retry-after": "Wed, 21 Oct 2026 07:28:30 GMT"}
    assert retry_after_of(answered(429, **{"retry-after": "7"})) == 7.0
    assert retry_after_of(answered(503, **date)) == 30.0
    assert retry_after_of(answered(429)) is None


def test_only_an_answer_that_says_slow_down_or_not_now_is_asked_for_a_wait() -> None:
    """A 301 may carry `Retry-After` too; it says nothing about another attempt."""
    assert retry_after_of(answered(301, **{"retry-after": "7"})) is None


def test_errors_of_the_package_carry_their_wait() -> None:
    """A rate limit and a 503 say when to come back."""
    assert retry_after_of(RateLimited("slow down", retry_after=3.0)) == 3.0
    assert retry_after_of(ApiError("not now", status=503, retry_after=4.0)) == 4.0
    assert retry_after_of(TimeoutError()) is None


def test_of_several_waits_the_longest_counts() -> None:
    """Whoever asked several things at once comes back when all may be asked."""
    errors = [RateLimited("a", retry_after=3.0), RateLimited("b", retry_after=8.0), TimeoutError()]
    assert retry_after_of(ExceptionGroup("", errors)) == 8.0
    assert retry_after_of(ExceptionGroup("", [TimeoutError()])) is None
