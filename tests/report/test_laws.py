"""What holds for every stream of events, in every format."""

from __future__ import annotations

import json
import re
from collections import Counter
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.errors import ExitCode
from bi_contracts.report import (
    FORMATS,
    NOT_LIVE,
    SEVERITIES,
    Event,
    Finding,
    Outcome,
    Report,
    Started,
    Status,
    Verdict,
    exit_code,
    render,
    summary,
)
from bi_contracts.report.values import clean, plain

from .streams import (
    AT,
    FINISHED,
    STARTED,
    html_findings,
    json_findings,
    junit_lines,
    markdown_findings,
    outcomes,
    sarif_findings,
    streams,
)

few = settings(max_examples=30, deadline=None)
tokens = st.integers(0, 9999).map(lambda number: f"tok{number:04d}")
rules = st.lists(tokens, unique=True, max_size=8)


def found(events: list[Event]) -> list[Finding]:
    return [finding for outcome in Report.of(events).outcomes for finding in outcome.findings]


@few
@given(streams)
def test_json_has_every_finding_once(events: list[Event]) -> None:
    """Each finding stands in the JSON exactly once, rule and path unchanged but for lone surrogates."""
    assert json_findings(render(events, "json")) == Counter((plain(row.rule), plain(row.path)) for row in found(events))


@few
@given(streams)
def test_sarif_has_every_finding_once(events: list[Event]) -> None:
    """Each finding is exactly one SARIF result."""
    wanted = Counter((plain(row.rule), plain(row.path)) for row in found(events))
    assert sarif_findings(render(events, "sarif")) == wanted


@few
@given(streams)
def test_html_has_every_finding_once(events: list[Event]) -> None:
    """Each finding is exactly one row of the page, and the page's elements are balanced."""
    wanted = Counter((clean(row.rule), clean(row.path) or "the whole answer") for row in found(events))
    assert html_findings(render(events, "html")) == wanted


@few
@given(streams)
def test_markdown_has_every_finding_once(events: list[Event]) -> None:
    """Each finding is exactly one table row of seven cells."""
    wanted = Counter((clean(row.rule).strip(), clean(row.path).strip()) for row in found(events))
    assert markdown_findings(render(events, "markdown")) == wanted


@few
@given(streams)
def test_junit_has_every_finding_once(events: list[Event]) -> None:
    """Each finding has exactly one header line in a well-formed document."""
    lines = junit_lines(render(events, "junit"))
    for line, number in Counter(f"{row.severity} {clean(row.rule)} {clean(row.path)}" for row in found(events)).items():
        assert lines[line] == number


tokens = st.integers(0, 9999).map(lambda number: f"tok{number:04d}")


@few
@given(
    st.lists(tokens, unique=True, max_size=8), st.sampled_from(SEVERITIES), st.sampled_from(Status), st.integers(1, 200)
)
def test_text_has_every_finding_once(names: list[str], severity: str, status: Status, width: int) -> None:
    """Each rule and each pointer is printed exactly once, at any width."""
    rows = tuple(Finding(f"r{name}", severity, f"/p{name}") for name in names)  # type: ignore[arg-type]
    text = render([Outcome("asana/tasks", "drift", status, rows)], "text", width=width)
    assert [text.count(f"r{name}") for name in names] == [1] * len(names)
    assert [text.count(f"/p{name}") for name in names] == [1] * len(names)


@few
@given(streams, st.integers(40, 160))
def test_text_keeps_to_its_width_and_to_visible_characters(events: list[Event], width: int) -> None:
    """No line is longer than asked for, and nothing in it moves the cursor or changes direction."""
    from rich.cells import cell_len

    text = render(events, "text", width=width)
    assert all(cell_len(line) <= width for line in text.split("\n"))
    assert clean(text, lines=True) == text


