"""A result as a row of a report: passed, failed, not valid, or nothing at all."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.errors import ExitCode, SlaBreached
from bi_contracts.load import (
    BenchmarkConfig,
    LoadResult,
    SLAThresholds,
    Threshold,
    check,
    limits,
    outcome,
    parse,
)
from bi_contracts.load.histogram import Distribution
from bi_contracts.load.measure import Measurement, Sample
from bi_contracts.load.result import LAG_SHARE, LEAST_LAG
from bi_contracts.report import exit_code, render
from bi_contracts.report.events import Status
from bi_contracts.suite import events

CONFIG = BenchmarkConfig("b", "/", arrival_rate=10, total_requests=100)


def result(samples: list[Sample], config: BenchmarkConfig = CONFIG) -> LoadResult:
    """What a run with these samples comes to."""
    measured = Measurement()
    for sample in samples:
        measured.add(sample)
    return LoadResult(
        config,
        measured.latency,
        measured.latency_of_successes,
        measured.lag,
        len(samples),
        dict(measured.errors),
        dict(measured.statuses),
        measured.seconds,
        elapsed=measured.elapsed,
        source="sandbox",
    )


def steady(number: int = 100, latency: float = 0.1, lag: float = 0.0, failures: int = 0) -> LoadResult:
    """Ten a second, all alike, the first ones failed."""
    return result(
        [
            Sample(at / 10, at / 10 + lag, at / 10 + latency, "HTTP 503" if at < failures else "", 200)
            for at in range(number)
        ]
    )


def test_a_run_within_its_thresholds_has_passed() -> None:
    """With its figures and charts, in the phase of load."""
    found = outcome(steady(), SLAThresholds().thresholds)
    assert (found.verdict, found.phase, found.subject, found.samples) == (Status.PASSED, "load", "gateway/b", 100)
    assert found.figures["p95_ms"] == pytest.approx(100)
    assert [chart.kind for chart in found.charts] == ["histogram", "timeline", "timeline"]


def test_a_breach_ends_with_6() -> None:
    """And says what was measured and what was wanted; `check` raises the same."""
    found = outcome(steady(), parse("p(95)<50"))
    assert (found.verdict, exit_code([found])) == (Status.FAILED, ExitCode.SLA_BREACHED)
    assert found.findings[0].message == "http_req_duration p(95) is 100 ms, wanted < 50 ms"
    with pytest.raises(SlaBreached, match=r"b: http_req_duration p\(95\) is 100 ms"):
        check(steady(), parse("p(95)<50"))
    check(steady(), parse("p(95)<500"))


def test_a_run_without_requests_ends_with_5() -> None:
    """Regression: zero requests is exit 5, and no threshold is met by nothing."""
    found = outcome(result([]), SLAThresholds().thresholds)
    assert (found.verdict, exit_code([found])) == (Status.SKIPPED, ExitCode.NOTHING_RAN)
    assert (found.note, found.charts) == ("no request ran", ())


def test_a_run_whose_generator_lagged_is_never_passed_and_judges_nothing() -> None:
    """Neither within nor outside its thresholds."""
    late = steady(latency=0.1, lag=0.05)
    for thresholds in ((), parse("p(95)<50"), parse("p(95)<5000")):
        found = outcome(late, thresholds)
        assert (found.verdict, exit_code([found])) == (Status.ERROR, ExitCode.NOTHING_RAN)
        assert "sla-breached" not in [one.rule for one in found.findings]
        assert found.note.startswith("not valid: the generator lagged")
    check(late, parse("p(95)<50"))


@given(st.floats(0.001, 10), st.floats(0, 1))
def test_lag_is_held_against_10_ms_or_5_percent_of_the_median(latency: float, lag: float) -> None:
    """Whichever is more."""
    found = steady(latency=latency, lag=lag)
    limit = max(LEAST_LAG, LAG_SHARE * latency)
    assert found.valid is (lag <= limit) or lag == pytest.approx(limit)


def test_failures_within_the_sla_are_told_all_the_same() -> None:
    """As warnings, each kind with its number."""
    found = outcome(steady(failures=3), SLAThresholds().thresholds)
    assert found.verdict == Status.PASSED
    assert [(one.severity, one.message) for one in found.findings] == [("warning", "HTTP 503: 3 of 100 requests")]


def test_a_run_in_which_everything_failed_has_failed_without_any_threshold() -> None:
    """Regression: upstream down is never counted as passed."""
    found = outcome(steady(failures=100))
    assert (found.verdict, exit_code([found])) == (Status.FAILED, ExitCode.UPSTREAM)


def test_every_figure_of_the_sla_is_held() -> None:
    """Each of the six breaks by itself."""
    slow = result([Sample(at / 10, at / 10, at / 10 + 1, "HTTP 500" if at < 10 else "", 200) for at in range(20)])
    none = SLAThresholds(None, None, None, None, None, None)
    broken = {
        "max_response_time_ms": 999,
        "max_p95_response_time_ms": 999,
        "max_p99_response_time_ms": 999,
        "min_success_rate": 0.6,
        "max_error_rate": 0.4,
        "min_throughput_rps": 7,
    }
    assert outcome(slow, none.thresholds).verdict == Status.PASSED
    for name, figure in broken.items():
        found = outcome(slow, replace(none, **{name: figure}).thresholds)
        assert [one.rule for one in found.findings].count("sla-breached") == 1, name


def test_limits_are_the_sla_and_the_thresholds() -> None:
    """Or only one of them, or none."""
    assert len(limits(SLAThresholds(), parse("p(95)<50"))) == 7
    assert limits(None) == ()


def test_a_histogram_holds_every_request_once() -> None:
    """Its bars add up, its marks stand inside."""
    spread = result([Sample(0, 0, at / 100, "", 200) for at in range(1, 101)])
    chart = outcome(spread, parse("p(95)<500")).charts[0]
    assert sum(y for _, y in chart.series[0].points) == 100
    assert chart.edge == pytest.approx(1000)
    assert chart.marks["limit p(95)<500"] == 500


@pytest.mark.parametrize("latency", [0.0, 0.5])
def test_a_histogram_of_one_value_can_be_drawn(latency: float) -> None:
    """Also of no time at all."""
    chart = outcome(result([Sample(0, 0, latency)])).charts[0]
    assert sum(y for _, y in chart.series[0].points) == 1
    assert chart.edge is not None
    assert chart.edge > chart.series[0].points[0][0]


@pytest.mark.parametrize("format", ["text", "json", "markdown", "html", "junit"])
def test_every_writer_takes_it(format: str) -> None:
    """Figures and charts go into each report."""
    assert "gateway/b" in render(events("Load", "load", [outcome(steady(failures=2))], 1.0), format)


def test_a_result_is_json_under_the_seeds_names() -> None:
    """As in `bi_performance_benchmark_{timestamp}.json`."""
    found = steady(failures=5)
    told = json.loads(json.dumps(found.as_dict()))
    for name in (
        "total_requests", "success_rate", "error_rate", "throughput_rps", "requests_per_second",
        "avg_response_time_ms", "median_response_time_ms", "p95_response_time_ms", "p99_response_time_ms",
        "min_response_time_ms", "max_response_time_ms",
    ):  # fmt: skip
        assert told[name] == getattr(found, name)
    assert (told["valid"], told["model"], told["engine"]) == (True, "open", "builtin")


def test_rates_of_nothing_are_nothing() -> None:
    """And no division by zero."""
    empty = result([])
    assert (empty.success_rate, empty.error_rate, empty.throughput_rps, empty.requests_per_second) == (0, 0, 0, 0)
    assert (empty.min_response_time_ms, empty.max_response_time_ms) == (0, 0)


def test_a_locust_result_says_how_it_was_measured() -> None:
    """Closed, from the actual start, and without a lag that anybody knows."""
    found = replace(steady(), engine="locust", lag=Distribution())
    assert any("Locust" in note for note in found.notes)
    assert any("closed model" in note for note in found.notes)
    assert "lag_p99_ms" not in found.figures


def test_an_aborted_run_says_why() -> None:
    """First of all notes."""
    assert outcome(replace(steady(), aborted="ended after 3 s: x")).note.startswith("ended after 3 s")


def test_thresholds_are_values() -> None:
    """They can be compared and kept."""
    assert parse("p(95)<50") == (Threshold("http_req_duration", "p(95)", "<", 50),)
