"""The sandbox over HTTP: real servers on this machine."""

from __future__ import annotations

import asyncio
import socket
import sys
import time
from collections.abc import Iterator
from threading import Thread
from typing import Any

import httpx
import pytest

from bi_contracts.errors import ConfigurationError
from bi_contracts.sandbox.asgi import BODY_LIMIT, application
from bi_contracts.sandbox.server import running, serve

from .made_up import Shop

pytest.importorskip("uvicorn", reason="the extra sandbox-http is not installed")


@pytest.fixture
def shop() -> Shop:
    return Shop(enforce_limits=False)


@pytest.fixture
def url(shop: Shop) -> Iterator[str]:
    with running(shop.sandbox) as base:
        yield base


@pytest.fixture
def http(shop: Shop, url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, headers=shop.headers, trust_env=False, timeout=5) as client:
        yield client


def test_both_layouts_answer_alike(http: httpx.Client) -> None:
    """By path and by `Host` come the same rows."""
    by_path = http.get("/shop/v2/shelves")
    by_host = http.get("/v2/shelves", headers={"host": "api.shop.test"})
    assert by_path.json()["data"] == by_host.json()["data"]
    assert by_host.json()["next"].startswith("http://api.shop.test/v2/shelves?")


def test_links_can_be_followed_as_they_stand(http: httpx.Client, url: str) -> None:
    """The URL of the next page is on the same server, in the same layout."""
    found, link = [], f"{url}/shop/v2/shelves"
    while link:
        answer = http.get(link).json()
        found += answer["data"]
        link = answer["next"]
    assert len(found) == 25


def test_answers_over_http_are_those_in_process(shop: Shop, http: httpx.Client) -> None:
    """The same bytes."""
    assert http.get("/shop/v2/users/me").content == shop.get("/users/me").content


def test_posts_carry_their_bodies(shop: Shop, http: httpx.Client) -> None:
    """JSON and GraphQL by POST."""
    token = {"authorization": shop.sandbox.credentials("graph")["GRAPH_TOKEN"]}
    answer = http.post("/graph/graphql", json={"query": "{ viewer { id } }"}, headers=token)
    assert answer.json()["data"]["viewer"]["id"]
    assert http.post("/shop/v2/search", json={"filter": "all", "size": 3}).json()["found"]


def test_percent_encoding_survives(shop: Shop, http: httpx.Client) -> None:
    """A key with a slash and a space is one argument."""
    shop.sandbox.put("shop/users", [{"id": "a/b c", "name": "x"}])
    assert http.get("/shop/v2/users/a%2Fb%20c").json()["id"] == "a/b c"


@pytest.mark.parametrize("fault", ["reset", "reset; latency=0.01"])
def test_a_reset_breaks_the_connection(http: httpx.Client, fault: str) -> None:
    """The client sees a connection that ended in the middle of the answer; the next request is answered."""
    with pytest.raises(httpx.RemoteProtocolError):
        http.get("/shop/v2/users/me", headers={"x-bi-fault": fault})
    assert http.get("/shop/v2/users/me").status_code == 200


def test_a_timeout_keeps_silent_until_the_client_gives_up(http: httpx.Client) -> None:
    """No answer within the client's patience."""
    with pytest.raises(httpx.ReadTimeout):
        http.get("/shop/v2/users/me", headers={"x-bi-fault": "timeout"}, timeout=0.1)


