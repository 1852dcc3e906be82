"""`conformance` is every check of every endpoint in one line."""

from __future__ import annotations

import pytest

from bi_contracts.cassette.store import load
from bi_contracts.contract import Contract
from bi_contracts.drift import baseline, compare
from bi_contracts.registry import select
from bi_contracts.session import envelopes
from bi_contracts.testing import conformance

from .suites import Suite

pytest_plugins = ["pytester"]

ONE_LINE = """
    from bi_contracts.testing import conformance

    TestIt = conformance({arguments})
"""


def test_every_check_of_every_endpoint_is_a_test(suite: Suite) -> None:
    """The ids are those of the endpoints; writes are not among them."""
    suite.write(ONE_LINE.format(arguments='"slack"'))
    result = suite.run("--collect-only", "-q")
    result.stdout.fnmatch_lines(
        [
            "test_it.py::TestIt::test_read[[]slack/auth[]]",
            "test_it.py::TestIt::test_read[[]slack/users[]]",
            "test_it.py::TestIt::test_contract[[]slack/auth[]]",
        ]
    )


def test_recorded_endpoints_pass_and_others_are_skipped(suite: Suite) -> None:
    """What has no recording, or no contract, is skipped with the reason and never passes."""
    suite.record("slack/auth", "slack/users")
    suite.infer("slack/users")
    suite.write(ONE_LINE.format(arguments='"slack/auth", "slack/users", "slack/user"'))
    result = suite.run("-rs")
    result.assert_outcomes(passed=3, skipped=3)
    result.stdout.fnmatch_lines_random(
        [
            "*slack/user: no recording at *; `bi-contracts record slack/user` makes one",
            "*slack/auth: no contract at *; `bi-contracts infer slack/auth` proposes one",
        ]
    )


def test_a_recording_that_breaks_its_contract_fails(suite: Suite) -> None:
    """The finding is an ordinary test failure."""
    suite.record("slack/users")
    suite.infer("slack/users")
    path = suite.workspace.cassette("slack/users")
    path.write_text(path.read_text().replace('"real_name": "', '"real_name": 7, "was": "'))
    suite.write(ONE_LINE.format(arguments='"slack/users"'))
    result = suite.run()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*real_name: expected string, got integer*"])


def test_rows_that_share_a_key_fail(suite: Suite) -> None:
    """A read that repeats a row is no good read."""
    suite.record("asana/workspaces")
    path = suite.workspace.cassette("asana/workspaces")
    import re

    path.write_text(re.sub(r'"gid": "\d+"', '"gid": "1"', path.read_text()))
    suite.write(ONE_LINE.format(arguments='"asana/workspaces"'))
    result = suite.run()
    result.assert_outcomes(failed=1, skipped=1)
    result.stdout.fnmatch_lines(["*KeysNotUnique*"])


def test_record_mode_makes_the_recordings(suite: Suite) -> None:
    """One run against the sandbox records every endpoint, children included; the next replays them all."""
    suite.write(ONE_LINE.format(arguments='"slack"'))
    result = suite.run("--bi-mode", "record", "--bi-from", "sandbox")
    count = len(select(["slack"]))
    result.assert_outcomes(passed=count, skipped=count)
    suite.infer("slack/users")
    suite.run().assert_outcomes(passed=count + 1, skipped=count - 1)


@pytest.mark.parametrize("only", ["test_contract", "test_read"])
def test_each_check_records_for_itself(suite: Suite, only: str) -> None:
    """Whichever check is chosen alone, the recording is there for it."""
    suite.write(ONE_LINE.format(arguments='"slack/auth"'))
    suite.run("--bi-mode", "record", "--bi-from", "sandbox", "-k", only)
    assert suite.workspace.cassette("slack/auth").is_file()


def test_fresh_answers_are_compared_with_the_contract(suite: Suite) -> None:
    """In sandbox mode the contract check is a drift check: it fails for what breaks a reader."""
    suite.record("asana/workspaces", "slack/auth")
    suite.infer("asana/workspaces", "slack/auth")
    path = suite.workspace.contract("slack/auth")
    path.write_text(path.read_text().replace('"team"', '"squad"'))
    suite.write(ONE_LINE.format(arguments='"asana/workspaces", "slack/auth"'))
    result = suite.run("--bi-mode", "sandbox")
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(["E*BreakingDrift: slack/auth: the API has changed*", "E*breaking: *squad*"])


def test_accepted_changes_do_not_fail_a_suite(suite: Suite) -> None:
    """What was decided about with `drift accept` holds for the tests too."""
    suite.record("slack/auth")
    suite.infer("slack/auth")
    path = suite.workspace.contract("slack/auth")
    path.write_text(path.read_text().replace('"team"', '"squad"'))
    report = compare(Contract.load(path), envelopes(load(suite.workspace.cassette("slack/auth")).interactions))
    assert report.breaking
    baseline.accept(suite.workspace.baseline, report, reason="renamed")
    suite.write(ONE_LINE.format(arguments='"slack/auth"'))
    suite.run("--bi-mode", "sandbox").assert_outcomes(passed=2)


def test_fresh_reads_can_be_cut_short(suite: Suite) -> None:
    """`max_pages` limits how much is read of an API."""
    suite.write(ONE_LINE.format(arguments='"intercom/contacts", max_pages=1'))
    suite.run("--bi-mode", "record", "--bi-from", "sandbox").assert_outcomes(passed=1, skipped=1)
    assert suite.workspace.cassette("intercom/contacts").read_text().count("\n- request:") == 1


def test_an_unknown_platform_fails_the_collection(suite: Suite) -> None:
    """A glob that selects nothing is told, with the nearest names, and nothing passes."""
    suite.write(ONE_LINE.format(arguments='"asna"'))
    result = suite.run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*no declared endpoint matches 'asna': did you mean asana*"])


def test_a_class_of_nothing_is_refused() -> None:
    """`conformance()` without a glob is a mistake."""
    with pytest.raises(TypeError, match='conformance\\("asana"\\)'):
        conformance()
