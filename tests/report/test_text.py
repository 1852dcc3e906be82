"""The report for a terminal."""

from __future__ import annotations

import re

import pytest

from bi_contracts.report import Started, Status, render
from bi_contracts.report.text import wrap_pointer

from .streams import AT, FINISHED, finding, outcome, run


def test_all_good_is_three_facts_and_a_count() -> None:
    """A good run says so in a handful of lines."""
    text = render(run(outcome(), outcome(subject="asana/users"), outcome(subject="slack/users")), "text")
    assert text.split("\n") == [
        "PASSED · no findings",
        "3 checks: 3 passed · 9 samples · live · 12.5 s",
        "Nightly drift · 2026-11-21T06:00:00+00:00 · 1.2.3",
        "",
        "passed: asana 2, slack 1 · live",
        "",
    ]


def test_a_pass_on_the_sandbox_says_so_in_its_first_line() -> None:
    """Nobody reads a green line about the sandbox as one about the vendor."""
    first = render(run(outcome(source="sandbox")), "text").split("\n")[0]
    assert first == "PASSED, but not against the live API · no findings"


def test_a_finding_is_printed_with_all_it_has() -> None:
    """Severity, pointer, share, change, rule, message and further evidence stand together."""
    found = finding(
        path="/body/results/*/archived",
        before="boolean",
        message="`archived` is gone.",
        evidence={"seen": 0, "of": 40, "since": "2026-10-01"},
    )
    text = render(run(outcome(Status.FAILED, found)), "text", width=80)
    assert text.split("\n")[4:] == [
        "asana/tasks  drift failed",
        "  3 samples, live",
        " severity    change                                                        seen",
        " ✖ breaking  /body/results/*/archived                                   0 of 40",
        "             boolean → —",
        "             property-removed: `archived` is gone.",
        "             since: 2026-10-01",
        "",
    ]


def test_a_finding_without_a_place_has_no_empty_line() -> None:
    """A message of several lines stays in its column."""
    row = outcome(Status.FAILED, finding(path="", rule="cassette-miss", message="no such request\nclosest: GET /x"))
    assert render([row], "text").split("\n")[-3:] == [
        " ✖ breaking  cassette-miss: no such request",
        "             closest: GET /x",
        "",
    ]


def test_findings_are_sorted_by_severity() -> None:
    """Breaking comes first, whatever the order they were found in."""
    rows = (finding("info", "/a"), finding("warning", "/b"), finding("breaking", "/c"))
    text = render(run(outcome(Status.FAILED, *rows)), "text")
    assert text.index("/c") < text.index("/b") < text.index("/a")


def test_a_note_keeps_its_lines() -> None:
    """An error message of several lines is readable, the reason for a skip stands on one."""
    rows = (
        outcome(Status.ERROR, note="refused\nmake a new key", samples=0),
        outcome(Status.SKIPPED, note="no key", source="", samples=0, subject="slack/users"),
        outcome(Status.SKIPPED, source="sandbox", samples=0, subject="slack/files"),
    )
    lines = render(run(*rows), "text").split("\n")
    start = lines.index("asana/tasks  drift error")
    assert lines[start : start + 4] == ["asana/tasks  drift error", "  live", "  refused", "  make a new key"]
    assert "skipped: slack/users drift: no key" in lines
    assert "skipped: slack/files drift · sandbox (not evidence about the live API)" in lines


def test_a_skipped_check_with_findings_gets_a_section() -> None:
    """A finding is shown even where its check was skipped and nobody was asked."""
    row = outcome(Status.SKIPPED, finding("warning", "/x"), source="", samples=0)
    lines = render([row], "text").split("\n")
    assert "asana/tasks  drift skipped" in lines
    assert any("/x" in line for line in lines)


def test_colour_is_only_there_when_asked_for() -> None:
    """Without colour there is no escape sequence; with it, only colours are added."""
    events = run(outcome(Status.FAILED, finding("warning")))
    coloured = render(events, "text", color=True)
    assert "\x1b[" in coloured
    stripped = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert [line.rstrip() for line in stripped.split("\n")] == render(events, "text").split("\n")


def test_the_environment_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same events give the same text in every terminal."""
    events = run(outcome(Status.FAILED, finding()))
    plain = render(events, "text")
    for name, value in {"COLUMNS": "30", "FORCE_COLOR": "1", "TERM": "dumb", "JUPYTER_COLUMNS": "20"}.items():
        monkeypatch.setenv(name, value)
    assert render(events, "text") == plain


def test_a_run_without_a_start_is_named_after_the_tool() -> None:
    """Outcomes alone are enough for a report."""
    assert render([outcome(), FINISHED], "text").split("\n")[2] == "bi-contracts"
    assert render([Started("t", "drift", AT), FINISHED], "text").split("\n")[2] == "t · 2026-11-21T06:00:00+00:00"


@pytest.mark.parametrize(
    ("pointer", "lines"),
    [
        ("/a/b", ["/a/b"]),
        ("/body/results/*/id", ["/body", "/results/*", "/id"]),
        ("/averyveryverylongname/x", ["/averyveryverylongname", "/x"]),
        ("/", ["/"]),
        ("plain", ["plain"]),
    ],
)
def test_pointers_break_before_a_slash(pointer: str, lines: list[str]) -> None:
    """No name is cut while a slash can be the place to break."""
    assert wrap_pointer(pointer, 10).split("\n") == lines
