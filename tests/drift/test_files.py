"""Accepted changes and the history of reports."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bi_contracts.contract import Contract
from bi_contracts.drift import DriftReport, Severity, baseline, compare, history
from bi_contracts.errors import ConfigurationError

from .test_rules import RED, ok, told

KNOWN = [ok({"a": 1, "b": "x y"})] * 5
DAY = date(2026, 1, 2)


def report() -> DriftReport:
    """Two breaking changes and one addition."""
    return compare(Contract.infer("x/y", KNOWN), [ok({"a": "x y", "c": 1})] * 5)


def test_accepted_changes_are_set_aside(tmp_path: Path) -> None:
    """They are told as accepted and no longer count."""
    path, found = tmp_path / "new" / "accepted.json", report()
    baseline.accept(path, found, reason="agreed", today=DAY)
    left = baseline.apply(found, baseline.read(path))
    assert (left.changes, left.worst, len(left.accepted)) == ((), None, 3)
    assert len(left.as_dict()["accepted"]) == 3
    assert json.loads(path.read_text())["accepted"][0] == {
        "id": "x/y",
        "rule": "response-property-type-changed",
        "path": "/body/a",
        "severity": "breaking",
        "after": ["string"],
        "reason": "agreed",
        "date": "2026-01-02",
    }


def test_some_changes_may_be_accepted_and_again(tmp_path: Path) -> None:
    """Only those named; accepting twice replaces the reason."""
    path, found = tmp_path / "accepted.json", report()
    baseline.accept(path, found, found.infos, reason="one", today=DAY)
    (entry,) = baseline.accept(path, found, found.infos, reason="two", today=DAY)
    assert entry.reason == "two"
    assert told(baseline.apply(found, [entry]).changes) == told(found.changes[:2])


def test_another_endpoint_is_not_silenced() -> None:
    """The same change elsewhere still counts."""
    entry = baseline.Accepted("other", "response-property-type-changed", "/body/a", "breaking", ["string"])
    assert baseline.apply(report(), [entry]) == report()


def test_a_change_that_goes_further_is_told_again() -> None:
    """Accepting one new value accepts no other; accepting a warning accepts no breaking change."""
    contract = Contract.infer("x/y", RED)
    paused = compare(contract, [ok({"status": "paused"}), *RED])
    stopped = compare(contract, [ok({"status": "stopped"}), *RED])
    entries = [baseline.Accepted("x/y", one.rule, one.path, "warning", one.after) for one in paused.changes]
    assert baseline.apply(paused, entries).changes == ()
    assert baseline.apply(stopped, entries).changes == stopped.changes
    lenient = [baseline.Accepted("x/y", one.rule, one.path, "info", one.after) for one in paused.changes]
    assert baseline.apply(paused, lenient).changes == paused.changes


def test_no_file_accepts_nothing(tmp_path: Path) -> None:
    """A missing file is an empty one."""
    assert baseline.read(tmp_path / "none.json") == ()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('{"accepted":\n', ":2:1: not JSON"),
        ("{}", "expected"),
        ("[]", "expected"),
        ('{"accepted": [5]}', "expected"),
        ('{"accepted": [{"id": "x"}]}', "change 1: needs"),
        ('{"accepted": [{"id": "x", "rule": "r", "path": "/", "severity": "awful"}]}', "change 1: needs"),
        ('{"accepted": [{"id": "x", "rule": "r", "path": "/", "severity": "info"}]}', "no rule is called 'r'"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, text: str, named: str) -> None:
    """And nothing is written over it."""
    path = tmp_path / "accepted.json"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=named):
        baseline.accept(path, report())
    assert path.read_text() == text


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """Neither to read nor to append to."""
    with pytest.raises(ConfigurationError, match="cannot be read"):
        baseline.read(tmp_path)
    with pytest.raises(ConfigurationError, match="cannot be written"):
        history.append(tmp_path, report())
    with pytest.raises(ConfigurationError, match="cannot be read"):
        list(history.read(tmp_path))


def test_history_is_appended_and_read_back(tmp_path: Path) -> None:
    """Oldest first, of one endpoint or of all."""
    path, now = tmp_path / "new" / "history.jsonl", datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    history.append(path, report(), now=now)
    history.append(path, DriftReport("other", (), 3))
    first, second = history.read(path)
    assert (first.at, first.id, first.worst) == ("2026-01-02T03:04:00+00:00", "x/y", Severity.BREAKING)
    assert (second.id, second.worst) == ("other", None)
    assert [entry.id for entry in history.read(path, "other")] == ["other"]
    assert first.report["changes"] == report().as_dict()["changes"]


def test_no_history_is_empty(tmp_path: Path) -> None:
    """A missing file has no entries."""
    assert list(history.read(tmp_path / "none.jsonl")) == []


def test_a_broken_line_of_history_is_named(tmp_path: Path) -> None:
    """Blank lines are nothing, others must be reports."""
    path = tmp_path / "history.jsonl"
    history.append(path, report())
    with path.open("a") as file:
        file.write('\n{"at": "now"')
    with pytest.raises(ConfigurationError, match=r"history.jsonl:3: not a drift report"):
        list(history.read(path))


def test_a_report_can_be_read_back() -> None:
    """What history keeps is the whole report."""
    accepted = baseline.apply(
        report(), [baseline.Accepted("x/y", "response-required-property-added", "/body/c", "info", "required")]
    )
    assert len(accepted.accepted) == 1
    assert DriftReport.from_dict(json.loads(json.dumps(accepted.as_dict()))) == accepted
