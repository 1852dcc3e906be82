"""Errors and rate limits, rendered as each platform would and read back."""

from __future__ import annotations

import httpx
import pytest

from bi_contracts.dialects import Budget, ErrorKind
from bi_contracts.platform import Platform

from .declared import PLATFORMS, named

every_platform = pytest.mark.parametrize("platform", PLATFORMS, ids=named)
every_kind = pytest.mark.parametrize("kind", ErrorKind)


@every_platform
@every_kind
@pytest.mark.parametrize("message", ["", "said by the sandbox"])
def test_an_error_is_recognised_as_what_it_was(platform: Platform, kind: ErrorKind, message: str) -> None:
    """Whatever the platform calls an error and whichever status it has, the client knows its kind."""
    status, body = platform.errors.render(kind, message)
    problem = platform.errors.recognise(httpx.Response(status, json=body))
    assert problem is not None
    assert (problem.kind, problem.status) == (kind, status)
    assert problem.message
    assert "{" not in problem.code


@every_platform
def test_every_code_has_a_kind(platform: Platform) -> None:
    """A declared further code is recognised in the body of any error of the platform."""
    for code, kind in platform.errors.codes.items():
        shape = platform.errors.shapes[kind]
        problem = platform.errors.recognise(httpx.Response(shape.status, json=_with_code(platform, kind, code)))
        assert problem is not None
        assert (problem.kind, problem.code) == (kind, code)


@every_platform
def test_a_success_is_no_problem(platform: Platform) -> None:
    """An ordinary envelope is not taken for an error."""
    for endpoint in platform.endpoints:
        assert platform.errors.recognise(httpx.Response(200, json={**endpoint.envelope})) is None


@every_platform
def test_an_error_page_is_a_problem(platform: Platform) -> None:
    """HTML from a proxy under a 502 is an error of the server, not a crash."""
    problem = platform.errors.recognise(httpx.Response(502, html="<h1>Bad gateway</h1>"))
    assert problem is not None
    assert problem.kind is ErrorKind.SERVER_ERROR


@every_platform
@pytest.mark.parametrize("remaining", [0, 1, 17])
def test_a_budget_is_read_back(platform: Platform, remaining: int) -> None:
    """The headers that state a budget give that budget; a platform that states none gives none."""
    now = 1_790_000_000.0
    said = Budget(platform.limits.limit, remaining, now + 30)
    headers = platform.limits.render(said, now, refused=False)
    read = platform.limits.budget(httpx.Response(200, headers=headers), now)
    assert (read.limit, read.remaining) == (said.limit, remaining) if read else not platform.limits.headers
    assert read is None or read.reset in (said.reset, 0.0)


@every_platform
def test_a_refusal_says_how_long_to_wait(platform: Platform) -> None:
    """After a refusal the client knows the seconds to wait, from `Retry-After` or from the stated reset, if any is."""
    now = 1_790_000_000.0
    headers = platform.limits.render(Budget(platform.limits.limit, 0, now + 30), now, refused=True)
    status, body = platform.errors.render(ErrorKind.RATE_LIMITED)
    told = platform.limits.retry_after or any("reset" in said for said in platform.limits.headers.values())
    wait = platform.limits.wait(httpx.Response(status, json=body, headers=headers), now)
    length = platform.limits.window if any("window" in said for said in platform.limits.headers.values()) else None
    assert wait == (30.0 if told else length)


@every_platform
def test_a_missing_version_is_a_bad_request(platform: Platform) -> None:
    """Where the version header is required, the answer without it is recognised."""
    shape = platform.version_missing
    if shape is None:
        assert platform.version_header == "" or platform.version
        return
    body = {**shape.body, "code": shape.code}
    problem = platform.errors.recognise(httpx.Response(shape.status, json=body))
    assert problem is not None
    assert (problem.kind, problem.code) == (ErrorKind.BAD_REQUEST, shape.code)


def _with_code(platform: Platform, kind: ErrorKind, code: str) -> object:
    from bi_contracts.paths import bury

    _, body = platform.errors.render(kind, "said")
    if platform.errors.messages:
        body = bury(body, platform.errors.message, "said")
    return bury(body, platform.errors.code, code)
