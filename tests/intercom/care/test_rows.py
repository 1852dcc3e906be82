"""Damage to rows, on every kind of database: found under its name, and healed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import text, update

from bi_contracts.contract import Contract
from bi_contracts.errors import StoreBusy
from bi_contracts.intercom.raw import canonical, digest_of, packed
from bi_contracts.intercom.records import whole_conversation
from bi_contracts.intercom.store import open_store, schema
from bi_contracts.intercom.store.repairing import repair
from bi_contracts.intercom.store.store import Store
from bi_contracts.intercom.store.values import DeadLetter
from bi_contracts.intercom.store.verifying import Looking, verify
from bi_contracts.workspace import reference

from ..made import ANN, body, part
from .filling import END, START, answers, content, conversations, fill

NOBODY = ""
ROUNDS = (
    (
        ("digest", "1000", "UPDATE conversations SET state = 'closed' WHERE id = '1000'"),
        ("digest", "1001", "UPDATE conversations SET digest = 'x' WHERE id = '1001'"),
        ("digest", "1002", "UPDATE parts SET text = 'other words' WHERE id = '10021'"),
        ("digest", "1003", "UPDATE parts SET author_name = 'Mallory' WHERE id = '10031'"),
        ("digest", "1004", "UPDATE parts SET raw = (SELECT raw FROM parts WHERE id = '10051') WHERE id = '10041'"),
        ("digest", "1005", "UPDATE conversations SET updated_at = 5 WHERE id = '1005'"),
        ("ids", "77777", "UPDATE conversations SET id = '77777' WHERE id = '1006'"),
        ("threading", "1007", "UPDATE conversations SET parts_held = 77 WHERE id = '1007'"),
        ("threading", "901", "UPDATE conversations SET truncated = FALSE WHERE id = '901'"),
        ("deleted", "902", "UPDATE parts SET text = 'secret' WHERE id = '9021'"),
        ("digest", NOBODY, "UPDATE tickets SET title = 'x' WHERE id = '77'"),
        ("index", NOBODY, "DELETE FROM conversation_tags"),
        ("counters", NOBODY, "UPDATE counters SET value = value + 1 WHERE name = 'parts'"),
        ("coverage", NOBODY, "UPDATE coverage SET hi = lo - 1"),
    ),
    (
        (
            "digest",
            "1000",
            "UPDATE conversations SET raw = (SELECT raw FROM contacts WHERE NOT brief) WHERE id = '1000'",
        ),
        ("threading", "1001", "UPDATE parts SET position = 3 WHERE id = 'source' AND text LIKE '%1001%'"),
        ("digest", "1002", "DELETE FROM parts WHERE id = '10021'"),
        ("threading", "1003", "UPDATE parts SET position = 0 WHERE id = '10031'"),
        ("threading", "1004", "UPDATE parts SET position = 9 WHERE id = '10041'"),
        ("threading", "1005", "UPDATE conversations SET parts_total = 0 WHERE id = '1005'"),
        ("pending", "1006", "UPDATE conversations SET fetched_at = NULL WHERE id = '1006'"),
        ("pending", "1007", "UPDATE conversations SET fetched_at = body_at WHERE id = '1007'"),
        ("contacts", NOBODY, "UPDATE contacts SET name = 'Mallory' WHERE brief AND name <> ''"),
        ("contacts", NOBODY, "DELETE FROM contacts WHERE NOT brief"),
        ("counters", NOBODY, "UPDATE runs SET outcome = 'dont'"),
        ("coverage", NOBODY, "INSERT INTO coverage VALUES ('tickets', 5, 9999999999)"),
        ("coverage", NOBODY, "UPDATE cursors SET value = -5 WHERE stream = 'conversations'"),
        ("coverage", NOBODY, "INSERT INTO shards VALUES (9, 5, 'usual', NULL, NULL, 0, FALSE)"),
    ),
    (
        ("contacts", "1001", "DELETE FROM conversation_contacts WHERE contact LIKE 'c%1'"),
        (
            "pending",
            "900",
            "UPDATE conversations SET pending = FALSE, body_at = NULL, fetched_at = NULL WHERE id = '900'",
        ),
        ("chronology", "1003", "UPDATE conversations SET seen_at = 9999999999, pending = TRUE WHERE id = '1003'"),
        ("counters", NOBODY, "INSERT INTO counters VALUES ('odd', 3)"),
    ),
)
"""What is found, whose it is, and what was done to the store. Damages of a round do not touch each other."""


@pytest.fixture
def filled(store: Store) -> Store:
    bodies = conversations(8)
    fill(store, bodies)
    return store


def run(store: Store, statement: str) -> None:
    with store.writing() as connection:
        connection.execute(text(statement))
    if store.kind == "sqlite":
        with store.reading() as connection:
            connection.rollback()
            connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # a short log is read sooner


def test_a_sound_store_is_found_sound(filled: Store) -> None:
    """With a head, a truncated conversation, a tombstone, a merged contact and a dead letter in it."""
    found = verify(filled)
    assert found.sound
    assert (found.damaged, found.sampled, found.of) == (0, False, 11)
    assert (found.conversations, found.contacts, found.tickets) == (11, 6, 1)


@pytest.mark.parametrize("damages", ROUNDS, ids=["columns", "messages", "links"])
def test_every_damage_is_found_under_its_name_and_healed(
    filled: Store, target: str, damages: tuple[tuple[str, str, str], ...]
) -> None:
    """Whatever can be derived, or fetched, is as it was."""
    bodies = conversations(8)
    answers(bodies)(filled, ["900"])
    before = content(filled)
    for _, _, statement in damages:
        run(filled, statement)
    done = repair(target, answers(bodies))
    found = {(one.check, one.conversation) for one in done.before.damages if one.severity == "breaking"}
    assert found >= {(check, conversation) for check, conversation, _ in damages}
    assert done.after.sound, done.after.damages
    after = content(filled)
    for name in ("conversations", "parts", "conversation_contacts"):
        assert after[name] == before[name]


def test_a_repair_asks_only_for_what_is_damaged(filled: Store, target: str) -> None:
    """A column is read again from what Intercom sent; a lost message is asked for."""
    fetch = answers(conversations(8))
    run(filled, "UPDATE conversations SET subject = 'x' WHERE id = '1003'")
    repair(target, fetch)
    assert fetch.asked == []
    run(filled, "DELETE FROM parts WHERE id = '10021'")
    assert repair(target, fetch).fetched == ("1002",)
    assert fetch.asked == ["1002"]


def test_a_conversation_that_only_looks_deleted_comes_back(filled: Store, target: str) -> None:
    """A deletion is kept as a promise, and Intercom is asked whether there was one."""
    bodies = conversations(8)
    run(filled, "UPDATE conversations SET deleted_at = 9000000000, deleted_by = 'missing' WHERE id = '1002'")
    done = repair(target, answers(bodies))
    held = filled.conversation("1002")
    assert (done.fetched, held is not None and held.deleted_at) == (("1002",), None)
    assert done.after.sound


def test_what_could_not_be_read_of_one_excuses_no_other(filled: Store) -> None:
    """A message that is missing is missed, however many dead letters there are of other conversations."""
    with filled.batch() as batch:
        batch.dead([DeadLetter("part", f"1001/{n}", "created_at is no time", {}) for n in range(9)])
    run(filled, "UPDATE conversations SET parts_total = parts_total + 1 WHERE id IN ('1001', '1002')")
    assert {one.conversation for one in verify(filled).damages if one.severity == "breaking"} == {"1002"}


def test_a_damaged_conversation_that_is_gone_becomes_a_tombstone(filled: Store, target: str) -> None:
    """Intercom answers 404: nothing is left of its words, and nothing is damaged any more."""
    bodies = conversations(8)
    run(filled, "DELETE FROM parts WHERE id = '10021'")
    done = repair(target, answers({id: one for id, one in bodies.items() if id != "1002"}))
    held = filled.conversation("1002")
    assert done.after.sound
    assert held is None or held.deleted_at is not None


def test_what_intercom_sent_oddly_is_told_and_left(store: Store) -> None:
    """Messages before their conversation, in no order, in the future; no address: warnings, not damage."""
    odd = [part("p1", START + 50), part("p2", START - 50), part("p3", END + 10**6)]
    nobody = ANN | {"email": ""}
    fill(store, {"901": conversations(1)["901"]})
    with store.batch() as batch:
        batch.bodies([(whole_conversation(body("5", START + 60, odd, created_at=START, contact=nobody)), END)])
    found = verify(store)
    told = {damage.message for damage in found.damages}
    assert found.sound
    assert found.counts["chronology"]["warning"] == 3
    assert "1 conversations have no contact with an e-mail address" in told


def test_links_and_messages_of_no_conversation_are_removed(filled: Store, target: str) -> None:
    """Nobody knows whose they were: coverage is given up for the next sync to find out."""
    if filled.kind == "postgresql":
        pytest.skip("PostgreSQL keeps its foreign keys itself")
    with closing(sqlite3.connect(target)) as connection:  # where foreign keys are off, as they are by default
        connection.execute("DELETE FROM conversations WHERE id = '1002'")
        connection.commit()
    done = repair(target)
    assert done.before.counts["threading"]["breaking"]
    assert done.read_again == ("conversations",)
    assert done.after.sound


def test_progress_tells_how_far_it_is(filled: Store) -> None:
    """Of a number that is known, at a rate, with the time that is left."""
    seen: list[Looking] = []
    verify(filled, progress=seen.append)
    last = [look for look in seen if look.phase == "conversations"][-1]
    assert (last.done, last.total) == (11, 11)
    assert last.rate > 0
    assert last.eta == 0


def test_a_sample_says_that_it_is_one(store: Store) -> None:
    """It looks at some, and never says that all is sound."""
    fill(store, conversations(8))
    found = verify(store, sample=True)
    assert found.damaged == 0
    assert found.sampled
    assert not found.sound
    assert {"file", "index"} <= found.skipped.keys()


def test_a_sample_of_many_looks_at_some(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawn from all over the store."""
    monkeypatch.setattr("bi_contracts.intercom.store.verifying.SAMPLE", 4)
    monkeypatch.setattr("bi_contracts.intercom.store.verifying.AT_ONCE", 1)
    assert 0 < verify(filled, sample=True).conversations < 11


