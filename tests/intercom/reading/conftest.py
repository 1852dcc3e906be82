"""Stores that are filled once, one of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bi_contracts.intercom.store import open_store
from bi_contracts.intercom.store.store import Store

from ..conftest import fresh_schema
from . import corpus


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Sixty conversations, to be read only."""
    if request.param == "postgresql":
        target = fresh_schema(request.getfixturevalue("postgresql_server"))
    else:
        target = str(tmp_path_factory.mktemp("reading") / "store.db")
    with open_store(target) as store:
        corpus.fill(store)
        yield store


@pytest.fixture(scope="session")
def in_a_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The same, on SQLite only, for what would take long twice."""
    with open_store(tmp_path_factory.mktemp("reading") / "store.db") as store:
        corpus.fill(store)
        yield store


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "store.db") as store:
        yield store
