"""Programs that are run, ours among them, and what came of it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...redact import redact_text


@dataclass(frozen=True, slots=True)
class Done:
    """A program that ended: its exit code (127: there is none of that name, 124: it took too long), what it said."""

    code: int
    out: str = ""
    err: str = ""
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        return self.code == 0

    @property
    def last(self) -> str:
        """The last line that it said, redacted."""
        lines = [line for line in f"{self.out}\n{self.err}".splitlines() if line.strip()]
        return redact_text(lines[-1].strip()[:300]) if lines else "it said nothing"


def python(*arguments: str) -> list[str]:
    """A command that this interpreter runs."""
    return [sys.executable, *arguments]


def ours(*arguments: str) -> list[str]:
    """A command of `bi-contracts intercom`, whether its program is on the PATH or not."""
    return python("-c", "from bi_contracts.cli import main; main()", "intercom", *arguments)


def importable() -> dict[str, str]:
    """The variable by which processes that are started find this package, installed or not."""
    package = str(Path(__file__).parents[3])
    return {"PYTHONPATH": os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH", ""))))}


Runner = Callable[..., Done]
"""Runs a program: `runner(command, timeout=..., environ=...)`."""


def run(command: Sequence[str], *, timeout: float = 900.0, environ: Mapping[str, str] | None = None) -> Done:
    """Runs a program to its end. Never raises for what the program does."""
    started = time.perf_counter()
    try:
        done = subprocess.run(
            list(command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            env={**os.environ, **(environ or {})},
            check=False,
        )
    except FileNotFoundError:
        return Done(127, err=f"{command[0]}: not installed")
    except OSError as error:
        return Done(126, err=f"{command[0]}: {error.strerror}")
    except subprocess.TimeoutExpired:
        return Done(124, err=f"it took more than {timeout:g} s", seconds=time.perf_counter() - started)
    return Done(done.returncode, done.stdout, done.stderr, time.perf_counter() - started)
