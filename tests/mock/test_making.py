"""Records by the contract alone: whatever JSON Schema says, they keep it, or it is said why not."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bi_contracts import mock
from bi_contracts.contract import Contract
from bi_contracts.contract.evidence import Evidence
from bi_contracts.errors import InvalidContract
from bi_contracts.paths import Json

from .cases import listed, of_body, undeclared

LEAVES = st.one_of(
    st.just({"type": "string"}),
    st.sampled_from(["date-time", "date", "time", "email", "uuid", "uri", "hostname", "ipv4", "ipv6", "duration"]).map(
        lambda form: {"type": "string", "format": form}
    ),
    st.tuples(st.integers(0, 8), st.integers(0, 8)).map(
        lambda two: {"type": "string", "minLength": min(two), "maxLength": max(two)}
    ),
    st.tuples(st.integers(-50, 50), st.integers(0, 90)).map(
        lambda two: {"type": "integer", "minimum": two[0], "maximum": two[0] + two[1]}
    ),
    st.tuples(st.integers(-50, 50), st.integers(1, 90)).map(
        lambda two: {"type": "number", "exclusiveMinimum": two[0], "exclusiveMaximum": two[0] + two[1]}
    ),
    st.integers(1, 30).map(lambda unit: {"type": "integer", "multipleOf": unit}),
    st.sampled_from([{"type": "boolean"}, {"type": ["string", "null"]}, {"type": ["integer", "boolean"]}, {}, True]),
    st.lists(st.one_of(st.integers(), st.text(max_size=4), st.none()), min_size=1, max_size=4).map(
        lambda values: {"enum": values}
    ),
    st.one_of(st.integers(), st.text(max_size=4), st.none(), st.booleans()).map(lambda value: {"const": value}),
    st.sampled_from([r"^[a-c]{2,5}$", r"^\d{3}-\w+$", r"^(x|yy)?z$"]).map(
        lambda pattern: {"type": "string", "pattern": pattern}
    ),
)
NAMES = st.sampled_from(["id", "name", "email", "created_at", "owner_id", "url", "has_more", "next", "value", "city"])


def deeper(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """Schemas of objects, lists, maps and choices of others."""
    members = st.dictionaries(NAMES, inner, max_size=4)
    return st.one_of(
        st.tuples(members, st.sets(NAMES, max_size=3)).map(
            lambda two: {"type": "object", "properties": two[0], "required": sorted(two[1])}
        ),
        st.tuples(inner, st.integers(0, 2), st.integers(0, 2)).map(
            lambda three: {"type": "array", "items": three[0], "minItems": three[1], "maxItems": three[1] + three[2]}
        ),
        inner.map(lambda one: {"type": "object", "additionalProperties": one}),
        st.lists(inner, min_size=1, max_size=3).map(lambda some: {"anyOf": some}),
        inner.map(lambda one: {"allOf": [one, {}]}),
        inner.map(lambda one: {"oneOf": [{"type": "null"}, {"type": "object", "properties": {"in": one}}]}),
    )


RECORDS = st.tuples(st.dictionaries(NAMES, st.recursive(LEAVES, deeper, max_leaves=6), max_size=5)).map(
    lambda one: {"type": "object", "properties": one[0], "required": sorted(one[0])}
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(RECORDS, st.integers(0, 1000))
def test_records_keep_the_schema_that_they_are_made_by(record: Json, seed: int) -> None:
    """Whatever types, bounds, formats, lists, maps and choices it has."""
    contract = listed(record)
    try:
        found = mock.records(None, None, contract, 4, seed)
    except InvalidContract as error:
        few = ("values are allowed", "texts")
        if not any(words in str(error) for words in few):  # a key of which there are not enough
            raise
        return
    for answer in found.envelopes:
        assert [str(one) for one in contract.violations(answer)] == []


def one(schema: Json, seed: str = "tests", **beside: Json) -> Json:
    """The member `it` of a record made by a schema."""
    record = {"type": "object", "properties": {"it": schema}, "required": ["it"]}
    return mock.records(None, None, listed(record, **beside), 1, seed).records[0]["it"]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "items": {"type": "integer"}, "uniqueItems": True, "minItems": 3},
        {"type": "array", "prefixItems": [{"const": 1}, {"type": "string"}], "items": False, "minItems": 2},
        {"type": "array", "contains": {"const": "gold"}},
        {"type": "object", "minProperties": 2, "additionalProperties": {"type": "integer"}},
        {"type": "object", "patternProperties": {"^x_": {"type": "integer"}}, "required": ["x_size"]},
        {"type": "object", "properties": {"a": {}, "b": {}}, "not": {"required": ["b"]}},
        {"properties": {"a": {"enum": [1, 2]}}, "required": ["a"], "not": {"properties": {"a": {"const": 1}}}},
        {"if": {"properties": {"a": {"const": 1}}}, "then": {"required": ["b"]}, "type": "object",
         "properties": {"a": {"enum": [1, 2]}, "b": {}}, "required": ["a"]},
        {"type": "object", "properties": {"a": False, "b": {"type": "integer"}}, "required": ["b"]},
        {"type": ["integer", "null"], "enum": [None, 3, "three"]},
        {"required": ["name"]},
        {"minItems": 1},
        {"minimum": 3},
        {"maximum": -3},
        {"maxLength": 2},
        {"type": "null"},
        {"allOf": [{"type": ["integer", "string"]}, {"type": "number"}, {"minimum": 5}, {"minimum": 7, "maximum": 8}]},
        {"allOf": [{"properties": {"a": {"type": "integer"}}}, {"properties": {"a": {"maximum": 3}}}]},
        {"allOf": [{"oneOf": [{"const": 1}, {"const": 2}]}, {"oneOf": [{"const": 2}, {"const": 3}]}]},
        {"allOf": [{"enum": [1, 2]}, {"enum": [2, 3]}, {"not": {"const": 1}}, {"not": {"const": 3}}]},
        {"allOf": [{"items": {"type": "string"}}, {"items": {"minLength": 3}}, {"minItems": 2}, {"maxItems": 2}]},
        {"allOf": [{"additionalProperties": {"type": "string"}}, {"additionalProperties": False}], "type": "object"},
        {"allOf": [{"const": 4}, {"enum": [4, 5]}]},
        {"oneOf": [{"type": "integer"}, {"type": "integer", "minimum": 0}, {"type": "string"}]},
        {"properties": {"a": {"oneOf": [{"oneOf": [{"const": 1}]}, {"const": 2}]}}, "required": ["a"]},
        {"type": "string", "format": "uuid"},
        {"type": "integer", "maximum": -5},
    ],
)  # fmt: skip
def test_every_keyword_is_kept(schema: Json) -> None:
    """Those that are read, and those that are tried."""
    record = {"type": "object", "properties": {"it": schema}, "required": ["it"]}
    contract = listed(record)
    for answer in mock.records(None, None, contract, 12, "tests").envelopes:
        assert [str(found) for found in contract.violations(answer)] == []


def test_schemas_may_refer_to_themselves() -> None:
    """A tree ends where its branches need not go on."""
    tree = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#/$defs/tree"}}},
        "required": ["name", "children"],
    }
    found = one({"$ref": "#/$defs/tree"}, **{"$defs": {"tree": tree}})
    assert {"name", "children"} <= found.keys()


def test_references_may_lead_anywhere_in_the_contract() -> None:
    """To any place by its pointer, to the whole of it, and not only to `$defs`."""
    place = "#/properties/body/properties/things/items/properties/size"
    record = {
        "type": "object",
        "properties": {"size": {"type": "integer", "maximum": 9}, "it": {"$ref": place}},
        "required": ["it"],
    }
    assert 0 <= mock.records(None, None, listed(record), 1, "tests").records[0]["it"] <= 9
    whole = of_body({"type": "object", "properties": {"id": {"type": "string"}, "again": {"$ref": "#"}}})
    for answer in mock.records(None, None, whole, 3, "tests").envelopes:
        assert [*whole.violations(answer)] == []


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"$ref": "#/$defs/none"}, "refers to nothing"),
        ({"$ref": "https://example.com/schema"}, "remote references are not followed"),
        ({"$ref": "#/$defs/a"}, "leads in a circle"),
        ({"$ref": "#/$defs/deep"}, "inside itself without end"),
        ({"type": "string", "pattern": "^(?=a)b"}, "no text can be made that matches"),
        ({"type": "integer", "enum": ["a", "b"]}, "none of the values in `enum`"),
        ({"type": "integer", "not": {"type": "integer"}}, "satisfies not"),
        ({"type": "string", "pattern": "^a$", "minLength": 4}, "no record could be made: /it breaks `minLength`"),
        ({"oneOf": [{"const": 1}, {"const": 1}]}, "fits one of the variants"),
    ],
)
def test_what_nothing_can_keep_is_said(schema: Json, said: str) -> None:
    """Where in the contract, and why."""
    circle = {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}
    deep = {"type": "object", "properties": {"in": {"$ref": "#/$defs/deep"}}, "required": ["in"]}
    with pytest.raises(InvalidContract, match=said):
        one(schema, **{"$defs": {**circle, "deep": deep}})


# Keys


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string"},
        {"type": "integer"},
        {"type": "string", "format": "uuid"},
        {"type": "string", "format": "uri"},
        {"type": "string", "format": "email"},
        {"type": "string", "pattern": "^K[0-9]{4}$"},
        {"type": "string", "maxLength": 3},
        {"type": "string", "minLength": 30},
        {"type": "integer", "minimum": 5, "maximum": 304},
        {"type": "integer", "maximum": 2_000_000},
        {"type": "number"},
        {"type": "integer", "multipleOf": 7, "maximum": 3000},
    ],
)
def test_keys_never_repeat(schema: Json) -> None:
    """Whatever they look like, as long as there are enough."""
    record = {"type": "object", "properties": {"id": schema}, "required": ["id"]}
    keys = [found["id"] for found in undeclared(record, 300).records]
    assert len(set(keys)) == 300


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "string", "pattern": "^[ab]$"}, "only 2 different texts match"),
        ({"type": "integer", "minimum": 1, "maximum": 9}, "only 9 values are allowed for 'id'"),
        ({"type": "string", "maxLength": 1}, "only 36 texts of 1 characters"),
    ],
)
def test_too_few_keys_are_said(schema: Json, said: str) -> None:
    """Rather than repeated."""
    record = {"type": "object", "properties": {"id": schema}, "required": ["id"]}
    with pytest.raises(InvalidContract, match=said):
        undeclared(record, 40)


@pytest.mark.parametrize("name", ["gid", "uuid", "key", "thing_id", "thingId"])
def test_keys_are_found_by_their_name(name: str) -> None:
    """Of those that are usual, and those that the endpoint's name suggests."""
    record = {"type": "object", "properties": {name: {"type": "string"}}, "required": [name]}
    found = undeclared(record, 20, quality=0.5, defects=["duplicate-id"])
    assert {defect.path for defect in found.defects} == {f"/{name}"}


