"""Values and strings made safe to show."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from bi_contracts.report.stream import Tally
from bi_contracts.report.values import (
    clean,
    duration,
    evidence_text,
    findings_text,
    moment,
    plain,
    seconds,
    share,
    shown,
    told,
)

from .streams import HOSTILE, finding, values


@given(values)
def test_plain_values_survive_strict_json(value: Any) -> None:
    """Whatever comes in goes through JSON without NaN and without lone surrogates."""
    text = json.dumps(plain(value), allow_nan=False, ensure_ascii=False)
    text.encode("utf-8")
    assert json.loads(text) == plain(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({2: {"b", "a"}}, {"2": ["a", "b"]}),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02 00:00:00+00:00"),
        (b"raw", "b'raw'"),
        (float("nan"), "nan"),
        ("\ud800", "\\ud800"),
        (2**70, 2**70),
        ((1, True, None), [1, True, None]),
    ],
)
def test_plain(value: Any, expected: Any) -> None:
    """What JSON has no form for becomes text, sets become sorted lists."""
    assert plain(value) == expected


def test_bottomless_values_are_cut() -> None:
    """Nesting that would exhaust the stack ends in an ellipsis."""
    value: Any = []
    for _ in range(5000):
        value = [value]
    assert "…" in shown(value)


@pytest.mark.parametrize("text", HOSTILE)
def test_clean_leaves_nothing_invisible(text: str) -> None:
    """After cleaning every character can be seen, and cleaning again changes nothing."""
    done = clean(text)
    assert clean(done) == done
    assert all(char.isprintable() for char in done)


def test_clean_keeps_line_breaks_where_asked() -> None:
    """Line breaks of every kind become one kind, other controls are spelt out."""
    assert clean("a\r\nb\rc\x1bd\te", lines=True) == "a\nb\nc\\x1bd\\te"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "—"),
        ("string", "string"),
        ("", ""),
        (["b", 1], '["b", 1]'),
        (["string", "null"], "string, null"),
        (["a, b"], '["a, b"]'),
        ([], "[]"),
        ({"b": 1, "a": None}, '{"a": null, "b": 1}'),
    ],
)
def test_shown(value: Any, text: str) -> None:
    """Text is shown as it is, anything else as compact JSON with sorted keys."""
    assert shown(value) == text


def test_shown_is_cut_to_its_limit() -> None:
    """A long value ends in an ellipsis at the limit."""
    assert shown("x" * 500, 10) == "xxxxxxxxx…"


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        ({"seen": 3, "of": 5}, (3, 5)),
        ({"seen": 0, "of": 0}, None),
        ({"seen": 6, "of": 5}, None),
        ({"seen": -1, "of": 5}, None),
        ({"seen": True, "of": 5}, None),
        ({"seen": 1, "of": 5.0}, None),
        ({}, None),
    ],
)
def test_share(evidence: dict[str, Any], expected: tuple[int, int] | None) -> None:
    """A share is drawn only from two sane whole numbers."""
    assert share(finding(evidence=evidence)) == expected


def test_evidence_that_is_no_share_is_still_shown() -> None:
    """No piece of evidence is lost for being out of the ordinary."""
    assert evidence_text(finding(evidence={"seen": 6, "of": 5})) == "seen: 6, of: 5"
    assert evidence_text(finding(evidence={"seen": 1, "of": 5, "first": "x", "last": None})) == "now 1 of 5, first: x"


def test_the_baseline_stands_before_the_fresh_samples() -> None:
    """Both shares are told, the older first."""
    counts = {"seen": 0, "of": 40, "baseline_seen": 38, "baseline_of": 38}
    assert evidence_text(finding(evidence=counts)) == "before 38 of 38, now 0 of 40"


def test_a_sentence_stands_for_a_missing_message() -> None:
    """What the sentence tells is not told again; beside a message of its own the sentence is evidence."""
    evidence = {"sentence": "likely renamed to `b`", "likely_renamed_to": ["b"], "variants": ["object=page"]}
    bare, worded = finding(evidence=evidence), finding(evidence=evidence, message="gone")
    assert (told(bare), evidence_text(bare)) == ("likely renamed to `b`", 'variants: ["object=page"]')
    assert told(worded) == "gone"
    assert evidence_text(worded).startswith("sentence: likely renamed to `b`, likely renamed to: ")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, ""), (float("inf"), ""), (0.0, "0 ms"), (0.35, "350 ms"), (1.24, "1.2 s"), (125, "2 min 5 s")],
)
def test_duration(seconds: float | None, text: str) -> None:
    """Durations are in the unit a person would use."""
    assert duration(seconds) == text


@pytest.mark.parametrize(("elapsed", "text"), [(None, "0.000"), (float("nan"), "0.000"), (1.5, "1.500")])
def test_seconds(elapsed: float | None, text: str) -> None:
    """Machine-readable times are always numbers."""
    assert seconds(elapsed) == text


def test_findings_are_counted_in_words() -> None:
    """Singular, plural and none read as English."""
    assert findings_text(Tally(breaking=1, warning=2)) == "1 breaking, 2 warnings"
    assert findings_text(Tally(warning=1, info=3)) == "1 warning, 3 info"
    assert findings_text(Tally()) == "no findings"


def test_moments_carry_their_offset() -> None:
    """Times are ISO 8601 to the second."""
    assert moment(datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)) == "2026-01-02T03:04:05+00:00"
