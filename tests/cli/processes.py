"""Commands as processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from bi_contracts.paths import Json

COMMAND = [sys.executable, "-c", "from bi_contracts.cli import main; main()"]


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}
    return subprocess.Popen(
        [*COMMAND, *words], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def finish(folder: Path, *words: str) -> None:
    """Runs a command to a good end."""
    with start(folder, *words) as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said


def wait_for(port_line: str, process: subprocess.Popen[str]) -> str:
    """The URL that a server says it listens on, on stderr."""
    assert process.stderr is not None
    for line in process.stderr:
        if port_line in line:
            return line.split()[-1].strip()
    raise AssertionError("the server ended without saying where it listens")


def printed(process: subprocess.Popen[str]) -> Json:
    """The JSON object that a command prints, while it goes on."""
    assert process.stdout is not None
    text = ""
    while not text.strip().endswith("}"):
        text += process.stdout.readline()
    return json.loads(text)