@pytest.mark.usefixtures("filled")
def test_a_read_only_store_is_verified_too(target: str) -> None:
    """To be verified nothing has to be written."""
    with open_store(target, create=False, read_only=True) as store:
        assert verify(store).damaged == 0


def test_values_of_another_type_are_found_and_healed(filled: Store, target: str) -> None:
    """SQLite keeps whatever it is given."""
    if filled.kind == "postgresql":
        pytest.skip("PostgreSQL takes only what a column is made for")
    bodies = conversations(8)
    answers(bodies)(filled, ["900"])
    before = content(filled)
    for statement in (
        "UPDATE conversations SET subject = x'00ff' WHERE id = '1001'",
        "UPDATE parts SET raw = 'text' WHERE id = '10021'",
        "UPDATE conversations SET raw = 'text' WHERE id = '1003'",
        "UPDATE contacts SET phone = x'00' WHERE id = 'merged'",
        "UPDATE tickets SET contact_ids = '{' WHERE id = '77'",
        "UPDATE cursors SET at = 'noon' WHERE stream = 'contacts'",
        "UPDATE dead_letters SET raw = x'7b'",
        "UPDATE meta SET value = 'nowhere' WHERE key = 'source'",
    ):
        run(filled, statement)
    done = repair(target, answers(bodies))
    found = {damage.message for damage in done.before.damages}
    assert {"a contact: phone: of another type", "a ticket: contact_ids: not what Intercom sent"} <= found
    assert done.after.counts["schema"] == {"breaking": 1}  # nobody knows whose data they are
    after = content(filled)
    assert after["conversations"] == before["conversations"]
    assert after["parts"] == before["parts"]


