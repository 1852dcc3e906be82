"""The files of a run: their names, their structure, and what they never say."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.errors import ConfigurationError
from bi_contracts.files import write_text
from bi_contracts.integration import reports
from bi_contracts.integration.documents import comprehensive, executive, performance, rate, section
from bi_contracts.integration.reports import FILES, check_folder, write_reports
from bi_contracts.integration.run import Run
from bi_contracts.registry import select
from bi_contracts.report import Chart, Event, Finding, Finished, Outcome, Report, Series, Started, Status, Timed
from bi_contracts.report.values import plain
from bi_contracts.session import Upstream
from bi_contracts.workspace import Workspace

from ..report.long_run import long_run
from ..report.streams import streams

SAMPLE = json.loads("""
{
  "start_time": "2025-09-03T10:30:00",
  "end_time": "2025-09-03T10:45:00",
  "connection_tests": {"summary": {"total_tests": 6, "passed": 5, "failed": 1, "success_rate": 0.83}},
  "performance_benchmarks": {"test_summary": {"total_requests": 240, "overall_success_rate": 0.95}},
  "summary": {
    "overall_status": "passed",
    "phases_passed": 5,
    "total_phases": 6,
    "recommendations": [
      "Connection reliability issues detected for Linear integration",
      "Consider optimizing Gong API response times"
    ]
  }
}
""")
"""The report structure that the first framework's page shows."""


def missing(wanted: Any, given: Any, where: str = "") -> list[str]:
    """Where the given document lacks a key of the wanted one, or has another type there."""
    if isinstance(wanted, dict):
        if not isinstance(given, dict):
            return [where]
        return [lack for key in wanted for lack in missing(wanted[key], given.get(key), f"{where}/{key}")]
    if isinstance(wanted, list):
        return [] if isinstance(given, list) and all(type(each) is type(wanted[0]) for each in given) else [where]
    return [] if type(given) is type(wanted) else [where]


def started(at: datetime = datetime(2026, 1, 3, 10, 30, tzinfo=UTC), **facts: str) -> Started:
    return Started("Integration run", "run", at, "1.2.3", facts)


def row(phase: str, status: Status = Status.PASSED, subject: str = "gong/me", **more: Any) -> Outcome:
    more = {"source": "" if status == Status.SKIPPED else "live"} | more
    return Outcome(subject, "a check", status, phase=phase, **more)


def document(*rows: Outcome, finished: bool = True) -> dict[str, Any]:
    events: list[Event] = [started(), *rows, *([Finished(900.0)] if finished else [])]
    return comprehensive(Report.of(events))


def test_the_files_have_the_documented_names_and_one_timestamp(tmp_path: Path) -> None:
    """Six files, all with the moment at which the run began, in UTC."""
    at = datetime(2026, 1, 3, 12, 30, tzinfo=timezone(timedelta(hours=2)))
    paths = write_reports([started(at), row("connection"), Finished(1.0)], tmp_path / "new" / "folder")
    assert [path.name for path in paths] == [
        "comprehensive_test_results_20260103_103000.json",
        "test_summary_20260103_103000.json",
        "bi_performance_benchmark_20260103_103000.json",
        "test_report_20260103_103000.md",
        "junit_20260103_103000.xml",
        "test_report_20260103_103000.html",
    ]
    assert sorted(path.name for path in (tmp_path / "new" / "folder").iterdir()) == sorted(path.name for path in paths)


def test_an_earlier_run_is_never_written_over(tmp_path: Path) -> None:
    """Two runs of one second have different files, and so has one where only one of the names is taken."""
    events: list[Event] = [started(), row("connection"), Finished(1.0)]
    first = {path: path.read_text() for path in write_reports(events, tmp_path)}
    second = write_reports(events, tmp_path)
    for path in second[1:]:
        path.unlink()
    third = write_reports(events, tmp_path)
    assert [path.name.partition("_20260103_103000")[2][:2] for path in (*second, *third)] == ["-2"] * 6 + ["-3"] * 6
    assert {path: path.read_text() for path in first} == first


def test_a_run_that_is_being_written_keeps_its_timestamp(tmp_path: Path) -> None:
    """Another process that writes at this moment is not got in the way of."""
    (tmp_path / ".20260103_103000.writing").touch()
    paths = write_reports([started(), Finished(1.0)], tmp_path)
    assert all("20260103_103000-2" in path.name for path in paths)


