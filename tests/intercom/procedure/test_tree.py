"""The report as a tree: the sections, lines and marks of the document that it is built after."""

from __future__ import annotations

from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.intercom.procedure.conclusion import Conclusion, Verdict, bad, warning
from bi_contracts.intercom.procedure.line import INTEGRITY, LAYOUT, PERFORMANCE, SERVER, SYNC, Line, Mark
from bi_contracts.intercom.procedure.tree import ASCII, UNICODE, duration, number, render, size, style_for

from .lines import changed, good, refused, report

REFUSED = """\
🔍 Intercom MCP Integration Test Report
================================================================================
Integration Test Result: ❌ FAILED

Failures:
├── API Connection: ❌ 401 Unauthorized
│   └── Cause: Invalid or expired access token
├── Data Sync: ❌ Skipped due to API failure
└── MCP Server: ❌ Skipped due to data unavailability

Required Actions:
1. Verify INTERCOM_ACCESS_TOKEN is correct
2. Check token permissions include 'conversations:read'
3. Confirm token hasn't expired
4. Test API access manually: curl -H "Authorization: Bearer $TOKEN" https://api.intercom.io/me

================================================================================
"""

SLOW = """\
Performance Issues Detected:
├── Sync Speed: ⚠️ 8.2 conversations/second (target: >10/second)
├── Query Response: ⚠️ 156ms average (target: <100ms)
└── Memory Usage: ✅ Memory Usage is well

Data Integrity Warnings:
└── Timestamps: ⚠️ 3 messages with future timestamps

Recommended Actions:
├── Check network latency to Intercom API: bi-contracts intercom latency
├── Verify database isn't on slow storage: bi-contracts intercom database
├── Consider reducing sync batch size: --max-conversations
└── Monitor for background processes affecting performance

Investigation Required:
├── Check the clock of this machine
└── Compare with Intercom: bi-contracts intercom show ID

================================================================================
Integration Test Result: ⚠️ PARTIAL SUCCESS (needs investigation)
Test Duration: 1m 23s
Report Generated: 2026-01-02 03:04:05 UTC
================================================================================
"""


def test_a_refused_token_reads_as_in_the_document() -> None:
    """The failure example: what failed and why, what was skipped for it, what to do."""
    assert render(report(refused())) == REFUSED


def test_a_good_run_has_every_section_and_line_and_no_other() -> None:
    """The tree is the document's, to the line."""
    told = render(report(good())).split("\n")
    wanted = ["Source: live", ""]
    for section, names in LAYOUT.items():
        rows = [f"├── {name}: ✅ {name} is well" for name in names]
        wanted += [f"{section}:", *rows[:-1], rows[-1].replace("├", "└"), ""]
    assert told[2 : 2 + len(wanted)] == wanted
    assert told[2 + len(wanted) :][1:3] == ["Integration Test Result: ✅ PASSED", "Test Duration: 1m 23s"]


def test_slow_results_and_odd_data_are_a_partial_success() -> None:
    """Warnings stand by themselves, with the targets, what to do, and where to look."""
    told = render(
        report(
            changed(
                good(),
                warning(SYNC, "Sync Speed", "8.2 conversations/second", "slow sync", target="target: >10/second"),
                warning(PERFORMANCE, "Query Response", "156ms average", "slow queries", target="target: <100ms"),
                warning(INTEGRITY, "Timestamps", "3 messages with future timestamps", "timestamps"),
            )
        )
    )
    assert told.endswith(SLOW)


def test_a_failure_with_data_still_shows_the_data() -> None:
    """A tool that answers wrongly fails the run; what was measured is printed all the same."""
    wrong = bad(SERVER, "get_conversation", "1 of 10 answers are wrong", "tool:get_conversation")
    told = render(report(changed(good(), wrong), "sandbox (not evidence about the live API)"))
    assert "├── Sync Speed: ✅ Sync Speed is well" in told
    assert "MCP Server: ❌ get_conversation: 1 of 10 answers are wrong" in told
    assert "1. Test it alone: bi-contracts intercom tool --tool get_conversation" in told
    assert "Source: sandbox (not evidence about the live API)" in told


def test_the_source_of_a_refused_sandbox_is_said() -> None:
    """Only for Intercom itself the short report says nothing of the source."""
    assert "Source: sandbox" in render(report(refused(), "sandbox"))


def test_plain_terminals_get_plain_text() -> None:
    """Where the encoding has no such characters, the tree is ASCII."""
    told = render(report(refused()), ASCII)
    assert told.isascii()
    assert "|-- API Connection: [FAIL] 401 Unauthorized\n|   `-- Cause: Invalid or expired access token" in told


@pytest.mark.parametrize(("encoding", "style"), [("utf-8", UNICODE), ("latin-1", ASCII), (None, ASCII), ("no", ASCII)])
def test_the_style_follows_the_encoding(encoding: str | None, style: object) -> None:
    """UTF-8 has everything; what is not known has nothing."""
    assert style_for(encoding) is style


@given(st.lists(st.sampled_from(list(Mark)), min_size=31, max_size=31))
def test_the_verdict_is_the_worst_mark(marks: list[Mark]) -> None:
    """Bad fails, a warning makes it partial, and nothing that did not run passes."""
    lines = [Line(line.section, line.name, "x", mark) for line, mark in zip(good(), marks, strict=False)]
    verdict = Conclusion(tuple(lines)).verdict
    ran = [mark for mark in marks[: len(lines)] if mark not in (Mark.SKIPPED, Mark.PLAIN)]
    worst = max(ran, key=list(Mark).index, default=None)
    wanted = {Mark.BAD: Verdict.FAILED, Mark.WARNING: Verdict.PARTIAL, Mark.GOOD: Verdict.PASSED}
    assert verdict is wanted.get(worst, Verdict.NOTHING_RAN)  # type: ignore[arg-type]


@given(st.text(max_size=40))
def test_no_text_moves_the_cursor(text: str) -> None:
    """Whatever stands in a line, the tree keeps its shape and sends no control characters."""
    told = render(report(changed(good(), Line(SYNC, "Customers", text))))
    assert {letter for letter in told if category(letter) == "Cc"} == {"\n"}
    assert told.count("\n└── Duration: ") == 1


@pytest.mark.parametrize(
    ("seconds", "text"), [(53.2, "53.2 seconds"), (83.2, "1m 23s"), (3723, "1h 2m 3s"), (59.96, "60.0 seconds")]
)
def test_durations(seconds: float, text: str) -> None:
    """As the document writes them."""
    assert duration(seconds) == text


def test_sizes_and_numbers() -> None:
    """As the document writes them."""
    assert [size(one) for one in (12, 1843, 45 * 2**20, 3 * 2**30)] == ["12 bytes", "1.8KB", "45MB", "3GB"]
    assert [number(one) for one in (1247, 23.44, 8.0)] == ["1,247", "23.4", "8"]
