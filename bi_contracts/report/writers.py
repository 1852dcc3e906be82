"""The formats a report can be written in, and the way to a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module

from ..errors import BiContractsError
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
