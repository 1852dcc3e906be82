"""Platforms that come and go: what stands in for whom, and what must not be done meanwhile."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from bi_contracts.gateway.sources import MAX_AGE
from bi_contracts.reading import Reader, Reading
from bi_contracts.resilience import LastGood
from bi_contracts.sandbox import Sandbox

from .worlds import asked, post, sandbox, section

DOWN = "status=503"
TRIGGER = "/api/business/workflows/trigger"


def then(path: str, world: Sandbox, **fault: Any) -> httpx.Response:
    """The answer of a bad day that follows a good one."""

    async def ask(client: httpx.AsyncClient) -> httpx.Response:
        await client.get(f"/api/business/{path}")
        world.fault(DOWN, **fault, times=None)
        return await client.get(f"/api/business/{path}")

    return asked(ask, world, max_age=0)


def test_the_last_good_calls_are_known_after_the_hour_has_struck() -> None:
    """Regression row: stale cache is still there when the fallback reads it; what is asked for moves with the time."""
    world = sandbox(rows=5)

    async def ask(client: httpx.AsyncClient) -> httpx.Response:
        await client.get("/api/business/gong/recent")
        world.clock.advance(3600)
        world.fault(DOWN, platform="gong", times=None)
        return await client.get("/api/business/gong/recent")

    answer = asked(ask, world, max_age=0)
    assert (answer.status_code, section(answer, "gong/calls_extensive")["source"]) == (200, "stale")


def test_the_last_good_answer_of_other_days_is_none() -> None:
    """A week's calls are not a month's."""
    world = sandbox(rows=5)

    async def ask(client: httpx.AsyncClient) -> httpx.Response:
        await client.get("/api/business/gong/recent?days=7")
        world.fault(DOWN, platform="gong", times=None)
        return await client.get("/api/business/gong/recent?days=30")

    assert asked(ask, world, max_age=0).status_code == 503


def test_single_things_do_not_push_out_what_every_view_needs() -> None:
    """Whoever asks for a thousand ids leaves the last good lists where they are."""
    world = sandbox(rows=5)

    async def ask(client: httpx.AsyncClient) -> httpx.Response:
        await client.get("/api/business/crm/contacts?platform=hubspot")
        for id in ("1", "2"):
            await client.post(f"/api/business/calls/{id}/analyze")
        world.fault(DOWN, platform="hubspot", times=None)
        return await client.get("/api/business/crm/contacts?platform=hubspot")

    answer = asked(ask, world, max_age=0, last_good=LastGood(capacity=1))
    assert section(answer, "hubspot/contacts")["source"] == "stale"


def test_tasks_of_projects_that_were_known_a_while_ago_are_stale() -> None:
    """Which tasks are read depends on the projects: a fresh part of a stale choice is no fresh answer."""
    answer = then("signals", sandbox(rows=5), platform="asana", endpoint="projects")
    assert (answer.status_code, section(answer, "asana/tasks")["source"]) == (200, "stale")
    assert answer.headers["x-bi-degraded"] == "stale"


def test_a_look_that_an_old_list_names_first_is_told_with_that_list() -> None:
    """Its rows are fresh; that it is the first one is not."""
    answer = then("looker/run", sandbox(rows=5), platform="looker", endpoint="looks")
    assert (section(answer, "looker/look_run")["source"], section(answer, "looker/looks")["source"]) == (
        "sandbox",
        "stale",
    )
    assert answer.json()["degraded"]


def test_a_degraded_answer_is_kept_by_nobody() -> None:
    """Else a browser would go on telling it when the platform is back."""
    world = sandbox(rows=5)
    world.fault(DOWN, platform="hubspot", times=None)

    async def ask(client: httpx.AsyncClient) -> list[str]:
        paths = ("crm/contacts", "looker/looks")
        return [(await client.get(f"/api/business/{path}")).headers["cache-control"] for path in paths]

    assert asked(ask, world, max_age=60) == ["no-store", "private, max-age=60"]


def test_ready_rests_on_no_old_evidence() -> None:
    """Regression row: upstream down is never healthy, however long rows are kept for."""
    world = sandbox(rows=5)

    async def ask(client: httpx.AsyncClient) -> list[int]:
        before = await client.get("/readyz")
        world.fault(DOWN, times=None)
        return [before.status_code, (await client.get("/readyz")).status_code]

    assert asked(ask, world, max_age=10 * MAX_AGE, platforms=["gong"]) == [200, 503]


def test_where_nobody_was_asked_for_a_project_nobody_knows() -> None:
    """404 only where those who would know could be asked."""
    assert post("projects/1/optimize", platforms=["hubspot"]).status_code == 503


def test_a_project_may_stand_beyond_what_was_read() -> None:
    """A list that was read in part says of nothing that it is not there."""
    answer = post("projects/1/optimize", world=sandbox(rows=120), max_pages=1)
    assert (answer.status_code, answer.json()["project"]) == (200, None)
    assert answer.headers["x-bi-degraded"] == "partial"


def written(world: Sandbox, workflow: str, fault: str, platform: str, endpoint: str, **options: Any) -> dict[str, Any]:
    """A workflow that may write, after a good look at everything and then that fault."""

    async def ask(client: httpx.AsyncClient) -> httpx.Response:
        await client.post(TRIGGER, json={"workflow": workflow})
        world.fault(fault, platform=platform, endpoint=endpoint, times=None)
        return await client.post(TRIGGER, json={"workflow": workflow, "dry_run": False, "parameters": {"min_score": 0}})

    answer = asked(ask, world, allow_writes=True, **options)
    found: dict[str, Any] = answer.json()
    return found | {"status_code": answer.status_code, "performed": [one["status"] for one in found["plan"]]}


def test_a_choice_made_of_old_rows_is_not_acted_upon() -> None:
    """The busiest project was chosen among those of Linear too, which fails now."""
    found = written(sandbox(rows=20), "project-optimisation", DOWN, "linear", "*", max_age=0)
    assert (found["status_code"], found["failed_step"], found["degraded"]) == (503, "write", True)
    assert "performed" not in found["performed"]


def test_rows_that_were_kept_are_not_acted_upon() -> None:
    """Whoever is to write asks anew, and finds out that the platform is down."""
    found = written(sandbox(rows=20), "lead-qualification", DOWN, "hubspot", "contacts", max_age=3600)
    assert (found["status_code"], found["failed_step"]) == (503, "write")


def test_rows_that_lack_a_part_are_not_acted_upon() -> None:
    """Some of several readings failed: what is known is not the whole."""
    world = sandbox(rows=30)
    world.fault(DOWN, platform="asana", endpoint="tasks", times=1)

    async def ask(client: httpx.AsyncClient) -> httpx.Response:
        return await client.post(TRIGGER, json={"workflow": "project-optimisation", "dry_run": False})

    found = asked(ask, world, allow_writes=True).json()
    assert found["failed_step"] == "write"
    assert {one["status"] for one in found["plan"]} <= {"skipped", "incomplete"}


@pytest.mark.parametrize("fault", ["malformed", "truncate"])
def test_a_write_whose_answer_cannot_be_read_was_not_refused(fault: str) -> None:
    """It may have been done: `refused` would say that it was not."""
    found = written(sandbox(rows=20), "lead-qualification", fault, "hubspot", "create_task")
    assert (found["status_code"], found["performed"][0]) == (503, "failed")


NUMBERS = (10**400, -(10**400), 1e308, float("nan"), float("inf"), True, "1e400", -1)


@pytest.mark.parametrize("value", NUMBERS, ids=[str(value)[:8] for value in NUMBERS])
def test_a_number_that_no_figure_can_hold_is_no_crash(monkeypatch: pytest.MonkeyPatch, value: object) -> None:
    """JSON has numbers of any length; a platform that sends one is no reason for a 500."""
    read = Reader.read

    async def hostile(self: Reader, id: str, /, **given: Any) -> Reading:
        found = await read(self, id, **given)
        return replace(found, records=tuple(_with(row, value) for row in found.records))

    monkeypatch.setattr(Reader, "read", hostile)

    async def ask(client: httpx.AsyncClient) -> set[int]:
        paths = ("analytics", "dashboard", "signals", "crm/pipeline", "leads", "looker/looks", "projects/overview")
        return {(await client.get(f"/api/business/{path}")).status_code for path in paths}

    assert asked(ask, sandbox(rows=3)) == {200}


def _with(row: Any, value: object) -> Any:
    """The row with that in place of every text and number."""
    if isinstance(row, dict):
        return {name: _with(each, value) for name, each in row.items()}
    return [_with(each, value) for each in row] if isinstance(row, list) else value


def test_a_length_that_only_looks_like_a_number_is_no_crash() -> None:
    """Unicode has more digits than HTTP."""
    headers = [(b"content-length", b"\xb2"), (b"content-type", b"application/json")]

    async def ask(client: httpx.AsyncClient) -> int:
        return (await client.post("/api/business/message/preview", content=b"{}", headers=headers)).status_code

    assert asked(ask) == 422
