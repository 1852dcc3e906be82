"""What can be made to go wrong goes wrong, exactly as often as asked."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import time
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from bi_contracts.client import Client
from bi_contracts.dialects import ErrorKind
from bi_contracts.errors import ConfigurationError, PaginationLoop
from bi_contracts.sandbox.faults import Fault, Rule
from bi_contracts.sandbox.latency import Latency

from .made_up import SHOP, Shop


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


@pytest.mark.parametrize(("said", "wait"), [("none", None), ("past", 0.0), ("absurd", 7e9)])
def test_a_refusal_can_say_nonsense_of_when(shop: Shop, said: str, wait: float | None) -> None:
    """Nothing of the budget, a window that is over, or one that ends when nobody lives any more."""
    answer = faulty(shop, f"rate-limit; reset={said}")
    assert (answer.status_code, answer.json()["status"]) == (429, 429)
    assert ("x-remaining" in answer.headers, "retry-after" in answer.headers) == (wait is not None, wait is not None)
    assert wait is None or float(answer.headers["retry-after"]) >= wait


@pytest.mark.parametrize("fault", ["empty", "status=503; empty"])
def test_an_answer_can_have_no_body(shop: Shop, fault: str) -> None:
    """Status and headers as usual, and then nothing."""
    answer = faulty(shop, fault)
    assert (answer.status_code, answer.content) == (503 if "status" in fault else 200, b"")


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


def test_a_reset_comes_in_the_middle_of_the_body(shop: Shop) -> None:
    """Status, headers and half of the bytes arrive before the connection breaks."""
    whole = shop.get("/users/me").content
    half = b""
    with shop.http.stream("GET", "/users/me", headers={**shop.headers, "x-bi-fault": "reset"}) as answer:
        assert answer.headers["content-length"] == str(len(whole))
        pieces = answer.iter_raw()
        half += next(pieces)
        with pytest.raises(httpx.ReadError):
            next(pieces)
    assert half == whole[: len(whole) // 2]


@pytest.mark.parametrize("path", ["/users/me", "/colours", "/shelves"])
def test_a_malformed_body_is_whole_and_no_json(shop: Shop, path: str) -> None:
    """One comma too many."""
    answer = faulty(shop, "malformed", path)
    assert len(answer.content) == len(shop.get(path).content) + 1
    with pytest.raises(ValueError, match=r"line 1"):
        answer.json()


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
    assert exchange is not None
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


def reader(shop: Shop) -> Client:
    return Client(SHOP, shop.sandbox.credentials("shop"), transport=shop.sandbox.transport())


def keys(shop: Shop, endpoint: str, key: str = "id", **arguments: Any) -> list[object]:
    """What a client reads, up to where it notices a loop."""
    found: list[object] = []
    with contextlib.suppress(PaginationLoop):
        found += [row[key] for row in reader(shop).records(endpoint, **arguments)]
    return found


@pytest.mark.parametrize("endpoint", ["shelves", "users", "everything", "books", "messages", "found"])
@pytest.mark.parametrize("fault", ["loop", "duplicate"])
def test_a_client_notices_every_page_that_comes_twice(shop: Shop, endpoint: str, fault: str) -> None:
    """Cursor, link, page number, scroll: reading ends with an error, not never."""
    shelf = shop.get("/shelves").json()["data"][0]["id"]
    arguments: dict[str, Any] = {"shelf": shelf} if endpoint == "books" else {}
    key = "ts" if endpoint == "messages" else "id"
    before = keys(shop, endpoint, key, **arguments)
    shop.sandbox.fault(fault, endpoint=endpoint, times=None)
    with pytest.raises(PaginationLoop):
        list(reader(shop).records(endpoint, **arguments))
    assert before


def test_a_looping_scroll_and_page_number_repeat_the_second_page(shop: Shop) -> None:
    """The first page is as ever; the second comes again and again."""
    first = shop.get("/everything").json()
    pages = [faulty(shop, "loop", "/everything", scroll=first["scroll"]).json() for _ in range(3)]
    assert first["rows"] != pages[0]["rows"] == pages[1]["rows"] == pages[2]["rows"]
    users = [faulty(shop, "loop", "/users", page=number, size=5).json() for number in (1, 2, 3, 4)]
    assert users[0] != users[1] == users[2] == users[3]


def test_a_duplicate_page_comes_twice_and_then_the_list_goes_on(shop: Shop) -> None:
    """One page more than there are, and every row of it."""
    shelf = shop.get("/shelves").json()["data"][0]["id"]
    pages: list[list[int]] = []
    after = None
    while len(pages) < 9:
        sent = {"shelf": shelf} | ({"after": after} if after else {})
        answer = faulty(shop, "duplicate", "/books", **sent).json()
        pages.append([row["number"] for row in answer["data"]["items"]])
        if not answer["more"]:
            break
        after = answer["page"]["next"]
    one, two, three = list(range(1, 11)), list(range(11, 21)), list(range(21, 26))
    assert pages == [one, two, two, three, three]
    first = shop.get("/everything").json()
    scrolled = [faulty(shop, "duplicate", "/everything", scroll=first["scroll"]).json()["rows"] for _ in range(4)]
    assert scrolled[0] == scrolled[1] != scrolled[2] == scrolled[3]
    users = [faulty(shop, "duplicate", "/users", page=number, size=5).json()["data"] for number in (1, 2, 3, 4)]
    assert users[1] == users[2] != users[3]


def test_a_looping_connection_hands_out_its_own_cursor(shop: Shop) -> None:
    """GraphQL too, where the cursor comes as a variable."""
    query = (
        "query($after: String) { teams(first: 3, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } } }"
    )
    shop.sandbox.fault("loop", platform="graph", times=None)
    cursor = shop.query(query).json()["data"]["teams"]["pageInfo"]["endCursor"]
    again = shop.query(query, {"after": cursor}).json()["data"]["teams"]["pageInfo"]
    assert again == {"endCursor": cursor, "hasNextPage": True}


def test_what_is_no_later_page_cannot_loop(shop: Shop) -> None:
    """A first page, an item, an unknown path: a loop changes nothing."""
    for path in ("/users", "/everything", "/colours", "/users/me", "/nowhere"):
        for fault in ("loop", "duplicate", "page-drift=3", "index-lag=5"):
            assert faulty(shop, fault, path).status_code == shop.get(path).status_code


@pytest.mark.parametrize("endpoint", ["users", "shelves", "everything", "found"])
def test_rows_that_appear_at_the_head_push_others_to_the_next_page(shop: Shop, endpoint: str) -> None:
    """Two rows of each page are read again on the next one; all rows are read."""
    before = keys(shop, endpoint)
    shop.sandbox.fault("page-drift=2", endpoint=endpoint, times=None)
    after = keys(shop, endpoint)
    assert set(after) == set(before)
    assert after[:29] == before[:10] + before[8:18] + before[16:]


@pytest.mark.parametrize("endpoint", ["users", "shelves", "everything", "found"])
def test_rows_that_go_at_the_head_make_a_reader_miss_others(shop: Shop, endpoint: str) -> None:
    """Two rows are passed over between two pages."""
    before = keys(shop, endpoint)
    shop.sandbox.fault("page-drift=-2", endpoint=endpoint, times=None)
    assert keys(shop, endpoint) == before[:10] + before[12:22] + before[24:]


@pytest.mark.parametrize(("by", "starts"), [(2, [0, 8, 16, 23]), (-2, [0, 12, 24]), (50, [0, 0, 0, 0, 0])])
def test_connections_drift_too(shop: Shop, by: int, starts: list[int]) -> None:
    """GraphQL, where the cursor comes as a variable."""
    query = "query($n: Int, $after: String) { teams(first: $n, after: $after) { nodes { id } pageInfo { endCursor } } }"

    def page(count: int, after: str | None) -> tuple[list[str], str]:
        found = shop.query(query, {"n": count, "after": after}).json()["data"]["teams"]
        return [node["id"] for node in found["nodes"]], found["pageInfo"]["endCursor"]

    before = page(25, None)[0]
    shop.sandbox.fault(f"page-drift={by}", platform="graph", times=None)
    pages, after = [], None
    for _ in starts:
        rows, after = page(10, after)
        pages.append(rows)
    assert pages == [before[start : start + 10] for start in starts]
    assert shop.query(query, {"after": "nonsense"}).status_code == 400


def test_an_index_lags_behind_what_was_written(shop: Shop) -> None:
    """A list does not show a new row yet that can be read by its id; later it does."""
    platform, users = SHOP, SHOP.endpoint("users")
    world = shop.sandbox.world
    position = world.create(platform, users, {**world.blank(platform, users), "name": "New"})
    key = world.collection(platform, users).key(position)
    shop.sandbox.fault("index-lag=30", endpoint="user*", times=None)
    assert key not in keys(shop, "users")
    assert shop.get(f"/users/{key}").json()["name"] == "New"
    shop.now += 31
    assert key in keys(shop, "users")


def test_a_skewed_clock_shifts_date_and_resets(shop: Shop) -> None:
    """The platform's own idea of the time."""
    usual, ahead = shop.get("/users/me"), faulty(shop, "clock-skew=90")
    dates = [parsedate_to_datetime(answer.headers["date"]).timestamp() for answer in (usual, ahead)]
    assert dates[1] - dates[0] == 90
    limited = faulty(shop, "clock-skew=-90; rate-limit; retry-after-date=5")
    assert parsedate_to_datetime(limited.headers["retry-after"]).timestamp() == shop.now - 85


