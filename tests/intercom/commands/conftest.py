"""The command line in an empty workspace, and small stores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bi_contracts.intercom.procedure import data
from bi_contracts.intercom.store import open_store
from bi_contracts.intercom.store.store import Store
from bi_contracts.workspace import Workspace

from ...cli.conftest import run

__all__ = ["run"]


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    """A workspace without anything."""
    return Workspace.discover(tmp_path, environ={})


@pytest.fixture
def mock_store(tmp_path: Path, space: Workspace) -> Iterator[Store]:
    """A store of 12 made-up conversations."""
    with open_store(tmp_path / "mock.db") as store:
        data.put(store, data.made(space, 12))
        yield store
