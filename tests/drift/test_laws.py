"""Laws of drift over random APIs."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.contract import Contract
from bi_contracts.drift import Change, Severity, compare

from ..contract.envelopes import ENVELOPES
from .population import Leaf, Member, Record, apis, pointers, random_api, responses, visit

SEEDS = st.integers(0, 2**32)


def drift(baseline: Any, fresh: Any) -> tuple[Change, ...]:
    """The changes between two populations, through the file form of the contract."""
    return compare(Contract.from_json(Contract.infer("x/y", baseline).to_json()), fresh).changes


@settings(max_examples=60, deadline=None)
@given(ENVELOPES, st.data())
def test_a_selection_of_the_baseline_never_drifts(samples: Any, data: st.DataObject) -> None:
    """What a contract was inferred from, or any part of it, is no drift at all."""
    chosen = data.draw(st.lists(st.sampled_from(range(len(samples))), unique=True, min_size=1))
    assert drift(samples, [samples[index] for index in chosen]) == ()


@settings(max_examples=40, deadline=None)
@given(ENVELOPES, ENVELOPES, st.randoms(use_true_random=False))
def test_the_order_of_samples_changes_nothing(baseline: Any, fresh: Any, rng: random.Random) -> None:
    """Shuffling either side gives the same changes."""
    before = drift(baseline, fresh)
    rng.shuffle(baseline)
    rng.shuffle(fresh)
    assert drift(baseline, fresh) == before


def mutated(api: Any, seed: int, change: Any, data: st.DataObject) -> tuple[tuple[Change, ...], str, str]:
    """The changes after one mutation of every object at one random path; the path and the key that were chosen."""
    parent, _, key = data.draw(st.sampled_from(pointers(api)))
    samples = responses(api, seed, 16, fewest=1)
    fresh = copy.deepcopy(responses(api, seed + 1, 16, fewest=1))
    for response in fresh:
        visit(response, parent.split("/")[1:], lambda found: change(found, key))
    return drift(samples, fresh), parent, key


def told(changes: tuple[Change, ...]) -> list[tuple[str, str, str]]:
    """Severity, rule and path of each change."""
    return [(change.severity.value, change.rule, change.path) for change in changes]


@settings(max_examples=40, deadline=None)
@given(apis(sometimes=False), SEEDS, st.data())
def test_a_removed_property_is_one_breaking_change(api: Any, seed: int, data: st.DataObject) -> None:
    """Removing a required property is told once, at its path, and nothing else is."""
    changes, parent, key = mutated(api, seed, lambda found, key: found.pop(key), data)
    assert told(changes) == [("breaking", "response-required-property-removed", f"{parent}/{key}")]


@settings(max_examples=40, deadline=None)
@given(apis(sometimes=False), SEEDS, st.data(), st.sampled_from([1, "x", {"deep": {"er": 1}}, [{"q": 1}]]))
def test_an_added_property_is_one_info(api: Any, seed: int, data: st.DataObject, value: Any) -> None:
    """Adding a property, however deep, is told once, at its top."""
    changes, parent, _ = mutated(api, seed, lambda found, _: found.update(brand_new=value), data)
    assert told(changes) == [("info", "response-required-property-added", f"{parent}/brand_new")]


@settings(max_examples=40, deadline=None)
@given(apis(sometimes=False), SEEDS, st.data())
def test_a_nullified_property_is_one_breaking_change(api: Any, seed: int, data: st.DataObject) -> None:
    """A property that turns null everywhere became nullable."""
    changes, parent, key = mutated(api, seed, lambda found, key: found.update({key: None}), data)
    assert told(changes) == [("breaking", "response-property-became-nullable", f"{parent}/{key}")]


@settings(max_examples=40, deadline=None)
@given(apis(sometimes=False), SEEDS, st.data())
def test_a_retyped_property_is_one_breaking_change(api: Any, seed: int, data: st.DataObject) -> None:
    """A property of another type everywhere changed its type."""

    def retype(found: Any, key: str) -> None:
        found[key] = "now text" if not isinstance(found[key], str) else True

    changes, parent, key = mutated(api, seed, retype, data)
    assert told(changes) == [("breaking", "response-property-type-changed", f"{parent}/{key}")]


@settings(max_examples=40, deadline=None)
@given(apis(sometimes=False), SEEDS, st.data())
def test_a_renamed_property_is_a_removal_and_an_addition(api: Any, seed: int, data: st.DataObject) -> None:
    """A rename is told as both, and the removal says what it likely became."""
    changes, parent, key = mutated(api, seed, lambda found, key: found.update(brand_new=found.pop(key)), data)
    assert told(changes) == [
        ("breaking", "response-required-property-removed", f"{parent}/{key}"),
        ("info", "response-required-property-added", f"{parent}/brand_new"),
    ]
    assert changes[0].evidence["likely_renamed_to"] == ["brand_new"]


@settings(max_examples=40, deadline=None)
@given(apis(), SEEDS)
def test_a_body_that_is_no_longer_json_is_one_breaking_change_at_the_body(api: Any, seed: int) -> None:
    """An HTML page instead of JSON is told at /body, and nothing below it."""
    samples = responses(api, seed, 8)
    fresh = [response | {"body": "<html>"} for response in samples]
    assert told(drift(samples, fresh)) == [("breaking", "response-body-type-changed", "/body")]


@pytest.mark.parametrize(("known", "fresh", "most"), [(30, 30, 12), (100, 100, 6), (50, 5, 4)])
def test_other_samples_of_the_same_api_seldom_break(known: int, fresh: int, most: int) -> None:
    """Of a hundred unchanged APIs full of optional and nullable members, few are said to break."""
    rng, alarms = random.Random(1), 0
    for _ in range(100):
        samples = responses(random_api(rng), rng.getrandbits(32), known + fresh)
        alarms += any(change.severity == Severity.BREAKING for change in drift(samples[:known], samples[known:]))
    assert alarms <= most


@pytest.mark.parametrize("share", [0.3, 0.5])
def test_a_property_that_is_often_missing_is_always_found(share: float) -> None:
    """A required property that goes missing from a good part of the samples is breaking, whatever else varies."""
    rng = random.Random(2)
    for _ in range(40):
        api = Record({"steady": Member(Leaf("string")), **random_api(rng).members})
        samples = responses(api, rng.getrandbits(32), 60)
        for response in samples[30:]:
            if rng.random() < share or response is samples[30]:
                del response["body"]["steady"]
        found = [change for change in drift(samples[:30], samples[30:]) if change.path == "/body/steady"]
        assert told(tuple(found)) == [("breaking", "response-property-became-optional", "/body/steady")]
