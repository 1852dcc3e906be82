"""A sync holds what Intercom has, in as few calls as can be."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from bi_contracts.errors import ApiError, ConfigurationError, StoreBusy, StoreError, Unauthorized
from bi_contracts.intercom.store import open_store
from bi_contracts.intercom.sync import Synced, SyncSettings

from .world import DAY, World, said


def test_a_failed_run_began_before_it_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where nobody ever answered: as long before as it took."""
    world = World(tmp_path, 1)
    world.instead = lambda _: said(401, {"errors": [{"code": "unauthorized"}]})
    from bi_contracts.intercom.sync.job import Job

    begun = Job.__init__

    def earlier(self: Job, *arguments: object) -> None:
        begun(self, *arguments)  # type: ignore[arg-type]
        self.began -= 13.2

    monkeypatch.setattr(Job, "__init__", earlier)
    with pytest.raises(Unauthorized):
        world.sync()
    with open_store(world.path) as store:
        run = store.runs(1)[0]
    assert run.ended_at == run.started_at + 13
    assert run.milliseconds >= 13_200


ONE = {"/conversations/search"}


def test_the_first_sync_holds_everything(world: World) -> None:
    """Heads and bodies, all of them whole, and it says so."""
    done = world.sync()
    assert world.ours() == world.theirs()
    assert (done.run.outcome, done.run.kind, done.run.source) == ("done", "incremental", "sandbox")
    assert (done.new, done.run.conversations, done.pending) == (25, 25, 0)


def test_nothing_changed_is_one_call(world: World) -> None:
    """And the next one too."""
    world.sync()
    for _ in range(2):
        world.later(3000)
        assert world.calls(world.sync) == ["/conversations/search"]


def test_what_changed_costs_one_call_each(world: World) -> None:
    """A search, and a body for each conversation that changed."""
    world.sync()
    world.later(100)
    changed = world.ids()[3:5]
    for id in changed:
        world.reply(id)
    world.later(100)
    asked = world.calls(world.sync)
    assert sorted(asked) == sorted(["/conversations/search", *(f"/conversations/{id}" for id in changed)])


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Synced:
    """A first sync of 400 conversations, within 200 calls in 10 s."""
    world = World(tmp_path_factory.mktemp("many"), 400)
    world.sandbox.limits.enforced = True
    world.sandbox.limit("intercom", 200, 10)
    return world.sync()


def test_at_most_1_01_calls_a_conversation(many: Synced) -> None:
    """Of a first sync."""
    assert many.run.conversations == 400
    assert many.calls_each is not None
    assert many.calls_each <= 1.01


def test_the_sync_runs_at_95_percent_of_the_ceiling_without_a_refusal(many: Synced) -> None:
    """The ceiling is the limit, less a head's share of a call for each conversation."""
    assert (many.run.refused, many.limit) == (0, 200)
    assert many.rate >= 0.95 * 20 * 150 / 151


def test_only_the_newest_are_synced_where_a_limit_is_given(world: World) -> None:
    """Exactly so many, and the same again where nothing changed."""
    settings = SyncSettings(max_conversations=7, concurrency=8)
    done = world.sync(settings)
    assert set(world.ours()) == set(world.newest()[:7])
    assert done.run.conversations == 7
    assert set(world.calls(lambda: world.sync(settings))) == ONE
    assert len(world.ours()) == 7


def test_a_limited_sync_covers_only_what_it_read(world: World) -> None:
    """The next one without a limit finds the rest."""
    world.sync(SyncSettings(max_conversations=7, concurrency=8))
    world.sync()
    assert world.ours() == world.theirs()


def test_a_limit_holds_for_changes_too(world: World) -> None:
    """The newest of those, and the cursor waits for the others."""
    world.sync()
    world.later(2000)
    for id in world.ids()[:6]:
        world.reply(id)
        world.later(10)
    done = world.sync(SyncSettings(max_conversations=2, concurrency=8))
    assert done.run.conversations == 2
    world.sync()
    assert world.ours() == world.theirs()


