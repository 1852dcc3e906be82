"""What the command shows while it runs, and what the environment tells it."""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
from click.testing import CliRunner

from bi_contracts.cli import cli
from bi_contracts.cli.intercom import test as command
from bi_contracts.errors import ConfigurationError
from bi_contracts.intercom.procedure.line import Line

# The command


class Terminal(io.StringIO):
    """A stream that is looked at."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("quiet", "said"), [(False, "✅ Memory: 73MB peak"), (True, "")])
def test_progress_on_a_terminal(monkeypatch: pytest.MonkeyPatch, quiet: bool, said: str) -> None:
    """Lines above a bar, and nothing where nothing is wanted."""
    monkeypatch.setattr(sys, "stderr", Terminal())
    with click.Context(command.command, obj={"quiet": quiet}), command._progress() as (tell, step):
        step("sync", 0.5)
        tell(Line("Performance", "Memory Usage", "73MB peak"))
        tell(Line("Cleanup", "Memory", "released"))
    assert said in sys.stderr.getvalue()  # type: ignore[attr-defined]
    assert quiet is not bool(sys.stderr.getvalue())  # type: ignore[attr-defined]


class Finished:
    """A run that has ended."""

    recorded, unrecorded = 0, ""

    def __init__(self, *_: object) -> None: ...

    async def run(self) -> None: ...


def test_a_report_that_cannot_be_written_was_printed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A disk that is full ends the command with 3, and loses nothing; a token that is not used is told."""

    def full(*_: object) -> None:
        raise ConfigurationError("no space left")

    monkeypatch.setattr("bi_contracts.intercom.procedure.run.Run", Finished)
    monkeypatch.setattr(command, "_events", lambda _: [])
    monkeypatch.setattr(command, "_printed", lambda *_: "the report\n")
    monkeypatch.setattr(command, "_write", full)
    monkeypatch.setenv("INTERCOM_ACCESS_TOKEN", "made-up")
    ended = CliRunner().invoke(cli, ["intercom", "test", "--output", str(tmp_path)])
    assert isinstance(ended.exception, ConfigurationError)
    assert ended.stdout == "the report\n"
    assert ended.stderr == "INTERCOM_ACCESS_TOKEN is set and not used: add --mode live\n"
    asked = CliRunner().invoke(cli, ["intercom", "test", "--mode", "sandbox", "--output", str(tmp_path)])
    assert asked.stderr == ""


def test_the_log_level_of_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It goes to our own log and to the processes that are started; LOG_LEVEL, where it is set, comes first."""
    configured: list[Mapping[str, str]] = []
    monkeypatch.setattr("bi_contracts.cli.logs.configure", configured.append)
    monkeypatch.setenv("FASTINTERCOM_TEST_LOG_LEVEL", "debug")
    monkeypatch.setenv("FASTINTERCOM_TEST_WORKSPACE", str(tmp_path))
    monkeypatch.delenv("LOG_LEVEL", raising=False)
    usual = {
        "days": 7.0,
        "max_conversations": None,
        "performance": False,
        "config": None,
        "record": True,
        "keep": False,
    }
    space = SimpleNamespace(root=tmp_path, settings=SimpleNamespace(cassettes="cassettes"))
    with click.Context(command.command):
        found = command._settings(space, "sandbox", None, "mine --x 'a b'", **usual)  # type: ignore[arg-type]
        monkeypatch.setenv("LOG_LEVEL", "INFO")
        command._settings(space, "sandbox", None, None, **usual)  # type: ignore[arg-type]
    assert configured == [{"LOG_LEVEL": "debug"}]
    assert found.environ == {"LOG_LEVEL": "DEBUG"}
    assert (found.folder, found.server, found.record) == (
        tmp_path,
        ("mine", "--x", "a b"),
        tmp_path / "cassettes" / "intercom" / "procedure.yml",
    )
