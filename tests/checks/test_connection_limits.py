"""Rate limits: nine dialects, each of whose refusals is staged, read, and waited for as long as is meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import ceil

import httpx
import pytest

from bi_contracts.checks.connection_limits import (
    BudgetUnread,
    LimitUnread,
    Refused,
    WaitMisread,
    budget_told,
    rate_limited,
    staged_refusals,
    understood,
    wait_agrees,
)
from bi_contracts.dialects import Quota, RateDialect
from bi_contracts.platform import Platform
from bi_contracts.platforms import asana, gong, hubspot, intercom, linear, salesforce
from bi_contracts.sandbox import Clock, Sandbox
from tests.platforms.declared import PLATFORMS, named

NOW = 1_772_355_600.0
UNASKED = {"asana": {"search"}}
"""Limits of endpoints that are not declared: nothing here ever asks them."""


def staged(platform: Platform) -> dict[str, Refused]:
    """Every refusal of a platform, by name."""
    return {one.name: one for one in staged_refusals(platform, Sandbox([platform], rows=3, clock=Clock(frozen=NOW)))}


@pytest.mark.parametrize("platform", PLATFORMS, ids=named)
def test_every_limit_of_every_platform_is_refused_and_understood(platform: Platform) -> None:
    """All quotas, and `Retry-After` in seconds and as a date; no one is left out."""
    found = staged(platform)
    quotas = {"usual", *(quota.name for quota in platform.limits.quotas)} - UNASKED.get(platform.name, set())
    assert set(found) == quotas | {"retry-after", "retry-after-date"}
    for refused in found.values():
        understood(platform, refused)


@pytest.mark.parametrize("platform", PLATFORMS, ids=named)
def test_the_wait_that_is_computed_is_what_the_sandbox_staged(platform: Platform) -> None:
    """Two thirds of a window are left, by a clock that stands still; who tells no reset is waited for a window."""
    windows = {"usual": platform.limits.window} | {one.name: one.window for one in platform.limits.quotas}
    silent = {"salesforce": None, "hubspot": platform.limits.window}
    for name, refused in staged(platform).items():
        found = platform.limits.wait(refused.response)
        if name.startswith("retry-after"):
            assert found == 7
        elif platform.name in silent:
            assert found == silent[platform.name]
        else:
            assert found is not None
            assert ceil(found) == max(1, ceil(windows[name] * 2 / 3))


@pytest.mark.parametrize(
    ("platform", "status"),
    [(gong.PLATFORM, 429), (salesforce.PLATFORM, 403), (linear.PLATFORM, 400), (intercom.PLATFORM, 429)],
    ids=named,
)
def test_a_refusal_has_the_platform_s_own_status(platform: Platform, status: int) -> None:
    """429, Salesforce's 403, Linear's 400."""
    assert staged(platform)["usual"].response.status_code == status


def test_a_search_of_asana_has_a_limit_of_its_own() -> None:
    """The 61st in a minute is refused for its sake, and told when to come back."""
    sandbox = Sandbox([asana.PLATFORM], rows=3, clock=Clock(frozen=NOW))
    sandbox.limit("asana", 1, 60, "search")
    headers = {"authorization": f"Bearer {sandbox.credentials('asana')['ASANA_ACCESS_TOKEN']}"}
    with httpx.Client(transport=sandbox.transport(), headers=headers, base_url=asana.PLATFORM.base_url) as http:
        (workspace, *_) = http.get("/workspaces").json()["data"]
        answers = [http.get(f"/workspaces/{workspace['gid']}/tasks/search") for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 429]
    assert understood(asana.PLATFORM, Refused("search", answers[1], 60.0)) == 60.0


def answer(platform: Platform, status: int = 200, headers: Mapping[str, str] | None = None) -> httpx.Response:
    """An answer of a platform, with these headers."""
    request = platform.request(platform.endpoint(platform.identity), {})
    return httpx.Response(status, headers=headers, json={}, request=request)


@pytest.mark.parametrize("platform", PLATFORMS, ids=named)
def test_the_budget_that_a_platform_states_can_be_read(platform: Platform) -> None:
    """One budget for each limit that is told; none where nothing is."""
    sandbox = Sandbox([platform], rows=3, clock=Clock(frozen=NOW))
    endpoint = platform.endpoint(platform.identity)
    with httpx.Client(
        transport=sandbox.transport(), auth=platform.auth.sign(sandbox.credentials(platform.name))
    ) as http:
        found = budget_told(platform, endpoint, http.send(platform.request(endpoint, {})))
    told = {"hubspot": 2, "intercom": 1, "linear": 2, "salesforce": 1}
    assert len(found) == told.get(platform.name, 0)
    assert all(0 < budget.remaining <= budget.limit for budget in found.values())


@pytest.mark.parametrize("value", ["", "soon", "-3"])
def test_a_budget_that_cannot_be_read_is_a_finding(value: str) -> None:
    """A header that is missing, is no number, or is below nought."""
    headers = {"x-ratelimit-limit": "167", "x-ratelimit-remaining": value, "x-ratelimit-reset": str(int(NOW))}
    with pytest.raises(BudgetUnread, match="intercom/me: no usual budget"):
        budget_told(intercom.PLATFORM, intercom.PLATFORM.endpoint("me"), answer(intercom.PLATFORM, 200, headers))


def test_more_left_than_there_is_is_a_finding() -> None:
    """Two headers that contradict each other."""
    headers = {"x-ratelimit-limit": "10", "x-ratelimit-remaining": "20", "x-ratelimit-reset": str(int(NOW))}
    with pytest.raises(BudgetUnread, match="20 of 10 left of the usual budget"):
        budget_told(intercom.PLATFORM, intercom.PLATFORM.endpoint("me"), answer(intercom.PLATFORM, 200, headers))


def test_a_budget_of_points_is_named_when_it_is_missing() -> None:
    """Linear tells two."""
    headers = dict.fromkeys(linear.PLATFORM.limits.headers, "7")
    with pytest.raises(BudgetUnread, match="no complexity budget"):
        budget_told(linear.PLATFORM, linear.PLATFORM.endpoint("viewer"), answer(linear.PLATFORM, 200, headers))


@pytest.mark.parametrize(("status", "read"), [(200, "no error"), (403, "forbidden"), (503, "server error")])
def test_a_refusal_that_reads_as_something_else_is_a_finding(status: int, read: str) -> None:
    """Whoever misreads it does not wait."""
    with pytest.raises(LimitUnread, match=f"reads as {read}"):
        rate_limited(gong.PLATFORM, answer(gong.PLATFORM, status))


FRIDAY = "Fri, 27 Feb 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    ("retry_after", "wait"),
    [("7", 7.0), ("0.5", 0.5), ("0", 0.0), ("Fri, 27 Feb 2026 10:00:30 GMT", 30.0), (FRIDAY, 0.0)],
)
def test_retry_after_is_read_in_seconds_and_as_a_date(retry_after: str, wait: float) -> None:
    """Regression row: `Retry-After` dates. They are compared with the platform's own clock, its `Date`."""
    headers = {"retry-after": retry_after, "date": FRIDAY}
    assert wait_agrees(gong.PLATFORM, answer(gong.PLATFORM, 429, headers), wait, tolerance=0.0) == wait