def test_days_are_counted_by_intercoms_clock(world: World) -> None:
    """Only what was updated since, and only that is said to be covered."""
    now, newest = int(world.sandbox.now()), world.newest()
    moments = {id: world.get(id)["updated_at"] for id in newest}
    days = (now - moments[newest[9]] + 60) / DAY
    done = world.sync(SyncSettings(days=days, concurrency=8))
    wanted = {id for id in newest if moments[id] > now - days * DAY}
    assert set(world.ours()) == wanted
    assert 10 <= len(wanted) < 25
    assert done.coverage[0].lo >= now - days * DAY - 1


def test_going_back_further_reads_only_what_is_missing(world: World) -> None:
    """What is held already is not asked for again."""
    newest = world.newest()
    since = world.get(newest[9])["updated_at"] - 1
    world.sync(SyncSettings(since=since, concurrency=8))
    first = set(world.ours())
    asked = world.calls(lambda: world.sync(SyncSettings(since=0, concurrency=8)))
    assert world.ours() == world.theirs()
    assert not {f"/conversations/{id}" for id in first} & set(asked)
    assert world.calls(world.sync) == ["/conversations/search"]


def test_a_full_sync_reads_heads_again_and_no_body(world: World) -> None:
    """Unless it changed."""
    world.sync()
    world.later(3000)
    done = world.sync(SyncSettings(full=True, concurrency=8))
    assert (done.run.kind, done.run.conversations, done.changed) == ("full", 0, False)
    assert world.ours() == world.theirs()


