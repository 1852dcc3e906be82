"""What seldom happens to a sync: incomplete searches, connections of one's own, records that cannot be read."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from bi_contracts.connections import Connections, proxied
from bi_contracts.intercom.store import open_store
from bi_contracts.intercom.sync import Intercom, SyncSettings, contacts, reconcile, sync
from bi_contracts.platforms.intercom import PLATFORM
from bi_contracts.sandbox import Sandbox
from bi_contracts.sandbox.server import running
from bi_contracts.session import Upstream
from bi_contracts.workspace import Workspace

from ..made import contact
from .world import DAY, World, said

TOKEN = PLATFORM.auth.example("bi")


def test_a_sync_over_many_connections_holds_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each request takes one that is free, and gives it back."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    sandbox = Sandbox([PLATFORM], rows=40, enforce_limits=False)
    sandbox.clock.set(sandbox.world.present)
    sandbox.limit("intercom", 100_000, 10)

    async def work(url: str) -> int:
        upstream = Upstream(Workspace(tmp_path, environ=TOKEN), url)
        with open_store(tmp_path / "a.db") as store:
            async with Intercom(upstream, concurrency=30) as intercom:
                return (await sync(store, intercom, SyncSettings(concurrency=30))).run.conversations

    with running(sandbox) as url:
        assert asyncio.run(work(url)) == 40


def test_a_connection_that_breaks_is_free_again() -> None:
    """Whatever was raised."""

    async def work() -> tuple[int, int]:
        connections = Connections()
        for _ in range(3):
            with pytest.raises(httpx.ConnectError):
                await connections.handle_async_request(httpx.Request("GET", "http://127.0.0.1:1/"))
        made = len(connections._all)
        await connections.aclose()
        return made, len(connections._free)

    assert asyncio.run(work()) == (1, 1)


def test_a_proxy_is_left_to_httpx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the environment names one."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert proxied()

    async def work() -> Any:
        async with Intercom(Upstream(Workspace(tmp_path, environ=TOKEN), "live"), concurrency=30) as intercom:
            return intercom._client._http._transport

    assert not isinstance(asyncio.run(work()), Connections)


def short(world: World, path: str, member: str) -> None:
    """Lets a search say that there is one row more than it gives."""

    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.url.path != path:
            return None
        asked = httpx.Request("POST", request.url, headers=request.headers, content=request.content)
        answered = world.sandbox.handle(asked)
        body = json.loads(answered.content)
        rows = body[member][::-1]
        return said(200, {**body, member: rows, "total_count": len(rows) + 1}, date=answered.headers["date"])

    world.instead = answer


def test_a_search_that_gives_less_than_it_says_is_not_believed(world: World) -> None:
    """The run is partial, nothing more is said to be covered, and the next sync reads it again."""
    short(world, "/conversations/search", "conversations")
    done = world.sync()
    assert done.run.outcome == "partial"
    assert any("fewer rows" in sentence for sentence in done.warnings)
    assert sum(one.hi - one.lo for one in done.coverage) < 10**9
    world.reply(world.ids()[0])
    assert world.sync().run.outcome == "partial"
    world.instead = lambda _: None
    assert world.sync().run.outcome == "done"
    assert world.ours() == world.theirs()


def test_tickets_that_are_not_all_given_are_read_again(world: World) -> None:
    """The cursor stays where it is."""
    everything = SyncSettings(with_=("tickets",), concurrency=8)
    short(world, "/tickets/search", "tickets")
    assert world.sync(everything).run.outcome == "partial"
    world.instead = lambda _: None
    assert world.sync(everything).tickets == 25


@pytest.mark.parametrize("stream", ["contacts", "tickets"])
def test_a_record_of_a_stream_that_cannot_be_read_is_kept(world: World, stream: str) -> None:
    """As a dead letter, and the others are written."""
    rows = [{"type": stream[:-1], "id": "1", "created_at": 5, "updated_at": 6}, {"type": stream[:-1]}]
    member = "data" if stream == "contacts" else "tickets"
    body = {"type": "list", member: rows, "total_count": 2}
    world.instead = lambda request: said(200, body) if request.url.path == f"/{stream}/search" else None
    done = world.sync(SyncSettings(with_=(stream,), concurrency=8))  # type: ignore[arg-type]
    assert [letter.stream for letter in done.dead] == [stream[:-1]]
    assert getattr(done, stream) == 1


CONTACTS = SyncSettings(with_=("contacts",), max_conversations=1, concurrency=8)


def test_contacts_are_read_by_fewer_days_where_cursors_do_not_lead_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until each piece is whole."""
    monkeypatch.setitem(Intercom.search.__kwdefaults__ or {}, "size", 10)
    rows = [contact(str(n), 1_700_000_000 + n * DAY) for n in range(25)]
    world.sandbox.put("intercom/contacts", rows)
    world.sandbox.rule("intercom/contacts_search: loop")
    done = world.sync(CONTACTS)
    assert (done.contacts, done.run.outcome) == (25, "done")


