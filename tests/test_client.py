"""The client: pages, errors and waits; sync and async are one core."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from bi_contracts.auth import Token
from bi_contracts.client import AsyncClient, Client
from bi_contracts.dialects import ErrorDialect, ErrorKind, ErrorShape, RateDialect
from bi_contracts.errors import ApiError, NotFound, PaginationLoop, RateLimited, Unauthorized, Unreachable
from bi_contracts.pagination import Cursor
from bi_contracts.platform import Endpoint, Platform
from bi_contracts.registry import platform

PLATFORM = Platform(
    name="example",
    title="Example",
    base_url="https://api.example/v1",
    auth=Token("TOKEN"),
    endpoints=(
        Endpoint("me", "/me", kind="identity", records="data"),
        Endpoint("things", "/things", records="data", paginator=Cursor("next", "query.after", "query.limit", page=2)),
        Endpoint("bare", "/bare"),
    ),
    errors=ErrorDialect({ErrorKind.RATE_LIMITED: ErrorShape(400, {"code": "limited"}, "limited")}, code="code"),
    limits=RateDialect(10, 60, headers={"x-left": "remaining", "x-reset": "reset_seconds"}),
    identity="me",
)
Handler = Callable[[httpx.Request], httpx.Response]


def read(
    handler: Handler, name: str = "things", *, patience: float = 0.0, sleeps: list[float] | None = None, **how: Any
) -> list[Any]:
    """The records by the sync client, after the async one was seen to do the same, errors too."""
    waited: list[float] = []
    outcome = _sync(handler, name, patience, waited, how)
    again: list[float] = []
    mirrored = asyncio.run(_async(handler, name, patience, again, how))
    assert (type(outcome), str(outcome), waited) == (type(mirrored), str(mirrored), again)
    if sleeps is not None:
        sleeps += waited
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _sync(handler: Handler, name: str, patience: float, waited: list[float], how: dict[str, Any]) -> Any:
    with Client(
        PLATFORM, {"TOKEN": "t"}, transport=httpx.MockTransport(handler), patience=patience, sleep=waited.append
    ) as client:
        try:
            return list(client.records(name, **how))
        except Exception as error:
            return error


async def _async(handler: Handler, name: str, patience: float, waited: list[float], how: dict[str, Any]) -> Any:
    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    async with AsyncClient(
        PLATFORM, {"TOKEN": "t"}, transport=httpx.MockTransport(handler), patience=patience, sleep=sleep
    ) as client:
        try:
            return [row async for row in client.records(name, **how)]
        except Exception as error:
            return error


def pages(request: httpx.Request) -> httpx.Response:
    """Rows 0 to 4, two a page unless another limit is asked for."""
    start, limit = int(request.url.params.get("after", 0)), int(request.url.params.get("limit", 5))
    stop = start + limit
    rows = [{"id": number} for number in range(start, min(stop, 5))]
    return httpx.Response(200, json={"data": rows, "next": str(stop) if stop < 5 else None})


@pytest.mark.parametrize("size", [None, 0, 1, 2, 5])
def test_all_pages_are_read_in_order(size: int | None) -> None:
    """Whatever the page size."""
    assert [row["id"] for row in read(pages, page_size=size)] == [0, 1, 2, 3, 4]


def test_reading_stops_after_as_many_pages_as_asked() -> None:
    """`max_pages` bounds what is asked for."""
    assert len(read(pages, max_pages=2)) == 4


def test_pages_are_asked_for_one_by_one() -> None:
    """The second page is not asked for before its first record is wanted."""
    asked: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return pages(request)

    with Client(PLATFORM, {"TOKEN": "t"}, transport=httpx.MockTransport(handler)) as client:
        records = client.records("things")
        assert not asked
        next(records), next(records)
        assert len(asked) == 1
        next(records)
        assert len(asked) == 2


def test_every_request_is_signed() -> None:
    """With the credential that was given."""

    def handler(request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == "Bearer t"
        return pages(request)

    assert read(handler)


def test_the_identity_is_one_record() -> None:
    """`identity` and `record` give the object itself, sync and async."""

    def handler(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"data": {"id": 7}})

    async def asked() -> Any:
        async with AsyncClient(PLATFORM, {"TOKEN": "t"}, transport=httpx.MockTransport(handler)) as client:
            return await client.identity()

    with Client(PLATFORM, {"TOKEN": "t"}, transport=httpx.MockTransport(handler)) as client:
        assert client.identity() == {"id": 7} == asyncio.run(asked())


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, Unauthorized), (403, Unauthorized), (404, NotFound), (429, RateLimited), (400, ApiError), (500, ApiError)],
)
def test_every_refusal_is_a_typed_error(status: int, error: type[Exception]) -> None:
    """The message names the endpoint and the status."""
    with pytest.raises(error, match=f"example/things: .*HTTP {status}") as caught:
        read(lambda _: httpx.Response(status, json={"message": "no"}))
    assert caught.value.status == status  # type: ignore[attr-defined]


def test_a_secret_in_an_error_message_is_not_repeated() -> None:
    """Platforms echo what they were sent."""
    with pytest.raises(ApiError) as caught:
        read(lambda _: httpx.Response(400, json={"message": "bad token xoxb-1234567890-1234567890-abcdefABCDEF"}))
    assert "abcdefABCDEF" not in str(caught.value)


def test_a_connection_that_fails_names_the_host_only() -> None:
    """Neither the query nor the credential."""

    def handler(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(Unreachable, match=r"example/things: no answer from api\.example \(ConnectError\)"):
        read(handler)


def test_a_repeated_token_is_a_loop() -> None:
    """Reading ends with an error, not never."""
    with pytest.raises(PaginationLoop):
        read(lambda _: httpx.Response(200, json={"data": [], "next": "same"}))


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [("things", {"rows": []}, "nothing at data"), ("things", {"data": {}}, "no list"), ("bare", {"a": 1}, "no list")],
)
def test_rows_that_are_not_where_they_should_be_are_an_error(name: str, body: object, words: str) -> None:
    """A changed envelope is never an empty read."""
    with pytest.raises(ApiError, match=words):
        read(lambda _: httpx.Response(200, json=body), name)


def limited(after: int) -> Handler:
    """Refuses every `after`-th request of a client with a wait of 3 seconds."""
    asked = iter(range(10**6))

    def handler(request: httpx.Request) -> httpx.Response:
        if next(asked) % after == 0:
            return httpx.Response(429, headers={"retry-after": "3"})
        return pages(request)

    return handler


def test_a_patient_client_waits_and_goes_on() -> None:
    """It waits as long as it was told, and loses nothing."""
    waited: list[float] = []
    with Client(
        PLATFORM, {"TOKEN": "t"}, transport=httpx.MockTransport(limited(2)), patience=60, sleep=waited.append
    ) as client:
        assert len(list(client.records("things"))) == 5
    assert waited == [3.0, 3.0, 3.0]


def test_patience_ends() -> None:
    """The waits of one read never exceed it; then the error says how long to wait."""
    sleeps: list[float] = []
    with pytest.raises(RateLimited, match="wait 3 s") as caught:
        read(lambda _: httpx.Response(429, headers={"retry-after": "3"}), patience=7, sleeps=sleeps)
    assert sleeps == [3.0, 3.0]
    assert caught.value.retry_after == 3.0


@pytest.mark.parametrize("patience", [0, 2.5])
def test_a_wait_of_nothing_is_no_loop(patience: float) -> None:
    """`Retry-After: 0` is waited for a second at a time, within patience."""
    sleeps: list[float] = []
    with pytest.raises(RateLimited):
        read(lambda _: httpx.Response(429, headers={"retry-after": "0"}), patience=patience, sleeps=sleeps)
    assert sleeps == [1.0] * int(patience)


def test_a_refusal_without_a_wait_is_raised_at_once() -> None:
    """Nobody guesses how long."""
    with pytest.raises(RateLimited):
        read(lambda _: httpx.Response(400, json={"code": "limited"}), patience=60)


def test_a_spent_budget_is_waited_for_before_the_next_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stated reset is awaited where patience allows; the last page needs no wait."""
    monkeypatch.setattr("bi_contracts.dialects.limits.time.time", lambda: 1000.0)

    def handler(request: httpx.Request) -> httpx.Response:
        answer = pages(request)
        answer.headers.update({"x-left": "0", "x-reset": "1004"})
        return answer

    sleeps: list[float] = []
    assert len(read(handler, patience=60, sleeps=sleeps)) == 5
    assert sleeps == [4.0, 4.0]
    sleeps.clear()
    assert len(read(handler, patience=1, sleeps=sleeps)) == 5
    assert sleeps == []


