"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from ..errors import ConfigurationError


def write_atomically(path: Path, text: str) -> None:
    """Replace `path` by `text` in one step, making missing folders. Raises ConfigurationError when that fails."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be written ({error.strerror or error}).") from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(name, _mode(path))
        os.replace(name, path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.unlink(name)
        if isinstance(error, OSError):
            raise ConfigurationError(f"{path}: cannot be written ({error.strerror or error}).") from None
        raise


def _mode(path: Path) -> int:
    """The mode the file had; a new file is readable by all, as `open` would make it under the usual umask."""
    return path.stat().st_mode & 0o777 if path.exists() else 0o644