# Where records stand


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"type": "array", "items": {"type": "object", "properties": {"id": {"type": "string"}}}}, ""),
        ({"properties": {"data": {"properties": {"nodes": {"items": {"properties": {"a": {}}}}}}}}, "data.nodes"),
        (
            {"properties": {"errors": {"items": {"type": "object"}}, "results": {"items": {"type": "object"}}}},
            "results",
        ),
        ({"properties": {"tags": {"items": {"type": "object"}}, "things": {"items": {"type": "object"}}}}, "things"),
    ],
)
def test_the_list_that_is_meant_is_found(body: Json, path: str) -> None:
    """Under the name of the endpoint, or a usual one, however deep."""
    from bi_contracts.mock.finding import place_of_records
    from bi_contracts.mock.schemas import Schemas

    contract = of_body(body)
    place = place_of_records(Schemas(contract.id, contract.schema), contract.id)
    assert (place.dotted, place.many) == (path, True)


def test_a_body_that_holds_no_list_is_a_record() -> None:
    """And one that has a key is, whatever lists are its parts."""
    body = {"properties": {"id": {"type": "string"}, "tags": {"items": {"type": "object"}}}, "required": ["id"]}
    found = mock.records(None, None, of_body(body), 3, "tests")
    assert len(found.envelopes) == 3
    assert len({record["id"] for record in found.records}) == 3
    assert mock.records(None, None, of_body({"type": "string"}), 2, "tests").records


