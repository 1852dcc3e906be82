"""Contracts from anywhere: used or refused, never a crash."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.contract import Contract, propose
from bi_contracts.errors import InvalidContract

from .envelopes import ENVELOPES

_NAMES = """
type properties required items oneOf anyOf allOf const enum not $ref $defs additionalProperties pattern format
patternProperties prefixItems body status headers data ok errors x-evidence $id title description
"""
_KEYWORDS = st.sampled_from(_NAMES.split())
_WORDS = st.sampled_from(
    ["string", "object", "array", "null", "body", "#", "#/$defs/a", "#/properties/body", "^a", "x"]
)
SCHEMAS = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | _WORDS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(_KEYWORDS, inner, max_size=4)
        | st.fixed_dictionaries({"properties": st.dictionaries(_KEYWORDS, inner, max_size=3)})
        | st.fixed_dictionaries(
            {"oneOf": st.lists(st.dictionaries(_KEYWORDS, inner, max_size=2), min_size=1, max_size=2)}
        )
    ),
    max_leaves=14,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(_KEYWORDS, SCHEMAS, max_size=5), ENVELOPES)
def test_any_json_is_a_contract_or_is_refused(document: Any, samples: Any) -> None:
    """Whatever the file holds, the answer is InvalidContract or a contract that works everywhere."""
    try:
        contract = Contract.from_json(json.dumps(document), "c.json")
    except InvalidContract:
        return
    assert contract.shape is not None
    for sample in samples:
        assert all(violation.message for violation in contract.violations(sample))
    proposal = propose(contract, Contract.infer("x", samples))
    assert proposal.changed == (proposal.contract.schema != contract.schema)
    assert Contract.from_json(proposal.contract.to_json()).schema == proposal.contract.schema
