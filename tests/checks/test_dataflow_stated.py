"""What people declare is looked at when they declare it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bi_contracts.checks.dataflow import (
    DataFlowTest,
    Filled,
    Freshness,
    Limits,
    Planned,
    Reference,
    Sample,
    Table,
    Unique,
)
from bi_contracts.checks.dataflow.declared import Declared
from bi_contracts.checks.dataflow.examination import examine
from bi_contracts.checks.rules import BusinessRule
from bi_contracts.errors import ConfigurationError

from .rows import CONTACTS, NOW, row

PLACE = "acme/contacts:email"
ANY: Any = None
filled: Any = Filled
unique: Any = Unique
planned: Any = Planned
freshness: Any = Freshness
limits: Any = Limits
reference: Any = Reference
"""Values of a wrong type are what these tests are about."""


def _flow(**values: Any) -> DataFlowTest:
    return DataFlowTest(**{"name": "x", "source_endpoint": "acme/contacts", "expected_fields": ["id"], **values})


def _rule(**values: Any) -> BusinessRule:
    return BusinessRule(**{"id": "r1", "endpoint": "acme/contacts", "expression": "true", **values})


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: filled(ANY), "Filled None: source must be text, and not empty, not None"),
        (lambda: filled("contacts"), "Filled contacts: 'contacts' is no place"),
        (lambda: filled(PLACE, float("nan")), "share must be a number from 0 to 1, not nan"),
        (lambda: filled(PLACE, "1"), "share must be a number from 0 to 1, not '1'"),
        (lambda: filled(PLACE, severity="bad"), "severity must be one of breaking, warning, info, not 'bad'"),
        (lambda: filled(PLACE, severity=[]), "severity must be one of"),
        (lambda: unique(PLACE, folded="yes"), "folded must be True or False, not 'yes'"),
        (lambda: unique("acme/contacts:"), "is no place"),
        (lambda: planned(5), "source must be text"),
        (lambda: planned("acme/tasks:at", why=5), "why must be text, not 5"),
        (lambda: freshness("acme/contacts", days=-2), "days must be a number of 0 or more, not -2"),
        (lambda: freshness("acme/contacts", days=float("nan")), "days must be a number of 0 or more, not nan"),
        (lambda: freshness("acme/contacts", days=float("inf")), "days must be a number of 0 or more, not inf"),
        (lambda: freshness("acme/contacts", days=True), "days must be a number"),
        (lambda: freshness("contacts", 1), "endpoint must be the id of an endpoint"),
        (lambda: freshness("acme/contacts", 1, field=ANY), "field must be text, not None"),
        (
            lambda: limits("gong/*", max_seconds="a"),
            "Limits gong/*: max_seconds must be a number of 0 or more, or None",
        ),
        (lambda: limits("gong/*", max_bytes=1.5), "max_bytes must be a whole number of 0 or more, or None, not 1.5"),
        (lambda: limits(ANY), "endpoint must be text"),
        (lambda: reference(PLACE, "acme/owners:id"), "targets must be a list of texts, not 'acme/owners:id'"),
        (lambda: reference(PLACE, ANY), "targets must be a list of texts, not None"),
        (lambda: reference(PLACE, ()), "name at least one target"),
        (lambda: reference(PLACE, ("owners",)), "'owners' is no place"),
        (lambda: reference(PLACE, (PLACE,), where=["type"]), "where must be a mapping from texts"),
        (lambda: reference(PLACE, (PLACE,), ignore="0"), "ignore must be a list of values, not '0'"),
        (lambda: reference(PLACE, (PLACE,), share="1"), "share must be a number from 0 to 1"),
        (lambda: reference(PLACE, (PLACE,), name=ANY), "name must be text"),
        (lambda: _rule(id=5), "id must be text"),
        (lambda: _rule(endpoint=ANY), "rule r1: endpoint must be text, and not empty, not None"),
        (lambda: _rule(endpoint=" "), "rule r1: endpoint must be text, and not empty"),
        (lambda: _rule(endpoint="acme/contacts deals"), "endpoint is an id such as hubspot/deals, not 'deals'"),
        (lambda: _rule(expression=5), "rule r1: expression must be text, not 5"),
        (lambda: _rule(severity=5), "severity is one of"),
        (lambda: _flow(name=""), "DataFlowTest: name must be text, and not empty, not ''"),
        (lambda: _flow(source_endpoint=ANY), "x: source_endpoint must be text"),
        (lambda: _flow(expected_fields=5), "x: expected_fields must be a list of texts, not 5"),
        (lambda: _flow(required=[5]), "x: each of required must be text, and not empty, not 5"),
        (lambda: _flow(data_validation_rules=["email"]), "x: data_validation_rules must be a mapping from texts"),
        (lambda: _flow(min_rows="1"), "x: min_rows must be a whole number of 0 or more, not '1'"),
        (lambda: _flow(min_rows=-1), "x: min_rows must be a whole number of 0 or more, not -1"),
        (lambda: _flow(max_response_ms="2000"), "x: max_response_ms must be a number of 0 or more, or None"),
        (lambda: _flow(max_payload_bytes=0.5), "x: max_payload_bytes must be a whole number"),
        (lambda: _flow(arguments=[1]), "x: arguments must be a mapping from texts"),
        (lambda: _flow(severity="fatal"), "x: severity must be one of"),
        (lambda: _flow(records="x" * 200, severity="y" * 200), "..."),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_its_field(make: Callable[[], Any], said: str) -> None:
    """The message names the declaration, the field, what is allowed and what is there."""
    with pytest.raises(ConfigurationError) as caught:
        make()
    assert said in str(caught.value)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize("says", [{}, {"data_validation_rules": {"email": {}}}, {"min_rows": 0}])
def test_a_data_flow_test_that_says_nothing_is_refused(says: dict[str, Any]) -> None:
    """It would pass whatever is answered."""
    with pytest.raises(ConfigurationError, match="x: says nothing"):
        _flow(expected_fields=[], **says)


@pytest.mark.parametrize(
    "says",
    [{"required": ["id"]}, {"min_rows": 2}, {"max_response_ms": 5}, {"max_payload_bytes": 5}],
)
def test_a_data_flow_test_may_say_one_thing_only(says: dict[str, Any]) -> None:
    """Fields, rules, a number of rows, or a limit."""
    assert _flow(expected_fields=[], **says).name == "x"


def test_a_rule_for_a_field_that_is_nowhere_has_not_passed() -> None:
    """A misspelt path would be asked of nothing; on some rows the field may be missing."""
    test = _flow(expected_fields=[], data_validation_rules={"emial": {"type": "string"}})
    assert [one.rule for one in test.findings([{"email": "a@b.example"}] * 3)] == ["rule-without-value"]
    assert test.findings([{"emial": "x"}, {}]) == []
    expected = _flow(expected_fields=["emial"], data_validation_rules={"emial": {"type": "string"}})
    assert [one.rule for one in expected.findings([{}])] == ["field-missing"]


def test_targets_may_be_a_list() -> None:
    """It is kept as a tuple, and stands in for what ships like any other."""
    own = reference("gong/calls:primaryUserId", ["gong/users:id"], ignore=["0"], share=0.5)
    assert (own.targets, own.ignore) == (("gong/users:id",), ("0",))
    told = [one for one in Declared.of([own]).references if one.source == own.source]
    assert told == [own]


def test_a_star_alone_is_any_endpoint() -> None:
    """In rules, limits and freshness alike."""
    assert _rule(endpoint="*").concerns("acme/contacts")
    assert Limits("*").endpoint == Freshness("*", 5).endpoint == "*"


def test_a_place_may_have_wildcards_in_its_endpoint() -> None:
    """`acme/*:email` is the field of every list of the platform."""
    sample = Sample("acme/contacts", CONTACTS, Table([row(0) | {"email": ""}, row(1)]), NOW)
    found = examine(sample, Declared.of([Filled("acme/*:email")])).findings
    assert "field-incomplete" in {one.rule for one in found}
