"""Text files that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from .errors import ConfigurationError


def write_text(path: str | Path, text: str) -> None:
    """Writes UTF-8 in one step: the earlier file stays until the new one is whole, and on any failure.

    Missing folders are made, links are followed, devices and pipes are written through. Raises `ConfigurationError`
    where the system does not allow it.
    """
    try:
        target = Path(path).resolve()
        if target.exists() and not target.is_file():
            _write_through(target, text)
        else:
            _replace(target, text)
    except (OSError, RuntimeError) as error:
        raise _unwritable(path, error) from None


def check_writable(path: str | Path) -> None:
    """Raises `ConfigurationError` where a file could not be written: worth knowing before an API is called for it."""
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=target.parent).close()
        if target.is_dir():
            raise IsADirectoryError(21, "it is a folder")
    except OSError as error:
        raise _unwritable(path, error) from None


def _write_through(target: Path, text: str) -> None:
    # A device or pipe (/dev/stdout) must be written to, never replaced.
    with target.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(text)


def _replace(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(prefix=f".{target.name[:100]}.", suffix=".tmp", dir=target.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(draft, _mode(target))
        os.replace(draft, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(draft)
        raise


def _mode(target: Path) -> int:
    """The mode the file had; a new one can be read by all, as `open` makes it under the usual umask."""
    return target.stat().st_mode & 0o777 if target.exists() else 0o644


def _unwritable(path: str | Path, error: Exception) -> ConfigurationError:
    reason = getattr(error, "strerror", None) or str(error)
    return ConfigurationError(
        f"{path}: cannot be written ({reason}); check the folder's rights and the space left, or choose another."
    )
