"""Zeroed pages, truncated files, lost logs: what is left is kept, what is lost is fetched."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bi_contracts.errors import StoreDamaged, StoreError
from bi_contracts.intercom.records import whole_conversation
from bi_contracts.intercom.store import open_store
from bi_contracts.intercom.store.examining import examine, expected
from bi_contracts.intercom.store.repairing import repair
from bi_contracts.intercom.store.verifying import verify

from ..made import body, part
from .conftest import Original
from .damage import PAGE, cut, flip, owners, zero
from .filling import END, START, answers, content, made

DERIVED = (
    "sqlite_schema",
    "sqlite_autoindex_conversations_1",
    "conversation_tags",
    "contacts_by_email",
    "messages_fts_data",
    "counters",
    "runs",
    "conversation_contacts",
)


@pytest.mark.parametrize("name", DERIVED)
def test_a_zeroed_page_of_what_can_be_derived_costs_no_call(damaged: Path, original: Original, name: str) -> None:
    """Indexes, links, counters: all of it stands elsewhere too."""
    zero(damaged, owners(damaged)[name][0])
    fetch = answers(original.bodies)
    done = repair(damaged, fetch)
    with open_store(damaged) as store:
        assert done.before.damaged
        assert done.after.sound
        assert fetch.asked == []
        assert content(store) == original.content


@pytest.mark.parametrize(("name", "at"), [("conversations", 1), ("conversations", 0), ("parts", 0), ("parts", -1)])
def test_a_zeroed_page_of_records_is_fetched_again(damaged: Path, original: Original, name: str, at: int) -> None:
    """A leaf loses its rows, and only those are asked for; an interior page loses none."""
    zero(damaged, owners(damaged)[name][at])
    fetch = answers(original.bodies)
    done = repair(damaged, fetch)
    with open_store(damaged) as store:
        assert done.after.sound
        assert (len(fetch.asked) == 0) is (at == 0)
        assert len(fetch.asked) < len(original.bodies) / 2
        assert content(store) == original.content
    assert done.kept is not None
    assert done.kept.exists()


def test_the_damaged_file_stays_as_it_was(damaged: Path, original: Original) -> None:
    """Under a name of its own, to the byte."""
    zero(damaged, owners(damaged)["parts"][1])
    before = damaged.read_bytes()
    kept = repair(damaged, answers(original.bodies)).kept
    assert kept is not None
    assert kept.read_bytes() == before
    assert kept.name.startswith("store.db.damaged-")
    assert damaged.stat().st_mode & 0o777 == 0o600
    assert not list(damaged.parent.glob("*.repairing*"))


@pytest.mark.parametrize("share", [0.3, 0.75, 0.98])
def test_a_truncated_file_is_found_and_healed(damaged: Path, original: Original, share: float) -> None:
    """Rows that are gone are known by their indexes, or asked for by the next sync."""
    cut(damaged, int(damaged.stat().st_size / PAGE * share), 100)
    assert any("cut off" in one.damage.message for one in examine(damaged, expected()))
    done = repair(damaged, answers(original.bodies))
    with open_store(damaged) as store:
        assert done.after.sound
        assert store.meta("source") == "sandbox"
        ids = {row["id"] for row in content(store)["conversations"]}
    assert ids == {row["id"] for row in original.content["conversations"]}


def test_what_is_lost_without_a_trace_is_left_to_the_next_sync(damaged: Path, original: Original) -> None:
    """Rows and their index are gone together: coverage is given up, and nothing is invented."""
    cut(damaged, 4, 100)
    done = repair(damaged, answers(original.bodies))
    with open_store(damaged) as store:
        assert "conversations" in done.read_again
        assert store.status().coverage == {}
        assert done.after.sound


def test_a_deleted_conversation_is_not_brought_back(damaged: Path, original: Original) -> None:
    """Its row is lost, Intercom has none of it: it is a tombstone again, without any word."""
    zero(damaged, owners(damaged)["conversations"][-1])
    repair(damaged, answers(original.bodies))
    with open_store(damaged) as store:
        held = store.conversation("902")
        words = damaged.read_bytes()
    assert held is None or held.deleted_at is not None
    assert b"secret" not in words


def test_without_anybody_to_ask_what_is_lost_waits_for_the_next_sync(damaged: Path, original: Original) -> None:
    """It is in the queue, and a verification goes on to call it damaged until it is fetched."""
    zero(damaged, owners(damaged)["conversations"][1])
    done = repair(damaged)
    assert done.waiting
    assert done.after.damaged >= len(done.waiting)
    with open_store(damaged) as store:
        answers(original.bodies)(store, [one.id for one in store.pending(100)])
        assert verify(store).sound
        assert content(store) == original.content


def test_messages_that_intercom_does_not_send_any_more_outlive_a_lost_row(tmp_path: Path) -> None:
    """The row of a truncated conversation is lost, its older messages are not."""
    path = tmp_path / "store.db"
    bodies = made(path, 5)
    with open_store(path) as store:
        answers(bodies)(store, ["900"])
        before = content(store)
    zero(path, owners(path)["conversations"][-1])
    done = repair(path, answers(bodies))
    with open_store(path) as store:
        assert done.salvaged is not None
        assert done.salvaged.missing
        assert content(store) == before


def open_log(path: Path, conversations: int = 6) -> dict[str, object]:
    """A store as a killed process leaves it: commits stand in its log. Gives what the file alone holds."""
    bodies = made(path, 5)
    aside = path.with_name("aside.db")
    with open_store(path) as store:
        before = content(store)
        for number in range(conversations):
            with store.batch() as batch:
                one = body(f"7{number}", START + number, [part(f"p{number}", START, "late")], created_at=START - 9)
                batch.bodies([(whole_conversation(one), END)])
        for end in ("", "-wal"):
            shutil.copy(f"{path}{end}", f"{aside}{end}")
    for end in ("", "-wal"):
        shutil.move(f"{aside}{end}", f"{path}{end}")
    return {"content": before, "bodies": bodies}


def test_a_lost_log_leaves_an_earlier_state_that_is_whole(tmp_path: Path) -> None:
    """What it held is older than no cursor: they are lost together."""
    path = tmp_path / "store.db"
    held = open_log(path)
    Path(f"{path}-wal").unlink()
    assert list(examine(path, expected())) == []
    with open_store(path) as store:
        assert verify(store).sound
        assert content(store) == held["content"]


def test_a_damaged_log_is_told_and_healed(tmp_path: Path) -> None:
    """SQLite would drop the commits after the damage without a word."""
    path = tmp_path / "store.db"
    open_log(path)
    log = Path(f"{path}-wal")
    flip(log, log.stat().st_size // 2, 3)
    assert any("commits" in one.damage.message for one in examine(path, expected()))
    done = repair(path)
    with open_store(path) as store:
        assert done.before.damaged
        assert done.after.sound
        assert store.count_between(0, END) >= 7


def test_a_log_whose_header_is_damaged_is_told(tmp_path: Path) -> None:
    """All of it would be ignored."""
    path = tmp_path / "store.db"
    open_log(path)
    flip(Path(f"{path}-wal"), 3, 5)
    assert any("log" in one.damage.message for one in examine(path, expected()))


def test_salvage_reads_the_log_too(tmp_path: Path) -> None:
    """A page of the file is lost, and what was committed last stands in the log."""
    path = tmp_path / "store.db"
    bodies = open_log(path)["bodies"]
    zero(path, owners(path)["tickets"][0])
    assert isinstance(bodies, dict)
    done = repair(path, answers(bodies))
    with open_store(path) as store:
        assert done.kept is not None
        held = store.conversation("75")
        assert held is not None
        assert held.parts[-1].text == "late"


def test_what_is_no_store_at_all_is_left_alone(tmp_path: Path) -> None:
    """Somebody's other database, or a text, is not ours to mend."""
    other, text = tmp_path / "other.db", tmp_path / "notes.txt"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE meta_of_theirs (a)")
    text.write_text("buy milk\n" * 999)
    for path in (other, text):
        before = path.read_bytes()
        with pytest.raises(StoreDamaged, match="left alone"):
            repair(path)
        assert path.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.txt", "other.db"]


