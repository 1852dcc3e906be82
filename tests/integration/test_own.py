"""A workspace's own checks, out of its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from bi_contracts.errors import ConfigurationError, UnknownEndpoint
from bi_contracts.integration import BenchmarkConfig, BusinessRule, ConnectionTest, DataFlowTest, Workflow
from bi_contracts.integration.own import own_checks
from bi_contracts.workspace import CONFIG, Workspace

EVERY_KIND = """
from bi_contracts.integration import BenchmarkConfig, BusinessRule, ConnectionTest, DataFlowTest, Step, Workflow

alone = ConnectionTest(name="one", endpoint="gong/calls")
listed = [
    DataFlowTest(name="two", source_endpoint="gong/calls", expected_fields=["id"]),
    BenchmarkConfig(name="three", endpoint="/healthz"),
]
rules = (BusinessRule(id="four", endpoint="gong/calls", expression="row.duration >= 0", severity="warning"),)
flow = Workflow(name="five", steps=[Step("first", run=print)])
something_else = {"name": "six"}
"""


def space(folder: Path, text: str) -> Workspace:
    (folder / CONFIG).write_text('checks = ["checks.py"]')
    (folder / "checks.py").write_text(text)
    return Workspace.discover(folder, {})


def test_every_kind_of_check_is_found(tmp_path: Path) -> None:
    """By itself, or in a list; what is no check is left alone."""
    found = own_checks(space(tmp_path, EVERY_KIND))
    assert [type(one) for one in found] == [ConnectionTest, DataFlowTest, BenchmarkConfig, BusinessRule, Workflow]


def test_a_workspace_needs_none(tmp_path: Path) -> None:
    """Nothing listed is nothing found."""
    assert own_checks(Workspace(tmp_path)) == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("NOTHING = 1", "holds no check; wanted are values of ConnectionTest"),
        ("1 / 0", "line 1: ZeroDivisionError"),
        ("def", "SyntaxError"),
        ("import sys\n\nsys.exit(3)", "line 3: SystemExit: 3"),
    ],
)
def test_a_file_that_is_of_no_use_is_named(tmp_path: Path, text: str, says: str) -> None:
    """A check that nobody finds must not look like one that passed."""
    with pytest.raises(ConfigurationError, match=rf"checks\.py: .*{says}"):
        own_checks(space(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The message names the setting."""
    (tmp_path / CONFIG).write_text('checks = ["gone.py"]')
    with pytest.raises(ConfigurationError, match=r"gone\.py: no such file; the setting `checks` lists it"):
        own_checks(Workspace.discover(tmp_path, {}))


IMPORTS = """
from bi_contracts.checks.dataflow import Filled, Freshness, Limits, Planned, Reference, Unique
from bi_contracts.integration import BenchmarkConfig, BusinessRule, ConnectionTest, DataFlowTest, Step, Workflow
"""


@pytest.mark.parametrize(
    ("check", "says"),
    [
        ("ConnectionTest('bad_one', 'gong/cals')", r"ConnectionTest 'bad_one': .*'gong/cals': did you mean gong/calls"),
        ("DataFlowTest('flow', 'gong/cals', ['id'])", r"DataFlowTest 'flow': .*did you mean gong/calls"),
        ("BusinessRule('r1', 'gong/nope', 'false', 'breaking')", "BusinessRule 'r1': .*'gong/nope'"),
        ("BusinessRule('r2', 'gong/calls gong/nope*', 'false')", r"BusinessRule 'r2': .*'gong/nope\*'"),
        ("Freshness('gogn/calls', days=2)", "Freshness of gogn/calls: .*did you mean gong/calls"),
        ("Filled('gong/cals:id')", "Filled of gong/cals:id: .*did you mean gong/calls"),
        ("Unique('gong/cals:id')", "Unique of gong/cals:id: .*did you mean gong/calls"),
        ("Planned('gong/cals:started')", "Planned of .*did you mean gong/calls"),
        ("Limits('gong/cals')", "Limits of gong/cals: .*did you mean gong/calls"),
        ("Reference('gong/calls:id', ('gong/user:id', 'gong/nope:id'))", "Reference of .*'gong/nope'"),
        ("BenchmarkConfig(name='b', endpoint='gong/cals')", "BenchmarkConfig 'b': .*did you mean gong/calls"),
        ("Workflow('w', [Step('first', print)], platforms=['gogn'])", "Workflow 'w': .*'gogn': did you mean gong"),
    ],
)
def test_a_check_of_nothing_is_refused_by_name(tmp_path: Path, check: str, says: str) -> None:
    """A mistyped platform or endpoint would never be checked, and look as if it had passed: every kind is looked up."""
    with pytest.raises(UnknownEndpoint, match=rf"(?s)checks\.py: {says}"):
        own_checks(space(tmp_path, f"{IMPORTS}mine = {check}"))


def test_a_rule_of_the_configuration_is_looked_up_like_the_others(tmp_path: Path) -> None:
    """`[[rules]]` about an endpoint that nobody declares is refused when a run begins."""
    rule = '[[rules]]\nid = "deals"\nendpoint = "hubspot/dealz"\nexpression = "true"\n'
    (tmp_path / CONFIG).write_text(rule)
    with pytest.raises(UnknownEndpoint, match=rf"{CONFIG}: rule deals: .*'hubspot/dealz': did you mean hubspot/deal"):
        own_checks(Workspace.discover(tmp_path, {}))


def test_what_the_workspace_declares_is_known(tmp_path: Path) -> None:
    """Patterns that match, paths of the gateway and whole addresses of a benchmark are no mistakes."""
    text = (
        f"{IMPORTS}mine = [Limits(), Freshness('gong/*', days=2), BusinessRule('r', 'hubspot/deal* gong/*', 'true'),"
        " ConnectionTest('a', '/healthz'), BenchmarkConfig(name='b', endpoint='https://example.com/x')]"
    )
    assert len(own_checks(space(tmp_path, text))) == 5


def test_a_check_with_two_names_in_a_file_runs_once(tmp_path: Path) -> None:
    """`A = ConnectionTest(...)` and `CHECKS = [A]` are one check."""
    (found,) = own_checks(space(tmp_path, f"{IMPORTS}A = ConnectionTest('a', 'gong/calls')\nCHECKS = [A, A]"))
    assert found.name == "a"


def test_two_checks_of_one_kind_do_not_share_a_name(tmp_path: Path) -> None:
    """A report could not tell them apart; of different kinds they may."""
    flow = "C = DataFlowTest('a', 'gong/calls', ['id'])"
    text = f"{IMPORTS}A = ConnectionTest('a', 'gong/calls')\n{flow}"
    assert len(own_checks(space(tmp_path, text))) == 2
    with pytest.raises(
        ConfigurationError, match=r"ConnectionTest 'a': another one of this name stands in .*checks\.py"
    ):
        own_checks(space(tmp_path, f"{text}\nB = ConnectionTest('a', 'gong/users')"))


def test_what_a_file_prints_is_no_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It goes to stderr: stdout may be a document."""
    own_checks(space(tmp_path, f"{IMPORTS}print('loading')\nA = ConnectionTest('a', 'gong/calls')"))
    assert capsys.readouterr() == ("", "loading\n")
