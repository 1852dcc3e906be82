"""A vendor's description, tightened by recordings: both are true of it."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import reduce
from typing import Any

import pytest
from hypothesis import given, settings

from bi_contracts.contract import Contract, as_envelope, propose
from bi_contracts.contract.evidence import Evidence, rebuild, tabulate
from bi_contracts.contract.keyed import keyed
from bi_contracts.contract.openapi import from_openapi
from bi_contracts.contract.schema import to_schema
from bi_contracts.contract.shape import ORDER, Field, Shape
from bi_contracts.contract.tightening import ROUNDS, by_status, relaxed

from .envelopes import ENVELOPES
from .test_inference import ok

ISSUE = {
    "type": "object",
    "required": ["id", "gone"],
    "properties": {
        "id": {"type": "string"},
        "gone": {"type": "string"},
        "title": {"type": "string"},
        "state": {"type": "string", "enum": ["open", "closed"]},
        "score": {"type": "number"},
        "due": {"type": "string", "format": "date"},
        "owner": {"$ref": "#/definitions/Owner"},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
}
DESCRIPTION: dict[str, Any] = {
    "swagger": "2.0",
    "info": {"version": "7"},
    "definitions": {
        "Issue": ISSUE,
        "Owner": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
    },
    "paths": {
        "/issues": {
            "get": {
                "responses": {
                    "200": {"schema": {"type": "array", "items": {"$ref": "#/definitions/Issue"}}},
                    "404": {
                        "schema": {"type": "object", "required": ["code"], "properties": {"code": {"type": "string"}}}
                    },
                }
            }
        }
    },
}
ROW = {"id": "1", "title": "a", "state": "open", "score": 1, "due": "2026-01-01", "owner": None, "new": True}


def tightened(*rows: dict[str, Any], times: int = 6) -> tuple[Contract, Contract]:
    """The described contract, and the same after rows were seen."""
    described = from_openapi(DESCRIPTION, "GET", "/issues", id="shop/issues")
    responses = [ok([dict(row) for row in rows])] * times
    inferred = Contract.infer("shop/issues", responses, source="imported", recorded_at="2026-02-01")
    return described, propose(described, inferred, responses).contract


def broken(contract: Contract, *rows: dict[str, Any], status: int = 200) -> set[str]:
    return {f"{one.path} {one.keyword}" for one in contract.violations({**ok(list(rows)), "status": status})}


def test_what_was_always_there_is_required_and_what_never_came_is_not() -> None:
    """Recordings say what always comes; the description alone said something else."""
    described, contract = tightened(ROW)
    assert broken(described, ROW) == {"/body/0/gone required", "/body/0/owner type"}
    assert not broken(contract, ROW)
    assert broken(contract, {name: value for name, value in ROW.items() if name != "title"}) == {
        "/body/0/title required"
    }
    assert broken(contract, {name: value for name, value in ROW.items() if name != "new"}) == {"/body/0/new required"}


def test_a_few_objects_require_nothing_new() -> None:
    """Four objects are no proof that a property always comes; what the description requires and they show stays."""
    _, contract = tightened(ROW, times=4)
    assert not broken(contract, {"id": "2"})
    assert broken(contract, {"title": "x"}) == {"/body/0/id required"}


def test_one_response_requires_nothing_new() -> None:
    """However many rows it has, it shows what one query asked for; what the description requires stays."""
    described = from_openapi(DESCRIPTION, "GET", "/issues", id="shop/issues")
    responses = [ok([ROW] * 50)]
    contract = propose(described, Contract.infer("shop/issues", responses), responses).contract
    assert not broken(contract, {"id": "2"})
    assert broken(contract, {"title": "x"}) == {"/body/0/id required"}


BLOCKS = (
    [{"type": "text", "text": {"content": "a"}}, {"type": "text", "text": {"content": "b"}}],
    [{"type": "link", "link": {"href": "c"}, "blocks": [{"type": "text", "text": {}}]}],
)


@pytest.mark.parametrize(
    ("block", "paths"),
    [
        ({"type": "image", "image": {"src": 1}}, set()),
        ({"type": "image", "blocks": [{"type": "image"}]}, set()),
        ({"text": {}}, {"/body/0/blocks/0/type required"}),
        ({"type": "text", "text": "a"}, {"/body/0/blocks/0/text type"}),
    ],
)
def test_what_nothing_describes_stays_open(block: dict[str, Any], paths: set[str]) -> None:
    """Variants that were not recorded may come, and members go with their variant; what was recorded keeps its type."""
    _, contract = tightened({**ROW, "blocks": BLOCKS[0]}, {**ROW, "blocks": BLOCKS[1]})
    assert broken(contract, {**ROW, "blocks": [block]}) == paths


def test_types_are_what_is_described_or_was_seen() -> None:
    """A described type stays though it was not seen; one that was seen is added; any other is a violation."""
    _, contract = tightened(ROW)
    assert not broken(contract, {**ROW, "score": 2.5, "owner": {"id": "7"}, "tags": ["x"]})
    assert broken(contract, {**ROW, "owner": {"id": 7}}) == {"/body/0/owner/id type"}
    assert broken(contract, {**ROW, "title": None}) == {"/body/0/title type"}
    assert broken(contract, {**ROW, "tags": [1]}) == {"/body/0/tags/0 type"}


def test_a_vocabulary_that_recordings_contradict_is_opened() -> None:
    """A described enumeration stays while recordings keep it, and is given up when one does not."""
    assert broken(tightened(ROW)[1], {**ROW, "state": "snoozed"}) == {"/body/0/state enum"}
    assert not broken(tightened({**ROW, "state": "snoozed"})[1], {**ROW, "state": "anything"})


def test_other_statuses_stay_as_described() -> None:
    """What a 404 says was described and never recorded: it stays in the contract."""
    _, contract = tightened(ROW)
    assert not list(contract.violations({"status": 404, "headers": {}, "body": {"code": "x"}}))
    assert list(contract.violations({"status": 404, "headers": {}, "body": {}}))


def test_the_evidence_names_both() -> None:
    """The contract says which description it came from, how many responses tightened it, and keeps that in its file."""
    _, contract = tightened(ROW)
    assert contract.evidence.described_by == "OpenAPI 2.0, version 7"
    assert (contract.evidence.samples, contract.evidence.source, contract.evidence.api_version) == (6, "imported", "7")
    assert Contract.from_json(contract.to_json()) == contract


def test_a_correction_is_told_and_stays_told() -> None:
    """What was written into a contract by hand is named in its evidence, through the file and through new samples."""
    _, contract = tightened(ROW)
    corrected = replace(contract, evidence=replace(contract.evidence, corrected_by="a table (2 places)"))
    assert Contract.from_json(corrected.to_json()).evidence.corrected_by == "a table (2 places)"
    responses = [ok([ROW])] * 3
    again = propose(corrected, Contract.infer("shop/issues", responses), responses).contract
    assert again.evidence.corrected_by == "a table (2 places)"


def test_a_contract_written_by_hand_is_not_tightened() -> None:
    """Without a description behind it, what stands in the file is a person's word."""
    described, _ = tightened(ROW)
    by_hand = replace(described, evidence=Evidence())
    kept = propose(by_hand, Contract.infer("shop/issues", [ok([ROW])] * 9), [ok([ROW])] * 9).contract
    assert broken(kept, ROW) == {"/body/0/gone required", "/body/0/owner type"}


