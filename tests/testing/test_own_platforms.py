"""A suite whose workspace declares a platform of its own, and a second account."""

from __future__ import annotations

from pathlib import Path

import pytest

from bi_contracts.registry import platforms, target
from bi_contracts.sandbox import Sandbox
from bi_contracts.session import Mode, Session, Upstream

from .suites import Suite

pytest_plugins = ["pytester"]

ACME = Path(__file__).parents[1] / "declared" / "acme.toml"
TESTS = """
    import pytest
    from bi_contracts.testing import conformance

    TestAcme = conformance("acme*")

    @pytest.mark.bi_contract("acme/orders")
    def test_orders(bi):
        assert all(row["total"] for row in bi.records())

    @pytest.mark.bi_contract("acme@eu/customer", contract=False)
    def test_customer(bi):
        assert bi.record()["id"]
"""


@pytest.fixture
def own(suite: Suite) -> Suite:
    (suite.path / "acme.toml").write_text(ACME.read_text())
    (suite.path / "bi-contracts.toml").write_text('platforms = ["acme.toml"]\n[accounts."acme@eu"]\n')
    suite.write(TESTS)
    return suite


def record(suite: Suite, *ids: str) -> None:
    space = suite.workspace
    session = Session(space, Mode.RECORD, Upstream(space, "sandbox", Sandbox(platforms(space), rows=3)))
    for id in ids:
        one = target(id, space)
        session.record(one.platform, one.endpoint)


def test_both_are_replayed(own: Suite) -> None:
    """From the recordings of each; what has none is skipped."""
    record(own, "acme/orders", "acme/customers", "acme@eu/customer", "acme@eu/orders")
    own.infer("acme/orders", "acme/customers")
    result = own.run("-rs")
    result.assert_outcomes(passed=4 + 3 + 2, skipped=9)
    result.stdout.fnmatch_lines(["*acme@eu/customers: no recording at *"])


@pytest.mark.parametrize("mode", ["sandbox", "record"])
def test_both_are_asked_afresh(own: Suite, mode: str) -> None:
    """Each with the sandbox's credential for it; recordings go into their own folders."""
    result = own.run("--bi-mode", mode, "--bi-from", "sandbox")
    counts = result.parseoutcomes()
    assert counts["passed"] == 2 + 8
    assert not counts.keys() & {"failed", "errors"}
    assert own.workspace.cassette("acme@eu/orders").is_file() == (mode == "record")
    if mode == "record":
        text = own.workspace.cassette("acme@eu/customer").read_text()
        assert "https://api.acme.example/v1/customers/" in text
        assert "localhost" not in text


def test_a_glob_of_nothing_fails_the_collection(own: Suite) -> None:
    """As it does for what is installed; a broken declaration too."""
    own.write('from bi_contracts.testing import conformance\nTestIt = conformance("acme@us")\n')
    own.run().stdout.fnmatch_lines(["*no declared endpoint matches 'acme@us': did you mean*"])
    (own.path / "acme.toml").write_text("name = 1\n")
    own.run().stdout.fnmatch_lines(["*acme.toml: *"])
