"""One verdict a week, a report of the month, figures kept as a baseline."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest

from bi_contracts.errors import ConfigurationError, ExitCode, UpstreamError
from bi_contracts.intercom.procedure import baseline, history, performance, summary, weekly
from bi_contracts.intercom.procedure.baseline import Baseline
from bi_contracts.intercom.procedure.history import Entry
from bi_contracts.intercom.procedure.line import Mark
from bi_contracts.intercom.procedure.result import Result, Row, Section
from bi_contracts.intercom.store import open_store
from bi_contracts.intercom.store.store import Store
from bi_contracts.intercom.store.values import DeadLetter, DriftNote, Run, Status
from bi_contracts.intercom.sync import Synced
from bi_contracts.report import exit_code, render

NOW = 1_750_000_000
RUN = Run("incremental", "live", NOW - 3600, 1, NOW - 3500, "done", "", 10_000, 200, 0, 0, 100, 500)


@pytest.fixture
def synced(run: Callable, tmp_path: Path) -> Path:
    """A workspace whose store was synced from the sandbox."""
    assert run("intercom", "sync", "--mode", "sandbox", "--max-conversations", "5").exit_code in (0, 1)
    return tmp_path / ".bi-contracts" / "intercom.db"


def status(store: Store, **changes: Any) -> Status:
    return replace(store.status(), source="live", **changes)


def looked(store: Store, run: Run | None = RUN, past: list[Entry] | None = None, **changes: Any) -> Result:
    found = None if run is None else Synced(run)
    return weekly.check(store, status(store, last=RUN, **changes), found, past or [], NOW)


def test_a_store_in_order_is_told_in_one_line(mock_store: Store) -> None:
    """And its figures are kept for the weeks to come."""
    told = looked(mock_store)
    assert told.title == "Weekly check: everything is in order"
    assert told.exit_code == 0
    kept = weekly.entry(told, NOW)
    assert (kept.command, kept.outcome, kept.figures["calls_per_second"]) == ("weekly", "passed", 20.0)


def test_what_is_odd_and_what_is_bad_stand_in_that_line(mock_store: Store) -> None:
    """Old, unreadable, drifted, refused: each with what to do; what is breaking ends with 1."""
    with mock_store.batch() as batch:
        batch.dead([DeadLetter("conversation", "1", "no id", {}, NOW)])
        batch.drift([DriftNote("conversation", "some-rule", "/a", "warning", "a changed", NOW, NOW)])
    old = replace(RUN, ended_at=NOW - 30 * 86_400)
    told = weekly.check(
        mock_store, status(mock_store, last=old), Synced(replace(RUN, outcome="partial", refused=1)), [], NOW
    )
    assert told.title.startswith("Weekly check: good, but: Last sync: 30 days ago; ")
    assert told.mark is Mark.WARNING
    assert len(told.advice) >= 4
    with mock_store.batch() as batch:
        batch.drift([DriftNote("conversation", "other-rule", "/b", "breaking", "b is gone", NOW, NOW)])
    told = looked(mock_store)
    assert "findings: New changes" in told.title
    assert told.exit_code == ExitCode.FINDINGS


def test_news_that_break_nothing_are_told_and_warn_nobody(mock_store: Store) -> None:
    """A new member is no reason to be woken up."""
    with mock_store.batch() as batch:
        batch.drift([DriftNote("conversation", "some-rule", "/a", "info", "a is new", NOW, NOW)])
    told = looked(mock_store)
    assert told.title == "Weekly check: everything is in order"
    assert "some-rule at /a" in told.text()


def test_a_store_that_is_damaged_is_a_finding(mock_store: Store) -> None:
    """A sample is verified every week."""
    with mock_store.writing() as connection:
        connection.exec_driver_sql("UPDATE parts SET text = 'other'")
    told = looked(mock_store)
    assert told.exit_code == ExitCode.FINDINGS
    assert "verify --repair" in told.advice[0]


def test_a_sync_twice_as_slow_as_usual_is_a_warning(mock_store: Store) -> None:
    """Against the median of at least three weeks; few calls, and few weeks, say nothing."""
    past = [Entry(NOW, "weekly", "live", "passed", {"calls_per_second": speed}) for speed in (90, 100, 1000)]
    assert "5.0 times slower" in looked(mock_store, past=past).text()
    assert "2 of 3 checks" in looked(mock_store, past=past[:2]).text()
    assert "as usual" in looked(mock_store, replace(RUN, calls=1000), past).text()
    assert "fewer than 50 calls" in looked(mock_store, replace(RUN, calls=2), past).text()


def test_a_sync_that_fails_is_a_finding_and_one_left_out_is_none(mock_store: Store) -> None:
    """With its error; the first check of a store has no last sync."""
    failed = weekly.check(mock_store, status(mock_store, last=None), None, [], NOW, "token revoked")
    assert failed.exit_code == ExitCode.FINDINGS
    assert "token revoked" in failed.title
    assert "none before this one" in failed.text()
    assert looked(mock_store, None).exit_code == 0


def test_the_command_keeps_a_line_for_each_week(run: Callable, synced: Path) -> None:
    """Of whoever the store was synced from; a report of the month shows it."""
    first = run("intercom", "weekly")
    assert first.exit_code in (0, 1)
    assert "(source: sandbox)" in first.stdout
    run("intercom", "weekly", "--no-sync")
    kept = (synced.parent / history.FILE).read_text().splitlines()
    assert [json.loads(line)["source"] for line in kept] == ["sandbox", "sandbox"]
    report = run("intercom", "report", "--last-30-days", "--format", "json")
    assert report.exit_code in (0, 1)
    assert "checks" in report.stdout
    assert "not evidence about the live API" in run("intercom", "report").stdout


def test_without_a_store_the_sandbox_is_looked_at(run: Callable, tmp_path: Path) -> None:
    """Which is said, and nothing of it is kept; whoever names a store, or wants live, is told it is not there."""
    ended = run("intercom", "weekly")
    assert ended.exit_code in (0, 1)
    assert "there is no store" in ended.stderr
    assert not (tmp_path / ".bi-contracts").exists()
    assert run("intercom", "weekly", "--mode", "live").exit_code == ExitCode.CONFIGURATION
    assert run("intercom", "weekly", "--store", "none.db").exit_code == ExitCode.CONFIGURATION


def test_a_live_store_is_asked_live(run: Callable, tmp_path: Path) -> None:
    """Without a token that is a finding which names the variable."""
    with open_store(tmp_path / "live.db") as store, store.batch() as batch:
        batch.meta("source", "live")
    ended = run("intercom", "weekly", "--store", "live.db")
    assert ended.exit_code == ExitCode.FINDINGS
    assert "INTERCOM_ACCESS_TOKEN" in ended.stdout


def test_a_history_that_is_none_is_told_with_its_line(tmp_path: Path) -> None:
    """A last line that was cut off is left out; entries before the moment asked for, too."""
    file = tmp_path / "h.jsonl"
    assert history.read(file) == []
    for at in (1.0, 5.0):
        history.add(file, Entry(at, "weekly", "live", "passed", {"a": 1}))
    with file.open("a") as out:
        out.write('{"at": ')
    assert [entry.at for entry in history.read(file, since=2)] == [5.0]
    file.write_text("nonsense\n{}\n")
    with pytest.raises(ConfigurationError, match="line 1"):
        history.read(file)


def past(store: Store, *runs: Run, **more: Any) -> summary.Past:
    return summary.Past(30, NOW - 30 * 86_400, runs, status(store), **more)


def test_a_month_is_told_in_figures_and_charts(mock_store: Store) -> None:
    """Every writer shows it; a last sync that failed, or breaking drift, ends with 1."""
    good = past(mock_store, replace(RUN, outcome="failed", error="no answer", refused=3), RUN)
    events = summary.events(good)
    assert exit_code(events) == 0
    assert "calls per conversation 2" in render(events, "text")
    assert "no answer" in render(events, "markdown")
    assert "<svg" in render(events, "html")
    assert exit_code(summary.events(past(mock_store, replace(RUN, outcome="failed")))) == ExitCode.FINDINGS
    note = DriftNote("conversation", "a-rule", "/a", "breaking", "a is gone", NOW, NOW, 3)
    drifted = summary.events(past(mock_store, RUN, drift=(note, replace(note, severity="odd"))))
    assert exit_code(drifted) == ExitCode.FINDINGS
    assert "met 3 times" in render(drifted, "json")


def test_a_month_without_anything_is_no_pass(mock_store: Store) -> None:
    """Nothing ran: 5. Checks alone are something; the last of them decides."""
    assert exit_code(summary.events(past(mock_store))) == ExitCode.NOTHING_RAN
    assert exit_code(summary.events(summary.Past(30, 0.0))) == ExitCode.NOTHING_RAN
    checks = [Entry(NOW, "weekly", "live", outcome, {}) for outcome in ("failed", "passed")]
    assert exit_code(summary.events(past(mock_store, checks=tuple(checks)))) == 0
    assert exit_code(summary.events(past(mock_store, checks=tuple(reversed(checks))))) == ExitCode.FINDINGS
    assert exit_code(summary.events(past(mock_store, replace(RUN, conversations=0)))) == 0


def kept(*values: float, name: str = "sync_speed", **changes: Any) -> Baseline:
    return replace(Baseline({name: values}, "sandbox", baseline.machine()), **changes)


@pytest.mark.parametrize(
    ("old", "new", "worse"),
    [
        ((100, 100, 100), (90, 90, 90), False),  # within 25 %
        ((100, 100, 100), (60, 60, 60), True),
        ((100, 60, 140), (60, 60, 60), False),  # it was that noisy
        ((100, 100, 100), (300, 300, 300), False),  # better
    ],
)
def test_only_what_is_worse_beyond_noise_is_found(old: tuple[float, ...], new: tuple[float, ...], worse: bool) -> None:
    """It ends with 6."""
    told = baseline.compare(kept(*old), kept(*new))
    assert told.exit_code == (ExitCode.SLA_BREACHED if worse else 0)


def test_fewer_is_better_where_it_is() -> None:
    """A single answer 429 more is worse than none; times and memory count the other way round than speeds."""
    assert baseline.compare(kept(0, name="refused"), kept(1, name="refused")).exit_code == ExitCode.SLA_BREACHED
    assert baseline.compare(kept(0, name="refused"), kept(0, name="refused")).exit_code == 0
    slow = baseline.compare(kept(10, name="query_get_p95_ms"), kept(20, name="query_get_p95_ms"))
    assert slow.exit_code == ExitCode.SLA_BREACHED


def test_times_of_another_machine_are_not_judged() -> None:
    """Counts are; where nothing can be judged it is no pass."""
    elsewhere = {**baseline.machine(), "processors": "64"}
    told = baseline.compare(kept(100), kept(1, machine=elsewhere))
    assert told.exit_code == ExitCode.NOTHING_RAN
    assert f"processors: 64; was {baseline.machine()['processors']}" in told.text()
    assert "Another machine" in told.advice[0]
    calls = baseline.compare(kept(100, name="calls"), kept(150, name="calls", machine=elsewhere))
    assert calls.exit_code == ExitCode.SLA_BREACHED


def test_a_figure_that_is_gone_is_a_finding() -> None:
    """It ends with 1; figures that nobody judges are left alone."""
    assert baseline.compare(kept(1), kept(1, name="calls")).exit_code == ExitCode.FINDINGS
    assert baseline.compare(kept(1, name="unknown"), kept(1)).exit_code == 0


def test_what_differs_in_kind_is_not_compared() -> None:
    """Another source, other settings."""
    with pytest.raises(ConfigurationError, match="--file"):
        baseline.compare(kept(1), kept(1, source="live"))
    with pytest.raises(ConfigurationError, match="days 7"):
        baseline.compare(kept(1), kept(1, settings={"days": 7}))


def test_a_baseline_is_of_figures_that_every_run_has() -> None:
    """And survives the disk."""
    rows = [Row("speed", 5.0, key="sync_speed"), Row("calls", 6.0, key="calls"), Row("other", 1.0, key="other")]
    runs = [Result("c", "t", "sandbox", (Section("s", tuple(some)),)) for some in (rows, rows[:1])]
    assert Baseline.of(runs, {}).figures == {"sync_speed": (5.0, 5.0)}
    assert Baseline.of([], {}).figures == {}


def test_a_baseline_is_recorded_and_compared(run: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the command line; without one it says how to make one."""
    monkeypatch.setattr(performance, "run", partial(performance.run, number=2))
    words = ("--max-conversations", "3", "--repeats", "1", "--written", "5", "--file", "b.json")
    assert run("intercom", "baseline", "compare", *words).exit_code == ExitCode.CONFIGURATION
    assert run("intercom", "baseline", "record", *words).exit_code == 0
    assert "calls" in Baseline.load(tmp_path / "b.json").figures
    assert run("intercom", "baseline", "compare", *words).exit_code in (0, ExitCode.SLA_BREACHED)
    (tmp_path / "b.json").write_text("[]")
    assert run("intercom", "baseline", "compare", *words).exit_code == ExitCode.CONFIGURATION


def test_an_upstream_error_is_told_as_a_finding(monkeypatch: pytest.MonkeyPatch, mock_store: Store) -> None:
    """And never as a traceback."""
    from bi_contracts.cli.intercom import weekly as command

    class Broken:
        def __init__(self, *_: object, **__: object) -> None:
            raise UpstreamError("nobody there")

    monkeypatch.setattr("bi_contracts.intercom.sync.Intercom", Broken)
    assert command._synced(cast(Any, None), mock_store) == (None, "nobody there")
    assert command._theirs(mock_store, 5.0) == 5.0
