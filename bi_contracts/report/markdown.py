"""The report as GitHub-flavoured Markdown, for an issue or a pull-request comment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .events import Finding, Outcome, Severity, Status, by_severity
from .figures import figures_text
from .sparks import spark
from .stream import Report, Span, Tally, Verdict
from .values import (
    clean,
    counted,
    duration,
    evidence_text,
    findings_text,
    moment,
    outcome_facts,
    outcomes_text,
    shown,
    told,
    warnings_of,
)

_VERDICT_MARKS = {Verdict.PASSED: "✅", Verdict.WARNINGS: "⚠️"}
_STATUS_MARKS = {Status.PASSED: "✅", Status.FAILED: "❌", Status.ERROR: "❗", Status.SKIPPED: "⏭️"}
_SEVERITY_MARKS = {"breaking": "🔴", "warning": "🟠", "info": "🔵"}
_CODE_UNSAFE = re.compile(r"[|`\\<&]|^\s|\s$|^$")
_PROSE_ENTITY = re.compile(r"[\\|<>&$~]|^[-+=]")
_LIST = re.compile(r"^(\d+)([.)])")
_PROSE_ESCAPE = re.compile(r"(?<!&)[`*_\[\]#]")


def render(report: Report) -> str:
    """Failures are unfolded, the rest is folded away; values and names are escaped."""
    blocks = [*_header(report), _advice(report), _phases(report), _platforms(report.summary.platforms.items())]
    blocks += [_section(outcome) for outcome in report.ordered if _worth_a_section(outcome)]
    blocks.append(_figures(report))
    blocks.append(_others([outcome for outcome in report.ordered if not _worth_a_section(outcome)]))
    return "\n\n".join(filter(None, blocks)) + "\n"


def _worth_a_section(outcome: Outcome) -> bool:
    return bool(outcome.findings) or outcome.verdict in (Status.FAILED, Status.ERROR)


def _header(report: Report) -> Iterator[str]:
    summary = report.summary
    mark = _VERDICT_MARKS.get(summary.verdict, "❌") if summary.headline == summary.verdict else "⚠️"
    yield f"## {mark} {prose(report.title)}: {summary.headline}; {findings_text(summary.total)}"
    yield from (f"> ⚠️ **{prose(sentence)}**" for sentence in warnings_of(report))
    yield " · ".join(filter(None, _facts(report)))


def _facts(report: Report) -> Iterator[str]:
    summary = report.summary
    yield outcomes_text(summary.total)
    yield counted(summary.total.samples, "sample") if summary.total.samples else ""
    yield duration(report.finished.elapsed if report.finished else None)
    yield "live" if summary.live else ""
    if report.started:
        yield moment(report.started.at)
        yield f"bi-contracts {prose(report.started.tool_version)}" if report.started.tool_version else ""
        yield from (f"{prose(name)}: {code(value)}" for name, value in report.started.facts.items())


def _advice(report: Report) -> str:
    """What to do, each with its evidence below it."""
    rows = [
        f"| {prose(one.text)} | {_marked(one.severity)} | {'<br>'.join(map(prose, one.evidence))} |"
        for one in report.recommendations
    ]
    return "\n".join(["| what to do | severity | evidence |", "|---|---|---|", *rows]) if rows else ""


def _phases(report: Report) -> str:
    spans = report.spans
    rows = [_phase(name, counts, spans.get(name)) for name, counts in report.summary.phases.items()]
    if not rows:
        return ""
    head = "| phase | result | passed | failed | errors | skipped | took |"
    return "\n".join([head, "|---|---|--:|--:|--:|--:|--:|", *rows])


def _phase(name: str, counts: Tally, span: Span | None) -> str:
    mark = "⏭️" if counts.verdict == Verdict.NOTHING_RAN else _VERDICT_MARKS.get(counts.verdict, "❌")
    numbers = f"{counts.passed} | {counts.failed} | {counts.errors} | {counts.skipped}"
    took = duration(span.elapsed) if span else ""
    return f"| {prose(name)} | {mark} {counts.verdict} | {numbers} | {took} |"


def _figures(report: Report) -> str:
    """Figures by outcome, with a histogram in one line of blocks where there is one."""
    rows = [_figured(row) for row in report.ordered if row.figures]
    if not rows:
        return ""
    head = "| endpoint | check | status | figures | histogram |"
    summary = f"<details><summary>{counted(len(rows), 'check')} with figures</summary>"
    return "\n\n".join([summary, "\n".join([head, "|---|---|---|---|---|", *rows]), "</details>"])


def _figured(row: Outcome) -> str:
    cells = (code(row.subject), prose(row.check), str(row.verdict), prose(figures_text(row.figures)), spark(row))
    return f"| {' | '.join(cells)} |"


def _platforms(platforms: Iterable[tuple[str, Tally]]) -> str:
    rows = [
        f"| {prose(name)} | {row.breaking} | {row.warning} | {row.info} | {row.passed} | {row.failed}"
        f" | {row.errors} | {row.skipped} |"
        for name, row in platforms
    ]
    if not rows:
        return ""
    head = "| platform | breaking | warning | info | passed | failed | errors | skipped |"
    return "\n".join([head, "|---|--:|--:|--:|--:|--:|--:|--:|", *rows])


def _section(outcome: Outcome) -> str:
    opened = " open" if outcome.verdict in (Status.FAILED, Status.ERROR) else ""
    title = f"{_STATUS_MARKS[outcome.verdict]} <b>{_tagged(outcome.subject)}</b>"
    counts = findings_text(Tally.of([outcome]))
    lines = [
        f"<details{opened}><summary>{title} {_tagged(outcome.check)} {outcome.verdict}: {counts}</summary>",
        prose(outcome_facts(outcome)),
        "<br>".join(prose(line) for line in clean(outcome.note, lines=True).split("\n")),
        _table(outcome.findings),
        "</details>",
    ]
    return "\n\n".join(filter(None, lines))


def _table(findings: Iterable[Finding]) -> str:
    rows = [_row(finding) for finding in by_severity(findings)]
    if not rows:
        return ""
    head = "| severity | rule | path | before | after | evidence | message |"
    return "\n".join([head, "|---|---|---|---|---|---|---|", *rows])


def _row(finding: Finding) -> str:
    cells = (
        _marked(finding.severity),
        code(finding.rule),
        code(finding.path),
        code(shown(finding.before)),
        code(shown(finding.after)),
        prose(evidence_text(finding)),
        "<br>".join(prose(line) for line in clean(told(finding), lines=True).split("\n")),
    )
    return f"| {' | '.join(cells)} |"


def _marked(severity: Severity) -> str:
    return f"{_SEVERITY_MARKS[severity]} {severity}"


def _others(outcomes: list[Outcome]) -> str:
    if not outcomes:
        return ""
    rows = [
        f"| {_STATUS_MARKS[row.verdict]} {row.verdict} | {code(row.subject)} | {prose(row.check)}"
        f" | {prose(outcome_facts(row))} | {prose(row.note)} |"
        for row in outcomes
    ]
    head = "| status | endpoint | check | evidence | note |"
    summary = f"<details><summary>{counted(len(outcomes), 'check')} without findings</summary>"
    return "\n\n".join([summary, "\n".join([head, "|---|---|---|---|---|", *rows]), "</details>"])


def code(text: str) -> str:
    """A code span that stays one, in a table cell too.

    A backslash before a pipe would still end a cell, so text with special characters goes into
    `<code>` with every such character as an entity.
    """
    text = clean(text)
    return f"<code>{_tagged(text)}</code>" if _CODE_UNSAFE.search(text) else f"`{text}`"


def prose(text: str) -> str:
    """Text without any Markdown meaning. An @ is followed by a zero-width space so that nobody is notified."""
    safe = _PROSE_ENTITY.sub(_entity, clean(text).strip())
    safe = _LIST.sub(r"\1\\\2", _PROSE_ESCAPE.sub(r"\\\g<0>", safe))
    return safe.replace("@", "@&#8203;")


def _tagged(text: str) -> str:
    """Text between HTML tags, where GitHub still reads Markdown."""
    return re.sub(r"[!-+:-@\[-`{-~]", _entity, clean(text)).replace("@", "@&#8203;")


def _entity(match: re.Match[str]) -> str:
    return f"&#{ord(match.group())};"
