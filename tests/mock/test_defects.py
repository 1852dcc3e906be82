"""Defects: as many as asked for, each of its kind, each where it is said to be."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from functools import cache

import pytest

from bi_contracts import mock
from bi_contracts.contract.responses import as_envelope
from bi_contracts.errors import ConfigurationError
from bi_contracts.mock.value import Defect, Mock
from bi_contracts.paths import Json, bury, dig

from .cases import READ, contract, declared, listed, made, undeclared

YEARS = 2 * 365 * 86_400


def at(record: Json, pointer: str) -> Json:
    """What stands at a JSON Pointer, `...` where nothing does."""
    for step in pointer.split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        if isinstance(record, list):
            record = record[int(step)]
        elif step in record:
            record = record[step]
        else:
            return ...
    return record


@cache
def around(id: str, n: int) -> Json:
    """The body of an answer at quality 1.0."""
    return made(id, n).envelopes[0]["body"]


def broken(found: Mock, defect: Defect) -> list[str]:
    """Where the contract is broken by a record that has a defect."""
    endpoint = declared(found.id).endpoint
    record = found.records[defect.record]
    clean = around(found.id, len(found.records))
    if endpoint.kind == "list":
        body = bury(clean, endpoint.records, [record])
    else:
        body = bury(clean, endpoint.records, record) if endpoint.records else record
    answer = as_envelope({"status": 200, "headers": {}, "body": body})
    return [one.path for one in contract(found.id).violations(answer)]


@pytest.mark.parametrize(
    ("id", "quality"),
    [("gong/calls", 0.25), ("gong/calls", 0.95), ("gong/calls", 1.0), ("hubspot/contacts", 0.7), ("slack/users", 0.0)],
)
def test_the_rate_of_defects_is_what_was_asked_for(id: str, quality: float) -> None:
    """Within two points, at 5,000 records."""
    found = made(id, 5000, quality=quality)
    wrong = len({defect.record for defect in found.defects})
    assert abs(wrong / 5000 - (1 - quality)) <= 0.02


@pytest.mark.parametrize("id", READ)
def test_exactly_what_is_said_to_be_wrong_is_wrong(id: str) -> None:
    """Every other record is the one that is made at quality 1.0; one with a defect differs at the place it names."""
    clean, found = made(id, 12), made(id, 12, quality=0.5)
    wrong = {defect.record: defect for defect in found.defects}
    assert len(wrong) == len(found.defects)
    for index, (before, after) in enumerate(zip(clean.records, found.records, strict=True)):
        if index not in wrong:
            assert before == after
        else:
            assert at(before, wrong[index].path) != at(after, wrong[index].path)


@pytest.mark.parametrize("id", READ[::2])
def test_what_is_missing_or_of_a_wrong_type_breaks_the_contract(id: str) -> None:
    """The checks that hold answers to contracts find these two kinds."""
    found = made(id, 12, quality=0.5)
    for defect in found.defects:
        if defect.kind in ("missing-field", "wrong-type"):
            assert broken(found, defect), defect


@pytest.mark.parametrize(
    "id", ["asana/tasks", "hubspot/contacts", "salesforce/opportunities", "intercom/conversations"]
)
def test_other_defects_keep_the_contract(id: str) -> None:
    """Each record has the one defect that is named and no other."""
    kinds = ("duplicate-id", "stale-timestamp")
    found = made(id, 30, quality=0.4, defects=kinds)
    assert {defect.kind for defect in found.defects} == set(kinds)
    assert [broken(found, defect) for defect in found.defects] == [[]] * len(found.defects)


def test_a_missing_field_is_a_required_one() -> None:
    """It stood there, and does not any more."""
    clean, found = made("hubspot/contacts", 20), made("hubspot/contacts", 20, quality=0.5, defects=("missing-field",))
    assert Counter(one.kind for one in found.defects) == {"missing-field": 10}
    for defect in found.defects:
        assert at(clean.records[defect.record], defect.path) is not ...
        assert at(found.records[defect.record], defect.path) is ...


def test_a_wrong_type_is_another_type() -> None:
    """Not another value of the same."""
    clean, found = made("gong/calls", 20), made("gong/calls", 20, quality=0.5, defects=("wrong-type",))
    for defect in found.defects:
        before, after = (at(one.records[defect.record], defect.path) for one in (clean, found))
        assert type(before) is not type(after)


@pytest.mark.parametrize("quality", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("id", ["gong/calls", "gong/calls_extensive", "slack/history"])
def test_a_duplicate_id_is_that_of_another_record(id: str, quality: float) -> None:
    """Whoever counts keys finds it."""
    found = made(id, 20, quality=quality, defects=("duplicate-id",))
    keys = Counter(str(dig(record, declared(id).endpoint.key)) for record in found.records)
    assert found.defects
    for defect in found.defects:
        assert keys[str(at(found.records[defect.record], defect.path))] > 1


@pytest.mark.parametrize("id", ["gong/calls", "hubspot/contacts", "asana/tasks", "linear/issues", "intercom/contacts"])
def test_a_dangling_reference_leads_nowhere(id: str) -> None:
    """Its form is that of an identifier, and no list of the platform holds it."""
    from .cases import LISTS

    found = made(id, 20, quality=0.5, defects=("dangling-reference",))
    platform = id.partition("/")[0]
    known = {
        str(dig(record, declared(one).endpoint.key))
        for one in LISTS
        if one.startswith(f"{platform}/")
        for record in made(one, 20).records
    }
    assert found.defects
    for defect in found.defects:
        assert str(at(found.records[defect.record], defect.path)) not in known
        assert broken(found, defect) == []


@pytest.mark.parametrize(
    "id", ["gong/calls", "hubspot/contacts", "intercom/conversations", "slack/files", "salesforce/leads"]
)
def test_a_stale_timestamp_is_older_than_two_years(id: str) -> None:
    """By the time that the mock calls now; it is written as it was."""
    clean, found = made(id, 20), made(id, 20, quality=0.5, defects=("stale-timestamp",))
    assert found.defects
    for defect in found.defects:
        before, after = (at(one.records[defect.record], defect.path) for one in (clean, found))
        assert type(before) is type(after)
        assert len(str(before)) == len(str(after))
        assert moment(after) < found.at - YEARS < moment(before)


def moment(value: Json) -> float:
    """A time as Unix seconds."""
    if isinstance(value, str) and not value.isdecimal():
        found = datetime.fromisoformat(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    return float(value) / (1000 if float(value) > 1e11 else 1)


def test_a_malformed_email_is_no_address() -> None:
    """It has no name, no domain, or not exactly one sign between them."""
    found = made("hubspot/contacts", 50, quality=0.2, defects=("malformed-email",))
    assert len(found.defects) == 40
    for defect in found.defects:
        assert not re.fullmatch(r"[^@\s]+@[^@\s]+\.[a-z]+", at(found.records[defect.record], defect.path))


def test_all_kinds_that_apply_are_used() -> None:
    """Without a word, every kind that a record of the endpoint can have."""
    assert {one.kind for one in made("hubspot/contacts", 60, quality=0.2).defects} == set(mock.DEFECTS)


def test_kinds_that_do_not_apply_are_left_out() -> None:
    """Gong's calls hold no address, and their contract requires nothing of a call."""
    kinds = {one.kind for one in made("gong/calls", 60, quality=0.2).defects}
    assert kinds == {"wrong-type", "duplicate-id", "dangling-reference", "stale-timestamp"}


