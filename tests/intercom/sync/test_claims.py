"""Nothing is said to be covered that was not read, and no cursor stands behind what was never shown."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from email.utils import formatdate
from pathlib import Path

import httpx
import pytest

from bi_contracts.errors import ApiError, Unauthorized
from bi_contracts.intercom.store import open_store
from bi_contracts.intercom.store.values import Range
from bi_contracts.intercom.sync import SyncSettings, backfill

from .world import DAY, Json, World, said

LIMITED = SyncSettings(max_conversations=6, concurrency=8)


def searching(world: World, answered: Callable[[list[Json], int], tuple[list[Json], int]], date: float = 0.0) -> None:
    """Lets searches give the rows of their window, newest first, as `answered` changes these and their number."""

    found = [world.get(id) for id in world.ids()]
    heads = sorted(found, key=lambda row: -row["updated_at"])

    def instead(request: httpx.Request) -> httpx.Response | None:
        if request.url.path != "/conversations/search":
            return None
        query = json.loads(request.content)
        above, *below = [one["value"] for one in query["query"]["value"]]
        rows = [row for row in heads if above < row["updated_at"] < (below[0] if below else above + 10**12)]
        page, total = answered(rows, query["pagination"]["per_page"])
        told = formatdate(world.sandbox.now() + date, usegmt=True)
        return said(200, {"conversations": page, "total_count": total, "pages": {}}, date=told)

    world.instead = instead


def unheld(world: World, covered: Sequence[Range]) -> set[str]:
    """Conversations that are said to be covered and are not held."""
    moments = {id: world.get(id)["updated_at"] for id in world.ids()}
    within = {id for id, at in moments.items() if any(one.lo < at <= one.hi for one in covered)}
    return within - set(world.ours())


def test_a_limited_sync_takes_the_newest_of_a_page_without_order(world: World) -> None:
    """A window that had to be halved is whole, and in any order."""
    searching(world, lambda rows, size: ((rows[::-1] if len(rows) <= size else rows[-size:][::-1]), len(rows)))
    done = world.sync(LIMITED)
    assert set(world.ours()) == set(world.newest()[:6])
    assert done.coverage
    assert unheld(world, done.coverage) == set()


def test_a_limited_sync_covers_nothing_below_what_it_was_not_given(world: World) -> None:
    """One piece that is short of rows is not made good by the next ones."""
    hidden = world.newest()[1]

    def answered(rows: list[Json], size: int) -> tuple[list[Json], int]:
        given = [row for row in rows if row["id"] != hidden]
        return (given[:size][::-1], len(rows))

    searching(world, answered)
    done = world.sync(SyncSettings(max_conversations=12, concurrency=8))
    assert hidden not in world.ours()
    assert unheld(world, done.coverage) == set()


def test_a_page_of_one_second_does_not_show_that_the_newest_came_first(tmp_path: Path) -> None:
    """A search that begins with the oldest, many of them of one second, is found out."""
    world = World(tmp_path, 170)
    old = set(world.newest()[5:])

    def answered(rows: list[Json], size: int) -> tuple[list[Json], int]:
        return rows[::-1][:size], len(rows)

    get = world.get
    world.get = lambda id: get(id) | ({"updated_at": 1_500_000_000} if id in old else {})  # type: ignore[method-assign]
    searching(world, answered)
    done = world.sync()
    assert unheld(world, done.coverage) == set()


@pytest.mark.parametrize("most", [0, 3, 1000])
def test_the_second_of_the_last_answer_is_not_over(world: World, most: int) -> None:
    """What changes in it after the answer was not read, and is not said to be covered."""
    settings = SyncSettings(max_conversations=most, concurrency=8)
    for _ in range(2):
        done = world.sync(settings)
        world.seconds = int(world.seconds)
        last = max(one.hi for one in done.coverage)
        assert done.run.started_at - 2 <= last < int(world.sandbox.now())
        world.later(5)


def test_what_an_error_quotes_of_somebody_is_not_kept(world: World) -> None:
    """Intercom's own words of an error stand in the run, and nobody's address."""
    refused = {"type": "error.list", "errors": [{"code": "odd", "message": "no: ann@customers.example is known"}]}
    world.instead = lambda request: said(400, refused) if request.url.path == "/conversations/search" else None
    with pytest.raises(ApiError):
        world.sync()
    with open_store(world.path) as store:
        assert "no: (address) is known" in store.runs(1)[0].error


def test_an_empty_workspace_is_looked_at_from_its_beginning(tmp_path: Path) -> None:
    """Whatever time it was said to be there when it was empty."""
    world = World(tmp_path)
    kept: list[str] = []
    ids = world.ids
    world.ids = lambda: kept  # type: ignore[method-assign]
    searching(world, lambda rows, size: (rows[:size], len(rows)), date=DAY)
    world.sync()
    kept += ids()
    world.instead = lambda _: None
    world.sync()
    assert world.ours() == world.theirs()


def test_a_full_sync_goes_on_below_one_of_a_few_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left of that one is not all of this one."""
    monkeypatch.setattr(backfill, "SHARD", 20)
    world, searches = World(tmp_path, 400), 0
    world.sync()
    moments = sorted(world.get(id)["updated_at"] for id in world.ids())
    lost = min(world.ids(), key=lambda id: world.get(id)["updated_at"])

    def cut(request: httpx.Request) -> httpx.Response | None:
        nonlocal searches
        searches += request.url.path == "/conversations/search"
        return said(401, {"errors": [{"code": "unauthorized"}]}) if searches > 5 else None

    world.instead = cut
    with pytest.raises(Unauthorized):
        world.sync(SyncSettings(full=True, since=moments[200], concurrency=8))
    world.instead = lambda _: None
    with open_store(world.path) as store, store.writing() as connection:
        assert store.shards("full")
        connection.exec_driver_sql(f"UPDATE conversations SET seen_at = 0, head_digest = '' WHERE id = '{lost}'")
    world.sync(SyncSettings(full=True, concurrency=8))
    with open_store(world.path) as store:
        assert store.known([lost])[lost].seen_at == moments[0]
