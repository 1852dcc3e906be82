"""Two syncs of one store, one that died, and clocks that are wrong."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

import pytest

from bi_contracts.errors import StoreBusy
from bi_contracts.intercom.store import open_store
from bi_contracts.intercom.sync import Synced, SyncSettings

from .workspace import Workspace

DAY = 86_400


async def _together(workspace: Workspace, settings: SyncSettings) -> list[Synced | BaseException]:
    with open_store(workspace.path) as one, open_store(workspace.path) as other:
        both = workspace.synced(one, settings), workspace.synced(other, settings)
        return list(await asyncio.gather(*both, return_exceptions=True))


def test_two_syncs_at_once_write_once(workspace: Workspace) -> None:
    """The second says who is at it and writes nothing; each conversation is fetched by one of them alone."""
    workspace.sync()
    for id in workspace.ids():
        workspace.reply(id)
    before = workspace.count("/conversations/")
    workspace.seconds += 60
    done = workspace.run(lambda: _together(workspace, workspace.settings))
    (refused,) = [one for one in done if isinstance(one, StoreBusy)]
    assert str(os.getpid()) in str(refused)
    (synced,) = [one for one in done if isinstance(one, Synced)]
    assert synced.run.conversations == len(workspace.ids())
    assert workspace.count("/conversations/") - before <= len(workspace.ids()) + 3
    assert workspace.ours() == workspace.theirs()


def test_a_second_sync_can_wait_for_the_first(workspace: Workspace) -> None:
    """Then both end well, one after the other, and the second finds nothing to do."""
    settings = SyncSettings(version="2.16", concurrency=3, wait=3600)
    done = workspace.run(lambda: _together(workspace, settings))
    assert sorted(one.run.conversations for one in done) == [0, len(workspace.ids())]
    assert workspace.ours() == workspace.theirs()


HOLDER = """
import os, signal, sys
from bi_contracts.intercom.store import open_store
store = open_store(sys.argv[1])
store.lease(ttl=3600)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(os.name == "nt", reason="whether a process lives is not asked there")
def test_a_holder_that_was_killed_holds_nobody_up(workspace: Workspace) -> None:
    """Its lease had an hour to go: the process is gone, so the next sync begins at once."""
    subprocess.run([sys.executable, "-c", HOLDER, str(workspace.path)], check=False)
    assert workspace.sync().run.outcome == "done"
    assert workspace.ours() == workspace.theirs()


@pytest.mark.parametrize("after", [59, 61])
def test_a_lease_of_a_dead_machine_ends(workspace: Workspace, after: int) -> None:
    """Nobody can ask another machine whether a process lives: its lease lasts as long as it said, and no longer."""
    now = [1_700_000_000.0]
    with open_store(workspace.path, now=lambda: now[0]) as store:
        lease = store.lease(ttl=60)
        with store.writing() as connection:
            connection.exec_driver_sql("UPDATE leases SET holder = 'elsewhere/1/77/x', who = 'elsewhere'")
        now[0] += after
        if after > lease.ttl:
            assert workspace.run(lambda: workspace.synced(store)).run.outcome == "done"
        else:
            with pytest.raises(StoreBusy, match="elsewhere"):
                workspace.run(lambda: workspace.synced(store))


@pytest.mark.parametrize("off", [-DAY, DAY])
def test_this_machines_clock_can_be_off_by_a_day(workspace: Workspace, off: float) -> None:
    """Times that are kept are Intercom's: nothing is lost, nothing is asked for twice, the last day is the last day."""
    skewed = Skewed(workspace, off)
    skewed.sync()
    for id in workspace.ids()[:5]:
        workspace.reply(id)
    workspace.seconds += 60
    assert skewed.sync().run.conversations == 5
    assert workspace.ours() == workspace.theirs()
    before = len(workspace.asked)
    skewed.sync()
    assert len(workspace.asked) == before + 1


class Skewed:
    """Syncs of a workspace from a machine whose clock is so many seconds off Intercom's."""

    def __init__(self, workspace: Workspace, off: float) -> None:
        self.workspace, self.off = workspace, off

    def sync(self, settings: SyncSettings | None = None) -> Synced:
        begin = self.workspace.sandbox.world.present + self.off
        with open_store(self.workspace.path, now=lambda: begin + self.workspace.seconds) as store:
            done: Synced = self.workspace.run(lambda: self.workspace.synced(store, settings))
            return done


@pytest.mark.parametrize("off", [-DAY, DAY])
def test_the_last_days_are_intercoms(workspace: Workspace, off: float) -> None:
    """What `days` asks for is counted from the time at Intercom, whatever time it is here."""
    workspace.seconds += 30 * DAY
    for id in workspace.ids()[:4]:
        workspace.reply(id)
    workspace.seconds += DAY * 1.5
    for id in workspace.ids()[2:5]:
        workspace.reply(id)
    Skewed(workspace, off).sync(SyncSettings(version="2.16", days=1, concurrency=3))
    assert set(workspace.ours()) == set(workspace.ids()[2:5])


@pytest.mark.parametrize("off", [-DAY, DAY])
def test_intercoms_own_clock_can_jump(workspace: Workspace, off: float) -> None:
    """`Date` is off by a day for one sync: the next ones, by the right time, still lose nothing."""
    workspace.seconds += 5 * DAY
    workspace.sandbox.rule(f"intercom/*: clock-skew={off}")
    workspace.sync()
    workspace.sandbox.faults.clear()
    for id in workspace.ids()[:5]:
        workspace.reply(id)
    workspace.seconds += 60
    workspace.sync()
    assert workspace.ours() == workspace.theirs()
