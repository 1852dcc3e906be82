"""The vendors' own JavaScript clients against the sandbox over HTTP: each `node/<platform>.cjs` is a suite."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bi_contracts.registry import platforms
from bi_contracts.sandbox import Sandbox

FOLDER = Path(__file__).parent / "node"
SUITES = sorted(FOLDER.glob("*.cjs"))
ROWS = 8
PATIENCE = 100.0
"""Seconds for one suite, its own retries after rate limits among them."""


@pytest.fixture(scope="module")
def modules() -> Path:
    """Where the clients are installed: `npm install --prefix` of tests/sdks/node, here or elsewhere."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    place = Path(os.environ.get("BI_CONTRACTS_NODE_MODULES") or FOLDER / "node_modules")
    if not place.is_dir():
        pytest.skip(f"no JavaScript clients at {place}: tox -e sdks-node, or npm install --prefix {FOLDER}")
    return place


def environment(sandbox: Sandbox, url: str, modules: Path) -> dict[str, str]:
    """What a suite may know: where the sandbox is, what it holds, and the credentials it accepts."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "SYSTEMROOT") if name in os.environ}
    known = {"SANDBOX_URL": url, "SANDBOX_ROWS": str(ROWS), "NODE_PATH": str(modules), "NO_COLOR": "1"}
    credentials = {name: value for one in sandbox.platforms for name, value in sandbox.credentials(one).items()}
    return {**kept, **known, **credentials}


def counted(printed: str) -> dict[str, int]:
    """How many tests there were, and how they ended, as node's TAP report says at its end."""
    return {name: int(number) for name, number in re.findall(r"^# (\w+) (\d+)$", printed, re.MULTILINE)}


@pytest.mark.parametrize("suite", SUITES, ids=lambda path: path.stem)
def test_the_vendors_javascript_client_reads_the_sandbox(suite: Path, modules: Path) -> None:
    """Every test of the suite passes, and none is skipped."""
    running = pytest.importorskip("bi_contracts.sandbox.server").running
    pytest.importorskip("uvicorn", reason="needs the extra sandbox-http")
    sandbox = Sandbox(platforms(), rows=ROWS)
    with running(sandbox) as url:
        done = subprocess.run(
            ["node", "--test", "--test-reporter=tap", str(suite)],
            env=environment(sandbox, url, modules), capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
    counts = counted(done.stdout)
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    assert counts["pass"] == counts["tests"] > 6
    assert sandbox.failures == 0


def test_every_client_that_a_suite_wants_is_asked_for() -> None:
    """What the suites require stands in package.json, so that one command installs it."""
    listed = set(re.findall(r'"(@?[\w/-]+)": "\^', (FOLDER / "package.json").read_text(encoding="utf-8")))
    wanted = {
        name for suite in SUITES for name in re.findall(r"require\(['\"]([^'\"]+)['\"]\)", suite.read_text("utf-8"))
    }
    roots = {"/".join(name.split("/")[: 2 if name.startswith("@") else 1]) for name in wanted}
    assert {name for name in roots if not name.startswith(("node:", "."))} <= listed