# What fields are called, and how often they are there


def test_values_are_what_their_names_say() -> None:
    """Names, addresses, texts, times, places."""
    names = ["first_name", "email", "phone", "city", "company", "website", "title", "description", "created_at", "url",
             "timezone", "currency", "language", "status", "owner_id"]  # fmt: skip
    record = {"type": "object", "properties": {name: {"type": "string"} for name in names}, "required": names}
    found = undeclared(record, 2, id="acme/customers").records[0]
    assert "@" in found["email"]
    assert found["website"].startswith("https://")
    assert datetime.fromisoformat(found["created_at"])
    assert found["url"].startswith("https://example.com/")
    assert found["phone"].startswith("+1 555 01")
    assert (found["currency"], found["language"]) == ("EUR", "en")


@pytest.mark.parametrize(
    "id", ["acme/deals", "acme/companies", "acme/articles", "acme/tasks", "acme/messages", "acme/x"]
)
def test_records_are_about_what_their_endpoint_is_called(id: str) -> None:
    """A deal has a deal's name, a message says what a message says."""
    names = ["name", "text", "company", "domain", "email"]
    record = {"type": "object", "properties": {name: {"type": "string"} for name in names}, "required": names}
    for found in undeclared(record, 5, id=id).records:
        assert all(found[name] for name in names)