def test_a_skewed_clock_counts_in_the_same_window(shop: Shop) -> None:
    """What is counted does not depend on what time it is said to be; the reset that is told does."""
    usual, ahead, last = shop.get("/users/me"), faulty(shop, "clock-skew=3600"), shop.get("/users/me")
    assert [answer.headers["x-remaining"] for answer in (usual, ahead, last)] == ["99", "98", "97"]
    resets = [int(answer.headers["x-reset"]) - int(shop.now) for answer in (usual, ahead, last)]
    assert resets == [60, 3660, 60]


def test_a_storm_refuses_so_many_requests(shop: Shop) -> None:
    """Asked for by header it goes on for the requests that follow; by rule it needs no number."""
    assert faulty(shop, "storm=3; retry-after=1").status_code == 429
    assert [shop.get("/users/me").status_code for _ in range(3)] == [429, 429, 200]
    shop.sandbox.fault("storm=2", platform="shop")
    assert [shop.get("/users/me").status_code for _ in range(3)] == [429, 429, 200]


def test_a_share_of_the_requests_is_struck_by_lot(shop: Shop) -> None:
    """About as many as asked, the same ones for the same seed."""

    def struck(seed: str) -> list[int]:
        one = Shop(seed=seed, enforce_limits=False)
        one.sandbox.fault("rate-limit; share=0.3", times=None)
        return [one.get("/users/me").status_code for _ in range(300)]

    assert struck("a") == struck("a") != struck("b")
    assert 60 < struck("a").count(429) < 120
    by_header = [faulty(shop, "status=503; share=0.5").status_code for _ in range(60)]
    assert 10 < by_header.count(503) < 50