@pytest.mark.parametrize(
    ("id", "kind", "reason"),
    [
        ("gong/calls", "missing-field", "requires no field"),
        ("gong/calls", "malformed-email", "no e-mail address"),
        ("slack/auth", "duplicate-id", "no key"),
        ("gong/workspaces", "dangling-reference", "refer to no other list"),
        ("gong/workspaces", "stale-timestamp", "hold no time"),
    ],
)
def test_a_defect_that_cannot_be_is_refused(id: str, kind: str, reason: str) -> None:
    """It is said why, and what to type."""
    with pytest.raises(ConfigurationError, match=rf"{id}: .*{reason}.*--defect {kind}"):
        made(id, 20, quality=0.5, defects=(kind,))


def test_a_wrong_type_needs_a_contract_that_fixes_one() -> None:
    """A contract that says nothing of its records is broken by none."""
    with pytest.raises(ConfigurationError, match="fixes no type"):
        undeclared({}, 10, quality=0.5, defects=("wrong-type",))


def test_an_unknown_defect_is_answered_with_the_nearest() -> None:
    """A typing mistake is no defect."""
    with pytest.raises(ConfigurationError, match="did you mean duplicate-id"):
        made("gong/calls", 5, quality=0.5, defects=("duplicated-id",))
    with pytest.raises(ConfigurationError, match="known are missing-field"):
        made("gong/calls", 5, quality=0.5, defects=("???",))


def test_a_record_may_have_several_defects() -> None:
    """Of different kinds, at places of their own."""
    found = made("hubspot/contacts", 40, quality=0.5, each=3)
    counts = Counter(defect.record for defect in found.defects)
    assert len(counts) == 20
    assert set(counts.values()) == {3}
    for record in counts:
        paths = [one.path for one in found.defects if one.record == record]
        assert not any(a != b and f"{b}/".startswith(f"{a}/") for a in paths for b in paths)


def test_defects_stand_in_the_answers_too() -> None:
    """The pages hold the same records, and keep the contract elsewhere."""
    found = made("hubspot/contacts", 6, quality=0.5)
    assert tuple(found.envelopes[0]["body"]["results"]) == found.records


def test_a_single_thing_is_spoilt_in_its_answer() -> None:
    """Where the body is the record, what is missing from the one is missing from the other."""
    found = made("hubspot/contact", 12, quality=0.0, defects=("missing-field",))
    assert [answer["body"] for answer in found.envelopes] == list(found.records)


def test_a_defect_says_where_it_is() -> None:
    """In one line."""
    assert str(Defect(3, "/email", "malformed-email")) == "3:/email: malformed-email"


def test_what_nobody_declares_has_defects_by_its_contract() -> None:
    """Keys, times and addresses are found by their form."""
    record = {
        "type": "object",
        "properties": {
            "id": {"type": "integer"},
            "email": {"type": "string", "format": "email"},
            "updated_at": {"type": "integer"},
            "seen": {"type": "string", "format": "date-time"},
        },
        "required": ["id", "email", "updated_at", "seen"],
    }
    found = undeclared(record, 40, quality=0.25)
    assert {one.kind for one in found.defects} == set(mock.DEFECTS) - {"dangling-reference"}
    answer = found.answer
    assert answer is not None
    kinds = {one.keyword for one in listed(record).violations(answer)}
    assert kinds == {"required", "type"}
