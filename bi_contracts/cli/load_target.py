"""What `bi-contracts load` measures when nothing else is named: a gateway or a sandbox in a process of its own.

The process serves until its standard input ends, so it never outlives whoever started it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from ..errors import ConfigurationError, UpstreamError

if TYPE_CHECKING:
    from ..serving import Application

STOPPING = 5.0
"""Seconds that the process gets to end by itself."""


@dataclass(frozen=True, slots=True)
class Served:
    """A target that runs."""

    url: str
    pid: int


@contextmanager
def served(kind: str, mode: str) -> Iterator[Served]:
    """Serves a `gateway` in a mode, or the `sandbox`, for as long as the block lasts.

    Raises `UpstreamError` where it does not start, with what it said.
    """
    command = [sys.executable, "-c", f"from {__name__} import serve; serve({kind!r}, {mode!r})"]
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log:
        # A pipe that nobody reads would fill up in a long run, and the process wait for that.
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True
        )
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            if not url:
                raise _not_started(kind, process, log)
            yield Served(url, process.pid)
        finally:
            _stop(process)


def _not_started(kind: str, process: subprocess.Popen[str], log: TextIO) -> UpstreamError | ConfigurationError:
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOPPING)
    log.seek(0)
    said = log.read().strip()
    line = said.splitlines()[-1] if said else "it said nothing"
    if process.returncode == ConfigurationError.exit_code:
        return ConfigurationError(line)
    return UpstreamError(f"the {kind} to be measured did not start: {line}")


def _stop(process: subprocess.Popen[str]) -> None:
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            stream.close()
    try:
        process.wait(STOPPING)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def serve(kind: str, mode: str) -> None:
    """What the process does. Prints the address once connections are accepted."""
    from .. import serving
    from ..errors import BiContractsError

    threading.Thread(target=_end_with_input, daemon=True).start()
    try:
        application = _application(kind, mode)
        serving.serve(application, started=lambda url: print(url, flush=True))
    except BiContractsError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)


def _end_with_input() -> None:
    sys.stdin.read()
    os._exit(0)


def _application(kind: str, mode: str) -> Application:
    from ..session import Upstream
    from ..workspace import Workspace

    upstream = Upstream(Workspace.discover(), mode)
    if kind == "sandbox":
        from ..sandbox.asgi import application

        return application(upstream.sandbox)
    from ..gateway import create_app
    from ..reading import Reader

    return create_app(Reader(upstream), closing=True)
