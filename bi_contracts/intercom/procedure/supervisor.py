"""Runs a command in its own stead and writes down how it ended: what a client of MCP does not tell of its server.

Standard library only: it is run as a file of its own, and costs as little as can be.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time


def main(arguments: list[str]) -> int:
    """`STATUS_FILE COMMAND...`: runs the command with this process's streams, and ends as it ends."""
    status, *command = arguments
    told: dict[str, object] = {}
    try:
        process = subprocess.Popen(command)
    except OSError as error:
        _write(status, {"error": f"{command[0]}: {error.strerror or error}"})
        return 127

    def stop(*_: object) -> None:
        told["terminated"] = True
        process.terminate()

    for name in ("SIGTERM", "SIGINT"):
        signal.signal(getattr(signal, name), stop)
    _write(status, {"pid": process.pid})
    code = process.wait()
    _write(status, {"pid": process.pid, "code": code, "ended_at": time.time(), **told})
    return code if code >= 0 else 128 - code


def _write(path: str, told: dict[str, object]) -> None:
    """Whole or not at all."""
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        json.dump(told, file)
    os.replace(f"{path}.new", path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
