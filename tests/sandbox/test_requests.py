"""What a client may get wrong, and what every answer carries: the platform's own words, never a traceback."""

from __future__ import annotations

import logging
import uuid
from dataclasses import replace
from typing import Any

import httpx
import pytest

from bi_contracts.auth import Token
from bi_contracts.dialects import ErrorKind, ErrorShape
from bi_contracts.platform import Platform
from bi_contracts.queries import BadQuery
from bi_contracts.sandbox import Sandbox

from .made_up import ERROR, SHOP, Shop

DEEP = b"[" * 100_000


@pytest.fixture
def shop() -> Shop:
    return Shop(enforce_limits=False)


def ask(platform: Platform, method: str, path: str, **more: Any) -> httpx.Response:
    sandbox = Sandbox([platform], rows=5)
    headers = {"authorization": f"Bearer {sandbox.credentials('shop')['SHOP_TOKEN']}", "shop-version": "2026-01"}
    with httpx.Client(transport=sandbox.transport(), base_url=platform.base_url, headers=headers) as http:
        answer = http.request(method, path, **more)
    assert not sandbox.failures
    return answer


@pytest.mark.parametrize("content", [b"{", b'{"a": 1,}', b"\xff\xfe\x00", b"'a'", DEEP])
@pytest.mark.parametrize("kind", ["application/json", "application/vnd.api+json; charset=utf-8"])
def test_a_body_that_is_no_json_is_the_platforms_bad_request(shop: Shop, content: bytes, kind: str) -> None:
    """Whatever the endpoint."""
    for path in ("/search", "/books", "/nowhere"):
        answer = shop.post(path, content=content, headers={"content-type": kind})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")
        assert "body" in answer.json()["error"]["words"]
    assert not shop.sandbox.failures


@pytest.mark.parametrize("content", [b"null", b"3", b"[]", b'"text"', b'[{"filter": "all"}]', b'{"filter": {"a": []}}'])
def test_json_of_another_shape_breaks_nothing(shop: Shop, content: bytes) -> None:
    """Lists, numbers, null where an object is wanted."""
    for path in ("/search", "/books"):
        answer = shop.post(path, content=content, headers={"content-type": "application/json"})
        assert answer.status_code in (200, 400, 404)
    assert not shop.sandbox.failures


def test_a_body_of_no_declared_type_is_not_read_as_json(shop: Shop) -> None:
    """Only what says that it is JSON must be; what no parser would survive is refused whatever it says."""
    assert shop.post("/messages.list", content=b"{", headers={"content-type": "text/plain"}).status_code == 200
    assert shop.post("/messages.list", content=DEEP, headers={"content-type": "text/plain"}).status_code == 400


def test_a_refused_credential_comes_before_a_bad_body(shop: Shop) -> None:
    """A platform does not read what a stranger sends."""
    answer = shop.http.post("/search", content=b"{", headers={"content-type": "application/json"})
    assert answer.status_code == 401


def test_an_error_repeats_the_id_of_its_request() -> None:
    """In the header that the platform has for it, and wherever its errors hold it."""
    shapes = {
        **SHOP.errors.shapes,
        ErrorKind.NOT_FOUND: ErrorShape(404, {"id": "{request_id}", "ids": ["{request_id}"]}),
    }
    platform = replace(SHOP, request_id="Shop-Trace", errors=replace(SHOP.errors, shapes=shapes))
    answer = ask(platform, "GET", "/nowhere")
    assert answer.json() == {"id": answer.headers["shop-trace"], "ids": [answer.headers["shop-trace"]]}
    assert "x-request-id" not in answer.headers


def test_an_answer_repeats_it_where_its_envelope_does() -> None:
    """And nowhere else: a row that holds the word keeps it."""
    me, users = SHOP.endpoint("me"), SHOP.endpoint("users")
    told = replace(users, envelope={"request": "{request_id}"})
    platform = replace(SHOP, endpoints=tuple(told if one is users else one for one in SHOP.endpoints))
    answer = ask(platform, "GET", "/users")
    assert answer.json()["request"] == answer.headers["x-request-id"]
    kept = replace(me, examples=({"id": 1, "text": "{request_id}"},))
    plain = replace(SHOP, endpoints=tuple(kept if one is me else one for one in SHOP.endpoints))
    assert ask(plain, "GET", "/users/me").json()["text"] == "{request_id}"


def test_request_ids_are_uuids_and_their_header_may_be_left_out() -> None:
    """The same ones for the same seed."""
    answers = [ask(SHOP, "GET", "/users/me").headers["x-request-id"] for _ in range(2)]
    assert answers[0] == answers[1] == str(uuid.UUID(answers[0], version=4))
    assert "" not in ask(replace(SHOP, request_id=""), "GET", "/users/me").headers


