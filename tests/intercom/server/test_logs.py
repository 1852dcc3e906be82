"""What stands in the log, and what does not."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bi_contracts.intercom.server import status
from bi_contracts.intercom.server.logs import Bare, configure


@pytest.fixture
def logs() -> Iterator[None]:
    """Logging as it was, afterwards."""
    root, ours = logging.getLogger(), logging.getLogger("bi_contracts")
    kept, level, own = root.handlers[:], root.level, ours.level
    yield
    for handler in set(root.handlers) - set(kept):
        handler.close()
    root.handlers[:] = kept
    root.setLevel(level)
    ours.setLevel(own)
    logging.captureWarnings(False)


def record(name: str, said: str, error: Exception | None = None) -> logging.LogRecord:
    raised = None if error is None else (type(error), error, error.__traceback__)
    return logging.LogRecord(name, logging.ERROR, "place.py", 7, said, (), raised)


def test_other_libraries_are_named_by_place_only() -> None:
    """They log what they read."""
    line = Bare().format(record("mcp.server", "got ann@customers.example", ValueError("ann@customers.example")))
    assert line.endswith("ERROR mcp.server: place.py:7 (ValueError)")
    assert Bare().format(record("bi_contracts.intercom", "said by us")).endswith("bi_contracts.intercom: said by us")


@pytest.mark.usefixtures("logs")
def test_a_file_takes_the_same_lines(tmp_path: Path) -> None:
    """Its folder is made."""
    configure("INFO", tmp_path / "logs" / "x.log")
    logging.getLogger("bi_contracts.intercom").info("a line")
    logging.getLogger("elsewhere").info("too little to log")
    assert (tmp_path / "logs" / "x.log").read_text().endswith("INFO bi_contracts.intercom: a line\n")


def test_memory_is_told_where_the_system_tells_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """And is unknown elsewhere."""
    if sys.platform == "linux":
        assert (status.memory() or 0) > 2**20
    monkeypatch.setattr(status, "Path", lambda _path: Path("nowhere"))
    assert status.memory() is None
