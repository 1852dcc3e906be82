"""Every rule has a mirror, a story, and a case that shows it."""

from __future__ import annotations

from typing import Any

import pytest

from bi_contracts.contract import Contract
from bi_contracts.drift import RULES, Change, Rule, Severity, compare, rule
from bi_contracts.drift.rules import UnknownRule
from bi_contracts.interaction import Envelope

JSON = {"content-type": "application/json"}
Told = list[tuple[str, str, str]]


def ok(body: Any, status: int = 200, **headers: str) -> Envelope:
    """A response; underscores in header names stand for dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"status": status, "headers": JSON | named, "body": body}


def told(changes: tuple[Change, ...]) -> Told:
    """Severity, rule and path of each change."""
    return [(change.severity.value, change.rule, change.path) for change in changes]


def drift(baseline: list[Envelope], fresh: list[Envelope]) -> Told:
    """What comparing two populations tells."""
    return told(compare(Contract.infer("x/y", baseline), fresh).changes)


USER = {"id": "u-1", "name": "A B"}
PAGE = {"type": "page", "title": "T", "parent": "p", "cover": "c"}
BASE = {"type": "database", "rows": 3, "columns": 4, "engine": "e"}
BOTH = [ok({"items": [PAGE, BASE]})] * 6
RED = [ok({"status": value}) for value in ("open", "shut", "held")] * 8

CASES: dict[str, tuple[list[Envelope], list[Envelope], Told]] = {
    "response-success-status-removed": (
        [ok(USER)] * 5, [ok(USER, 202)] * 5,
        [
            ("breaking", "response-success-status-removed", "/status"),
            ("info", "response-success-status-added", "/status"),
        ],
    ),
    "response-success-status-added": ([ok(USER)] * 5, [ok(USER), ok(None, 204)], []),
    "response-non-success-status-added": ([ok(USER)] * 5, [ok(USER), ok({"error": "x"}, 429)], []),
    "response-non-success-status-removed": ([ok(USER), ok({}, 404)] * 10, [ok(USER)] * 40, []),
    "response-success-body-removed": ([ok({"ok": True, "a": 1})] * 5, [ok({"ok": False, "error": "e"})] * 5, []),
    "response-success-body-added": ([ok({"ok": False, "error": "e"})] * 5, [ok({"ok": True, "a": 1})] * 5, []),
    "response-error-body-added": ([ok({"ok": True, "a": 1})] * 5, [ok({"ok": True, "a": 1}), ok({"ok": False})], []),
    "response-error-body-removed": ([ok({"ok": True}), ok({"ok": False})] * 10, [ok({"ok": True})] * 40, []),
    "response-media-type-removed": ([ok(USER)] * 5, [ok(USER, content_type="text/html")] * 5, []),
    "response-media-type-added": ([ok(USER)] * 5, [ok(USER), ok(USER, content_type="text/html")], []),
    "required-response-header-removed": ([ok(USER, link="<x>")] * 5, [ok(USER)] * 5, []),
    "optional-response-header-removed": ([ok(USER, x_region="eu")] * 5, [ok(USER)] * 5, []),
    "response-header-added": ([ok(USER)] * 5, [ok(USER, x_region="eu")] * 5, []),
    "response-header-became-optional": ([ok(USER, link="<x>")] * 9, [ok(USER), ok(USER, link="<x>")] * 5, []),
    "response-header-became-required": ([ok(USER), ok(USER, link="<x>")] * 9, [ok(USER, link="<x>")] * 20, []),
    "response-deprecation-header-added": ([ok(USER)] * 5, [ok(USER, sunset="Sat, 1 Jan 2028")] * 2, []),
    "response-deprecation-header-removed": ([ok(USER, deprecation="@1")] * 5, [ok(USER)] * 5, []),
    "response-body-type-changed": ([ok([USER])] * 5, [ok({"items": [USER]})] * 5, []),
    "response-body-type-generalized": ([ok(3)] * 5, [ok(3.5)] * 5, []),
    "response-body-list-of-types-widened": ([ok([USER])] * 5, [ok([USER]), ok("busy")] * 5, []),
    "response-body-list-of-types-narrowed": ([ok([1]), ok("busy")] * 9, [ok([1])] * 30, []),
    "response-body-type-compatible": ([ok(None)] * 5, [ok(USER)] * 5, []),
    "response-body-became-nullable": ([ok(USER)] * 5, [ok(None)] * 5, []),
    "response-body-became-not-nullable": ([ok(USER), ok(None)] * 9, [ok(USER)] * 30, []),
    "response-required-property-removed": ([ok(USER)] * 5, [ok({"id": "u"})] * 5, []),
    "response-required-property-added": ([ok({"id": "u"})] * 5, [ok(USER)] * 5, []),
    "response-optional-property-removed": ([ok(USER)] * 12 + [ok({"id": "u"})] * 8, [ok({"id": "u"})] * 50, []),
    "response-optional-property-added": ([ok({"id": "u"})] * 5, [ok({"id": "u"}), ok(USER)], []),
    "response-property-became-optional": ([ok(USER)] * 9, [ok({"id": "u"}), ok(USER)] * 5, []),
    "response-property-became-required": ([ok({"id": "u"}), ok(USER)] * 9, [ok(USER)] * 30, []),
    "response-property-enum-value-added": (RED, [ok({"status": "paused"}), *RED], []),
    "response-property-const-changed": ([ok({"object": "list"})] * 5, [ok({"object": "pile"})] * 5, []),
    "response-property-one-of-added": (BOTH, [ok({"items": [PAGE, BASE, {"type": "source", "x": 1}]})] * 3, []),
    "response-property-one-of-removed": (BOTH, [ok({"items": [PAGE]})] * 30, []),
    "response-property-format-changed": ([ok({"at": "2024-01-01"})] * 5, [ok({"at": "1 May"})] * 5, []),
    "response-property-format-generalized": (
        [ok({"at": "2024-01-01"})] * 9, [ok({"at": "1 May"}), ok({"at": "2024-01-02"})] * 5, [],
    ),
    "response-property-type-changed": ([ok({"a": "x y"})] * 5, [ok({"a": {"b": 1}})] * 5, []),
    "response-property-type-generalized": ([ok({"a": 1})] * 5, [ok({"a": 1.5})] * 5, []),
    "response-property-list-of-types-widened": ([ok({"a": "x y"})] * 9, [ok({"a": "x y"}), ok({"a": 1})] * 5, []),
    "response-property-list-of-types-narrowed": ([ok({"a": "x y"}), ok({"a": 1})] * 9, [ok({"a": 1})] * 30, []),
    "response-property-type-compatible": ([ok({"a": None})] * 5, [ok({"a": 1})] * 5, []),
    "response-property-became-nullable": ([ok({"a": 1})] * 5, [ok({"a": None})] * 5, []),
    "response-property-became-not-nullable": ([ok({"a": 1}), ok({"a": None})] * 9, [ok({"a": 1})] * 30, []),
}  # fmt: skip

PATHS = {
    "status": "/status",
    "outcome": "/body/ok",
    "media-type": "/headers/content-type",
    "lifecycle": "/headers/",
    "header": "/headers/",
}


def test_every_rule_has_a_case_and_every_case_a_rule() -> None:
    """No rule goes unshown."""
    assert set(CASES) == set(RULES)


@pytest.mark.parametrize("name", CASES)
def test_the_case_of_a_rule_is_told_once_and_alone(name: str) -> None:
    """The case gives this rule, with its severity, and nothing else unless the case says so."""
    baseline, fresh, expected = CASES[name]
    found = drift(baseline, fresh)
    assert found == (expected or [(RULES[name].severity.value, name, found[0][2])])
    assert found[0][2].startswith(PATHS.get(RULES[name].kind, "/body"))


@pytest.mark.parametrize("name", CASES)
def test_the_baseline_of_a_case_is_no_drift_from_itself(name: str) -> None:
    """What a case starts from is silent."""
    assert drift(CASES[name][0], CASES[name][0]) == []


@pytest.mark.parametrize("row", RULES.values(), ids=str)
def test_every_rule_has_a_mirror_or_a_written_reason(row: Rule) -> None:
    """The opposite change has a rule, or the table says why not."""
    assert bool(row.mirror) != bool(row.waiver)
    assert not row.mirror or row.mirror in RULES


@pytest.mark.parametrize("row", RULES.values(), ids=str)
def test_every_rule_explains_itself(row: Rule) -> None:
    """Explanations are sentences, examples are there, ids are unique by construction."""
    assert row.explanation.endswith(".")
    assert row.example
    assert rule(row.id) is row


def test_an_unknown_rule_is_named() -> None:
    """Asking for a rule that does not exist says which."""
    with pytest.raises(UnknownRule, match="no-such-rule"):
        rule("no-such-rule")


def test_severities_are_ordered() -> None:
    """Breaking is worse than warning is worse than info, also against plain text."""
    assert Severity.BREAKING > Severity.WARNING > Severity.INFO
    assert max(Severity) == "breaking"
    assert Severity.INFO <= "info" < Severity.WARNING
    assert Severity.BREAKING >= "breaking"
