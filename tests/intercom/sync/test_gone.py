"""What was deleted, merged, redacted or cannot be read is told, and nothing is believed too easily."""

from __future__ import annotations

import json

import httpx
import pytest

from bi_contracts.errors import ApiError, NotFound
from bi_contracts.intercom.store import open_store
from bi_contracts.intercom.store.store import Store
from bi_contracts.intercom.sync import SyncSettings, bodies, doubt, reconcile

from .world import DAY, Json, World, said

LISTING = SyncSettings(version="2.16", concurrency=8)
GONE = {"type": "error.list", "errors": [{"code": "not_found", "message": "Resource Not Found"}]}


def deleted_by(world: World, id: str) -> str | None:
    with open_store(world.path) as store:
        held = store.conversation(id)
        return held.deleted_by if held is not None and held.deleted_at is not None else None


def test_listed_deletions_become_tombstones(world: World) -> None:
    """From version 2.16 on they are listed."""
    world.sync(LISTING)
    gone = world.ids()[3]
    world.delete(gone)
    world.later(1000)
    done = world.sync(LISTING)
    assert (done.deleted, deleted_by(world, gone)) == (1, "deleted")
    assert world.ours() == world.theirs()


def test_the_list_is_looked_at_only_every_quarter_of_an_hour(world: World) -> None:
    """So that a sync where nothing changed is one call."""
    world.sync(LISTING)
    world.later(100)
    assert world.calls(lambda: world.sync(LISTING)) == ["/conversations/search"]
    world.later(1000)
    assert "/conversations/deleted" in world.calls(lambda: world.sync(LISTING))


def test_the_list_is_read_down_to_the_last_look(world: World) -> None:
    """And no further: what is older was seen."""
    world.sync(LISTING)
    for id in world.ids()[:3]:
        world.delete(id)
    world.later(10_000)
    world.sync(LISTING)
    world.later(10_000)
    assert world.calls(lambda: world.sync(LISTING)).count("/conversations/deleted") == 1


def test_a_version_before_2_16_is_not_asked_for_the_list(world: World) -> None:
    """It has none."""
    world.sync()
    world.later(1000)
    assert "/conversations/deleted" not in world.calls(world.sync)


def test_a_conversation_that_is_not_found_becomes_a_tombstone(world: World) -> None:
    """Deleted between the search and the call."""
    gone = world.newest()[20]
    deleted = False

    def delete(request: httpx.Request) -> None:
        nonlocal deleted
        if request.url.path.startswith("/conversations/") and request.method == "GET" and not deleted:
            deleted = True
            world.delete(gone)

    world.before = delete
    done = world.sync()
    assert (done.deleted, deleted_by(world, gone)) == (1, "missing")


def test_counts_that_differ_show_what_was_deleted(world: World) -> None:
    """Asked for by itself before it is believed."""
    world.sync()
    gone = world.ids()[5]
    world.delete(gone)
    world.later(1000)
    asked = world.calls(lambda: world.sync(SyncSettings(reconcile=True, concurrency=8)))
    assert (f"/conversations/{gone}" in asked, deleted_by(world, gone)) == (True, "reconciled")
    assert world.ours() == world.theirs()


def test_counts_are_compared_once_a_week(world: World) -> None:
    """Whatever is asked for."""
    world.sync()
    gone = world.ids()[5]
    world.delete(gone)
    world.later(6 * DAY)
    assert world.sync().deleted == 0
    world.later(2 * DAY)
    assert world.sync().deleted == 1


def test_a_full_sync_compares_counts(world: World) -> None:
    """And finds a conversation that was lost here."""
    world.sync()
    with open_store(world.path) as store, store.writing() as connection:
        connection.exec_driver_sql(f"DELETE FROM conversations WHERE id = '{world.ids()[2]}'")
    world.sync(SyncSettings(full=True, concurrency=8))
    assert world.ours() == world.theirs()


def test_what_a_search_does_not_show_and_a_call_does_is_kept(world: World) -> None:
    """An index that lost a row is no deletion."""
    world.sync()
    hidden = world.ids()[5]

    def hide(request: httpx.Request) -> httpx.Response | None:
        if request.url.path != "/conversations/search":
            return None
        answer = world.sandbox.handle(
            httpx.Request("POST", request.url, headers=request.headers, content=request.content)
        )
        body = json.loads(answer.content)
        rows = [row for row in body["conversations"] if row["id"] != hidden]
        body["total_count"] -= len(body["conversations"]) - len(rows)
        return httpx.Response(200, json={**body, "conversations": rows}, headers=_told(answer))

    world.instead = hide
    world.later(1000)
    done = world.sync(SyncSettings(reconcile=True, concurrency=8))
    assert (done.deleted, deleted_by(world, hidden)) == (0, None)


