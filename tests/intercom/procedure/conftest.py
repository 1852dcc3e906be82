"""One run on the sandbox that many tests look at, and its recording."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp", reason="the extra intercom is not installed")

from bi_contracts.intercom.procedure.line import Line
from bi_contracts.intercom.procedure.run import Run
from bi_contracts.intercom.procedure.settings import Settings
from bi_contracts.workspace import Workspace

ROWS = 30


@dataclass(frozen=True)
class Done:
    """A run that has ended, and what it was done with."""

    run: Run
    space: Workspace
    told: list[Line]

    def line(self, section: str, name: str) -> Line:
        """One line of it."""
        (found,) = (line for line in self.run.lines if (line.section, line.name) == (section, name))
        return found


def done(root: Path, space: Workspace | None = None, **settings: Any) -> Done:
    """Runs the procedure."""
    told: list[Line] = []
    space = space or Workspace(root)
    run = Run(Settings(**{"folder": root / "work", "rows": ROWS, "rounds": 1, **settings}), space, told.append)
    asyncio.run(run.run())
    return Done(run, space, told)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """A run on the sandbox, recorded."""
    root = tmp_path_factory.mktemp("procedure")
    return done(root, record=root / "cassettes" / "intercom" / "procedure.yml", performance=True)
