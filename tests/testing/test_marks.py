"""What is wrong with a marker is said in words, with what to type next."""

from __future__ import annotations

import pytest

from .suites import Suite

pytest_plugins = ["pytester"]

MARKED = """
    import pytest

    {marker}
    def test_it({fixture}):
        raise AssertionError("the test must not be reached")
"""


@pytest.mark.parametrize(
    ("marker", "fixture", "words"),
    [
        ("", "bi", '*bi needs to know its endpoint: @pytest.mark.bi_contract("asana/tasks")*'),
        ("@pytest.mark.bi_contract", "bi", '*bi_contract needs an endpoint id: @pytest.mark.bi_contract("asana/*'),
        ("@pytest.mark.bi_contract(3)", "bi", "*bi_contract needs an endpoint id*"),
        ("@pytest.mark.bi_cassette", "", "*bi_cassette needs a file: @pytest.mark.bi_cassette(*"),
        ('@pytest.mark.bi_contract("asana/task5")', "bi", "*'asana/task5': did you mean asana/task*"),
        ('@pytest.mark.bi_contract("asana/tags")', "bi", "*asana/tags: no recording*bi-contracts record asana/tags*"),
        ('@pytest.mark.bi_cassette("a.yaml")', "", "*no recording at *a.yaml*--bi-mode record*"),
        (
            '@pytest.mark.bi_cassette("a.yaml")\n    @pytest.mark.bi_contract("asana/tags")',
            "",
            "*bi_contract or bi_cassette, not both*",
        ),
    ],
)
def test_a_mistake_is_told_without_a_traceback(suite: Suite, marker: str, fixture: str, words: str) -> None:
    """The message alone, at the set-up of the test."""
    suite.write(MARKED.format(marker=marker, fixture=fixture))
    result = suite.run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([words])
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")


def test_a_damaged_recording_is_named_with_its_line(suite: Suite) -> None:
    """A file that is no cassette fails the test with its path and position."""
    path = suite.path / "cassettes" / "slack" / "users.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("interactions:\n- {a: [\n")
    suite.write(MARKED.format(marker='@pytest.mark.bi_contract("slack/users")', fixture="bi"))
    result = suite.run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*slack/users.yaml:3:*no valid YAML*"])


def test_a_broken_setting_fails_only_tests_that_need_it(suite: Suite) -> None:
    """A workspace that cannot be read is told by the tests that use it; others run."""
    (suite.path / "bi-contracts.toml").write_text('mood = "good"\n')
    suite.write(
        MARKED.format(marker='@pytest.mark.bi_contract("slack/users")', fixture="bi")
        + """
    def test_other():
        pass
    """
    )
    result = suite.run()
    result.assert_outcomes(errors=1, passed=1)
    result.stdout.fnmatch_lines(["*bi-contracts.toml: unknown setting 'mood'*"])


def test_both_markers_are_registered(suite: Suite) -> None:
    """`pytest --markers` explains them."""
    result = suite.run("--markers")
    result.stdout.fnmatch_lines(["@pytest.mark.bi_contract(id, *ids*", "@pytest.mark.bi_cassette(path, *paths)*"])


def test_a_full_traceback_can_be_asked_for(suite: Suite) -> None:
    """`--full-trace` shows what stands below the test."""
    suite.record("slack/users")
    suite.write("""
        import pytest

        @pytest.mark.bi_contract("slack/users", team="other")
        def test_it(bi):
            bi.records()
    """)
    suite.run().stdout.no_fnmatch_line("*bound.py*")
    suite.run("--full-trace").stdout.fnmatch_lines(["*bound.py*"])
