"""What is told when platforms fail: never more than is known, and never in silence."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from bi_contracts.gateway.fallbacks import FALLBACKS
from bi_contracts.session import Upstream
from bi_contracts.workspace import Workspace

from .worlds import asked, gateway, get, post, sandbox, section, workspace

DOWN = "status=503"


def pair(path: str, *, before: str = "", down: str = "*", fault: str = DOWN, **options: Any) -> list[httpx.Response]:
    """The answer of a good day, and that of the bad day which follows."""
    world = sandbox()

    async def ask(client: httpx.AsyncClient) -> list[httpx.Response]:
        good = await client.get(f"/api/business/{before or path}")
        world.fault(fault, platform=down, times=None)
        return [good, await client.get(f"/api/business/{path}")]

    return asked(ask, world, **{"max_age": 0, **options})


def test_a_platform_that_fails_after_a_good_answer_is_stale() -> None:
    """The rows of before are told with their age, marked, with the reason: 200 and degraded."""
    good, bad = pair("gong/recent")
    told = section(bad, "gong/calls_extensive")
    assert (bad.status_code, told["source"]) == (200, "stale")
    assert bad.json()["calls"] == good.json()["calls"]
    assert bad.json()["degraded"]
    assert bad.headers["x-bi-degraded"] == "stale"
    assert "503" in told["error"]


def test_a_platform_that_fails_without_a_good_answer_is_unavailable() -> None:
    """Regression row: upstream down is never success. A route whose only section is unavailable is 503, same model."""
    world = sandbox()
    world.fault(DOWN, times=None)
    answer = get("gong/recent", world)
    told = section(answer, "gong/calls_extensive")
    assert (answer.status_code, told["source"], told["age"]) == (503, "unavailable", None)
    assert answer.json()["calls"] == []
    assert answer.headers["x-bi-degraded"] == "unavailable"


@pytest.mark.parametrize(
    "path",
    [
        *("crm/contacts", "crm/pipeline", "calls/recent", "gong/recent", "projects/overview", "dashboard", "signals"),
        *("looker/looks", "looker/dashboards", "looker/run", "leads", "analytics", "hubspot", "hubspot/deals"),
    ],
)
def test_where_every_platform_is_down_every_view_is_503(path: str) -> None:
    """Regression row: a platform that is down is never counted as a successful request."""
    world = sandbox(rows=5)
    world.fault(DOWN, times=None)
    answer = get(path, world)
    assert answer.status_code == 503
    assert {one["source"] for one in answer.json()["sections"]} == {"unavailable"}
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["calls/1/analyze", "projects/1/optimize"])
def test_whether_a_thing_is_there_is_not_known_while_the_platforms_are_down(path: str) -> None:
    """503 and not 404."""
    world = sandbox(rows=5)
    world.fault(DOWN, times=None)
    assert post(path, world=world).status_code == 503


def test_one_platform_of_several_that_is_down_leaves_the_others() -> None:
    """200 and degraded; what is not known is null and not zero."""
    world = sandbox(rows=5)
    world.fault(DOWN, platform="gong", times=None)
    answer = get("dashboard", world)
    told = answer.json()
    assert (answer.status_code, told["degraded"], told["calls"]) == (200, True, None)
    assert told["contacts"]["people"] > 0
    assert answer.headers["x-bi-degraded"] == "unavailable"


def test_tasks_of_one_project_that_cannot_be_read_leave_the_others() -> None:
    """The section is not complete, says why, and the answer is degraded."""
    world = sandbox(rows=30)
    good = get("projects/overview", world)
    world.fault(DOWN, platform="asana", endpoint="tasks", times=1)
    answer = get("projects/overview", world)
    told = section(answer, "asana/tasks")
    assert (answer.status_code, told["source"], told["complete"]) == (200, "sandbox", False)
    assert 0 < told["rows"] < section(good, "asana/tasks")["rows"]
    assert answer.headers["x-bi-degraded"] == "partial"


def test_mock_rows_are_marked_and_are_no_success() -> None:
    """Regression row: mock results are marked. A route with nothing but made-up rows is 503."""
    world = sandbox(rows=5)
    world.fault(DOWN, times=None)
    answer = get("hubspot/contacts", world, fallbacks=[FALLBACKS["mock"]])
    assert (answer.status_code, section(answer, "hubspot/contacts")["source"]) == (503, "mock")
    assert answer.headers["x-bi-degraded"] == "mock"
    assert answer.json()["rows"]


def test_a_recording_stands_in_where_it_is_asked_for() -> None:
    """Marked stale, with who answered when it was recorded."""
    world = sandbox(rows=5)
    world.fault(DOWN, times=None)
    answer = get("hubspot/contacts", world, fallbacks=[FALLBACKS["recording"]])
    told = section(answer, "hubspot/contacts")
    assert (answer.status_code, told["source"], told["provenance"]) == (200, "stale", "sandbox")
    assert told["age"] > 0


def test_a_recording_of_the_sandbox_is_none_of_the_platforms() -> None:
    """In live mode the packaged reference stands in for nobody."""
    live = Upstream(Workspace.discover(environ={}), "live")
    answer = get("hubspot/contacts", live, fallbacks=[FALLBACKS["recording"]])
    assert (answer.status_code, section(answer, "hubspot/contacts")["source"]) == (503, "unavailable")


def test_where_there_is_no_recording_either_nothing_is_known() -> None:
    """A list that was not recorded with these arguments stays unavailable."""
    world = sandbox(rows=5)
    id = get("looker/looks", world).json()["looks"][0]["id"]
    world.fault(DOWN, platform="looker", endpoint="look_run", times=None)
    answer = get(f"looker/looks/{id}/run", world, fallbacks=[FALLBACKS["recording"]])
    assert (answer.status_code, section(answer, "looker/look_run")["source"]) == (503, "unavailable")


def test_a_platform_that_is_not_served_is_bypassed_and_does_not_degrade() -> None:
    """Regression row: `--platform` filters. Nobody asks the others, and nobody calls that a failure."""
    answer = get("crm/contacts", platforms=["hubspot"])
    assert section(answer, "salesforce/contacts")["source"] == "bypassed"
    assert (answer.status_code, answer.json()["degraded"]) == (200, False)
    assert set(answer.json()["by_platform"]) == {"hubspot"}


def test_a_view_of_platforms_that_are_not_served_is_503() -> None:
    """Nothing is known; nothing is told as if it were."""
    assert get("gong/recent", platforms=["hubspot"]).status_code == 503
    assert get("projects/overview", platforms=["hubspot"]).status_code == 503
    assert get("gong", platforms=["hubspot"]).status_code == 404
    assert get("gong/calls", platforms=["hubspot"]).status_code == 404


def test_without_credentials_a_platform_is_unavailable_and_names_the_variable() -> None:
    """Live mode without a key asks nobody."""
    answer = get("gong/recent", Upstream(Workspace.discover(environ={}), "live"))
    assert answer.status_code == 503
    assert "GONG_ACCESS_KEY" in section(answer, "gong/calls_extensive")["error"]


def test_a_replay_says_replay_and_who_was_recorded() -> None:
    """Recordings are what was asked for, so they are fresh; who answered then, and when, is told."""
    answer = get("crm/contacts", Upstream(workspace(), "replay"))
    told = section(answer, "hubspot/contacts")
    assert (answer.status_code, told["source"], told["provenance"]) == (200, "replay", "sandbox")
    assert told["age"] > 0


@pytest.mark.parametrize("path", ["dashboard", "gong/recent?days=30", "projects/overview", "leads", "looker/run"])
def test_every_view_works_on_recordings(path: str) -> None:
    """Without a socket, and now is when it was recorded."""
    answer = get(path, Upstream(workspace(), "replay"))
    assert (answer.status_code, answer.json()["degraded"]) == (200, False)


def test_an_error_that_is_told_holds_no_secret_and_no_address() -> None:
    """What a platform says is redacted and cut before it is repeated."""
    from bi_contracts.gateway.sources import LONGEST_ERROR, said

    told = said(ValueError("no entry for ava.lindqvist@northwind-dairy.com " + "x" * 500))
    assert "northwind" not in told
    assert len(told) == LONGEST_ERROR


def test_not_ready_while_a_platform_is_down() -> None:
    """Regression row: upstream down is never healthy. The process is alive all the same."""
    world = sandbox(rows=5)
    world.fault(DOWN, platform="slack", times=None)

    async def ask(client: httpx.AsyncClient) -> tuple[httpx.Response, httpx.Response]:
        return await client.get("/readyz"), await client.get("/healthz")

    ready, alive = asked(ask, world)
    platforms = {one["platform"]: one for one in ready.json()["platforms"]}
    assert (ready.status_code, ready.json()["ready"], platforms["slack"]["ready"]) == (503, False, False)
    assert platforms["gong"]["ready"]
    assert (alive.status_code, alive.json()["status"]) == (200, "alive")


@pytest.mark.parametrize("fault", ["malformed", "truncate", "html"])
def test_an_answer_that_is_not_whole_is_no_evidence(fault: str) -> None:
    """Regression row: upstream down is never healthy. Half an answer with status 200 is none."""
    world = sandbox(rows=5)
    world.fault(fault, platform="notion", times=None)
    answer = asked(lambda client: client.get("/readyz"), world, platforms=["notion"])
    assert (answer.status_code, answer.json()["platforms"][0]["source"]) == (503, "unavailable")


def test_ready_where_every_platform_that_is_served_answered() -> None:
    """The evidence is fresh and has an age."""
    answer = asked(lambda client: client.get("/readyz"), sandbox(rows=5), platforms=["slack", "gong"])
    assert (answer.status_code, answer.json()["ready"]) == (200, True)
    assert [one["platform"] for one in answer.json()["platforms"]] == ["gong", "slack"]
    assert all(one["credentials"] and one["breaker"] == "closed" for one in answer.json()["platforms"])


def test_not_ready_without_credentials() -> None:
    """And the variable is named."""

    async def ask() -> httpx.Response:
        live = Upstream(Workspace.discover(environ={}), "live")
        async with gateway(live, platforms=["notion"]) as client:
            return await client.get("/readyz")

    answer = asyncio.run(ask())
    (one,) = answer.json()["platforms"]
    assert (answer.status_code, one["credentials"], one["variables"]) == (503, False, ["NOTION_TOKEN"])
