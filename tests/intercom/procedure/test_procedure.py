"""The procedure from end to end: on the sandbox, on a recording of that, and with another server."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from bi_contracts.cassette.store import load
from bi_contracts.errors import ExitCode
from bi_contracts.intercom.procedure import recording, reporting
from bi_contracts.intercom.procedure.line import (
    CLEANUP,
    DATABASE,
    INTEGRITY,
    LAYOUT,
    PERFORMANCE,
    SERVER,
    SYNC,
    Mark,
)
from bi_contracts.intercom.procedure.tree import render
from bi_contracts.report import FORMATS, Report
from bi_contracts.report import render as written

from .conftest import ROWS, Done, done

SPEEDS = {(PERFORMANCE, name) for name in LAYOUT[PERFORMANCE]} | {(SYNC, "Sync Speed"), (SYNC, "Messages")}
"""Lines that may be worse on a slow machine."""

OTHER = Path(__file__).with_name("other_server.py")


def test_every_line_is_there_and_good(finished: Done) -> None:
    """All sections, all lines; only how fast things are depends on the machine."""
    assert {(line.section, line.name) for line in finished.run.lines} == {
        (DATABASE, DATABASE),
        *((section, name) for section, names in LAYOUT.items() for name in names),
    }
    assert [
        line
        for line in finished.run.lines
        if line.mark not in (Mark.GOOD, Mark.PLAIN)
        and (line.section, line.name) not in SPEEDS
        and line.name != "Schema Validation"
    ] == []
    assert finished.told == finished.run.lines


def test_figures_are_those_of_the_data(finished: Done) -> None:
    """As many conversations as the sandbox has, and at most a call for each and a few more."""
    assert finished.line(SYNC, "Conversations").text == f"{ROWS} synced successfully"
    calls = finished.line(SYNC, "API Calls").figures
    assert ROWS < calls["calls"] <= ROWS + 3
    assert calls["refused"] == 0
    assert re.fullmatch(r"2026-01-\d\d to 2026-01-\d\d \(7 days\)", finished.line(SYNC, "Date Range").text)
    assert finished.line(INTEGRITY, "Conversation IDs").figures["conversations"] == ROWS


def test_answers_are_judged_question_by_question(finished: Done) -> None:
    """At least fifteen searches of many kinds, ten conversations, none of them wrong."""
    searches, gets = (finished.line(SERVER, name).figures for name in ("search_conversations", "get_conversation"))
    assert (searches["asked"], searches["wrong"]) == (20, 0)
    assert (gets["asked"], gets["wrong"]) == (10, 0)
    assert "a reply that was written meanwhile was found" in finished.line(SERVER, "sync_conversations").text


def test_what_was_measured_is_told_with_its_target(finished: Done) -> None:
    """Query times, memory of both processes, size, processor time, writes."""
    response = finished.line(PERFORMANCE, "Query Response")
    assert "(target: <100ms)" in response.said
    assert {chart.title for chart in response.charts} == {
        "Searches through the server",
        "Single conversations through the server",
        "Memory of the server",
    }
    memory = finished.line(PERFORMANCE, "Memory Usage").figures
    assert min(memory["sync_peak_mb"], memory["server_peak_mb"]) > 20
    assert finished.line(PERFORMANCE, "Database Size").figures["each_bytes"] > 500
    assert finished.line(PERFORMANCE, "CPU Usage").figures["cpu_percent"] > 0


def test_nothing_is_left_behind(finished: Done) -> None:
    """The server ended by itself, and the folder is gone with the parent that was made for it."""
    assert "exit code 0" in finished.line(CLEANUP, "MCP Server").text
    assert finished.line(CLEANUP, "Database").text.startswith("Closed properly")
    assert not (finished.space.root / "work").exists()


def test_a_sandbox_never_passes_for_live(finished: Done) -> None:
    """Title, source line and every outcome say who answered."""
    told = render(reporting.tree(finished.run))
    assert told.startswith("🔍 Intercom MCP Integration Test Report (sandbox: not evidence about the live API)\n")
    assert "\nSource: sandbox (not evidence about the live API)\n" in told
    report = Report.of(reporting.events(finished.run))
    assert set(report.summary.sources) == {"sandbox"}
    assert not report.summary.live


def test_the_metrics_stand_by_themselves_where_they_are_asked_for(finished: Done) -> None:
    """Five lines, as in the document."""
    told = render(reporting.tree(finished.run))
    block = told[told.index("Performance Metrics:") :].split("\n")[1:6]
    names = [line[4:].partition(":")[0] for line in block]
    assert names == ["Sync Speed", "Query Response", "Memory Usage", "Database Size", "API Efficiency"]


@pytest.mark.parametrize("format", FORMATS)
def test_every_report_format_can_be_written(finished: Done, format: str) -> None:
    """The house's writers take the stream as it is."""
    assert "sandbox" in written(reporting.events(finished.run), format)


def test_every_step_is_a_phase_with_its_time(finished: Done) -> None:
    """In their order, each once."""
    report = Report.of(reporting.events(finished.run))
    assert report.phases == (
        *("environment", "API connection", "database", "data sync", "data integrity"),
        *("MCP server", "queries", "performance", "cleanup"),
    )
    assert all(counts.ran for counts in report.summary.phases.values())


def test_the_recording_says_what_it_is_and_holds_no_credential(finished: Done) -> None:
    """Source, settings, stages; the token nowhere."""
    path = finished.run.settings.record
    assert path is not None
    assert finished.run.recorded == len(load(path).interactions)
    made = recording.made(path)
    assert (made.days, made.max_conversations, made.source) == (7.0, 0, "sandbox")
    kept = load(path).interactions
    assert {each.endpoint.rpartition("/")[2] for each in kept} == set(recording.STAGES)
    assert all(each.request.url.startswith("https://api.intercom.io/") for each in kept)
    assert "dG9rOmV4" not in path.read_text()


@pytest.fixture(scope="module")
def other(finished: Done) -> Done:
    """The recording of that run repeated, with a server that lacks a tool and forgets a conversation."""
    work = finished.space.root / "other"
    command = (sys.executable, str(OTHER), str(work), "forgets", "no-get_server_status")
    return done(finished.space.root, mode="replay", folder=work, server=command)


def test_a_recording_is_repeated(finished: Done, other: Done) -> None:
    """Same data, same calls; the report says that it is a replay, and of what."""
    for section, name in ((SYNC, "Conversations"), (SYNC, "API Calls"), (SYNC, "Date Range"), (SYNC, "Customers")):
        assert other.line(section, name).text == finished.line(section, name).text
    told = render(reporting.tree(other.run))
    assert "(replay of a sandbox recording: not evidence about the live API)" in told.split("\n")[0]


def test_another_server_goes_through_the_same_procedure(other: Done) -> None:
    """A tool that it lacks, answers that lack a conversation: findings, told by tool."""
    assert "missing: get_server_status" in other.line(SERVER, "Tool Registration").text
    assert other.line(SERVER, "get_server_status").mark is Mark.BAD
    assert "missing" in other.line(SERVER, "search_conversations").text
    assert other.line(SERVER, "get_conversation").mark is Mark.GOOD
    assert other.line(SERVER, "sync_conversations").mark is Mark.GOOD
    assert reporting.exit_code(other.run) is ExitCode.FINDINGS
