"""`bi-contracts intercom search`, `show` and `status`: what they print, and what they say beneath it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bi_contracts.cli import cli
from bi_contracts.cli.intercom import provenance
from bi_contracts.errors import StoreMissing
from bi_contracts.intercom.records import conversation_head
from bi_contracts.intercom.store import open_store
from bi_contracts.intercom.store.values import DriftNote, Range, Run

from ..made import body, head_row, part
from . import corpus
from .corpus import T0


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of a sandbox, synced at `T0` and once more, when it failed."""
    path = tmp_path_factory.mktemp("commands") / "store.db"
    with open_store(path) as store:
        with store.batch() as batch:
            for key, value in (("source", "sandbox"), ("workspace", "w1"), ("workspace_name", "Acme")):
                batch.meta(key, value)
            batch.cover("conversations", Range(T0 - 50, T0 - 40))
            batch.cover("conversations", Range(T0 - 20, T0))
            batch.run(Run("backfill", "sandbox", T0 - 9, ended_at=T0, outcome="done", calls=12, milliseconds=900))
            batch.run(Run("incremental", "sandbox", T0 + 1, ended_at=T0 + 2, outcome="failed", error="why"))
            batch.drift([DriftNote("conversation", "rule", "/p", "warning", "said", T0, T0)])
            batch.heads([conversation_head(head_row("3", T0 - 15, created_at=T0 - 15, text="a head", parts=4))])
            sent = [
                part("p1", T0 - 9, "refund \x1b[31mred\x07"),
                part("p2", T0 - 8, "two\nlines"),
                part("p3", T0 - 7, redacted=True),
            ]
            one = body("1", T0 - 7, sent, created_at=T0 - 10, text="refund", title="My\x1b[2J money", total=9)
            batch.bodies([(corpus.whole_conversation(one), T0)])
        corpus.add(store, "2", T0 - 5, "refund it", tags={"tags": [{"name": "vip"}]}, team_assignee_id=7)
        corpus.add(store, "4", T0 - 6, "gone")
        with store.batch() as batch:
            batch.deleted(["4"], T0 + 50, "deleted")
    return path


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, ["intercom", *words], catch_exceptions=False)


def test_a_search_prints_hits_and_where_they_come_from(place: Path) -> None:
    """A store of a sandbox never looks like Intercom's data."""
    found = run("search", "refund", "--store", str(place))
    assert found.exit_code == 0
    assert found.stdout.index("2  open") < found.stdout.index("1  open")
    for said in ("found      2 conversations, all there are", "SANDBOX", "Acme (w1)", "ended failed", "1 gaps before"):
        assert said in " ".join(found.stdout.split("\n           "))


def test_nothing_that_was_written_steers_the_terminal(place: Path) -> None:
    """Escape sequences are shown as what is left of them."""
    for words in (("search", "refund"), ("show", "1"), ("show", "9\x1b[2J")):
        shown = run(*words, "--store", str(place)).stdout
        assert "\x1b" not in shown
        assert "\x07" not in shown


def test_pages_go_on_by_the_cursor_that_is_printed(place: Path) -> None:
    """It says that there are more, and what to add."""
    first = run("search", "refund", "--limit", "1", "--store", str(place)).stdout
    cursor = first.split("--cursor ")[1].split()[0]
    second = run("search", "refund", "--limit", "1", "--cursor", cursor, "--store", str(place)).stdout
    assert "1  open" in second
    assert "found      1 conversation\n" in second


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (("refund", "--ranked"), ["1", "2"]),
        (("--tag", "vip"), ["2"]),
        (("--team", "7", "--state", "open"), ["2"]),
        (("--since", "2023-11-14T22:13:16Z"), []),
        (("--until", "2023-11-14T22:13:16Z"), ["1", "2", "3"]),
        (("--contact", "nobody"), []),
        (("nothing",), []),
    ],
    ids=str,
)
def test_a_search_as_json_has_the_hits_and_the_standing(place: Path, words: tuple[str, ...], ids: list[str]) -> None:
    """For programs: the same, typed."""
    found = json.loads(run("search", *words, "--format", "json", "--store", str(place)).stdout)
    assert sorted(hit["id"] for hit in found["hits"]) == ids
    assert (found["source"], found["cut"], found["cursor"], found["last_sync"]) == ("sandbox", None, None, "failed")
    assert found["synced_at"] == "2023-11-14T22:13:20Z"
    assert found["age_seconds"] is None, "a sandbox has a time of its own"
    assert len(found["coverage"]) == 2


