"""A service level agreement as six figures."""

from __future__ import annotations

from typing import Any

import pytest

from bi_contracts.errors import ConfigurationError
from bi_contracts.load import SLAThresholds


def test_the_usual_figures_are_those_of_the_seed() -> None:
    """Five seconds at most, 95 % successes, one a second."""
    assert SLAThresholds() == SLAThresholds(
        max_response_time_ms=5000,
        max_p95_response_time_ms=8000,
        max_p99_response_time_ms=15000,
        min_success_rate=0.95,
        max_error_rate=0.05,
        min_throughput_rps=1.0,
    )


def test_a_table_changes_what_it_names() -> None:
    """`false` is not promised."""
    found = SLAThresholds.of({"max_p95_response_time_ms": 300, "max_response_time_ms": False})
    assert found == SLAThresholds(max_response_time_ms=None, max_p95_response_time_ms=300)
    assert "max<=5000" not in [one.condition for one in found.thresholds]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"max_p95_response_time": 1}, "did you mean max_p95_response_time_ms"),
        ({"zzz": 1}, "known are max_response_time_ms"),
        ({"min_success_rate": "all"}, "min_success_rate: 'all' is no number"),
        ({"min_success_rate": True}, "True is no number"),
        ({"max_error_rate": -0.1}, "no number of 0 or more"),
    ],
    ids=str,
)
def test_a_mistake_in_a_table_names_the_key(table: dict[str, Any], said: str) -> None:
    """And the file that it stands in."""
    with pytest.raises(ConfigurationError, match=r"sla\.toml") as raised:
        SLAThresholds.of(table, "sla.toml")
    assert said in str(raised.value)


def test_words_change_what_was_given() -> None:
    """One after the other."""
    first = SLAThresholds.of_words(["max_p99_response_time_ms=900"])
    second = SLAThresholds.of_words(["min_throughput_rps=none", "max_error_rate = 0.1"], first)
    assert second == SLAThresholds(max_p99_response_time_ms=900, max_error_rate=0.1, min_throughput_rps=None)


@pytest.mark.parametrize(("word", "said"), [("fast", "neither a file"), ("max_error_rate=low", "'low' is no number")])
def test_a_word_that_is_none_is_told(word: str, said: str) -> None:
    """What to write stands in the message."""
    with pytest.raises(ConfigurationError, match=said):
        SLAThresholds.of_words([word])