def test_times_as_numbers_are_unix_seconds() -> None:
    """One after the other, none in the future."""
    record = {"type": "object", "properties": {"created_at": {"type": "integer"}}, "required": ["created_at"]}
    found = undeclared(record, 20)
    times = [one["created_at"] for one in found.records]
    assert times == sorted(set(times))
    assert times[-1] < found.at


def evident(share: tuple[int, int], kinds: dict[str, int]) -> Contract:
    """A contract whose member `note` was seen that often, with these types."""
    base = listed({"type": "object", "properties": {"note": {"type": ["string", "null"]}}})
    counts: dict[str, Any] = {"/body/things/*/note": {"seen": share[0], "of": share[1], "types": kinds}}
    return Contract(base.id, base.schema, Evidence(counts=counts))


def test_optional_members_are_there_as_often_as_they_were_seen() -> None:
    """By the contract's evidence; half of the time where there is none."""
    often = mock.records(None, None, evident((9, 10), {"string": 9}), 500, "tests").records
    seldom = mock.records(None, None, evident((1, 10), {"string": 1}), 500, "tests").records
    assert 420 < sum("note" in record for record in often) < 480
    assert 20 < sum("note" in record for record in seldom) < 80


def test_values_are_null_as_often_as_they_were() -> None:
    """By the contract's evidence."""
    found = mock.records(None, None, evident((10, 10), {"string": 4, "null": 6}), 500, "tests").records
    assert 250 < sum(record["note"] is None for record in found) < 350


def test_the_evidence_of_refusals_does_not_count() -> None:
    """What errors look like says nothing about records."""
    from bi_contracts.mock.making import _successes

    counts = {
        "<status=200>/body/a": {"seen": 3, "of": 4, "types": {"string": 3}},
        "<status=404>/body/a": {"seen": 9, "of": 9, "types": {"null": 9}},
    }
    assert _successes(counts) == {"/body/a": {"seen": 3, "of": 4, "types": {"string": 3}}}


def _defined(defs: dict[str, Any]) -> dict[str, Any]:
    return {"$defs": defs}


def tree(name: str) -> dict[str, Any]:
    """A schema that refers to `name`, as a required member of a record."""
    return {"type": "object", "properties": {"id": {"type": "string"}, "e": {"$ref": name}}, "required": ["id", "e"]}


BINARY: dict[str, Any] = {"type": "object", "properties": {"l": {"$ref": "#/$defs/e"}, "r": {"$ref": "#/$defs/e"}}}
BINARY |= {"required": ["l", "r"]}