def test_silence_ends(http: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that never gives up is hung up on."""
    monkeypatch.setattr("bi_contracts.sandbox.asgi.SILENCE", 0.05)
    with pytest.raises(httpx.RemoteProtocolError):
        http.get("/shop/v2/users/me", headers={"x-bi-fault": "timeout"})


def test_faults_come_through(http: httpx.Client) -> None:
    """Truncated, compressed and HTML answers are valid HTTP."""
    whole = http.get("/shop/v2/users/me")
    assert http.get("/shop/v2/users/me", headers={"x-bi-fault": "gzip"}).json() == whole.json()
    half = http.get("/shop/v2/users/me", headers={"x-bi-fault": "truncate"})
    assert half.content == whole.content[: len(whole.content) // 2]
    assert http.get("/shop/v2/users/me", headers={"x-bi-fault": "html"}).status_code == 502


def test_a_slow_answer_holds_up_nobody(http: httpx.Client, url: str) -> None:
    """While one request waits, another is answered."""
    waiting = Thread(
        target=httpx.get, args=(f"{url}/shop/v2/users/me",), kwargs={"headers": {"x-bi-fault": "latency=0.5"}}
    )
    waiting.start()
    time.sleep(0.05)
    started = time.perf_counter()
    assert http.get("/shop/v2/users/me").status_code == 200
    assert time.perf_counter() - started < 0.4
    waiting.join()


def test_answers_are_not_held_back(http: httpx.Client) -> None:
    """No delayed acknowledgement: thirty answers take far less than thirty times 40 ms."""
    http.get("/shop/v2/users/me")
    started = time.perf_counter()
    for _ in range(30):
        http.get("/shop/v2/users/me")
    assert time.perf_counter() - started < 0.8


def test_a_head_request_has_no_body(http: httpx.Client) -> None:
    """The headers of GET, its length among them, without the body (RFC 9110 section 9.3.2)."""
    got, answer = http.get("/shop/v2/shelves"), http.head("/shop/v2/shelves")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == got.headers["content-length"]
    assert http.head("/shop/v2/nowhere").status_code == 404


def test_options_say_what_a_path_takes(http: httpx.Client) -> None:
    """204 and `Allow`; an unknown path is not found."""
    answer = http.options("/shop/v2/messages.list", headers={"authorization": ""})
    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")
    assert http.options("/shop/v2/nowhere").status_code == 404


def test_a_huge_body_is_refused(http: httpx.Client) -> None:
    """More than the limit is 413: in the platform's words, or where no platform is, in the sandbox's."""
    answer = http.post("/shop/v2/search", content=b" " * (BODY_LIMIT + 1))
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "bad_request")
    assert http.post("/nowhere", content=b" " * (BODY_LIMIT + 1)).status_code == 413


def test_date_is_the_sandboxes_and_stands_once(http: httpx.Client) -> None:
    """The server adds no date of its own, and no name."""
    answer = http.get("/shop/v2/users/me")
    assert answer.headers.get_list("date") == ["Tue, 14 Nov 2023 22:13:20 GMT"]
    assert "server" not in answer.headers
    http.post("/_sandbox/clock", json={"advance": 40})
    assert http.get("/shop/v2/users/me").headers["date"] == "Tue, 14 Nov 2023 22:14:00 GMT"


def test_chunked_bodies_come_in_many_pieces(http: httpx.Client) -> None:
    """No length, chunked transfer, the same bytes."""
    whole = http.get("/shop/v2/shelves").content
    with http.stream("GET", "/shop/v2/shelves", headers={"x-bi-fault": "chunked=5"}) as answer:
        pieces = list(answer.iter_raw())
    assert answer.headers["transfer-encoding"] == "chunked"
    assert "content-length" not in answer.headers
    assert b"".join(pieces) == whole
    assert len(pieces) > 1


def test_the_sandbox_tells_about_itself(http: httpx.Client) -> None:
    """Platforms, rows, limits and what was asked."""
    http.get("/shop/v2/users/me")
    said = http.get("/_sandbox").json()
    assert set(said["platforms"]) == {"graph", "shop"}
    assert (said["seed"], said["rows"], said["changes"], said["faults"]) == ("bi", 25, 0, [])
    assert said["requests"] == {"shop/me": 1}
    assert said["limits"]["shop"] == {"limit": 100, "window": 60.0}


def test_faults_are_set_and_cleared_from_outside(http: httpx.Client) -> None:
    """POST sets, DELETE clears, and each says what is set now."""
    body = {"platform": "shop", "endpoint": "me", "fault": "status=503", "times": 2}
    assert http.post("/_sandbox/faults", json=body).json()["faults"] == [body]
    assert http.get("/shop/v2/users/me").status_code == 503
    assert http.request("DELETE", "/_sandbox/faults").json()["faults"] == []
    assert http.get("/shop/v2/users/me").status_code == 200
    assert http.post("/_sandbox/faults", json={"fault": "html", "times": 0}).json()["faults"][0]["times"] is None
    rule = http.post("/_sandbox/faults", json={"rule": "shop/me: rate-limit; retry-after=1 x3"}).json()["faults"][1]
    assert rule == {"platform": "shop", "endpoint": "me", "fault": "rate-limit; retry-after=1", "times": 3}


def test_the_clock_is_read_and_moved_from_outside(shop: Shop, http: httpx.Client) -> None:
    """To a moment, on and back, and made to stand still."""
    assert http.get("/_sandbox/clock").json() == {"now": "2023-11-14T22:13:20.000Z", "unix": shop.now, "frozen": False}
    assert http.post("/_sandbox/clock", json={"now": "2026-03-01"}).json()["now"] == "2026-03-01T00:00:00.000Z"
    assert http.post("/_sandbox/clock", json={"advance": -60}).json()["now"] == "2026-02-28T23:59:00.000Z"
    shop.now += 10
    frozen = http.post("/_sandbox/clock", json={"frozen": True}).json()
    assert (frozen["now"], frozen["frozen"]) == ("2026-02-28T23:59:10.000Z", True)
    shop.now += 10
    assert http.get("/_sandbox/clock").json() == frozen
    assert http.post("/_sandbox/clock", json={"frozen": False}).json()["now"] == frozen["now"]


def test_limits_and_evolution_are_set_from_outside(shop: Shop, http: httpx.Client) -> None:
    """A limit and a change of the API, while the server runs."""
    shop.sandbox.limits.enforced = True
    assert http.post("/_sandbox/limits", json={"platform": "shop", "limit": 1, "window": 5}).status_code == 200
    assert [http.get("/shop/v2/users/me").status_code for _ in range(2)] == [200, 429]
    assert http.post("/_sandbox/limits", json={"platform": "*", "limit": 100, "window": 5}).status_code == 200
    change = {"endpoint": "shop/me", "change": "remove", "path": "email"}
    assert http.post("/_sandbox/evolve", json={"changes": [change]}).json()["changes"] == 1
    assert "email" not in http.get("/shop/v2/users/me").json()


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("faults", {"fault": "nonsense"}, "nonsense"),
        ("faults", {}, "fault must be given"),
        ("faults", {"fault": "html", "rule": "html"}, "or a rule alone"),
        ("faults", {"rule": "nowhere/*: html"}, "no platform is called 'nowhere'"),
        ("faults", {"rule": "shop/boks: html"}, "there are books"),
        ("clock", {}, "now or advance"),
        ("clock", {"now": 1, "advance": 1}, "now or advance"),
        ("clock", {"now": "soon"}, "'soon' is no time"),
        ("clock", {"advance": -1e12}, "between 1970 and 9999"),
        ("clock", {"frozen": 1}, "frozen: 1"),
        ("faults", {"fault": "html", "when": 1}, "when is not known"),
        ("faults", {"fault": 3}, "fault: 3"),
        ("faults", {"fault": "html", "times": -1}, "times"),
        ("faults", {"fault": "html", "platform": "nowhere"}, "nowhere"),
        ("faults", [], "a JSON object"),
        ("limits", {"platform": "shop"}, "limit, window must be given"),
        ("limits", {"platform": "shop", "limit": -1, "window": 1}, "limit must be"),
        ("limits", {"platform": "shop", "limit": 1, "window": 0}, "window"),
        ("limits", {"platform": "nowhere", "limit": 1, "window": 1}, "nowhere"),
        ("limits", {"platform": "shop", "limit": True, "window": 1}, "limit"),
        ("limits", {"platform": "shop", "limit": 1, "window": 1e300}, "a year"),
        ("limits", {"platform": "shop", "limit": 1, "window": 1, "quota": "daily"}, "no quota 'daily'"),
        ("evolve", {"x": 1}, "[[change]]"),
        ("evolve", [{"endpoint": "a"}], "change 1"),
    ],
)
def test_bad_orders_are_answered_with_words(http: httpx.Client, path: str, body: Any, said: str) -> None:
    """400 and what is wrong; nothing changes."""
    answer = http.post(f"/_sandbox/{path}", json=body)
    assert answer.status_code == 400
    assert said in answer.json()["error"]
    assert http.get("/_sandbox").json()["faults"] == []


def test_an_unknown_order_lists_the_known_ones(http: httpx.Client) -> None:
    """404 with what can be asked."""
    answer = http.put("/_sandbox/faults")
    assert answer.status_code == 404
    assert "POST /_sandbox/limits" in answer.json()["error"]


def test_only_this_machine_is_served(shop: Shop) -> None:
    """Other addresses and names are refused before anything listens."""
    for host in ("0.0.0.0", "::", "192.0.2.1", "example.com", ""):
        with pytest.raises(ConfigurationError, match="this machine only"), running(shop.sandbox, host):
            pass


def test_a_port_that_is_taken_is_named(shop: Shop) -> None:
    """The message says which, and what to do."""
    with running(shop.sandbox) as url:
        port = int(url.rpartition(":")[2])
        with pytest.raises(ConfigurationError, match=str(port)), running(shop.sandbox, port=port):
            pass
    with pytest.raises(ConfigurationError, match="70000"), running(shop.sandbox, port=70000):
        pass


def test_without_uvicorn_the_extra_is_named(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install."""
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'bi-contracts\[sandbox-http\]'"), running(shop.sandbox):
        pass


def test_localhost_and_version_six(shop: Shop) -> None:
    """Both ways to name this machine are served, where it has them."""
    with running(shop.sandbox, "localhost") as url:
        assert httpx.get(f"{url}/_sandbox", trust_env=False).status_code == 200
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no ::1")
    with running(shop.sandbox, "::1") as url:
        assert url.startswith("http://[::1]:")
        assert httpx.get(f"{url}/shop/v2/users/me", headers=shop.headers, trust_env=False).status_code == 200


def test_serve_says_where_and_stops_when_told(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """`serve` calls back with the base URL once it answers, and returns when the server is told to stop."""
    import uvicorn

    servers: list[uvicorn.Server] = []
    said: list[str] = []
    before = uvicorn.Server.__init__

    def remember(self: uvicorn.Server, config: uvicorn.Config) -> None:
        before(self, config)
        servers.append(self)

    monkeypatch.setattr(uvicorn.Server, "__init__", remember)
    thread = Thread(target=serve, args=(shop.sandbox,), kwargs={"started": said.append}, daemon=True)
    thread.start()
    until = time.monotonic() + 5
    while not said and time.monotonic() < until:
        time.sleep(0.01)
    assert httpx.get(f"{said[0]}/_sandbox", trust_env=False).status_code == 200
    servers[0].should_exit = True
    thread.join(5)
    assert not thread.is_alive()


async def call(shop: Shop, scope: dict[str, Any], *events: dict[str, Any]) -> list[Any]:
    """What the application sends for one scope."""
    sent: list[Any] = []
    waiting = list(events)

    async def receive() -> Any:
        return waiting.pop(0)

    async def send(event: Any) -> None:
        sent.append(event)

    await application(shop.sandbox)(scope, receive, send)
    return sent


def http_scope(**changes: Any) -> dict[str, Any]:
    scope = {"type": "http", "method": "GET", "path": "/_sandbox", "headers": [], "query_string": b"", "scheme": "http"}
    return {**scope, **changes}


BODY = {"type": "http.request", "body": b"", "more_body": False}


def test_lifespan_and_unknown_scopes(shop: Shop) -> None:
    """Startup and shutdown are confirmed; what is neither HTTP nor lifespan is left alone."""
    sent = asyncio.run(call(shop, {"type": "lifespan"}, {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}))
    assert [event["type"] for event in sent] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert asyncio.run(call(shop, {"type": "websocket"})) == []


def test_requests_without_a_host_are_answered(shop: Shop) -> None:
    """HTTP/1.0 clients send none; the server's own address stands in, if it is known."""
    for server in (("127.0.0.1", 80), ("/run/socket", None), None):
        sent = asyncio.run(call(shop, http_scope(server=server), BODY))
        assert sent[0]["status"] == 200


def test_a_host_that_is_none_is_a_bad_request(shop: Shop) -> None:
    """A header that makes no URL."""
    sent = asyncio.run(call(shop, http_scope(headers=[(b"host", b"a b:c")]), BODY))
    assert sent[0]["status"] == 400


def test_a_client_that_leaves_while_sending(shop: Shop) -> None:
    """Nothing is left hanging."""
    sent = asyncio.run(call(shop, http_scope(), {"type": "http.disconnect"}))
    assert sent[0]["type"] == "http.response.start"


def test_curl_needs_no_content_type(http: httpx.Client) -> None:
    """`curl -d` declares a form; the sandbox's own address reads JSON whatever it is called."""
    form = {"content-type": "application/x-www-form-urlencoded"}
    answer = http.post("/_sandbox/faults", content='{"fault": "html"}', headers=form)
    assert answer.json()["faults"][0]["fault"] == "html"
    assert http.post("/_sandbox/faults", content="fault=html", headers=form).status_code == 400
