"""Keys with secrets, sent with every request or exchanged for a token first."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.auth import Basic, OAuthLogin
from bi_contracts.errors import ApiError, ConfigurationError

PAIR = Basic("KEY", "SECRET", where="app.example", bearer=True)
LOGIN = OAuthLogin("ID", "SECRET", root="/api/4.0", where="app.example")
KNOWN = {"ID": "a-key", "SECRET": "a-secret"}
TEXTS = st.text(st.characters(min_codepoint=33, max_codepoint=0x24F, exclude_characters=":\x7f"), min_size=1)


def with_header(value: str) -> httpx.Request:
    return httpx.Request("GET", "https://api.example/", headers={"Authorization": value})


@given(key=TEXTS, secret=TEXTS | st.just("a:b"))
def test_key_and_secret_are_read_as_they_were_signed(key: str, secret: str) -> None:
    """RFC 7617: the first colon parts them, and only the secret may hold more."""
    signed = next(PAIR.sign({"KEY": key, "SECRET": secret}).auth_flow(httpx.Request("GET", "https://api.example/")))
    assert PAIR.pair(signed) == (key, secret)
    assert PAIR.presented(signed) == secret


@pytest.mark.parametrize("header", ["", "Basic", "Basic *", "Basic gA==", "Digest YTpi"])
def test_a_malformed_pair_is_none(header: str) -> None:
    """What cannot be read presents nothing."""
    assert PAIR.pair(with_header(header)) == ("", "")
    assert PAIR.presented(with_header(header)) == ""


def test_a_bearer_token_is_taken_where_the_platform_takes_it() -> None:
    """The same scheme reads both, or only the pair."""
    assert PAIR.presented(with_header("Bearer t-1")) == "t-1"
    assert Basic("KEY", "SECRET").presented(with_header("Bearer t-1")) == ""


class Api:
    """Grants tokens, refuses those that are no longer good, and notes who asked for what."""

    def __init__(self, *, logins: int = 200, good: tuple[str, ...] = ("t-1",), body: object = None) -> None:
        self.status = logins
        self.good = good
        self.body = body
        self.asked: list[tuple[str, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((request.url.path, request.headers.get("authorization", "")))
        if request.url.path.endswith("/login"):
            number = sum(path.endswith("/login") for path, _ in self.asked)
            return httpx.Response(self.status, json=self.body or {"access_token": f"t-{number}"})
        allowed = LOGIN.presented(request) in self.good
        return httpx.Response(200 if allowed else 401, json=[])


def read(api: Api, url: str = "https://looker.example/api/4.0/looks?limit=5", times: int = 1) -> list[httpx.Response]:
    transport = httpx.MockTransport(api)
    with httpx.Client(auth=LOGIN.sign(KNOWN), transport=transport, trust_env=False) as client:
        return [client.get(url) for _ in range(times)]


def test_the_first_request_logs_in_and_the_others_use_its_token() -> None:
    """One login for any number of requests."""
    api = Api()
    assert [answer.status_code for answer in read(api, times=3)] == [200] * 3
    assert api.asked == [("/api/4.0/login", ""), *[("/api/4.0/looks", "token t-1")] * 3]


def test_a_login_carries_the_key_in_a_form_and_nowhere_else() -> None:
    """RFC 6749 section 2.3.1: not in the URL, which is logged."""
    login = LOGIN.request(httpx.Request("GET", "https://looker.example/api/4.0/looks?limit=5"), "a-key", "a-secret")
    assert str(login.url) == "https://looker.example/api/4.0/login"
    assert parse_qs(login.content.decode()) == {"client_id": ["a-key"], "client_secret": ["a-secret"]}
    assert LOGIN.presented(login) == "a-secret"


def test_the_login_is_found_behind_a_path_prefix() -> None:
    """A sandbox or a proxy may stand before the API: the login goes through it too."""
    api = Api()
    read(api, "http://127.0.0.1:8080/looker/api/4.0/looks")
    assert [path for path, _ in api.asked] == ["/looker/api/4.0/login", "/looker/api/4.0/looks"]


def test_a_token_that_is_refused_is_replaced_once() -> None:
    """An expired token costs one login and one more try."""
    api = Api(good=("t-2",))
    assert read(api)[0].status_code == 200
    assert [token for _, token in api.asked] == ["", "token t-1", "", "token t-2"]


def test_a_fresh_token_that_is_refused_is_the_answer() -> None:
    """Whoever may not see something is told so, and not logged in for ever."""
    api = Api(good=())
    assert read(api)[0].status_code == 401
    assert len(api.asked) == 4


@pytest.mark.parametrize("status", [404, 429, 500])
def test_a_login_that_is_refused_is_the_answer(status: int) -> None:
    """The API is not asked then; the platform's dialect says what the refusal means."""
    api = Api(logins=status)
    answer = read(api)[0]
    assert (answer.status_code, answer.request.url.path) == (status, "/api/4.0/login")
    assert len(api.asked) == 1


@pytest.mark.parametrize("body", [{"token_type": "Bearer"}, {"access_token": ""}, ["x"]])
def test_a_login_without_a_token_is_an_error(body: object) -> None:
    """An answer that looks like success and gives nothing is never taken for the data that was asked for."""
    with pytest.raises(ApiError, match="without a token"):
        read(Api(body=body))


def test_a_request_outside_of_the_api_says_what_is_wrong() -> None:
    """The base URL is what people get wrong: they are told how it must end."""
    with pytest.raises(ConfigurationError, match=r"must end in /api/4\.0"):
        read(Api(), "https://looker.example/looks")


def test_nothing_is_told_about_the_secret() -> None:
    """Neither the signer nor what it sends shows a secret when it is printed."""
    signer = LOGIN.sign(KNOWN)
    assert "a-secret" not in repr(signer)
    assert "a-secret" not in repr(PAIR.sign({"KEY": "a-key", "SECRET": "a-secret"}))


@pytest.mark.parametrize("prefix", ["token ", "Token ", "Bearer ", "bearer "])
def test_a_token_is_read_with_either_prefix(prefix: str) -> None:
    """Looker takes both; letter case is nothing to go by (RFC 9110 section 11.1)."""
    assert LOGIN.presented(with_header(f"{prefix}t-1")) == "t-1"


def test_a_form_elsewhere_is_no_login() -> None:
    """Only at the login does a secret stand for a credential."""
    asked = httpx.Request("POST", "https://looker.example/api/4.0/looks", data={"client_secret": "x"})
    assert LOGIN.presented(asked) == ""


def test_asynchronous_clients_log_in_too() -> None:
    """The same flow, driven by another loop."""
    api = Api(good=("t-2",))

    async def asked() -> int:
        async with httpx.AsyncClient(auth=LOGIN.sign(KNOWN), transport=httpx.MockTransport(api)) as client:
            return (await client.get("https://looker.example/api/4.0/looks")).status_code

    assert asyncio.run(asked()) == 200
    assert [token for _, token in api.asked] == ["", "token t-1", "", "token t-2"]
