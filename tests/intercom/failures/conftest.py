"""Workspaces to sync, and pages that are small enough for little data to fill many."""

from __future__ import annotations

from pathlib import Path

import pytest

from bi_contracts.intercom.sync import Intercom, SyncSettings, api, backfill, reconcile, windows

from .workspace import Workspace

PAGE = 5
"""Rows of a page."""


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> int:
    """Pages of five rows in place of a hundred and fifty, and windows of a few pages each."""
    for module in (api, backfill, reconcile):
        monkeypatch.setattr(module, "PAGE", PAGE)
    for function in (Intercom.search, windows.slices, windows.pieces):
        monkeypatch.setitem(function.__kwdefaults__ or {}, "size", PAGE)
    monkeypatch.setattr(backfill, "SHARD", 3 * PAGE)
    return PAGE


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace that lists what was deleted."""
    return Workspace(tmp_path, settings=SyncSettings(version="2.16", concurrency=6))
