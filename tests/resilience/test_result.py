"""What a call came to says what it is, and passes for nothing else."""

from __future__ import annotations

import json

import pytest

from bi_contracts.errors import ApiError, UpstreamError
from bi_contracts.resilience import Result, Source

DOWN = ApiError("down", status=503)
EMPTY = (Source.UNAVAILABLE, Source.BYPASSED)


def of(source: Source) -> Result[str]:
    if source in EMPTY:
        return Result(None, source, None)
    return Result("rows", source, 3.0)


@pytest.mark.parametrize("source", Source)
def test_only_an_answer_is_a_success(source: Source) -> None:
    """Regression: mock results are marked; what is stale, made up or missing is never counted as success."""
    fresh = source in (Source.LIVE, Source.SANDBOX, Source.REPLAY)
    assert (of(source).ok, of(source).success) == (fresh, fresh)


@pytest.mark.parametrize("source", Source)
def test_every_result_carries_its_source_and_its_age(source: Source) -> None:
    """In JSON too; only what has no value has no age."""
    facts = of(source).facts
    assert facts == {"source": source.value, "age_seconds": None if source in EMPTY else 3.0}
    assert json.loads(json.dumps(facts)) == facts


def test_a_value_that_is_no_answer_can_be_used_but_not_unwrapped() -> None:
    """Who wants an answer gets the error, who can do with less finds the value."""
    stale = Result("rows", Source.STALE, 60.0, DOWN)
    assert (stale.usable, stale.value) == (True, "rows")
    with pytest.raises(ApiError, match="down"):
        stale.unwrap()
    assert Result("rows", Source.LIVE).unwrap() == "rows"


def test_going_without_has_no_error_and_still_is_no_answer() -> None:
    """To unwrap what was bypassed is an error all the same."""
    bypassed: Result[str] = Result(None, Source.BYPASSED, None)
    assert (bypassed.usable, bypassed.error) == (False, None)
    with pytest.raises(UpstreamError, match="bypassed"):
        bypassed.unwrap()


def test_an_empty_answer_is_an_answer() -> None:
    """No rows, and None itself, may be what the platform said."""
    assert Result([], Source.LIVE).unwrap() == []
    assert Result(None, Source.LIVE).unwrap() is None


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Result("rows", Source.LIVE, 0.0, DOWN),
        lambda: Result("rows", Source.UNAVAILABLE, None, DOWN),
        lambda: Result("rows", Source.STALE, None),
        lambda: Result(None, Source.BYPASSED, 0.0),
    ],
    ids=["an answer with an error", "a value of nobody", "a value without age", "an age without value"],
)
def test_a_result_that_would_pass_for_another_is_not_made(wrong: object) -> None:
    """Such a result is a mistake in the program that makes it."""
    with pytest.raises(ValueError, match=r"value|answer"):
        wrong()  # type: ignore[operator]


def test_facts_hold_no_secret() -> None:
    """The text of an error is redacted before it is shown."""
    error = RuntimeError("refused xoxb-" + "1234567890-1234567890-" + "abcdefghijklmnopqrstuvwx")
    facts = Result(None, Source.UNAVAILABLE, None, error, ("asked: network",)).facts
    assert "abcdefghijklmnopqrstuvwx" not in json.dumps(facts)
    assert facts["notes"] == ["asked: network"]


def test_an_error_without_words_is_named() -> None:
    """Some errors say nothing; their class does."""
    assert Result(None, Source.UNAVAILABLE, None, TimeoutError()).facts["error"] == "TimeoutError"
