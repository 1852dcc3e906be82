"""One filled store for the tests of its care; each test damages a copy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bi_contracts.intercom.store import open_store

from .damage import copy
from .filling import answers, content, made


@dataclass(frozen=True)
class Original:
    """A sound store: its file, what Intercom would answer, and what readers get."""

    path: Path
    bodies: dict[str, Any]
    content: dict[str, list[Any]]

    def copied(self, target: Path) -> Path:
        return copy(self.path, target)


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Original:
    path = tmp_path_factory.mktemp("care") / "store.db"
    bodies = made(path, 25)
    with open_store(path) as store:
        answers(bodies)(store, ["900"])  # no body is pending
        held = content(store)
    return Original(path, bodies, held)


@pytest.fixture
def damaged(original: Original, tmp_path: Path) -> Path:
    """A copy to be damaged."""
    return original.copied(tmp_path / "store.db")
