"""One call: tried again where that can help, waited for as long as makes sense, counted honestly."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from bi_contracts.errors import ApiError, CredentialsMissing, RateLimited, Unauthorized
from bi_contracts.intercom.sync import Intercom, SyncSettings
from bi_contracts.intercom.sync.api import ServerClock
from bi_contracts.session import Upstream
from bi_contracts.workspace import Workspace

from .world import World, said

Work = Callable[[Intercom], Awaitable[Any]]


def asked(world: World, work: Work, **settings: Any) -> tuple[Any, Intercom, float]:
    """What a call gave, whom it was asked of, and how many seconds it took."""

    async def whole() -> tuple[Any, Intercom, float]:
        async with world.intercom(**settings) as intercom:
            return await work(intercom), intercom, asyncio.get_running_loop().time()

    before = world.seconds
    found, intercom, now = world.run(whole)
    return found, intercom, now - before


def me(intercom: Intercom) -> Awaitable[Any]:
    return intercom.me()


@pytest.mark.parametrize("fault", ["status=500", "status=503", "timeout", "truncate", "empty", "malformed", "html"])
def test_a_failure_that_passes_is_tried_again(world: World, fault: str) -> None:
    """And is counted as one."""
    world.sandbox.fault(fault, times=2)
    found, intercom, took = asked(world, me)
    assert found.value["type"] == "admin"
    assert (intercom.calls, intercom.retried, intercom.refused) == (3, 2, 0)
    assert 1.0 <= took <= 3.0


def test_a_failure_that_stays_ends_after_a_few_calls(world: World) -> None:
    """With the platform's own words."""
    world.sandbox.fault("status=500", times=None)
    with pytest.raises(ApiError, match="HTTP 500"):
        asked(world, me)
    assert len(world.asked) == 6


@pytest.mark.parametrize(("status", "error"), [(401, Unauthorized), (403, Unauthorized), (400, ApiError)])
def test_what_no_second_call_can_change_is_raised_at_once(world: World, status: int, error: type[Exception]) -> None:
    """A refused token, a bad request."""
    world.sandbox.fault(f"status={status}", times=None)
    with pytest.raises(error):
        asked(world, me)
    assert len(world.asked) == 1


@pytest.mark.parametrize("reset", ["none", "past", "absurd"])
def test_a_refusal_without_a_sane_reset_is_waited_out(world: World, reset: str) -> None:
    """Seconds, not years, and longer each time."""
    world.sandbox.fault(f"reset={reset}", times=3)
    _, intercom, took = asked(world, me)
    assert (intercom.refused, intercom.retried, intercom.calls) == (3, 0, 4)
    assert 1 + 2 + 4 <= took <= 9


def test_a_garbled_reset_is_waited_out_too(world: World) -> None:
    """It is no number."""
    answers = iter([said(429, {}, **{"x-ratelimit-reset": "soon", "x-ratelimit-remaining": "-1"})])
    world.instead = lambda _: next(answers, None)
    _, intercom, took = asked(world, me)
    assert intercom.refused == 1
    assert took <= 2


def test_a_stated_reset_is_waited_for_by_intercoms_clock(world: World) -> None:
    """Whatever time it is here."""
    world.sandbox.fault("rate-limit; retry-after=4", times=1)
    world.sandbox.clock.advance(86_400.0)
    _, intercom, took = asked(world, me)
    assert intercom.refused == 1
    assert 3.0 <= took <= 6.0


def test_patience_with_refusals_ends(world: World) -> None:
    """After so many seconds without any success."""
    world.sandbox.fault("reset=none", times=None)
    with pytest.raises(RateLimited):
        asked(world, me, patience=60.0)
    assert 60 <= world.seconds <= 120


def test_calls_refused_together_lengthen_the_wait_once(world: World) -> None:
    """Thirty refusals of one moment are one."""
    world.sandbox.fault("reset=none", times=30)

    async def work(intercom: Intercom) -> None:
        await asyncio.gather(*(intercom.me() for _ in range(30)))

    _, intercom, took = asked(world, work)
    assert intercom.refused == 30
    assert took <= 4


def test_an_answer_without_a_date_is_taken_for_the_time_that_has_passed() -> None:
    """Since the last one that had a date."""
    now = 100.0
    clock = ServerClock(lambda: now)
    dated = httpx.Response(200, headers={"date": "Sun, 06 Nov 1994 08:49:37 GMT"})
    assert clock.read(dated) == 784111777
    now = 107.0
    assert clock.read(httpx.Response(200)) == 784111784
    assert clock.read(httpx.Response(200, headers={"date": "yesterday"})) == 784111784


@pytest.mark.parametrize(
    ("version", "lists"), [("", False), ("2.15", False), ("2.16", True), ("3.0", True), ("Preview", True)]
)
def test_deletions_are_listed_from_version_2_16_on(world: World, version: str, lists: bool) -> None:
    """And by every version that has no number."""
    assert world.run(lambda: _of(world, version)).lists_deleted is lists


async def _of(world: World, version: str) -> Intercom:
    async with world.intercom(version=version) as intercom:
        return intercom


@pytest.mark.parametrize(
    ("region", "host"),
    [("", "api.intercom.io"), ("us", "api.intercom.io"), ("eu", "api.eu.intercom.io"), ("au", "api.au.intercom.io")],
)
def test_a_region_has_an_address_of_its_own(tmp_path: Path, region: str, host: str) -> None:
    """For Intercom itself."""
    space = Workspace(tmp_path, environ={"INTERCOM_ACCESS_TOKEN": "dG9rOmV4YW1wbGU="})

    async def work() -> str:
        async with Intercom.of(Upstream(space, "live"), SyncSettings(region=region)) as intercom:
            return intercom.platform.base_url

    assert asyncio.run(work()) == f"https://{host}"


def test_a_missing_token_is_said_before_anything_is_asked(tmp_path: Path) -> None:
    """With the variable that it goes into."""
    with pytest.raises(CredentialsMissing, match="INTERCOM_ACCESS_TOKEN"):
        Intercom(Upstream(Workspace(tmp_path, environ={}), "live"))