def test_ranked_hits_show_their_score(place: Path) -> None:
    """And the answer says that it is ranked."""
    shown = run("search", "refund", "--ranked", "--store", str(place)).stdout
    assert "score 0." in shown
    assert "the best first" in shown


@pytest.mark.parametrize(("cut", "said"), [("time", "as far as the time went"), ("candidates", "only the newest")])
def test_a_cut_answer_says_so(place: Path, monkeypatch: pytest.MonkeyPatch, cut: str, said: str) -> None:
    """Nobody takes it for everything."""
    from bi_contracts.intercom.store.store import Store

    whole = Store.search
    monkeypatch.setattr(Store, "search", lambda *given: replace(whole(*given), cut=cut, cursor="abc"))
    shown = " ".join(run("search", "refund", "--ranked", "--store", str(place)).stdout.split())
    assert said in shown
    assert "--cursor abc" in shown


def test_a_cursor_of_something_else_is_refused(place: Path) -> None:
    """With what to do."""
    refused = run("search", "refund", "--cursor", "abc", "--store", str(place))
    assert refused.exit_code == 2
    assert "--cursor" in refused.stderr
    assert "leave it out" in refused.stderr


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--since", "tomorrow"), "is no time"),
        (("--until", "7 years"), "is no time"),
        (("--since", "2023-11-20", "--until", "2023-11-10"), "nothing lies between them"),
        (("--since", "1d", "--until", "1w"), "nothing lies between them"),
    ],
)
def test_a_window_that_cannot_be_is_a_usage_error(place: Path, words: tuple[str, ...], why: str) -> None:
    """Exit code 2, with what is wrong."""
    refused = run("search", *words, "--store", str(place))
    assert refused.exit_code == 2
    assert why in refused.stderr


def test_so_long_ago_counts_from_the_last_sync_of_a_sandbox_and_pages_go_on_from_the_same_moment(place: Path) -> None:
    """A sandbox has a time of its own; a cursor is bound to the moment."""
    shown = run("search", "--since", "7d", "--limit", "1", "--store", str(place)).stdout
    start = provenance.iso(T0 - 7 * 86_400)
    assert f"with --since {start} --cursor" in " ".join(shown.split())
    cursor = " ".join(shown.split()).partition("--cursor ")[2].split()[0]
    again = run("search", "--since", start, "--cursor", cursor, "--limit", "1", "--store", str(place))
    assert again.exit_code == 0


def test_a_sync_that_runs_is_told_with_its_beginning(tmp_path: Path) -> None:
    """How long it took is not known yet; one call is one call."""
    with open_store(tmp_path / "a.db") as store:
        with store.batch() as batch:
            batch.run(Run("full", "live", T0, ended_at=T0 + 1, outcome="done", calls=1, milliseconds=500))
        assert "full sync: done in 0.5 s, 1 call, 0 refused" in run("status", "--store", str(tmp_path / "a.db")).stdout
        with store.batch() as batch:
            batch.run(Run("full", "live", T0, outcome="running"))
    assert f"running since {provenance.iso(T0)}" in run("status", "--store", str(tmp_path / "a.db")).stdout


def test_show_prints_the_conversation(place: Path) -> None:
    """Its parts in order, what is missing, and where it comes from."""
    shown = run("show", "1", "--store", str(place)).stdout
    for said in ("My", "[0] 2023-11-14T22:13:10Z  Ann Example  (source)", "    two\n", "redacted", "3 held of 9",
                 "older ones are not sent by Intercom", "SANDBOX"):  # fmt: skip
        assert said in shown


def test_show_goes_on_where_it_ended(place: Path) -> None:
    """A long conversation is shown in pieces."""
    shown = run("show", "1", "--parts-limit", "2", "--store", str(place)).stdout
    at = shown.split("--parts-from ")[1].split()[0]
    assert "redacted" in run("show", "1", "--parts-from", at, "--store", str(place)).stdout