def test_indexes_that_are_not_in_step_are_built_again_in_place(damaged: Path, original: Original) -> None:
    """The file stays where it is, and nothing is fetched."""
    page = (owners(damaged)["contacts_by_email"][-1] - 1) * PAGE
    flip(damaged, damaged.read_bytes().index(b"c2@customers", page), 1)
    assert {one.damage.check for one in examine(damaged, expected())} == {"index"}
    done = repair(damaged, answers(original.bodies))
    assert done.kept is None
    assert done.after.sound


def test_a_store_that_says_it_is_of_another_version_and_is_not_is_healed(damaged: Path, original: Original) -> None:
    """Its tables are those of this one."""
    with closing(sqlite3.connect(damaged)) as connection:
        connection.execute("UPDATE meta SET value = '9' WHERE key = 'schema'")
        connection.commit()
    done = repair(damaged, answers(original.bodies))
    with open_store(damaged) as store:
        assert done.after.sound
        assert content(store) == original.content


def test_a_store_of_a_newer_version_is_left_alone(damaged: Path) -> None:
    """It has tables that this one does not know."""
    with closing(sqlite3.connect(damaged)) as connection:
        connection.executescript("UPDATE meta SET value = '9' WHERE key = 'schema'; CREATE TABLE newer (a)")
    before = damaged.read_bytes()
    with pytest.raises(StoreError, match="newer"):
        repair(damaged)
    assert damaged.read_bytes() == before


def test_without_hard_links_the_damaged_file_is_copied(
    damaged: Path, original: Original, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some file systems have none."""

    def none(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("os.link", none)
    flip(damaged, 0)
    before = damaged.read_bytes()
    kept = repair(damaged, answers(original.bodies)).kept
    assert kept is not None
    assert kept.read_bytes() == before


def test_damage_that_is_met_only_when_rows_are_read_is_salvaged(
    damaged: Path, original: Original, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look at the file may come before the damage."""
    zero(damaged, owners(damaged)["parts"][2])
    monkeypatch.setattr("bi_contracts.intercom.store.checks.file.pages", lambda _: ())
    done = repair(damaged, answers(original.bodies))
    with open_store(damaged) as store:
        assert done.kept is not None
        assert done.after.sound
        assert content(store) == original.content
