"""The report for a terminal."""

from __future__ import annotations

import re

import pytest

from bi_contracts.report import Outcome, Started, Status, Timed, render
from bi_contracts.report.text import wrap_pointer

from .streams import AT, FINISHED, STARTED, finding, outcome, run


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


@pytest.mark.parametrize(
    ("sources", "says"),
    [
        (("live", "live"), "PASSED · no findings"),
        (("live", "sandbox"), "PASSED, but only partly against the live API · no findings"),
        (("replay", "sandbox"), "PASSED, but not against the live API · no findings"),
    ],
)
def test_a_pass_says_how_much_of_it_was_live(sources: tuple[str, ...], says: str) -> None:
    """It is a pass without a proviso only where every answer was live."""
    assert render(run(*(outcome(source=source) for source in sources)), "text").split("\n")[0] == says


def test_a_count_is_never_broken() -> None:
    """`120 of 120` stands on one line."""
    text = render(run(outcome(Status.FAILED, finding(evidence={"seen": 120, "of": 120}))), "text")
    assert "120 of 120" in text


def test_a_table_of_phases_keeps_its_words_whole_in_60_columns() -> None:
    """No phase and no number is broken in two."""
    events = [STARTED, outcome(phase="connection"), outcome(Status.SKIPPED, phase="data flow"), FINISHED]
    lines = render(events, "text", width=60).split("\n")
    assert lines[5].startswith("phase      passed failed errors skipped")
    assert lines[6].startswith("connection ")


LOAD = {
    "requests": 5.0, "successful": 5.0, "success_rate": 1.0, "throughput_rps": 581.0, "requests_per_second": 581.0,
    "avg_ms": 3.98, "median_ms": 4.45, "p95_ms": 4.94, "p99_ms": 4.95, "max_ms": 4.96,
}  # fmt: skip


def load(status: Status = Status.PASSED) -> Outcome:
    return Outcome("gateway/dashboard", "load", status, source="sandbox", phase="load", figures=LOAD)


def test_a_benchmark_that_passed_is_one_line() -> None:
    """What people look for in a run of several phases; the rest is in the other reports, and in a run of load alone."""
    connection = outcome(phase="connection")
    text = render([STARTED, connection, load(), FINISHED], "text")
    head, line = (line.split() for line in text.split("\n") if line.startswith(("benchmark", "gateway/dash")))
    assert " ".join(head) == "benchmark requests p50 ms p95 ms p99 ms max ms per s success"
    assert " ".join(line) == "gateway/dashboard 5 4.45 4.94 4.95 4.96 581 100 %"
    assert "avg" not in text
    narrow = render([STARTED, connection, load(), FINISHED], "text", width=60)
    assert "gateway/dashboard: requests 5, p50 ms 4.45" in narrow


def test_no_figure_is_told_twice() -> None:
    """Of a benchmark that failed all figures stand there, each once."""
    text = render([STARTED, load(Status.FAILED), FINISHED], "text")
    assert "avg 3.98 ms" in text
    assert text.count("581") == 1


def test_what_failed_alike_stands_together() -> None:
    """A platform that is down fails every check of it: one paragraph, with every endpoint in it."""
    rows = [
        outcome(
            Status.ERROR, subject=f"gong/{name}", source="", samples=0, note=f"gong/{name}: no answer", phase="load"
        )
        for name in ("calls", "users", "logs")
    ]
    text = render([STARTED, *rows, FINISHED], "text")
    assert text.count("no answer") == 1
    assert "gong/calls, gong/logs, gong/users  drift error\n  3 checks\n  no answer\n" in text


def test_a_phase_that_was_interrupted_is_shown_as_such() -> None:
    """Whatever it found until then; every writer says so."""
    events = [STARTED, outcome(phase="load"), Timed("load", 0.0, 1.0, finished=False)]
    (line,) = (line for line in render(events, "text").split("\n") if line.startswith("load "))
    assert line.endswith("incomplete")
    for name in ("markdown", "json", "html", "junit"):
        assert re.search("incomplete|not finish", render(events, name))