def test_a_wrong_method_is_refused_in_the_platforms_way() -> None:
    """Its own answer with `Allow` where it has one, for known paths only; not-found where it has none."""
    own = ErrorShape(405, {**ERROR, "status": 405}, code="method_not_allowed")
    platform = replace(SHOP, errors=replace(SHOP.errors, wrong_method=own))
    answer = ask(platform, "DELETE", "/messages.list")
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert ask(platform, "PUT", "/users/12").headers["allow"] == "GET, HEAD, OPTIONS"
    assert ask(platform, "DELETE", "/nowhere").status_code == 404
    assert ask(SHOP, "DELETE", "/messages.list").status_code == 404


def test_head_is_get_without_the_body(shop: Shop) -> None:
    """In process too."""
    answer = shop.http.head("/users/me", headers=shop.headers)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(shop.get("/users/me").content))


@pytest.mark.parametrize(("code", "told"), [("INVALID_FILTER", "INVALID_FILTER"), ("", "bad_request")])
def test_a_bad_query_is_a_bad_request_under_its_own_code(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, code: str, told: str
) -> None:
    """The platform's code where it has one for it."""

    def refuse(*_: object) -> None:
        raise BadQuery("no such field", code)

    desk = shop.sandbox._behaviours["shop"]
    monkeypatch.setattr(type(desk), "usual", refuse)
    answer = shop.get("/users")
    assert (answer.status_code, answer.json()["error"]) == (400, {"code": told, "words": "no such field"})


@pytest.mark.parametrize("place", ["usual", "admit", "name"])
def test_a_mistake_of_the_sandbox_is_logged_and_answered(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, place: str
) -> None:
    """The log names path and place, and nothing that was sent; the client sees the platform's server error."""

    said = "ada@example.com sent a secret"

    def fail(*_: object) -> None:
        raise ZeroDivisionError(said)

    monkeypatch.setattr(type(shop.sandbox._behaviours["shop"]), place, fail)
    with caplog.at_level(logging.ERROR, "bi_contracts.sandbox"):
        answer = shop.get("/users", token="secret")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "server_error")
    assert shop.sandbox.failures == 1
    assert "GET /v2/users" in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert "in fail" in caplog.text
    assert "secret" not in caplog.text
    assert "ada@" not in caplog.text


@pytest.mark.parametrize(
    "path",
    ["/users/%00", "/users/%FF%FE", "/users/%F0%9F%92%A9", "/users/..%2F..%2Fetc", "/users/" + "9" * 5000,
     "/users?page=%F0%9F%92%A9", "/users?page=1e9", "/users?page=99999999999999999999", "/users?size=-1",
     "/users?page=1&page=2", "/users?%zz", "/messages.list?cursor=%00", "/books?shelf=%00&after=%00",
     "/everything?scroll=00000000-0000-0000-0000-000000000000", "/shelves?page=-5&per_page=0"],
)  # fmt: skip
def test_hostile_addresses_meet_the_platforms_own_errors(shop: Shop, path: str) -> None:
    """No such row, no such page, or the usual answer."""
    answer = shop.get(path)
    assert answer.status_code in (200, 400, 404)
    assert answer.status_code == 200 or answer.json()["error"]["code"] in ("bad_request", "not_found")
    assert not shop.sandbox.failures


def test_accounts_at_one_address_are_told_apart_by_their_credentials() -> None:
    """Each has rows of its own; a credential that nobody has is refused; the path names an account too."""
    other = replace(SHOP, name="shop@eu", auth=Token("SHOP_TOKEN_EU", form="shop_{}"))
    sandbox = Sandbox([SHOP, other], rows=3)
    tokens = [next(iter(sandbox.credentials(platform.name).values())) for platform in (SHOP, other)]
    assert tokens[0] != tokens[1]

    def ask(token: str, url: str = "https://api.shop.test/v2/users/me") -> httpx.Response:
        headers = {"authorization": f"Bearer {token}", "shop-version": "2026-01"}
        return sandbox.handle(httpx.Request("GET", url, headers=headers))

    assert [ask(token).status_code for token in (*tokens, "nonsense")] == [200, 200, 401]
    assert ask(tokens[0]).json() != ask(tokens[1]).json()
    assert ask(tokens[1], "http://127.0.0.1:8080/shop@eu/v2/users/me").json() == ask(tokens[1]).json()
    assert ask(tokens[0], "http://127.0.0.1:8080/shop@eu/v2/users/me").status_code == 401
    assert set(sandbox.requests) == {"shop/me", "shop@eu/me"}
