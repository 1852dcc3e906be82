"""Values as platforms write them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.gateway.views import values

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(anything)
@settings(max_examples=300)
def test_no_value_is_an_error(value: object) -> None:
    """Whatever a platform writes, it is read or it is None; what is read can be sent."""
    found = [values.text(value), values.number(value), values.positive(value), values.share(value)]
    assert values.moment(value) is None or values.moment(value).tzinfo is UTC  # type: ignore[union-attr]
    assert values.day(value) is None or isinstance(values.day(value), date)
    assert isinstance(values.flag(value), bool)
    assert isinstance(values.items(value), list)
    assert all(one is None or str(one).encode() is not None for one in found)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-01-05T08:00:00Z", datetime(2026, 1, 5, 8, tzinfo=UTC)),
        ("2026-01-05T10:00:00.000+02:00", datetime(2026, 1, 5, 8, tzinfo=UTC)),
        ("2026-01-05T08:00:00.000+0000", datetime(2026, 1, 5, 8, tzinfo=UTC)),
        ("2026-01-05", datetime(2026, 1, 5, tzinfo=UTC)),
        (1767600000, datetime(2026, 1, 5, 8, tzinfo=UTC)),
        (1767600000000, datetime(2026, 1, 5, 8, tzinfo=UTC)),
        ("0001-01-01T00:00:00+10:00", None),
        ("soon", None),
        ("", None),
        (True, None),
        (1e300, None),
        (float("nan"), None),
        (None, None),
    ],
)
def test_times_are_read_as_every_platform_writes_them(written: object, read: datetime | None) -> None:
    """ISO 8601 with any zone, dates, Unix seconds and milliseconds."""
    assert values.moment(written) == read


@pytest.mark.parametrize(
    ("written", "read"), [("93000", 93000.0), (0.5, 0.5), ("", None), ("inf", None), (True, None), ([], None)]
)
def test_numbers_are_read_from_texts(written: object, read: float | None) -> None:
    """HubSpot writes amounts as texts; what is not finite is no number."""
    assert values.number(written) == read


def test_shares_stay_between_none_and_all() -> None:
    """Salesforce writes percent; nothing is more than certain."""
    assert (values.share(20, of=100), values.share(3), values.share(-1), values.share("x")) == (0.2, 1.0, 0.0, None)


def test_only_what_is_not_negative_is_a_length() -> None:
    """A call does not last less than nothing."""
    assert (values.positive(0), values.positive(-1)) == (0.0, None)


def test_half_a_surrogate_pair_becomes_a_question_mark() -> None:
    """JSON may escape one, UTF-8 cannot hold it."""
    assert values.text("a\ud800") == "a?"
