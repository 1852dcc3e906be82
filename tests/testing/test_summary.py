"""The terminal says what a run used of its recordings; `--bi-strict` makes it count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bi_contracts import workspace
from bi_contracts.cassette.store import load, save
from bi_contracts.testing.summary import lines, problems
from bi_contracts.testing.usage import Replayed, Usage

from .suites import Suite

pytest_plugins = ["pytester"]

NOW = datetime(2026, 6, 1, tzinfo=UTC)
READ = """
    import pytest

    @pytest.mark.bi_contract("slack/users")
    def test_rows(bi):
        assert bi.records({arguments})

    def test_other():
        pass
"""


def test_replayed_recordings_are_counted(suite: Suite) -> None:
    """How many answers came from how many recordings, and which of them say nothing about the vendor."""
    suite.record("slack/users", rows=450)
    suite.write(READ.format(arguments=""))
    result = suite.run()
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        [
            "*bi_contracts (replay)*",
            "3 interactions replayed from 1 recording",
            "recorded from the sandbox, so no evidence of the live API: slack/users",
        ]
    )
    result.stdout.no_fnmatch_line("unused*")


def test_unused_interactions_are_listed_and_fail_a_strict_run(suite: Suite) -> None:
    """What nobody asked for is named; with `--bi-strict` the run fails though every test passed."""
    suite.record("slack/users", rows=450)
    suite.write(READ.format(arguments="max_pages=1"))
    result = suite.run()
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        ["unused: 2 of 3 interactions in slack/users", "  POST https://slack.com/api/users.list"]
    )
    strict = suite.run("--bi-strict")
    strict.assert_outcomes(passed=2)
    assert strict.ret == pytest.ExitCode.TESTS_FAILED
    strict.stdout.fnmatch_lines(["failed by --bi-strict"])


def test_a_missed_request_fails_a_strict_run_even_where_the_test_went_on(suite: Suite) -> None:
    """A test that swallows a miss does not pass for good."""
    suite.record("slack/users")
    suite.write("""
        import contextlib
        import pytest
        from bi_contracts.errors import CassetteMiss

        @pytest.mark.bi_contract("slack/users")
        def test_rows(bi):
            assert bi.records()
            with contextlib.suppress(CassetteMiss):
                bi.records(team="other")
    """)
    assert suite.run().ret == 0
    result = suite.run("--bi-strict")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        ["missing: test_it.py::test_rows", "*no recording of POST https://slack.com/api/users.list*"]
    )


def test_stale_recordings_are_listed(suite: Suite) -> None:
    """A recording older than `max_age_days` is named with its age, and fails a strict run."""
    from dataclasses import replace

    suite.record("slack/users")
    path = suite.workspace.cassette("slack/users")
    cassette, moment = load(path), datetime.now(UTC) - timedelta(days=40)
    old = tuple(replace(one, recorded_at=moment) for one in cassette.interactions)
    save(path, replace(cassette, interactions=old))
    suite.write(READ.format(arguments=""))
    result = suite.run()
    assert result.ret == 0
    result.stdout.fnmatch_lines(["stale: slack/users was recorded 40 days ago (limit 30); record it again"])
    assert suite.run("--bi-strict").ret == pytest.ExitCode.TESTS_FAILED
    (suite.path / "bi-contracts.toml").write_text("max_age_days = 50\n")
    assert suite.run("--bi-strict").ret == 0


def test_a_run_without_the_plugins_tests_says_nothing(suite: Suite) -> None:
    """A suite that does not use the plugin looks as it did before."""
    suite.write("def test_it():\n    pass\n")
    result = suite.run("--bi-strict")
    assert result.ret == 0
    result.stdout.no_fnmatch_line("*bi_contracts*")


def test_a_failed_run_stays_failed(suite: Suite) -> None:
    """`--bi-strict` never turns another exit code of pytest's into its own."""
    suite.write("def test_it(:\n")
    assert suite.run("--bi-strict").ret == pytest.ExitCode.INTERRUPTED


