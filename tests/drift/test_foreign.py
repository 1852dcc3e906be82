"""Drift against contracts from anywhere."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings

from bi_contracts.contract import Contract
from bi_contracts.drift import compare
from bi_contracts.errors import InvalidContract

from ..contract.envelopes import ENVELOPES
from ..contract.test_foreign import SCHEMAS


@settings(max_examples=100, deadline=None)
@given(SCHEMAS, ENVELOPES)
def test_any_usable_contract_can_be_compared_with(body: Any, samples: Any) -> None:
    """Every change has a path into the envelope and can be written as JSON, whatever the contract says."""
    try:
        contract = Contract.from_json(json.dumps({"properties": {"body": body}}), "c.json")
    except InvalidContract:
        return
    report = compare(contract, samples)
    assert json.loads(json.dumps(report.as_dict()))["ran"]
    assert all(change.path.split("/")[1] in ("status", "headers", "body") for change in report.changes)
