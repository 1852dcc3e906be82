"""Moments: which names tell of one, and which values are one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.checks.dataflow import Moment, Role, moment_of, role_of

MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))


@given(MOMENTS)
def test_every_form_of_a_moment_is_the_same_moment(at: datetime) -> None:
    """ISO 8601 with Z, with and without a colon in the zone, Unix seconds and milliseconds, as numbers and as text."""
    at = max(at.replace(microsecond=0), datetime(1974, 1, 1, tzinfo=UTC))
    seconds = at.timestamp()
    plain = at.strftime("%Y-%m-%dT%H:%M:%S")
    zoned = at.astimezone(timezone(timedelta(hours=5, minutes=30))).isoformat()
    forms = [plain + "Z", plain + "+0000", plain + ".000+00:00", plain, zoned, seconds, int(seconds)]
    forms += [str(int(seconds)), f"{int(seconds)}.000000", int(seconds * 1000), str(int(seconds * 1000))]
    assert {moment_of(form) for form in forms} == {Moment(seconds)}


@given(st.dates())
def test_a_date_is_a_day(day: object) -> None:
    """A date without a time says so: it is any moment of that day."""
    found = moment_of(str(day))
    assert found is None or found.day


@given(st.one_of(st.none(), st.booleans(), st.text(), st.lists(st.integers()), st.floats(), st.integers()))
def test_no_value_is_too_strange_to_ask_about(value: object) -> None:
    """Anything that is no moment gives None, and nothing raises."""
    found = moment_of(value)
    assert found is None or found.at > -1e12


@pytest.mark.parametrize("value", [0, "0000000000.000000", "", "soon", "2026-13-45", True, None, {}, "20260105", -5])
def test_what_is_no_moment_is_none(value: object) -> None:
    """Zero means never; a number without a unit, a word and a flag are no moments."""
    assert moment_of(value) is None


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("created_at", Role.MADE),
        ("createdAt", Role.MADE),
        ("CreatedDate", Role.MADE),
        ("hs_createdate", Role.MADE),
        ("hs_lastmodifieddate", Role.CHANGED),
        ("last_edited_time", Role.CHANGED),
        ("SystemModstamp", Role.CHANGED),
        ("completed_at", Role.DONE),
        ("ClosedDate", Role.DONE),
        ("CloseDate", Role.PLANNED),
        ("due_on", Role.PLANNED),
        ("next_run_at", Role.PLANNED),
        ("last_seen_at", Role.PAST),
        ("first_admin_reply_at", Role.PAST),
        ("ts", Role.PAST),
        ("name", Role.NONE),
        ("format", Role.NONE),
        ("nextStep", Role.PLANNED),
        ("lastname", Role.NONE),
    ],
)
def test_a_name_tells_what_its_moment_says(name: str, role: Role) -> None:
    """However a platform writes the name."""
    assert role_of(name) is role
