"""Contacts, by any of their ids and by their address."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from bi_contracts.intercom.records import contact_of
from bi_contracts.intercom.store.schema import contacts
from bi_contracts.intercom.store.store import Store
from bi_contracts.intercom.store.values import Query

from ..made import contact
from . import corpus
from .corpus import T0, ids


def with_contacts(store: Store) -> None:
    with store.batch() as batch:
        batch.contacts(
            [
                contact_of(contact("old", T0, email="Ann.Old@Shop.example")),
                contact_of(contact("new", T0 + 5, email="ann@shop.example", phone="+1 555 0100")),
                contact_of(contact("twin", T0 + 9, email="ANN@shop.example")),
            ]
        )
    for id, who in (("1", "old"), ("2", "new"), ("3", "twin")):
        corpus.add(store, id, T0 + int(id), "refund", contact={"type": "user", "id": who})


def test_a_contact_is_found_by_its_id(store: Store) -> None:
    """With everything that is held of it."""
    with_contacts(store)
    found = store.contact("new")
    assert found is not None
    assert (found.id, found.role, found.email, found.phone, found.name) == (
        "new", "user", "ann@shop.example", "+1 555 0100", "Name of new",
    )  # fmt: skip
    assert (found.conversations, found.merged_from, found.deleted_at, found.updated_at) == (1, (), None, T0 + 5)


@pytest.mark.parametrize("asked", ["ann@shop.example", "ANN@SHOP.EXAMPLE", " Ann@shop.example "])
def test_an_address_is_found_whatever_its_case(store: Store, asked: str) -> None:
    """Of several with one address it is who was updated last."""
    with_contacts(store)
    found = store.contact(asked)
    assert found is not None
    assert found.id == "twin"


def test_a_search_by_address_finds_everybody_who_has_it(store: Store) -> None:
    """Leads often share one."""
    with_contacts(store)
    assert ids([store.search(Query(contact="ann@Shop.example"))]) == ["3", "2"]


def test_a_merge_is_followed(store: Store) -> None:
    """By the old id, and by the old address; conversations of both are theirs."""
    with_contacts(store)
    with store.batch() as batch:
        batch.merged("old", "new")
    for asked in ("old", "new", "ann.old@shop.example"):
        found = store.contact(asked)
        assert found is not None
        assert (found.id, found.merged_from, found.conversations) == ("new", ("old",), 2)
        assert ids([store.search(Query(contact=asked))]) == ["2", "1"]
        assert ids([store.search(Query("refund", contact=asked))]) == ["2", "1"]


def test_merges_in_a_circle_end(store: Store) -> None:
    """Damaged or odd data must not hang anybody."""
    with_contacts(store)
    with store.writing() as connection:
        for one, other in (("old", "new"), ("new", "old")):
            connection.execute(update(contacts).where(contacts.c.id == one).values(merged_into=other))
    found = store.contact("old")
    assert found is not None
    assert found.id in ("old", "new")
    assert len(store.search(Query(contact="old")).hits) == 2


@pytest.mark.parametrize("asked", ["", " ", "nobody", "nobody@shop.example", "%@%", "\0\ud800"])
def test_nobody_is_none(store: Store, asked: str) -> None:
    """Whatever is asked for."""
    with_contacts(store)
    assert store.contact(asked) is None


def test_conversations_of_an_unknown_address_are_none(store: Store) -> None:
    """Where nobody has it, nothing is found, rather than everything."""
    with_contacts(store)
    assert store.search(Query(contact="nobody@shop.example")).hits == ()
