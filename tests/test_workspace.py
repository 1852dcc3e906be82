"""Where files lie, and what configuration says."""

from __future__ import annotations

from pathlib import Path

import pytest

from bi_contracts.errors import ConfigurationError
from bi_contracts.files import write_text
from bi_contracts.workspace import CONFIG, Settings, Workspace, reference


def test_a_folder_without_configuration_is_a_workspace(tmp_path: Path) -> None:
    """Nothing has to be set up first."""
    space = Workspace.discover(tmp_path, {})
    assert (space.root, space.settings) == (tmp_path, Settings())


@pytest.mark.parametrize(
    ("name", "text"),
    [(CONFIG, 'cassettes = "tapes"'), ("pyproject.toml", '[tool.bi_contracts]\ncassettes = "tapes"')],
)
def test_the_configuration_is_found_from_any_folder_below(tmp_path: Path, name: str, text: str) -> None:
    """As git does it: upwards until it is there."""
    (tmp_path / name).write_text(text)
    below = tmp_path / "src" / "deep"
    below.mkdir(parents=True)
    space = Workspace.discover(below, {})
    assert space.cassette("asana/tasks") == tmp_path / "tapes" / "asana" / "tasks.yaml"


def test_a_foreign_pyproject_is_no_workspace(tmp_path: Path) -> None:
    """Without our table the file says nothing to us."""
    (tmp_path / "pyproject.toml").write_text("[tool.other]\n")
    assert Workspace.discover(tmp_path, {}).settings == Settings()


def test_flags_beat_environment_beat_file(tmp_path: Path) -> None:
    """Each later word wins; None is no word."""
    (tmp_path / CONFIG).write_text('fail_on = "info"\nmax_age_days = 1\nmode = "live"')
    space = Workspace.discover(tmp_path, {"BI_CONTRACTS_FAIL_ON": "warning", "BI_CONTRACTS_MAX_AGE_DAYS": "7"})
    assert (space.settings.fail_on, space.settings.max_age_days, space.settings.mode) == ("warning", 7, "live")
    assert space.with_settings(fail_on="breaking", mode=None).settings.fail_on == "breaking"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("fail_onn = 1", "did you mean fail_on"),
        ("zzz = 1", "known are cassettes"),
        ("max_age_days = true", "max_age_days must be int"),
        ('mode = "dream"', "mode must be one of replay"),
        ("mode = ", CONFIG),
    ],
)
def test_a_bad_setting_is_named_with_its_file(tmp_path: Path, text: str, words: str) -> None:
    """Unknown keys, wrong kinds, wrong words and broken TOML all say where."""
    (tmp_path / CONFIG).write_text(text)
    with pytest.raises(ConfigurationError, match=words) as caught:
        Workspace.discover(tmp_path, {})
    assert CONFIG in str(caught.value)


@pytest.mark.parametrize(("name", "value"), [("PERSONAL", "perhaps"), ("MAX_AGE_DAYS", "soon"), ("MODE", "dream")])
def test_a_bad_variable_is_named(tmp_path: Path, name: str, value: str) -> None:
    """The environment is checked as the file is."""
    with pytest.raises(ConfigurationError, match=name.lower() if name == "MODE" else name):
        Workspace.discover(tmp_path, {f"BI_CONTRACTS_{name}": value})


@pytest.mark.parametrize(("value", "kept"), [("false", False), ("1", True), ("OFF", False), ("yes", True)])
def test_a_switch_takes_the_usual_words(tmp_path: Path, value: str, kept: bool) -> None:
    """true, 1, yes, on, and their opposites."""
    assert Workspace.discover(tmp_path, {"BI_CONTRACTS_PERSONAL": value}).settings.personal is kept


def test_dotenv_is_read_below_the_environment(tmp_path: Path) -> None:
    """What is exported wins over what the file says."""
    (tmp_path / ".env").write_text("A=file\nB=file\nEMPTY\n")
    space = Workspace.discover(tmp_path, {"A": "exported"})
    assert (space.environ["A"], space.environ["B"], space.environ.get("EMPTY")) == ("exported", "file", None)


def test_a_workspace_does_not_show_its_environment(tmp_path: Path) -> None:
    """Credentials must not end up in a traceback."""
    assert "hunter2" not in repr(Workspace.discover(tmp_path, {"TOKEN": "hunter2"}))


def test_the_own_recording_comes_before_the_reference(tmp_path: Path) -> None:
    """What the project recorded wins; without either there is none."""
    space = Workspace(tmp_path)
    assert space.find_cassette("no/such") is None
    write_text(space.cassette("no/such"), "x")
    assert space.find_cassette("no/such") == space.cassette("no/such")
    assert space.find_contract("no/such") is None


def test_reference_data_is_packaged() -> None:
    """Cassettes and contracts come with the package, installed or not."""
    assert any(reference("cassettes").glob("*/*.yaml"))
    assert any(reference("contracts").glob("*/*.schema.json"))


def test_files_of_checks_lie_in_the_workspace(tmp_path: Path) -> None:
    """They are named from the workspace's root, as platforms are."""
    (tmp_path / CONFIG).write_text('checks = ["ours/checks.py"]')
    assert Workspace.discover(tmp_path, {}).checks == (tmp_path / "ours" / "checks.py",)


def test_rules_and_health_are_passed_on_as_they_stand(tmp_path: Path) -> None:
    """Whoever uses them says what is wrong with them, and where."""
    (tmp_path / CONFIG).write_text('[[rules]]\nid = "ours"\n[health]\ninterval = 30\n')
    space = Workspace.discover(tmp_path, {})
    assert space.tables == {"rules": [{"id": "ours"}], "health": {"interval": 30}}
    assert space.where == str(tmp_path / CONFIG)


def test_checks_must_be_a_list_of_files(tmp_path: Path) -> None:
    """The message shows how it is written."""
    (tmp_path / CONFIG).write_text('checks = "checks.py"')
    with pytest.raises(ConfigurationError, match=r'checks = \["checks.py"\]'):
        Workspace.discover(tmp_path, {})
