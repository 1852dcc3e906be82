"""Imports files and folders: finds the recordings, names and redacts what is in them, writes cassettes."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from ...errors import CassetteError, ConfigurationError
from ...files import write_text
from ...interaction import Interaction
from ...redact import DEFAULT, Policy
from . import Importers, load_importers
from .base import EMPTY, HEAD, Importer, Refused, Unusable
from .naming import Names
from .output import Item, compose

MAX_REFUSED = 10_000
"""After so many refusals a file is given up: it is no recording, and the list would fill the memory."""

Layout = Literal["endpoint", "source"]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file. `format` is "" where no importer knows it."""

    file: str
    format: str
    imported: int
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of everything. `broken` names importers that could not be loaded."""

    files: tuple[FileReport, ...]
    cassettes: tuple[Path, ...]
    broken: tuple[str, ...] = ()

    @property
    def imported(self) -> int:
        """How many interactions now stand in cassettes."""
        return sum(file.imported for file in self.files)

    @property
    def refused(self) -> tuple[Refused, ...]:
        """What is a recording, or claims to be one, and was not imported."""
        return tuple(one for file in self.files for one in file.refused if not one.foreign)

    @property
    def foreign(self) -> tuple[Refused, ...]:
        """The files that are no recordings."""
        return tuple(one for file in self.files for one in file.refused if one.foreign)


@dataclass(slots=True)
class _File:
    """A file while it is worked on; `path` is None where there is nothing to open."""

    name: str
    path: Path | None
    format: str
    items: list[Item]
    refused: list[Refused]


def import_paths(
    paths: Sequence[str | Path],
    out_dir: str | Path,
    *,
    names: Names | None = None,
    layout: Layout = "endpoint",
    policy: Policy = DEFAULT,
    importers: Importers | None = None,
    on_progress: Progress | None = None,
) -> ImportReport:
    """Imports every recording in the files and folders into cassettes below `out_dir`.

    Args:
        paths: Files, and folders that are walked. Hidden folders and `out_dir` itself are listed, not walked.
        out_dir: Where the cassettes go: `<platform>/<endpoint>.yaml`, or with `layout="source"` one per file under
            the file's own name.
        names: What is known about platforms and endpoints (`Declared(platforms).names()`).
        layout: One cassette per `endpoint`, or per `source` file.
        policy: What is redacted beside credentials.
        importers: The formats; by default the built-in ones and those found by entry point.
        on_progress: Called with file name, number of files done, number of files.

    An imported cassette that is already there is added to, never twice with the same exchange; any other recording
    there is left alone and its interactions are listed as refused. Cassettes are written whole or not at all.

    Raises `ConfigurationError` for a path that does not exist or an `out_dir` that is a file, `CassetteError` where
    `out_dir` cannot be written.
    """
    if Path(out_dir).exists() and not Path(out_dir).is_dir():
        raise ConfigurationError(f"{out_dir}: a file stands there; give a folder for the cassettes.")
    formats = importers or load_importers()
    found = list(_files([Path(path) for path in paths], Path(out_dir)))
    for done, file in enumerate(found):
        if on_progress:
            on_progress(file.name, done, len(found))
        if file.path is not None:
            _read(file, file.path, formats, names or Names(), policy)
    written = _write(found, Path(out_dir), layout)
    reports = tuple(FileReport(f.name, f.format, len(f.items), tuple(f.refused)) for f in found)
    return ImportReport(reports, tuple(sorted(written)), formats.broken)


def _files(paths: Sequence[Path], out_dir: Path) -> Iterator[_File]:
    for path in paths:
        if not path.exists():
            raise ConfigurationError(f"{path}: no such file or folder; give the recordings to import.")
    root = _common_folder(paths)
    seen: set[Path] = set()
    for found in (one for path in paths for one in _walk(path, out_dir.resolve())):
        path, reason = found
        if path.resolve() in seen:
            continue
        seen.add(path.resolve())
        name = _shown(Path(os.path.relpath(path.absolute(), root)).as_posix())
        refused = [Refused(name, reason, foreign=True)] if reason else []
        yield _File(name, None if reason else path, "", [], refused)


def _shown(name: str) -> str:
    """A file name as text that can be printed and stored: bytes that are no UTF-8 are spelt out."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _common_folder(paths: Sequence[Path]) -> Path:
    """What file names are given relative to: the one folder, or what all paths have in common."""
    folders = [str((path if path.is_dir() else path.parent).absolute()) for path in paths]
    return Path(os.path.commonpath(folders)) if folders else Path()


