"""Contacts come whole or in brief, and merge."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from bi_contracts.intercom.records import Contact, contact_of
from bi_contracts.intercom.store.schema import contacts
from bi_contracts.intercom.store.store import Store
from bi_contracts.intercom.store.values import Written

from ..made import ANN, body, contact, head_row, part
from .contents import check, links, write_bodies, write_heads

T = 1_700_000_000
EVE = {"type": "lead", "id": "eve", "name": "Eve", "email": "eve@customers.example"}


def write(store: Store, *rows: Any) -> Written:
    with store.batch() as batch:
        return batch.contacts([contact_of(row) for row in rows])


def merge(store: Store, old: str, new: str) -> None:
    with store.batch() as batch:
        batch.merged(old, new)


def held(store: Store) -> dict[str, Any]:
    with store.reading() as connection:
        return {row.id: row for row in connection.execute(select(contacts))}


def test_conversations_tell_of_their_contacts(store: Store) -> None:
    """Name and address of whoever wrote are known in brief, without a call."""
    write_heads(store, head_row("1", T))
    ann = held(store)[ANN["id"]]
    assert (ann.name, ann.email, ann.external_id, ann.brief, ann.raw) == (ANN["name"], ANN["email"], "70", True, None)
    assert links(store, "1") == {ANN["id"]}
    check(store)


def test_what_is_known_in_brief_grows(store: Store) -> None:
    """A conversation that tells less takes nothing away, one that tells more adds to it."""
    quiet = {**EVE, "name": "", "email": ""}
    write_heads(store, head_row("1", T, contact=quiet))
    write_heads(store, head_row("2", T, contact=EVE))
    write_heads(store, head_row("3", T, contact=quiet))
    assert held(store)["eve"].email == EVE["email"]


def test_a_brief_contact_never_overwrites_a_whole_one(store: Store) -> None:
    """What Intercom sends of a contact by itself is worth more than what a conversation tells."""
    write(store, contact("eve", T, name="Eve Whole"))
    write_heads(store, head_row("1", T, contact=EVE))
    assert (held(store)["eve"].name, held(store)["eve"].brief) == ("Eve Whole", False)
    check(store)


def test_a_whole_contact_replaces_a_brief_one(store: Store) -> None:
    """And an older one, or the same again, writes nothing."""
    write_heads(store, head_row("1", T, contact=EVE))
    assert write(store, contact("eve", T)) == Written(updated=1)
    assert write(store, contact("eve", T), contact("eve", T - 1, name="Before")) == Written(unchanged=2)
    assert write(store, contact("eve", T + 1, name="After")) == Written(updated=1)
    assert (held(store)["eve"].name, held(store)["eve"].raw is None) == ("After", False)
    check(store)


def test_a_merge_takes_the_conversations_along(store: Store) -> None:
    """Conversations of a contact that became another are the other's, those to come too."""
    write_heads(store, head_row("1", T), head_row("2", T, contact=EVE))
    merge(store, "eve", ANN["id"])
    merge(store, "eve", ANN["id"])
    assert (links(store, "1"), links(store, "2")) == ({ANN["id"]}, {ANN["id"]})
    write_heads(store, head_row("3", T, contact=EVE))
    assert links(store, "3") == {ANN["id"]}
    assert held(store)["eve"].merged_into == ANN["id"]
    check(store)


def test_merges_are_followed_to_their_end(store: Store) -> None:
    """Who became somebody who became somebody else is the last one; nobody is unknown."""
    merge(store, "a", "b")
    merge(store, "b", "c")
    merge(store, "d", "a")
    assert {id: row.merged_into for id, row in held(store).items()} == {"a": "c", "b": "c", "d": "c", "c": ""}
    check(store)
    merge(store, "c", "a")  # and the other way round, as the last word
    assert {id: row.merged_into for id, row in held(store).items()} == {"a": "", "b": "a", "d": "a", "c": "a"}
    merge(store, "a", "a")
    check(store)


def test_a_contact_that_says_it_was_merged(store: Store) -> None:
    """A record that names who it became is a merge."""
    with store.batch() as batch:
        batch.contacts([Contact("eve", merged_into="b", raw={"id": "eve"}), Contact("brief", brief=True)])
    assert held(store)["eve"].merged_into == "b"
    check(store)


def test_a_conversation_that_changes_hands(store: Store) -> None:
    """Links follow what the conversation says last."""
    write_bodies(store, body("1", T, [part("7", T)]))
    write_bodies(store, body("1", T + 1, [part("7", T)], contact=EVE))
    assert links(store, "1") == {"eve"}
    check(store)
