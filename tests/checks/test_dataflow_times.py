"""Time in rows: laws about clean rows and about each defect, injected anywhere."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.checks.dataflow import (
    PLANNED,
    Freshness,
    Planned,
    Table,
    far_from_others,
    in_future,
    newest,
    out_of_order,
    stale,
    unsorted,
)

from .rows import CONTACTS, DAY, NOW, Rows, clean, iso, row, spoiled

FEW = settings(max_examples=40)


@FEW
@given(clean())
def test_clean_rows_are_in_order_and_in_the_past(rows: Rows) -> None:
    """Nothing is found where nothing is wrong."""
    table = Table(rows)
    assert not [*out_of_order(table), *in_future(table, NOW), *far_from_others(table)]


@FEW
@given(clean(), st.data(), st.floats(2, 400 * DAY))
def test_a_row_changed_before_it_was_made_is_found(rows: Rows, data: st.DataObject, earlier: float) -> None:
    """Wherever it stands, and it alone is named."""
    at = data.draw(st.integers(0, len(rows) - 1))
    bad = spoiled(rows, at, lambda one: one.update(createdAt=iso(NOW - DAY), updatedAt=iso(NOW - DAY - earlier)))
    (found,) = out_of_order(Table(bad), key="id")
    assert (found.rule, found.severity, found.path) == ("time-out-of-order", "breaking", f"/{at}/updatedAt")
    assert found.evidence["rows"] == [at]
    assert found.evidence["ids"] == [f"contact-{at}"]


@FEW
@given(clean(), st.data(), st.floats(600, 400 * DAY), st.sampled_from(["updatedAt", "appliedAt"]))
def test_what_has_not_happened_yet_is_found(rows: Rows, data: st.DataObject, ahead: float, name: str) -> None:
    """On the row itself, and in a list inside it."""
    at = data.draw(st.integers(0, len(rows) - 1))
    bad = spoiled(rows, at, lambda one: (one if name in one else one["tags"][0]).update({name: iso(NOW + ahead)}))
    (found,) = in_future(Table(bad), NOW)
    assert found.rule == "time-in-future"
    assert found.evidence["rows"] == [at]


def test_clocks_may_differ_a_little() -> None:
    """Five minutes are no future; for a date alone, a day is none."""
    rows = Table([{"created_at": iso(NOW + 299), "completed_at": iso(NOW + DAY)[:10]}])
    assert not in_future(rows, NOW)
    assert in_future(rows, NOW, skew=1)


def test_what_is_planned_may_lie_ahead() -> None:
    """Due dates by their name, anything else by declaration."""
    rows = Table([{"due_on": "2099-01-01", "CloseDate": "2099-01-01", "ts": iso(NOW + DAY * 9)}])
    assert [one.path for one in in_future(rows, NOW)] == ["/0/ts"]
    assert not in_future(rows, NOW, id="a/b", planned=[Planned("a/*:ts", "a reminder")])
    activity = Table([{"LastActivityDate": "2099-01-01"}])
    assert not in_future(activity, NOW, id="salesforce/accounts", planned=PLANNED)
    assert in_future(rows, NOW, id="c/d", planned=[Planned("a/*:ts")])


@pytest.mark.parametrize(
    ("first", "second"),
    [("start", "end"), ("start_on", "due_on"), ("startsAt", "endsAt"), ("startedAt", "completedAt")],
)
def test_what_ends_before_it_starts_is_found(first: str, second: str) -> None:
    """Spans are known by the names of their ends; numbers count as well as dates."""
    assert out_of_order(Table([{first: iso(NOW), second: iso(NOW - 2 * DAY)}]))
    assert out_of_order(Table([{first: 200, second: 100}]))
    assert not out_of_order(Table([{first: iso(NOW), second: iso(NOW + DAY)}, {first: None, second: iso(0)}]))


def test_what_was_done_after_the_last_change_is_a_warning() -> None:
    """Closing a thing changes it; platforms differ in whether they say so."""
    (found,) = out_of_order(Table([{"completed_at": iso(NOW), "modified_at": iso(NOW - DAY)}]))
    assert found.severity == "warning"


def test_a_date_and_a_time_of_the_same_day_are_in_order() -> None:
    """A date alone is any moment of its day, in any zone."""
    assert not out_of_order(Table([{"created_at": "2026-01-05T20:00:00Z", "closed_at": "2026-01-05"}]))
    assert out_of_order(Table([{"created_at": "2026-01-08T20:00:00Z", "closed_at": "2026-01-05"}]))


@FEW
@given(clean(least=8), st.data(), st.floats(3 * 365 * DAY, 20 * 365 * DAY))
def test_a_timestamp_that_was_set_back_is_found(rows: Rows, data: st.DataObject, back: float) -> None:
    """Both moments of a row, years before everybody else's."""
    at = data.draw(st.integers(0, len(rows) - 1))
    old = {"createdAt": iso(NOW - back - DAY), "updatedAt": iso(NOW - back)}
    found = far_from_others(Table(spoiled(rows, at, lambda one: one.update(old))), key="id")
    assert {one.rule for one in found} == {"time-far-from-others"}
    assert all(one.evidence["ids"] == [f"contact-{at}"] for one in found)