@few
@given(streams)
def test_counts_agree_between_formats(events: list[Event]) -> None:
    """Every format says the same numbers as the summary."""
    total = summary(events).total
    counts = json.loads(render(events, "json"))["counts"]
    junit = ET.fromstring(render(events, "junit"))
    extra = len(junit.findall("testsuite/testcase[@classname='bi-contracts']/error"))
    sarif = json.loads(render(events, "sarif"))["runs"][0]
    assert (counts["failed"], counts["errors"], counts["skipped"]) == (total.failed, total.errors, total.skipped)
    assert (junit.get("failures"), len(junit.findall(".//skipped"))) == (str(total.failed), total.skipped)
    assert len(junit.findall(".//failure")) == total.failed
    assert len(junit.findall(".//testcase")) == int(junit.get("tests", "")) >= total.outcomes
    assert int(junit.get("errors", "")) == len(junit.findall(".//error")) <= total.errors + extra
    assert sarif["properties"]["counts"] == counts
    levels = Counter(row["properties"]["severity"] for row in sarif["results"])
    assert (levels["warning"], levels["info"]) == (total.warning, total.info)


@few
@given(streams, st.sampled_from(SEVERITIES))
def test_the_exit_code_is_good_only_when_all_is_good(events: list[Event], fail_on: str) -> None:
    """0 means: something ran to its end, nothing failed, nothing erred, no finding at the threshold."""
    report = Report.of(events)
    worst = [SEVERITIES.index(row.severity) for row in found(events)]
    good = (
        all(row.status in (Status.PASSED, Status.SKIPPED) for row in report.outcomes)
        and any(row.status == Status.PASSED for row in report.outcomes)
        and all(rank > SEVERITIES.index(fail_on) for rank in worst)
        and "breaking" not in {row.severity for row in found(events)}
        and not report.interrupted
    )
    assert (exit_code(events, fail_on) == ExitCode.GOOD) == good


@few
@given(streams)
def test_a_passing_verdict_and_exit_code_zero_are_one(events: list[Event]) -> None:
    """What a page calls passed, the process ends with 0, and the other way round."""
    passing = summary(events).verdict in (Verdict.PASSED, Verdict.WARNINGS)
    assert passing == (exit_code(events) == ExitCode.GOOD)


@few
@given(st.lists(outcomes.map(lambda row: Outcome(row.subject, row.check, Status.SKIPPED, note=row.note)), max_size=3))
def test_nothing_ran_never_looks_like_a_pass(rows: list[Outcome]) -> None:
    """With no outcome, or only skipped ones, every format says so and no reader can count a success."""
    events: list[Event] = [*rows, FINISHED]
    assert exit_code(events) == ExitCode.NOTHING_RAN
    for name in ("text", "markdown", "html", "junit", "sarif"):
        assert "Nothing ran: " in render(events, name)
    assert json.loads(render(events, "json"))["verdict"] == "nothing ran"
    assert ET.fromstring(render(events, "junit")).findall(".//error")
    assert not json.loads(render(events, "sarif"))["runs"][0]["invocations"][0]["executionSuccessful"]


@few
@given(outcomes.filter(lambda row: row.source != "live" and row.answered))
def test_what_is_not_live_is_marked(row: Outcome) -> None:
    """Every format marks an answer that did not come from the live API."""
    for name in FORMATS:
        text = re.sub(r"\s+", " ", render([row, FINISHED], name))
        assert NOT_LIVE in text or '"live": false' in text


@few
@given(streams, st.sampled_from(FORMATS))
def test_every_stream_can_be_written_as_utf8_and_is_deterministic(events: list[Event], name: str) -> None:
    """Whatever the strings hold, the text encodes, has no terminal escape in it and comes out the same twice."""
    text = render(events, name)
    text.encode("utf-8")
    assert "\x1b" not in text
    assert "\x00" not in text
    assert text == render(events, name)


@few
@given(st.lists(outcomes, max_size=3))
def test_an_interrupted_run_is_never_good(rows: list[Outcome]) -> None:
    """Started and not finished: the exit code is not 0 and the JSON says so."""
    assert exit_code([STARTED, *rows]) != ExitCode.GOOD
    assert json.loads(render([STARTED, *rows], "json"))["finished"] is False


def test_what_is_no_event_is_refused() -> None:
    """A finding passed where an event belongs is an error, never silently dropped."""
    with pytest.raises(TypeError, match="not an event"):
        summary([Finding("rule", "breaking", "/x")])  # type: ignore[list-item]


def test_the_first_start_counts() -> None:
    """A second start does not rename the run."""
    assert Report.of([Started("one", "drift", AT), Started("two", "drift", AT)]).title == "one"
