"""A workspace's own checks, out of its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from bi_contracts.errors import DeclarationError
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
    ],
)
def test_a_file_that_is_of_no_use_is_named(tmp_path: Path, text: str, says: str) -> None:
    """A check that nobody finds must not look like one that passed."""
    with pytest.raises(DeclarationError, match=rf"checks\.py: .*{says}"):
        own_checks(space(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The message names the setting."""
    (tmp_path / CONFIG).write_text('checks = ["gone.py"]')
    with pytest.raises(DeclarationError, match=r"gone\.py: no such file; the setting `checks` lists it"):
        own_checks(Workspace.discover(tmp_path, {}))
