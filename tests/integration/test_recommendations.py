"""Recommendations: what each kind of finding asks for, and that none is without evidence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from bi_contracts.errors import ExitCode
from bi_contracts.integration.recommendations import MOST_EVIDENCE, RULES, recommend, recommended
from bi_contracts.report import Event, Finding, Finished, Outcome, Recommendation, Report, Started, Status
from bi_contracts.report.values import clean

from ..report.long_run import long_run
from ..report.streams import AT, streams


def row(subject: str, phase: str, status: Status = Status.PASSED, *findings: Finding, **more: Any) -> Outcome:
    more = {"check": "a check", "source": "live"} | more
    return Outcome(subject, status=status, findings=findings, phase=phase, **more)


def found(rule: str, severity: str = "breaking", **more: Any) -> Finding:
    return Finding(rule, severity, **{"path": ""} | more)  # type: ignore[arg-type]


def breach(condition: str, after: object, metric: str = "http_req_duration") -> Finding:
    return found("sla-breached", after=after, message="too slow", evidence={"metric": metric, "condition": condition})


def only(*rows: Outcome, mode: str = "live") -> Recommendation:
    (one,) = recommend([Started("t", "run", AT, "", {"mode": mode}), *rows, Finished(1.0)])
    return one


def test_nothing_to_do_where_all_is_well() -> None:
    """A good run asks for nothing, nor does one with findings for information."""
    rows = [row("gong/me", "connection"), row("gong/calls", "data flow", Status.PASSED, found("note", "info"))]
    assert recommend([*rows, Finished(1.0)]) == ()


def test_an_unreliable_connection() -> None:
    """Failures and errors count, skipped checks do not, and the first one is named."""
    rows = [
        row("linear/me", "connection", Status.FAILED, found("credential-refused", message="refused"), check="valid"),
        row("linear/me", "connection", Status.ERROR, check="network", note="no answer"),
        row("linear/me", "connection", check="response"),
        row("linear/me", "connection", Status.SKIPPED, check="rate limit", note="not staged"),
        row("gong/me", "connection"),
    ]
    one = only(*rows)
    assert one.text == (
        "Connection reliability issues detected for Linear integration (2 of 3 checks failed: linear/me valid: refused)"
    )
    assert (one.severity, one.platform) == ("breaking", "linear")
    assert one.evidence == (
        "linear/me valid: failed (credential-refused: refused)",
        "linear/me network: error (no answer)",
    )


def test_slow_answers_under_load() -> None:
    """The platform is the one in the benchmark's name; figure and threshold are told."""
    one = only(row("gateway/gong_calls_medium_load", "load", Status.FAILED, breach("p(95)<8000", 8200.0)))
    assert one.text == (
        "Consider optimizing Gong API response times"
        " (p95 8,200 ms over the 8,000 ms threshold in gong_calls_medium_load)"
    )


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        (breach("avg < 200", 310.5), "avg 310 ms over the 200 ms threshold"),
        (breach("p(95) < nonsense", 1.0), "too slow"),
        (breach("p(95)<5", None), "too slow"),
        (found("answer-too-slow", "warning", message="3 of 9 answers took longer than 5 s"), "3 of 9 answers took"),
    ],
)
def test_slowness_in_words(finding: Finding, words: str) -> None:
    """A condition that cannot be read is told as it was found."""
    assert words in only(row("gong/calls", "load", Status.FAILED, finding)).text


def test_several_slow_checks_are_counted() -> None:
    """One piece of advice a platform."""
    rows = [row(f"gong/{name}", "load", Status.FAILED, breach("p(95)<5", 9)) for name in ("a", "b", "c")]
    one = only(*rows)
    assert "in a, and 2 more checks" in one.text
    assert len(one.evidence) == 3


def test_a_breach_that_is_not_about_time_is_not_called_slow() -> None:
    """A share of failures over its limit has the general advice."""
    one = only(row("gateway/x", "load", Status.FAILED, breach("rate<0.01", 0.2, "http_req_failed")))
    assert one.text == "Look into the business gateway (gateway/x a check: too slow)"


