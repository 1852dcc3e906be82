"""Deleted conversations leave a tombstone without words, and may come back."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from bi_contracts.intercom.store import forgetting, open_store
from bi_contracts.intercom.store.schema import conversations, parts
from bi_contracts.intercom.store.store import Store
from bi_contracts.intercom.store.values import Written

from ..made import body, head_row, part
from .contents import check, content, found, row, texts, write_bodies, write_heads

T = 1_700_000_000
WORDS = body("1", T, [part("7", T - 5, "please forget me")], title="Private matter", text="my address")


def delete(store: Store, *ids: str, at: int = T + 100, by: str = "deleted") -> Written:
    with store.batch() as batch:
        return batch.deleted(ids, at, by)


def test_nothing_of_its_words_stays(store: Store) -> None:
    """Text, subject, names and what was sent are erased; ids, times and digests stay."""
    write_bodies(store, WORDS, body("2", T, [part("8", T, "forget")]))
    before = content(store, "1")
    assert delete(store, "1", "nobody's") == Written(updated=1, unchanged=1)
    held = row(store, "1")
    assert (held["deleted_at"], held["deleted_by"], held["subject"], held["pending"]) == (T + 100, "deleted", "", False)
    assert texts(store, "1") == {"source": "", "7": ""}
    with store.reading() as connection:
        ours = parts.c.conversation == held["n"]
        raws = set(connection.scalars(select(parts.c.raw).where(ours)))
        raws |= set(connection.scalars(select(conversations.c.raw).where(conversations.c.id == "1")))
        names = set(connection.scalars(select(parts.c.author_name + parts.c.author_email).where(ours)))
        digests = list(connection.scalars(select(parts.c.digest).where(ours).order_by(parts.c.id)))
    assert (raws, names) == ({b"null"}, {""})
    assert digests == [one[-2] for one in before[1]]
    assert found(store, "forget") == {"8"}
    assert found(store, "address") == set()
    check(store)


def test_the_same_deletion_again_writes_nothing(store: Store) -> None:
    """Intercom lists deletions again and again."""
    write_bodies(store, WORDS)
    delete(store, "1")
    assert delete(store, "1", at=T + 200, by="missing") == Written(unchanged=1)
    assert row(store, "1")["deleted_by"] == "deleted"


def test_one_that_is_read_again_comes_back(store: Store) -> None:
    """Seen by a search, its body is fetched; the body brings everything back."""
    write_bodies(store, WORDS)
    before = content(store, "1")
    delete(store, "1")
    again = {**WORDS, "updated_at": T + 200}
    assert write_heads(store, {**head_row("1", T + 200)}) == Written(updated=1)
    assert [one.id for one in store.pending(5)] == ["1"]
    assert row(store, "1")["deleted_at"] == T + 100
    check(store)
    write_bodies(store, again)
    assert content(store, "1")[1:] == before[1:]
    assert found(store, "forget") == {"7"}
    assert store.pending(5) == []
    check(store)
    # The list of deletions still has it.
    assert delete(store, "1") == Written(unchanged=1)
    assert delete(store, "1", by="missing", at=T + 300) == Written(updated=1)


def test_one_that_is_gone_after_all(store: Store) -> None:
    """Seen by a search that lags, and not there when its body is fetched: it stays deleted, and waits no more."""
    write_bodies(store, WORDS)
    delete(store, "1", by="missing")
    write_heads(store, head_row("1", T))
    assert [one.id for one in store.pending(5)] == ["1"]
    delete(store, "1", at=T + 300, by="missing")
    assert store.pending(5) == []
    assert write_heads(store, head_row("1", T)) == Written(unchanged=1)
    check(store)


@pytest.mark.parametrize(("by", "waits"), [("reconciled", True), ("missing", False), ("deleted", False)])
def test_one_that_was_only_not_found(store: Store, by: str, waits: bool) -> None:
    """What a search did not show and then shows as it was may be there; what was said to be gone is gone."""
    write_heads(store, head_row("1", T))
    delete(store, "1", by=by)
    write_heads(store, head_row("1", T))
    assert bool(store.pending(5)) is waits


def test_a_body_from_before_its_deletion(store: Store) -> None:
    """A body that was on its way while its conversation was deleted brings nothing back."""
    write_heads(store, head_row("1", T))
    delete(store, "1", at=T + 100)
    assert write_bodies(store, WORDS, at=T + 100) == Written(unchanged=1)
    assert texts(store, "1") == {"source": ""}
    assert write_bodies(store, WORDS, at=T + 101) == Written(updated=1, parts_new=1, parts_updated=1)
    check(store)


def test_one_that_comes_back_older_than_its_last_head(store: Store) -> None:
    """What an older body said of it is held, whatever a row said before the deletion, and stays sound."""
    write_heads(store, head_row("1", T + 5, text="newer"))
    delete(store, "1", at=T)
    for said in ("older", "older still"):
        write_bodies(store, body("1", T, text=said), at=T + 1)
        assert texts(store, "1") == {"source": said}
        assert row(store, "1")["pending"]
        check(store)


def test_one_that_comes_back_truncated(store: Store) -> None:
    """Of its older parts, which are not sent any more, nothing is left that could be kept."""
    write_bodies(store, body("1", T, [part("7", T - 5), part("8", T - 4)]))
    delete(store, "1", at=T + 100)
    write_bodies(store, body("1", T, [part("8", T - 4)], total=2), at=T + 101)
    assert texts(store, "1") == {"source": "first message of 1", "8": "part 8"}
    assert (row(store, "1")["parts_held"], row(store, "1")["truncated"]) == (1, True)
    check(store)


@pytest.mark.parametrize("redacted", [False, True], ids=["deleted", "redacted"])
def test_erased_words_leave_the_file(tmp_path: Path, redacted: bool) -> None:
    """What is no longer found stands in no page of the index either, once it was told to forget."""
    path = tmp_path / "store.db"
    with open_store(path) as store:
        for number in range(3):
            kept = [part(f"9{number}", T, f"kept{number}")]
            write_bodies(store, body(f"{number + 2}", T, kept))
        write_bodies(store, body("1", T, [part("7", T - 5, "please qwhippoword")], text="hello"))
    assert b"hippoword" in path.read_bytes()
    with open_store(path) as store:
        if redacted:
            write_bodies(store, body("1", T + 9, [part("7", T - 5, None, redacted=True)], text="hello"), at=T + 99)
        else:
            delete(store, "1")
        assert not store.forget(seconds=-1.0)
        assert store.forget()
        assert store.meta(forgetting.KEY) is None
        assert found(store, "kept1") == {"91"}
        check(store)
    assert b"hippoword" not in path.read_bytes()
