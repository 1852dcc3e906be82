"""Installing from nothing, and running on every interpreter: with programs that only pretend to run."""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Callable, Sequence
from importlib.metadata import PackagePath, PathDistribution
from pathlib import Path
from typing import Any

import pytest

from bi_contracts.errors import ConfigurationError, ExitCode
from bi_contracts.intercom.procedure import install, platforms, wheels
from bi_contracts.intercom.procedure.install import Container, Environment, Installation, Plan, chosen
from bi_contracts.intercom.procedure.line import Mark
from bi_contracts.intercom.procedure.result import Result, Row
from bi_contracts.intercom.procedure.running import Done, run

ROOT = Path(__file__).parents[3]
PLAIN = Path(__file__).parents[1] / "plain_server.py"
GOOD = Done(0, "Usage: something\n")


class Pretended:
    """Runs nothing. Answers the first of `told` whose words all stand in the command, and GOOD otherwise."""

    def __init__(self, told: dict[str, Done] | None = None, folder: Path | None = None) -> None:
        self.told, self.folder = told or {}, folder
        self.asked: list[str] = []

    def __call__(self, command: Sequence[str], **_: Any) -> Done:
        line = " ".join(command)
        self.asked.append(line)
        if "pip wheel" in line and self.folder is not None:
            (self.folder / "bi_contracts-1.0-py3-none-any.whl").write_bytes(b"x" * 1000)
        if "-m venv" in line:
            (Path(command[-1])).mkdir(parents=True)
        return next((done for words, done in self.told.items() if all(word in line for word in words.split())), GOOD)


def asked(*_: object) -> tuple[Row, ...]:
    return (Row("Server", "started", mark=Mark.GOOD),)


def installed(tmp_path: Path, runner: Pretended, plan: Plan | None = None, container: bool = False) -> Result:
    plan = plan or Plan()
    place: Any = (
        Container(tmp_path, plan, runner) if container else Environment(tmp_path, plan, runner, tmp_path, ["py"])
    )
    return Installation(place, plan, runner, tmp_path, ("sync", "serve")).result(asked)


def test_an_environment_goes_through_the_six_groups(tmp_path: Path) -> None:
    """It says that it was no container, installs the wheel with its extra, and leaves nothing behind."""
    runner = Pretended(folder=tmp_path)
    told = installed(tmp_path, runner)
    assert [section.title for section in told.sections] == [
        *("Build", "Startup", "Command line", "MCP server", "API", "Cleanup")
    ]
    assert told.exit_code == 0
    assert "fresh virtual environment" in told.title
    assert "Docker" in told.advice[0]
    assert any(line.endswith(".whl[intercom]") for line in runner.asked)
    assert not (tmp_path / "venv").exists()


def test_a_container_is_built_tried_and_removed(tmp_path: Path) -> None:
    """Its size and its user are told; a token is named and its value never shown."""
    told = {"image inspect Size": Done(0, "123000000\n"), "image inspect User": Done(0, "bi\n")}
    runner = Pretended(told)
    found = installed(tmp_path, runner, Plan(api=True), container=True)
    assert found.exit_code == 0, found.text()
    assert "123 MB" in found.text()
    assert "a container" in found.title
    assert any("image rm" in line for line in runner.asked)
    assert all("INTERCOM_ACCESS_TOKEN=" not in line for line in runner.asked)


def test_a_container_that_runs_as_root_is_a_finding(tmp_path: Path) -> None:
    """So is one that was not built: nothing else is tried then."""
    root = installed(tmp_path, Pretended({"image inspect": Done(0, "root\n")}), container=True)
    assert root.mark is Mark.BAD
    assert "not told" in root.text()
    broken = installed(tmp_path, Pretended({"build": Done(1, err="no such file\n")}), container=True)
    assert broken.exit_code == ExitCode.FINDINGS
    assert "no such file" in broken.text()
    assert broken.text().count("what comes before it failed") == 3


def test_what_breaks_is_named(tmp_path: Path) -> None:
    """No wheel, no environment, a verb without help: each in its group, and the rest is removed all the same."""
    assert "no wheel could be built" in installed(tmp_path, Pretended()).text()
    failing = Pretended({"-m venv": Done(1, err="no venv\n")}, tmp_path)
    assert "no venv" in installed(tmp_path, failing).text()
    verb = Pretended({"intercom sync --help": Done(1, err="ImportError: x\n")}, tmp_path)
    told = installed(tmp_path, verb)
    assert "1 of 2 help; sync: ImportError: x" in told.text()
    assert told.sections[-1].rows[0].said == "removed"


