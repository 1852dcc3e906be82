"""Laws of contracts over arbitrary responses."""

from __future__ import annotations

import json
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bi_contracts.contract import Contract, propose
from bi_contracts.contract.evidence import rebuild

from .envelopes import ENVELOPES

LAWS = settings(max_examples=60, deadline=None)


@LAWS
@given(ENVELOPES)
def test_samples_keep_their_own_contract(samples: Any) -> None:
    """No response violates the contract that was inferred from it."""
    contract = Contract.infer("x/y", samples)
    assert [violation for sample in samples for violation in contract.violations(sample)] == []


@LAWS
@given(ENVELOPES)
def test_a_contract_read_back_is_the_contract_written(samples: Any) -> None:
    """Writing and reading lose nothing."""
    contract = Contract.infer("x/y {id}", samples, source="live", api_version="2024-01")
    again = Contract.from_json(contract.to_json())
    assert again == contract
    assert again.to_json() == contract.to_json()


@LAWS
@given(ENVELOPES, st.randoms(use_true_random=False))
def test_the_order_of_samples_and_keys_does_not_show(samples: Any, rng: random.Random) -> None:
    """Shuffled samples and reversed keys give the same bytes."""
    text = Contract.infer("x", samples).to_json()
    rng.shuffle(samples)
    assert Contract.infer("x", [_reversed(sample) for sample in samples]).to_json() == text


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reversed(value[key]) for key in reversed(value)}
    return [_reversed(item) for item in value] if isinstance(value, list) else value


@LAWS
@given(ENVELOPES)
def test_the_file_is_json_schema(samples: Any) -> None:
    """The whole file, evidence included, is valid JSON Schema 2020-12."""
    Draft202012Validator.check_schema(json.loads(Contract.infer("x", samples).to_json()))


@LAWS
@given(ENVELOPES)
def test_the_evidence_alone_gives_the_schema_again(samples: Any) -> None:
    """What was not edited by hand follows from the evidence."""
    contract = Contract.infer("x", samples)
    assert contract.inferred_schema == contract.schema


@LAWS
@given(ENVELOPES)
def test_the_schema_and_the_evidence_tell_the_same_shape(samples: Any) -> None:
    """Reading the schema with its counts gives the shape that the counts alone give."""
    contract = Contract.infer("x", samples)
    assert contract.shape == rebuild(contract.evidence.counts)


@LAWS
@given(ENVELOPES, ENVELOPES)
def test_without_hand_edits_the_proposal_is_the_new_inference(old: Any, new: Any) -> None:
    """Re-inference of an untouched contract proposes exactly what the new samples say."""
    inferred = Contract.infer("x", new)
    assert propose(Contract.infer("x", old), inferred).contract.schema == inferred.schema


@LAWS
@given(ENVELOPES)
def test_the_same_samples_propose_nothing(samples: Any) -> None:
    """Re-inference from the same samples is no change."""
    contract = Contract.infer("x", samples)
    assert not propose(contract, Contract.infer("x", samples)).changed
