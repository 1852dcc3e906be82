"""`bi-contracts intercom sync`: what it prints, how it ends, what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from bi_contracts.cli.intercom import options
from bi_contracts.cli.intercom.sync import command, line, shown
from bi_contracts.errors import ApiError, StoreError
from bi_contracts.intercom.store import open_store
from bi_contracts.intercom.store.values import DeadLetter, DriftNote, Run
from bi_contracts.intercom.sync import Step, Synced


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(options.STORE, raising=False)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(command, ["--mode", "sandbox", *words], standalone_mode=False)


def test_a_sync_says_what_it_came_to(folder: Path) -> None:
    """And leaves a store in the workspace."""
    ended = run("--max-conversations", "5")
    assert ended.exception is None, ended.exception
    said = ended.stdout.splitlines()
    assert said[0].endswith("intercom.db: incremental sync from sandbox: done")
    assert said[1] == "  window        the newest 5"
    assert "5 new, 0 changed, 0 deleted; 5 fetched, 0 still to fetch" in said[2]
    with open_store(folder / ".bi-contracts" / options.STORE_FILE, create=False) as store:
        assert store.status().counters["conversations"] == 5


def test_json_has_the_figures_and_no_words_of_anybody(folder: Path) -> None:
    """Data on stdout."""
    ended = run(
        "--max-conversations", "3", "--with", "tickets", "--workspace", str(folder / "there"), "--format", "json"
    )
    told = json.loads(ended.stdout)
    assert (told["run"]["outcome"], told["run"]["conversations"], told["tickets"]) == ("done", 3, 120)
    assert told["calls_each"] > 1
    assert (folder / "there" / options.STORE_FILE).is_file()


def test_a_moment_is_understood(folder: Path) -> None:
    """As a date, in UTC, and as so long ago by the clock of whoever answers."""
    kept = str(folder / "one.db")
    dated = json.loads(run("--since", "2026-01-10", "--format", "json", "--store", kept).stdout)
    assert dated["since"] == 1_768_003_200
    week = json.loads(run("--since", "7d", "--format", "json", "--store", kept).stdout)
    assert 1_767_400_000 < week["since"] < 1_767_600_000


@pytest.mark.usefixtures("folder")
def test_a_plain_sync_keeps_the_widest_window_and_a_full_one_has_none() -> None:
    """Which window it was is printed, and that nothing changed."""
    first, plain, full, then = (run(*words).stdout for words in (("--days", "3"), (), ("--full",), ()))
    assert "  window        updated after 2026-01-08T" in first
    assert first.splitlines()[1] == plain.splitlines()[1]
    assert "\n  nothing changed\n" in plain
    assert "  window        everything\n  conversations 118 new" in full
    assert "  window        everything\n  nothing changed\n" in then


def test_a_version_that_is_refused_is_named_with_its_option(folder: Path) -> None:
    """It is written as a version, but Intercom knows none such: still no fault of the command line."""
    ended = run("--intercom-version", "9.9")
    assert isinstance(ended.exception, ApiError)
    assert "--intercom-version 9.9 was refused" in str(ended.exception)
    with open_store(folder / ".bi-contracts" / options.STORE_FILE, create=False) as store:
        assert store.runs(1)[0].outcome == "failed"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--with", "companies"], "neither contacts nor tickets"),
        (["--workspace", "a", "--store", "b"], "leave one out"),
        (["--mode", "replay", "--from", "http://127.0.0.1:1"], "leave one of them out"),
        (["--days", "0"], "0.0 is not in the range"),
        (["--region", "mars"], "is not one of"),
        (["--since", "tomorrow"], "is no time"),
        (["--since", "2999-01-01"], "is still to come"),
        (["--since", "7d", "--days", "7"], "leave one out"),
        (["--intercom-version", "latest"], "is no version"),
    ],
)
def test_what_cannot_be_meant_is_refused(folder: Path, words: list[str], why: str) -> None:
    """Before anything is asked or written."""
    ended = run(*words)
    assert isinstance(ended.exception, click.UsageError)
    assert why in ended.exception.format_message()
    assert list(folder.iterdir()) == []


def test_a_store_of_another_source_ends_with_an_error_for_people(folder: Path) -> None:
    """Which says what to do."""
    with open_store(folder / "a.db") as store, store.batch() as batch:
        batch.meta("source", "live")
    ended = run("--store", str(folder / "a.db"))
    assert isinstance(ended.exception, StoreError)
    assert "choose another --store" in str(ended.exception)


def test_what_somebody_should_look_at_is_said_on_stderr(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drift with the worst first, dead letters, truncated conversations, warnings; and the exit code tells."""
    notes = tuple(DriftNote("conversation", "a-rule", f"/body/{name}", name, "") for name in ("info", "breaking"))
    found = Synced(
        Run("full", "sandbox", 0, outcome="partial"),
        dead=(DeadLetter("part", "7/9", "created_at is no time", None),),
        drift=notes,
        truncated=1,
        contacts=4,
        warnings=("something was not whole",),
    )
    monkeypatch.setattr("bi_contracts.cli.intercom.sync._run", lambda *_: found)
    ended = run("--store", str(folder / "a.db"))
    assert ended.return_value == 1
    assert [said.partition(":")[0] for said in ended.stderr.splitlines()] == [
        "drift, breaking",
        "drift, info",
        "not readable, kept as a dead letter",
        "1 conversation with more parts than Intercom sends",
        "something was not whole",
    ]
    assert "contacts      4" in ended.stdout


def test_a_step_is_a_line() -> None:
    """Rate, time left, and what the rate limit has left."""
    step = Step("conversations", 300, 1000, 149.2, 65.0, 1203, 310)
    assert line(step) == "149.2/s, 1:05 left, 1203 calls left in the window"
    assert line(Step("heads", 0)) == ""


def test_the_bar_shows_every_phase(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """On stderr, and only where somebody looks."""
    monkeypatch.setattr("bi_contracts.cli.options.quiet", lambda: False)
    with shown() as progress:
        assert progress is not None
        for step in (Step("heads", 5, 10), Step("heads", 10, 10), Step("conversations", 1, 10), Step("done", 10, 10)):
            progress(step)
    assert capsys.readouterr().out == ""
    monkeypatch.setattr("bi_contracts.cli.options.quiet", lambda: True)
    with shown() as progress:
        assert progress is None
