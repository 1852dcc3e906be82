"""A declared endpoint held to another contract: the world's values stay where they fit, and are changed where not."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from bi_contracts import mock
from bi_contracts.contract import Contract
from bi_contracts.contract.evidence import Evidence
from bi_contracts.errors import InvalidContract
from bi_contracts.paths import Json, dig

from .cases import contract, declared, made

ITEM = ("properties", "body", "properties", "results", "items")


def asked(change: dict[str, Json], required: tuple[str, ...] = (), **beside: Json) -> Contract:
    """HubSpot's contacts as a user's contract has them: some members of a contact otherwise."""
    item = {
        "type": "object",
        "properties": {"id": {"type": "string"}, **change},
        "required": ["id", *required],
        **beside,
    }
    body = {"type": "object", "properties": {"results": {"type": "array", "items": item}}, "required": ["results"]}
    properties = {"status": {"const": 200}, "headers": {"type": "object"}, "body": body}
    return Contract("hubspot/contacts", {"type": "object", "properties": properties, "required": ["status", "body"]})


def contacts(contract: Contract, n: int = 20) -> tuple[Json, ...]:
    """Contacts that keep it."""
    known = declared("hubspot/contacts")
    found = mock.records(known.platform, known.endpoint, contract, n, "tests")
    for answer in found.envelopes:
        assert [str(one) for one in contract.violations(answer)] == []
    return found.records


def test_what_fits_stays() -> None:
    """A contract that asks for nothing else changes nothing."""
    assert contacts(asked({})) == made("hubspot/contacts", 20).records


def test_a_member_that_the_world_has_not_is_made() -> None:
    """Required: in every record, of the type that is asked for; the rest stays the world's."""
    found = contacts(asked({"score": {"type": "integer", "minimum": 1, "maximum": 5}}, ("score",)))
    assert {type(record.pop("score")) for record in found} == {int}
    assert found == made("hubspot/contacts", 20).records


def test_an_optional_member_that_only_the_contract_has_is_made_at_times() -> None:
    """As often as its evidence says, half of the time without."""
    half = contacts(asked({"score": {"type": "integer"}}), 200)
    assert 60 < sum("score" in record for record in half) < 140
    base = asked({"score": {"type": "integer"}})
    counts: dict[str, Any] = {"/body/results/*/score": {"seen": 1, "of": 10, "types": {"integer": 1}}}
    seldom = contacts(Contract(base.id, base.schema, Evidence(counts=counts)), 200)
    assert 5 < sum("score" in record for record in seldom) < 45


def test_an_optional_member_inside_another_is_made_too() -> None:
    """At its place, beside what the world has there."""
    inner = {"type": "object", "properties": {"shoe_size": {"type": "integer"}}}
    found = contacts(asked({"properties": inner}), 40)
    sizes = [record["properties"].get("shoe_size") for record in found]
    assert any(size is not None for size in sizes)
    assert all("email" in record["properties"] for record in found)


def test_another_type_is_the_same_value_where_that_can_be_said() -> None:
    """A key of digits becomes the number; other lists' references to it still mean it."""
    found = contacts(asked({"id": {"type": "integer"}}))
    assert [str(record["id"]) for record in found] == [record["id"] for record in made("hubspot/contacts", 20).records]


def test_equal_values_stay_equal_when_they_have_to_change() -> None:
    """So that what refers to one thing goes on to do so."""
    inner = {"type": "object", "properties": {"company": {"type": "integer"}}}
    before = [record["properties"]["company"] for record in made("hubspot/contacts", 40).records]
    after = [record["properties"]["company"] for record in contacts(asked({"properties": inner}), 40)]
    assert len(set(before)) == len(set(zip(before, after, strict=True)))


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("archived", {"const": "no"}),
        ("archived", {"enum": ["yes", "no"]}),
        ("archived", {"type": "array", "items": {"type": "string"}, "minItems": 2}),
        ("archived", {"type": "string", "format": "date"}),
        ("archived", {"type": "object", "properties": {"since": {"type": "string"}}, "required": ["since"]}),
        ("createdAt", {"type": "number"}),
        ("createdAt", {"oneOf": [{"type": "integer"}, {"type": "object", "required": ["at"]}]}),
        ("properties", {"type": "object", "additionalProperties": {"type": "string"}}),
        ("properties", {"type": "object", "properties": {"email": {"type": "string"}}, "additionalProperties": False}),
        ("properties", {"anyOf": [{"type": "object", "properties": {"city": {"type": "string"}}}, {"type": "null"}]}),
        ("properties", {"type": "object", "properties": {"email": {"const": "a@b.example"}}, "required": ["email"]}),
        ("url", {"type": "integer"}),
        ("url", {"type": "string", "maxLength": 12}),
    ],
)
def test_a_value_that_does_not_fit_is_changed(name: str, schema: Json) -> None:
    """Constants, choices, lists, objects, formats, variants, closed objects."""
    contacts(asked({name: schema}, (name,)))


def test_an_object_that_is_closed_keeps_only_what_it_knows() -> None:
    """`additionalProperties: false` on the record itself."""
    found = contacts(asked({}, additionalProperties=False))
    assert [record["id"] for record in found] == [record["id"] for record in made("hubspot/contacts", 20).records]
    assert {len(record) for record in found} == {1}


def test_lists_are_brought_to_their_length() -> None:
    """Too long ones are cut, too short ones go on, items that do not fit are changed."""
    base = copy.deepcopy(dict(contract("gong/calls_extensive").schema))
    known = declared("gong/calls_extensive")
    item: dict[str, Any] = {"type": "object", "required": ["parties"], "properties": {}}
    item["properties"]["parties"] = {"type": "array", "minItems": 4, "maxItems": 4, "items": {
        "type": "object", "required": ["badge"], "properties": {"badge": {"type": "integer"}}}}  # fmt: skip
    body = {"type": "object", "properties": {"calls": {"type": "array", "items": item}}}
    mine = Contract("gong/calls_extensive", {**base, "type": "object", "oneOf": [{"properties": {"body": body}}]})
    for record in mock.records(known.platform, known.endpoint, mine, 6, "tests").records:
        assert len(record["parties"]) == 4
        assert all(isinstance(party["badge"], int) for party in record["parties"])


def test_a_null_where_none_is_allowed_is_what_a_like_record_has() -> None:
    """Rather than something that leads nowhere: the team of a project is a team of the set."""
    teams = {record["gid"] for record in made("asana/teams", 12).records}
    for record in made("asana/project", 12).records:
        assert dig(record, "team.gid") in teams


def test_a_contract_that_nothing_can_keep_is_said() -> None:
    """With the place that could not be mended."""
    impossible = asked({"archived": {"type": "string", "minLength": 5, "maxLength": 2}}, ("archived",))
    with pytest.raises(InvalidContract, match=r"hubspot/contacts: no record could be made: /archived breaks"):
        contacts(impossible)
