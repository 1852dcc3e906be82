"""Syncs for a model: begun, joined, told about, refused, ended with the server."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from mcp import Client

from bi_contracts.intercom.server.orders import Order, cannot_sync, heard
from bi_contracts.intercom.server.syncing import worker
from bi_contracts.intercom.server.triggering import failed
from bi_contracts.intercom.store import open_store
from bi_contracts.platforms.intercom import PLATFORM

from .worlds import NOW, answer, asked, saying, told, tools, words

RUN = (
    '{"kind": "incremental", "source": "live", "started_at": 1700000000, "ended_at": 1700000002, "outcome": "done",'
    ' "milliseconds": 2500, "calls": 12, "conversations": 7, "parts": 30}'
)
DONE = f"say(done=dict(run={RUN}, written=dict(new=5, updated=2, unchanged=1), pending=0, heads=8, warnings=['slow']))"
STEPS = (
    "for phase, n in (('heads', 1), ('heads', 2), ('conversations', 1), ('conversations', 7)):\n"
    " say(step=dict(phase=phase, done=n, total=7, rate=2.0, eta=3.0))\n"
)


def test_a_sync_tells_its_progress_and_answers_figures(served: Path, tmp_path: Path) -> None:
    """Progress never goes back, and what it came to was counted."""
    seen: list[tuple[float, float | None, str | None]] = []
    mark = tmp_path / "heard"

    async def ask(client: Client) -> Any:
        async def heard(done: float, total: float | None, message: str | None) -> None:
            seen.append((done, total, message))
            mark.touch()

        return await client.call_tool("sync_conversations", {"wait_seconds": 60}, progress_callback=heard)

    result = asked(served, ask, start=saying(f"{STEPS}until({str(mark)!r})\n{DONE}"))
    synced = result.structured_content
    assert (synced["state"], synced["joined"], synced["found"], synced["written"]) == ("done", False, 8, 7)
    assert synced["sync"]["calls"] == 12
    assert synced["warnings"] == ["slow"]
    told_of = [done for done, _, _ in seen]
    assert told_of == sorted(set(told_of))
    assert "of 7" in (seen[0][2] or "")


def test_a_sync_that_takes_longer_goes_on_and_is_joined(served: Path, tmp_path: Path) -> None:
    """The first call does not wait, the last one waits for the same sync."""
    mark = tmp_path / "go on"

    async def ask(client: Client) -> Any:
        first = await client.call_tool("sync_conversations", {"wait_seconds": 0})
        while first.structured_content["progress"] is None:
            first = await client.call_tool("sync_conversations", {"wait_seconds": 0.05})
        meanwhile = await client.call_tool("get_sync_status", {})
        mark.touch()
        last = await client.call_tool("sync_conversations", {"wait_seconds": 60})
        return first.structured_content, meanwhile.structured_content, last.structured_content

    script = f"say(step=dict(phase='heads', done=1, total=9, rate=1.0, eta=8.0)); until({str(mark)!r}); {DONE}"
    first, meanwhile, last = asked(served, ask, start=saying(script))
    assert (first["state"], first["progress"]["phase"]) == ("running", "heads")
    assert "get_sync_status" in first["how_to_go_on"]
    assert meanwhile["running"] is True
    assert meanwhile["progress"]["total"] == 9
    assert (last["state"], last["joined"]) == ("done", True)


def test_the_arguments_reach_the_sync(served: Path) -> None:
    """Together with the settings of the server."""
    echo = "order=json.loads(sys.stdin.readline()); say(failed=dict(kind='X', message=json.dumps(order['settings'])))"
    arguments = {"since": "2d", "max_conversations": 9, "full": True}
    said = words(served, "sync_conversations", arguments, start=saying(echo), settings={"region": "eu"})
    assert f'{{"region": "eu", "since": {NOW - 2 * 86400}, "max_conversations": 9, "full": true}}' in said


def test_a_lease_of_somebody_else_is_respected(served: Path) -> None:
    """It is said who holds it and for how long."""
    busy = "say(failed=dict(kind='StoreBusy', message='in use', holder='desk, process 7', expires_in=41.2))"
    said = words(served, "sync_conversations", start=saying(busy))
    assert "desk, process 7" in said
    assert "41 s" in said


def test_a_sync_that_dies_is_told_as_such(served: Path) -> None:
    """Without a word, with nonsense on its way, or not started at all: the server goes on."""

    async def never(_order: Order) -> Any:
        raise OSError("no such program")

    assert "ended with 3" in words(served, "sync_conversations", start=saying("sys.exit(3)"))
    assert "ended with 0" in words(served, "sync_conversations", start=saying("print('nonsense'); print('[1]')"))
    assert "cannot be run" in words(served, "sync_conversations", start=never)


def test_a_server_that_cannot_sync_serves_and_says_so(served: Path) -> None:
    """Why, in words; the store is served all the same."""
    why = cannot_sync("live", {})
    assert "INTERCOM_ACCESS_TOKEN" in why
    assert cannot_sync("live", dict.fromkeys(PLATFORM.auth.variables, "x")) == cannot_sync("sandbox", {}) == ""
    assert "INTERCOM_ACCESS_TOKEN" in words(served, "sync_conversations", why_not=why)
    status = answer(served, "get_sync_status", why_not=why)
    assert (status["can_sync"], status["why_not"]) == (False, why)
    assert answer(served, "search_conversations", {"query": "refund"}, why_not=why)["conversations"]


def test_days_and_since_contradict_each_other(served: Path) -> None:
    """Nothing is started."""
    assert "not both" in words(served, "sync_conversations", {"days": 1, "since": "2d"})


def test_the_holder_of_the_lease_is_told(tmp_path: Path) -> None:
    """Whoever syncs, with what program ever."""
    path = tmp_path / "store.db"
    with open_store(path) as store, store.lease(who="somebody's desk"):
        status = told(path, "get_sync_status").structured_content
    assert (status["running"], status["holder"]) == (True, "somebody's desk")
    assert status["holder_expires_in"] > 0


def test_a_server_that_ends_ends_its_sync(served: Path, tmp_path: Path) -> None:
    """The end of its stdin tells the sync to end between two batches."""
    mark = tmp_path / "ended"
    script = f"sys.stdin.readline(); say(step=dict(phase='heads', done=1)); sys.stdin.read(); open({str(mark)!r}, 'w')"

    async def run() -> None:
        with tools(served, start=saying(script)) as found:
            job, _ = found.syncing.begin(Order("", ""))
            while not job.step:
                await asyncio.sleep(0.01)
            await found.syncing.aclose()
            assert job.failed is not None

    asyncio.run(run())
    assert mark.exists()


def test_a_process_that_is_only_being_started_is_ended_too(served: Path) -> None:
    """However often the server is told to end meanwhile: no child is left that nobody waits for."""
    started: list[Any] = []

    async def slowly(order: Order) -> Any:
        started.append(await saying("sys.stdin.read()")(order))
        await asyncio.sleep(0.3)
        return started[0]

    async def run() -> None:
        with tools(served, start=slowly) as found:
            job, _ = found.syncing.begin(Order("", ""))
            assert job.task is not None
            while not started:
                await asyncio.sleep(0.01)
            ending = asyncio.ensure_future(found.syncing.aclose())
            for _ in range(3):
                await asyncio.sleep(0.05)
                job.task.cancel()
            await ending

    asyncio.run(run())
    assert started[0].returncode == 0


def test_how_a_sync_failed_is_told_in_words() -> None:
    """For a model that can do nothing about it but say so."""
    assert "cannot sync" in failed({"kind": "CredentialsMissing", "message": "no token"})
    assert "goes on from there" in failed({"kind": "Cancelled"})
    assert "held still" in failed({"kind": "Unauthorized", "message": "401"})


def test_a_sync_that_has_just_begun_is_told_before_there_is_a_store(tmp_path: Path) -> None:
    """Nothing is held yet, and nothing is known of it."""
    synced = answer(tmp_path / "no.db", "sync_conversations", {"wait_seconds": 0}, start=saying("time.sleep(9)"))
    assert synced["state"] == "running"
    assert synced["freshness"]["source"] == "none"
    assert synced["coverage"]["complete"] is False


def test_the_process_that_syncs_is_one_of_this_package(tmp_path: Path) -> None:
    """It reads its order from stdin, and what it says is no text of the log."""

    async def run() -> dict[str, Any]:
        process = await worker(Order(str(tmp_path / "s.db"), str(tmp_path), "sandbox", {"days": 1, "since": 5}))
        said, _ = await process.communicate()
        return heard(said)

    assert "not both" in asyncio.run(run())["failed"]["message"]
