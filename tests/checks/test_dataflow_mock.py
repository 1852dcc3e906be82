"""The six named defects of mock data: each is found, and mock data without any raise no alarm."""

from __future__ import annotations

from collections import defaultdict

import pytest

from bi_contracts.checks.dataflow import REFERENCES, Sample, Table, derived, examine, found, judge, observed
from bi_contracts.mock import DEFECTS, Mock, records
from bi_contracts.platform import Platform
from bi_contracts.registry import platforms
from bi_contracts.report.events import Finding
from bi_contracts.suite import contract_of
from bi_contracts.workspace import Workspace

FOUND_AS = {
    "missing-field": ("contract-", "field-"),
    "wrong-type": ("contract-",),
    "duplicate-id": ("key-not-unique",),
    "dangling-reference": ("reference-dangling",),
    "stale-timestamp": ("time-",),
    "malformed-email": ("email-malformed", "contract-"),
}
NAMES = ("gong", "hubspot", "intercom")


def mocks(platform: Platform, quality: float) -> dict[str, Mock]:
    """Every list of a platform, as one consistent set."""
    workspace = Workspace.discover()
    return {
        platform.id(one): records(platform, one, contract_of(workspace, platform.id(one)), 30, quality=quality)
        for one in platform.endpoints
        if one.kind == "list"
    }


def found_in(platform: Platform, id: str, mock: Mock, clean: dict[str, Mock]) -> list[Finding]:
    """Everything that is found in one list; the lists that it refers to are as they should be."""
    endpoint = platform.endpoint(id.partition("/")[2])
    contract = contract_of(Workspace.discover(), id)
    baseline = observed(Table(clean[id].records))
    sample = Sample(id, endpoint, Table(mock.records), mock.at, mock.envelopes, contract=contract, baseline=baseline)
    read = {name: Table(one.records) for name, one in clean.items()} | {id: Table(mock.records)}
    known = [one for one in REFERENCES if one.ids[0] == id]
    asked = {one.source: one for one in (*derived(platform), *known) if one.ids[0] == id}
    judged = [judge(one, read, read) for one in asked.values()]
    return [*examine(sample).findings, *(one for each in judged for one in each.findings)]


@pytest.mark.parametrize("name", NAMES)
def test_every_named_defect_of_mock_data_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the record that has it; a contract names the first of its places alone."""
    monkeypatch.setattr(found, "PLACES", 10_000)
    (platform,) = [one for one in platforms() if one.name == name]
    clean, met, missed = mocks(platform, 1.0), set(), []
    for id, mock in mocks(platform, 0.7).items():
        rules: dict[int, set[str]] = defaultdict(set)
        anywhere = set()
        for finding in found_in(platform, id, mock, clean):
            anywhere |= {finding.rule} if finding.rule.startswith("contract-") else set()
            for number in finding.evidence.get("rows", ()):
                rules[number].add(finding.rule)
        for defect in mock.defects:
            met.add(defect.kind)
            if not any(rule.startswith(FOUND_AS[defect.kind]) for rule in rules[defect.record] | anywhere):
                missed.append((id, str(defect)))
    assert met == set(DEFECTS)
    assert missed == []


@pytest.mark.parametrize("name", NAMES)
def test_mock_data_without_defects_raise_no_alarm(name: str) -> None:
    """Nothing breaking, in no list."""
    (platform,) = [one for one in platforms() if one.name == name]
    clean = mocks(platform, 1.0)
    alarms = [
        (id, finding.rule, finding.path)
        for id, mock in clean.items()
        for finding in found_in(platform, id, mock, clean)
        if finding.severity == "breaking"
    ]
    assert alarms == []
