"""A finished run as files: three JSON documents, Markdown, JUnit and one self-contained HTML page."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from ..errors import ConfigurationError
from ..files import write_text
from ..report import Event, render
from ..report.stream import Report
from ..report.values import plain
from .documents import comprehensive, executive, performance, section
from .recommendations import recommended

__all__ = ["FILES", "comprehensive", "executive", "performance", "section", "write_reports"]

FILES: Mapping[str, str] = {
    "comprehensive": "comprehensive_test_results_{timestamp}.json",
    "executive": "test_summary_{timestamp}.json",
    "performance": "bi_performance_benchmark_{timestamp}.json",
    "markdown": "test_report_{timestamp}.md",
    "junit": "junit_{timestamp}.xml",
    "html": "test_report_{timestamp}.html",
}
"""What a run writes -> the name of its file. One timestamp, in UTC, for all files of a run: `20260103_103000`."""


def write_reports(events: Iterable[Event], folder: str | Path) -> tuple[Path, ...]:
    """Writes all reports of a run, each file whole or not at all, and says where they are.

    A stream without recommendations is given those that its outcomes ask for. An earlier run's files are never
    written over: on a clash the timestamp ends in `-2`. If one file cannot be written, none of them stays.
    Raises `ConfigurationError`.
    """
    stream = recommended(events)
    texts = _texts(stream)
    target = Path(folder)
    with _timestamp(target, _moment(Report.of(stream))) as timestamp:
        paths = {target / FILES[name].format(timestamp=timestamp): text for name, text in texts.items()}
        try:
            for path, text in paths.items():
                write_text(path, text)
        except BaseException:
            for path in paths:
                path.unlink(missing_ok=True)
            raise
    return tuple(paths)


def check_folder(folder: str | Path) -> None:
    """Makes the folder, and raises `ConfigurationError` where no file can be written into it."""
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise ConfigurationError(
            f"{folder}: reports cannot be written there ({error.strerror}); choose another folder."
        ) from None


def _texts(stream: list[Event]) -> dict[str, str]:
    report = Report.of(stream)
    documents = {"comprehensive": comprehensive, "executive": executive, "performance": performance}
    return {name: _json(documents[name](report)) if name in documents else render(stream, name) for name in FILES}


def _json(document: dict[str, Any]) -> str:
    return json.dumps(plain(document), indent=2, allow_nan=False) + "\n"


def _moment(report: Report) -> datetime:
    """When the run began; a time without a zone is taken for UTC."""
    at = report.started.at if report.started else datetime.now(UTC)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


@contextmanager
def _timestamp(folder: Path, at: datetime) -> Iterator[str]:
    """A timestamp that no file in the folder has, and that no other run takes meanwhile."""
    check_folder(folder)
    stamp = f"{at:%Y%m%d_%H%M%S}"
    for number in count(1):
        name = stamp if number == 1 else f"{stamp}-{number}"
        taken = folder / f".{name}.writing"
        if not _take(taken):
            continue
        try:
            if not any((folder / pattern.format(timestamp=name)).exists() for pattern in FILES.values()):
                yield name
                return
        finally:
            with suppress(OSError):
                taken.unlink()


def _create(path: Path) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))


def _take(path: Path) -> bool:
    try:
        _create(path)
    except FileExistsError:
        return False
    except OSError as error:
        raise ConfigurationError(
            f"{path.parent}: cannot be written to ({error.strerror}); choose another folder."
        ) from None
    return True