def test_a_file_that_cannot_be_written_leaves_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run's files are there together, or not at all; the next run may have the timestamp."""
    real = write_text

    def failing(path: Path, text: str) -> None:
        if path.suffix == ".xml":
            raise ConfigurationError(f"{path}: cannot be written (no space left)")
        real(path, text)

    monkeypatch.setattr(reports, "write_text", failing)
    with pytest.raises(ConfigurationError, match="no space left"):
        write_reports([started(), row("connection"), Finished(1.0)], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_one_is_an_error_in_words(tmp_path: Path) -> None:
    """A file where the folder should be is a configuration error."""
    (tmp_path / "reports").write_text("x")
    with pytest.raises(ConfigurationError, match="cannot be written"):
        write_reports([started(), Finished(1.0)], tmp_path / "reports")


def test_a_folder_that_stops_being_writable_is_an_error_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the system refuses is told with the folder's name."""

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(reports, "_create", refuse)
    with pytest.raises(ConfigurationError, match="Permission denied"):
        write_reports([started(), Finished(1.0)], tmp_path)


def test_the_documented_structure_is_a_subset() -> None:
    """Every key of the first framework's sample is there, with a value of that type."""
    assert missing(SAMPLE, json.loads(json.dumps(plain(comprehensive(Report.of(long_run())))))) == []
    keys = ("connection_tests", "data_flow_tests", "workflow_tests", "resilience_tests", "health_checks")
    assert all("summary" in comprehensive(Report.of(long_run()))[key] for key in keys)


def test_a_sample_without_a_key_is_noticed() -> None:
    """The comparison of shapes finds what is missing and what has another type."""
    assert missing(SAMPLE, {}) != []
    assert missing({"a": 1, "b": ["x"]}, {"a": "1", "b": [1]}) == ["/a", "/b"]


def test_only_what_ran_is_in_the_rate() -> None:
    """Skipped checks are no failures, and no successes either."""
    rows = [row("connection"), row("connection", Status.FAILED), row("connection", Status.SKIPPED)]
    got = document(*rows)["connection_tests"]["summary"]
    assert got == {
        "total_tests": 3, "passed": 1, "failed": 1, "errors": 0, "skipped": 1, "success_rate": 0.5, "status": "failed",
    }  # fmt: skip


def test_an_upstream_that_is_down_is_never_counted_as_passed() -> None:
    """Upstream down is never counted as passed, healthy or a successful request."""
    down = [
        row("connection", Status.ERROR),
        row("health", Status.ERROR),
        row("load", Status.ERROR, figures={"requests": 40.0, "successful": 0.0, "failed": 40.0}),
    ]
    got = document(*down)
    summaries = [got[key]["summary"] for key in ("connection_tests", "health_checks", "performance_benchmarks")]
    assert [(each["passed"], each["failed"], each["success_rate"]) for each in summaries] == [(0, 1, 0.0)] * 3
    assert got["performance_benchmarks"]["test_summary"]["overall_success_rate"] == 0.0
    assert got["summary"]["overall_status"] == "error"
    assert got["summary"]["phases_passed"] == 0


def test_nothing_that_ran_has_no_rate() -> None:
    """Where nothing ran the rate is null, and the status says so; it is never 1.0."""
    got = document(row("connection", Status.SKIPPED), row("load", Status.SKIPPED))
    assert got["connection_tests"]["summary"]["success_rate"] is None
    assert got["connection_tests"]["summary"]["status"] == "nothing_ran"
    assert got["performance_benchmarks"]["test_summary"] == {
        "total_requests": 0, "successful_requests": 0, "overall_success_rate": None, "total_benchmarks": 1,
    }  # fmt: skip
    assert (got["summary"]["overall_status"], got["summary"]["phases_passed"]) == ("nothing_ran", 0)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_rate_is_one_only_where_all_passed(part: int, whole: int) -> None:
    """Rounding never makes a failure disappear, nor a success."""
    part = min(part, whole)
    got = rate(part, whole)
    assert (got is None) == (whole == 0)
    assert got is None or (0 <= got <= part / whole)
    assert (got == 1.0) == (part == whole > 0)


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        ((row("connection"),), "passed"),
        ((row("connection", findings=(Finding("old", "warning", ""),)),), "passed_with_warnings"),
        ((row("connection"), row("load", Status.FAILED)), "failed"),
        ((row("connection"), row("load", Status.ERROR)), "error"),
        ((), "nothing_ran"),
    ],
)
def test_the_overall_status(rows: tuple[Outcome, ...], status: str) -> None:
    """One word for the run, out of five."""
    assert document(*rows)["summary"]["overall_status"] == status


def test_an_interrupted_run_has_not_passed() -> None:
    """A run without an end has the status error, and no end."""
    got = document(row("connection"), finished=False)
    assert (got["summary"]["overall_status"], got["end_time"], got["run"]["finished"]) == ("error", None, False)


def test_a_phase_that_only_skipped_has_not_passed() -> None:
    """Of three phases one passed: the others skipped everything, or had nothing."""
    events: list[Event] = [
        started(),
        row("connection"),
        row("load", Status.SKIPPED),
        Timed("health", 1, 1),
        Finished(2),
    ]
    got = comprehensive(Report.of(events))["summary"]
    assert (got["phases_passed"], got["total_phases"]) == (1, 3)


