"""Rate limits: several at once, by path and by endpoint, in requests and in points, told in the platform's headers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from threading import Thread
from typing import Any

import httpx
import pytest

from bi_contracts.dialects import Budget, ErrorKind, ErrorShape, Quota, RateDialect
from bi_contracts.platform import Platform
from bi_contracts.sandbox import Clock, Sandbox
from bi_contracts.sandbox.answer import Answer
from bi_contracts.sandbox.limits import MANY, Limits

from ..platforms.declared import PLATFORMS, named
from .fuzzing import signed
from .made_up import GRAPH, SHOP

NOW = 1_700_000_000.0


class Limited:
    """A sandbox of one platform with these limits, and a clock that stands still."""

    def __init__(self, dialect: RateDialect, platform: Platform = SHOP) -> None:
        self.platform = replace(platform, limits=dialect)
        self.now = NOW
        self.sandbox = Sandbox([self.platform], rows=5, clock=lambda: self.now)
        token = next(iter(self.sandbox.credentials(platform.name).values()))
        bearer = token if platform is GRAPH else f"Bearer {token}"
        self.headers = {"authorization": bearer, "shop-version": "2026-01"}
        self.http = httpx.Client(transport=self.sandbox.transport(), base_url=platform.base_url, headers=self.headers)

    def get(self, path: str = "/users/me", **headers: str) -> httpx.Response:
        return self.http.get(path, headers=headers)

    def query(self, text: str = "{ viewer { id } }") -> httpx.Response:
        return self.http.post("/graphql", json={"query": text})


DAILY = ErrorShape(
    403, [{"errorCode": "{code}", "message": "{message}", "id": "{request_id}"}], "DAILY", "All used up."
)
TWO = RateDialect(
    limit=3,
    window=1.0,
    headers={"X-Max": "limit", "X-Left": "remaining", "X-Window": "window_milliseconds"},
    quotas=(Quota("daily", 5, 86_400.0, headers={"X-Usage": "api-usage={used}/{limit}"}, refusal=DAILY),),
)


def test_two_limits_hold_at_the_same_time() -> None:
    """The second's is reached first, then the day's; each is refused in its own words."""
    limited = Limited(TWO)
    assert [limited.get().status_code for _ in range(4)] == [200, 200, 200, 429]
    limited.now += 1
    assert [limited.get().status_code for _ in range(3)] == [200, 200, 403]
    refused = limited.get()
    assert refused.json() == [{"errorCode": "DAILY", "message": "All used up.", "id": refused.headers["x-request-id"]}]
    assert refused.headers["retry-after"] == "86399"
    limited.now += 86_399
    assert limited.get().status_code == 200


def test_every_limit_is_told_in_its_headers() -> None:
    """Figures and templates of figures."""
    answer = Limited(TWO).get()
    told = {name: answer.headers[name] for name in ("x-max", "x-left", "x-window", "x-usage")}
    assert told == {"x-max": "3", "x-left": "2", "x-window": "1000", "x-usage": "api-usage=1/5"}


def test_a_client_reads_the_budget_with_least_left() -> None:
    """From figures and from templates."""
    limited = Limited(TWO)
    for _ in range(3):
        answer = limited.get()
    assert TWO.budget(answer) == Budget(3, 0, 0.0)
    limited.now += 1
    assert TWO.budget(limited.get()) == Budget(5, 1, 0.0)


FIGURES: dict[str, dict[str, str]] = {
    "seconds": {"a": "limit", "b": "remaining", "c": "reset_seconds"},
    "milliseconds": {"a": "limit", "b": "used", "c": "reset_milliseconds"},
    "counting down": {"a": "{remaining};w={window_seconds}", "c": "t={reset_in}"},
}


@pytest.mark.parametrize("headers", FIGURES.values(), ids=FIGURES.keys())
def test_what_is_told_is_what_is_read(headers: Mapping[str, str]) -> None:
    """Every way to write a budget can be read back."""
    dialect = RateDialect(10, 60.0, headers=headers)
    said = dialect.render(Budget(10, 4, NOW + 25), NOW, refused=False)
    assert dialect.budget(httpx.Response(200, headers=said), NOW) == Budget(10, 4, NOW + 25)


def test_a_spent_limit_says_how_long_to_wait() -> None:
    """Without Retry-After the reset of the limit that is spent counts, not the nearer one of another."""
    dialect = RateDialect(
        10, 1.0, headers={"a-left": "remaining", "a-reset": "reset_seconds"}, retry_after=False,
        quotas=(Quota("points", 100, 3600.0, headers={"b-left": "remaining", "b-reset": "reset_seconds"}),),
    )  # fmt: skip
    headers = {"a-left": "9", "a-reset": str(int(NOW) + 1), "b-left": "0", "b-reset": str(int(NOW) + 900)}
    assert dialect.wait(httpx.Response(400, headers=headers), NOW) == 900
    assert dialect.wait(httpx.Response(400, headers={**headers, "b-left": "7"}), NOW) == 1


def test_a_quota_of_some_endpoints_leaves_the_others_alone() -> None:
    """By name or by glob."""
    limited = Limited(RateDialect(100, 60.0, quotas=(Quota("search", 1, 60.0, endpoints=("shel*", "colours")),)))
    statuses = [limited.get(path).status_code for path in ("/shelves", "/users", "/colours", "/shelves", "/users")]
    assert statuses == [200, 200, 429, 429, 200]


def test_tiers_change_the_first_limit_of_some_endpoints() -> None:
    """Each path is counted by itself, up to its own tier."""
    limited = Limited(RateDialect(3, 60.0, per="path", tiers={"users": 1, "col*": 2}))
    counts = {path: [limited.get(path).status_code for _ in range(4)].count(200) for path in ("/users", "/colours")}
    assert counts | {"/users/me": [limited.get().status_code for _ in range(4)].count(200)} == {
        "/users": 1, "/colours": 2, "/users/me": 3,
    }  # fmt: skip


def test_tiers_share_nothing_where_the_platform_is_counted_as_a_whole() -> None:
    """A tier is a budget of its own."""
    limited = Limited(RateDialect(2, 60.0, tiers={"users": 1}))
    statuses = [limited.get(path).status_code for path in ("/users", "/users", "/colours", "/users/me", "/colours")]
    assert statuses == [200, 429, 200, 200, 429]


POINTS = RateDialect(
    100, 60.0, points="x-complexity", quotas=(Quota("points", 5, 60.0, counts="points", headers={"left": "remaining"}),)
)


def test_points_are_what_an_answer_says_that_it_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are charged with the answer; once none are left the next request is refused."""
    limited = Limited(POINTS, GRAPH)
    desk = limited.sandbox._behaviours["graph"]
    usual = type(desk).answer

    def costly(self: Any, *arguments: Any) -> Answer:
        answer: Answer = usual(self, *arguments)
        return answer.with_header("x-complexity", "3")

    monkeypatch.setattr(type(desk), "answer", costly)
    answers = [limited.query() for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 400]
    assert [answer.headers["left"] for answer in answers] == ["2", "0", "0"]