def test_a_missing_scope_is_the_platforms_forbidden(shop: Shop) -> None:
    """The credential is good, and not for this."""
    answer = faulty(shop, "missing-scope")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")


def test_chunked_bodies_come_in_pieces_in_process_too(shop: Shop) -> None:
    """Synchronous and asynchronous clients read the same bytes."""
    whole = shop.get("/users/me").content
    with shop.http.stream("GET", "/users/me", headers={**shop.headers, "x-bi-fault": "chunked=7"}) as answer:
        pieces = list(answer.iter_raw())
    assert [len(piece) for piece in pieces[:-1]] == [7] * (len(pieces) - 1)
    assert b"".join(pieces) == whole
    assert faulty(shop, "chunked; gzip").json() == shop.get("/users/me").json()

    async def read() -> bytes:
        async with httpx.AsyncClient(transport=shop.sandbox.async_transport()) as http:
            headers = {**shop.headers, "x-bi-fault": "chunked; latency=0.01"}
            return (await http.get("https://api.shop.test/v2/users/me", headers=headers)).content

    assert asyncio.run(read()) == whole


def test_latencies_follow_their_distribution() -> None:
    """A figure, a range, and a long tail with the median and the 99th percentile that were asked for."""
    shares = [(number + 0.5) / 1000 for number in range(1000)]
    assert {Latency.parse("0.2").draw(share) for share in shares} == {0.2}
    even = [Latency.parse("0.05..0.4").draw(share) for share in shares]
    assert (min(even) >= 0.05, max(even) <= 0.4, round(even[500], 2)) == (True, True, 0.23)
    tail = [Latency.parse("lognormal:0.1,0.5").draw(share) for share in (0.5, 0.99, 1.0)]
    assert [round(seconds, 3) for seconds in tail[:2]] == [0.1, 0.5]
    assert 0.5 < tail[2] < 600
    assert Latency.parse("lognormal:100,500").draw(1.0) == 600