def test_a_pass_that_is_not_live_says_so() -> None:
    """Without a live answer `live` is false and a sentence says what that means."""
    got = document(row("connection", source="sandbox"))["summary"]
    assert (got["live"], got["sources"]) == (False, {"sandbox": 1})
    assert got["statement"] == (
        "Passed, but not against the live API. Answers from sandbox: not evidence about the live API."
    )
    assert document(row("connection"))["summary"]["live"] is True


@settings(max_examples=30, deadline=None)
@given(streams)
def test_the_documents_keep_every_check_and_every_bound(events: list[Event]) -> None:
    """Completed is never above total: checks are in one section each, and no part is larger than its whole."""
    report = Report.of(events)
    got = comprehensive(report)
    sections = [value for value in got.values() if isinstance(value, dict) and "results" in value]
    assert sum(len(each["results"]) for each in sections) == len(report.outcomes)
    for each in sections:
        numbers = each["summary"]
        assert numbers["passed"] + numbers["failed"] + numbers["skipped"] == numbers["total_tests"]
        assert numbers["errors"] <= numbers["failed"]
    assert 0 <= got["summary"]["phases_passed"] <= got["summary"]["total_phases"]
    requests = performance(report)["test_summary"]
    assert 0 <= requests["successful_requests"] <= requests["total_requests"]
    for make in (comprehensive, executive, performance):
        json.dumps(plain(make(report)), allow_nan=False)


def test_the_performance_file_has_the_load_phase_alone(tmp_path: Path) -> None:
    """Nine benchmarks by name, each with its figures, and nothing of the other phases."""
    paths = write_reports(long_run(), tmp_path)
    got = json.loads(paths[2].read_text())
    assert len(got["benchmarks"]) == got["test_summary"]["total_benchmarks"] == 9
    assert got["benchmarks"]["health_check_baseline"]["figures"]["requests"] == 100
    assert {each["phase"] for each in got["results"]} == {"load"}
    assert got["test_summary"]["successful_requests"] == got["test_summary"]["total_requests"] - 1


def test_benchmarks_of_one_name_are_both_kept() -> None:
    """The second has its subject in its key."""
    rows = [row("load", subject="gateway/x"), row("load", subject="asana/x")]
    assert list(document(*rows)["performance_benchmarks"]["benchmarks"]) == ["x", "asana/x 2"]


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({"requests": 10.0, "successful": 7.0}, (10, 7)),
        ({"requests": 10.0, "failed": 2.0}, (10, 8)),
        ({"requests": 10.0, "success_rate": 0.5}, (10, 5)),
        ({"requests": 10.0}, (10, 0)),
        ({"requests": 10.0, "successful": 99.0}, (10, 10)),
        ({"requests": -3.0, "successful": -5.0}, (0, 0)),
        ({"requests": float("nan")}, (0, 0)),
    ],
)
def test_requests_are_read_from_the_figures(figures: dict[str, float], expected: tuple[int, int]) -> None:
    """What is not known to have succeeded has not, and never more did than were sent."""
    got = document(row("load", figures=figures))["performance_benchmarks"]["test_summary"]
    assert (got["total_requests"], got["successful_requests"]) == expected


def test_other_phases_are_kept_too() -> None:
    """A phase of another name has its own section; so has what belongs to none."""
    got = document(row("Our checks!"), row(""))
    assert got["our_checks_tests"]["summary"]["total_tests"] == got["other_tests"]["summary"]["total_tests"] == 1


def test_reports_with_datetimes_serialise(tmp_path: Path) -> None:
    """Reports with datetimes serialise: so do not-a-number, decimals, paths, enums and what has no JSON form at all."""

    class Colour(Enum):
        RED = 1

    odd = {
        "at": datetime(2026, 1, 3, tzinfo=UTC), "naive": datetime(2026, 1, 3), "delta": timedelta(1),
        "nan": float("nan"), "inf": float("-inf"), "decimal": Decimal("1.10"), "path": Path("a/b"),
        "enum": Colour.RED, "status": Status.PASSED, "bytes": b"\xff", "set": {1}, "object": Finding("r", "info", ""),
    }  # fmt: skip
    found = Finding("odd", "warning", "", before=odd, after=odd["at"], evidence=odd)
    chart = Chart(
        "timeline", "t", "x", "y", (Series("s", ((float("nan"), 1.0), (2.0, float("inf")))),), {"m": float("nan")}
    )
    figures: dict[str, Any] = {"a_ms": float("nan"), "b": Decimal("2.5"), "c": Colour.RED, "d": True}
    events: list[Event] = [
        started(datetime(2026, 1, 3, 10, 30)),
        row("load", findings=(found,), figures=figures, charts=(chart,)),
        Finished(float("nan")),
    ]
    paths = write_reports(events, tmp_path)
    assert [path.name for path in paths if path.suffix == ".json"] == [
        FILES[name].format(timestamp="20260103_103000") for name in ("comprehensive", "executive", "performance")
    ]
    kept = json.loads(paths[0].read_text(), parse_constant=pytest.fail)["performance_benchmarks"]["results"][0]
    assert kept["figures"] == {"a_ms": None, "b": 2.5, "c": None, "d": 1}
    assert kept["findings"][0]["evidence"]["enum"] == 1
    assert kept["findings"][0]["after"] == "2026-01-03 00:00:00+00:00"
    assert kept["charts"][0]["series"][0]["points"] == [[None, 1.0], [2.0, None]]
    ET.fromstring(paths[4].read_text())
    assert "nan%" not in paths[5].read_text()


