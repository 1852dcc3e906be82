"""Business rules: expressions, their errors, and what becomes of rows without a value."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.checks.rules import LONGEST, BusinessRule, evaluate, findings, rules_from
from bi_contracts.errors import ConfigurationError
from bi_contracts.report.events import Severity

NOW = 1_768_125_600.0


def rule(expression: str, severity: Severity = "breaking", unknown: Severity = "warning") -> BusinessRule:
    """A rule about acme's deals."""
    return BusinessRule("a-rule", "acme/deals", expression, severity, "Because.", unknown, "rules.toml")


def verdict(expression: str, rows: list[Any]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The rows that break it, and those without a value."""
    (found,) = evaluate([rule(expression)], rows, NOW)
    return found.broken, found.unknown


@given(st.lists(st.integers(-100, 100), max_size=30))
def test_a_rule_is_broken_by_exactly_the_rows_that_break_it(amounts: list[int]) -> None:
    """In their order, and by their numbers."""
    rows = [{"amount": amount} for amount in amounts]
    below = tuple(number for number, amount in enumerate(amounts) if amount < 0)
    assert verdict("row.amount >= 0", rows) == (below, ())


@given(st.lists(st.sampled_from([{}, {"amount": None}, {"amount": "x"}, {"amount": 1}]), max_size=20))
def test_a_row_without_a_value_neither_passes_nor_fails(rows: list[dict[str, Any]]) -> None:
    """A missing field, null and another type are told as such."""
    unknown = tuple(number for number, one in enumerate(rows) if one.get("amount") != 1)
    assert verdict("row.amount >= 0", rows) == ((), unknown)
    found = findings(evaluate([rule("row.amount >= 0")], rows, NOW), rows)
    blank = bool(rows) and len(unknown) == len(rows)
    assert [one.severity for one in found] == (["breaking"] if blank else ["warning"] if unknown else [])
    assert all(("has a value on 0 of" if blank else "cannot be evaluated") in one.message for one in found)


@pytest.mark.parametrize(
    ("expression", "row"),
    [
        ("time(row.at) <= now", {"at": "2026-01-01"}),
        ("time(row.at) <= now", {"at": "2026-01-05T08:00:00.000+0000"}),
        ("time(row.at) <= now && now - time(row.at) < duration('240h')", {"at": 1767600000}),
        ("time(row.at) == time(time(row.at))", {"at": "1767600000.123"}),
        ("isEmail(row.email) && row.email.isEmail()", {"email": "a@b.example"}),
        ("row.parts.all(p, p.size > 0) && row.parts.exists(p, p.size == 2)", {"parts": [{"size": 1}, {"size": 2}]}),
        ("has(row.a) ? row.a > 0 : true", {}),
        ("double(row.amount) >= 0.5", {"amount": "0.5"}),
        ("row.map.all(k, row.map[k] > 0)", {"map": {"a": 1}}),
        ("row.name.matches('^[a-z]+$') && row.name.startsWith('ab')", {"name": "abc"}),
    ],
)
def test_what_rules_are_made_of(expression: str, row: dict[str, Any]) -> None:
    """Moments in every form, addresses, lists, maps, guards, numbers in text."""
    assert verdict(expression, [row]) == ((), ())


LEAF = st.one_of(st.none(), st.integers(-3, 3), st.booleans(), st.sampled_from(["", "a", "b"]))
MEMBERS = st.sampled_from(["a", "b", "c"])
ROW = st.recursive(
    st.dictionaries(MEMBERS, LEAF, max_size=3),
    lambda inner: st.dictionaries(MEMBERS, st.one_of(LEAF, inner, st.lists(inner, max_size=2)), max_size=3),
    max_leaves=8,
)
EXPRESSIONS = [
    "row.a.b == row.a.b.c",
    "has(row.a.b) && row . a . b != null",
    "row.a.all(k, k == 'b') || row.b.size() > 1",
    "row.a in row",
    "row['a'] == row.b",
    "size(row) > 1",
    "row.a.exists(k, row.a[k] == null) || row.a.b == 1",
    "row.a == row.b.c || row.b == null",
    "row.a.b.c.size() == 0 || 'row' == row.c",
    "rows.all(row, has(row.c))",
]


@given(st.lists(ROW, max_size=4), st.lists(st.sampled_from(EXPRESSIONS), min_size=1, max_size=4, unique=True))
def test_handing_over_less_of_a_row_changes_no_verdict(rows: list[Any], expressions: list[str]) -> None:
    """The same as if each rule were asked alone, of whole rows."""
    several = [BusinessRule(f"r{number}", "a/b", one) for number, one in enumerate(expressions)]
    whole = [BusinessRule(one.id, "a/b", f"(row == row || true) ? ({one.expression}) : false") for one in several]
    for together, asked in zip(evaluate(several, rows, NOW), whole, strict=True):
        if together.rule.of_rows:
            continue
        (alone,) = evaluate([asked], rows, NOW)
        assert (together.broken, together.unknown) == (alone.broken, alone.unknown)


@pytest.mark.parametrize("value", [None, "soon", [], 1e30, "2026-13-01", "0001-01-01T00:00:00+14:00"])
def test_what_is_no_moment_has_no_value(value: Any) -> None:
    """And does not raise."""
    assert verdict("time(row.at) <= now", [{"at": value}]) == ((), (0,))


def test_a_rule_about_all_rows_is_asked_once() -> None:
    """`rows` without `row`; together, each row is seen among the others."""
    rows = [{"a": 1}, {"a": 2}, {"a": 3}]
    assert verdict("rows.size() >= 3 && rows.map(r, r.a).exists(x, x == 2)", rows) == ((), ())
    (found,) = findings(evaluate([rule("rows.size() > 3")], rows, NOW), rows)
    assert "does not hold for the rows" in found.message
    assert verdict("rows.exists_one(r, r.a == row.a)", [*rows, {"a": 1}]) == ((0, 3), ())
    assert verdict("rows.size() > 3", []) == ((), ())


def test_findings_name_ids_and_never_values() -> None:
    """The rule's id is the finding's, with its severity and why."""
    rows = [{"id": "deal-1", "name": "secret", "amount": -1}, {"id": "deal-2", "name": "secret"}]
    broken, unknown = findings(evaluate([rule("row.amount >= 0", "info", "breaking")], rows, NOW), rows, key="id")
    assert (broken.rule, broken.severity, broken.evidence["ids"]) == ("a-rule", "info", ["deal-1"])
    assert (unknown.severity, unknown.evidence["ids"], unknown.evidence["unknown"]) == ("breaking", ["deal-2"], True)
    assert broken.explanation == "Because."
    assert "secret" not in f"{broken}{unknown}"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({}, "no field 'amount'"),
        ({"amount": None}, "null, or a value of another type"),
        ({"amount": "\ud800"}, "a value that CEL cannot hold"),
    ],
)
def test_the_reason_is_told(row: dict[str, Any], reason: str) -> None:
    """In words that help to mend the rule."""
    (found,) = evaluate([rule("row.amount >= 0")], [row], NOW)
    assert reason in found.reason


def test_an_expression_that_is_no_yes_or_no_has_no_value() -> None:
    """A number is not true, and a text that is no number converts to none."""
    (found,) = evaluate([rule("row.amount")], [{"amount": 1}], NOW)
    assert found.reason == "its value is of type int, not true or false"
    (found,) = evaluate([rule("double(row.amount) > 0.0")], [{"amount": "much"}], NOW)
    assert "converted" in found.reason
    (found,) = evaluate([rule("row.amount / 0 > 0")], [{"amount": 1}], NOW)
    assert found.unknown == (0,)


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("row.amount >", "cannot be read at line 1, column 13"),
        ("(row.amount", "line 1"),
        ("", "line 1, column 1"),
        ("rwo.amount > 0", "no variable is called 'rwo'"),
        ("length(row.name) > 0", "no function is called 'length'"),
        ("row." + "a" * LONGEST, "at most 2000"),
    ],
)
def test_an_expression_that_cannot_be_asked_says_where(expression: str, said: str) -> None:
    """File, rule and position, before a single row is read."""
    with pytest.raises(ConfigurationError, match=r"rules\.toml: rule a-rule: ") as raised:
        evaluate([rule(expression)], [{}], NOW)
    assert said in str(raised.value)


def test_the_place_is_marked_in_the_right_line() -> None:
    """Expressions may have several lines."""
    with pytest.raises(ConfigurationError) as raised:
        rule("row.a == 1 &&\n row.b ==").program  # noqa: B018
    assert str(raised.value).endswith("\n   row.b ==\n           ^")


@given(st.text(alphabet="row.amunt()[]{}<>=!&|?:+-*/%'\"\\ 019", max_size=40))
def test_no_expression_does_any_harm(text: str) -> None:
    """It gives a verdict or a ConfigurationError; nothing else is raised."""
    with suppress(ConfigurationError):
        evaluate([rule(text)], [{"amount": 1}], NOW)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"severity": "fatal"}, "breaking, warning, info"),
        ({"unknown": "fatal"}, "breaking, warning, info"),
        ({"id": "A Rule"}, "small letters"),
        ({"endpoint": "deals"}, "an id such as"),
    ],
)
def test_a_rule_is_well_formed(change: dict[str, Any], said: str) -> None:
    """Its id, endpoint and severities are checked when it is made."""
    with pytest.raises(ConfigurationError, match=said):
        BusinessRule(**{"id": "x", "endpoint": "a/b", "expression": "true", **change})


def test_a_rule_concerns_endpoints_by_pattern() -> None:
    """Several patterns stand apart by spaces."""
    one = BusinessRule("x", "hubspot/deal hubspot/deals_*", "true")
    assert [id for id in ("hubspot/deal", "hubspot/deals", "hubspot/deals_search") if one.concerns(id)] == [
        "hubspot/deal",
        "hubspot/deals_search",
    ]


def test_rules_come_from_tables() -> None:
    """Id, endpoint and expression are all it takes."""
    (one,) = rules_from([{"id": "x", "endpoint": "a/b", "expression": "row.a > 0", "severity": "info"}], "b.toml")
    assert (one.id, one.severity, one.place) == ("x", "info", "b.toml: rule x")
    assert rules_from([]) == ()


GOOD = {"id": "x", "endpoint": "a/b", "expression": "true"}


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        ("x", "one a rule"),
        ({"a": 1}, "one a rule"),
        ([1], r"rules\[1\]: must be a table"),
        ([GOOD, {**GOOD, "id": "y", "sev": "x"}], r"rules\[2\]: unknown setting 'sev'"),
        ([{**GOOD, "id": 5}], r"rules\[1\]: id must be text"),
        ([{"id": "x", "endpoint": "a/b"}], r"rules\[1\]: expression is missing"),
        ([GOOD, GOOD], "several rules are called 'x'"),
        ([{**GOOD, "expression": "row.a >"}], "rule x: cannot be read at line 1, column 8"),
    ],
)
def test_tables_that_are_no_rules_are_refused(listed: Any, said: str) -> None:
    """Naming the file, which of them, and what is wrong."""
    with pytest.raises(ConfigurationError, match=f"b.toml: {said}|b.toml: rules must be tables, {said}"):
        rules_from(listed, "b.toml")


def test_without_cel_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather than raising an import error."""
    monkeypatch.setitem(sys.modules, "cel", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'bi-contracts\[rules\]'"):
        evaluate([rule("true")], [{}], NOW)


def test_no_rules_ask_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even for CEL."""
    monkeypatch.setitem(sys.modules, "cel", None)
    assert evaluate([], [{}], NOW) == []