def test_many_that_are_not_found_are_not_believed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong region or a wrong token says so of everything: nothing is deleted for that."""
    monkeypatch.setattr(doubt, "FEW", 5)
    world.instead = lambda request: _not_found(request)
    with pytest.raises(ApiError, match="nothing is deleted here"):
        world.sync()
    assert set(world.ours().values()) == {"pending"}


def test_nothing_is_erased_while_it_is_not_believed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """However slowly the answers come that end in disbelief."""
    monkeypatch.setattr(bodies, "PATIENCE", 0.0)
    world.instead = lambda request: _not_found(request)
    with pytest.raises(ApiError, match="nothing is deleted here"):
        world.sync(SyncSettings(concurrency=1))
    assert set(world.ours().values()) == {"pending"}


def test_many_that_counts_do_not_show_are_not_believed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is asked for each of them, and nothing is deleted; unless it is said that they were."""
    monkeypatch.setattr(doubt, "FEW", 2)
    world.sync()
    held, gone = world.ours(), world.ids()[:6]
    for id in gone:
        world.delete(id)
    world.later(1000)
    with pytest.raises(ApiError, match=r"6 of 25 .* nothing is deleted here.*--believe-deletions"):
        world.sync(SyncSettings(reconcile=True, concurrency=8))
    assert world.ours() == held
    done = world.sync(SyncSettings(reconcile=True, believe_deletions=True, concurrency=4))
    assert (done.deleted, world.ours()) == (len(gone), world.theirs())


def test_many_that_are_gone_while_others_are_new_are_not_believed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counts that agree hide them; that each is said not to exist does not."""
    monkeypatch.setattr(doubt, "FEW", 2)
    world.sync()
    held, gone = world.ours(), world.ids()[:6]
    for id in gone:
        world.delete(id)
    world.later(1000)
    monkeypatch.setattr(reconcile, "WINDOW", 0)
    monkeypatch.setattr(Store, "count_between", lambda *_: len(held) - len(gone))
    with pytest.raises(ApiError, match=r"6 of 19 .* nothing is deleted here"):
        world.sync(SyncSettings(full=True, concurrency=8))
    assert world.ours() == held


def test_a_deletion_that_was_none_is_undone_when_counts_are_compared(world: World) -> None:
    """Whoever said 404 once may have been wrong: what the search still shows is asked for again."""
    world.sync()
    back = world.newest()[4]
    world.reply(back)
    world.later(2000)
    world.instead = lambda request: _not_found(request) if request.url.path == f"/conversations/{back}" else None
    assert world.sync().deleted == 1
    world.instead = lambda _: None
    world.later(2000)
    world.sync(SyncSettings(reconcile=True, concurrency=8))
    assert (deleted_by(world, back), world.ours()) == (None, world.theirs())


def test_a_proxy_that_knows_no_such_page_deletes_nothing(world: World) -> None:
    """Only Intercom's own words count."""
    lost = world.ids()[1]
    world.instead = lambda request: said(404, "no such page") if request.url.path.endswith(lost) else None
    done = world.sync()
    assert (done.run.outcome, done.deleted, world.ours()[lost]) == ("partial", 0, "pending")


def test_a_proxy_between_deletes_nothing_when_counts_are_compared(world: World) -> None:
    """The sync says what is wrong."""
    world.sync()
    gone = world.ids()[5]
    world.delete(gone)
    world.later(1000)
    world.instead = lambda request: said(404, "no such page") if request.url.path.endswith(gone) else None
    with pytest.raises(NotFound):
        world.sync(SyncSettings(reconcile=True, concurrency=8))
    assert deleted_by(world, gone) is None


def test_a_merged_contact_is_followed(world: World) -> None:
    """Its conversations are the other's, and its old id leads there."""
    world.sync()
    with open_store(world.path) as store:
        lead = next(one for one in world.contacts("lead") if (held := store.contact(one)) and held.conversations)
    user = world.contacts("user")[0]
    world.merge(lead, user)
    world.later(100)
    done = world.sync()
    assert done.merged == 1
    with open_store(world.path) as store:
        held = store.contact(lead)
        assert held is not None
        assert (held.id, lead in held.merged_from) == (user, True)


