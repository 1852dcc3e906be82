"""A user's own connection tests: of the gateway, and of declared endpoints."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import FrozenInstanceError, dataclass
from typing import Any

import httpx
import pytest

from bi_contracts.checks.connection import (
    ConnectionTest,
    Degraded,
    fresh_answer,
    not_good,
    run_connection_test,
)
from bi_contracts.errors import (
    ApiError,
    CassetteMiss,
    ConfigurationError,
    CredentialsMissing,
    ExitCode,
    Unauthorized,
    Unreachable,
)
from bi_contracts.paths import Json
from bi_contracts.report.events import Outcome, Status

Handler = Callable[[httpx.Request], httpx.Response]
TOKEN = {"CUSTOM_API_TOKEN": "sesame-4711"}
FRESH = {
    "degraded": False,
    "contacts": [{"id": "1", "source": "stale"}],
    "sections": [{"id": "hubspot/contacts", "source": "sandbox", "provenance": "sandbox", "error": None}],
}


@dataclass
class Reader:
    """Reads what it is given, or raises it."""

    found: Any
    asked: tuple[str, Mapping[str, Json]] = ("", {})

    async def read(
        self, id: str, /, *, max_pages: int | None = 1, narrowing: Mapping[str, Json] | None = None, **arguments: Json
    ) -> Any:
        """The rows of an endpoint."""
        del max_pages, narrowing
        self.asked = (id, arguments)
        if isinstance(self.found, Exception):
            raise self.found
        return self.found


@dataclass(frozen=True)
class Found:
    """What a reader gives."""

    records: tuple[Json, ...] = ({"id": 1},)
    source: str = "live"


def run(
    test: ConnectionTest,
    handler: Handler = lambda _: httpx.Response(200, json=FRESH),
    environ: Mapping[str, str] = TOKEN,
    reader: Reader | None = None,
) -> Outcome:
    """The outcome of a test against a gateway that answers so."""

    async def ask() -> Outcome:
        async with httpx.AsyncClient(transport=httpx.MockTransport(handler), base_url="http://gateway") as http:
            return await run_connection_test(test, http, environ, reader=reader)

    return asyncio.run(ask())


SEED = ConnectionTest(
    name="custom_endpoint_test",
    endpoint="/api/business/custom",
    auth_method="bearer",
    required_env_vars=["CUSTOM_API_TOKEN"],
    timeout_seconds=15,
)


def test_the_seed_s_own_example_is_a_value() -> None:
    """A list is taken and kept as a tuple; nothing can be changed afterwards; the defaults are the seed's."""
    assert SEED.required_env_vars == ("CUSTOM_API_TOKEN",)
    usual = ConnectionTest("new_platform_test", "/api/business/new-platform")
    assert (usual.auth_method, usual.required_env_vars, usual.timeout_seconds) == ("bearer", (), 30)
    assert (usual.expected_status, usual.method, usual.of_gateway) == (200, "GET", True)
    with pytest.raises(FrozenInstanceError):
        SEED.name = "another"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"endpoint": "calls"}, "neither a path of the gateway"),
        ({"name": ""}, "neither a path"),
        ({"auth_method": "kerberos"}, "auth_method is one of"),
        ({"timeout_seconds": 0}, "above 0"),
        ({"timeout_seconds": "30"}, "timeout_seconds is to be a number of seconds, not str"),
        ({"timeout_seconds": True}, "timeout_seconds is to be a number of seconds, not bool"),
        ({"name": 7}, "name is to be text, not int"),
        ({"params": []}, "params is to be a mapping, not list"),
        ({"expected_status": "200"}, "expected_status is to be a status such as 200, not str"),
        ({"endpoint": "https://api.example/v1"}, "whole address; write its path alone"),
        ({"required_env_vars": "FOO_KEY"}, r"a list of names: \['FOO_KEY'\]"),
        ({"required_env_vars": [7]}, "required_env_vars is to be a list of names"),
    ],
)
def test_what_cannot_be_tested_is_told_when_it_is_declared(wrong: dict[str, Any], said: str) -> None:
    """Not when it is run, hours later."""
    with pytest.raises(ConfigurationError, match=said):
        ConnectionTest(**{"name": "x", "endpoint": "/api/business/x", **wrong})


def test_a_fresh_answer_passes_and_says_who_answered() -> None:
    """The rows' own fields called `source` are nobody's business."""
    outcome = run(SEED)
    assert (outcome.status, outcome.subject, outcome.phase) == (
        Status.PASSED,
        "gateway/custom_endpoint_test",
        "connection",
    )
    assert (outcome.source, outcome.samples, outcome.findings) == ("sandbox", 1, ())
    assert outcome.elapsed is not None


