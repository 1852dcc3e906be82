"""One reader for every mode: the same rows, who answered, when, and whether that was all."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bi_contracts.cassette.sockets import block_sockets
from bi_contracts.errors import ApiError, CassetteMiss, CassetteNotFound, NotFound, RateLimited, Unreachable
from bi_contracts.interaction import Source
from bi_contracts.reading import QUICK, RUN, Bounds, Reader, Reading, _took
from bi_contracts.registry import platform, platforms, target, targets
from bi_contracts.sandbox import Sandbox
from bi_contracts.sandbox.server import running
from bi_contracts.session import Mode, Session, Upstream
from bi_contracts.workspace import Workspace

READS = [one.id for one in targets() if one.endpoint.kind != "write"]


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def read(upstream: Upstream, id: str, /, **wanted: object) -> Reading:
    async def reads() -> Reading:
        async with Reader(upstream) as reader:
            return await reader.read(id, **wanted)  # type: ignore[arg-type]

    return asyncio.run(reads())


@pytest.mark.parametrize("id", READS)
def test_every_endpoint_is_read_from_recordings_without_a_connection(space: Workspace, id: str) -> None:
    """A replay reads what was recorded, and whoever was recorded has answered."""
    with block_sockets() as block:
        found = read(Upstream(space, "replay"), id, max_pages=2)
    assert found.records
    assert found.source is Source.SANDBOX
    assert found.recorded_at is not None
    assert not block.attempts


def test_a_recording_and_who_was_recorded_hold_the_same_rows(space: Workspace) -> None:
    """Rows read fresh = rows read from their recording; an age tells the two apart."""
    sandbox, one = Sandbox(platforms(), rows=7), target("hubspot/owners")
    fresh = Upstream(space, "sandbox", sandbox)
    Session(space, Mode.RECORD, fresh).record(one.platform, one.endpoint)
    now, then = read(fresh, one.id), read(Upstream(space, "replay"), one.id)
    assert [row["id"] for row in now.records] == [row["id"] for row in then.records]
    assert now.age == 0.0
    assert then.age == pytest.approx(time.time() - (then.recorded_at or 0), abs=5)


def test_a_reading_that_stopped_early_says_so(space: Workspace) -> None:
    """What was not read may stand further on: one page of several is not all."""
    upstream = Upstream(space, "sandbox", Sandbox(platforms(), rows=120))
    assert not read(upstream, "gong/calls", max_pages=1).complete
    assert read(upstream, "gong/calls", max_pages=None).complete


def test_a_recording_that_was_cut_off_is_not_complete(space: Workspace) -> None:
    """The first page was recorded and the second was not: there is more than the recording holds."""
    one = target("gong/calls")
    session = Session(space, Mode.RECORD, Upstream(space, "sandbox", Sandbox(platforms(), rows=120)))
    session.record(one.platform, one.endpoint, max_pages=1)
    found = read(Upstream(space, "replay"), one.id, max_pages=None)
    assert len(found.records) == 100
    assert not found.complete


def test_a_replay_never_answers_for_another_thing(space: Workspace) -> None:
    """An item that was not recorded is a miss, whatever else was recorded of its endpoint."""
    with pytest.raises(CassetteMiss, match="gong/call: no recording of a read of it with id=42"):
        read(Upstream(space, "replay"), "gong/call", id="42")


def test_what_was_not_recorded_is_not_found(space: Workspace) -> None:
    """A workspace with a contract of its own has no recording: the reference does not stand in for it."""
    path = space.contract("gong/calls")
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    with pytest.raises(CassetteNotFound, match="bi-contracts record gong/calls"):
        read(Upstream(space, "replay"), "gong/calls")


def test_a_platform_without_any_recording_is_not_replayed(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing recorded is nothing to answer from."""
    monkeypatch.setattr(Workspace, "find_cassette", lambda *_: None)
    with pytest.raises(CassetteNotFound, match="bi-contracts record gong"):
        Upstream(space, "replay").transport(platform("gong"))


def test_narrowing_is_left_to_who_answers(space: Workspace) -> None:
    """It saves work where somebody is asked, and does not stop a replay."""
    upstream = Upstream(space, "sandbox", Sandbox(platforms(), rows=20))
    wanted = {"narrowing": {"fromDateTime": "2030-01-01T00:00:00Z"}}
    assert not read(upstream, "gong/calls", **wanted).records
    assert read(Upstream(space, "replay"), "gong/calls", **wanted).records