@pytest.mark.parametrize("full", [False, True])
def test_what_cannot_be_read_is_kept_and_told(world: World, full: bool) -> None:
    """As it was sent; it is asked for again when it has changed, or everything is asked for, and not before."""
    broken = world.newest()[2]

    def breaks(request: httpx.Request) -> httpx.Response | None:
        mine = request.url.path == f"/conversations/{broken}"
        return said(200, {"type": "conversation", "id": broken, "created_at": "soon"}) if mine else None

    world.instead = breaks
    done = world.sync()
    assert [(one.stream, one.id) for one in done.dead] == [("conversation", broken)]
    world.later(2000)
    assert f"/conversations/{broken}" not in world.calls(world.sync)
    world.instead = lambda _: None
    if full:
        world.sync(SyncSettings(full=True, concurrency=8))
    else:
        world.reply(broken)
        world.later(2000)
        world.sync()
    with open_store(world.path) as store:
        assert store.dead_letters() == ()
    assert world.ours() == world.theirs()


def test_a_part_that_cannot_be_read_does_not_cost_the_others(world: World) -> None:
    """It is a dead letter of its own."""
    id = world.newest()[0]
    whole = world.get(id)
    whole["conversation_parts"]["conversation_parts"][0]["created_at"] = None
    world.instead = lambda request: _answered(world, whole) if request.url.path == f"/conversations/{id}" else None
    done = world.sync()
    assert [one.stream for one in done.dead] == ["part"]
    assert done.dead[0].id.startswith(f"{id}/")
    assert done.run.conversations == 25


def test_a_row_that_cannot_be_read_does_not_cost_the_others(world: World) -> None:
    """Of a search."""
    world.evolve({"endpoint": "intercom/conversations_search", "change": "nullify", "path": "created_at", "share": 0.1})
    done = world.sync()
    assert done.dead
    assert {one.stream for one in done.dead} == {"conversation"}
    assert done.run.conversations == 25 - len(done.dead)


def test_another_conversation_in_its_place_is_not_written(world: World) -> None:
    """A mixed-up answer belongs to nobody."""
    one, other = world.newest()[:2]
    mixed = world.get(other)
    world.instead = lambda request: _answered(world, mixed) if request.url.path == f"/conversations/{one}" else None
    done = world.sync()
    assert [letter.id for letter in done.dead] == [one]
    assert world.ours()[one] == "pending"


def test_a_change_of_shape_is_told_and_everything_is_kept(world: World) -> None:
    """Fields that nobody knew stay in what is kept as it was sent; the rules say how bad it is."""
    world.sync()
    world.evolve(
        {"endpoint": "intercom/conversation", "change": "add", "path": "mood", "to": "sunny"},
        {"endpoint": "intercom/conversation", "change": "retype", "path": "open", "to": "string"},
    )
    world.reply(world.ids()[0])
    world.later(100)
    done = world.sync()
    found = {(note.path, note.severity): note.rule for note in done.drift}
    assert found["/body/open", "breaking"].startswith("response-property-")
    assert found["/body/mood", "info"].endswith("-added")
    with open_store(world.path) as store:
        assert {note.path for note in store.drift_notes()} >= {"/body/open", "/body/mood"}


def test_an_update_in_the_second_of_its_call_is_not_lost(world: World) -> None:
    """Times are whole seconds: what was read in the second of its change is read once more, later."""
    world.sync()
    id, seen = world.ids()[0], list[int]()

    def reply(request: httpx.Request) -> None:
        if request.url.path == f"/conversations/{id}" and not seen:
            seen.append(1)
            world.reply(id, "one")

    world.before = reply
    world.reply(id, "zero")
    world.later(1)
    world.sync()
    assert world.ours()[id] == world.theirs()[id]


def test_contacts_and_tickets_are_streams_of_their_own(world: World) -> None:
    """Read from their searches, each with a cursor."""
    everything = SyncSettings(with_=("contacts", "tickets"), concurrency=8)
    done = world.sync(everything)
    assert (done.contacts, done.tickets) == (25, 25)
    world.later(3000)
    again = world.sync(everything)
    assert (again.contacts, again.tickets) == (0, 0)
    with open_store(world.path) as store:
        assert store.cursor("contacts") is not None
        assert len(store.tickets(limit=50)[0]) == 25


def _told(answer: httpx.Response) -> dict[str, str]:
    return {name: answer.headers[name] for name in ("date", "x-bi-contracts-sandbox") if name in answer.headers}


def _answered(world: World, body: Json) -> httpx.Response:
    from bi_contracts.interaction import SANDBOX_HEADER
    from bi_contracts.sandbox.clock import http_date

    return httpx.Response(200, json=body, headers={"date": http_date(world.sandbox.now()), SANDBOX_HEADER: "1"})


def _not_found(request: httpx.Request) -> httpx.Response | None:
    return said(404, GONE) if request.method == "GET" and request.url.path != "/me" else None
