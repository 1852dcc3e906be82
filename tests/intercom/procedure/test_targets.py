"""What is asked for, and how far off a figure may be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.errors import ConfigurationError
from bi_contracts.intercom.procedure.line import Mark
from bi_contracts.intercom.procedure.targets import TARGETS, Target, targets_of


@given(st.floats(0.001, 1e6), st.floats(0.001, 1e6), st.sampled_from(["more", "less"]))
def test_beyond_a_factor_of_two_is_a_failure(limit: float, value: float, better: str) -> None:
    """Reached is good, missed asks to be looked at, missed by more than a factor of two fails."""
    beyond = limit / value if better == "more" else value / limit
    wanted = Mark.GOOD if beyond <= 1 else Mark.WARNING if beyond <= 2 else Mark.BAD
    assert Target("x", "x", limit, "", better).judge(value) is wanted  # type: ignore[arg-type]


def test_nothing_at_all() -> None:
    """No refusal is good, any is not; no speed at all fails."""
    assert TARGETS["refused"].judge(0) is Mark.GOOD
    assert TARGETS["refused"].judge(1) is Mark.BAD
    assert TARGETS["sync_speed"].judge(0) is Mark.BAD
    assert Target("x", "x", 0, "", "more").judge(0) is Mark.GOOD


def test_how_targets_are_printed() -> None:
    """As the document prints them."""
    assert TARGETS["search_ms"].said == "target: <100ms"
    assert TARGETS["sync_speed"].said == "target: >10/second"


def test_a_file_changes_figures(tmp_path: Path) -> None:
    """The performance section counts, the rest of the file is somebody else's."""
    file = tmp_path / "config.json"
    file.write_text(json.dumps({"performance": {"sync_speed": 20, "search_ms": 50.5}, "other": 1}))
    found = targets_of(file)
    assert (found["sync_speed"].limit, found["search_ms"].limit, found["get_ms"].limit) == (20, 50.5, 50)
    assert targets_of(None) is TARGETS


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "no JSON"),
        ("[]", 'write {"performance"'),
        ('{"performance": 3}', 'write {"performance"'),
        ('{"performance": {"sync_sped": 3}}', "did you mean sync_speed"),
        ('{"performance": {"zzz": 3}}', "known are sync_speed"),
        ('{"performance": {"sync_speed": "fast"}}', "must be a number"),
        ('{"performance": {"sync_speed": true}}', "must be a number"),
        ('{"performance": {"sync_speed": -1}}', "must be a number"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, text: str, said: str) -> None:
    """File and key are named."""
    file = tmp_path / "config.json"
    file.write_text(text)
    with pytest.raises(ConfigurationError, match=r"config\.json") as caught:
        targets_of(file)
    assert said in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """It is named."""
    with pytest.raises(ConfigurationError, match="cannot be read"):
        targets_of(tmp_path / "none.json")
