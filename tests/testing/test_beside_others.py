"""The plugin beside other plugins, and what it costs those who do not use it."""

from __future__ import annotations

import sys

import pytest

from .suites import Suite

pytest_plugins = ["pytester"]

READ = """
    import pytest

    @pytest.mark.bi_contract("slack/users")
    @pytest.mark.parametrize("number", range(4))
    def test_rows(bi, number):
        assert len(bi.records()) == 3
"""


def test_workers_of_xdist_report_to_one_summary(suite: Suite) -> None:
    """Tests spread over processes pass, and what they used is added up."""
    pytest.importorskip("xdist", reason="pytest-xdist is not installed")
    suite.record("slack/users", "slack/auth")
    suite.write(
        READ
        + """
    @pytest.mark.bi_contract("slack/users", "slack/auth")
    def test_miss(bi):
        bi.records(team="other")
    """
    )
    result = suite.run_apart("-p", "xdist.plugin", "-n", "2")
    result.assert_outcomes(passed=4, failed=1)
    result.stdout.fnmatch_lines(
        [
            "4 interactions replayed from 2 recordings",
            "recorded from the sandbox, so no evidence of the live API: slack/auth, slack/users",
            "missing: test_it.py::test_miss",
            "unused: 1 of 1 interaction in slack/auth",
        ]
    )


def test_a_strict_run_over_workers_fails_too(suite: Suite) -> None:
    """`--bi-strict` looks at what all workers used together."""
    pytest.importorskip("xdist", reason="pytest-xdist is not installed")
    suite.record("slack/users", "slack/auth")
    suite.write(READ)
    assert suite.run_apart("-p", "xdist.plugin", "-n", "2", "--bi-strict").ret == 0
    suite.write(READ.replace('"slack/users"', '"slack/users", "slack/auth"'))
    assert suite.run_apart("-p", "xdist.plugin", "-n", "2", "--bi-strict").ret == pytest.ExitCode.TESTS_FAILED


def test_recording_in_several_processes_is_refused(suite: Suite) -> None:
    """Workers would write to the same recordings: the run ends before it starts."""
    pytest.importorskip("xdist", reason="pytest-xdist is not installed")
    suite.write(READ)
    result = suite.run_apart("-p", "xdist.plugin", "-n", "2", "--bi-mode", "record", "--bi-from", "sandbox")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--bi-mode record: tests write to the same recordings*"])


BOTH = (
    READ
    + """
    @pytest.mark.vcr
    def test_theirs(vcr):
        assert vcr is not None
    """
)


@pytest.mark.parametrize("order", [0, 1])
def test_it_loads_beside_pytest_recording(suite: Suite, order: int) -> None:
    """Both plugins work in one suite, whichever is loaded first."""
    pytest.importorskip("pytest_recording", reason="pytest-recording is not installed")
    plugins = ["-p", "pytest_recording.plugin", "-p", "bi_contracts.pytest_plugin"]
    suite.record("slack/users")
    suite.write(BOTH)
    result = suite.pytester.runpytest_subprocess(*(plugins[2:] + plugins[:2] if order else plugins), "--block-network")
    result.assert_outcomes(passed=5)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_order_changes_nothing(suite: Suite, seed: int) -> None:
    """Under pytest-randomly the tests pass in any order."""
    pytest.importorskip("pytest_randomly", reason="pytest-randomly is not installed")
    suite.record("slack/users", "slack/auth")
    suite.write(
        READ
        + """
    @pytest.mark.bi_contract("slack/auth")
    def test_auth(bi):
        assert bi.record()["ok"]

    def test_other(bi_cassette):
        assert bi_cassette is None
    """
    )
    suite.run_apart("-p", "pytest_randomly", f"--randomly-seed={seed}").assert_outcomes(passed=6)


def test_asyncio_tests_are_replayed(suite: Suite) -> None:
    """Under pytest-asyncio a coroutine reads with `bi.async_client`, sockets blocked."""
    pytest.importorskip("pytest_asyncio", reason="pytest-asyncio is not installed")
    suite.record("slack/users")
    suite.write("""
        import asyncio
        import pytest

        @pytest.mark.asyncio
        @pytest.mark.bi_contract("slack/users")
        async def test_rows(bi):
            async with bi.async_client as client:
                assert len([row async for row in client.records("users")]) == 3
            with pytest.raises(Exception, match="opens no connection"):
                await asyncio.open_connection("127.0.0.1", 9)
    """)
    scope = "asyncio_default_fixture_loop_scope=function"
    suite.run_apart("-p", "pytest_asyncio.plugin", "-o", scope).assert_outcomes(passed=1)


def test_installing_it_imports_nothing_heavy(suite: Suite) -> None:
    """A suite that does not use the plugin pays for none of its libraries."""
    suite.write("""
        import sys

        def test_modules():
            heavy = {"vcr", "httpx", "yaml", "jsonschema", "jsonschema_rs", "deepdiff", "graphql", "click", "rich"}
            ours = {"bi_contracts.registry", "bi_contracts.session", "bi_contracts.testing"}
            assert not (heavy | ours) & set(sys.modules)
    """)
    suite.run_apart().assert_outcomes(passed=1)


def test_importing_it_takes_no_time(suite: Suite) -> None:
    """The module and all it imports beyond pytest itself take less than 10 ms."""
    code = "import pytest, time; t = time.time(); import bi_contracts.pytest_plugin; print(time.time() - t)"
    took = min(float(suite.pytester.run(sys.executable, "-c", code).outlines[-1]) for _ in range(3))
    assert took < 0.010


def test_it_is_found_by_pytest_once_installed(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    """The entry point loads it: nothing has to be configured."""
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    suite.record("slack/users")
    suite.write(READ)
    suite.pytester.runpytest_subprocess().assert_outcomes(passed=4)
