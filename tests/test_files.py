"""Text files that are written whole or not at all."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from bi_contracts.errors import ConfigurationError
from bi_contracts.files import check_writable, write_text


def test_write_makes_folders_and_replaces(tmp_path: Path) -> None:
    """A new file, then a newer one in its place, and no draft left."""
    target = tmp_path / "out" / "page.html"
    write_text(target, "one é\n")
    write_text(target, "two\n")
    assert target.read_bytes() == b"two\n"
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no permission bits")
def test_a_file_is_as_readable_as_any_new_file(tmp_path: Path) -> None:
    """The permissions are those the umask gives, not those of a secret."""
    write_text(tmp_path / "a", "x")
    (tmp_path / "b").write_text("x", encoding="utf-8")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == stat.S_IMODE((tmp_path / "b").stat().st_mode)


def test_a_failed_write_keeps_the_old_file(tmp_path: Path) -> None:
    """Text that cannot be encoded leaves the old file and no draft."""
    target = tmp_path / "report.txt"
    write_text(target, "old")
    with pytest.raises(UnicodeEncodeError):
        write_text(target, "\ud800")
    assert target.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """The file behind a symbolic link is replaced, not the link."""
    (tmp_path / "real").write_text("old", encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_text(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text(encoding="utf-8") == "new"


@pytest.mark.parametrize("place", ["folder", "file/report.html"])
def test_a_path_that_cannot_be_written_is_named(tmp_path: Path, place: str) -> None:
    """The message holds the path and what to do."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"cannot be written .*choose another"):
        write_text(tmp_path / place, "text")
    with pytest.raises(ConfigurationError, match="cannot be written"):
        check_writable(tmp_path / place)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    """A device or pipe stays what it is."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_text(pipe, "hello")
        assert os.read(reader, 100) == b"hello"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_place_that_can_be_written_is_left_as_it_is(tmp_path: Path) -> None:
    """Looking makes the folder and no file."""
    check_writable(tmp_path / "deep" / "a.yaml")
    assert list((tmp_path / "deep").iterdir()) == []


def test_the_mode_of_an_earlier_file_is_kept(tmp_path: Path) -> None:
    """Replacing a file does not open it to others."""
    target = tmp_path / "a"
    target.write_text("x")
    target.chmod(0o600)
    write_text(target, "y")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
