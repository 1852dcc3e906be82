"""Thresholds in k6's syntax: `http_req_duration: p(95)<500, avg<200`. Durations are in milliseconds.

The grammar is that of https://grafana.com/docs/k6/latest/using-k6/thresholds/: an aggregation, an operator, a number.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from ..errors import DeclarationError
from .histogram import Distribution


class Measures(Protocol):
    """What thresholds are held against: a run that is on, or its result."""

    @property
    def latency(self) -> Distribution: ...
    @property
    def latency_of_successes(self) -> Distribution: ...
    @property
    def successful(self) -> int: ...
    @property
    def failed(self) -> int: ...
    @property
    def dropped(self) -> int: ...
    @property
    def elapsed(self) -> float: ...


TRENDS = ("http_req_duration", "iteration_duration")
RATES = ("http_req_failed", "checks")
COUNTERS = ("http_reqs", "iterations", "dropped_iterations")
METRICS = (*TRENDS, *RATES, *COUNTERS)
"""k6's names. One request is one iteration here; `checks` holds the share of requests that succeeded."""

EXPECTED = "expected_response:true"
"""The one tag that metrics can be narrowed by: successes only."""

_OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "===": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
}
_AGGREGATIONS = {"trend": ("p(N)", "avg", "min", "med", "max"), "rate": ("rate",), "counter": ("count", "rate")}


@dataclass(frozen=True, slots=True)
class Threshold:
    """One limit.

    Attributes:
        metric: One of `METRICS`.
        aggregation: `p(95)`, `avg`, `min`, `med`, `max`, `rate` or `count`.
        operator: `<`, `<=`, `>`, `>=`, `==`, `===` or `!=`.
        limit: What the value is compared with; milliseconds for durations, 0 to 1 for shares.
        expected_only: True where only successes count: `http_req_duration{expected_response:true}`.
        abort_on_fail: True where the run ends as soon as the limit is crossed.
        delay_abort_eval: Seconds at the beginning in which it does not.
    """

    metric: str
    aggregation: str
    operator: str
    limit: float
    expected_only: bool = False
    abort_on_fail: bool = False
    delay_abort_eval: float = 0.0

    @property
    def condition(self) -> str:
        """`p(95)<500`."""
        return f"{self.aggregation}{self.operator}{self.limit:.12g}"

    @property
    def key(self) -> str:
        """The metric with its tag, as k6 names it."""
        return f"{self.metric}{{{EXPECTED}}}" if self.expected_only else self.metric

    def __str__(self) -> str:
        return f"{self.key}: {self.condition}"

    def value(self, measures: Measures) -> float:
        """What the metric comes to so far."""
        if self.metric in TRENDS:
            return 1000 * _trend(measures.latency_of_successes if self.expected_only else measures.latency, self)
        if self.metric in RATES:
            number = measures.failed + measures.successful
            wanted = measures.failed if self.metric == "http_req_failed" else measures.successful
            return wanted / number if number else 0.0
        return self._counted(measures)

    def _counted(self, measures: Measures) -> float:
        if self.metric == "dropped_iterations":
            number = measures.dropped
        else:
            number = measures.successful if self.expected_only else measures.successful + measures.failed
        if self.aggregation == "count":
            return float(number)
        return number / measures.elapsed if measures.elapsed else 0.0

    def holds(self, value: float) -> bool:
        """Whether a value is within the limit."""
        return _OPERATORS[self.operator](value, self.limit)


@dataclass(frozen=True, slots=True)
class Breach:
    """A threshold that does not hold, and what was measured."""

    threshold: Threshold
    value: float

    def __str__(self) -> str:
        unit = " ms" if self.threshold.metric in TRENDS else ""
        one = self.threshold
        return f"{one.key} {one.aggregation} is {self.value:.4g}{unit}, wanted {one.operator} {one.limit:g}{unit}"


def breaches(thresholds: Iterable[Threshold], measures: Measures) -> tuple[Breach, ...]:
    """The thresholds that do not hold. Nothing is known, and nothing breached, before the first request ended."""
    if not measures.successful + measures.failed:
        return ()
    values = ((one, one.value(measures)) for one in thresholds)
    return tuple(Breach(one, value) for one, value in values if not one.holds(value))


def _trend(values: Distribution, threshold: Threshold) -> float:
    match threshold.aggregation:
        case "avg":
            return values.mean
        case "min":
            return values.minimum if values.number else 0.0
        case "max":
            return values.maximum
        case "med":
            return values.percentile(50)
    return values.percentile(float(threshold.aggregation[2:-1]))


