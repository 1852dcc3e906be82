"""Schemas made plain: what is joined says what both said."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.contract.violation import Validation
from bi_contracts.mock.schemas import Schemas, joined, kind_fits, types
from bi_contracts.paths import Json

KINDS = ("object", "array", "string", "number", "integer", "boolean", "null")
CHECKS = {kind: Validation({"type": kind}).fast for kind in KINDS}
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from([0.5, 2.0, -1.5]) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=3,
)
PARTS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["integer", "number", "string", ["integer", "null"], ["number", "string"]]),
        "minimum": st.integers(-5, 5),
        "maximum": st.integers(-5, 9),
        "enum": st.lists(st.integers(-3, 3), min_size=1, max_size=5),
        "const": st.integers(0, 2),
        "not": st.sampled_from([{"const": 1}, {"type": "string"}]),
        "anyOf": st.sampled_from([[{"type": "integer"}, {"type": "null"}], [{"minimum": 0}, {"maximum": -2}]]),
    },
)


@given(st.sampled_from(KINDS), VALUES)
def test_kinds_are_those_of_json_schema(kind: str, value: Json) -> None:
    """What fits a type here fits it everywhere."""
    assert kind_fits(kind, value) == CHECKS[kind].is_valid(value)


@given(PARTS, PARTS, st.one_of(st.integers(-9, 9), st.none(), st.text(max_size=2), st.sampled_from([0.5, -1.5])))
def test_what_is_joined_says_what_both_said(one: Json, other: Json, value: Json) -> None:
    """A value keeps the join where it keeps each."""
    both = Validation({"allOf": [one, other]}).fast.is_valid(value)
    assert Validation(joined(one, other)).fast.is_valid(value) == both


def test_a_complaint_names_the_place() -> None:
    """And says nothing where there is nothing to say."""
    schemas = Schemas("acme/things", {})
    schema = {"properties": {"a": {"items": {"type": "string"}}}}
    assert schemas.complaint(schema, {"a": ["x", 1]}) == "/a/1 breaks `type`"
    assert schemas.complaint(schema, {"a": ["x"]}) == ""


def test_the_schemas_that_are_only_true_or_false_are_known() -> None:
    """One allows everything, the other nothing."""
    schemas = Schemas("acme/things", {})
    assert schemas.check(True)(1)
    assert not schemas.check(False)(1)
    assert (types(schemas.flat(True)), schemas.flat(False)) == ([""], {"not": {}})
