"""Real Slack and Notion traffic, recorded by others and imported, through our client and the vendors' own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bi_contracts.cassette.importers.declared import Declared
from bi_contracts.cassette.importers.run import import_paths
from bi_contracts.contract import Contract
from bi_contracts.registry import platforms, select
from bi_contracts.session import Session, envelopes
from bi_contracts.workspace import Workspace

pytest_plugins = ["pytester"]

SUITES = Path(__file__).parent / "suites"


@pytest.fixture(scope="module")
def imported(vendor_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of cassettes, one for each recording that was imported."""
    folder = tmp_path_factory.mktemp("imported")
    for platform in ("notion", "slack"):
        names = Declared(platforms()).names()
        import_paths([vendor_data / "recorded" / platform], folder / platform, names=names, layout="source")
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize(("platform", "sdk"), [("notion", "notion_client"), ("slack", "slack_sdk")])
def test_the_vendors_client_reads_what_others_recorded(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    vendor_data: Path,
    imported: Path,
    platform: str,
    sdk: str,
) -> None:
    """Every recorded call, made again by the vendor's client under the plugin, gets the recorded answer."""
    pytest.importorskip(sdk, reason=f"the vendor's client {sdk} is not installed (tox -e sdks)")
    monkeypatch.setenv("RECORDED", str(vendor_data / "recorded"))
    monkeypatch.setenv("IMPORTED", str(imported))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    shutil.copy(SUITES / f"recorded_{platform}_suite.py", pytester.path / "test_it.py")
    counts = pytester.runpytest_subprocess("-p", "bi_contracts.pytest_plugin", "-q", "-rs").parseoutcomes()
    assert counts["passed"] > 50
    assert not counts.keys() & {"failed", "errors"}


@pytest.mark.parametrize("platform", ["notion", "slack"])
def test_our_client_reads_what_others_recorded(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, vendor_data: Path, platform: str
) -> None:
    """`conformance` over the imported recordings: reads come to their end, answers keep the contract they imply."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    workspace = Workspace(pytester.path)
    names = Declared(platforms()).names()
    import_paths([vendor_data / "recorded" / platform], pytester.path / "cassettes", names=names)
    recorded = [one.id for one in select([platform]) if workspace.cassette(one.id).is_file()]
    for id in recorded:
        Contract.infer(id, envelopes(Session(workspace).recorded(id))).save(workspace.contract(id))
    pytester.makepyfile(test_it=f"from bi_contracts.testing import conformance\n\nTestIt = conformance(*{recorded})\n")
    counts = pytester.runpytest_subprocess("-p", "bi_contracts.pytest_plugin", "-rs").parseoutcomes()
    assert counts["passed"] > len(recorded)
    assert not counts.keys() & {"failed", "errors"}
