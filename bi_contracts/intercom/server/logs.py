"""The server's log: on stderr, and never with anything that was asked for or answered."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

OURS = "bi_contracts"


class Bare(logging.Formatter):
    """Our own lines as they are; of other libraries' lines only where they were logged: they quote what they read.

    No traceback either: its last line may hold a value.
    """

    def format(self, record: logging.LogRecord) -> str:
        at, kind = self.formatTime(record), ""
        if record.exc_info and record.exc_info[0] is not None:
            kind = f" ({record.exc_info[0].__name__})"
        ours = record.name.partition(".")[0] == OURS
        said = record.getMessage() if ours else f"{record.filename}:{record.lineno}"
        return f"{at} {record.levelname} {record.name}: {said}{kind}"


def place(error: BaseException) -> str:
    """Where an error was raised: a file and a line, and nothing that was being read there."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    return f"{Path(at.tb_frame.f_code.co_filename).name}:{at.tb_lineno}" if at else "?"


def configure(level: str, file: Path | None = None) -> None:
    """Logs of a level and above: ours at that level, others' from warnings on."""
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        handlers.append(logging.FileHandler(file, encoding="utf-8"))
    root = logging.getLogger()
    root.handlers[:] = handlers
    for handler in handlers:
        handler.setFormatter(Bare())
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(level)
    logging.captureWarnings(True)
