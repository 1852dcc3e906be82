"""Fixtures that every test may use."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize="BI_CONTRACTS_TESTING_WHEEL" in os.environ)
settings.load_profile("steady")
"""A law holds or not; how long a busy machine takes to say so is another matter. What is built is tested on the same
examples every time; whoever works on it gets new ones."""

ROOT = Path(__file__).parent.parent
LAWS = frozenset({"laws", "platforms", "reference", "failures"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what is tested on many examples: coverage is measured on everything else, where tracing costs less."""
    for item in items:
        if hasattr(getattr(item, "obj", None), "hypothesis") or LAWS & set(item.path.relative_to(ROOT).parts):
            item.add_marker("law")


def pytest_collection_finish() -> None:
    """What was imported by now stays for good: looking through all of it for garbage again and again takes long."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def vendor_data() -> Path:
    """The folder of vendor facts, specs and real recordings; the test is skipped where there is none."""
    folder = Path(os.environ.get("BI_CONTRACTS_VENDOR_DATA") or ROOT.parent / "shared" / "vendor")
    if not (folder / "recorded").is_dir():
        pytest.skip("no vendor data: set BI_CONTRACTS_VENDOR_DATA to the folder that holds recorded/ and specs/")
    return folder
