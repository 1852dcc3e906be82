"""Suites to run the plugin in."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from bi_contracts import workspace
from bi_contracts.registry import target
from bi_contracts.session import Mode, Session, Upstream
from bi_contracts.testing.checks import read_holds
from bi_contracts.testing.run import Run

from .suites import Suite

LAZY = ("deepdiff", "jsonschema.validators", "jsonschema_rs", "uvicorn", "bi_contracts.drift", "bi_contracts.testing")


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What a run imports, imported out here: pytester makes a run forget the modules that it was first to import."""
    for name in LAZY:
        importlib.import_module(name)
    folder = workspace.Workspace(tmp_path_factory.mktemp("imported"))
    for id in ("slack/auth", "linear/viewer"):
        one = target(id)
        Session(folder, Mode.RECORD, Upstream(folder, "sandbox")).record(one.platform, one.endpoint)
        read_holds(Run(folder), id)


@pytest.fixture
def suite(pytester: pytest.Pytester, imported: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Suite:  # noqa: ARG001
    """An empty suite; nothing but pytest's own plugins and ours, no settings and no packaged recordings."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("BI_CONTRACTS_MODE", raising=False)
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    monkeypatch.setattr(workspace, "reference", lambda kind: tmp_path / "none" / kind)
    pytester.makeini("[pytest]\nfilterwarnings = error\naddopts = --strict-markers\n")
    return Suite(pytester)
