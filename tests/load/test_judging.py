"""What is a success, and what only looks like one."""

from __future__ import annotations

import httpx
import pytest

from bi_contracts.errors import ConfigurationError
from bi_contracts.load.judging import judge, kind_of


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (b'{"ok": true}', ""),
        (b'{"source": "live"}', ""),
        (b'{"source": "unavailable"}', "source: unavailable"),
        (b'{"contacts": {"source": "stale"}}', "source: stale"),
        (b'{"sections": {"a": {"source": "mock"}}}', "source: mock"),
        (b'{"sections": [{"source": "sandbox"}, {"source": "unavailable"}]}', "source: unavailable"),
        (b'{"contacts": [{"source": "stale"}]}', ""),
        (b'["stale"]', ""),
        (b'a page that says "stale"', ""),
    ],
    ids=str,
)
def test_a_body_that_says_nobody_answered_is_no_success(body: bytes, wrong: str) -> None:
    """Whether it says so of itself or of a section; a row's own field is data."""
    assert judge()(httpx.Response(200, content=body)) == wrong


@pytest.mark.parametrize(("header", "wrong"), [("stale", "source: stale"), ("partial", "source: partial"), ("", "")])
def test_the_gateways_header_decides(header: str, wrong: str) -> None:
    """A success is an answer without it; an empty one says nothing."""
    assert judge()(httpx.Response(200, headers={"x-bi-degraded": header}, json={})) == wrong


def test_a_body_nested_beyond_all_reason_ends_no_run() -> None:
    """It says nothing of its source."""
    body = b'{"source": "stale", "a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    assert judge()(httpx.Response(200, content=body)) == ""


def test_redirects_are_no_success_unless_expected() -> None:
    """A load balancer that sends everybody away has answered nobody."""
    assert judge()(httpx.Response(302)) == "HTTP 302"
    assert judge((302,))(httpx.Response(302)) == ""


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TimeoutError(), "timeout"),
        (httpx.ReadTimeout("x"), "timeout"),
        (httpx.ConnectError("x"), "no connection"),
        (httpx.RemoteProtocolError("x"), "connection broken"),
        (httpx.DecodingError("x"), "unreadable answer"),
        (ConfigurationError("x"), "error: ConfigurationError"),
        (KeyError("x"), "bug: KeyError"),
    ],
    ids=str,
)
def test_failures_are_counted_by_kind(error: Exception, kind: str) -> None:
    """Nothing that varies stands in a kind, and nothing that was sent."""
    assert kind_of(error) == kind