@pytest.mark.parametrize("environ", [{}, {"CUSTOM_API_TOKEN": "  "}])
def test_an_unset_variable_skips_the_test_and_is_named(environ: Mapping[str, str]) -> None:
    """Nobody is asked; a skipped test never looks like a pass."""

    def never(_request: httpx.Request) -> httpx.Response:
        raise AssertionError("nobody is to be asked")

    outcome = run(SEED, never, environ)
    assert (outcome.status, outcome.note) == (Status.SKIPPED, "CUSTOM_API_TOKEN is not set")


def test_several_unset_variables_are_all_named() -> None:
    """Those that are set are not."""
    test = ConnectionTest("x", "/x", required_env_vars=["ONE", "CUSTOM_API_TOKEN", "TWO"])
    assert run(test).note == "ONE and TWO are not set"


@pytest.mark.parametrize("source", ["stale", "mock", "unavailable", "degraded"])
def test_upstream_down_is_never_counted_as_passed(source: str) -> None:
    """Regression row: upstream down is never counted as passed, healthy or a successful request.

    A plain 200 whose section is stale, made up or missing fails the test and names the section.
    """
    sections = [FRESH["sections"][0], {"id": "gong/calls", "source": source}]  # type: ignore[index]
    outcome = run(SEED, lambda _: httpx.Response(200, json={**FRESH, "sections": sections}))
    assert outcome.verdict is Status.FAILED
    assert [(one.rule, f"/sections/1 (gong/calls) is {source}" in one.message) for one in outcome.findings] == [
        ("degraded-answer", True)
    ]


@pytest.mark.parametrize(
    "body",
    [
        {"error": "gong is down", "calls": []},
        {"gong": {"error": "gong is down"}},
        {"degraded": True, "sections": []},
        {"data": {"source": "mock", "rows": []}},
        {"parts": [{"source": "stale"}]},
    ],
)
def test_an_error_inside_a_plain_200_is_a_failure(body: Json) -> None:
    """Whatever gateway it is that answers so."""
    assert run(SEED, lambda _: httpx.Response(200, json=body)).verdict is Status.FAILED


@pytest.mark.parametrize("body", [[], "text", {"rows": [{"deep": {"er": {"source": "stale"}}}]}, {"error": None}, None])
def test_what_says_nothing_of_sections_is_taken_as_it_is(body: Json) -> None:
    """Rows far below the root are data."""
    assert not_good(body) == []


def test_the_header_alone_says_that_an_answer_is_degraded() -> None:
    """`x-bi-degraded` stands with whatever could not be read afresh."""
    with pytest.raises(Degraded, match="it is mock"):
        fresh_answer(httpx.Response(200, json={}, headers={"x-bi-degraded": "mock"}))


def test_the_other_sections_are_not_named() -> None:
    """Five are; more would say no more."""
    sections = [{"source": "stale"}] * 9
    with pytest.raises(Degraded) as caught:
        fresh_answer(httpx.Response(200, json={"sections": sections}))
    assert str(caught.value).count("is stale") == 5


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        (httpx.Response(503, json={}), "unexpected-status"),
        (httpx.Response(200, html="<html></html>"), "html-page"),
        (httpx.Response(200), "empty-body"),
        (httpx.Response(200, text="{}", headers={"content-type": "text/plain"}), "content-type"),
    ],
)
def test_an_answer_that_is_not_as_expected_fails(answer: httpx.Response, rule: str) -> None:
    """By the rules of responses."""
    outcome = run(SEED, lambda _: answer)
    assert (outcome.verdict, outcome.findings[0].rule) == (Status.FAILED, rule)


