"""What can be made to go wrong goes wrong, exactly as often as asked."""

from __future__ import annotations

import gzip
import time
from email.utils import parsedate_to_datetime

import httpx
import pytest

from bi_contracts.dialects import ErrorKind
from bi_contracts.errors import ConfigurationError
from bi_contracts.sandbox.faults import Fault

from .made_up import Shop


@pytest.fixture
def shop() -> Shop:
    return Shop()


def faulty(shop: Shop, fault: str, path: str = "/users/me", **params: object) -> httpx.Response:
    return shop.get(path, headers={"x-bi-fault": fault}, **params)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 429, 500, 503, 529])
def test_a_status_comes_with_the_platforms_own_body(shop: Shop, status: int) -> None:
    """The body is the platform's error; where it names the status it names this one."""
    answer = faulty(shop, f"status={status}")
    assert answer.status_code == status
    assert answer.json()["status"] == status
    assert answer.json()["error"]["code"]


@pytest.mark.parametrize("kind", ErrorKind)
def test_every_kind_of_error_can_be_asked_for(shop: Shop, kind: ErrorKind) -> None:
    """Each kind by its name, with hyphens or underscores."""
    for text in (kind.value, kind.value.replace("_", "-")):
        assert faulty(shop, text).json()["error"]["code"] == kind.value


def test_a_refusal_says_when_to_come_back(shop: Shop) -> None:
    """Seconds or an HTTP date, and a budget of nought."""
    seconds = faulty(shop, "rate-limit; retry-after=2")
    assert (seconds.status_code, seconds.headers["retry-after"], seconds.headers["x-remaining"]) == (429, "2", "0")
    date = faulty(shop, "status=429; retry-after-date=5")
    assert parsedate_to_datetime(date.headers["retry-after"]).timestamp() == shop.now + 5
    assert faulty(shop, "rate-limit").headers["retry-after"] == "1"


def test_latency_waits(shop: Shop) -> None:
    """The answer comes as usual, only later."""
    started = time.perf_counter()
    assert faulty(shop, "latency=0.05").status_code == 200
    assert time.perf_counter() - started >= 0.05


@pytest.mark.parametrize(("fault", "error"), [("timeout", httpx.ReadTimeout), ("reset", httpx.ReadError)])
def test_connections_fail_as_httpx_reports_it(shop: Shop, fault: str, error: type[Exception]) -> None:
    """In process the transport raises what a real connection would."""
    with pytest.raises(error):
        faulty(shop, fault)


def test_half_a_body_is_no_json(shop: Shop) -> None:
    """A truncated answer is half as long."""
    whole, half = shop.get("/users/me"), faulty(shop, "truncate")
    assert half.content == whole.content[: len(whole.content) // 2]


@pytest.mark.parametrize(("fault", "status"), [("html", 502), ("html; status=503", 503), ("html; status=200", 200)])
def test_an_error_page_is_html(shop: Shop, fault: str, status: int) -> None:
    """A page of a gateway, under its status."""
    answer = faulty(shop, fault)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert "<html>" in answer.text


def test_another_content_type(shop: Shop) -> None:
    """The body stays, the content type does not."""
    answer = faulty(shop, "content-type=text/plain")
    assert answer.headers["content-type"] == "text/plain"
    assert answer.json() == shop.get("/users/me").json()


def test_a_compressed_body(shop: Shop) -> None:
    """The client reads it as ever; on the wire it is gzip."""
    answer = faulty(shop, "gzip")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.json() == shop.get("/users/me").json()
    exchange = shop.sandbox.begin(shop.http.build_request("GET", "/users/me", headers={"x-bi-fault": "gzip"}))
    assert gzip.decompress(shop.sandbox.finish(exchange.request, exchange).body)


def test_a_looping_cursor_hands_out_what_came_in(shop: Shop) -> None:
    """The first page is as ever; the second names itself as the next."""
    shelf = shop.get("/shelves").json()["data"][0]["id"]
    token = faulty(shop, "loop", "/books", shelf=shelf).json()["page"]["next"]
    again = faulty(shop, "loop", "/books", shelf=shelf, after=token).json()
    assert again["page"]["next"] == token
    assert again["more"] is True


def test_a_looping_link_names_its_own_page(shop: Shop) -> None:
    """The URL of the next page is the URL that was asked for."""
    url = faulty(shop, "loop", "/shelves").json()["next"]
    assert shop.get(url, headers={"x-bi-fault": "loop"}).json()["next"] == url


def test_lists_without_tokens_cannot_loop(shop: Shop) -> None:
    """Where there is no token, a loop changes nothing."""
    for path in ("/users", "/everything", "/colours", "/users/me", "/nowhere"):
        assert faulty(shop, "loop", path).status_code == shop.get(path).status_code


@pytest.mark.parametrize(
    "text",
    ["", ";", "nonsense", "status", "status=", "status=abc", "status=99", "status=600", "latency=-1", "latency=nan",
     "content-type=", "content-type=a\nb", "retry-after=soon", "timeout=3", "status=500; nonsense"],
)  # fmt: skip
def test_a_fault_that_is_not_understood_is_an_error(text: str) -> None:
    """The message quotes it and lists what is known."""
    with pytest.raises(ConfigurationError, match="fault"):
        Fault.parse(text)


def test_a_bad_fault_header_is_answered_with_words(shop: Shop) -> None:
    """400, and what is known."""
    answer = faulty(shop, "nonsense")
    assert answer.status_code == 400
    assert "nonsense" in answer.json()["error"]


def test_clauses_come_together() -> None:
    """Several clauses make one fault."""
    fault = Fault.parse("status=503; retry-after=1.5 ;latency=0.1;gzip")
    assert fault == Fault(status=503, retry_after=1.5, latency=0.1, gzip=True)


def test_a_fault_strikes_as_often_as_asked(shop: Shop) -> None:
    """Twice, and then no more; elsewhere not at all."""
    shop.sandbox.fault("status=503", platform="shop", endpoint="users", times=2)
    statuses = [shop.get(path).status_code for path in ("/users", "/users/me", "/users", "/users")]
    assert statuses == [503, 200, 503, 200]


def test_a_fault_without_end_stays_until_it_is_cleared(shop: Shop) -> None:
    """`times=None` strikes always."""
    shop.sandbox.fault("server-error", times=None)
    assert [shop.get("/users").status_code for _ in range(3)] == [500] * 3
    shop.sandbox.faults.clear()
    assert shop.get("/users").status_code == 200


def test_faults_strike_at_paths_that_are_not_declared(shop: Shop) -> None:
    """A gateway that is down is down for every path."""
    shop.sandbox.fault("html", platform="s*")
    answer = shop.get("/nowhere")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