def test_records_that_cannot_be_read_any_more_are_damage(filled: Store) -> None:
    """Their digests agree, and yet they are no contact, no ticket, no message."""
    odd = packed(canonical({"id": 7.5}))
    digest = digest_of(canonical({"id": 7.5}))
    with filled.writing() as connection:
        connection.execute(update(schema.contacts).values(raw=odd, digest=digest, brief=False))
        connection.execute(update(schema.tickets).values(raw=odd, digest=digest))
        connection.execute(update(schema.contacts).where(schema.contacts.c.id == "merged").values(raw=None))
    told = {damage.message for damage in verify(filled).damages}
    assert "a contact: what Intercom sent of it cannot be read" in told
    assert "a contact: what Intercom sent of it is missing" in told
    assert "a ticket: what Intercom sent of it cannot be read" in told


def test_bodies_are_held_against_the_contract(filled: Store) -> None:
    """Places and counts, no values; drift of the API is no damage."""
    keeps = Contract.infer("intercom/conversation", [envelope(one) for one in conversations(8).values()])
    assert verify(filled, contracts=keeps).sound
    whole = verify(filled, contracts=Contract.load(reference("contracts") / "intercom/conversation.schema.json"))
    assert whole.sound
    assert whole.counts["contract"]["warning"]
    assert any("in 9 of 9" in damage.message for damage in whole.damages)


def envelope(body: object) -> Any:
    headers = {"content-type": "application/json", "intercom-version": "2.11"}
    return {"status": 200, "headers": headers, "body": body}


def test_a_repair_keeps_out_of_a_sync_that_runs(filled: Store, target: str) -> None:
    """It would change rows under it: it says who has the lease."""
    run(filled, "UPDATE conversations SET state = 'closed' WHERE id = '1000'")
    with filled.lease(), pytest.raises(StoreBusy, match="in use"):
        repair(target, now=filled.now)
