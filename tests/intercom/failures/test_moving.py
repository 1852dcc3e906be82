"""Nothing that changes while it is read is lost: one more sync, once all is quiet, holds what Intercom holds."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from bi_contracts.intercom.store import open_store
from bi_contracts.intercom.store.values import Query
from bi_contracts.intercom.sync import SyncSettings

from .workspace import Workspace

DELETING = SyncSettings(version="2.16", concurrency=6)

Deed = Callable[[Workspace, str, random.Random], object]


def _merge(workspace: Workspace, _: str, chance: random.Random) -> None:
    leads, users = workspace.contacts("lead"), workspace.contacts("user")
    if leads:
        workspace.merge(chance.choice(leads), chance.choice(users))


def _redact(workspace: Workspace, id: str, _: random.Random) -> None:
    parts = workspace.get(id)["conversation_parts"]["conversation_parts"]
    if any(part["body"] and not part["redacted"] for part in parts):
        workspace.redact(id)


DEEDS: dict[str, Deed] = {
    "reply": lambda workspace, id, _: workspace.reply(id),
    "close": lambda workspace, id, _: workspace.close(id),
    "redact": _redact,
    "create": lambda workspace, *_: workspace.create(),
    "delete": lambda workspace, id, _: workspace.delete(id),
    "merge": _merge,
}


class Busy:
    """Somebody who does things between the requests of a sync, several of them in one second."""

    def __init__(self, workspace: Workspace, chance: random.Random, deeds: dict[str, Deed], share: float) -> None:
        self.workspace, self.chance, self.deeds, self.share = workspace, chance, deeds, share
        self.done = 0

    def __call__(self, _: httpx.Request) -> None:
        while self.done < 60 and self.chance.random() < self.share:
            self.done += 1
            ids = self.workspace.ids()
            name = self.chance.choice(list(self.deeds))
            if len(ids) > 8 or name not in ("delete",):
                self.deeds[name](self.workspace, self.chance.choice(ids), self.chance)


def agreed(workspace: Workspace) -> None:
    """A last sync leaves exactly what Intercom has, and another one finds nothing to do."""
    done = workspace.settled()
    assert workspace.ours() == workspace.theirs()
    assert (done.run.outcome, done.pending, done.dead, done.drift) == ("done", 0, (), ())
    before = len(workspace.asked)
    assert not workspace.sync().changed
    assert {path for _, path in workspace.asked[before:]} == {"/conversations/search"}


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.usefixtures("small_pages")
def test_no_update_is_lost_while_a_workspace_is_busy(seed: int, tmp_path: Path) -> None:
    """Replies, redactions, deletions, merges and new conversations between any two requests, index behind or not."""
    chance = random.Random(seed)
    workspace = Workspace(tmp_path, 14 + seed % 3 * 5, settings=DELETING)
    if seed % 2:
        lag = chance.choice([1, 5, 60, 300])
        workspace.sandbox.rule(f"intercom/conversations_search: index-lag={lag}")
    workspace.before = Busy(workspace, chance, DEEDS, share=0.3)
    for _ in range(3):
        workspace.sync()
        workspace.seconds += chance.choice([0, 1, 30, 400])
    agreed(workspace)


@pytest.mark.parametrize("lag", [1, 299, 300])
@pytest.mark.usefixtures("small_pages")
def test_an_index_that_is_behind_loses_nothing(lag: int, workspace: Workspace) -> None:
    """Updates whose old version a search still shows are found later, though newer ones were seen before."""
    workspace.sync()
    workspace.sandbox.rule(f"intercom/conversations_search: index-lag={lag}")
    for number, id in enumerate(workspace.ids()):
        if number % 3:
            workspace.reply(id)
        workspace.seconds += lag / 6
        workspace.sync()
    workspace.seconds += lag
    workspace.sync()
    assert workspace.ours() == workspace.theirs()


@pytest.mark.usefixtures("small_pages")
def test_updates_of_one_second_are_told_apart(workspace: Workspace) -> None:
    """While all of them change in one second, a page at a time; some of them twice, before and after they are read."""

    def hurry(request: httpx.Request) -> None:
        if request.url.path.startswith("/conversations/") and workspace.seconds < 3:
            for id in workspace.ids():
                workspace.close(id)

    workspace.before = hurry
    workspace.sync()
    agreed(workspace)


@pytest.mark.parametrize("update", ["reply", "close", "redact"])
@pytest.mark.parametrize("wait", [0, 5])
def test_a_conversation_can_change_between_search_and_get(workspace: Workspace, update: str, wait: int) -> None:
    """In the same second or later: what the next sync holds is what it became."""
    target = workspace.ids()[4]

    def change(request: httpx.Request) -> None:
        if request.url.path.endswith(target):
            workspace.before = lambda _: None
            workspace.seconds += wait
            DEEDS[update](workspace, target, random.Random(0))

    workspace.before = change
    workspace.sync()
    assert workspace.before is not change
    agreed(workspace)


@pytest.mark.parametrize("wait", [0, 1, 1000])
def test_a_conversation_can_change_right_after_it_was_read(workspace: Workspace, wait: int) -> None:
    """Within the second of its own last change, which no time tells apart, or later."""
    target = workspace.ids()[4]
    workspace.sync()
    workspace.reply(target, "First")

    async def twice() -> None:
        with open_store(workspace.path) as store:
            await workspace.synced(store)
            workspace.reply(target, "Second")

    workspace.run(twice)
    workspace.seconds += wait
    workspace.sync()
    assert "Second" in workspace.told(target)
    agreed(workspace)


def at_the(number: int, workspace: Workspace, deed: Callable[[], object]) -> list[object]:
    """Lets something happen at the n-th request of the next sync; gives what it gave, when it has happened."""
    before, done = len(workspace.asked), list[object]()

    def hook(_: httpx.Request) -> None:
        if len(workspace.asked) == before + number:
            done.append(deed())

    workspace.before = hook
    return done


@pytest.mark.parametrize("when", [1, 2, 4, 9, 14])
@pytest.mark.parametrize("version", ["2.16", "2.11"])
def test_what_is_deleted_in_the_middle_is_gone(workspace: Workspace, when: int, version: str) -> None:
    """Whatever was read of it before: no word of it is held, and the tombstone stays one. By list or by comparing."""
    settings = SyncSettings(version=version, concurrency=3)
    target = workspace.ids()[-2]
    done = at_the(when, workspace, lambda: workspace.delete(target))
    workspace.sync(settings)
    assert done
    workspace.seconds += 2000
    workspace.sync(SyncSettings(version=version, concurrency=3, reconcile=version == "2.11"))
    assert not workspace.told(target).strip()
    assert target not in workspace.ours()
    agreed(workspace)


@pytest.mark.parametrize("when", [2, 5, 9, 14])
def test_what_is_redacted_in_the_middle_is_gone(workspace: Workspace, when: int) -> None:
    """Words that were read before they were redacted are held no more, nor found."""
    target = workspace.ids()[3]
    done = at_the(when, workspace, lambda: workspace.redact(target))
    workspace.sync()
    workspace.settled()
    (words,) = done
    assert str(words) not in workspace.told(target)
    with open_store(workspace.path) as store:
        found = store.search(Query(f'"{words}"'))
    assert target not in [hit.id for hit in found.hits]
    agreed(workspace)


@pytest.mark.parametrize("when", [2, 5, 9, 14])
def test_contacts_that_become_one_in_the_middle_are_one(workspace: Workspace, when: int) -> None:
    """Conversations of the lead are the user's; who asks for the lead finds the user."""
    named = {contact["id"] for id in workspace.ids() for contact in workspace.get(id)["contacts"]["contacts"]}
    lead = next(id for id in workspace.contacts("lead") if id in named)
    user = workspace.contacts("user")[0]
    done = at_the(when, workspace, lambda: workspace.merge(lead, user))
    workspace.sync()
    assert done
    agreed(workspace)
    with open_store(workspace.path) as store:
        held = store.contact(user)
        old = store.contact(lead)
    assert held is not None
    assert old is None or old.id == user
    assert not [id for id in workspace.ours() if lead in str(workspace.get(id))]