def test_failures_under_load() -> None:
    """Requests that failed ask for a reason, though no threshold was breached."""
    one = only(row("gateway/x", "load", Status.PASSED, found("requests-failed", "warning", message="503: 3 of 9")))
    assert one.text == "Find out why requests to the business gateway fail under load (gateway/x a check: 503: 3 of 9)"


def test_a_lagging_generator() -> None:
    """A run that is not valid is to be repeated, not believed."""
    one = only(row("gateway/x", "load", Status.ERROR, note="not valid: the generator lagged"))
    assert one.text.startswith("Repeat the load run")
    assert one.severity == "warning"


def test_unset_credentials_are_named_once() -> None:
    """All variables that skipped checks need, and none of the advice's own making."""
    rows = [
        row("gong/me", "connection", Status.SKIPPED, note="GONG_ACCESS_KEY and GONG_CLIENT_SECRET are not set"),
        row("gong/me", "health", Status.SKIPPED, note="GONG_ACCESS_KEY is not set"),
    ]
    one = only(*rows)
    assert one.text == "Set GONG_ACCESS_KEY and GONG_CLIENT_SECRET to have Gong checked (2 checks skipped)"
    assert one.severity == "info"


def test_a_skip_for_another_reason_asks_for_nothing() -> None:
    """Only what names a variable that is not set."""
    assert recommend([row("gong/me", "health", Status.SKIPPED, note="no fresh evidence in SOME_RECORDING")]) == ()
    assert recommend([row("gong/me", "health", Status.SKIPPED, note="it is not set anywhere")]) == ()


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("replay", "Record Notion again: `bi-contracts record notion/pages` ("),
        ("live", "Find out why no newer data arrives from Notion ("),
    ],
)
def test_stale_data(mode: str, words: str) -> None:
    """Old recordings are to be made again; old data from a platform has another reason."""
    one = only(row("notion/pages", "data flow", Status.PASSED, found("data-stale", "warning")), mode=mode)
    assert one.text.startswith(words)


def test_a_broken_contract() -> None:
    """The command to type has the endpoint, or a glob where there are several."""
    rows = [row(f"hubspot/{name}", "data flow", Status.FAILED, found("contract-required")) for name in ("a", "b")]
    assert "`bi-contracts check hubspot/a`, and `bi-contracts drift hubspot/a`" in only(rows[0]).text
    assert "`bi-contracts check 'hubspot/*'`" in only(*rows).text


def test_drift() -> None:
    """A changed API is to be reviewed."""
    one = only(row("asana/tasks", "", Status.FAILED, found("property-removed"), check="drift"))
    assert one.text.startswith("Review how the Asana API has changed: `bi-contracts drift asana/tasks`")


def test_bad_data() -> None:
    """Rules are named, at most five of them."""
    rules = [found(f"rule-{number}", "warning") for number in range(7)]
    one = only(row("hubspot/contacts", "data flow", Status.PASSED, *rules))
    assert one.text.startswith("Mend the data of HubSpot: rule-0, rule-1, rule-2, rule-3 and rule-4, ... (1 check")
    assert one.severity == "warning"


@pytest.mark.parametrize(
    ("phase", "words"),
    [
        ("workflow", "Mend the step that broke"),
        ("resilience", "Do not rely on the resilience policy towards Slack"),
        ("health", "See to Slack, which is not healthy"),
        ("something else", "Look into Slack"),
        ("", "Look into Slack"),
    ],
)
@pytest.mark.parametrize("status", [Status.FAILED, Status.ERROR])
def test_other_failures(phase: str, words: str, status: Status) -> None:
    """No failure is without advice, whatever its phase."""
    assert only(row("slack/x", phase, status)).text.startswith(words)


def test_a_fallback_is_not_taken_for_the_platform() -> None:
    """Mock results are marked: a pass on stale or made-up data asks for the platform to be brought back."""
    one = only(row("slack/users", "data flow", source="mock"), row("slack/files", "data flow", source="stale"))
    assert one.text.startswith("Bring Slack back: 2 checks had to do without it")


