"""A workspace in a temporary folder, and the command line in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from bi_contracts.cli import cli, exit_code_of


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        return self.stdout + self.stderr


Run = Callable[..., Ended]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `bi-contracts ...` in an empty workspace, with no credentials in the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    for name in ("ASANA_ACCESS_TOKEN", "SLACK_BOT_TOKEN", "NOTION_TOKEN", "LINEAR_API_KEY", "INTERCOM_ACCESS_TOKEN"):
        monkeypatch.delenv(name, raising=False)

    def call(*words: str) -> Ended:
        result = CliRunner().invoke(cli, list(words))
        if not isinstance(result.exception, Exception):
            return Ended(result.exit_code, result.stdout, result.stderr)
        code, said = exit_code_of(result.exception)
        return Ended(code, result.stdout, result.stderr + said)

    return call
