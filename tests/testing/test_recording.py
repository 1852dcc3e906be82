"""In record mode tests ask for real and leave recordings behind, which replay."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from bi_contracts.cassette.store import load, save
from bi_contracts.interaction import Source
from bi_contracts.registry import platforms
from bi_contracts.sandbox import Sandbox

from .suites import Suite

pytest_plugins = ["pytester"]
SANDBOX = ("--bi-mode", "record", "--bi-from", "sandbox")


READS = ["asana/tasks", "intercom/contacts_search", "linear/issue", "notion/blocks", "slack/files"]


@pytest.mark.parametrize("id", READS)
def test_what_is_recorded_replays(suite: Suite, id: str) -> None:
    """The same test passes twice: against the sandbox, then from what that left, with the network closed."""
    suite.write(f"""
        import pytest

        @pytest.mark.bi_contract("{id}")
        def test_rows(bi, request):
            rows = bi.records()
            assert rows
            assert request.config.cache.get("rows", rows) == rows or bi.mode == "replay"
    """)
    suite.run(*SANDBOX).assert_outcomes(passed=1)
    cassette = load(suite.workspace.cassette(id))
    assert cassette.provenance.source is Source.SANDBOX
    assert cassette.provenance.endpoint == id
    result = suite.run("--bi-strict")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines([f"recorded from the sandbox, so no evidence of the live API: {id}"])


def test_tests_of_one_endpoint_share_its_recording(suite: Suite) -> None:
    """What several tests asked stands in one cassette, each request once, and replays in any order."""
    suite.write("""
        import pytest

        @pytest.mark.bi_contract("slack/users")
        @pytest.mark.parametrize("size", [30, 50, 60])
        def test_sizes(bi, size):
            assert len(bi.records(page_size=size)) == 120

        @pytest.mark.bi_contract("slack/users")
        def test_again(bi):
            assert len(bi.records(page_size=60)) == len(bi.records(page_size=60)) == 120
    """)
    suite.run(*SANDBOX).assert_outcomes(passed=4)
    assert len(load(suite.workspace.cassette("slack/users")).interactions) == 4 + 3 + 2 * 2
    suite.run("--bi-strict").assert_outcomes(passed=4)
    suite.run("test_it.py::test_again", "test_it.py::test_sizes").assert_outcomes(passed=4)


def test_a_failing_test_records_nothing(suite: Suite) -> None:
    """The traffic of a test that did not pass is dropped, and the summary says so."""
    suite.record("slack/users")
    before = suite.workspace.cassette("slack/users").read_bytes()
    suite.write("""
        import pytest

        @pytest.mark.bi_contract("slack/users")
        def test_rows(bi):
            assert not bi.records()
    """)
    result = suite.run(*SANDBOX)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["not recorded: test_it.py::test_rows did not pass"])
    assert suite.workspace.cassette("slack/users").read_bytes() == before


def test_requests_nobody_asked_again_stay(suite: Suite) -> None:
    """Recording one test keeps what the others recorded before."""
    suite.write("""
        import pytest

        @pytest.mark.bi_contract("slack/users")
        @pytest.mark.parametrize("size", [60, 120])
        def test_sizes(bi, size):
            assert len(bi.records(page_size=size)) == 120
    """)
    suite.run(*SANDBOX).assert_outcomes(passed=2)
    suite.run(*SANDBOX, "-k", "60").assert_outcomes(passed=1, deselected=1)
    suite.run("--bi-strict").assert_outcomes(passed=2)


def test_answers_of_the_sandbox_never_stand_among_the_vendors(suite: Suite) -> None:
    """A recording of the vendor is replaced whole by one of the sandbox, not mixed with it."""
    from dataclasses import replace

    suite.record("slack/users", rows=130)
    path = suite.workspace.cassette("slack/users")
    cassette = load(path)
    live = tuple(replace(one, source=Source.LIVE) for one in cassette.interactions)
    save(path, replace(cassette, interactions=live, provenance=replace(cassette.provenance, source=Source.LIVE)))
    suite.write("""
        import pytest

        @pytest.mark.bi_contract("slack/users")
        def test_rows(bi):
            assert bi.records(page_size=150)
    """)
    suite.run(*SANDBOX).assert_outcomes(passed=1)
    assert {one.source for one in load(path).interactions} == {Source.SANDBOX}


def test_a_request_of_another_endpoint_goes_to_its_own_recording(suite: Suite) -> None:
    """With several ids, each request is recorded under the endpoint it belongs to."""
    suite.write("""
        import pytest

        @pytest.mark.bi_contract("asana/tasks", "asana/workspaces")
        def test_rows(bi):
            assert list(bi.client.records("workspaces"))
            assert bi.records()
    """)
    suite.run(*SANDBOX).assert_outcomes(passed=1)
    for id in ("asana/tasks", "asana/workspaces"):
        assert {one.endpoint for one in load(suite.workspace.cassette(id)).interactions} == {id}
    suite.run("--bi-strict").assert_outcomes(passed=1)


def test_a_served_sandbox_is_recorded_under_the_vendors_address(suite: Suite) -> None:
    """Recordings made through a URL replay where the vendor stands, and know their source."""
    from bi_contracts.sandbox.server import running

    pytest.importorskip("uvicorn", reason="serving the sandbox needs uvicorn")
    suite.write("""
        import pytest

        @pytest.mark.bi_contract("intercom/companies")
        def test_rows(bi):
            assert len(bi.records(page_size=10)) == 25
    """)
    with running(Sandbox(platforms(), rows=25)) as url:
        suite.run("--bi-mode", "record", "--bi-from", url).assert_outcomes(passed=1)
    cassette = load(suite.workspace.cassette("intercom/companies"))
    assert {httpx.URL(one.request.url).host for one in cassette.interactions} == {"api.intercom.io"}
    assert url.encode() not in b"".join(one.response.body for one in cassette.interactions)
    assert cassette.provenance.source is Source.SANDBOX
    suite.run("--bi-strict").assert_outcomes(passed=1)


@pytest.mark.parametrize("mode", ["sandbox", "live"])
def test_nothing_is_recorded_in_other_modes(suite: Suite, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the modes sandbox and live answers are fresh, and no file appears."""
    suite.write("""
        import pytest

        @pytest.mark.bi_contract("slack/users")
        def test_rows(bi):
            assert len(bi.records()) == 120
            assert bi.record() == bi.records()[0]
    """)
    monkeypatch.delenv("SLACK_BOT_TOKEN", raising=False)
    arguments = ("--bi-from", "sandbox") if mode == "live" else ()
    result = suite.run("--bi-mode", mode, *arguments)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines([f"bi_contracts: {mode} from sandbox"])
    assert not Path(suite.path, "cassettes").exists()


