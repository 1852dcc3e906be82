"""What counts as the key of another row."""

from __future__ import annotations

from importlib import import_module

import pytest

from bi_contracts.platform import Platform
from bi_contracts.sandbox.recipes import references
from bi_contracts.sandbox.world import World

NAMES = ("asana", "gong", "hubspot", "intercom", "linear", "looker", "notion", "salesforce", "slack")


@pytest.mark.parametrize("name", NAMES)
def test_a_word_is_no_key(name: str) -> None:
    """`Account` or `subject` in a record is what it says, and no reference to another row; identifiers are."""
    platform: Platform = import_module(f"bi_contracts.platforms.{name}").PLATFORM
    found = [str(key) for key in references(World(rows=3), platform)]
    assert found
    assert [key for key in found if key.isalpha()] == []
