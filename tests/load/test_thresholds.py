"""Thresholds in k6's syntax."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.errors import DeclarationError
from bi_contracts.load.histogram import Distribution
from bi_contracts.load.thresholds import METRICS, RATES, TRENDS, Threshold, breaches, parse, seconds_of


@dataclass
class Measured:
    """A run as thresholds see it."""

    latency: Distribution = field(default_factory=lambda: Distribution([0.1, 0.2, 0.3, 0.4]))
    latency_of_successes: Distribution = field(default_factory=lambda: Distribution([0.1, 0.2, 0.3]))
    successful: int = 3
    failed: int = 1
    dropped: int = 2
    elapsed: float = 2.0


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("http_req_duration: p(95)<500", 400),
        ("http_req_duration: p(99.9) < 500", 400),
        ("http_req_duration: med<500", 200),
        ("http_req_duration: avg<500", 250),
        ("http_req_duration: min<500", 100),
        ("http_req_duration: max<500", 400),
        ("iteration_duration: max<500", 400),
        ("http_req_duration{expected_response:true}: max<500", 300),
        ("http_req_failed: rate<0.3", 0.25),
        ("checks: rate>0.7", 0.75),
        ("http_reqs: count>=4", 4),
        ("http_reqs: rate>=2", 2),
        ("http_reqs{expected_response:true}: rate>=1.5", 1.5),
        ("iterations: count==4", 4),
        ("dropped_iterations: count<3", 2),
    ],
)
def test_every_metric_has_its_value(text: str, value: float) -> None:
    """Durations in milliseconds, shares from 0 to 1, failures among all of them; and each of these holds."""
    (threshold,) = parse(text)
    assert threshold.value(Measured()) == pytest.approx(value)
    assert breaches([threshold], Measured()) == ()


@pytest.mark.parametrize(
    ("operator", "holds"),
    [("<", False), ("<=", True), (">", False), (">=", True), ("==", True), ("===", True), ("!=", False)],
)
def test_operators_are_told_apart(operator: str, holds: bool) -> None:
    """At the limit itself."""
    (threshold,) = parse(f"http_reqs: count{operator}4")
    assert (breaches([threshold], Measured()) == ()) is holds


def test_a_line_may_hold_several_and_each_its_abort() -> None:
    """As in the issue: `p(95)<500`, `rate<0.01`, `abortOnFail`."""
    first, second = parse("http_req_duration: p(95)<500 abortOnFail delayAbortEval=1m30s, avg<200")
    assert (first.aggregation, first.limit, first.abort_on_fail, first.delay_abort_eval) == ("p(95)", 500, True, 90)
    assert (second.aggregation, second.limit, second.abort_on_fail) == ("avg", 200, False)


def test_without_a_metric_the_usual_ones_are_meant() -> None:
    """Durations for `p(95)<500`, failures for `rate<0.01`."""
    assert [one.metric for text in ("p(95)<500", "rate<0.01") for one in parse(text)] == [
        "http_req_duration",
        "http_req_failed",
    ]


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("http_req_duration: p95<500", 20, "aggregation"),
        ("http_req_duraton: p(95)<500", 1, "metric"),
        ("http_req_duration p(95)<500", 1, "aggregation"),
        ("http_req_duration: p(95)=500", 25, "one of <= >="),
        ("http_req_duration: p(95)<", 26, "number, not the end"),
        ("http_req_duration: p(95)<500ms", 29, "comma"),
        ("http_req_duration: p(101)<500", 20, "between 0 and 100"),
        ("http_req_duration: rate<1", 20, "p(N), avg"),
        ("http_req_failed: p(95)<1", 18, "rate of http_req_failed"),
        ("http_req_duration{status:200}: avg<1", 18, "expected_response"),
        ("http_req_failed{expected_response:true}: rate<1", 16, "no tag"),
        ("http_req_duration{expected_response:true} avg<1", 43, "colon"),
        ("p(95)<500, rate>5", 12, "metric first"),
        ("p(95)<500 delayAbortEval=10", 26, "duration"),
        ("p(95)<1e999", 7, "number"),
        ("p(\u0669\u0665)<5", 1, "aggregation"),
        ("p(95)<\u0665", 7, "number"),
        ("", 1, "aggregation"),
    ],
)
def test_a_mistake_is_shown_where_it_is(text: str, column: int, said: str) -> None:
    """By its column, and by a mark below it."""
    with pytest.raises(DeclarationError) as raised:
        parse(text)
    assert f"column {column}:" in str(raised.value)
    assert said in str(raised.value)
    assert str(raised.value).splitlines()[-1] == "  " + " " * (column - 1) + "^"


@given(st.text(max_size=40))
def test_no_text_is_anything_but_thresholds_or_a_mistake(text: str) -> None:
    """Whatever somebody types, there is no traceback."""
    with suppress(DeclarationError):
        assert parse(text)


def aggregations(metric: str) -> list[str]:
    if metric in TRENDS:
        return ["avg", "min", "med", "max", "p(90)", "p(99.9)"]
    return ["rate"] if metric in RATES else ["count", "rate"]


@given(
    st.sampled_from([(metric, one) for metric in METRICS for one in aggregations(metric)]),
    st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
    st.floats(-1e6, 1e6).map(lambda value: float(f"{value:.6g}")),
)
def test_what_is_written_is_read_back(which: tuple[str, str], operator: str, limit: float) -> None:
    """A threshold as text is the same threshold."""
    threshold = Threshold(*which, operator, limit)
    assert parse(str(threshold)) == (threshold,)


def test_nothing_is_breached_by_nothing() -> None:
    """A run in which no request ended has no verdict."""
    empty = Measured(Distribution(), Distribution(), 0, 0, 0, 0.0)
    lines = "http_reqs: count>1, rate>1", "checks: rate>1", "http_req_duration: min>1"
    found = [one for text in lines for one in parse(text)]
    assert breaches(found, empty) == ()
    assert [one.value(empty) for one in found] == [0, 0, 0, 0]


def test_a_breach_says_what_was_measured_and_what_was_wanted() -> None:
    """In one line, with units."""
    (breach,) = breaches(parse("http_req_duration: p(95)<350"), Measured())
    assert str(breach) == "http_req_duration p(95) is 400 ms, wanted < 350 ms"


def test_durations_are_written_as_k6_writes_them() -> None:
    """And nothing else is one."""
    assert (seconds_of("1m30s"), seconds_of("500ms"), seconds_of("2h")) == (90, 0.5, 7200)
    with pytest.raises(ValueError, match="no duration"):
        seconds_of("10 parsecs")
