"""Some members of a row are those of the whole row: what queries look at is what is answered."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.platform import Endpoint, Platform
from bi_contracts.sandbox.world import World

from ..platforms.declared import LISTS, named


@pytest.mark.parametrize(("platform", "endpoint"), LISTS, ids=named)
@given(data=st.data())
@settings(max_examples=4, deadline=None)
def test_members_are_those_of_the_row(platform: Platform, endpoint: Endpoint, data: st.DataObject) -> None:
    """Whichever members are asked for, they hold what the whole row holds."""
    world = World(rows=7)
    home = world.collection(platform, endpoint)
    position = data.draw(st.integers(0, home.count - 1))
    row = home.row(position)
    names = data.draw(st.frozensets(st.sampled_from(sorted(name.partition(".")[0] for name in row))))
    found = home.members(position, names)
    assert found.items() <= row.items()
    assert names <= {name.partition(".")[0] for name in found}


@pytest.mark.parametrize(("platform", "endpoint"), LISTS[:1], ids=named)
def test_what_was_put_or_written_comes_whole(platform: Platform, endpoint: Endpoint) -> None:
    """Rows that were put here, and rows that somebody created, are taken as they are."""
    world = World(rows=3)
    made = world.create(platform, endpoint, world.blank(platform, endpoint))
    home = world.collection(platform, endpoint)
    assert home.members(made, frozenset()) == home.row(made)
    world.put(platform, endpoint, [{endpoint.key: "1", "name": "x"}])
    assert home.members(0, frozenset()) == {endpoint.key: "1", "name": "x"}