def test_a_recorded_request_can_be_followed() -> None:
    """`follow` reads on from any request that was made before."""
    with Client(PLATFORM, {"TOKEN": "t"}, transport=httpx.MockTransport(pages)) as client:
        request = httpx.Request("GET", "https://api.example/v1/things?limit=3")
        assert [len(client.rows("things", page)) for page in client.follow("things", request)] == [3, 2]


def test_the_network_transport_shares_one_tls_context() -> None:
    """Building one costs more than a small test."""
    from bi_contracts.cassette.tls import shared_ssl_context

    assert shared_ssl_context() is shared_ssl_context()
    Client(PLATFORM, {"TOKEN": "t"}).close()


@pytest.mark.parametrize("body", ['{"object": "user", "id": "57', "<html>", ""])
def test_a_text_is_no_identity(body: str) -> None:
    """An answer that was cut off, or a page, never passes for who somebody is."""
    notion = platform("notion")
    credentials = dict.fromkeys(notion.auth.variables, "any")
    transport = httpx.MockTransport(lambda _: httpx.Response(200, text=body))
    with Client(notion, credentials, transport=transport) as client, pytest.raises(ApiError, match="notion/me: "):
        client.identity()


def test_every_answer_is_logged_without_its_query(caplog: pytest.LogCaptureFixture) -> None:
    """By either client: endpoint, method, path and status; a query may hold a credential."""
    notion = platform("notion")
    credentials = dict.fromkeys(notion.auth.variables, "any")
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"results": [], "has_more": False}))

    async def reads() -> None:
        async with AsyncClient(notion, credentials, transport=transport) as client:
            assert [row async for row in client.records("users")] == []

    caplog.set_level("DEBUG", logger="bi_contracts.client")
    with Client(notion, credentials, transport=transport) as client:
        assert list(client.records("users")) == []
    asyncio.run(reads())
    assert [record.getMessage() for record in caplog.records] == ["notion/users: GET /v1/users -> HTTP 200"] * 2


def test_an_address_in_a_path_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever shows our lines need not mask them."""
    notion = platform("notion")
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"object": "user", "id": "1"}))
    caplog.set_level("DEBUG", logger="bi_contracts.client")
    (name,) = notion.endpoint("user").placeholders
    with Client(notion, dict.fromkeys(notion.auth.variables, "any"), transport=transport) as client:
        client.record("user", **{name: "ava@lindqvist-works.com"})
    (line,) = caplog.messages
    assert "notion/user: GET" in line
    assert "lindqvist-works" not in line