def test_a_latency_is_drawn_for_each_request() -> None:
    """Seeded: two sandboxes of one seed wait alike."""

    def delays() -> list[float]:
        sandbox = Shop().sandbox
        request = httpx.Request("GET", "https://api.shop.test/v2/users/me", headers={"x-bi-fault": "latency=1..2"})
        exchanges = [sandbox.begin(request) for _ in range(5)]
        return [exchange.delay for exchange in exchanges if exchange is not None]

    assert delays() == delays()
    assert len(set(delays())) == 5
    assert all(1 <= delay <= 2 for delay in delays())


@pytest.mark.parametrize(
    ("text", "platform", "endpoint", "fault", "times"),
    [
        ("slack/*: rate-limit; retry-after=1 x3", "slack", "*", "rate-limit; retry-after=1", 3),
        ("hubspot@eu: html", "hubspot@eu", "*", "html", None),
        ("latency=lognormal:0.1,0.5 x12", "*", "*", "latency=lognormal:0.1,0.5", 12),
        ("  s*/user?: storm=4  ", "s*", "user?", "storm=4", 4),
    ],
)
def test_a_rule_says_where_what_and_how_often(
    text: str, platform: str, endpoint: str, fault: str, times: int | None
) -> None:
    """A place before the fault, a number after it; without them everywhere and always."""
    assert Rule.parse(text) == Rule(platform, endpoint, Fault.parse(fault), fault, times)


@pytest.mark.parametrize("text", ["", "slack/*:", "slack/*: x3", "slack: nonsense x2", "html x0"])
def test_a_rule_that_is_not_understood_is_an_error(text: str) -> None:
    """The fault that it holds is quoted."""
    with pytest.raises(ConfigurationError, match="fault"):
        Rule.parse(text)


def test_faults_that_leave_an_answer_come_together(shop: Shop) -> None:
    """Of two rules that refuse, the first strikes and the other waits; a third only changes how the answer travels."""
    shop.sandbox.rule("shop/users: status=503 x1")
    shop.sandbox.rule("shop/users: rate-limit x1")
    shop.sandbox.rule("shop/*: gzip")
    answers = [shop.get("/users") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 429, 200]
    assert {answer.headers["content-encoding"] for answer in answers} == {"gzip"}


@pytest.mark.parametrize(
    "text",
    ["share=0.5",
     "share=2; html", "storm=0", "storm=1.5", "chunked=0", "page-drift=x", "index-lag=-1", "clock-skew=inf",
     "latency=", "latency=0.4..0.1", "latency=1..x", "latency=normal:1,2", "latency=lognormal:0,1", "latency=601",
     "", ";", "nonsense", "status", "status=", "status=abc", "status=99", "status=600", "latency=-1", "latency=nan",
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
    assert fault == Fault(status=503, retry_after=1.5, latency=Latency(0.1, 0.1), gzip=True)


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


def test_what_is_remembered_of_pages_is_bounded(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read that never ends does not fill the memory; the page at hand is still repeated."""
    monkeypatch.setattr("bi_contracts.sandbox.bending.REPEATS_KEPT", 1)
    monkeypatch.setattr("bi_contracts.sandbox.faults.MARKS_KEPT", 1)
    for _ in range(3):
        token = shop.get("/everything").json()["scroll"]
        pages = [faulty(shop, "loop", "/everything", scroll=token).json() for _ in range(2)]
        assert pages[0] == pages[1]
    found = [shop.sandbox.faults.first(mark) for mark in ("a", "b", "c", "c")]
    assert found == [True, True, True, False]
    assert len(shop.sandbox._bending.repeats) == 1
