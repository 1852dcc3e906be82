"""The report as a tree for a terminal, section by section; plain ASCII where the terminal has no more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ...report.values import clean
from .conclusion import Conclusion, Verdict
from .line import LAYOUT, SYNC, Line, Mark

WIDTH = 80


@dataclass(frozen=True, slots=True)
class Style:
    """How the tree is drawn."""

    title: str = "🔍 "
    good: str = "✅ "
    warning: str = "⚠️ "
    bad: str = "❌ "
    branch: str = "├── "
    last: str = "└── "
    below: str = "│   "

    def mark(self, mark: Mark) -> str:
        """What stands before a line's text."""
        known = {Mark.GOOD: self.good, Mark.WARNING: self.warning, Mark.BAD: self.bad, Mark.SKIPPED: self.bad}
        return known.get(mark, "")


UNICODE = Style()
ASCII = Style("", "[OK] ", "[!!] ", "[FAIL] ", "|-- ", "`-- ", "|   ")


def style_for(encoding: str | None) -> Style:
    """The fuller style where an encoding has all its characters."""
    try:
        "🔍✅⚠️❌├└│".encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return UNICODE


@dataclass(frozen=True)
class Report:
    """A run as it is printed.

    Attributes:
        title: `Intercom MCP Integration Test Report`.
        source: Who answered, and what that is worth.
        conclusion: What it came to.
        elapsed: Seconds.
        at: When it ended.
        metrics: The lines of the performance report, () where none was asked for.
    """

    title: str
    source: str
    conclusion: Conclusion
    elapsed: float
    at: datetime
    metrics: tuple[Line, ...] = ()
    rule: str = field(default="=" * WIDTH)


def render(report: Report, style: Style = UNICODE) -> str:
    """The whole report. Without data only what failed and what to do is said: there is nothing else to tell."""
    told = report.conclusion
    head = [f"{style.title}{report.title}", report.rule]
    source = [f"Source: {report.source}"]
    if told.verdict is Verdict.FAILED and not _has_data(told):
        result = [_result(told, style), *(source if report.source != "live" else [])]
        return _written([*head, _joined([result, *_failed(told, style)]), "", report.rule], style)
    failed = [[_result(told, style)], *_failed(told, style)] if told.verdict is Verdict.FAILED else []
    blocks = [*failed, source, *_sections(told, style), *_metrics(report.metrics, style), *_warned(told, style)]
    return _written([*head, _joined(blocks), "", *_foot(report, style)], style)


def _has_data(told: Conclusion) -> bool:
    return any(line.section == SYNC and line.mark.ran for line in told.lines)


def _joined(blocks: Iterable[Iterable[str]]) -> str:
    return "\n\n".join("\n".join(block) for block in blocks)


def _foot(report: Report, style: Style) -> Iterator[str]:
    yield report.rule
    yield _result(report.conclusion, style)
    yield f"Test Duration: {duration(report.elapsed)}"
    yield f"Report Generated: {report.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    yield report.rule


_WORDS = {
    Verdict.PASSED: (Mark.GOOD, "PASSED"),
    Verdict.PARTIAL: (Mark.WARNING, "PARTIAL SUCCESS (needs investigation)"),
    Verdict.FAILED: (Mark.BAD, "FAILED"),
    Verdict.NOTHING_RAN: (Mark.BAD, "NOTHING RAN"),
}


def _result(told: Conclusion, style: Style) -> str:
    mark, word = _WORDS[told.verdict]
    return f"Integration Test Result: {style.mark(mark)}{word}"


def _sections(told: Conclusion, style: Style) -> Iterator[list[str]]:
    for section in LAYOUT:
        lines = [line for line in told.lines if line.section == section]
        shown = [line for line in lines if line.name in LAYOUT[section]] or lines
        yield [f"{section}:", *_branches([_told(line, style) for line in shown], style)]


def _told(line: Line, style: Style) -> str:
    return f"{line.name}: {style.mark(line.mark)}{line.said}"


def _failed(told: Conclusion, style: Style) -> Iterator[list[str]]:
    failures = told.failures
    rows = ["Failures:"]
    for number, failure in enumerate(failures, 1):
        last = number == len(failures)
        rows.append(f"{style.last if last else style.branch}{failure.section}: {style.bad}{failure.text}")
        if failure.cause:
            rows.append(f"{'    ' if last else style.below}{style.last}Cause: {failure.cause}")
    yield rows
    if told.required:
        yield ["Required Actions:", *(f"{number}. {step}" for number, step in enumerate(told.required, 1))]


def _warned(told: Conclusion, style: Style) -> Iterator[list[str]]:
    for heading, lines in told.warnings.items():
        yield [f"{heading}:", *_branches([_told(line, style) for line in lines], style)]
    for heading, rows in (("Recommended Actions", told.recommended), ("Investigation Required", told.investigate)):
        if rows:
            yield [f"{heading}:", *_branches(rows, style)]


def _metrics(lines: Sequence[Line], style: Style) -> Iterator[list[str]]:
    if lines:
        yield ["Performance Metrics:", *_branches([f"{line.name}: {line.said}" for line in lines], style)]


def _branches(rows: Sequence[str], style: Style) -> Iterator[str]:
    for number, row in enumerate(rows, 1):
        yield f"{style.last if number == len(rows) else style.branch}{row}"


def _written(lines: Iterable[str], style: Style) -> str:
    """One text. Nothing in it can move a terminal's cursor."""
    text = "".join(f"{clean(line, lines=True).rstrip()}\n" for line in lines)
    return text if style is not ASCII else text.encode("ascii", "replace").decode()


def duration(seconds: float) -> str:
    """`53.2 seconds`, `1m 23s`, `1h 2m 3s`."""
    if seconds < 60:
        return f"{seconds:.1f} seconds"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}m {rest}s" if minutes < 60 else f"{minutes // 60}h {minutes % 60}m {rest}s"


def number(value: float) -> str:
    """`1,247`; `23.4` below a hundred."""
    return f"{value:,.0f}" if value >= 100 or float(value).is_integer() else f"{value:.1f}"


def size(count: float) -> str:
    """`45MB`, `1.8KB`, `12 bytes`."""
    for unit, factor in (("GB", 2**30), ("MB", 2**20), ("KB", 2**10)):
        if count >= factor:
            return f"{number(count / factor)}{unit}"
    return f"{count:.0f} bytes"