@pytest.mark.parametrize(("figure", "scale"), [("reset_seconds", 1), ("reset_milliseconds", 1000)])
def test_a_reset_is_read_in_seconds_and_in_milliseconds(figure: str, scale: int) -> None:
    """The same moment, told by a platform either way."""
    limits = RateDialect(10, 60.0, headers={"x-left": "remaining", "x-reset": figure})
    platform = replace(gong.PLATFORM, limits=limits)
    headers = {"x-left": "0", "x-reset": str(1_772_186_442 * scale), "date": FRIDAY}
    assert wait_agrees(platform, answer(platform, 429, headers), 42.0, tolerance=0.0) == 42.0


@pytest.mark.parametrize(("expected", "found"), [(60.0, "7 s"), (None, "7 s"), (8.5, "7 s")])
def test_another_wait_than_is_meant_is_a_finding(expected: float | None, found: str) -> None:
    """Too short, too long, or one where none is told."""
    with pytest.raises(WaitMisread, match=f"is read as {found}"):
        wait_agrees(gong.PLATFORM, answer(gong.PLATFORM, 429, {"retry-after": "7"}), expected)


def test_no_wait_where_one_is_meant_is_a_finding() -> None:
    """Neither a header nor a window."""
    with pytest.raises(WaitMisread, match="a wait of 60 s is read as nothing"):
        wait_agrees(salesforce.PLATFORM, answer(salesforce.PLATFORM, 403), 60.0)


def test_an_account_is_staged_where_it_stands() -> None:
    """Two accounts share a vendor's host; a sandbox tells them apart by the path."""
    account = replace(hubspot.PLATFORM, name="hubspot@eu")
    found = staged_refusals(account, Sandbox([hubspot.PLATFORM, account], rows=3))
    assert [understood(account, one) for one in found] == [10.0, 10.0, 10.0, 7.0, 7.0]


def test_a_limit_of_no_declared_endpoint_is_not_staged() -> None:
    """There is nothing that could be asked."""
    limits = RateDialect(10, 60.0, quotas=(Quota("exports", 1, 60.0, endpoints=("exports",)),))
    platform = replace(gong.PLATFORM, limits=limits)
    assert set(staged(platform)) == {"usual", "retry-after", "retry-after-date"}
