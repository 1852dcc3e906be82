"""JSON, SARIF, JUnit and Markdown: the shape each consumer relies on."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given

from bi_contracts.report import Event, Started, Status, render
from bi_contracts.report.markdown import code, prose

from .streams import HOSTILE, finding, markdown_cells, outcome, run, words

FOUND = finding(before="string", evidence={"seen": 1, "of": 3}, message="gone", explanation="A property is gone.")
BAD = outcome(Status.FAILED, FOUND, artifact="contracts/asana/my tasks.json", note="see\nbelow", elapsed=1.5)
ODD = [
    outcome(Status.ERROR, note="no answer", subject="slack/users"),
    outcome(Status.SKIPPED, note="no key", source="", subject="slack/files"),
    outcome(Status.FAILED, subject="notion/search", source="sandbox"),
    outcome(Status.PASSED, finding("info", "/i"), subject="asana/users"),
]


def sarif(events: list[Event]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(render(events, "sarif"))
    return document


def junit(events: list[Event]) -> ET.Element:
    return ET.fromstring(render(events, "junit"))


def test_json_has_the_published_keys() -> None:
    """The keys of schema 1 are all there, at every level."""
    document = json.loads(render(run(BAD), "json"))
    assert document["schema"] == "bi-contracts/report/1"
    assert set(document) >= {"title", "verb", "started_at", "tool_version", "facts", "finished", "elapsed", "verdict"}
    assert set(document) >= {"worst", "counts", "sources", "live", "platforms", "outcomes"}
    row = document["outcomes"][0]
    assert (row["subject"], row["platform"], row["status"], row["live"]) == ("asana/tasks", "asana", "failed", True)
    wanted = {"rule", "severity", "path", "before", "after", "message", "evidence", "explanation"}
    assert set(row["findings"][0]) == wanted


def test_json_without_a_start_has_nulls() -> None:
    """What is not known is null, never invented."""
    document = json.loads(render([BAD], "json"))
    assert (document["verb"], document["started_at"], document["elapsed"]) == (None, None, None)
    assert document["finished"] is True


def test_sarif_results_point_at_their_rule_and_place() -> None:
    """A result names its rule by id and index, its endpoint and pointer, its file, and a stable fingerprint."""
    one = sarif(run(BAD))["runs"][0]
    result = one["results"][0]
    assert one["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "property-removed"
    assert one["tool"]["driver"]["version"] == "1.2.3"
    assert result["level"] == "error"
    place = result["locations"][0]
    assert place["logicalLocations"][0]["fullyQualifiedName"] == "asana/tasks#/body/id"
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "contracts/asana/my%20tasks.json"
    again = sarif(run(BAD))["runs"][0]["results"][0]
    assert again["partialFingerprints"] == result["partialFingerprints"]


def test_sarif_tells_what_did_not_run() -> None:
    """Errors and skips are notifications, a failure without findings is a result, and success is denied."""
    one = sarif(run(*ODD))["runs"][0]
    invocation = one["invocations"][0]
    texts = [row["message"]["text"] for row in invocation["toolExecutionNotifications"]]
    assert "slack/users drift error: no answer" in texts
    assert "slack/files drift skipped: no key" in texts
    assert not invocation["executionSuccessful"]
    assert [row["ruleId"] for row in one["results"]] == ["drift-failed", "property-removed"]
    assert "not evidence about the live API" in one["results"][0]["message"]["text"]


def test_sarif_times_are_utc_or_left_out() -> None:
    """A time without a zone is not guessed."""
    assert sarif(run(BAD))["runs"][0]["invocations"][0]["startTimeUtc"] == "2026-11-21T06:00:00Z"
    naive = Started("t", "drift", datetime(2026, 1, 1))
    assert "startTimeUtc" not in sarif([naive, BAD])["runs"][0]["invocations"][0]


def test_junit_groups_by_platform() -> None:
    """A suite a platform, with its own numbers, a case an outcome."""
    root = junit(run(BAD, *ODD))
    suites = {suite.get("name"): suite for suite in root}
    assert list(suites) == ["asana", "notion", "slack"]
    assert {key: suites["asana"].get(key) for key in ("tests", "failures", "errors", "skipped", "time")} == {
        "tests": "2",
        "failures": "1",
        "errors": "0",
        "skipped": "0",
        "time": "1.500",
    }
    assert suites["asana"].get("timestamp") == "2026-11-21T06:00:00+00:00"


def test_junit_cases_carry_their_result() -> None:
    """A failure says how much and why in its message, and everything in its text."""
    root = junit(run(BAD, *ODD))
    case = root.find("testsuite[@name='asana']/testcase")
    assert case is not None
    assert (case.get("classname"), case.get("name")) == ("asana.tasks", "drift[asana/tasks]")
    failure = case.find("failure")
    assert failure is not None
    assert (failure.get("message"), failure.get("type")) == ("1 breaking; see", "breaking")
    assert failure.text == "see\nbelow\nbreaking property-removed /body/id\n    gone\n    string → —\n    now 1 of 3"
    error, skipped = root.find(".//error"), root.find(".//skipped")
    assert error is not None
    assert skipped is not None
    assert (error.get("message"), skipped.get("message")) == ("no answer", "no key")
    bare = root.find("testsuite[@name='notion']/testcase/failure")
    assert bare is not None
    assert bare.get("message") == "sandbox: not evidence about the live API"
    output = root.find("testsuite[@name='asana']/testcase[2]/system-out")
    assert output is not None
    assert output.text == "3 samples, live\ninfo property-removed /i"


def test_junit_failures_always_have_a_message() -> None:
    """A bare live failure is named after its check, a bare skip says skipped."""
    root = junit([outcome(Status.FAILED), outcome(Status.SKIPPED, source="", samples=0)])
    failure, skipped = root.find(".//failure"), root.find(".//skipped")
    assert failure is not None
    assert skipped is not None
    assert (failure.get("message"), skipped.get("message")) == ("drift failed", "skipped")


def test_junit_says_that_a_run_was_interrupted() -> None:
    """An interrupted run has an error of its own, beside the results it has."""
    root = junit([Started("t", "drift", datetime(2026, 1, 1)), outcome()])
    assert (root.get("tests"), root.get("errors")) == ("2", "1")
    case = root.find("testsuite[@name='bi-contracts']/testcase")
    assert case is not None
    assert case.get("name") == "did not finish"


@pytest.mark.parametrize("text", HOSTILE)
def test_junit_survives_hostile_strings(text: str) -> None:
    """Strings that XML cannot hold still give a document that parses, with nothing injected."""
    row = outcome(Status.FAILED, finding(path=text, rule=text, message=text), subject=text, note=text, artifact=text)
    assert [node.tag for node in junit(run(row)).iter()] == [
        *("testsuites", "testsuite", "testcase"),
        *("failure", "system-out"),
    ]


def test_markdown_unfolds_failures_and_folds_the_rest() -> None:
    """Failures and errors are open, passes with findings closed, the others in one list."""
    text = render(run(BAD, *ODD, outcome(subject="linear/issues")), "markdown")
    assert text.startswith("## ❌ Nightly drift: failed; 1 breaking, 1 info\n")
    assert text.count("<details open>") == 3
    assert "<details><summary>✅ <b>asana/users</b>" in text
    assert "<details><summary>2 checks without findings</summary>" in text
    assert "see<br>below" in text


def test_markdown_of_a_good_run_is_marked_as_good() -> None:
    """A pass has the mark of a pass, one with warnings another."""
    assert render(run(outcome()), "markdown").startswith("## ✅ ")
    assert render(run(outcome(Status.PASSED, finding("warning"))), "markdown").startswith("## ⚠️ ")
    sandbox = render(run(outcome(source="sandbox")), "markdown")
    assert sandbox.startswith("## ⚠️ Nightly drift: passed, but not against the live API; no findings\n")


@given(words)
def test_markdown_escapes_stay_in_their_cell(text: str) -> None:
    """Whatever the text, it is one line, one cell, and holds no tag."""
    for cell in (code(text), prose(text)):
        assert "\n" not in cell
        assert markdown_cells(f"| {cell} | end |") == [cell.strip(), "end"]
        assert "<" not in cell.removeprefix("<code>").removesuffix("</code>") or cell.startswith("`")


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("`a_b` *c* [d](e)", "\\`a\\_b\\` \\*c\\* \\[d\\](e)"),
        ("a|b\\", "a&#124;b&#92;"),
        ("@team", "@&#8203;team"),
        ("# head", "\\# head"),
        ("12. item", "12\\. item"),
        ("12 items", "12 items"),
        ("- item", "&#45; item"),
        ("    code", "code"),
        ("<b>&", "&#60;b&#62;&#38;"),
    ],
)
def test_markdown_prose_has_no_meaning(text: str, escaped: str) -> None:
    """Marks of Markdown, HTML and GitHub are taken for text."""
    assert prose(text) == escaped


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("/body/*/id", "`/body/*/id`"),
        ("a|b", "<code>a&#124;b</code>"),
        ("a`b", "<code>a&#96;b</code>"),
        ("", "<code></code>"),
        (" x", "<code> x</code>"),
    ],
)
def test_markdown_code_falls_back_to_entities(text: str, span: str) -> None:
    """Plain names are code spans; what could end a span or a cell is written as entities."""
    assert code(text) == span