@pytest.mark.parametrize(
    ("schema", "defs"),
    [
        (tree("#/$defs/e"), {"e": {"anyOf": [BINARY, {"type": "number"}]}}),
        (
            tree("#/$defs/e"),
            {"e": {"oneOf": [{"$ref": "#/$defs/two"}, {"$ref": "#/$defs/one"}]}, "one": {"type": "number"}}
            | {"two": BINARY},
        ),
        (
            tree("#/$defs/e"),
            {
                "e": {
                    "properties": {"k": {"enum": ["a", "b"]}},
                    "required": ["k"],
                    "if": {"properties": {"k": {"const": "a"}}},
                    "then": {"required": ["more"], "properties": {"more": {"type": "integer"}}},
                    "else": {"required": ["less"]},
                }
            },
        ),
        (tree("#/$defs/e"), {"e": {"not": {"type": "string"}}}),
        (tree("#/$defs/e"), {"e": {"type": "number", "multipleOf": 0.1, "minimum": 0.3, "maximum": 0.35}}),
        (tree("#/$defs/e"), {"e": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001}}),
        (tree("#/$defs/e"), {"e": {"type": "integer", "exclusiveMinimum": 0.5, "exclusiveMaximum": 1.5}}),
        (
            tree("#/$defs/e"),
            {"e": {"type": "object", "minProperties": 500, "additionalProperties": {"type": "integer"}}},
        ),
        (
            tree("#/$defs/e"),
            {"e": {"properties": {f"p{n}": {} for n in range(30)}, "required": ["p29"], "maxProperties": 2}},
        ),
        (
            tree("#/$defs/e"),
            {
                "e": {
                    "properties": {f"p{n}": {"type": "string"} for n in range(9)},
                    "dependentRequired": {f"p{n}": ["other"] for n in range(8)} | {"p8": ["p7"]},
                    "required": ["p8"],
                }
            },
        ),
        (
            tree("#/$defs/e"),
            {"e": {"allOf": [{"anyOf": [{"required": [f"{one}{n}"]} for one in "pq"]} for n in range(14)]}},
        ),
        (tree("#/$defs/e"), {"e": {"type": "string", "pattern": "^" + "(" * 10 + "a?" + ")+" * 10 + "$"}}),
    ],
    ids=["tree", "tree by reference", "if", "not", "decimal", "narrow", "one integer", "wide map", "few members",
         "dependent", "many unions", "nested pattern"],
)  # fmt: skip
def test_what_can_be_kept_is_kept(schema: Json, defs: dict[str, Any]) -> None:
    """Schemas that are written by hand, each of which values satisfy; and without trying for minutes."""
    found = mock.records(None, None, listed(schema, **_defined(defs)), 12, "tests")
    assert len(found.records) == 12
    assert all(not list(listed(schema, **_defined(defs)).violations(one)) for one in found.envelopes)


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "array", "minItems": 10**9, "items": {"type": "integer"}},
        {"type": "string", "minLength": 10**10},
        {"type": "object", "minProperties": 10**8, "additionalProperties": {"type": "integer"}},
        {"type": "integer", "minimum": 10**400},
        {"type": "array", "minItems": 2, "items": {"$ref": "#/$defs/self"}},
    ],
    ids=["items", "characters", "members", "number", "recursion"],
)
def test_what_no_machine_makes_is_told_at_once(wrong: Json) -> None:
    """Neither hours, nor all of the memory, nor a traceback."""
    record = {"type": "object", "properties": {"n": wrong}, "required": ["n"]}
    with pytest.raises(InvalidContract, match="acme/things"):
        mock.records(None, None, listed(record, **_defined({"self": wrong})), 3)


@pytest.mark.parametrize(
    "item", [True, {"type": "string", "format": "date-time"}, {"type": "string", "format": "email"}]
)
def test_records_that_are_no_objects_can_be_spoilt(item: Json) -> None:
    """Or, as here, cannot: there is no member that something could be wrong with."""
    found = mock.records(None, None, of_body(item), 8, quality=0.5)
    assert not {one.kind for one in found.defects} & {"stale-timestamp", "malformed-email"}
