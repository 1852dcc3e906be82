"""Ways to damage a file, and what of it belongs to whom."""

from __future__ import annotations

import shutil
from pathlib import Path

from bi_contracts.intercom.store.pages import BadPage, SqliteFile

PAGE = 4096


def owners(path: Path) -> dict[str, list[int]]:
    """Table or index -> the pages of it."""
    found: dict[str, list[int]] = {}
    with SqliteFile(path) as file:
        roots = {str(row.values[1]): row.values[3] for row in file.walk(1) if row.values[3]}
        found["sqlite_schema"] = [at for at, reached in enumerate(file.reached) if reached]
        for name, root in roots.items():
            before = bytes(file.reached)
            for _ in file.walk(int(str(root))):
                pass
            found[name] = [at for at, reached in enumerate(file.reached) if reached and not before[at]]
    return found


def copy(source: Path, target: Path) -> Path:
    """The file of a closed store, under another name."""
    for end in ("", "-wal", "-shm"):
        Path(f"{target}{end}").unlink(missing_ok=True)
    shutil.copy(source, target)
    return target


def flip(path: Path, at: int, bit: int = 0) -> None:
    with path.open("rb+") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1 << bit]))


def zero(path: Path, page: int) -> None:
    with path.open("rb+") as file:
        file.seek((page - 1) * PAGE)
        file.write(bytes(PAGE))


def cut(path: Path, pages: int, more: int = 0) -> None:
    with path.open("rb+") as file:
        file.truncate(pages * PAGE + more)


__all__ = ["PAGE", "BadPage", "copy", "cut", "flip", "owners", "zero"]