def test_an_account_with_a_past_is_no_finding() -> None:
    """Rows that spread over years are not far from one another, and half of them are no stragglers."""
    assert not far_from_others(Table([row(number, number * 200 * DAY, DAY) for number in range(1, 30)]))
    assert not far_from_others(Table([row(0, 900 * DAY), row(1)]))
    assert not far_from_others(Table([row(0, 900 * DAY, 900 * DAY)]))


@FEW
@given(clean())
def test_fresh_rows_are_fresh_and_stale_ones_are_not(rows: Rows) -> None:
    """The newest moment decides, and the limit is the one asked for."""
    table = Table(rows)
    at = newest(table)
    assert at is not None
    age = (NOW - at) / DAY
    assert not stale(table, NOW, Freshness("a/b", age + 0.1))
    (found,) = stale(table, NOW, Freshness("a/b", age - 0.1))
    assert (found.rule, found.severity) == ("data-stale", "warning")
    assert found.evidence["age_days"] == pytest.approx(age, abs=0.01)


def test_freshness_of_every_row_and_of_one_field() -> None:
    """`every` finds the one old row; `field` looks at nothing else."""
    rows = Table([row(0, 3 * DAY, 2 * DAY), row(1, 30 * DAY, 29 * DAY)])
    assert not stale(rows, NOW, Freshness("a/b", 7))
    (found,) = stale(rows, NOW, Freshness("a/b", 7, every=True))
    assert found.evidence["rows"] == [1]
    assert not stale(rows, NOW, Freshness("a/b", 7, "nothing"))
    (found,) = stale(rows, NOW, Freshness("a/b", 1, "createdAt"))
    assert found.path.endswith("/createdAt")


def test_rows_without_a_moment_have_no_newest() -> None:
    """Nothing is known of their age, so nothing is said."""
    assert newest(Table([{"id": 1}])) is None


def test_newest_first_is_held_to() -> None:
    """On every page of a list that promises it, by its key or by when rows were made; others may come in any order."""
    promised = replace(CONTACTS, newest_first=True)
    rising, falling = Table([row(0, 9 * DAY), row(1, 8 * DAY)]), Table([row(0, 8 * DAY), row(1, 9 * DAY)])
    assert not unsorted([falling], promised)
    assert not unsorted([rising], CONTACTS)
    (found,) = unsorted([falling, rising], promised)
    assert (found.rule, found.severity) == ("rows-out-of-order", "warning")
    assert unsorted([Table([{"ts": "1767600000.1"}, {"ts": "1767600009.1"}])], replace(promised, key="ts"))
    assert not unsorted([Table([{"id": 1}, {"id": 2}])], promised)
