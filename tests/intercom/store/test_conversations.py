"""Conversations come as heads and as bodies; what is newest is held, and nothing is written twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from bi_contracts.errors import StoreError
from bi_contracts.intercom.records import conversation_head, whole_conversation
from bi_contracts.intercom.store import open_store
from bi_contracts.intercom.store.schema import TIE_BITS, parts
from bi_contracts.intercom.store.store import Store
from bi_contracts.intercom.store.values import Written
from bi_contracts.intercom.store.writing import rows

from ..made import BOB, body, head_row, part
from .contents import check, found, row, texts, write_bodies, write_heads

T = 1_700_000_000


def test_a_head_is_searchable_at_once(store: Store) -> None:
    """A row of a search is held with its first message, and waits for its body."""
    written = write_heads(store, head_row("1", T, text="broken keyboard", parts=3))
    assert written == Written(new=1, parts_new=1)
    assert found(store, "keyboard") == {"source"}
    assert [(one.id, one.updated_at) for one in store.pending(5)] == [("1", T)]
    assert (row(store, "1")["parts_total"], row(store, "1")["parts_held"]) == (3, 0)
    check(store)


def test_a_body_completes_a_head(store: Store) -> None:
    """With its parts held, a conversation waits for nothing."""
    write_heads(store, head_row("1", T))
    written = write_bodies(store, body("1", T, [part("7", T - 5, "have you tried a <b>new</b> one")]))
    assert written == Written(updated=1, parts_new=1)
    assert texts(store, "1") == {"source": "first message of 1", "7": "have you tried a new one"}
    assert store.pending(5) == []
    check(store)


def test_what_is_the_same_writes_nothing(store: Store) -> None:
    """The same heads and bodies again are not even an UPDATE."""
    head, whole = head_row("1", T), body("1", T, [part("7", T - 5)])
    write_heads(store, head)
    write_bodies(store, whole)
    said: list[str] = []
    event.listen(store.database.engine, "before_cursor_execute", lambda *heard: said.append(heard[2]))
    assert write_heads(store, head, head) == Written(unchanged=2)
    assert write_bodies(store, whole, at=T + 999) == Written(unchanged=1)
    assert [one for one in said if one.startswith(("INSERT", "UPDATE", "DELETE", "COPY"))] == []


@pytest.mark.parametrize(
    ("at", "waits"),
    [(T, True), (T + 1, False)],
    ids=["within the second", "after it"],
)
def test_a_body_of_the_same_second_is_fetched_again(store: Store, at: int, waits: bool) -> None:
    """Within the second of its last update, a body may miss what else happened in it."""
    write_bodies(store, body("1", T), at=at)
    assert bool(store.pending(5)) is waits
    write_bodies(store, body("1", T), at=T + 2)
    assert store.pending(5) == []
    assert store.known(["1"])["1"].fetched_at == (T + 2 if waits else T + 1)


def test_an_update_writes_the_parts_that_changed(store: Store) -> None:
    """Parts are compared by id and digest: an edit, a redaction, a removal and a new one are seen as such."""
    whole = [part(str(n), T + n, f"word{n}") for n in range(6)]
    write_bodies(store, body("1", T + 10, whole))
    with store.reading() as connection:
        numbers = dict(connection.execute(select(parts.c.id, parts.c.n)).all())  # type: ignore[arg-type]
    edited = part("1", T + 1, "edited", updated_at=T + 20)
    redacted = part("2", T + 2, "", body=None, redacted=True)
    written = write_bodies(
        store, body("1", T + 20, [whole[0], edited, redacted, *whole[4:], part("9", T + 20, "added")])
    )
    assert written == Written(updated=1, parts_new=1, parts_updated=2, parts_removed=1)
    assert texts(store, "1") == {
        "source": "first message of 1",
        "0": "word0",
        "1": "edited",
        "2": "",
        "4": "word4",
        "5": "word5",
        "9": "added",
    }
    for word, ids in (("word1", set()), ("word2", set()), ("word3", set()), ("edited", {"1"}), ("word4", {"4"})):
        assert found(store, word) == ids
    with store.reading() as connection:
        after = dict(connection.execute(select(parts.c.id, parts.c.n)).all())  # type: ignore[arg-type]
    assert {id: after[id] for id in numbers if id in after} == {id: n for id, n in numbers.items() if id != "3"}
    check(store)


def test_a_part_that_was_made_at_another_time_gets_another_number(store: Store) -> None:
    """A part's number tells when it was made."""
    write_bodies(store, body("1", T, [part("7", T - 9, "early")]))
    assert write_bodies(store, body("1", T + 1, [part("7", T - 8, "early")])) == Written(updated=1, parts_updated=1)
    with store.reading() as connection:
        (n,) = connection.scalars(select(parts.c.n).where(parts.c.id == "7"))
    assert n >> TIE_BITS == T - 8
    check(store)