def test_tightening_again_changes_nothing_that_it_said() -> None:
    """More of the same responses leave the schema as it is."""
    _, contract = tightened(ROW)
    responses = [ok([ROW])] * 8
    again = propose(contract, Contract.infer("shop/issues", responses), responses)
    assert not again.changed


CARD = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "properties": {
            "type": "object",
            "properties": {"name": {"type": "string"}},
            "additionalProperties": {"type": "string"},
        },
    },
}


def of_cards(*properties: dict[str, Any], times: int = 3) -> Contract:
    """A description that calls `properties` a map with one named member, after cards were seen."""
    answer = {"200": {"schema": {"type": "array", "items": CARD}}}
    document = {"swagger": "2.0", "info": {"version": "3"}, "paths": {"/cards": {"get": {"responses": answer}}}}
    described = from_openapi(document, "GET", "/cards", id="shop/cards")
    responses = [ok([{"id": "1", "properties": each} for each in properties])] * times
    return propose(described, Contract.infer("shop/cards", responses), responses).contract


SEEN = ({"name": "A", "city": "B", "size": None}, {"name": "C", "city": None, "size": "4"})


def test_the_entries_of_a_described_map_are_widened_by_members_that_were_seen() -> None:
    """Members with other types than the described entries widen the entries, whatever they are called."""
    contract = of_cards(*SEEN)
    assert not broken(contract, {"id": "2", "properties": {"name": "D", "never_seen": None}})
    assert broken(contract, {"id": "2", "properties": {"name": "D", "size": 4}}) == {"/body/0/properties/size type"}
    assert broken(contract, {"id": "2", "properties": {"size": "4"}}) == {"/body/0/properties/name required"}


def test_no_key_of_a_described_map_comes_into_the_contract() -> None:
    """What a customer called a property stands neither in the schema nor in the evidence; described names do."""
    text = of_cards(*SEEN).to_json()
    assert "city" not in text
    assert "size" not in text
    assert '"/body/*/properties/name"' in text


def test_a_described_map_stays_one_when_more_is_seen() -> None:
    """Tightening again with the same answers changes nothing; other types widen the entries once more."""
    contract = of_cards(*SEEN)
    responses = [ok([{"id": "1", "properties": each} for each in SEEN])] * 5
    assert not propose(contract, Contract.infer("shop/cards", responses), responses).changed
    others = [ok([{"id": "1", "properties": {"name": "A", "vip": True}}])] * 5
    wider = propose(contract, Contract.infer("shop/cards", others), others).contract
    assert not broken(wider, {"id": "2", "properties": {"name": "D", "any": True}})
    assert "vip" not in wider.to_json()