@pytest.mark.parametrize(
    ("id", "said"),
    [
        ("2", "tags       vip"),
        ("2", "assigned   991 team 7"),
        ("3", "the first message only; 4 more wait"),
        ("4", "known by: deleted; nothing is kept"),
    ],
)
def test_show_says_what_a_conversation_is(place: Path, id: str, said: str) -> None:
    """Whole, a head, deleted."""
    assert said in run("show", id, "--store", str(place)).stdout


def test_show_of_what_is_not_held_is_a_finding(place: Path) -> None:
    """Exit code 1, with what is held beneath; in JSON it is null."""
    plain, typed = (
        run("show", "77", "--store", str(place)),
        run("show", "77", "--format", "json", "--store", str(place)),
    )
    assert (plain.exit_code, typed.exit_code) == (1, 1)
    assert "no conversation '77' is held" in plain.stdout
    assert json.loads(typed.stdout)["conversation"] is None


def test_show_as_json_has_every_part(place: Path) -> None:
    """With times that a person can read."""
    found = json.loads(run("show", "1", "--format", "json", "--store", str(place)).stdout)
    assert [one["position"] for one in found["conversation"]["parts"]] == [0, 7, 8, 9]
    assert found["conversation"]["updated_at"] == "2023-11-14T22:13:13Z"
    assert found["source"] == "sandbox"


def test_status_says_what_is_held(place: Path) -> None:
    """Counts, what waits, what was deleted, what drifted."""
    shown = " ".join(run("status", "--store", str(place)).stdout.split())
    for said in (
        "SANDBOX",
        "3 conversations, of them 1 with their first message only",
        "1 conversation deleted in Intercom",
        "1 conversation still to fetch",
        "drift 1 change",
        "incremental sync: failed",
        "synced ",
    ):
        assert said in shown


def test_status_as_json(place: Path) -> None:
    """The same, typed."""
    found = json.loads(run("status", "--format", "json", "--store", str(place)).stdout)
    assert (found["source"], found["last_good"]["kind"], found["latest"]["outcome"]) == (
        "sandbox",
        "backfill",
        "failed",
    )
    assert found["counters"]["conversations"] == 3


def test_an_empty_store_says_what_to_type(tmp_path: Path) -> None:
    """Nobody was synced, and that is said."""
    with open_store(tmp_path / "store.db"):
        pass
    for words in (("status",), ("search",), ("search", "refund")):
        shown = run(*words, "--store", str(tmp_path / "store.db")).stdout
        assert "nobody yet" in shown
        assert "bi-contracts intercom sync" in shown
    assert json.loads(run("status", "--format", "json", "--store", str(tmp_path / "store.db")).stdout)["latest"] is None


@pytest.mark.parametrize("words", [("search", "refund"), ("show", "1"), ("status",)], ids=str)
def test_without_a_store_the_error_says_what_to_type(tmp_path: Path, words: tuple[str, ...]) -> None:
    """And nothing is made."""
    with pytest.raises(StoreMissing, match="bi-contracts intercom sync"):
        run(*words, "--store", str(tmp_path / "none.db"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 seconds"), (1, "1 second"), (61, "1 minute"), (7300, "2 hours"), (86_400 * 9, "9 days")],
)
def test_ages_are_said_in_one_unit(seconds: int, said: str) -> None:
    """The largest that there is one of."""
    assert provenance.span(seconds) == said


def test_times_beyond_the_calendar_are_numbers() -> None:
    """A store may hold any."""
    assert provenance.iso(2**43 - 1) == str(2**43 - 1)


def test_fresh_data_are_not_called_old() -> None:
    """The advice to sync comes after a day."""
    from bi_contracts.intercom.store.values import Status

    run = Run("incremental", "live", T0, n=1, ended_at=T0, outcome="done")
    known: dict[str, Any] = {"counters": {}, "cursors": {}, "coverage": {}, "last": run, "latest": run}
    status = Status(source="live", workspace="", workspace_name="", region="", version="", bytes=0, drift=0, **known)
    assert provenance._fresh(status, T0 + 60) == "synced 1 minute ago, 2023-11-14T22:13:20Z"
    assert provenance._fresh(status, T0 + 90_000).endswith("brings it up to date")
    made_up = replace(status, source="sandbox")
    assert provenance._fresh(made_up, T0 + 90_000) == "synced 2023-11-14T22:13:20Z by the sandbox's own clock"
