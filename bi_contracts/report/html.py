"""The report as one HTML file that loads nothing, runs no script, and reads well on screen, phone and paper."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from hashlib import sha256
from importlib.resources import files

from .charts import patterns, severity_bar, share_bar, swatch
from .events import NOT_LIVE, SEVERITIES, Finding, Outcome, Status, by_severity
from .markup import Html, el, join, lines, pointer, prose
from .stream import Report, Tally, Verdict
from .values import (
    clean,
    counted,
    duration,
    findings_text,
    moment,
    other_evidence,
    outcomes_text,
    shares,
    shown,
    told,
    warnings_of,
)

_STATUS_MARKS = {Status.PASSED: "✓", Status.FAILED: "✕", Status.ERROR: "!", Status.SKIPPED: "–"}
_SEVERITY_MARKS = {"breaking": "✕", "warning": "▲", "info": "i"}
_VERDICTS = {
    Verdict.FAILED: ("bad", "✕", "Failed"),
    Verdict.ERROR: ("bad", "!", "Not everything could be checked"),
    Verdict.INCOMPLETE: ("bad", "!", "The run did not finish"),
    Verdict.NOTHING_RAN: ("bad", "!", "Nothing ran"),
    Verdict.WARNINGS: ("warn", "▲", "Passed with warnings"),
    Verdict.PASSED: ("good", "✓", "Passed"),
}


def render(report: Report) -> str:
    """A whole document. Its policy allows the one style sheet inside, by hash, and nothing else."""
    style = files(__package__).joinpath("style.css").read_text(encoding="utf-8")
    body = el("body", patterns(), _header(report), el("main", *_main(report)), _footer(report))
    return f"<!DOCTYPE html>\n{el('html', _head(report, style), body, lang='en')}\n"


def _head(report: Report, style: str) -> Html:
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=policy),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("meta", name="referrer", content="no-referrer"),
        el("title", f"{report.title}: {report.summary.headline}"),
        el("style", Html(style)),
    )


def _header(report: Report) -> Html:
    summary = report.summary
    tone, mark, words = _VERDICTS[summary.verdict]
    if summary.headline != summary.verdict:
        tone, words = "warn", summary.headline.capitalize().replace("api", "API")
    verdict = el("p", el("span", mark, class_="mark", aria_hidden="true"), el("strong", words), class_="verdict")
    numbers = f"{findings_text(summary.total)} · {outcomes_text(summary.total)}"
    return el(
        "header",
        el("div", el("h1", report.title), verdict, el("p", numbers, class_="numbers"), class_="wrap"),
        class_=f"top {tone}",
    )


def _main(report: Report) -> Iterator[Html]:
    yield from (_banner(sentence, report) for sentence in warnings_of(report))
    yield _facts(report)
    yield _counters(report.summary.total)
    if report.outcomes:
        yield _platforms(report)
        yield _checks(report)
        yield from _findings(report)
        yield _rules(report)


def _banner(sentence: str, report: Report) -> Html:
    grave = report.interrupted or not report.ran
    mark = el("span", "!", class_="mark", aria_hidden="true")
    role, tone = ("alert", "banner bad") if grave else ("note", "banner")
    return el("p", mark, el("span", sentence), role=role, class_=tone)


def _facts(report: Report) -> Html:
    rows = [el("div", el("dt", name), el("dd", value)) for name, value in _fact_rows(report) if value]
    sources = report.summary.sources.items()
    if sources:
        badges = [_badge(name, f" × {number}") for name, number in sources]
        rows.append(el("div", el("dt", "answers from"), el("dd", *badges, class_="badges"), class_="whole"))
    return el("section", el("dl", *rows, class_="facts"), aria_label="About this run") if rows else Html("")


def _fact_rows(report: Report) -> Iterator[tuple[str, str]]:
    if report.started:
        yield "started", moment(report.started.at)
    yield "took", duration(report.finished.elapsed if report.finished else None)
    if report.started:
        yield "verb", report.started.verb
        yield "version", report.started.tool_version
        yield from report.started.facts.items()


def _badge(source: str, times: str = "") -> Html:
    if source == "live":
        return el("span", f"live{times}", class_="badge live")
    return el("span", f"{source}{times}: {NOT_LIVE}", class_="badge proviso")


def _counters(total: Tally) -> Html:
    tiles = (
        ("breaking", total.breaking, "breaking"),
        ("warning", total.warning, "warnings"),
        ("info", total.info, "info"),
        ("failed", total.failed, "checks failed"),
        ("error", total.errors, "errors"),
        ("skipped", total.skipped, "skipped"),
        ("passed", total.passed, "passed"),
        ("plain", total.samples, "samples"),
    )
    rows = [
        el("li", el("b", str(number)), el("span", label), class_=f"tile {kind}{'' if number else ' zero'}")
        for kind, number, label in tiles
    ]
    return el("section", el("ul", *rows, class_="tiles"), aria_label="Numbers")


def _platforms(report: Report) -> Html:
    tallies = report.summary.platforms
    longest = max(tally.findings for tally in tallies.values())
    rows = [_platform(name, tally, longest) for name, tally in tallies.items()]
    heads = ("platform", "findings", "breaking", "warning", "info", "failed", "errors", "skipped", "passed")
    legend = el("p", *map(_key, SEVERITIES), class_="legend") if longest else ""
    table = _table("Findings by severity, and checks, for each platform", heads, rows, "platforms")
    return el("section", el("h2", "Platforms"), legend, table)


def _key(severity: str) -> Html:
    return el("span", swatch(severity), severity)


def _platform(name: str, tally: Tally, longest: int) -> Html:
    numbers = (tally.breaking, tally.warning, tally.info, tally.failed, tally.errors, tally.skipped, tally.passed)
    labels = ("breaking", "warning", "info", "failed", "errors", "skipped", "passed")
    cells = [
        el("td", str(number), class_=f"number{'' if number else ' zero'}", data_label=label)
        for label, number in zip(labels, numbers, strict=True)
    ]
    bar = severity_bar(tally, longest) if tally.findings else ""
    chart = el("td", bar, class_="chart" if bar else "chart void", data_label="findings")
    return el("tr", el("th", name, scope="row"), chart, *cells)


def _table(caption: str, heads: Iterable[str], rows: Iterable[Html], kind: str) -> Html:
    head = el("tr", *[el("th", name, scope="col") for name in heads])
    return el(
        "table",
        el("caption", caption),
        el("thead", head),
        el("tbody", *rows),
        class_=kind,
    )


def _checks(report: Report) -> Html:
    rows = [_check(outcome, number) for number, outcome in enumerate(report.ordered, 1)]
    heads = ("status", "endpoint", "check", "findings", "samples", "took", "answers from")
    return el("section", el("h2", "Checks"), _table("Every check, the worst first", heads, rows, "checks"))


def _check(outcome: Outcome, number: int) -> Html:
    if _detailed(outcome):
        name, note = el("a", outcome.subject, href=f"#{_anchor(outcome, number)}"), Html("")
    else:
        name, note = join(outcome.subject), _note(outcome)
    tally = Tally.of([outcome])
    return el(
        "tr",
        el("td", _status(outcome.verdict), data_label="status"),
        el("th", name, note, scope="row"),
        el("td", outcome.check, data_label="check"),
        _cell("findings", findings_text(tally) if tally.findings else ""),
        _cell("samples", str(outcome.samples) if outcome.samples else "", "number"),
        _cell("took", duration(outcome.elapsed), "number"),
        _cell("answers from", _badge(outcome.provenance) if outcome.answered else ""),
    )


def _cell(label: str, content: str, kind: str = "") -> Html:
    """A dash where there is nothing; narrow screens leave such cells out."""
    return el("td", content or "–", class_=" ".join(filter(None, (kind, "" if content else "void"))), data_label=label)


def _note(outcome: Outcome) -> Html:
    return el("p", lines(outcome.note), class_="note") if outcome.note else Html("")


def _detailed(outcome: Outcome) -> bool:
    return bool(outcome.findings) or outcome.verdict in (Status.FAILED, Status.ERROR)


def _anchor(outcome: Outcome, number: int) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", f"{outcome.subject} {outcome.check}".lower()).strip("-")
    return f"{slug}-{number}" if slug else f"check-{number}"


def _status(status: Status) -> Html:
    mark = el("span", _STATUS_MARKS[status], class_="mark", aria_hidden="true")
    return el("span", mark, status.value, class_=f"chip {status}")


def _severity(severity: str) -> Html:
    mark = el("span", _SEVERITY_MARKS[severity], class_="mark", aria_hidden="true")
    return el("span", mark, severity, class_=f"chip {severity}")


def _findings(report: Report) -> Iterator[Html]:
    sections = [_section(row, number) for number, row in enumerate(report.ordered, 1) if _detailed(row)]
    if sections:
        yield el("section", el("h2", "What was found"), _filter(report.summary.total), *sections, class_="found")


def _filter(total: Tally) -> Html:
    present = [severity for severity in SEVERITIES if getattr(total, severity)]
    if len(present) < 2:
        return Html("")
    return el("fieldset", el("legend", "Show"), *map(_box, present), class_="filter")


def _box(severity: str) -> Html:
    return el("label", el("input", type="checkbox", checked="", id=f"show-{severity}"), severity)


def _section(outcome: Outcome, number: int) -> Html:
    anchor = _anchor(outcome, number)
    facts = ", ".join(
        filter(None, (counted(outcome.samples, "sample") if outcome.samples else "", duration(outcome.elapsed)))
    )
    title = el("h3", el("span", outcome.subject, class_="subject"), " ", outcome.check, id=f"{anchor}-title")
    about = el("p", _status(outcome.verdict), _badge(outcome.provenance), el("span", facts), class_="about")
    artifact = el("p", "read against ", el("code", outcome.artifact), class_="note") if outcome.artifact else ""
    table = _finding_table(outcome) if outcome.findings else ""
    tone = outcome.verdict if outcome.verdict != Status.PASSED else outcome.worst or ""
    return el(
        "article", title, about, _note(outcome), artifact, table,
        id=anchor, class_=f"outcome {tone}", aria_labelledby=f"{anchor}-title",
    )  # fmt: skip


def _finding_table(outcome: Outcome) -> Html:
    heads = ("severity", "change", "before", "after", "evidence")
    rows = [_finding(finding) for finding in by_severity(outcome.findings)]
    return _table(f"Findings of {outcome.check} on {outcome.subject}", heads, rows, "findings")


def _finding(finding: Finding) -> Html:
    message = el("div", prose(told(finding)), class_="message") if told(finding) else ""
    rule = el("div", el("code", finding.rule, class_="rule", title=finding.explanation or None))
    return el(
        "tr",
        el("td", _severity(finding.severity), data_label="severity"),
        el("th", pointer(finding.path), message, rule, scope="row"),
        el("td", _value(finding.before), data_label="before"),
        el("td", _value(finding.after), data_label="after"),
        el("td", _evidence(finding), class_="evidence", data_label="evidence"),
        class_=f"finding sev-{finding.severity}",
    )


def _value(value: object) -> Html:
    if value is None:
        return el("span", "absent", class_="absent")
    return el("code", shown(value, 400))


def _evidence(finding: Finding) -> Html:
    drawn = [_share(label, seen, of, finding.severity) for label, seen, of in shares(finding)]
    return join(*drawn, el("div", other_evidence(finding) or ("" if drawn else "–")))


def _share(label: str, seen: int, of: int, severity: str) -> Html:
    bar = share_bar(seen, of, severity if label == "now" else "before")
    return el("div", bar, el("span", f"{label} {seen} of {of}"), class_="counts")


def _rules(report: Report) -> Html:
    explained = {
        finding.rule: finding.explanation
        for outcome in report.outcomes
        for finding in outcome.findings
        if finding.explanation
    }
    if not explained:
        return Html("")
    rows = [el("div", el("dt", el("code", rule)), el("dd", prose(explained[rule]))) for rule in sorted(explained)]
    return el("section", el("h2", "Rules"), el("dl", *rows, class_="rules"))


def _footer(report: Report) -> Html:
    version = f" {clean(report.started.tool_version)}" if report.started and report.started.tool_version else ""
    return el("footer", el("p", f"Written by bi-contracts{version}. This file loads nothing from elsewhere."))