def _walk(path: Path, out_dir: Path) -> Iterator[tuple[Path, str]]:
    """Each file below, in the order of names, with a reason not to open it or ""."""
    if not path.is_dir():
        yield path, "" if path.is_file() else "not a regular file"
        return
    try:
        entries = sorted(path.iterdir())
    except OSError as error:
        yield path, f"cannot be listed ({error.strerror})"
        return
    for entry in entries:
        if entry.is_dir():
            reason = _not_walked(entry, out_dir)
            yield from [(entry, reason)] if reason else _walk(entry, out_dir)
        else:
            yield entry, "" if entry.is_file() else "not a regular file"


def _not_walked(folder: Path, out_dir: Path) -> str:
    if folder.resolve() == out_dir:
        return "the folder the cassettes go to: not walked"
    if folder.is_symlink():
        return "a linked folder: not walked; give it as a path of its own"
    return "a hidden folder: not walked" if folder.name.startswith(".") else ""


def _read(file: _File, path: Path, formats: Importers, names: Names, policy: Policy) -> None:
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD)
    except OSError as error:
        file.refused.append(Refused(file.name, f"cannot be read ({error.strerror})"))
        return
    importer = formats.of(head, path)
    if importer is None:
        reason, foreign = unknown_reason(head)
        file.refused.append(Refused(file.name, reason, foreign=foreign))
        return
    file.format = importer.name
    for number, one in enumerate(read_file(importer, path)):
        placed = one if isinstance(one, Refused) else _placed(one, path, number, names, policy)
        if isinstance(placed, Refused):
            file.refused.append(replace(placed, where=file.name))
        else:
            file.items.append(Item(file.name, importer.name, number, placed))
        if len(file.refused) >= MAX_REFUSED:
            file.refused.append(Refused(file.name, f"{MAX_REFUSED} refused: the rest of the file is not read"))
            break
    if not file.items and not file.refused:
        file.refused.append(Refused(file.name, EMPTY))


def read_file(importer: Importer, path: Path) -> Iterator[Interaction | Refused]:
    """What the importer finds; whatever it raises ends the file with a reason instead of the import."""
    count = 0
    try:
        for found in importer.read(path):
            yield found
            count += 1
    except Unusable as why:
        yield Refused(str(path), str(why), count or None)
    except OSError as error:
        yield Refused(str(path), f"cannot be read ({error.strerror})")
    except Exception as error:  # a third party's importer may raise anything; its text may quote the recording
        yield Refused(str(path), f"the importer {importer.name!r} failed ({type(error).__name__})", count or None)


def _placed(one: Interaction, path: Path, number: int, names: Names, policy: Policy) -> Interaction | Refused:
    try:
        return names.place(one, path, policy)
    except Unusable as why:
        return Refused(str(path), str(why), number)


def unknown_reason(head: bytes) -> tuple[str, bool]:
    """Why no format knows the file, and whether it is simply something else."""
    text = head.removeprefix(b"\xef\xbb\xbf").strip()
    if not text:
        return "empty", False
    if b"\0" in head:
        return "not a recording: binary", True
    if text[:1] in (b"{", b"["):
        return "not a recording: JSON without a request's method and a response's status (a response body alone?)", True
    return "not a recording: no known format's marks in its content", True


def _write(found: Iterable[_File], out_dir: Path, layout: Layout) -> list[Path]:
    files = {file.name: file for file in found}
    groups: dict[Path, list[Item]] = defaultdict(list)
    if layout == "source":
        targets = _mirrored([name for name, file in files.items() if file.items])
    for file in files.values():
        for item in file.items:
            target = targets[file.name] if layout == "source" else f"{item.interaction.endpoint}.yaml"
            groups[out_dir / target].append(item)
    written = []
    for path, items in sorted(groups.items()):
        try:
            text = compose(path, items)
        except CassetteError as error:
            _refuse(files, items, str(error))
            continue
        write_text(path, text)
        written.append(path)
    return written


def _refuse(files: Mapping[str, _File], items: Sequence[Item], reason: str) -> None:
    for name in {item.file for item in items}:
        file, numbers = files[name], {item.number for item in items if item.file == name}
        file.items = [item for item in file.items if item.number not in numbers]
        file.refused += [Refused(name, reason, number) for number in sorted(numbers)]


def _mirrored(names: Sequence[str]) -> dict[str, str]:
    """Each file's cassette: its name with `.yaml`; its whole name and `.yaml` where two files would share one."""
    stems: dict[str, list[str]] = defaultdict(list)
    for name in names:
        stems[Path(name).with_suffix(".yaml").as_posix()].append(name)
    return {name: stem if len(owners) == 1 else f"{name}.yaml" for stem, owners in stems.items() for name in owners}
