"""Other people's test suites, run inside of ours."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from bi_contracts.contract import Contract
from bi_contracts.registry import platforms, target
from bi_contracts.sandbox import Sandbox
from bi_contracts.session import Mode, Session, Upstream, envelopes
from bi_contracts.workspace import Workspace

PLUGIN = ("-p", "bi_contracts.pytest_plugin")


@dataclass(frozen=True)
class Suite:
    """A suite in a folder of its own, which is its workspace too."""

    pytester: pytest.Pytester

    @property
    def path(self) -> Path:
        return self.pytester.path

    @property
    def workspace(self) -> Workspace:
        return Workspace.discover(self.path, {})

    def write(self, text: str) -> None:
        """The suite's one test file."""
        self.pytester.makepyfile(test_it=text)

    def record(self, *ids: str, rows: int = 3, max_pages: int | None = None) -> None:
        """Recordings of these endpoints, made from the sandbox."""
        upstream = Upstream(self.workspace, "sandbox", Sandbox(platforms(), rows=rows))
        session = Session(self.workspace, Mode.RECORD, upstream)
        for id in ids:
            one = target(id)
            session.record(one.platform, one.endpoint, max_pages=max_pages)

    def infer(self, *ids: str) -> None:
        """Contracts that these endpoints' recordings keep."""
        session = Session(self.workspace)
        for id in ids:
            Contract.infer(id, envelopes(session.recorded(id))).save(self.workspace.contract(id))

    def run(self, *arguments: str) -> pytest.RunResult:
        """A run in this process with no plugin but pytest's own and ours."""
        return self.pytester.runpytest_inprocess(*PLUGIN, *arguments)

    def run_apart(self, *arguments: str) -> pytest.RunResult:
        """A run in a process of its own."""
        return self.pytester.runpytest_subprocess(*PLUGIN, *arguments)
