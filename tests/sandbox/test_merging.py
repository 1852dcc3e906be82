"""Changes to a record: laid over it one by one, or made one first."""

from __future__ import annotations

import time
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.platforms.hubspot import PLATFORM
from bi_contracts.sandbox.collection import PATCHES
from bi_contracts.sandbox.merging import composed, merged
from bi_contracts.sandbox.world import World

names = st.sampled_from("abc")
leaves = st.integers(0, 3) | st.none() | st.lists(st.integers(0, 1), max_size=2)
records = st.recursive(leaves, lambda inside: st.dictionaries(names, inside, max_size=3), max_leaves=6)
patches = st.dictionaries(names, records | st.just(...), max_size=3)


@settings(max_examples=200)
@given(record=st.dictionaries(names, records, max_size=3), first=patches, second=patches)
def test_two_patches_in_one_do_the_same(record: Any, first: Any, second: Any) -> None:
    """Where two patches can be one, the one gives what the two give."""
    both = composed(first, second)
    if both is not None:
        assert merged(record, both) == merged(merged(record, first), second)


def test_a_row_that_is_written_again_and_again_stays_quick() -> None:
    """What was written last is there, what was written first too, and the row keeps few changes."""
    world = World("bi", 5)
    contacts = PLATFORM.endpoint("contacts")
    began = time.process_time()
    world.update(PLATFORM, contacts, 0, {"properties": {"city": "Oslo"}})
    for number in range(2000):
        world.update(PLATFORM, contacts, 0, {"properties": {"firstname": str(number)}})
        row = world.collection(PLATFORM, contacts).row(0)
    assert time.process_time() - began < 2
    assert (row["properties"]["city"], row["properties"]["firstname"]) == ("Oslo", "1999")
    assert len(world.collection(PLATFORM, contacts).patches[0]) <= PATCHES


def test_what_cannot_be_one_patch_stays_two() -> None:
    """An object that comes after the member was removed does not bring the old object back."""
    assert composed({"a": ...}, {"a": {"b": 1}}) is None
    assert composed({"a": 1}, {"a": {"b": 1}}) is None
    assert composed({"a": {"b": 1}}, {"a": {"b": ...}, "c": 2}) == {"a": {"b": ...}, "c": 2}