def test_the_api_is_asked_where_that_is_wanted(tmp_path: Path) -> None:
    """Live with the days of the plan; what was made can be kept."""
    runner = Pretended(folder=tmp_path)
    told = installed(tmp_path, runner, Plan(api=True, mode="live", days=2, keep=True))
    assert told.source == "live"
    assert any("--mode live" in line and line.endswith("--days 2") for line in runner.asked)
    assert (tmp_path / "venv").exists()
    kept = installed(tmp_path, Pretended({"image inspect": Done(0, "bi")}), Plan(keep=True), container=True)
    assert "kept; bi-contracts-install-test" in kept.text()


def test_docker_is_taken_where_its_engine_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And else an environment; whoever insists on Docker is told why there is none."""
    monkeypatch.setattr(install, "checkout", lambda: ROOT if (ROOT / "Dockerfile").is_file() else tmp_path)
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    silent = Pretended({"docker info": Done(1, err="cannot connect")})
    assert isinstance(chosen(Plan(), tmp_path, ["py"], docker=None, runner=Pretended()), Container)
    assert isinstance(chosen(Plan(), tmp_path, ["py"], docker=None, runner=silent), Environment)
    assert isinstance(chosen(Plan(), tmp_path, ["py"], docker=False, runner=Pretended()), Environment)
    with pytest.raises(ConfigurationError, match="cannot connect"):
        chosen(Plan(), tmp_path, ["py"], docker=True, runner=silent)
    monkeypatch.setattr(install, "checkout", lambda: None)
    with pytest.raises(ConfigurationError, match="no checkout"):
        chosen(Plan(), tmp_path, ["py"], docker=True, runner=Pretended())


def test_a_plan_is_read_from_a_file(tmp_path: Path) -> None:
    """What is not understood is named."""
    file = tmp_path / "plan.json"
    file.write_text('{"days": 3, "pip": ["--no-index"], "image": "mine"}')
    assert Plan.read(file, api=True) == Plan(True, days=3, pip=("--no-index",), image="mine")
    for text in ('{"dayz": 3}', '{"days": "x"}', "[]", "{"):
        file.write_text(text)
        with pytest.raises(ConfigurationError, match=r"plan\.json"):
            Plan.read(file)


def test_a_server_is_started_asked_ended_and_started_again(tmp_path: Path) -> None:
    """One that has the tools is good; one that does not start is a finding."""
    rows = install.mcp([sys.executable, "-I", "-S", str(PLAIN)], tmp_path, {})
    assert [row.mark for row in rows] == [Mark.GOOD] * 5, rows
    (row,) = install.mcp([sys.executable, "-c", "raise SystemExit('broken')"], tmp_path, {})
    assert row.mark is Mark.BAD
    assert "broken" in row.said


def test_the_tools_that_are_looked_for_are_ours(tmp_path: Path) -> None:
    """A server of this package has them all."""
    from bi_contracts.intercom.server.wiring import tools_of

    with tools_of(str(tmp_path / "none.db"), root=".") as tools:
        assert set(install.TOOLS) <= set(tools.table())


def test_an_installed_distribution_is_packed_again(tmp_path: Path) -> None:
    """Its own files only, none of the programs that pip made beside them."""
    site = tmp_path / "site"
    info = site / "bi_contracts-2.0.dist-info"
    files = ["bi_contracts/__init__.py", f"{info.name}/METADATA", f"{info.name}/INSTALLER", "../../bin/bi-contracts"]
    for name in files:
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("Version: 2.0\n")
    (info / "RECORD").write_text("".join(f"{name},,\n" for name in files))
    found = wheels.repacked(tmp_path, PathDistribution(info))
    assert found.name == "bi_contracts-2.0-py3-none-any.whl"
    assert zipfile.ZipFile(found).namelist() == files[:2]


def test_what_cannot_be_packed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link to a checkout has no files, and what is not installed neither."""
    link = PathDistribution(tmp_path)
    monkeypatch.setattr(type(link), "files", [PackagePath("x.pth")])
    with pytest.raises(ConfigurationError, match="link to a folder"):
        wheels.repacked(tmp_path, link)
    monkeypatch.setattr(wheels, "NAME", "no-such-distribution")
    with pytest.raises(ConfigurationError, match="neither installed"):
        wheels.wheel(tmp_path, run, None)


def test_a_checkout_is_known_by_its_project_file(tmp_path: Path) -> None:
    """Another project's is none of ours."""
    assert wheels.checkout(tmp_path) is None
    (tmp_path / "pyproject.toml").write_text('name = "other"')
    assert wheels.checkout(tmp_path) is None
    (tmp_path / "pyproject.toml").write_text('name = "bi-contracts"')
    assert wheels.checkout(tmp_path) == tmp_path


