"""E-mail addresses, payload sizes and latency."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.checks.dataflow import Limits, Table, exceeded, is_mail, limits_of, malformed_mail

from .rows import Rows, clean, spoiled

FEW = settings(max_examples=40)

BROKEN = st.sampled_from(
    [
        "nobody",
        "@works.example",
        "a@",
        "a b@works.example",
        "a@@b.example",
        "a@works",
        "a..b@works.example",
        "a@-.example",
    ]
)


@given(st.emails(domains=st.sampled_from(["works.example", "mail.works.example", "xn--bcher-kva.example"])))
def test_addresses_are_addresses(address: str) -> None:
    """Whatever RFC 5322 allows without quotes."""
    assert is_mail(address) or '"' in address


@FEW
@given(clean(), st.data(), BROKEN)
def test_a_malformed_address_is_found_and_not_shown(rows: Rows, data: st.DataObject, broken: str) -> None:
    """On any row; a field that is empty is none."""
    assert not malformed_mail(Table(rows))
    at = data.draw(st.integers(0, len(rows) - 1))
    (found,) = malformed_mail(Table(spoiled(rows, at, lambda one: one.update(email=broken))), key="id")
    assert (found.rule, found.evidence["rows"]) == ("email-malformed", [at])
    assert broken not in str(found)
    assert not malformed_mail(Table(spoiled(rows, at, lambda one: one.update(email=""))))


@pytest.mark.parametrize("value", [None, 5, ["a@b.example"], "a@b.example\n", ".a@b.example", "a.@b.example", "a" * 70])
def test_what_is_no_address(value: object) -> None:
    """Other types, line breaks and dots at the edges."""
    assert not is_mail(value)


@given(st.lists(st.integers(0, 10_000)), st.integers(0, 10_000))
def test_answers_above_the_limit_are_counted(sizes: list[int], limit: int) -> None:
    """Exactly those, and the largest is named."""
    found = exceeded(sizes, [], Limits(max_bytes=limit))
    above = [size for size in sizes if size > limit]
    assert [one.evidence["seen"] for one in found] == ([len(above)] if above else [])
    assert all(one.evidence["largest_bytes"] == max(above) for one in found)


def test_slow_answers_are_counted_and_untimed_ones_are_not() -> None:
    """None is no measurement: it neither passes nor fails."""
    (found,) = exceeded([1, 1, 1], [0.5, 2.0, None], Limits(max_seconds=1.0))
    assert (found.rule, found.evidence["seen"], found.evidence["of"]) == ("answer-too-slow", 1, 2)
    assert not exceeded([1], [None], Limits(max_seconds=0.0))
    assert not exceeded([10**9], [99.0], Limits(max_bytes=None, max_seconds=None))


def test_the_last_limit_that_fits_holds() -> None:
    """Defaults where none does."""
    declared = [Limits("*", 5), Limits("gong/*", 7), Limits("slack/*", 9)]
    assert limits_of("gong/calls", declared).max_bytes == 7
    assert limits_of("asana/tasks", declared).max_bytes == 5
    assert limits_of("asana/tasks", []) == Limits()
