"""A conversation as it is held."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from bi_contracts.intercom.records import whole_conversation
from bi_contracts.intercom.store.schema import parts
from bi_contracts.intercom.store.store import Store

from ..made import ANN, BOB, body, part
from . import corpus
from .corpus import T0


def many(store: Store, count: int = 7) -> None:
    sent = [part(f"p{number}", T0 + number, f"text {number}") for number in range(1, count + 1)]
    with store.batch() as batch:
        tags = {"type": "tag.list", "tags": [{"name": "vip"}, {"name": 'odd "tag"'}]}
        one = body("1", T0 + 99, sent, created_at=T0, text="hello", title="Hi", tags=tags, team_assignee_id=7)
        batch.bodies([(whole_conversation(one), T0 + 200)])


def test_everything_that_is_held_is_told(store: Store) -> None:
    """Who, when, what, in order."""
    many(store, 2)
    found = store.conversation("1")
    assert found is not None
    assert (found.id, found.subject, found.state, found.open, found.admin_id, found.team_id) == (
        "1", "Hi", "open", True, "991", "7",
    )  # fmt: skip
    assert (found.tags, found.contact_ids) == (("vip", 'odd "tag"'), (ANN["id"],))
    assert [(one.position, one.text, one.author.name) for one in found.parts] == [
        (0, "hello", ANN["name"]), (1, "text 1", BOB["name"]), (2, "text 2", BOB["name"]),
    ]  # fmt: skip
    assert (found.parts_total, found.parts_held, found.whole, found.pending, found.more) == (2, 2, True, False, None)
    assert (found.updated_at, found.fetched_at, found.deleted_at) == (T0 + 99, T0 + 200, None)


@pytest.mark.parametrize("limit", [1, 2, 3, 8, 9])
def test_pages_of_parts_put_together_are_all_of_them(store: Store, limit: int) -> None:
    """A long conversation is read in pieces, without gaps, nothing twice; also where a position is there twice."""
    many(store)
    with store.writing() as connection:
        connection.execute(update(parts).where(parts.c.id.in_(("p4", "p5"))).values(position=4))
    found, at = [], 0
    for _ in range(20):
        page = store.conversation("1", parts_from=at, parts_limit=limit)
        assert page is not None
        found += [one.id for one in page.parts]
        if page.more is None:
            break
        assert page.more > at
        at = page.more
    assert found == ["source", *(f"p{number}" for number in range(1, 8))]


def test_parts_beyond_the_end_are_none(store: Store) -> None:
    """However far it is asked for, or from however far before the beginning."""
    many(store)
    beyond, before = store.conversation("1", parts_from=10**30), store.conversation("1", parts_from=-5, parts_limit=-5)
    assert beyond is not None
    assert before is not None
    assert (beyond.parts, beyond.more, len(before.parts)) == ((), None, 1)


def test_a_deleted_one_says_so_and_nothing_of_what_was_said(store: Store) -> None:
    """A deletion is a promise to a person."""
    many(store)
    with store.batch() as batch:
        batch.deleted(["1"], T0 + 300, "deleted")
    found = store.conversation("1")
    assert found is not None
    assert (found.deleted_at, found.deleted_by) == (T0 + 300, "deleted")
    assert (found.parts, found.subject, found.tags, found.more) == ((), "", (), None)


def test_a_head_says_that_it_is_no_more(store: Store) -> None:
    """Its first message is all of it yet."""
    corpus.add_head(store, "1", T0, "hello")
    found = store.conversation("1")
    assert found is not None
    assert (found.whole, found.pending, [one.text for one in found.parts]) == (False, True, ["hello"])


@pytest.mark.parametrize("id", ["2", "", "\0", "\ud800", "1' OR 1=1", "x" * 10_000])
def test_what_is_not_held_is_none(store: Store, id: str) -> None:
    """Whatever is asked for."""
    many(store)
    assert store.conversation(id) is None


def test_spaces_around_an_id_do_not_matter(store: Store) -> None:
    """It was copied from somewhere."""
    many(store)
    assert store.conversation(" 1\n") is not None