def test_who_is_not_authenticated_is_not_counted() -> None:
    """A refused credential costs nothing; whether it is told the budget is the platform's choice."""
    for anonymous in (True, False):
        limited = Limited(RateDialect(2, 60.0, headers={"left": "remaining"}, anonymous=anonymous))
        refused = limited.get(authorization="Bearer no")
        assert refused.status_code == 401
        assert refused.headers.get("left") == ("2" if anonymous else None)
        assert limited.get().headers["left"] == "1"


def test_another_limit_may_be_set_for_a_named_quota() -> None:
    """Counted from now, in another window; the first limit stays."""
    limited = Limited(TWO)
    limited.sandbox.limit("shop", 1, 10, "daily")
    assert [limited.get().status_code for _ in range(2)] == [200, 403]
    limited.now += 10
    assert limited.get().headers["x-usage"] == "api-usage=1/1"


def test_a_refusal_that_is_asked_for_leaves_the_other_budgets_as_they_are() -> None:
    """Only the first limit is said to be spent."""
    answer = Limited(TWO).get(**{"x-bi-fault": "rate-limit; retry-after=7"})
    told = (answer.status_code, answer.headers["x-left"], answer.headers["x-usage"], answer.headers["retry-after"])
    assert told == (429, "0", "api-usage=1/5", "7")


def test_threads_count_every_request_once() -> None:
    """Eight threads, a hundred requests each, and exactly the limit is let through."""
    limits = Limits()
    platform = replace(SHOP, limits=RateDialect(500, 60.0, quotas=(Quota("daily", 600, 86_400.0),)))
    let_through: list[int] = []

    def ask() -> None:
        tallies = [limits.count(platform, "users", "/users", NOW) for _ in range(100)]
        let_through.append(sum(tally.refused is None for tally in tallies))

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(let_through) == 500


def test_windows_that_have_passed_are_forgotten() -> None:
    """Many paths do not fill the memory, whether their windows have passed or not."""
    platform = replace(SHOP, limits=RateDialect(5, 60.0, per="path"))
    for step in (0, 1):
        limits = Limits()
        for number in range(MANY + 10):
            limits.count(platform, "users", f"/{number}", NOW + step * 61 * (number == MANY))
        assert len(limits._windows) <= MANY


def test_an_unusable_figure_is_told_by_name() -> None:
    """A header that names no figure cannot be rendered."""
    with pytest.raises(KeyError, match="speed"):
        Quota("", 1, 1.0, headers={"x": "speed"}).render(Budget(1, 1, 0.0), NOW)


@pytest.mark.parametrize("platform", PLATFORMS, ids=named)
def test_every_platform_refuses_in_its_own_words_and_recovers(platform: Platform) -> None:
    """One request too many is recognised by the client; after the time it is told, or the window, it may go on."""
    sandbox = Sandbox([platform], rows=3, clock=Clock(frozen=NOW))
    request = platform.request(platform.endpoint(platform.identity), {})
    asked = signed(sandbox, platform, request)
    sandbox.limit(platform.name, 2, 30.0)
    answers = [sandbox.handle(asked) for _ in range(3)]
    problems = [platform.errors.recognise(answer) for answer in answers]
    assert [problem.kind if problem else None for problem in problems] == [None, None, ErrorKind.RATE_LIMITED]
    wait = platform.limits.wait(answers[-1], sandbox.now())
    assert wait is None or wait <= 30
    sandbox.clock.advance(30.0 if wait is None else wait)
    assert platform.errors.recognise(sandbox.handle(asked)) is None


def test_a_sandbox_that_refuses_nothing_never_states_that_nothing_is_left() -> None:
    """A client that waits for its budget would wait for nothing."""
    sandbox = Sandbox([SHOP], rows=3, clock=lambda: NOW, enforce_limits=False)
    sandbox.limit("*", 2, 30.0)
    asked = signed(sandbox, SHOP, SHOP.request(SHOP.endpoint(SHOP.identity), {}))
    budgets = [SHOP.limits.budget(sandbox.handle(asked)) for _ in range(5)]
    assert [budget.remaining for budget in budgets if budget is not None] == [1] * 5