def test_the_mode_can_come_from_the_environment(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    """`BI_CONTRACTS_MODE` is the default of `--bi-mode`."""
    monkeypatch.setenv("BI_CONTRACTS_MODE", "sandbox")
    suite.write("""
        import pytest

        @pytest.mark.bi_contract("slack/users")
        def test_mode(bi):
            assert bi.mode == "sandbox" and bi.records()
    """)
    suite.run().assert_outcomes(passed=1)


def test_missing_credentials_are_named(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    """Recording the vendor without a key says which variable is not set, and opens nothing."""
    monkeypatch.delenv("SLACK_BOT_TOKEN", raising=False)
    suite.write("""
        import pytest

        @pytest.mark.bi_contract("slack/users")
        def test_rows(bi):
            bi.records()
    """)
    result = suite.run("--bi-mode", "record")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["slack: SLACK_BOT_TOKEN is not set*Add `--bi-from sandbox`*"])
    result.stdout.no_fnmatch_line("*During handling*")


def test_credentials_never_reach_a_recording(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key of the environment is in no file, not even where an answer repeats it."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", "an-unusual-key-of-no-known-form")
    suite.write("""
        import os
        import httpx
        import pytest

        def echo(request):
            return httpx.Response(200, text=f"you said {request.headers['x-note']}")

        @pytest.mark.bi_cassette("echo.yaml")
        def test_echo():
            with httpx.Client(transport=httpx.MockTransport(echo)) as client:
                client.get("https://api.example.com/", headers={"x-note": os.environ["SLACK_BOT_TOKEN"]})
    """)
    suite.run("--bi-mode", "record").assert_outcomes(passed=1)
    assert "unusual" not in (suite.path / "echo.yaml").read_text()
