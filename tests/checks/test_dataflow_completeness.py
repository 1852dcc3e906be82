"""Completeness and uniqueness: laws and defects."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.checks.dataflow import Filled, Table, emptied, keys, missing, observed, promised, shared
from bi_contracts.contract import Contract
from bi_contracts.errors import ConfigurationError
from bi_contracts.interaction import Source

from .rows import CONTACTS, Rows, answer, clean, contract, row, spoiled

FEW = settings(max_examples=40)

NOTHING: st.SearchStrategy[Any] = st.sampled_from([None, "", [], {}])


@FEW
@given(clean(), clean(least=5))
def test_rows_like_those_before_are_complete(rows: Rows, before: Rows) -> None:
    """Whatever the numbers of rows."""
    assert not emptied(Table(rows), observed(Table(before)))
    assert not missing(Table(rows), "email")


@FEW
@given(clean(least=8), clean(least=8), NOTHING)
def test_a_field_that_falls_silent_is_found(rows: Rows, before: Rows, nothing: object) -> None:
    """Always there before, and nowhere now: null, empty or gone."""
    silent = [{**one, "email": nothing} for one in rows]
    (found,) = emptied(Table(silent), observed(Table(before)))
    assert (found.rule, found.severity, found.path) == ("field-emptied", "breaking", "/0/email")
    gone = [{name: value for name, value in one.items() if name != "email"} for one in rows]
    assert [one.path for one in emptied(Table(gone), observed(Table(before)))] == ["/0/email"]


@given(st.integers(0, 40), st.integers(1, 40), st.integers(5, 60), st.randoms(use_true_random=False))
def test_a_field_that_was_always_sparse_is_no_false_alarm(share: int, of: int, fresh: int, random: object) -> None:
    """Rows drawn from the baseline's own rows, in any order, are never a finding: no page looks worse than none."""
    before = [{"a": 1} if number < share else {"a": None} for number in range(max(share, of))]
    chosen = before * (fresh // len(before) + 1)
    random.shuffle(chosen)  # type: ignore[attr-defined]
    whole = Table(before * 3)
    assert not emptied(Table(before), observed(whole))
    assert all(one.severity == "warning" for one in emptied(Table(chosen[:3]), observed(Table(before))))


def test_a_field_that_becomes_sparser_is_a_warning() -> None:
    """Half of what always was there is no accident; one in a hundred is."""
    before = observed(Table([{"a": 1}] * 100))
    (found,) = emptied(Table([{"a": 1}, {"a": None}] * 20), before)
    assert (found.rule, found.severity) == ("field-sparser", "warning")
    shares = [found.evidence[name] for name in ("seen", "of", "baseline_seen", "baseline_of")]
    assert shares == [20, 40, 100, 100]
    assert not emptied(Table([{"a": 1}] * 99 + [{"a": None}]), before)
    assert not emptied(Table([{"a": None}] * 40), before, accepted=["a"])


def test_many_rows_take_no_longer_than_few() -> None:
    """Above some thousands the normal approximation judges, with the same verdicts."""
    before = observed(Table([{"a": 1, "b": number % 2 or None} for number in range(10_000)]))
    assert {one.path for one in emptied(Table([{"a": None, "b": 1}] * 10_000), before)} == {"/0/a"}
    half = Table([{"a": 1, "b": number % 2 or None} for number in range(10_000)])
    assert not emptied(half, before)
    assert [one.rule for one in emptied(Table([{"a": 1, "b": None}] * 10_000), before)] == ["field-emptied"]


@FEW
@given(clean(), st.data(), NOTHING, st.booleans())
def test_a_required_field_without_anything_is_found(
    rows: Rows, data: st.DataObject, nothing: object, gone: bool
) -> None:
    """Wherever it is missing, null or empty."""
    at = data.draw(st.integers(0, len(rows) - 1))
    bad = spoiled(rows, at, lambda one: one.pop("email") if gone else one.update(email=nothing))
    (found,) = missing(Table(bad), "email", key="id")
    assert (found.rule, found.evidence["rows"]) == ("field-incomplete", [at])


def test_a_share_may_be_enough() -> None:
    """Three of four is above 70 % and below 80 %; zero accepts a field that is always empty."""
    rows = Table([{"a": 1}, {"a": 1}, {"a": 1}, {}])
    assert not missing(rows, "a", share=0.7)
    (found,) = missing(rows, "a", share=0.8, severity="warning")
    assert found.severity == "warning"
    assert not missing(Table([{}]), "a", share=0)
    assert missing(Table([{}]), "b.c")
    assert not missing(Table([]), "a")


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_is_a_share(share: float) -> None:
    """Percentages are refused rather than misread."""
    with pytest.raises(ConfigurationError, match="from 0 to 1"):
        Filled("a/b:c", share)


def test_a_contracts_evidence_is_a_baseline() -> None:
    """What was there and not null when the contract was inferred; other levels of the answer are not rows."""
    told = promised(contract(), CONTACTS)
    assert told["email"] == (40, 40)
    assert told["owner.id"] == (40, 40)
    assert told["tags.*.id"] == (40, 40)
    half = Contract.infer("a/b", [answer([{"a": number % 2 or None} for number in range(20)])], source=Source.LIVE)
    assert promised(half, CONTACTS) == {"a": (10, 20)}
    assert promised(Contract("a/b", {"type": "object"}), CONTACTS) == {}


@FEW
@given(clean())
def test_keys_of_clean_rows_are_unique(rows: Rows) -> None:
    """No two rows share one, and none is without."""
    assert not keys(Table(rows), "id")
    assert not shared(Table(rows), "email")


@FEW
@given(clean(least=2), st.data())
def test_a_doubled_key_is_found_wherever_it_stands(rows: Rows, data: st.DataObject) -> None:
    """Both rows that share it are named."""
    first, second = sorted(data.draw(st.sets(st.integers(0, len(rows) - 1), min_size=2, max_size=2)))
    bad = spoiled(rows, second, lambda one: one.update(id=rows[first]["id"]))
    (found,) = keys(Table(bad), "id")
    assert (found.rule, found.severity, found.evidence["rows"]) == ("key-not-unique", "breaking", [first, second])


@FEW
@given(clean(), st.data(), NOTHING)
def test_a_row_without_a_key_is_found(rows: Rows, data: st.DataObject, nothing: object) -> None:
    """Null, empty or gone."""
    at = data.draw(st.integers(0, len(rows) - 1))
    (found,) = keys(Table(spoiled(rows, at, lambda one: one.update(id=nothing))), "id")
    assert (found.rule, found.evidence["rows"]) == ("key-missing", [at])
    assert [one.rule for one in keys(Table(["a", "b"]), "id")] == ["key-missing"]
    assert not keys(Table([]), "id")


def test_case_may_not_tell_two_values_apart() -> None:
    """E-mail addresses differ in more than case; other values need not."""
    rows = Table([{"email": "A@b.example"}, {"email": "a@b.example"}, {"email": None}, {"email": ""}])
    assert not shared(rows, "email")
    (found,) = shared(rows, "email", folded=True, severity="warning")
    assert (found.rule, found.severity) == ("value-not-unique", "warning")
    assert "example" not in str(found)


def test_ids_are_named_and_personal_data_are_not() -> None:
    """A key that is an e-mail address stays out of the report."""
    rows = Table([{**row(0), "id": "a@b.example"}, {**row(1), "id": "a@b.example"}, {**row(2), "id": 7}, {"id": 7}])
    (found,) = keys(rows, "id")
    assert found.evidence["ids"] == ["7", "7"]
