"""The verbs init, verify and backup, as they are typed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bi_contracts.cli import cli
from bi_contracts.intercom.store import open_store
from bi_contracts.intercom.store.store import Store

from .conftest import Original
from .damage import flip, owners, zero
from .filling import answers

Type = Callable[..., Result]


@pytest.fixture
def type_(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Type:
    """Types a command in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BI_CONTRACTS_INTERCOM_STORE", raising=False)
    return lambda *words: CliRunner().invoke(cli, ["intercom", *map(str, words)])


def test_init_makes_an_empty_store_and_says_what_is_next(type_: Type, tmp_path: Path) -> None:
    """And leaves alone what is there."""
    made = type_("init")
    assert made.exit_code == 0, made.output
    assert "an empty store, made" in made.output
    assert "next: bi-contracts intercom sync --days 30" in made.output
    assert (tmp_path / ".bi-contracts" / "intercom.db").stat().st_mode & 0o777 == 0o600
    assert "left alone" in type_("init").output
    assert json.loads(type_("init", "--store", "x.db", "--format", "json").stdout)["made"] is True


def test_test_mode_is_below_the_folder_of_the_environment(
    type_: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the seed has it."""
    monkeypatch.setenv("FASTINTERCOM_TEST_WORKSPACE", str(tmp_path / "seed"))
    assert str(tmp_path / "seed" / "data.db") in type_("init", "--test-mode").output
    assert (tmp_path / "seed" / "data.db").exists()
    assert type_("init", "--test-mode", "--store", "x.db").exit_code == 2


def test_verify_of_a_sound_store_ends_with_0(type_: Type, damaged: Path) -> None:
    """Each check is named, and what the data are evidence of is said."""
    told = type_("verify", "--store", damaged)
    assert told.exit_code == 0, told.output
    assert "not evidence about the live API" in told.output
    found = json.loads(type_("verify", "--store", damaged, "--format", "json").stdout)
    assert found["sound"] is True
    assert found["damaged"] == 0


def test_verify_of_a_damaged_store_ends_with_1_and_tells_no_words(type_: Type, damaged: Path) -> None:
    """It says which conversation, and nothing that anybody wrote."""
    flip(damaged, damaged.read_bytes().index(b"newer 4"), 1)
    told = type_("verify", "--store", damaged)
    assert told.exit_code == 1
    assert "/conversations/901" in told.output
    assert "newer" not in told.output
    assert "FAILED" in told.output


def test_verify_of_a_store_that_cannot_be_opened_says_what_was_not_looked_at(type_: Type, damaged: Path) -> None:
    """Nothing that did not run looks like a pass."""
    flip(damaged, 0, 1)
    told = type_("verify", "--store", damaged, "--format", "json")
    found: dict[str, Any] = json.loads(told.stdout)
    assert told.exit_code == 1
    assert found["damaged"]
    assert {"digest", "ids", "threading", "counters"} <= found["skipped"].keys()


def test_what_could_not_be_read_to_its_end_is_no_pass(type_: Type, damaged: Path) -> None:
    """A page in the midst of the conversations is gone: their checks are skipped, or failed."""
    zero(damaged, owners(damaged)["conversations"][2])
    found = json.loads(type_("verify", "--store", damaged, "--format", "json").stdout)
    assert {"digest", "ids", "threading", "pending", "deleted"} <= found["skipped"].keys()
    assert found["sound"] is False


def test_a_sample_is_labelled_and_no_part_of_a_repair(type_: Type, damaged: Path) -> None:
    """In every format."""
    assert "a sample: " in type_("verify", "--store", damaged, "--quick").output
    found = json.loads(type_("verify", "--store", damaged, "--quick", "--format", "json").stdout)
    assert (found["sampled"], found["sound"]) == (True, False)
    assert type_("verify", "--store", damaged, "--quick", "--repair").exit_code == 2
    assert type_("verify", "--store", damaged, "--local").exit_code == 2


def test_repair_tells_what_it_did_and_how_the_store_is_now(type_: Type, damaged: Path) -> None:
    """Without anybody to ask, what is lost waits, and the command ends with 1."""
    zero(damaged, owners(damaged)["conversations"][1])
    told = type_("verify", "--store", damaged, "--repair", "--local")
    assert told.exit_code == 1
    assert "is kept as" in told.stderr
    assert "still to be fetched: bi-contracts intercom sync" in told.stderr


def test_repair_asks_whoever_the_store_was_synced_from(
    type_: Type, damaged: Path, original: Original, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only for what is damaged, and the result is sound."""
    asked: list[str] = []

    async def refetch(store: Store, intercom: Any, ids: Any, **_: Any) -> None:
        asked.extend([*ids, intercom.source])
        answers(original.bodies)(store, list(ids))

    monkeypatch.setattr("bi_contracts.intercom.sync.refetch", refetch)
    zero(damaged, owners(damaged)["conversations"][1])
    told = type_("verify", "--store", damaged, "--repair", "--format", "json")
    assert told.exit_code == 0, told.output
    found = json.loads(told.stdout)
    assert found["sound"]
    assert found["repaired"]["fetched"] == sorted(asked[:-1])
    assert found["repaired"]["waiting"] == []
    assert asked[-1] == "sandbox"


def test_contacts_that_are_lost_are_left_to_a_sync_of_contacts(type_: Type, damaged: Path) -> None:
    """The command says which one."""
    zero(damaged, owners(damaged)["tickets"][0])
    told = type_("verify", "--store", damaged, "--repair", "--local")
    assert told.exit_code == 0, told.output
    assert "sync --with tickets" in told.stderr


def test_a_store_that_is_not_there_is_said_to_be_missing(type_: Type) -> None:
    """By verify and by backup, and neither makes one."""
    for words in (("verify",), ("verify", "--repair"), ("backup", "copy.db")):
        told = type_(*words)
        assert "there is no store" in str(told.exception)
    assert not Path(".bi-contracts").exists()


def test_an_empty_file_is_no_store_to_verify_nor_to_repair(type_: Type, tmp_path: Path) -> None:
    """Both say the same, and what to type."""
    (tmp_path / "empty.db").touch()
    said = {
        str(type_(*words, "--store", tmp_path / "empty.db").exception)
        for words in (("verify",), ("verify", "--repair"))
    }
    assert len(said) == 1
    assert "bi-contracts intercom sync makes one" in said.pop()


def test_a_backup_is_named_with_its_size(type_: Type, damaged: Path) -> None:
    """For people and for programs."""
    told = type_("backup", "copy.db", "--store", damaged)
    assert told.exit_code == 0, told.output
    assert told.output.startswith("copy.db: a copy of")
    found = json.loads(type_("backup", "copy.db", "--store", damaged, "--force", "--format", "json").stdout)
    assert found["bytes"] == Path("copy.db").stat().st_size
    with open_store("copy.db", create=False) as store:
        assert store.conversation("1001") is not None
    assert type_("backup", "more.db", "--store", damaged, "--pg-dump").exit_code == 2


def test_progress_is_drawn_where_somebody_looks(type_: Type, damaged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a rate and the time that is left."""
    from bi_contracts.cli.intercom.verify import line
    from bi_contracts.intercom.store.verifying import Looking

    monkeypatch.setattr("bi_contracts.cli.options.quiet", lambda: False)
    assert type_("verify", "--store", damaged).exit_code == 0
    assert type_("backup", "copy.db", "--store", damaged).exit_code == 0
    assert line(Looking("conversations", 10, 100, 5.0, 65.0)) == "5/s, 1:05 left"
    assert line(Looking("contacts", 10, 0, 5.0, None)) == "5/s"
    assert line(Looking("contacts", 0, 0, 0.0, None)) == ""


def test_a_store_in_postgresql_is_repaired_and_dumped(type_: Type, postgresql: str, tmp_path: Path) -> None:
    """Its files are its server's business; its address is shown without a password."""
    with open_store(postgresql):
        pass
    told = type_("verify", "--store", postgresql, "--repair", "--local", "--format", "json")
    assert told.exit_code == 0, told.output
    assert "options" not in json.loads(told.stdout)["store"]
    assert "pg_dump" in str(type_("backup", tmp_path / "copy", "--store", postgresql).exception)
    dumped = type_("backup", tmp_path / "copy", "--store", postgresql, "--pg-dump")
    assert dumped.exit_code == 0 or "not on the PATH" in str(dumped.exception)
