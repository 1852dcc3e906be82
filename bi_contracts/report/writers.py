"""The formats a report can be written in, and the way to a file."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path

from ..errors import BiContractsError, ConfigurationError
from .events import Event
from .stream import Report

SUFFIXES: Mapping[str, str] = {
    "text": ".txt",
    "json": ".json",
    "markdown": ".md",
    "html": ".html",
    "junit": ".xml",
    "sarif": ".sarif",
}
"""Each format and the usual ending of its files."""

FORMATS = tuple(SUFFIXES)


def render(events: Iterable[Event], format: str, *, width: int | None = None, color: bool = False) -> str:
    """The report as text. `width` (columns) and `color` matter to `text` only.

    Raises BiContractsError on a format that is none of FORMATS.
    """
    if format not in FORMATS:
        raise BiContractsError(f"no report format {format!r}: choose one of {', '.join(FORMATS)}")
    writer = import_module(f".{format}", __package__)
    report = Report.of(events)
    text: str = writer.render(report, width=width, color=color) if format == "text" else writer.render(report)
    return text


def write(path: str | os.PathLike[str], text: str) -> None:
    """Write UTF-8 in one step: the old file stays until the new one is whole. Missing folders are made.

    Raises ConfigurationError, with the path, where the system does not allow it.
    """
    target = Path(path)
    try:
        target = target.resolve()
        if target.exists() and not target.is_file():
            _write_through(target, text)
        else:
            _replace(target, text)
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigurationError(f"cannot write the report to {path}: {reason}; choose another file.") from None


def _write_through(target: Path, text: str) -> None:
    # A device or pipe (/dev/stdout) must be written to, never replaced.
    with target.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(text)


def _replace(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.tmp")
    try:
        # Not tempfile: its 0600 would keep a web server from reading a published report.
        with draft.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