def test_two_halves_make_a_whole() -> None:
    """What two processes used adds up: an interaction that either played is used."""
    asked = ["GET 1", "GET 2", "GET 3"]
    one = Usage({"a.yaml": Replayed("a", asked, [0])}, plays=1, misses=[("t", "m")])
    other = Usage({"a.yaml": Replayed("a", asked, [0, 2])}, plays=2, written={"b.yaml": (1, "live")})
    one.add(Usage.from_dict(other.as_dict()))
    assert one.replayed["a.yaml"].unused == ["GET 2"]
    assert (one.plays, one.misses, one.written) == (3, [("t", "m")], {"b.yaml": (1, "live")})


def test_usage_is_plain_data_on_the_way() -> None:
    """What a worker sends is what arrives."""
    usage = Usage(
        {"a.yaml": Replayed("a", ["GET 1"], [0], ["live"], NOW.isoformat())},
        plays=1,
        misses=[("t", "m")],
        blocked=[("t", "h:1")],
        written={"b.yaml": (1, "live")},
        dropped=["u"],
    )
    assert Usage.from_dict(usage.as_dict()) == usage


def test_every_part_of_the_summary_has_its_line() -> None:
    """Replayed, written, dropped, refused, missing, unused and stale, in this order."""
    recorded_at = (NOW - timedelta(days=31)).isoformat()
    usage = Usage(
        {"a.yaml": Replayed("a", [f"GET {number}" for number in range(8)], [0], ["live"], recorded_at)},
        plays=2,
        misses=[("t1", "first line\nsecond")] * 2,
        blocked=[("t2", "h:1")],
        written={"b.yaml": (1, "sandbox")},
        dropped=["t3"],
    )
    assert "\n".join(lines(usage, 30, NOW)).splitlines() == [
        "2 interactions replayed from 1 recording",
        "recorded b.yaml: 1 interaction, source sandbox",
        "not recorded: t3 did not pass",
        "connection refused: t2: h:1",
        "missing: t1",
        "  first line",
        "unused: 7 of 8 interactions in a",
        "  GET 1",
        "  GET 2",
        "  GET 3",
        "  GET 4",
        "  GET 5",
        "  and 2 more",
        "stale: a was recorded 31 days ago (limit 30); record it again",
    ]


def test_nothing_used_is_nothing_to_say() -> None:
    """An empty usage has no lines and no problems, and a recording without a date is not stale."""
    assert lines(Usage(), 30, NOW) == []
    assert problems(Usage({"a.yaml": Replayed("a", ["GET 1"], [0])}), 30, NOW) == []


def test_long_lists_are_cut_short() -> None:
    """Of many recordings the first five are named, and how many more there are."""
    recorded_at = (NOW - timedelta(days=31)).isoformat()
    usage = Usage({f"{n}.yaml": Replayed(f"a/{n}", ["GET 1"], [], ["sandbox"], recorded_at) for n in range(8)}, plays=1)
    said = lines(usage, 30, NOW)
    sandboxed = "recorded from the sandbox, so no evidence of the live API: a/0, a/1, a/2, a/3, a/4 and 3 more"
    assert said[1] == sandboxed
    assert [line for line in said if "more" in line] == [sandboxed, "unused: 3 more", "stale: 3 more"]


def test_the_packaged_reference_is_not_taken_for_the_suites_own(
    suite: Suite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A suite that has recorded nothing is told whose recordings its tests passed on."""
    packaged = tmp_path / "packaged"
    monkeypatch.setattr(workspace, "reference", lambda kind: packaged / kind)
    suite.record("slack/users")
    suite.write(READ.format(arguments=""))
    suite.run().stdout.no_fnmatch_line("not recorded here*")
    packaged.mkdir()
    (suite.path / "cassettes").rename(packaged / "cassettes")
    result = suite.run()
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["not recorded here, so replayed from the package's own recordings: slack/users"])
