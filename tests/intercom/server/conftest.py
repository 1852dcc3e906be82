"""One store for all tests that only read."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("mcp", reason="the extra intercom is not installed")

from .worlds import fill


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a store that nobody changes."""
    path = tmp_path_factory.mktemp("served") / "store.db"
    fill(path)
    return path
