"""Events, the summary and the exit code."""

from __future__ import annotations

import pytest

from bi_contracts.errors import BiContractsError, ExitCode
from bi_contracts.report import Finding, Outcome, Report, Status, Verdict, exit_code, summary

from .streams import FINISHED, STARTED, finding, outcome, run


def test_an_unknown_severity_is_refused() -> None:
    """A finding cannot slip through under a severity nobody counts."""
    with pytest.raises(ValueError, match="no severity 'critical'"):
        Finding("rule", "critical", "/x")  # type: ignore[arg-type]


def test_an_unknown_status_is_refused() -> None:
    """An outcome cannot end in a way nobody counts."""
    with pytest.raises(ValueError, match="maybe"):
        Outcome("asana/tasks", "drift", "maybe")  # type: ignore[arg-type]


def test_what_found_a_breaking_change_has_not_passed() -> None:
    """A breaking finding turns passed and skipped into failed, and leaves errors."""
    verdicts = [outcome(status, finding()).verdict for status in (Status.PASSED, Status.SKIPPED, Status.ERROR)]
    assert verdicts == [Status.FAILED, Status.FAILED, Status.ERROR]


def test_the_summary_counts_by_platform_and_subject() -> None:
    """Numbers add up per platform, per subject and in total."""
    rows = (
        outcome(Status.FAILED, finding(), finding("info")),
        outcome(subject="asana/users"),
        outcome(Status.SKIPPED, subject="slack/users", source="", samples=0),
        outcome(Status.ERROR, subject="slack/users", source="sandbox"),
    )
    got = summary(run(*rows))
    assert (got.total.outcomes, got.total.samples, got.total.findings, got.worst) == (4, 9, 2, "breaking")
    assert (got.platforms["asana"].failed, got.platforms["asana"].passed, got.platforms["slack"].errors) == (1, 1, 1)
    assert list(got.subjects) == ["asana/tasks", "asana/users", "slack/users"]
    assert got.sources == {"live": 2, "sandbox": 1}
    assert not got.live


def test_no_outcome_has_no_worst_severity() -> None:
    """Nothing found means no severity, in the summary and in an outcome."""
    assert summary([]).worst is None
    assert outcome().worst is None


@pytest.mark.parametrize(
    ("events", "verdict", "code"),
    [
        ([], Verdict.NOTHING_RAN, 5),
        (run(), Verdict.NOTHING_RAN, 5),
        (run(outcome(Status.SKIPPED)), Verdict.NOTHING_RAN, 5),
        ([STARTED], Verdict.INCOMPLETE, 5),
        ([STARTED, outcome()], Verdict.INCOMPLETE, 5),
        ([outcome()], Verdict.PASSED, 0),
        (run(outcome(), outcome(Status.SKIPPED)), Verdict.PASSED, 0),
        (run(outcome(Status.PASSED, finding("info"))), Verdict.PASSED, 0),
        (run(outcome(Status.PASSED, finding("warning"))), Verdict.WARNINGS, 0),
        (run(outcome(Status.ERROR)), Verdict.ERROR, 4),
        (run(outcome(), outcome(Status.ERROR)), Verdict.ERROR, 4),
        (run(outcome(Status.ERROR, exit_code=ExitCode.CONFIGURATION), outcome(Status.ERROR)), Verdict.ERROR, 3),
        (run(outcome(Status.ERROR, exit_code=ExitCode.GOOD)), Verdict.ERROR, 4),
        (run(outcome(Status.FAILED)), Verdict.FAILED, 1),
        (run(outcome(Status.FAILED), outcome(Status.ERROR)), Verdict.FAILED, 1),
        (run(outcome(Status.FAILED, exit_code=ExitCode.SLA_BREACHED)), Verdict.FAILED, 6),
        (run(outcome(Status.PASSED, finding())), Verdict.FAILED, 1),
        (run(outcome(Status.ERROR, finding(), exit_code=ExitCode.CONFIGURATION)), Verdict.FAILED, 1),
    ],
)
def test_verdict_and_exit_code(events: list[object], verdict: Verdict, code: int) -> None:
    """Each kind of run has its verdict and its exit code; a failure goes before an error."""
    assert summary(events).verdict == verdict  # type: ignore[arg-type]
    assert exit_code(events) == code  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("severity", "fail_on", "code"),
    [("warning", "breaking", 0), ("warning", "warning", 1), ("info", "warning", 0), ("info", "info", 1)],
)
def test_the_threshold_decides(severity: str, fail_on: str, code: int) -> None:
    """A finding at the threshold or above it ends with 1, one below it does not."""
    assert exit_code(run(outcome(Status.PASSED, finding(severity))), fail_on) == code


def test_an_unknown_threshold_is_a_usage_error() -> None:
    """A misspelt threshold never means: fail on nothing."""
    with pytest.raises(BiContractsError, match="choose one of breaking, warning, info"):
        exit_code([outcome()], "braking")


def test_the_worst_comes_first() -> None:
    """Failures before errors before passes before skips; live before the rest; then by name."""
    rows = [
        outcome(Status.SKIPPED, subject="a/skip"),
        outcome(subject="a/pass"),
        outcome(Status.PASSED, finding("warning"), subject="a/warn"),
        outcome(Status.ERROR, subject="a/error"),
        outcome(Status.FAILED, finding(), subject="a/sandbox", source="sandbox"),
        outcome(Status.FAILED, finding(), subject="b/live"),
        outcome(Status.FAILED, subject="a/bare"),
    ]
    names = [row.subject for row in Report.of(rows).ordered]
    assert names == ["b/live", "a/sandbox", "a/bare", "a/error", "a/warn", "a/pass", "a/skip"]


def test_provenance_is_never_empty() -> None:
    """No source is an unknown source, and unknown is not live."""
    row = outcome(source="")
    assert (row.provenance, row.live, row.answered) == ("unknown", False, True)


def test_what_was_skipped_has_no_source() -> None:
    """Nobody was asked, so nothing is said about who answered."""
    row = outcome(Status.SKIPPED, source="", samples=0)
    assert not row.answered
    assert outcome(Status.ERROR, source="").answered
    assert summary([row, FINISHED]).sources == {}


def test_who_gave_no_answer_is_no_source() -> None:
    """A check that failed because nobody answered has no provenance to speak of; a pass must have one."""
    assert not outcome(Status.FAILED, source="unknown", samples=0).answered
    assert not outcome(Status.SKIPPED, source="unknown", samples=0).answered
    assert outcome(source="", samples=0).answered
