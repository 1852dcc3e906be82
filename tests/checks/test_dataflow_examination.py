"""All checks of one endpoint together: clean rows pass, and each of the named defects is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.checks.dataflow import (
    Declared,
    Filled,
    Freshness,
    Limits,
    Planned,
    Reference,
    Sample,
    Table,
    Unique,
    examine,
    judge,
    observed,
)
from bi_contracts.contract import Contract
from bi_contracts.interaction import Source
from bi_contracts.paths import Json

from .rows import CONTACTS, DAY, NOW, Row, Rows, answer, clean, contract, iso, owners, row, spoiled

FEW = settings(max_examples=40)

CONTRACT = contract()
OWNER = Reference("acme/contacts:owner.id", ("acme/owners:id",))


def sample(rows: Rows, **more: Any) -> Sample:
    """One page of contacts, held to what clean ones promise."""
    given = {"contract": CONTRACT, "source": Source.SANDBOX, "sizes": [1000], "elapsed": [0.1], **more}
    return Sample("acme/contacts", CONTACTS, Table(rows), NOW, [answer(rows)], **given)


def rules(rows: Rows) -> set[str]:
    """The rules of everything that is found, references included."""
    read = {"acme/contacts": Table(rows), "acme/owners": Table(owners())}
    return {one.rule for one in (*examine(sample(rows)).findings, *judge(OWNER, read, read).findings)}


@FEW
@given(clean())
def test_clean_rows_pass_every_check(rows: Rows) -> None:
    """No finding, nothing skipped."""
    assert examine(sample(rows)).findings == ()
    assert examine(sample(rows)).skipped == ()
    assert rules(rows) == set()


def _doubled(one: Row) -> None:
    one["id"] = "contact-0"


DEFECTS: dict[str, tuple[Callable[[Row], Any], str]] = {
    "missing field": (lambda one: one.pop("email"), "contract-required"),
    "wrong type": (lambda one: one.update(amount="much"), "contract-type"),
    "duplicate id": (_doubled, "key-not-unique"),
    "dangling reference": (lambda one: one["owner"].update(id="owner-of-nobody"), "reference-dangling"),
    "stale timestamp": (
        lambda one: one.update(createdAt=iso(NOW - 4000 * DAY), updatedAt=iso(NOW - 3999 * DAY)),
        "time-far-from-others",
    ),
    "malformed e-mail": (lambda one: one.update(email="person at works"), "email-malformed"),
}


@pytest.mark.parametrize("defect", DEFECTS)
@FEW
@given(rows=clean(least=8), data=st.data())
def test_each_named_defect_is_found_wherever_it_stands(defect: str, rows: Rows, data: st.DataObject) -> None:
    """Missing field, wrong type, duplicate id, dangling reference, stale timestamp, malformed e-mail."""
    change, rule = DEFECTS[defect]
    at = data.draw(st.integers(1, len(rows) - 1))
    assert rule in rules(spoiled(rows, at, change))


def test_all_six_at_once_are_told_apart() -> None:
    """One row each, and each has its finding."""
    rows = [row(number) for number in range(12)]
    for at, (change, _) in enumerate(DEFECTS.values(), start=1):
        rows = spoiled(rows, at, change)
    assert {rule for _, rule in DEFECTS.values()} <= rules(rows)


def test_the_same_violation_is_told_once() -> None:
    """With how often it was met."""
    rows = [{**row(number), "amount": "much"} for number in range(5)]
    (found,) = [one for one in examine(sample(rows)).findings if one.rule.startswith("contract")]
    assert (found.path, found.evidence["violations"]) == ("/body/items/0/amount", 5)
    assert "5 times" in found.message


def test_what_cannot_be_looked_at_is_said() -> None:
    """No contract, no time, no rows, no baseline: none of them looks like a pass."""
    bare = Sample("acme/contacts", CONTACTS, Table([{"id": 1}]), NOW, sizes=[5], elapsed=[None])
    said = examine(bare, Declared(freshness=(Freshness("acme/*", 7),))).skipped
    assert len(said) == 4
    assert said[0].startswith("no contract")
    assert said[1] == "nobody timed the answers"
    assert "how often" in said[2]
    assert "how fresh" in said[3]
    empty = examine(replace(bare, rows=Table([])))
    assert empty.skipped[-1] == "no rows to look at"


def test_the_first_pages_do_not_tell_how_fresh_a_list_is() -> None:
    """Unless the newest come first: then they do."""
    asked = Declared(freshness=(Freshness("acme/*", 1),))
    rows = [row(0, 9 * DAY, 8 * DAY), row(1, 9 * DAY, 8 * DAY)]
    assert [one.rule for one in examine(sample(rows), asked).findings] == ["data-stale"]
    partial = examine(sample(rows, complete=False), asked)
    assert partial.findings == ()
    assert "first pages" in partial.skipped[-1]
    promised = replace(sample(rows, complete=False), endpoint=replace(CONTACTS, newest_first=True))
    assert [one.rule for one in examine(promised, asked).findings] == ["data-stale"]


def test_rows_of_several_reads_may_hold_the_same_row() -> None:
    """A recording of two reads of one list has every row twice; within one answer none may be."""
    twice = [row(0), row(1)] * 2
    pages = [answer(twice[:2]), answer(twice[2:])]
    assert examine(replace(sample(twice), answers=pages, once=False)).findings == ()
    assert {one.rule for one in examine(replace(sample(twice), answers=pages)).findings} == {"key-not-unique"}


def test_a_baseline_of_recordings_counts_what_is_empty() -> None:
    """A field that was always filled and is always empty text now."""
    before = observed(Table([row(number) for number in range(20)]))
    rows = [{**row(number), "email": ""} for number in range(20)]
    found = examine(sample(rows, contract=None, baseline=before)).findings
    assert [one.rule for one in found] == ["field-emptied"]


def test_evidence_of_others_is_no_baseline() -> None:
    """What a live account leaves empty, a sandbox may fill, and the other way round."""
    live = Contract.infer("acme/contacts", [answer([row(number) for number in range(20)])], source=Source.LIVE)
    loose = Contract("acme/contacts", {"type": "object"}, live.evidence)
    rows = [{**row(number), "email": None} for number in range(20)]
    assert examine(sample(rows, contract=loose)).findings == ()
    found = examine(sample(rows, contract=loose, source=Source.LIVE)).findings
    assert [one.rule for one in found] == ["field-emptied"]


def test_what_a_user_declares_is_asked() -> None:
    """Each kind of declaration, and one about a known place stands in for what ships."""
    own: list[Json] = [
        Filled("acme/contacts:phone", 0.5),
        Unique("acme/contacts:email", folded=True),
        Unique("gong/users:emailAddress", severity="info"),
        Freshness("acme/contacts", 2),
        Limits("acme/*", max_bytes=10, max_seconds=0.01),
        Planned("acme/contacts:createdAt"),
        OWNER,
        Reference("gong/calls:primaryUserId", ("gong/users:id",), severity="info"),
        "something else",
    ]
    asked = Declared.of(own)
    rows = [{**row(number), "email": "a@b.example", "createdAt": iso(NOW + DAY)} for number in range(8)]
    found = {one.rule for one in examine(sample(rows), asked).findings}
    assert found == {
        *("field-incomplete", "value-not-unique", "data-stale", "payload-too-large", "answer-too-slow"),
        "time-out-of-order",
    }
    assert [one.severity for one in asked.unique if one.source == "gong/users:emailAddress"] == ["info"]
    known = [one.severity for one in asked.references if one.source == "gong/calls:primaryUserId"]
    assert known == ["info"]
    assert Declared.of([Freshness("gong/calls", 0)]).fresh("gong/calls") is None
    assert Declared.of().fresh("gong/calls") is not None


NAMES = st.sampled_from(
    ["id", "email", "createdAt", "updatedAt", "start", "end", "ts", "", "a.b", "owner", "last_seen_at"]
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12), st.just(10**400)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=10,
)


@given(st.lists(VALUES, max_size=8))
def test_no_rows_are_too_strange_to_look_at(rows: list[Any]) -> None:
    """Whatever an answer holds, it is examined, and referred to, and nothing raises."""
    strange = Sample("acme/contacts", CONTACTS, Table(rows), NOW, [answer(rows)], baseline=observed(Table(rows)))
    examine(strange, Declared.of([Unique("acme/contacts:email"), Filled("acme/contacts:a.b"), Freshness("acme/*", 1)]))
    read = {"acme/contacts": Table(rows), "acme/owners": Table(rows)}
    judged = judge(OWNER, read, read)
    assert 0 <= judged.kept <= judged.of


def test_items_have_no_keys_to_share() -> None:
    """One thing read by its id is no list."""
    one = replace(CONTACTS, kind="item")
    assert examine(Sample("acme/contact", one, Table([{"name": "x"}]), NOW)).findings == ()
