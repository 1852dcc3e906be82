"""What was found, check by check, with the evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..charts import share_bar
from ..events import Finding, Outcome, Status, by_severity
from ..markup import Html, el, join, pointer, prose
from ..stream import Report
from ..values import counted, duration, other_evidence, shares, shown, told
from .filters import Filter
from .measures import carded
from .parts import badge, note, section, severity, status, table


def detailed(outcome: Outcome) -> bool:
    """Whether an outcome has a part of its own."""
    return bool(outcome.findings) or outcome.verdict in (Status.FAILED, Status.ERROR)


def anchor(outcome: Outcome, index: int) -> str:
    """What links to that part."""
    slug = re.sub(r"[^a-z0-9]+", "-", f"{outcome.subject} {outcome.check}".lower()).strip("-")
    return f"{slug}-{index}" if slug else f"check-{index}"


def findings(report: Report, shown: Filter) -> Html:
    """A part for every outcome that found something or did not pass, the worst first."""
    drawn = carded(report)
    parts = [
        _part(row, index, shown, charts=index in drawn) for index, row in enumerate(report.ordered, 1) if detailed(row)
    ]
    within = shown.within(row for row in report.ordered if detailed(row))
    return section("What was found", *parts, class_=f"found {within}") if parts else Html("")


def _part(outcome: Outcome, index: int, shown: Filter, *, charts: bool) -> Html:
    id = anchor(outcome, index)
    head = [el("span", outcome.subject, class_="subject"), " ", outcome.check]
    phase = [el("span", outcome.phase, class_="of")] if outcome.phase else []
    about = el(
        "p", status(outcome.verdict), badge(outcome.provenance), *phase, *_facts(outcome, index, charts), class_="about"
    )
    artifact = el("p", "read against ", el("code", outcome.artifact), class_="note") if outcome.artifact else ""
    tone = outcome.verdict if outcome.verdict != Status.PASSED else outcome.worst or ""
    return el(
        "article",
        el("h3", *head, id=f"{id}-title"), about, note(outcome), artifact,
        _table(outcome) if outcome.findings else "",
        id=id, class_=f"outcome {tone} {shown.classes(outcome)}", aria_labelledby=f"{id}-title",
    )  # fmt: skip


def _facts(outcome: Outcome, index: int, charts: bool) -> Iterator[Html]:
    numbers = (counted(outcome.samples, "sample") if outcome.samples else "", duration(outcome.elapsed))
    yield el("span", ", ".join(filter(None, numbers)))
    if charts:
        yield el("a", "figures and charts", href=f"#measured_{index}")


def _table(outcome: Outcome) -> Html:
    """Before and after are left out where no finding has any."""
    changed = any(row.before is not None or row.after is not None for row in outcome.findings)
    heads = ("severity", "change", *(("before", "after") if changed else ()), "evidence")
    rows = [_finding(finding, changed) for finding in by_severity(outcome.findings)]
    kind = "findings" if changed else "findings unchanged"
    return table(f"Findings of {outcome.check} on {outcome.subject}", heads, rows, kind)


def _finding(finding: Finding, changed: bool) -> Html:
    change = (
        el("td", _value(finding.before), data_label="before"),
        el("td", _value(finding.after), data_label="after"),
    )
    message = el("div", prose(told(finding)), class_="message") if told(finding) else ""
    rule = el("div", el("code", finding.rule, class_="rule", title=finding.explanation or None))
    return el(
        "tr",
        el("td", severity(finding.severity), data_label="severity"),
        el("th", pointer(finding.path), message, rule, scope="row"),
        *(change if changed else ()),
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
