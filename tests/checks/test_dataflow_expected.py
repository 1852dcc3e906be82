"""Data-flow tests as people write them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.checks.dataflow import DataFlowBroken, DataFlowTest
from bi_contracts.errors import ConfigurationError

TEST = DataFlowTest(
    name="contacts",
    source_endpoint="/api/business/crm/contacts",
    expected_fields=["email", "name"],
    data_validation_rules={"email": {"type": "string", "format": "email"}, "age": {"min": 0, "max": 120}},
)
GOOD = {"email": "a@b.example", "name": "A", "age": 5}


def test_the_example_of_the_documentation_is_one() -> None:
    """Name, source endpoint, expected fields and rules are all it takes."""
    test = DataFlowTest(
        name="new_platform_data_structure",
        source_endpoint="/api/business/new-platform/data",
        expected_fields=["field1", "field2"],
        data_validation_rules={"field1": {"type": "string"}},
    )
    test.check([{"field1": "x", "field2": None}])
    with pytest.raises(DataFlowBroken, match="/0/field1: breaks `type`"):
        test.check([{"field1": 1, "field2": None}])


@pytest.mark.parametrize(
    "body",
    [
        [GOOD],
        GOOD,
        {"contacts": [GOOD], "sections": [{"source": "sandbox"}]},
        {"sections": [{"source": "sandbox"}], "data": {"rows": [GOOD, GOOD]}},
    ],
)
def test_rows_are_found_in_any_usual_answer(body: Any) -> None:
    """A list, the row itself, or a list of rows beside others."""
    assert TEST.rows_in(body)[0] == GOOD
    TEST.check(body)


@pytest.mark.parametrize("body", [None, "text", 5, [], {"contacts": []}, {"a": [{"x": 1}], "b": [{"y": 1}]}])
def test_an_answer_without_rows_is_no_pass(body: Any) -> None:
    """Neither nothing nor something else is what was expected."""
    with pytest.raises(DataFlowBroken):
        TEST.check(body)


def test_records_names_the_rows() -> None:
    """Where several lists have the fields, or the rows are one object."""
    named = DataFlowTest("x", "a/b", ["id"], records="data.item")
    assert named.rows_in({"data": {"item": {"id": 1}}}) == [{"id": 1}]
    assert named.rows_in({"data": {"item": [{"id": 1}]}}) == [{"id": 1}]
    assert named.rows_in({"data": {}}) == []


@given(st.lists(st.just(GOOD), min_size=1, max_size=20), st.data())
def test_each_defect_is_found_wherever_it_stands(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    """A missing field, a wrong type, a malformed address, a number out of range; values are never shown."""
    assert TEST.findings(rows) == []
    at = data.draw(st.integers(0, len(rows) - 1))
    change, path, rule = data.draw(
        st.sampled_from(
            [
                ({"name": ...}, "name", "field-missing"),
                ({"email": 5}, "email", "field-invalid"),
                ({"email": "secret at works"}, "email", "field-invalid"),
                ({"age": 121}, "age", "field-invalid"),
            ]
        )
    )
    merged = {name: value for name, value in {**rows[at], **change}.items() if value is not ...}
    (found,) = TEST.findings([*rows[:at], merged, *rows[at + 1 :]])
    assert (found.rule, found.path, found.evidence["rows"]) == (rule, f"/{at}/{path}", [at])
    assert "secret" not in str(found)


def test_required_fields_hold_something() -> None:
    """Expected fields may be null; required ones may not."""
    test = DataFlowTest(
        "x", "a/b", ["a"], {"c": {"required": True, "type": ["string", "null"]}}, ["b"], severity="warning"
    )
    found = test.findings([{"a": None, "b": "", "c": None}])
    assert [(one.rule, one.severity, one.path) for one in found] == [("field-empty", "warning", "/0/b")]
    assert [one.path for one in test.findings([{}])] == ["/0/a", "/0/b", "/0/c", "/0/b"]


def test_size_time_and_number_of_rows_are_held_to() -> None:
    """In the units of the names."""
    test = DataFlowTest("x", "a/b", min_rows=2, max_response_ms=100, max_payload_bytes=10)
    found = test.findings([{}], elapsed=[0.2], sizes=[11])
    assert [one.rule for one in found] == ["payload-too-large", "answer-too-slow", "rows-missing"]
    assert test.findings([{}, {}], elapsed=[0.1], sizes=[10]) == []
    with pytest.raises(DataFlowBroken, match="took over"):
        test.check([{}, {}], elapsed=0.2, size=1)


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"a": {"type": "strng"}}, "not a JSON Schema"),
        ({"a": {"typ": "string"}}, "did you mean type"),
        ({"a": {"zzz": 1}}, "known are type"),
        ({"a": {"pattern": "("}}, "not a JSON Schema"),
        ({"a": "string"}, "a rule is keywords"),
    ],
)
def test_a_rule_that_is_none_is_refused_at_once(rules: Any, said: str) -> None:
    """Naming the test, the field and what is wrong."""
    with pytest.raises(ConfigurationError, match=f"x: a: .*{said}"):
        DataFlowTest("x", "a/b", [], rules)


def test_fields_are_lists_and_endpoints_are_endpoints() -> None:
    """One text would be read letter by letter."""
    with pytest.raises(ConfigurationError, match="a list of fields"):
        DataFlowTest("x", "a/b", "email")
    with pytest.raises(ConfigurationError, match="gateway path"):
        DataFlowTest("x", "contacts")
    assert TEST.of_gateway
    assert not DataFlowTest("x", "a/b", ["id"]).of_gateway