def test_contacts_that_are_never_all_given_make_the_run_partial(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The search ends, and the cursor stays."""
    monkeypatch.setattr(contacts, "PIECES", 9)
    short(world, "/contacts/search", "data")
    assert world.sync(CONTACTS).run.outcome == "partial"
    assert len([path for _, path in world.asked if path == "/contacts/search"]) <= 20
    with open_store(world.path) as store:
        assert store.cursor("contacts") is None


def test_changes_during_a_long_first_sync_are_in_it(world: World) -> None:
    """What was updated while it ran is looked for at its end."""
    replied: list[str] = []

    def reply(request: httpx.Request) -> None:
        if request.url.path == "/conversations/search" and not replied:
            replied.append(world.ids()[7])
            world.sandbox.clock.offset += 100
            world.reply(replied[0])

    world.before = reply
    world.sync()
    assert world.ours() == world.theirs()


def test_windows_with_many_are_compared_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is gone and one that is new would make up for each other."""
    monkeypatch.setattr(reconcile, "WINDOW", 10)
    monkeypatch.setattr(reconcile, "PAGE", 5)
    world = World(tmp_path, 40)
    world.sync()
    gone = world.ids()[::9]
    for id in gone:
        world.delete(id)
    world.later(2000)
    assert world.sync(SyncSettings(reconcile=True, concurrency=8)).deleted == len(gone)
    assert world.ours() == world.theirs()


def test_a_search_without_counts_cannot_show_deletions(world: World) -> None:
    """And says so."""
    world.sync()
    world.later(2000)
    world.instead = lambda request: (
        said(200, {"conversations": [], "pages": {}}) if request.url.path == "/conversations/search" else None
    )
    done = world.sync(SyncSettings(reconcile=True, concurrency=8))
    assert any("no counts" in sentence for sentence in done.warnings)


def test_a_contact_that_is_gone_was_not_merged(world: World) -> None:
    """A conversation that lost it says nothing of what became of it."""
    world.sync()
    lead, user = world.contacts("lead")[0], world.contacts("user")[0]
    world.merge(lead, user)
    world.instead = lambda request: said(404, {}) if request.url.path.startswith("/contacts/") else None
    world.later(100)
    assert world.sync().merged == 0


EVERYTHING = SyncSettings(with_=("contacts", "tickets"), concurrency=8)


def test_what_customers_name_themselves_is_no_drift(world: World) -> None:
    """Attributes of contacts, conversations and tickets come and go; that there is a map of them must stay."""
    assert world.sync(EVERYTHING).drift == ()
    attributes = "custom_attributes"
    world.evolve(
        {"endpoint": "intercom/conversation", "change": "add", "path": f"{attributes}.colour", "to": 1.5},
        {"endpoint": "intercom/contacts_search", "change": "retype", "path": attributes, "to": "string"},
    )
    world.reply(world.ids()[0])
    world.later(100)
    told = world.sync(EVERYTHING).drift
    assert {note.path: note.severity for note in told} == {f"/body/data/*/{attributes}": "breaking"}


@pytest.mark.parametrize("version", ["2.11", "2.16", "Preview"])
def test_only_under_the_version_of_its_contract_a_change_is_breaking(world: World, version: str) -> None:
    """What another version writes otherwise is told for information, and once that it is another."""
    world.evolve({"endpoint": "intercom/conversation", "change": "retype", "path": "open", "to": "string"})
    done = world.sync(SyncSettings(with_=("tickets",), version=version, concurrency=8))
    same = version == "2.11"
    told = {note.path: note for note in done.drift}
    assert told["/body/open"].severity == ("breaking" if same else "info")
    assert ("/body/tickets/*/ticket_state" in told) is not same
    assert {note.severity for note in done.drift} == {"breaking" if same else "info"}
    assert sum(f"of Intercom-Version 2.11, and {version} is spoken" in said for said in done.warnings) == (not same)
    assert same or all(version in note.message for note in done.drift)


def test_a_workspace_without_contracts_reports_no_drift(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nothing to hold records against; nor where a contract is damaged."""
    damaged = world.path.parent / "damaged.json"
    damaged.write_text("{")
    found = {"intercom/conversation": damaged}
    monkeypatch.setattr(Workspace, "find_contract", lambda _, id: found.get(id))
    assert world.sync().drift == ()