def test_a_child_is_read_for_its_first_parent_and_the_parent_once(space: Workspace) -> None:
    """Whoever names no parent gets the first one's rows; ten children ask for it once."""
    sandbox = Sandbox(platforms(), rows=5)

    async def reads() -> list[Reading]:
        async with Reader(Upstream(space, "sandbox", sandbox)) as reader:
            return await asyncio.gather(*(reader.read("slack/history") for _ in range(10)))

    found = asyncio.run(reads())
    assert all(one.records == found[0].records for one in found)
    assert sandbox.requests["slack/conversations"] == 1


def test_a_child_without_a_parent_is_not_found(space: Workspace) -> None:
    """An empty list has no first row to read for."""
    with pytest.raises(NotFound, match="needs a row of slack/conversations"):
        read(Upstream(space, "sandbox", Sandbox(platforms(), rows=0)), "slack/history")


def test_one_client_a_platform_for_the_whole_run(space: Workspace) -> None:
    """One client per run, not per request."""
    upstream = Upstream(space, "sandbox", Sandbox(platforms(), rows=3))

    async def clients() -> set[int]:
        async with Reader(upstream) as reader:
            found = {id(reader.client(platform("gong")))}
            for name in ("gong/users", "gong/calls", "gong/users"):
                await reader.read(name)
                found.add(id(reader.client(platform("gong"))))
            return found

    assert len(asyncio.run(clients())) == 1


def test_the_sandbox_is_read_at_the_time_of_its_rows(space: Workspace) -> None:
    """Its newest rows are days old, and nothing in them lies ahead."""
    upstream = Upstream(space, "sandbox")
    found = read(upstream, "gong/calls", max_pages=None)
    assert found.at == pytest.approx(upstream.sandbox.world.present, abs=60)
    newest = max(row["started"] for row in found.records)
    assert "2026-01-0" in newest


def test_what_goes_wrong_is_said_as_the_client_says_it(space: Workspace) -> None:
    """No answer is no reading."""
    sandbox = Sandbox(platforms(), rows=3)
    sandbox.fault("timeout", platform="gong", times=None)
    with pytest.raises(Unreachable, match="gong/users"):
        read(Upstream(space, "sandbox", sandbox), "gong/users")


def test_a_sandbox_at_a_url_is_read_by_its_own_clock(space: Workspace) -> None:
    """Once it has answered, now is when it says it is: its rows are fresh, though years may have passed here."""
    sandbox = Sandbox(platforms(), rows=3)
    sandbox.clock.freeze(sandbox.world.present)

    async def reads(url: str) -> float:
        async with Reader(Upstream(space, url)) as reader:
            await reader.read("gong/users")
            return reader.now()

    with running(sandbox) as url:
        assert asyncio.run(reads(url)) == pytest.approx(sandbox.world.present, abs=60)