def test_a_status_that_is_expected_passes() -> None:
    """A 404 may be what is tested for, and a body may be sent."""
    seen: list[httpx.Request] = []

    def gone(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(404, json={"detail": "no"})

    test = ConnectionTest("gone", "/x", expected_status=404, method="POST", params={"a": 1}, body={"b": 2})
    assert run(test, gone).status is Status.PASSED
    assert (seen[0].method, seen[0].url.query, seen[0].content) == ("POST", b"a=1", b'{"b":2}')


@pytest.mark.parametrize(
    ("method", "names", "header", "value"),
    [
        ("bearer", ["A", "B"], "authorization", "Bearer one"),
        ("oauth", ["A"], "authorization", "Bearer one"),
        ("api_key", ["A"], "x-api-key", "one"),
        ("none", ["A"], "authorization", None),
        ("bearer", [], "authorization", None),
    ],
)
def test_a_request_to_the_gateway_is_signed_as_declared(
    method: str, names: list[str], header: str, value: str | None
) -> None:
    """With the value of the first variable; without variables there is nothing to sign with."""
    seen: list[httpx.Request] = []

    def note(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={})

    run(ConnectionTest("x", "/x", method, names), note, {"A": " one ", "B": "two"})
    assert seen[0].headers.get(header) == value


def test_basic_takes_two_variables() -> None:
    """User and password, RFC 7617."""
    seen: list[str] = []

    def note(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["authorization"])
        return httpx.Response(200, json={})

    run(ConnectionTest("x", "/x", "basic", ["A", "B"]), note, {"A": "one", "B": "two"})
    assert b64decode(seen[0].removeprefix("Basic ")) == b"one:two"


@pytest.mark.parametrize(
    ("error", "rule"),
    [
        (httpx.ReadTimeout("slow"), "network-timeout"),
        (httpx.ConnectError("?"), "network-other"),
        (httpx.ReadError("gone"), "network-reset"),
    ],
)
def test_a_gateway_that_cannot_be_reached_fails_the_test(error: Exception, rule: str) -> None:
    """Upstream down: a failure whose exit code says so, never a pass."""

    def fail(_request: httpx.Request) -> httpx.Response:
        raise error

    outcome = run(SEED, fail)
    assert (outcome.verdict, outcome.findings[0].rule, outcome.exit_code) == (Status.FAILED, rule, ExitCode.UPSTREAM)


def test_an_answer_that_takes_too_long_is_a_timeout() -> None:
    """Also where the transport knows no timeouts."""

    async def ask() -> Outcome:
        async def never(_request: httpx.Request) -> httpx.Response:
            await asyncio.Event().wait()
            raise AssertionError

        async with httpx.AsyncClient(transport=httpx.MockTransport(never), base_url="http://gateway") as http:
            test = ConnectionTest("slow", "/slow", timeout_seconds=0.01)
            return await run_connection_test(test, http, {})

    outcome = asyncio.run(ask())
    assert (outcome.findings[0].rule, outcome.findings[0].message) == ("network-timeout", "no answer within 0.01 s")


# Declared endpoints

CALLS = ConnectionTest("gong_calls", "gong/calls", params={"fromDateTime": "2026-01-01T00:00:00Z"})


def test_a_declared_endpoint_is_read_as_its_platform_wants_it() -> None:
    """`gong/calls` goes to the reader, arguments and all; its source is the outcome's."""
    reader = Reader(Found())
    outcome = run(CALLS, reader=reader)
    assert (outcome.status, outcome.subject, outcome.source) == (Status.PASSED, "gong/calls", "live")
    assert reader.asked == ("gong/calls", {"fromDateTime": "2026-01-01T00:00:00Z"})


@pytest.mark.parametrize(
    ("error", "status", "rule"),
    [
        (Unreachable("gong/calls: no answer", reason="dns"), Status.FAILED, "network-dns"),
        (Unauthorized("gong/calls: unauthorized"), Status.FAILED, "credential-refused"),
        (CredentialsMissing("gong", ["GONG_ACCESS_KEY"]), Status.SKIPPED, ""),
        (CassetteMiss("gong/calls: not recorded"), Status.SKIPPED, ""),
        (ApiError("gong/calls: server error"), Status.ERROR, ""),
    ],
)
def test_what_a_reader_raises_is_an_outcome(error: Exception, status: Status, rule: str) -> None:
    """Nothing of it is a pass, and a missing credential is named."""
    outcome = run(CALLS, reader=Reader(error))
    assert (outcome.status, [one.rule for one in outcome.findings]) == (status, [rule] if rule else [])
    assert str(error) in (outcome.note, *(one.message for one in outcome.findings))


def test_a_declared_endpoint_needs_a_reader() -> None:
    """Without one nothing is known: an error, with what is missing."""
    outcome = run(CALLS)
    assert (outcome.status, "a reader is needed" in outcome.note) == (Status.ERROR, True)


@pytest.mark.parametrize(
    ("body", "headers", "source"),
    [
        ({"sections": [{"source": "sandbox"}, {"source": "live"}]}, {}, "unknown"),
        ({"status": "alive"}, {"x-bi-contracts-sandbox": "1"}, "sandbox"),
        ([], {}, "unknown"),
    ],
)
def test_who_answered_is_said_where_it_is_known(body: Json, headers: dict[str, str], source: str) -> None:
    """Sections that disagree are nobody's in particular."""
    assert run(SEED, lambda _: httpx.Response(200, json=body, headers=headers)).source == source