ANY = Shape(dict.fromkeys(ORDER))
BODY = replace(ANY, items=replace(ANY, entries=ANY), entries=ANY)
MAPS = Shape({"object": None}, fields={"body": Field(BODY, required=False)})
"""A description of envelopes that calls every object in a body, and in a body's list, a map of anything."""


@settings(max_examples=100, deadline=None)
@given(seen=ENVELOPES)
def test_where_everything_is_described_as_a_map_no_name_remains(seen: list[Any]) -> None:
    """Whatever was recorded, the evidence of a described map counts entries, and its counts give its shape again."""
    shape = keyed(rebuild(Contract.infer("a/b", seen).evidence.counts), MAPS)
    counts = tabulate(shape)
    assert not [place for place in counts if re.match(r"/body(/\*)?/(?!\*|{)", place)]
    assert tabulate(rebuild(counts)) == counts


def test_a_newer_description_is_proposed_over_one_that_was_tightened() -> None:
    """What is proposed then names the newer description, and is no empty contract."""
    _, contract = tightened(ROW)
    newer = from_openapi({**DESCRIPTION, "info": {"version": "8"}}, "GET", "/issues", id="shop/issues")
    proposed = propose(contract, newer).contract
    assert proposed.evidence.described_by == "OpenAPI 2.0, version 8"
    assert broken(proposed, {**ROW, "title": 7}) == {"/body/0/title type"}


STRICT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "a/b": {"type": "string", "enum": ["x", "y"]},
        "list": {"type": "array", "items": {"type": "string", "format": "uuid"}},
        "map": {"type": "object", "additionalProperties": {"const": "x"}},
        "one": {
            "type": "object",
            "oneOf": [
                {"type": "object", "properties": {"kind": {"const": kind}, kind: {}}, "required": ["kind", kind]}
                for kind in ("p", "q")
            ],
        },
    },
    "required": ["a/b", "list"],
}


@pytest.mark.parametrize(
    "body",
    [
        {"a/b": "z", "list": []},
        {"a/b": 1, "list": []},
        {"a/b": "x"},
        {"a/b": "x", "list": ["1"]},
        {"a/b": "x", "list": [None]},
        {"a/b": "x", "list": [], "map": {"k": "y"}},
        {"a/b": "x", "list": [], "map": {"k": 1.5}},
        {"a/b": "x", "list": [], "one": {"kind": "p"}},
        {"a/b": "x", "list": [], "one": {"kind": "r"}},
        {"a/b": "x", "list": [], "one": None},
        {"a/b": True, "list": {}, "map": [], "one": 3},
        [],
    ],
)
def test_what_a_response_breaks_is_relaxed_and_nothing_else(body: Any) -> None:
    """Round by round, until it keeps the shape; what it does not touch is as strict as before."""
    shape = Contract("a/b", {"type": "object", "properties": {"status": {"const": 200}, "body": STRICT}}).shape
    strict = by_status(shape)
    response = as_envelope(ok(body))
    for _ in range(ROUNDS):
        held = Contract("a/b", to_schema(strict))
        strict = reduce(
            relaxed, (replace(one, instance=(200, one.instance)) for one in held.violations(response)), strict
        )
    held = Contract("a/b", to_schema(strict))
    assert not list(held.violations(response))
    others = {"map": {"k": "other"}} if not isinstance(body, dict) or "map" not in body else {"list": "none"}
    assert list(held.violations(as_envelope(ok({"a/b": "x", "list": []} | others))))


@settings(max_examples=150, deadline=None)
@given(described=ENVELOPES, seen=ENVELOPES)
def test_every_recorded_response_keeps_the_tightened_contract(described: list[Any], seen: list[Any]) -> None:
    """Whatever was described and whatever was recorded: no recorded response breaks the result."""
    of_vendor = replace(Contract.infer("a/b", described), evidence=Evidence(source="imported", described_by="x.json"))
    contract = propose(of_vendor, Contract.infer("a/b", seen), seen).contract
    assert not [one for response in seen for one in contract.violations(as_envelope(response))]


@pytest.mark.parametrize("times", [1, 20])
def test_responses_that_are_not_described_are_taken_up(times: int) -> None:
    """A status that the description leaves out is in the contract after it was recorded."""
    described = from_openapi(DESCRIPTION, "GET", "/issues", id="shop/issues")
    responses = [{"status": 429, "headers": {}, "body": {"wait": 3}}] * times
    contract = propose(described, Contract.infer("shop/issues", responses), responses).contract
    assert not list(contract.violations({"status": 429, "headers": {}, "body": {"wait": 4}}))
    assert list(contract.violations({"status": 429, "headers": {}, "body": {"wait": "long"}}))
    assert broken(contract, {"id": 2}) == {"/body/0/gone required", "/body/0/id type"}