class Watch:
    """A clock that goes on only while somebody sleeps by it."""

    def __init__(self) -> None:
        self.now = 0.0

    def time(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Takes so many seconds, and none of ours."""
        self.now += seconds


def tried(sandbox: Sandbox, bounds: Bounds, ids: list[str], watch: Watch | None = None) -> list[object]:
    """What reads of these endpoints came to, one after the other."""
    watch = watch or Watch()

    async def reads() -> list[object]:
        upstream = Upstream(Workspace(Path("nowhere"), environ={}), "sandbox", sandbox)
        async with Reader(upstream, bounds, clock=watch.time, sleep=watch.sleep) as reader:
            found: list[object] = []
            for id in ids:
                try:
                    found.append(await reader.read(id))
                except (Unreachable, RateLimited, ApiError) as error:
                    found.append(error)
            return found

    return asyncio.run(reads())


def test_a_platform_that_hangs_is_tried_twice_and_fails_at_once_from_then_on() -> None:
    """The same error, with the reason; another platform is none the worse for it."""
    sandbox = Sandbox(platforms(), rows=3)
    sandbox.fault("timeout", platform="gong", times=None)
    found = tried(sandbox, RUN, ["gong/users", "gong/calls", "gong/workspaces", "gong/scorecards", "slack/users"])
    assert [(type(one), one.reason) for one in found[:4] if isinstance(one, Unreachable)] == [
        (Unreachable, "timeout")
    ] * 4
    assert ["not asked again" in str(one) for one in found[:4]] == [False, False, True, True]
    assert isinstance(found[4], Reading)
    assert sum(count for id, count in sandbox.requests.items() if id.startswith("gong/")) == 2


def test_a_rate_limit_is_waited_for_within_one_patience_for_all_reads() -> None:
    """The quick form bears with ten seconds in all, however many endpoints there are."""
    sandbox, watch = Sandbox(platforms(), rows=3), Watch()
    sandbox.fault("rate-limit; retry-after=1", platform="gong", times=None)
    found = tried(sandbox, QUICK, ["gong/users", "gong/calls", "gong/workspaces", "gong/scorecards"], watch)
    assert all(isinstance(one, RateLimited) for one in found)
    assert ["not asked again" in str(one) for one in found] == [False, False, True, True]
    assert watch.now == QUICK.patience


def test_a_platform_that_failed_is_asked_again_after_a_rest() -> None:
    """Whoever comes back is heard, and starts anew."""
    sandbox, watch = Sandbox(platforms(), rows=3), Watch()
    sandbox.fault("timeout", platform="gong", times=2)

    async def reads() -> list[bool]:
        upstream = Upstream(Workspace(Path("nowhere"), environ={}), "sandbox", sandbox)
        async with Reader(upstream, RUN, clock=watch.time) as reader:
            heard = []
            for after in (0.0, 0.0, RUN.rest - 1, 1.0):
                watch.now += after
                try:
                    heard.append(bool(await reader.read("gong/users")))
                except Unreachable:
                    heard.append(False)
            return heard

    assert asyncio.run(reads()) == [False, False, False, True]


def test_a_platform_that_says_no_is_there_and_is_asked_on() -> None:
    """An error in its own words is an answer, and so is a success between two failures."""
    sandbox = Sandbox(platforms(), rows=3)
    sandbox.fault("status=500", platform="gong", times=None)
    found = tried(sandbox, RUN, ["gong/users", "gong/calls", "gong/workspaces"])
    assert not any("not asked again" in str(one) for one in found)


def test_a_reader_without_bounds_tries_every_read() -> None:
    """Whoever has a breaker of their own wants no second one."""
    sandbox = Sandbox(platforms(), rows=3)
    sandbox.fault("timeout", platform="gong", times=None)
    tried(sandbox, Bounds(), ["gong/users"] * 4)
    assert sum(sandbox.requests.values()) == 4


def test_no_more_reads_of_a_platform_go_on_at_a_time_than_allowed(space: Workspace) -> None:
    """Four side by side in a run, and all that is wanted is read."""

    async def peak() -> int:
        now = most = 0
        async with Reader(Upstream(space, "sandbox", Sandbox(platforms(), rows=3)), RUN) as reader:

            async def one() -> None:
                nonlocal now, most
                async with reader.turn("gong/users"):
                    now += 1
                    most = max(most, now)
                    await asyncio.sleep(0)
                    now -= 1

            await asyncio.gather(*(one() for _ in range(20)))
        return most

    assert asyncio.run(peak()) == RUN.at_once


def test_reads_that_wait_at_the_same_time_spend_their_patience_once() -> None:
    """Two waits of one second, side by side, are one second of the platform's patience."""

    async def work() -> float:
        async def soon(_: float) -> None:
            await asyncio.sleep(0)

        upstream = Upstream(Workspace.discover(), "sandbox", Sandbox(platforms(), rows=3))
        async with Reader(upstream, QUICK, clock=lambda: 5.0, sleep=soon) as reader:
            client = reader.client(reader.target("gong/users").platform)
            await asyncio.gather(client._sleep(1.0), client._sleep(1.0))
            return client.patience

    assert asyncio.run(work()) + 1.0 == QUICK.patience


def test_what_is_waited_for_a_rate_limit_makes_no_answer_slow() -> None:
    """An answer takes from its own request to its end, whatever came before; otherwise what the reader measured."""
    answer = httpx.Response(200)
    assert _took(answer, 5.0) == 5.0
    answer.elapsed = timedelta(seconds=0.25)
    assert _took(answer, 5.0) == 0.25
