"""The report for a terminal: the verdict first, then every finding, worst first, and little else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import TYPE_CHECKING

from .events import Finding, Outcome, Status, by_severity
from .stream import Report, Span, Summary, Tally, Verdict
from .text_measures import ROOMY, figures, lines, load_passed, loads, worth_telling
from .values import (
    clean,
    counted,
    duration,
    findings_text,
    moment,
    other_evidence,
    outcome_facts,
    outcomes_text,
    share,
    shown,
    source_text,
    told,
    warnings_of,
)

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

WIDTH = 100
NARROWEST = 40
_WHOLE = 60
"""From this width on, no number and no usual name is broken in two."""
_SEVERITY_COLUMN = 10
_SEEN_COLUMN = 9
_MOST_EVIDENCE = 3

_OWN_ID = re.compile(r"^[\w@.-]+/[\w.-]+: ")

_MARKS = {"breaking": ("✖", "bold red"), "warning": ("▲", "yellow"), "info": ("•", "cyan")}
_STYLES = {
    Verdict.FAILED: "bold red",
    Verdict.ERROR: "bold red",
    Verdict.INCOMPLETE: "bold red",
    Verdict.NOTHING_RAN: "bold red",
    Verdict.WARNINGS: "bold yellow",
    Verdict.PASSED: "bold green",
}
_OUTCOME_STYLES = {
    Status.FAILED: "bold red",
    Status.ERROR: "bold red",
    Status.SKIPPED: "bold yellow",
    Status.PASSED: "bold",
}


def render(report: Report, *, width: int | None = None, color: bool = False) -> str:
    """Lines of at most `width` columns (100 unless told, never under 40), the same on every machine."""
    console, buffer = _console(max(width or WIDTH, NARROWEST), color)
    _header(console, report)
    if report.phases:
        _phases(console, report)
    for phase in (*report.phases, ""):
        _group(console, report, phase)
    skipped = _reasons(report.outcomes) if report.phases else _skipped(report.outcomes)
    rest = [*_passed(report.outcomes), *skipped]
    if rest:
        lines(console, "", *rest)
    _advice(console, report)
    return "".join(f"{line.rstrip()}\n" for line in buffer.getvalue().split("\n")[:-1])


def _console(width: int, color: bool) -> tuple[Console, StringIO]:
    from rich.console import Console

    buffer = StringIO()
    # An empty environment: COLUMNS, TERM and the like must not change what a report says.
    console = Console(
        file=buffer,
        width=width,
        color_system="standard" if color else None,
        force_terminal=color,
        force_jupyter=False,
        no_color=not color,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
        _environ={},
    )
    return console, buffer


def _header(console: Console, report: Report) -> None:
    summary = report.summary
    lines(console, f"{_shouted(summary)} · {findings_text(summary.total)}", style=_STYLES[summary.verdict])
    lines(console, " · ".join(filter(None, _numbers(report))))
    lines(console, " · ".join(filter(None, _run_facts(report))), style="dim")
    lines(console, *(f"! {sentence}" for sentence in warnings_of(report)), style="bold magenta")


def _shouted(summary: Summary) -> str:
    return summary.headline.replace(summary.verdict, summary.verdict.upper(), 1)


def _numbers(report: Report) -> Iterator[str]:
    summary = report.summary
    yield outcomes_text(summary.total)
    yield counted(summary.total.samples, "sample") if summary.total.samples else ""
    yield "live" if summary.live else ""
    yield duration(report.finished.elapsed if report.finished else None)


def _run_facts(report: Report) -> Iterator[str]:
    yield clean(report.title)
    if report.started:
        yield moment(report.started.at)
        yield clean(report.started.tool_version)


def _phases(console: Console, report: Report) -> None:
    from rich.table import Table

    whole = console.width >= _WHOLE
    table = Table(box=None, pad_edge=False, padding=(0, 2 if console.width >= ROOMY else 1, 0, 0), header_style="dim")
    longest = max(len(clean(name)) for name in report.phases)
    table.add_column("phase", overflow="fold", max_width=24, min_width=min(longest, 16) if whole else None)
    for name in ("passed", "failed", "errors", "skipped", "took"):
        table.add_column(name, justify="right", overflow="fold", no_wrap=whole)
    table.add_column("result", overflow="fold")
    spans = report.spans
    for name, counts in report.summary.phases.items():
        table.add_row(*_phase(name, counts, spans.get(name)))
    lines(console, "")
    console.print(table)


def _phase(name: str, counts: Tally, span: Span | None) -> tuple[Text, ...]:
    from rich.text import Text

    numbers = (counts.passed, counts.failed, counts.errors, counts.skipped)
    return (
        Text(clean(name)),
        *(Text(str(number), style="" if number else "dim") for number in numbers),
        Text(duration(span.elapsed) if span else ""),
        Text(str(counts.verdict), style=_STYLES[counts.verdict]),
    )


def _group(console: Console, report: Report, phase: str) -> None:
    """What a phase found, then what it measured; nothing where there is neither."""
    rows = report.of_phase(phase)
    worthy = [row for row in rows if row.findings or row.verdict in (Status.FAILED, Status.ERROR)]
    passed = [row for row in rows if load_passed(row)] if len(report.phases) > 1 else []
    measured = [row for row in rows if row.figures and worth_telling(row) and row not in passed]
    if phase and (worthy or measured or passed):
        lines(console, "", f"── {clean(phase)} ──", style="bold")
    for alike in _alike(worthy) if phase else ([row] for row in worthy):
        _section(console, alike)
    if measured:
        lines(console, "")
        figures(console, measured)
    if passed:
        lines(console, "")
        loads(console, passed)


def _alike(outcomes: Iterable[Outcome]) -> list[list[Outcome]]:
    """Outcomes of which there is the same to say stand together: a platform that is down fails every check of it."""
    groups: dict[object, list[Outcome]] = {}
    for row in outcomes:
        found = tuple((one.rule, one.severity, one.path, told(one), repr(one.before)) for one in row.findings)
        groups.setdefault((row.check, row.verdict, row.provenance, _note(row), found), []).append(row)
    return list(groups.values())


def _note(outcome: Outcome) -> str:
    """What a check has to say, without the endpoint that it begins with."""
    return _OWN_ID.sub("", outcome.note)


def _advice(console: Console, report: Report) -> None:
    """What to do, each with its evidence."""
    from rich.padding import Padding
    from rich.text import Text

    if report.recommendations:
        lines(console, "", "── what to do ──", style="bold")
    for one in report.recommendations:
        mark, style = _MARKS[one.severity]
        lines(console, f"{mark} {clean(one.text)}", style=style)
        more = len(one.evidence) - _MOST_EVIDENCE
        for line in (*one.evidence[:_MOST_EVIDENCE], *([f"and {more} more"] if more > 0 else [])):
            console.print(Padding(Text(clean(line), style="dim"), (0, 0, 0, 4), expand=False))


def _section(console: Console, alike: list[Outcome]) -> None:
    """One outcome, or several of which there is the same to say."""
    outcome = alike[0]
    subjects = ", ".join(dict.fromkeys(clean(row.subject) for row in alike))
    lines(console, "")
    lines(console, f"{subjects}  {clean(outcome.check)} {outcome.verdict}", style=_OUTCOME_STYLES[outcome.verdict])
    facts = outcome_facts(outcome) if len(alike) == 1 else counted(len(alike), "check")
    if facts:
        lines(console, f"  {facts}", style="dim")
    note = outcome.note if len(alike) == 1 else _note(outcome)
    if note:
        lines(console, *(f"  {line}" for line in clean(note, lines=True).split("\n")))
    if outcome.findings:
        console.print(_table(outcome.findings, console.width))


def _table(findings: Iterable[Finding], width: int) -> Table:
    from rich.table import Table

    rows = by_severity(findings)
    counts = [f"{found[0]} of {found[1]}" if found else "" for found in map(share, rows)]
    seen = max(_SEEN_COLUMN, *map(len, counts)) if width >= _WHOLE else _SEEN_COLUMN
    change = width - _SEVERITY_COLUMN - seen - 6
    table = Table(box=None, pad_edge=True, padding=(0, 1), header_style="dim")
    table.add_column("severity", width=_SEVERITY_COLUMN, no_wrap=True)
    table.add_column("change", width=change, overflow="fold")
    table.add_column("seen", width=seen, overflow="fold", justify="right")
    for finding, count in zip(rows, counts, strict=True):
        table.add_row(_mark(finding), _change(finding, change), count)
    return table


def _mark(finding: Finding) -> Text:
    from rich.text import Text

    mark, style = _MARKS[finding.severity]
    return Text(f"{mark} {finding.severity}", style=style)


def _change(finding: Finding, width: int) -> Text:
    from rich.text import Text

    lines = [(wrap_pointer(clean(finding.path), width), "bold")] if finding.path else []
    if finding.before is not None or finding.after is not None:
        lines.append((f"{shown(finding.before)} → {shown(finding.after)}", ""))
    lines.append((": ".join(filter(None, (clean(finding.rule), clean(told(finding), lines=True)))), "dim"))
    lines.append((other_evidence(finding), "dim"))
    return Text("\n").join(Text(text, style=style) for text, style in lines if text)


def wrap_pointer(pointer: str, width: int) -> str:
    """The pointer in lines of at most `width` characters, broken before a slash wherever that is possible."""
    lines = [""]
    for segment in re.findall(r"/?[^/]*", pointer):
        if lines[-1] and len(lines[-1]) + len(segment) > width:
            lines.append("")
        lines[-1] += segment
    return "\n".join(lines)


def _passed(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """One line a source: how many passed on each platform."""
    rows = [outcome for outcome in outcomes if outcome.verdict == Status.PASSED and not outcome.findings]
    for source in sorted({row.provenance for row in rows}):
        names = sorted(clean(row.platform) for row in rows if row.provenance == source)
        counts = ", ".join(f"{name} {names.count(name)}" for name in dict.fromkeys(names))
        yield f"passed: {counts} · {source_text(source)}"


def _skipped(outcomes: Iterable[Outcome]) -> Iterator[str]:
    for row in sorted(outcomes, key=lambda row: (row.subject, row.check)):
        if row.verdict == Status.SKIPPED and not row.findings:
            reason = f": {clean(row.note)}" if row.note else ""
            facts = f" · {outcome_facts(row)}" if outcome_facts(row) else ""
            yield f"skipped: {clean(row.subject)} {clean(row.check)}{reason}{facts}"


def _reasons(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """What was skipped for one reason in one line: a long run skips many checks of one platform, or one of many."""
    groups: dict[tuple[str, str], list[Outcome]] = {}
    for row in sorted(outcomes, key=lambda row: (row.subject, row.check)):
        if row.verdict == Status.SKIPPED and not row.findings:
            proviso = f" · {source_text(row.provenance)}" if row.answered else ""
            groups.setdefault((clean(row.note), proviso), []).append(row)
    for (note, proviso), rows in groups.items():
        subjects = ", ".join(dict.fromkeys(clean(row.subject) for row in rows))
        checks = ", ".join(dict.fromkeys(clean(row.check) for row in rows))
        yield f"skipped: {subjects} ({checks}){f': {note}' if note else ''}{proviso}"
