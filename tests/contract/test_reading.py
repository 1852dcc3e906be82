"""Schemas that a person may write, read as shapes."""

from __future__ import annotations

from typing import Any

import pytest

from bi_contracts.contract import Contract
from bi_contracts.contract.evidence import rebuild
from bi_contracts.contract.reading import Reader
from bi_contracts.contract.schema import to_schema
from bi_contracts.contract.shape import Shape, escape, unescape
from bi_contracts.contract.violation import Validation


def read(schema: Any, counts: Any = None, **root: Any) -> Shape:
    """The shape of a schema, with other definitions beside it."""
    document = {**schema, **root} if isinstance(schema, dict) else {}
    return Reader(document, counts or {}).read(document if isinstance(schema, dict) else schema)


TYPES: list[tuple[Any, list[str]]] = [
    (True, []),
    ({}, []),
    ({"type": "string"}, ["string"]),
    ({"type": ["null", "string"]}, ["string", "null"]),
    ({"const": 5}, ["integer"]),
    ({"enum": ["a", 1.5, None, True, [], {}]}, ["boolean", "number", "string", "array", "object", "null"]),
    ({"properties": {}}, ["object"]),
    ({"required": ["a"]}, ["object"]),
    ({"items": {}}, ["array"]),
    ({"anyOf": [{"type": "string"}, {"type": "null"}]}, ["string", "null"]),
    (
        {"oneOf": [{"type": "integer"}, {"anyOf": [{"type": "string"}, {"type": "array"}]}]},
        ["integer", "string", "array"],
    ),
    ({"anyOf": [{"type": "string"}, {}]}, []),
    ({"anyOf": [{"type": "string"}, {"$ref": "#/none"}]}, []),
    ({"anyOf": [True]}, []),
    ({"anyOf": []}, []),
    ({"allOf": [{"type": "object"}, {"$ref": "#/none"}, True]}, ["object"]),
    ({"$ref": "#/$defs/list/0", "$defs": {"list": [{"type": "boolean"}]}}, ["boolean"]),
    ({"$ref": "#/$defs/a~1b", "$defs": {"a/b": {"type": "boolean"}}}, ["boolean"]),
    ({"$ref": "#/$defs/loop", "$defs": {"loop": {"$ref": "#/$defs/loop"}}}, []),
    ({"allOf": [{"$ref": "#"}]}, []),
    ({"allOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"allOf": [{"$ref": "#/$defs/a"}], "type": "null"}}}, ["null"]),
    ({"$ref": "other.json"}, []),
    ({"$ref": "#/$defs/text", "$defs": {"text": "no schema"}}, []),
]


@pytest.mark.parametrize(("schema", "expected"), TYPES, ids=str)
def test_types_are_read(schema: Any, expected: list[str]) -> None:
    """Named or implied; what cannot be understood may be anything."""
    assert list(read(schema).types) == expected


def test_all_of_adds_up() -> None:
    """Properties and required keys of every part count, through references and nesting."""
    parts = [{"$ref": "#/$defs/base"}, {"allOf": [{"properties": {"b": {}}, "required": ["b"]}]}]
    shape = read(
        {"allOf": parts, "type": "object"}, **{"$defs": {"base": {"properties": {"a": {}}, "required": ["a"]}}}
    )
    assert {key: member.required for key, member in shape.fields.items()} == {"a": True, "b": True}


def test_alternatives_without_a_discriminator_are_joined() -> None:
    """A key is required only where every alternative requires it; types of shared keys add up."""
    one = {"type": "object", "properties": {"a": {"type": "string"}, "b": {}}, "required": ["a", "b"]}
    two = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    shape = read({"anyOf": [one, two, {"type": "array", "items": {"type": "null"}}, {"type": "null"}]})
    assert {key: member.required for key, member in shape.fields.items()} == {"a": True, "b": False}
    assert list(shape.fields["a"].shape.types) == ["integer", "string"]
    assert shape.items is not None
    assert read({"anyOf": [{"type": "null"}, one]}).fields["a"].required


def test_vocabularies_of_alternatives_add_up() -> None:
    """Two closed lists are one; a closed and an open one are open."""
    assert read({"anyOf": [{"enum": ["a", "b"]}, {"const": "c"}]}).values == ("a", "b", "c")
    assert read({"anyOf": [{"enum": ["a", "b"]}, {"type": "string"}]}).values == ()
    assert read({"anyOf": [{"enum": ["a"]}, {"type": "null"}]}).values == ("a",)
    assert read({"const": {"a": 1}}).values == ()
    assert read({"enum": [1.5, "a"]}).values == ()


def test_a_discriminator_may_list_several_values() -> None:
    """One variant may serve for several values of its discriminator."""
    box = {"type": "object", "properties": {"kind": {"enum": ["box", "crate"]}, "side": {}}, "required": ["side"]}
    disc = {"type": "object", "properties": {"kind": {"const": "disc"}}}
    union = read({"oneOf": [box, disc]}).union
    assert union is not None
    assert set(union.variants) == {"box", "crate", "disc"}
    assert read({"oneOf": [box, box]}).union is None


def test_variants_of_a_key_with_several_values_overlap_in_none() -> None:
    """Written again, each value has a variant of its own: an object fits one."""
    branches = [
        {"type": "object", "properties": {"kind": {"enum": ["a", "b"]}}, "required": ["kind"]},
        {"type": "object", "properties": {"kind": {"const": "c"}}, "required": ["kind"]},
    ]
    schema = to_schema(read({"oneOf": branches}))
    assert [one["properties"]["kind"]["const"] for one in schema["oneOf"]] == ["a", "b", "c"]


def test_a_vocabulary_in_the_only_variant_makes_no_union() -> None:
    """`anyOf` of an object and null is an object that may be null."""
    only = {"type": "object", "properties": {"state": {"type": "string", "enum": ["a", "b"]}}, "required": ["state"]}
    shape = read({"anyOf": [only, {"type": "null"}]})
    assert (shape.union, list(shape.types)) == (None, ["object", "null"])


def test_variants_whose_key_may_be_missing_are_written_as_alternatives() -> None:
    """Without the key an object may be of several: `oneOf` would refuse it."""
    branches = [{"type": "object", "properties": {"kind": {"const": value}}} for value in ("a", "b")]
    schema = to_schema(read({"oneOf": branches}))
    assert len(schema["anyOf"]) == 2
    held = Validation({"type": "object", "properties": {"body": schema}})
    assert not list(held.violations({"status": 200, "headers": {}, "body": {}}))
    assert list(held.violations({"status": 200, "headers": {}, "body": {"kind": "c"}}))


def test_the_evidence_says_which_key_tells_variants_apart() -> None:
    """Where two keys do, it is the one by which they were counted."""
    rows: list[dict[str, Any]] = [
        {"object": one, "type": two, **{f"{tag}_{number}": tag for tag in (one, two) for number in range(3)}}
        for one, two in (("page", "page"), ("user", "block"))
    ]
    rows[1]["block"] = None
    samples = [{"status": 200, "headers": {}, "body": rows}, {"status": 200, "headers": {}, "body": None}]
    contract = Contract.infer("x", samples)
    assert contract.shape == rebuild(contract.evidence.counts)


def test_a_union_may_stand_within_a_variant() -> None:
    """The inner discriminator is read within the outer variant."""
    inner = [{"type": "object", "properties": {"type": {"const": name}}} for name in ("a", "b")]
    outer = {"type": "object", "properties": {"object": {"const": "block"}}, "oneOf": inner}
    other = {"type": "object", "properties": {"object": {"const": "page"}}}
    union = read({"oneOf": [outer, other]}).union
    assert union is not None
    assert union.key == "object"
    block = union.variants["block"].union
    assert block is not None
    assert set(block.variants) == {"a", "b"}


def test_maps_are_read() -> None:
    """additionalProperties, true or a schema, and a single pattern."""
    assert read({"additionalProperties": {"type": "string"}}).entries == Shape(types={"string": None})
    assert read({"additionalProperties": True}).entries == Shape()
    assert read({"additionalProperties": False}).entries is None
    assert read({"patternProperties": {"^x": {"type": "string"}}}).entries == Shape(types={"string": None})
    assert read({"patternProperties": {"^x": {}, "^y": {}}}).entries == Shape()
    assert read({"properties": {"a": {}}, "additionalProperties": True}).entries is None


def test_a_tuple_says_nothing_about_items() -> None:
    """prefixItems gives each place a schema of its own."""
    assert read({"prefixItems": [{}], "items": {"type": "string"}}).items is None


def test_counts_come_from_the_table() -> None:
    """Where a pointer has evidence its counts are read; a type added by hand has none."""
    shape = read({"type": ["integer", "string"]}, {"": {"seen": 3, "types": {"integer": 3}}})
    assert (shape.seen, shape.types) == (3, {"integer": 3, "string": None})
    assert read({"type": "number"}, {"": {"types": {"integer": 1, "number": 2}}}).types == {"integer": 1, "number": 2}
    assert read({}, {"": {"types": {"null": 4}}}).types == {"null": 4}


@pytest.mark.parametrize("key", ["*", "{*}", "a/b", "m~n", "<x=1>", "~1", "~2", "~2{*", ""])
def test_any_key_can_stand_in_a_pointer(key: str) -> None:
    """Escaping is undone by unescaping, and never looks like a step of its own."""
    assert unescape(escape(key)) == key
    assert escape(key) not in ("*", "{*}")
    assert not {"/", "<"} & set(escape(key))


def test_references_that_multiply_are_read_in_bounded_time() -> None:
    """Thirty definitions that each use the next twice would be a thousand million shapes."""
    next_two = {
        f"d{number}": {"properties": {key: {"$ref": f"#/$defs/d{number + 1}"} for key in "xy"}} for number in range(30)
    }
    assert list(read({"$ref": "#/$defs/d0"}, **{"$defs": next_two}).fields) == ["x", "y"]


def test_a_schema_is_read_to_a_bounded_depth() -> None:
    """Four hundred levels are no reason to fail."""
    schema: Any = {"type": "string"}
    for _ in range(400):
        schema = {"properties": {"a": schema}}
    assert list(read(schema).fields) == ["a"]
