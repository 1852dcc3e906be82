"""Every answer a test reads is held to its endpoint's contract."""

from __future__ import annotations

import pytest

from .suites import Suite

pytest_plugins = ["pytester"]

READ = """
    import pytest

    @pytest.mark.bi_contract("{id}"{arguments})
    def test_rows(bi):
        assert {read}
"""


def broken(suite: Suite, id: str) -> Suite:
    """A recording whose contract was made before a field turned from text into a number."""
    suite.record(id)
    suite.infer(id)
    path = suite.workspace.cassette(id)
    path.write_text(path.read_text().replace('"real_name": "', '"real_name": 7, "was": "'))
    return suite


@pytest.mark.parametrize("read", ["bi.records()", "bi.responses()", 'list(bi.client.records("users"))'])
def test_a_violation_fails_the_test_that_reads_it(suite: Suite, read: str) -> None:
    """However the page is read, and the message names the place and what is wrong there."""
    broken(suite, "slack/users").write(READ.format(id="slack/users", arguments="", read=read))
    result = suite.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E*ContractViolated: slack/users: * violations of the contract",
            "E*/body/members/0/*real_name: expected string, got integer",
        ]
    )
    result.stdout.no_fnmatch_line("*recorded.py*")


def test_asynchronous_reads_are_checked_too(suite: Suite) -> None:
    """`bi.async_client` holds its pages to the contract."""
    broken(suite, "slack/users").write("""
        import asyncio
        import pytest

        async def read(client):
            async with client:
                return [row async for row in client.records("users")]

        @pytest.mark.bi_contract("slack/users")
        def test_rows(bi):
            asyncio.run(read(bi.async_client))
    """)
    result = suite.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*ContractViolated: slack/users*"])


def test_the_check_can_be_switched_off(suite: Suite) -> None:
    """`contract=False` in the marker reads whatever was recorded."""
    broken(suite, "slack/users").write(READ.format(id="slack/users", arguments=", contract=False", read="bi.records()"))
    suite.run().assert_outcomes(passed=1)


def test_fresh_answers_are_checked_too(suite: Suite) -> None:
    """In sandbox mode an answer that breaks the contract fails the test."""
    suite.record("slack/users")
    suite.infer("slack/users")
    path = suite.workspace.contract("slack/users")
    path.write_text(path.read_text().replace('"const": true', '"const": false'))
    suite.write(READ.format(id="slack/users", arguments="", read="bi.records()"))
    result = suite.run("--bi-mode", "sandbox")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*ContractViolated*"])


def test_a_good_recording_passes(suite: Suite) -> None:
    """A recording that keeps its contract passes, and the test can look at the contract."""
    suite.record("slack/users")
    suite.infer("slack/users")
    suite.write(READ.format(id="slack/users", arguments="", read="bi.records() and bi.contract.id == 'slack/users'"))
    suite.run().assert_outcomes(passed=1)


def test_without_a_contract_there_is_nothing_to_hold_to(suite: Suite) -> None:
    """An endpoint without a contract is read all the same, and `bi.contract` is None."""
    suite.record("slack/users")
    suite.write(READ.format(id="slack/users", arguments="", read="bi.records() and bi.contract is None"))
    suite.run().assert_outcomes(passed=1)


def test_a_broken_contract_file_is_named(suite: Suite) -> None:
    """A contract that is no JSON Schema fails the test with the file's name."""
    suite.record("slack/users")
    path = suite.workspace.contract("slack/users")
    path.parent.mkdir(parents=True)
    path.write_text('{"type": 3}')
    suite.write(READ.format(id="slack/users", arguments="", read="bi.records()"))
    result = suite.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*InvalidContract*slack/users.schema.json*"])