def test_programs_never_end_in_an_exception(tmp_path: Path) -> None:
    """What is not there, may not be run or takes too long has a code; last words are redacted."""
    assert run(["no-such-program"]).code == 127
    assert run([str(tmp_path)]).code == 126
    assert run([sys.executable, "-c", "import time; time.sleep(9)"], timeout=0.05).code == 124
    done = run([sys.executable, "-c", "print('hello')"], environ={"A": "b"})
    assert (done.good, done.last) == (True, "hello")
    assert Done(1).last == "it said nothing"


def test_the_command_says_which_of_the_two_it_was(run: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Docker, an environment."""
    from bi_contracts.intercom.procedure import install as module

    def result(self: Installation) -> Result:
        return Result("install", self.place.what, "", ())

    monkeypatch.setattr(module.Installation, "result", result)
    assert "fresh virtual environment" in run("intercom", "install", "--no-docker").stdout
    Path("plan.json").write_text("{}")
    assert run("intercom", "install", "--no-docker", "--config", "plan.json").exit_code == 0


# Every interpreter


def interpreter(tmp_path: Path, version: str) -> Path:
    path = tmp_path / version / "bin" / "python"
    path.parent.mkdir(parents=True)
    path.touch()
    return path


def test_interpreters_are_found_where_they_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest patch of pyenv first; one that does not start, and one that is another, are not there."""
    monkeypatch.setattr(platforms.shutil, "which", lambda _: None)
    old, new = interpreter(tmp_path, "3.98.9"), interpreter(tmp_path, "3.98.10")
    interpreter(tmp_path, "3.97.1")
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    runner = Pretended({"3.98": Done(0, "3.98\n")})
    found = platforms.interpreters(runner, ("3.97", "3.98", "3.99", here), tmp_path)
    assert [one.path for one in found] == ["", str(new), "", sys.executable]
    assert old.exists()


def test_tox_runs_each_interpreter_that_is_there(tmp_path: Path) -> None:
    """The tests of the Intercom system, or all of them; what failed is told with its last words."""
    found = [
        platforms.Interpreter("3.11", "/py311"),
        platforms.Interpreter("3.12"),
        platforms.Interpreter("3.13", "/p"),
    ]
    runner = Pretended({"-e py313": Done(1, err="1 failed\n")})
    told = platforms.with_tox(tmp_path, found, runner, everything=False)
    assert told.exit_code == ExitCode.FINDINGS
    assert "Python 3.12: skipped: not there" in told.text()
    assert "failed (1): 1 failed" in told.text()
    assert "not there; run the same command on one" in told.text()
    assert all("--discover" in line and line.endswith("tests/intercom") for line in runner.asked[1:])
    absent = Pretended({"-m tox --version": Done(1)})
    platforms.with_tox(tmp_path, found, absent, everything=True)
    assert absent.asked[1].startswith("tox run")
    assert not absent.asked[1].endswith("tests/intercom")


def test_where_nothing_ran_it_is_no_pass(tmp_path: Path) -> None:
    """No interpreter there: 5."""
    told = platforms.one_by_one(None, [platforms.Interpreter("3.12")], tmp_path, Pretended())
    assert told.exit_code == ExitCode.NOTHING_RAN


def test_without_tox_the_procedure_runs_from_the_wheel(tmp_path: Path) -> None:
    """In an environment of each interpreter; one that cannot be made is told."""
    folder = tmp_path / "3.12"
    folder.mkdir()
    found = [platforms.Interpreter("3.12", "/py")]
    told = platforms.one_by_one(tmp_path, found, tmp_path, Pretended(folder=folder))
    assert told.exit_code == 0, told.text()
    assert platforms.one_by_one(tmp_path, found, tmp_path / "b", Pretended()).mark is Mark.BAD


def test_the_command_takes_tox_where_there_is_a_checkout(run: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the wheel where it is told to."""
    taken: list[str] = []
    empty = Result("cross-platform", "t", "", ())
    monkeypatch.setattr(wheels, "checkout", lambda: ROOT)
    monkeypatch.setattr(platforms, "interpreters", lambda *_: [])
    monkeypatch.setattr(platforms, "with_tox", lambda *_, **__: taken.append("tox") or empty)
    monkeypatch.setattr(platforms, "one_by_one", lambda *_: taken.append("wheel") or empty)
    assert run("intercom", "cross-platform", "--python", "3.12").exit_code == 0
    assert run("intercom", "cross-platform", "--no-tox", "--format", "json").exit_code == 0
    assert taken == ["tox", "wheel"]


def test_a_result_is_plain_data(tmp_path: Path) -> None:
    """Which of the two it was stands in JSON, too."""
    told = json.loads(installed(tmp_path, Pretended(folder=tmp_path)).json())
    assert told["place"] == "a fresh virtual environment"