def test_parts_of_one_second_are_told_apart(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers that are taken give way to the next ones of the same second, also of parts that are held already."""
    monkeypatch.setattr(rows, "crc32", lambda _: rows.TIES)
    write_bodies(store, body("1", T, [part(str(n), T, f"word{n}") for n in range(3)], created_at=T))
    write_bodies(store, body("2", T, [part("9", T, "word9")], created_at=T))
    with store.reading() as connection:
        numbers = set(connection.scalars(select(parts.c.n)))
    first = T << TIE_BITS
    assert numbers == {first + rows.TIES, *range(first, first + 5)}
    assert found(store, "word9") == {"9"}
    check(store)


def test_an_older_body_changes_nothing(store: Store) -> None:
    """Bodies arrive in any order; the newest one is held."""
    write_bodies(store, body("1", T, [part("7", T - 5, "now")]))
    assert write_bodies(store, body("1", T - 1, [part("7", T - 5, "before")])) == Written(unchanged=1)
    assert write_bodies(store, body("1", T, [part("7", T - 5, "before")]), at=T + 30) == Written(unchanged=1)
    assert texts(store, "1")["7"] == "now"


def test_one_batch_may_hold_a_conversation_twice(store: Store) -> None:
    """The newest one counts, wherever it stands."""
    write_heads(store, head_row("1", T, text="second"), head_row("1", T - 1, text="first"))
    assert texts(store, "1") == {"source": "second"}
    write_bodies(store, body("1", T + 2, text="fourth"), body("1", T + 1, text="third"))
    assert texts(store, "1") == {"source": "fourth"}
    check(store)


def test_a_newer_head_updates_a_body_that_is_held(store: Store) -> None:
    """What its row says is held at once; its parts stay until the body comes."""
    write_bodies(store, body("1", T, [part("7", T - 5)]))
    written = write_heads(store, head_row("1", T + 5, state="closed", open=False, text="changed"))
    assert written == Written(updated=1, parts_updated=1)
    held = row(store, "1")
    assert (held["state"], held["updated_at"], held["body_at"], held["pending"]) == ("closed", T + 5, T, True)
    assert texts(store, "1") == {"source": "changed", "7": "part 7"}
    check(store)


def test_a_body_older_than_its_head(store: Store) -> None:
    """A body that was answered before the last update gives its parts; what the newer row said stays."""
    write_heads(store, head_row("1", T + 5, state="closed", text="newer"))
    write_bodies(store, body("1", T, [part("7", T - 5)], text="older"))
    held = row(store, "1")
    assert (held["state"], held["updated_at"], held["body_at"], held["pending"]) == ("closed", T + 5, T, True)
    assert texts(store, "1") == {"source": "newer", "7": "part 7"}
    check(store)


def test_a_body_ahead_of_its_head(store: Store) -> None:
    """A search whose index lags takes nothing back, and costs no second body."""
    write_heads(store, head_row("1", T))
    write_bodies(store, body("1", T + 5, [part("7", T)], state="closed"))
    write_heads(store, head_row("1", T + 5, state="closed"))
    assert row(store, "1")["state"] == "closed"
    assert store.pending(5) == []
    assert write_heads(store, head_row("1", T)) == Written(unchanged=1)
    assert store.known(["1"])["1"].seen_at == T + 5


def test_a_head_that_changed_without_an_update(store: Store) -> None:
    """Something may change that does not count as an update: the body is fetched again, once."""
    write_heads(store, head_row("1", T))
    write_bodies(store, body("1", T))
    assert write_heads(store, head_row("1", T, read=True)) == Written(updated=1)
    assert [one.id for one in store.pending(5)] == ["1"]
    write_bodies(store, body("1", T, read=True), at=T + 99)
    assert store.pending(5) == []
    assert write_heads(store, head_row("1", T, read=True)) == Written(unchanged=1)
    check(store)


def test_a_head_that_changed_before_its_body_came(store: Store) -> None:
    """Of two rows of one second, the last one is held."""
    write_heads(store, head_row("1", T, text="one"))
    write_heads(store, head_row("1", T, text="two"))
    assert texts(store, "1") == {"source": "two"}
    check(store)


def test_a_truncated_conversation_keeps_its_older_parts(store: Store) -> None:
    """Only the newest parts are sent of a long conversation; those held before stay."""
    long = [part(str(n), T + n, f"word{n}") for n in range(6)]
    write_bodies(store, body("1", T + 10, long[:4]))
    write_bodies(store, body("1", T + 20, long[3:], total=7))
    held = row(store, "1")
    assert list(texts(store, "1")) == ["source", "0", "1", "2", "3", "4", "5"]
    assert (held["parts_held"], held["parts_total"], held["truncated"]) == (6, 7, True)
    check(store)
    # One that vanished from among the parts that are sent was removed.
    write_bodies(store, body("1", T + 30, [long[3], long[5]], total=6))
    assert list(texts(store, "1")) == ["source", "0", "1", "2", "3", "5"]
    check(store)


def test_a_conversation_all_of_which_is_held_is_not_truncated(store: Store) -> None:
    """Parts that were held before they were sent no more are not missing."""
    long = [part(str(n), T + n) for n in range(6)]
    write_bodies(store, body("1", T + 10, long[:5]))
    write_bodies(store, body("1", T + 20, long[2:], total=6))
    held = row(store, "1")
    assert (held["parts_held"], held["parts_total"], held["truncated"]) == (6, 6, False)


@pytest.mark.parametrize(
    ("total", "places"), [(5, [1, 2, 3, 4, 5, 6]), (4, [1, 2, 3, 4, 5, 6]), (8, [1, 2, 3, 6, 7, 8])]
)
def test_parts_that_are_kept_stand_before_those_that_were_sent(store: Store, total: int, places: list[int]) -> None:
    """Also where Intercom counts fewer of them than before: nobody says which ones are gone."""
    long = [part(str(n), T + n) for n in range(6)]
    write_bodies(store, body("1", T + 10, long))
    for seconds in (20, 30):
        write_bodies(store, body("1", T + seconds, long[3:], total=total))
        with store.reading() as connection:
            found = select(parts.c.position).where(parts.c.id != "source").order_by(parts.c.n)
            assert list(connection.scalars(found)) == places
        assert row(store, "1")["parts_total"] == max(total, 6)
    assert not [one for one in store.verify().damages if one.check == "threading"]


def test_a_part_that_cannot_be_read_any_more_leaves_no_words(store: Store) -> None:
    """They may be those that were redacted; what is sent of it is a dead letter, and the other parts stay."""
    write_bodies(store, body("1", T, [part("7", T - 5, "kept"), part("8", T - 4)]))
    write_bodies(store, body("1", T + 1, [part("7", T - 5) | {"created_at": None}, part("8", T - 4)]))
    assert "7" not in texts(store, "1")
    assert "8" in texts(store, "1")
    assert found(store, "kept") == set()
    assert row(store, "1")["truncated"] is False
    check(store)


def test_parts_move_up_where_one_was_removed(store: Store) -> None:
    """A part's place is kept in step, though nothing else of it changed."""
    write_bodies(store, body("1", T, [part("7", T - 5), part("8", T - 4), part("9", T - 3)]))
    written = write_bodies(store, body("1", T + 1, [part("7", T - 5), part("9", T - 3)]))
    assert written == Written(updated=1, parts_removed=1)
    with store.reading() as connection:
        places = dict(connection.execute(select(parts.c.id, parts.c.position)).all())  # type: ignore[arg-type]
    assert places == {"source": 0, "7": 1, "9": 2}


def test_words_of_any_language_are_found(store: Store) -> None:
    """Diacritics and punctuation keep nobody from finding a word; both databases split words alike."""
    write_bodies(
        store,
        body(
            "1", T, [part("7", T - 5, "Ça marche: naïve café/bar, ann@example.com v2.10"), part("8", T - 4, "мир 世界")]
        ),
    )
    for word in ("marche", "ca", "naive", "cafe", "bar", "example", "v2", "10"):
        assert found(store, word) == {"7"}, word
    assert found(store, "мир") == {"8"}


def test_a_very_long_message_is_held(store: Store) -> None:
    """What is longer than any index takes is held whole."""
    text = " ".join(f"w{n:x}" for n in range(200_000))
    write_bodies(store, body("1", T, [part("7", T - 5, text)]))
    assert texts(store, "1")["7"] == text
    assert found(store, "w1") == {"7"}


def test_pending_is_read_page_by_page(store: Store) -> None:
    """The newest come first, and a page begins where the last one ended, also within a second."""
    write_heads(store, *(head_row(str(n), T + n // 3) for n in range(10)))
    seen: list[str] = []
    before = None
    while page := store.pending(2, before):
        seen += [one.id for one in page]
        before = (page[-1].updated_at, page[-1].n)
    assert seen == [str(n) for n in reversed(range(10))]


@pytest.mark.parametrize("before", [None, (T, 5)])
def test_pending_is_read_from_its_index(tmp_path: Path, before: tuple[int, int] | None) -> None:
    """Of a large store that waits for nothing, nothing is read to find that out."""
    said: list[tuple[str, Any]] = []
    with open_store(tmp_path / "store.db") as store:
        event.listen(store.database.engine, "before_cursor_execute", lambda *heard: said.append(heard[2:4]))
        store.pending(5, before)
        statement, parameters = next(one for one in said if one[0].startswith("SELECT"))
        with store.reading() as connection:
            plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all())
    assert "conversations_pending" in plan


def test_what_is_known_and_counted(store: Store) -> None:
    """A window holds what was updated above its start and up to its end, and is not deleted."""
    write_heads(store, *(head_row(str(n), T + n) for n in range(5)))
    with store.batch() as batch:
        batch.deleted(["2"], T + 99, "missing")
    assert store.count_between(T, T + 3) == 2
    assert list(store.ids_between(T, T + 3)) == [("3", T + 3), ("1", T + 1)]
    known = store.known(["1", "2", "none"])
    assert {id: (one.pending, one.deleted) for id, one in known.items()} == {"1": (True, False), "2": (False, True)}


def _half_a_batch(store: Store) -> None:
    with store.batch() as batch:
        batch.heads([conversation_head(head_row("2", T))])
        batch.bodies([(whole_conversation(body("1", T, [part("7", T)])), T + 9)])
        batch.meta("source", "live")
        raise ZeroDivisionError


def test_a_batch_that_fails_keeps_nothing(store: Store) -> None:
    """An exception in a batch takes back all of it, counters too."""
    write_heads(store, head_row("1", T))
    with pytest.raises(ZeroDivisionError):
        _half_a_batch(store)
    assert set(store.known(["1", "2"])) == {"1"}
    assert texts(store, "1") == {"source": "first message of 1"}
    assert store.meta("source") is None
    check(store)


def test_an_error_tells_nobody_s_words(store: Store) -> None:
    """What the database says of a row that it does not take is not passed on."""
    private = {"conversation": 999, "text": "my secret", "author_name": "Ann"}
    made = rows.part_row(999, whole_conversation(body("1", T)).parts[0]) | private | {"n": 1, "redacted": None}
    with pytest.raises(StoreError) as told, store.batch() as batch:
        store.database.insert(batch.connection, parts, [made])
    assert "secret" not in f"{told.value!r} {told.value.__cause__!r}"
    assert told.value.__suppress_context__


def test_authors_are_kept(store: Store) -> None:
    """Who wrote a part stands beside it."""
    write_bodies(store, body("1", T, [part("7", T, author=BOB)]))
    with store.reading() as connection:
        (who,) = connection.execute(select(parts.c.author_type, parts.c.author_name).where(parts.c.id == "7"))
    assert tuple(who) == ("admin", "Bob")