def test_the_worst_comes_first() -> None:
    """Advice is in the order of its severity."""
    severities = [one.severity for one in recommend(long_run(advice=False))]
    assert severities == sorted(severities, key=["breaking", "warning", "info"].index)
    assert set(severities) == {"breaking", "warning", "info"}


def test_personal_data_in_a_note_is_not_passed_on() -> None:
    """What an error's text holds is masked in text and evidence."""
    one = only(row("gong/me", "connection", Status.FAILED, note="no such user: jane.roe@corp-example.io"))
    assert "jane.roe" not in f"{one}"


def test_evidence_is_bounded() -> None:
    """A hundred failures make one recommendation of a length that people read."""
    rows = [row(f"gong/e{number}", "connection", Status.FAILED) for number in range(100)]
    one = only(*rows)
    assert "100 of 100 checks failed" in one.text
    assert len(one.evidence) == MOST_EVIDENCE


def test_a_recommendation_needs_evidence() -> None:
    """Advice without evidence cannot even be made."""
    with pytest.raises(ValueError, match="without evidence"):
        Recommendation("do it", ())


def test_the_stream_gets_its_recommendations_once() -> None:
    """They stand before the end; a stream that has some is left alone, an interrupted one has them last."""
    events = long_run(advice=False)
    got = recommended(events)
    assert got[-1] == events[-1]
    assert Report.of(got).recommendations == recommend(events)
    assert recommended(got) == got
    assert recommended(events[:-1])[-1] == recommend(events[:-1])[-1]


def test_rules_have_different_names() -> None:
    """A row can be spoken of."""
    assert len({rule.name for rule in RULES}) == len(RULES)


@settings(max_examples=30, deadline=None)
@given(streams)
def test_every_piece_of_evidence_names_an_outcome(events: list[Event]) -> None:
    """No recommendation without evidence, and none about what is not in the stream."""
    names = tuple(f"{clean(each.subject)} {clean(each.check)}: " for each in Report.of(events).outcomes)
    for one in recommend(events):
        assert one.evidence
        assert all(line.startswith(names) for line in one.evidence)


@settings(max_examples=30, deadline=None)
@given(streams)
def test_everything_bad_is_evidence_of_something(events: list[Event]) -> None:
    """No failure, error or warning is left without advice."""
    lines = [line for one in recommend(events) for line in one.evidence]
    for each in Report.of(events).outcomes:
        if each.verdict in (Status.FAILED, Status.ERROR) or each.worst in ("breaking", "warning"):
            assert any(line.startswith(f"{clean(each.subject)} {clean(each.check)}: ") for line in lines)


def test_every_variable_that_several_platforms_lack_is_named() -> None:
    """A skipped workflow may tell the first platform's alone: the others are known from these platforms' own checks."""
    note = "hubspot: HUBSPOT_ACCESS_TOKEN is not set; export it. Nor can gong and slack be asked."
    rows = [
        row("platforms/lead qualification", "workflow", Status.SKIPPED, note=note),
        row("gong/me", "connection", Status.SKIPPED, note="GONG_ACCESS_KEY and GONG_ACCESS_KEY_SECRET are not set"),
        row("slack/auth", "connection", Status.SKIPPED, note="SLACK_BOT_TOKEN is not set"),
        row("linear/viewer", "connection", Status.SKIPPED, note="LINEAR_API_KEY is not set"),
    ]
    (one,) = (one for one in recommend(rows) if one.platform == "platforms")
    assert one.text == (
        "Set HUBSPOT_ACCESS_TOKEN, GONG_ACCESS_KEY, GONG_ACCESS_KEY_SECRET and SLACK_BOT_TOKEN to have several"
        " platforms checked (1 check skipped)"
    )


@pytest.mark.parametrize("code", [ExitCode.USAGE, ExitCode.CONFIGURATION])
def test_a_mistake_in_the_configuration_says_nothing_about_a_platform(code: ExitCode) -> None:
    """A typo is no unreliable connection: the advice is to mend what was typed."""
    one = only(row("gong/cals", "connection", Status.ERROR, exit_code=code, note="no declared endpoint"))
    assert one.text == (
        "Mend the configuration or the credentials that these checks use (gong/cals a check: no declared endpoint)"
    )
