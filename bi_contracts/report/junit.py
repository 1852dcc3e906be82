"""The report as JUnit XML, as Jenkins, GitHub and GitLab read it: a suite a phase or platform, a case an outcome."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as ET

from .events import NOT_LIVE, Finding, Outcome, Status, by_severity
from .figures import figures_of
from .stream import Report, Tally, Verdict
from .values import clean, evidence_text, findings_text, outcome_facts, seconds, shown, told, warnings_of

SUITE = "bi-contracts"
"""The suite and class of the cases that stand for the run itself."""


def render(report: Report) -> str:
    """A run that did nothing, or did not finish, has a case with an error: no reader may take it for a pass."""
    run = _run_cases(report)
    root = ET.Element("testsuites", {"name": clean(report.title), **_totals(report.outcomes, len(run))})
    del root.attrib["skipped"]  # the schema has it on suites only
    root.set("time", seconds(report.finished.elapsed if report.finished else None))
    if run:
        root.append(_run_suite(run))
    for phase in report.phases:
        root.append(_suite(phase, report.of_phase(phase), report))
    rest = [row for row in report.outcomes if not row.phase]
    for platform in sorted({row.platform for row in rest}):
        root.append(_suite(platform, [row for row in rest if row.platform == platform], report))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _totals(outcomes: Iterable[Outcome], extra_errors: int = 0) -> dict[str, str]:
    tally = Tally.of(outcomes)
    numbers = {
        "tests": tally.outcomes + extra_errors,
        "failures": tally.failed,
        "errors": tally.errors + extra_errors,
        "skipped": tally.skipped,
    }
    return {name: str(number) for name, number in numbers.items()}


def _run_cases(report: Report) -> list[ET.Element]:
    named = []
    if report.interrupted:
        named.append("did not finish")
    if not report.ran:
        named.append("nothing ran")
    return [_run_case(name, sentence) for name, sentence in zip(named, warnings_of(report), strict=False)]


def _run_case(name: str, sentence: str) -> ET.Element:
    case = ET.Element("testcase", {"classname": SUITE, "name": name, "time": "0.000"})
    ET.SubElement(case, "error", {"message": sentence, "type": name.replace(" ", "-")}).text = sentence
    return case


def _run_suite(cases: list[ET.Element]) -> ET.Element:
    suite = ET.Element("testsuite", {"name": SUITE, **_totals((), len(cases)), "time": "0.000"})
    suite.extend(cases)
    return suite


def _suite(name: str, outcomes: Sequence[Outcome], report: Report) -> ET.Element:
    time = seconds(sum(row.elapsed or 0.0 for row in outcomes))
    suite = ET.Element("testsuite", {"name": clean(name), **_totals(outcomes), "time": time})
    if report.started:
        suite.set("timestamp", report.started.at.isoformat(timespec="seconds"))
    if found := [each for row in outcomes for each in _properties(row)]:
        ET.SubElement(suite, "properties").extend(found)
    suite.extend(_case(row) for row in outcomes)
    if not Tally.of(outcomes).ran:
        ET.SubElement(suite, "system-out").text = str(Verdict.NOTHING_RAN)
    return suite


def _properties(outcome: Outcome) -> Iterable[ET.Element]:
    """An outcome's figures: readers know properties of a suite, few of them those of a case."""
    for name, value in figures_of(outcome).items():
        known = "" if value is None else f"{value:.15g}" if isinstance(value, float) else str(value)
        names = (clean(outcome.subject), clean(outcome.check), clean(name))
        yield ET.Element("property", {"name": " ".join(names), "value": known})


def _case(outcome: Outcome) -> ET.Element:
    case = ET.Element(
        "testcase",
        {
            "classname": clean(outcome.subject.replace("/", ".")),
            "name": f"{clean(outcome.check)}[{clean(outcome.subject)}]",
            "time": seconds(outcome.elapsed),
        },
    )
    _result(case, outcome)
    return case


def _result(case: ET.Element, outcome: Outcome) -> None:
    """Findings stand in the failure or error; where the case passed or was skipped, in its output."""
    artifact = f"read against {clean(outcome.artifact)}" if outcome.artifact else ""
    facts, body = ", ".join(filter(None, (outcome_facts(outcome), artifact))), _body(outcome)
    match outcome.verdict:
        case Status.FAILED:
            attributes = {"message": _message(outcome), "type": outcome.worst or clean(outcome.check)}
            ET.SubElement(case, "failure", attributes).text = body
        case Status.ERROR:
            ET.SubElement(case, "error", {"message": _message(outcome), "type": clean(outcome.check)}).text = body
        case Status.SKIPPED:
            ET.SubElement(case, "skipped", {"message": clean(outcome.note) or "skipped"})
    passed = outcome.verdict in (Status.PASSED, Status.SKIPPED)
    output = "\n".join(filter(None, (facts, body if passed else "")))
    if output:
        ET.SubElement(case, "system-out").text = output


def _message(outcome: Outcome) -> str:
    """One line: it is all that many result pages show."""
    note = clean(outcome.note, lines=True).partition("\n")[0]
    counts = findings_text(Tally.of([outcome])) if outcome.findings else ""
    proviso = "" if outcome.live else f"{clean(outcome.provenance)}: {NOT_LIVE}"
    return "; ".join(filter(None, (counts, note, proviso))) or f"{clean(outcome.check)} {outcome.verdict}"


def _body(outcome: Outcome) -> str:
    notes = [clean(outcome.note, lines=True)] if outcome.note else []
    return "\n".join(notes + [_line(finding) for finding in by_severity(outcome.findings)])


def _line(finding: Finding) -> str:
    """A finding as one header line and one indented line a detail."""
    change = f"{shown(finding.before)} → {shown(finding.after)}"
    details = (change if finding.before is not None or finding.after is not None else "", evidence_text(finding))
    message = clean(told(finding), lines=True).split("\n")
    lines = [f"{finding.severity} {clean(finding.rule)} {clean(finding.path)}", *message, *details]
    return "\n    ".join(filter(None, lines))