def test_a_full_sync_that_was_interrupted_is_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its windows that are done are not read again."""
    from bi_contracts.intercom.sync import backfill

    monkeypatch.setattr(backfill, "SHARD", 4)
    monkeypatch.setattr(backfill, "AT_ONCE", 1)
    world, searches = World(tmp_path, 160), 0
    world.sync()
    full = SyncSettings(full=True, concurrency=8)
    whole = world.calls(lambda: world.sync(full)).count("/conversations/search")

    def cut(request: httpx.Request) -> httpx.Response | None:
        nonlocal searches
        searches += request.url.path == "/conversations/search"
        return said(401, {"errors": [{"code": "unauthorized"}]}) if searches > 4 else None

    world.instead = cut
    with pytest.raises(Unauthorized):
        world.sync(full)
    world.instead = lambda _: None
    with open_store(world.path) as store:
        done = [shard.done for shard in store.shards("full")]
    assert (any(done), all(done)) == (True, False)
    asked = world.calls(lambda: world.sync(full))
    # Neither the newest page, nor where the oldest begins, nor the windows that are done.
    assert asked.count("/conversations/search") == whole - 2 - sum(done)
    assert world.ours() == world.theirs()


def test_refetching_asks_for_nothing_else(world: World) -> None:
    """For `verify --repair`."""
    world.sync()
    ids = world.ids()[:3]
    asked = world.calls(lambda: world.refetch(ids))
    assert sorted(set(asked) - {"/me"}) == sorted(f"/conversations/{id}" for id in ids)


def test_progress_says_rate_and_what_is_left(world: World) -> None:
    """Heads, conversations, and that it is done."""
    world.sync()
    phases = [step.phase for step in world.steps]
    assert phases[-1] == "done"
    assert {"heads", "conversations"} <= set(phases)
    last = [step for step in world.steps if step.phase == "conversations"][-1]
    assert (last.done, last.total, last.calls >= 25) == (25, 25, True)
    assert last.budget_remaining is not None


def test_a_store_of_another_source_is_refused(world: World) -> None:
    """Made-up conversations never go among real ones."""
    with open_store(world.path) as store, store.batch() as batch:
        batch.meta("source", "live")
    with pytest.raises(StoreError, match="was synced from live, not from sandbox"):
        world.sync()
    assert world.ours() == {}


def test_a_store_of_another_workspace_is_refused(world: World) -> None:
    """A token may be of another one than the last time."""
    world.sync()
    with open_store(world.path) as store, store.batch() as batch:
        batch.meta("workspace", "elsewhere")
        batch.connection.exec_driver_sql("UPDATE conversations SET head_digest = 'other'")
    with pytest.raises(StoreError, match="holds the workspace elsewhere"):
        world.sync()


def test_a_second_sync_says_who_holds_the_lease(world: World) -> None:
    """And does nothing."""
    with open_store(world.path) as store, store.lease(who="night shift"), pytest.raises(StoreBusy, match="night shift"):
        world.sync()
    assert world.asked == []


def test_a_second_sync_waits_where_it_is_told_to(world: World) -> None:
    """Until the lease is free, without keeping others waiting."""
    import asyncio

    async def work() -> Synced:
        with open_store(world.path) as store:
            lease = store.lease()
            asyncio.get_running_loop().call_later(3.0, lease.release)
            return await world.synced(store, SyncSettings(wait=10.0, concurrency=8))

    assert world.run(work).run.outcome == "done"


def test_a_lost_lease_ends_the_sync_before_it_writes(world: World) -> None:
    """Somebody else took it: nothing more is written."""
    taken: list[int] = []

    def take(_: httpx.Request) -> None:
        if len(world.asked) == 12:
            with open_store(world.path) as store, store.writing() as connection:
                connection.exec_driver_sql("UPDATE leases SET holder = 'a/1/b', who = 'another'")
            taken.append(len(world.ours()))

    world.before = take
    with pytest.raises(StoreBusy, match="another"):
        world.sync()
    assert "pending" in world.ours().values()


def test_a_refused_token_ends_the_sync_and_keeps_what_was_written(world: World) -> None:
    """The next sync goes on from there."""

    def refuse(request: httpx.Request) -> httpx.Response | None:
        late = len(world.asked) > 15 and request.url.path != "/me"
        return (
            said(401, {"type": "error.list", "errors": [{"code": "unauthorized", "message": "no"}]}) if late else None
        )

    world.instead = refuse
    with pytest.raises(Unauthorized) as raised:
        world.sync()
    assert raised.value.exit_code == 3
    kept = {id for id, digest in world.ours().items() if digest != "pending"}
    assert kept
    with open_store(world.path) as store:
        assert (store.runs(1)[0].outcome, store.runs(1)[0].ended_at is not None) == ("partial", True)
    world.instead = lambda _: None
    asked = world.calls(world.sync)
    assert world.ours() == world.theirs()
    assert not {f"/conversations/{id}" for id in kept} & set(asked)


def test_a_conversation_that_may_not_be_read_is_left_for_later(world: World) -> None:
    """403 for one is no reason to lose the others; the run says that it is not whole."""
    locked = world.ids()[4]

    def refuse(request: httpx.Request) -> httpx.Response | None:
        mine = request.url.path == f"/conversations/{locked}"
        return said(403, {"errors": [{"code": "forbidden"}]}) if mine else None

    world.instead = refuse
    done = world.sync()
    assert (done.run.outcome, done.pending) == ("partial", 1)
    world.instead = lambda _: None
    world.sync()
    assert world.ours() == world.theirs()


def test_a_server_that_stays_down_ends_the_sync(world: World) -> None:
    """After calls that were tried again a few times each; what failed is counted."""
    world.instead = lambda request: said(503) if request.method == "GET" and request.url.path != "/me" else None
    with pytest.raises(ApiError):
        world.sync()
    with open_store(world.path) as store:
        run = store.runs(1)[0]
    assert run.outcome == "partial"
    assert run.retried >= 50
    world.instead = lambda _: None
    world.sync()
    assert world.ours() == world.theirs()


def test_a_run_that_never_ended_is_told_as_interrupted(world: World) -> None:
    """Whoever holds the lease next knows that it is dead."""
    world.sync()
    with open_store(world.path) as store, store.writing() as connection:
        connection.exec_driver_sql("UPDATE runs SET outcome = 'running', ended_at = NULL")
    world.sync()
    with open_store(world.path) as store:
        assert [(run.outcome, run.interrupted) for run in store.runs(5)] == [("done", False), ("failed", True)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"days": 3, "since": 5},
        {"days": 0},
        {"max_conversations": -1},
        {"concurrency": 0},
        {"overlap": -1},
        {"region": "mars"},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    """Before anything is asked."""
    with pytest.raises(ConfigurationError, match="sync: "):
        SyncSettings(**wrong)  # type: ignore[arg-type]