class _Scanner:
    """Reads a text from left to right and knows where it is."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.skip()

    def skip(self) -> None:
        self.at += len(self.text[self.at :]) - len(self.text[self.at :].lstrip())

    def take(self, pattern: str) -> str | None:
        """The match at this place, None where there is none. White space behind it is passed over."""
        found = re.compile(pattern, re.ASCII).match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        self.skip()
        return found.group()

    @property
    def ended(self) -> bool:
        return self.at >= len(self.text)

    def wrong(self, wanted: str, at: int | None = None) -> DeclarationError:
        """Says what was wanted, what stands there, and where."""
        at = self.at if at is None else at
        there = repr(self.text[at : at + 20]) if at < len(self.text) else "the end"
        return DeclarationError(
            f"threshold {self.text!r}, column {at + 1}: {wanted}, not {there}\n  {self.text}\n  {' ' * at}^"
        )


def parse(text: str) -> tuple[Threshold, ...]:
    """The thresholds that a line states.

    `metric: condition, condition`, each condition with `abortOnFail` and `delayAbortEval=10s` behind it where wanted.
    Without a metric, `p(95)<500` is about `http_req_duration` and `rate<0.01` about `http_req_failed`. Raises
    `DeclarationError` that names the column.
    """
    scanner = _Scanner(text)
    metric, tagged = _metric(scanner)
    found = [_condition(scanner, metric, tagged)]
    while not scanner.ended:
        if scanner.take(",") is None:
            raise scanner.wrong("expected a comma, abortOnFail or delayAbortEval=10s")
        found.append(_condition(scanner, metric, tagged))
    return tuple(found)


def _metric(scanner: _Scanner) -> tuple[str, bool]:
    if re.match(r"[a-z_]+\s*[:{]", scanner.text[scanner.at :]) is None:
        return "", False
    at = scanner.at
    name = scanner.take(r"[a-z_]+") or ""
    if name not in METRICS:
        raise scanner.wrong(f"expected a metric ({', '.join(METRICS)})", at)
    at = scanner.at
    tagged = scanner.take(r"\{[^}]*\}")
    if tagged is not None and re.sub(r"[\s'\"]", "", tagged) != f"{{{EXPECTED}}}":
        raise scanner.wrong(f"expected the tag {{{EXPECTED}}}, the only one there is", at)
    if tagged is not None and name in RATES:
        raise scanner.wrong(f"expected no tag: {name} is itself about failures", at)
    if scanner.take(":") is None:
        raise scanner.wrong("expected a colon behind the metric")
    return name, tagged is not None


def _condition(scanner: _Scanner, metric: str, tagged: bool) -> Threshold:
    begun = scanner.at
    aggregation = scanner.take(r"p\(\s*\d+(\.\d+)?\s*\)|avg|min|med|max|rate|count")
    if aggregation is None:
        raise scanner.wrong(f"expected an aggregation ({', '.join(_fitting(metric))})")
    aggregation = re.sub(r"\s", "", aggregation)
    if aggregation.startswith("p(") and float(aggregation[2:-1]) > 100:
        raise scanner.wrong("expected a percentile between 0 and 100", begun)
    compared = scanner.take("|".join(map(re.escape, sorted(_OPERATORS, key=len, reverse=True))))
    if compared is None:
        raise scanner.wrong(f"expected one of {' '.join(_OPERATORS)}")
    metric = metric or _implied(aggregation, compared)
    if not metric:
        raise scanner.wrong("expected the metric first, as in `http_reqs: rate>5`", begun)
    if re.sub(r"\(.*\)", "(N)", aggregation) not in _fitting(metric):
        raise scanner.wrong(f"expected one of {', '.join(_fitting(metric))} of {metric}", begun)
    at = scanner.at
    number = scanner.take(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")
    if number is None or not math.isfinite(float(number)):
        raise scanner.wrong("expected a number", at)
    abort, delay = _behind(scanner)
    return Threshold(metric, aggregation, compared, float(number), tagged, abort, delay)


def _behind(scanner: _Scanner) -> tuple[bool, float]:
    abort, delay = False, 0.0
    while True:
        if scanner.take(r"abortOnFail\b(\s*[=:]\s*true)?"):
            abort = True
        elif scanner.take(r"delayAbortEval\s*[=:]\s*"):
            said = scanner.take(r"(\d+(\.\d+)?(ms|s|m|h))+")
            if said is None:
                raise scanner.wrong("expected a duration such as 10s, 500ms or 1m30s")
            delay = seconds_of(said)
        else:
            return abort, delay


def _fitting(metric: str) -> tuple[str, ...]:
    if not metric:
        return tuple(dict.fromkeys(name for kind in _AGGREGATIONS.values() for name in kind))
    return _AGGREGATIONS["trend" if metric in TRENDS else "rate" if metric in RATES else "counter"]


def _implied(aggregation: str, compared: str) -> str:
    if aggregation in ("rate", "count"):
        return "http_req_failed" if aggregation == "rate" and compared.startswith("<") else ""
    return "http_req_duration"


_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def seconds_of(duration: str) -> float:
    """`1m30s` in seconds, as k6 writes durations. Raises ValueError for anything else."""
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h)", duration)
    if not parts or "".join(map("".join, parts)) != duration:
        raise ValueError(f"{duration!r} is no duration: write 10s, 500ms or 1m30s")
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)
