"""What is refused before it is looked at, and what is counted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.gateway.guard import HOSTS, LARGEST, Guard, Refusal, checked, host_of

from .worlds import asked, sandbox

PREVIEW = "/api/business/message/preview"
BODY = {"template": "Hello"}


def sent(method: str, path: str, **request: Any) -> httpx.Response:
    """The answer to one request."""
    return asked(lambda client: client.request(method, path, **request), sandbox(rows=3))


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example:3333", "", "localhost.:80", "[::2]:80", "127.0.0.1:80@evil", "[::1"],
)
def test_a_foreign_host_is_refused(host: str) -> None:
    """A page of the web that points its own name at this machine reads nothing."""
    answer = sent("GET", "/api/business/crm/contacts", headers={"host": host})
    assert answer.status_code == 421
    assert "contacts" not in answer.json()


@pytest.mark.parametrize("hosts", [("evil.example", "127.0.0.1"), ("127.0.0.1", "evil.example")])
def test_a_request_that_names_two_hosts_is_refused(hosts: tuple[str, str]) -> None:
    """Which of them counts, no two readers agree upon (RFC 9112 section 3.2)."""
    assert sent("GET", "/healthz", headers=[("host", host) for host in hosts]).status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1:3333", "localhost", "LOCALHOST:3333", "[::1]:3333", "gateway", "::1"])
def test_our_own_names_are_let_in(host: str) -> None:
    """With and without a port, whatever the case."""
    assert sent("GET", "/healthz", headers={"host": host}).status_code == 200


@given(st.text(max_size=30))
@settings(max_examples=200)
def test_only_our_own_names_are_ours(host: str) -> None:
    """Whatever stands in the header, it is refused or one of the known names."""
    try:
        checked({"host": host}, "GET")
    except Refusal as refusal:
        status = refusal.status
    else:
        status = 200
    assert status == (200 if host_of(host) in HOSTS else 421)


@pytest.mark.parametrize(
    ("origin", "status"),
    [("https://evil.example", 403), ("null", 403), ("http://[", 403), ("http://localhost:3333", 200)],
)
def test_a_page_of_another_origin_is_refused(origin: str, status: int) -> None:
    """And no header lets it read: there is no CORS."""
    answer = sent("GET", "/healthz", headers={"origin": origin})
    assert answer.status_code == status
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""])
def test_a_body_that_is_not_json_is_refused(kind: str) -> None:
    """A form of another page cannot post."""
    assert sent("POST", PREVIEW, content=b'{"template": "a"}', headers={"content-type": kind}).status_code == 415


def test_json_with_a_charset_is_json() -> None:
    """A parameter of the content type changes nothing."""
    headers = {"content-type": "application/json; charset=utf-8"}
    assert sent("POST", PREVIEW, content=b'{"template": "a"}', headers=headers).status_code == 200


@pytest.mark.parametrize("stated", [True, False])
def test_a_body_has_an_end(stated: bool) -> None:
    """Whether or not it says how long it is."""
    whole = b'{"template": "' + b"a" * LARGEST + b'"}'

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(whole), 1000):
            yield whole[start : start + 1000]

    headers = {"content-type": "application/json"}
    answer = sent("POST", PREVIEW, content=whole if stated else pieces(), headers=headers)
    assert answer.status_code == 413


def test_a_body_in_pieces_is_put_together() -> None:
    """Chunked is as good as whole."""

    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b'{"tem', b'plate": "a"', b"}"):
            yield piece

    answer = sent("POST", PREVIEW, content=pieces(), headers={"content-type": "application/json"})
    assert answer.json()["text"] == "a"


@pytest.mark.parametrize("body", [b"{", b"[" * 20000, b"\xff", b'{"template": "\\ud800"}', b'{"template": NaN}'])
def test_a_body_that_cannot_be_read_is_the_senders_mistake(body: bytes) -> None:
    """400 or 422 and never a failure of ours."""
    answer = sent("POST", PREVIEW, content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize("data", [b'{"a": "\\ud800"}', b'{"a": NaN}', b'{"a": 1e999}', b'{"a": [[[]]]}'])
def test_data_that_is_hard_to_write_breaks_nothing(data: bytes) -> None:
    """It is refused, or written as JSON can."""
    content = b'{"template": "{a}", "data": ' + data + b"}"
    answer = sent("POST", PREVIEW, content=content, headers={"content-type": "application/json"})
    assert answer.status_code in (200, 400, 422)


def test_an_unknown_path_and_a_wrong_method_are_told_like_every_problem() -> None:
    """JSON with a `detail`, 405 with what is allowed."""
    assert sent("GET", "/nothing").json() == {"detail": "Not Found"}
    answer = sent("DELETE", "/healthz")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


def test_figures_name_routes_and_never_what_was_asked_for() -> None:
    """No e-mail address, no id and no unknown path becomes a label."""

    async def ask(client: httpx.AsyncClient) -> str:
        await client.get("/api/business/crm/contacts?q=ava@northwind.example")
        await client.get("/api/business/looker/looks/31337/run")
        await client.get("/secret-31338")
        await client.request("BREW", "/healthz")
        return (await client.get("/metrics")).text

    text = asked(ask, sandbox(rows=3))
    assert 'route="/api/business/looker/looks/{id}/run",status="404"' in text
    assert 'id="hubspot/contacts",source="sandbox"' in text
    assert 'method="other"' in text
    assert not any(word in text for word in ("northwind", "31337", "31338", "BREW"))


def test_figures_tell_of_breakers_and_of_degraded_answers() -> None:
    """One gauge a platform and state; a counter a route."""
    world = sandbox(rows=3)
    world.fault("status=503", platform="gong", times=None)

    async def ask(client: httpx.AsyncClient) -> str:
        await client.get("/api/business/gong/recent")
        return (await client.get("/metrics")).text

    text = asked(ask, world)
    assert 'bi_gateway_breaker_state{platform="gong",state="closed"} 1.0' in text
    assert 'bi_gateway_degraded_total{route="/api/business/gong/recent"} 1.0' in text
    assert 'bi_gateway_requests_total{method="GET",route="/api/business/gong/recent",status="503"} 1.0' in text


def test_what_is_no_request_is_passed_on() -> None:
    """The lifespan of the application, for example."""
    import asyncio

    seen: list[str] = []

    async def application(scope: Any, _receive: Any, _send: Any) -> None:
        seen.append(scope["type"])

    asyncio.run(Guard(application, None)({"type": "lifespan"}, None, None))  # type: ignore[arg-type]
    assert seen == ["lifespan"]


def test_a_caller_that_leaves_while_it_sends_is_no_failure() -> None:
    """The application sees the disconnection."""
    import asyncio

    from bi_contracts.gateway.guard import _limited

    async def leaving() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def ask() -> list[str]:
        receive = await _limited({"content-length": "5"}, leaving)
        return [(await receive())["type"], (await receive())["type"]]

    assert asyncio.run(ask()) == ["http.disconnect"] * 2
