"""Errors and rate limits as data, read both ways."""

from __future__ import annotations

from email.utils import formatdate

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.dialects import Budget, ErrorDialect, ErrorKind, ErrorShape, RateDialect

ERRORS = ErrorDialect(
    shapes={
        ErrorKind.UNAUTHORIZED: ErrorShape(200, {"ok": False, "error": "invalid_auth"}, "invalid_auth"),
        ErrorKind.NOT_FOUND: ErrorShape(404, {"error": "{code}", "says": ["{message}"]}, "gone", "nothing here"),
        ErrorKind.RATE_LIMITED: ErrorShape(400, {"error": "limited"}, "limited"),
        ErrorKind.BAD_REQUEST: ErrorShape(400, {"error": "bad"}, "bad"),
    },
    code="error",
    message="says.0",
    failed="ok",
    failed_is=False,
    codes={"account_inactive": ErrorKind.UNAUTHORIZED},
)
RATES = RateDialect(100, 60, headers={"x-limit": "limit", "x-left": "remaining", "x-reset": "reset_seconds"})


@pytest.mark.parametrize("kind", list(ERRORS.shapes))
def test_what_is_rendered_is_recognised(kind: ErrorKind) -> None:
    """The client understands what the sandbox says, a failure inside a success included."""
    status, body = ERRORS.render(kind)
    problem = ERRORS.recognise(httpx.Response(status, json=body))
    assert problem is not None
    assert problem.kind is kind


def test_a_rendered_error_holds_code_and_words() -> None:
    """The placeholders are filled wherever they stand."""
    assert ERRORS.render(ErrorKind.NOT_FOUND) == (404, {"error": "gone", "says": ["nothing here"]})
    assert ERRORS.render(ErrorKind.NOT_FOUND, "no task")[1]["says"] == ["no task"]


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, b"", ErrorKind.UNAUTHORIZED),
        (403, b"{}", ErrorKind.FORBIDDEN),
        (404, b"<html>", ErrorKind.NOT_FOUND),
        (429, b"", ErrorKind.RATE_LIMITED),
        (503, b"", ErrorKind.SERVER_ERROR),
        (418, b"", ErrorKind.BAD_REQUEST),
        (200, b'{"ok": false, "error": "account_inactive"}', ErrorKind.UNAUTHORIZED),
        (200, b'{"ok": false, "error": "unheard_of"}', ErrorKind.BAD_REQUEST),
        (429, b'{"error": "limited"}', ErrorKind.RATE_LIMITED),
    ],
)
def test_any_error_has_a_kind(status: int, body: bytes, kind: ErrorKind) -> None:
    """A code decides where it is known, the status where it is not."""
    problem = ERRORS.recognise(httpx.Response(status, content=body))
    assert problem is not None
    assert problem.kind is kind


def test_a_success_is_no_problem() -> None:
    """Neither with the mark of success nor without any."""
    assert ERRORS.recognise(httpx.Response(200, json={"ok": True})) is None
    assert ERRORS.recognise(httpx.Response(200, json=[1])) is None
    assert ErrorDialect({}).recognise(httpx.Response(204)) is None


def test_any_errors_fail_where_the_dialect_says_any() -> None:
    """GraphQL: a non-empty `errors` is a failure, an empty one is not."""
    dialect = ErrorDialect({}, failed="errors")
    assert dialect.recognise(httpx.Response(200, json={"errors": [{"message": "no"}]})) is not None
    assert dialect.recognise(httpx.Response(200, json={"errors": []})) is None


def test_a_page_that_is_no_json_is_said_to_be_none() -> None:
    """An HTML error page is called what it is."""
    problem = ERRORS.recognise(httpx.Response(502, html="<h1>Bad gateway</h1>"))
    assert problem is not None
    assert "text/html" in problem.message


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 2**31))
def test_a_budget_that_is_rendered_is_read(limit: int, remaining: int, reset: int) -> None:
    """Seconds and milliseconds alike."""
    for dialect in (RATES, RateDialect(1, 1, headers={**RATES.headers, "x-reset": "reset_milliseconds"})):
        headers = dialect.render(Budget(limit, remaining, reset), reset - 5, refused=False)
        assert dialect.budget(httpx.Response(200, headers=headers)) == Budget(limit, remaining, reset)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:19 GMT"}, 9),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0),
        ({"retry-after": "soon"}, None),
        ({"x-left": "0", "x-reset": "25"}, 15),
        ({"x-left": "many"}, None),
        ({}, None),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    """Retry-After as seconds or date, else the stated reset, else nobody knows."""
    assert RATES.wait(httpx.Response(429, headers=headers), now=10) == seconds


def test_a_refusal_says_when_to_come_back() -> None:
    """At least a second, and only where the platform says it at all."""
    spent = Budget(100, 0, 10.2)
    assert RATES.render(spent, 10, refused=True)["retry-after"] == "1"
    assert "retry-after" not in RATES.render(spent, 10, refused=False)
    assert "retry-after" not in RateDialect(1, 1, retry_after=False).render(spent, 10, refused=True)


@given(st.integers(1, 2_000_000_000), st.integers(1, 10_000), st.integers(-1_000_000, 1_000_000))
def test_a_wait_goes_by_the_clock_of_who_asks_for_it(now: int, wait: int, skew: int) -> None:
    """Whatever our own clock says: a reset and a date are compared with the answer's `Date`."""
    there = now + max(skew, 0)
    dated = {"date": formatdate(there, usegmt=True)}
    budget = Budget(100, 0, there + wait)
    assert RATES.wait(httpx.Response(429, headers=RATES.render(budget, there, refused=False) | dated)) == wait
    later = {"retry-after": formatdate(there + wait, usegmt=True)}
    assert RATES.wait(httpx.Response(429, headers=later | dated)) == wait
