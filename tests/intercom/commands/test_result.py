"""What commands find out, as people and programs read it."""

from __future__ import annotations

import json
import math

from bi_contracts.errors import ExitCode
from bi_contracts.intercom.procedure.line import Mark
from bi_contracts.intercom.procedure.result import Result, Row, Section
from bi_contracts.intercom.procedure.targets import TARGETS
from bi_contracts.intercom.procedure.tree import ASCII


def result(*marks: Mark, missed: ExitCode = ExitCode.FINDINGS) -> Result:
    rows = tuple(Row(f"row {mark}", 1.5, "ms", mark, key=f"{mark}_ms") for mark in marks)
    return Result("command", "Title", "sandbox", (Section("Rows", rows),), ("do this",), {"more": 1}, missed)


def test_the_worst_row_says_how_it_ends() -> None:
    """Failed with its own code, good also with warnings; where nothing ran it is no pass."""
    assert result(Mark.GOOD, Mark.BAD, Mark.WARNING).exit_code == ExitCode.FINDINGS
    assert result(Mark.BAD, missed=ExitCode.SLA_BREACHED).exit_code == ExitCode.SLA_BREACHED
    assert result(Mark.WARNING, Mark.GOOD).exit_code == ExitCode.GOOD
    assert result(Mark.SKIPPED, Mark.PLAIN).exit_code == ExitCode.NOTHING_RAN
    assert result(Mark.SKIPPED, Mark.GOOD).exit_code == ExitCode.GOOD
    assert result(Mark.PLAIN).exit_code == ExitCode.GOOD


def test_it_is_printed_as_a_tree_with_its_source() -> None:
    """Also where a terminal has only ASCII; what was skipped says so."""
    text = result(Mark.GOOD, Mark.SKIPPED).text()
    assert "Title (source: sandbox)" in text
    assert "├── row good: ✅ 1.5 ms" in text
    assert "└── row skipped: skipped: 1.5 ms" in text
    assert "1. do this" in text
    plain = result(Mark.BAD).text(ASCII)
    assert plain.isascii()
    assert "`-- row bad: [FAIL] 1.5 ms" in plain


def test_json_holds_figures_and_null_for_what_is_not_known() -> None:
    """Every figure by its key; one that is no number is none."""
    rows = (Row("a", math.nan, key="a"), Row("b", 2, key="b"), Row("c", "words"))
    known = Result("c", "t", "", (Section("s", rows),))
    told = json.loads(known.json())
    assert told["figures"] == {"b": 2.0}
    assert told["sections"][0]["rows"][0]["value"] is None
    assert told["outcome"] == "passed"


def test_a_figure_is_held_against_its_target() -> None:
    """Good, warning within a factor of two, bad beyond it; what was not measured is skipped, never good."""
    marks = [Row.held(TARGETS["get_ms"], "get", value, "ms").mark for value in (10, 70, 200, math.nan)]
    assert marks == [Mark.GOOD, Mark.WARNING, Mark.BAD, Mark.SKIPPED]
    assert "target: <50ms" in Row.held(TARGETS["get_ms"], "get", 10, "ms").said


def test_a_name_cannot_move_the_cursor() -> None:
    """Control characters out of a name or an error are no control characters any more."""
    assert "\x1b" not in Result("c", "t", "", (Section("s", (Row("a", "\x1b[2J"),)),)).text()