def test_a_section_from_outcomes() -> None:
    """What the Python API gives: counts, and every check with its source."""
    got = section([row("connection"), row("connection", Status.SKIPPED, note="GONG_ACCESS_KEY is not set")])
    assert got["summary"]["success_rate"] == 1.0
    assert [(each["status"], each["source"]) for each in got["results"]] == [("passed", "live"), ("skipped", "unknown")]


def test_the_files_of_a_whole_run_are_read_by_their_readers(tmp_path: Path) -> None:
    """JSON parses strictly, JUnit is XML with a suite a phase, HTML has the recommendations that were derived."""
    paths = write_reports(long_run(advice=False), tmp_path)
    first = json.loads(paths[0].read_text())
    assert first["start_time"] == "2026-11-21T06:00:00+00:00"
    assert first["summary"]["recommendations"]
    suites = [suite.get("name") for suite in ET.fromstring(paths[4].read_text())]
    assert suites == ["connection", "data flow", "workflow", "resilience", "load", "health"]
    assert "Connection reliability issues detected for Linear integration" in paths[5].read_text()
    assert "Connection reliability issues detected for Linear integration" in paths[3].read_text()


def test_a_real_run_of_recordings_is_written(tmp_path: Path) -> None:
    """A replay of one platform: phases are timed, only its checks are there, and nobody may call it live."""
    space = Workspace(tmp_path)
    run = Run(Upstream(space, "replay"), select(["gong/*"], space), quick=True, phases=("connection", "health"))
    asyncio.run(run.run())
    got = json.loads(write_reports(run.events, tmp_path / "reports")[0].read_text())
    assert {row["platform"] for row in got["connection_tests"]["results"]} <= {"gong", "gateway"}
    assert (got["summary"]["live"], got["summary"]["total_phases"]) == (False, 2)
    assert got["health_checks"]["summary"]["status"] == "nothing_ran"
    spans = Report.of(run.events).spans
    assert list(spans) == ["connection", "health"]
    assert all(span.measured for span in spans.values())


def test_a_run_without_a_start_is_dated_now(tmp_path: Path) -> None:
    """Outcomes alone can be written too."""
    paths = write_reports([row("connection")], tmp_path)
    assert re.fullmatch(r"junit_\d{8}_\d{6}\.xml", paths[4].name)
    assert json.loads(paths[1].read_text())["start_time"] is None


def test_what_is_about_no_single_platform_is_not_among_them() -> None:
    """Workflows over several platforms, rules as such and phases that broke count to the run, not to a platform."""
    rows = [row("workflow", subject="platforms/leads"), row("data flow", subject="rules/tables"), row("workflow")]
    rows += [row("load", subject="load")]
    got = executive(Report.of([started(), *rows, Finished(1.0)]))
    assert list(got["platforms"]) == ["gong"]
    assert got["totals"]["total_tests"] == 4


def test_an_interrupted_run_is_no_success() -> None:
    """Only finished phases have passed, out of all that were asked for, and no rate looks like a whole one."""
    begun = replace(started(), phases=("connection", "data flow", "load"))
    rows = [row("connection"), row("data flow")]
    timed = [Timed("connection", 0.0, 1.0), Timed("data flow", 1.0, 1.0, finished=False)]
    report = Report.of([begun, *rows, *timed])
    got = executive(report)
    assert (got["phases_passed"], got["total_phases"]) == (1, 3)
    for counts in (got["totals"], got["phases"]["data flow"], comprehensive(report)["data_flow_tests"]["summary"]):
        assert (counts["status"], counts["success_rate"]) == ("error", None)


def test_a_folder_that_cannot_be_used_is_named_as_it_was_typed(tmp_path: Path) -> None:
    """What stands in the way is said; a folder that is missing is made."""
    check_folder(tmp_path / "new" / "folder")
    assert list((tmp_path / "new" / "folder").iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match=r"file: reports cannot be written there \(File exists\)"):
        check_folder(tmp_path / "file")
