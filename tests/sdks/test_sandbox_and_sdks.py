"""The vendors' own clients against the sandbox over HTTP, recorded through the plugin and replayed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bi_contracts.cassette.store import load
from bi_contracts.interaction import Source
from bi_contracts.registry import platforms
from bi_contracts.sandbox import Sandbox

pytest_plugins = ["pytester"]

SUITES = Path(__file__).parent / "suites"
ROWS = 8
SDKS = {
    "asana": "asana",
    "gongy": "gong",
    "gql": "linear",
    "hubspot": "hubspot",
    "intercom": "intercom",
    "looker_sdk": "looker",
    "notion_client": "notion",
    "simple_salesforce": "salesforce",
    "slack_sdk": "slack",
}


def ran(pytester: pytest.Pytester, mode: str) -> tuple[int, int]:
    """How many tests the suite has, and how many passed."""
    result = pytester.runpytest_subprocess("-p", "bi_contracts.pytest_plugin", "--bi-mode", mode, "--bi-strict")
    counts = result.parseoutcomes()
    return sum(counts.get(kind, 0) for kind in ("passed", "failed", "errors", "skipped")), counts.get("passed", 0)


@pytest.mark.parametrize("sdk", sorted(SDKS))
def test_the_vendors_client_cannot_tell_the_sandbox_from_its_recording(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, sdk: str
) -> None:
    """Each suite passes against the sandbox, passes while it is recorded, and passes again with the server gone."""
    pytest.importorskip(sdk, reason=f"the vendor's client {sdk} is not installed (tox -e sdks)")
    running = pytest.importorskip("bi_contracts.sandbox.server").running
    platform = SDKS[sdk]
    sandbox = Sandbox(platforms(), rows=ROWS)
    credentials = sandbox.credentials(platform)
    for name, value in {**credentials, "SANDBOX_ROWS": str(ROWS), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}.items():
        monkeypatch.setenv(name, value)
    shutil.copy(SUITES / f"{sdk}_suite.py", pytester.path / "test_it.py")
    with running(sandbox) as url:
        monkeypatch.setenv("SANDBOX_URL", url)
        fresh = ran(pytester, "live")
        recorded = ran(pytester, "record")
    count = fresh[0]
    assert count > 6
    assert (fresh, recorded, ran(pytester, "replay")) == ((count, count),) * 3
    files = sorted((pytester.path / "cassettes").iterdir())
    assert len(files) == count
    assert {load(file).provenance.source for file in files} == {Source.SANDBOX}
    assert not [file for file in files for secret in credentials.values() if secret in file.read_text()]
