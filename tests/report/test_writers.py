"""The registry of formats, and writing to a file."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bi_contracts.errors import BiContractsError, ConfigurationError, ExitCode
from bi_contracts.report import FORMATS, SUFFIXES, render, write

from .streams import outcome


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_ends_with_one_line_break(name: str) -> None:
    """The text can be appended to a file as it is, and its suffix is known."""
    text = render(iter([outcome()]), name)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert SUFFIXES[name].startswith(".")


def test_an_unknown_format_is_a_usage_error() -> None:
    """The message lists the formats."""
    with pytest.raises(BiContractsError, match="choose one of text, json, markdown, html, junit, sarif") as caught:
        render([], "pdf")
    assert caught.value.exit_code == ExitCode.USAGE


def test_importing_the_package_imports_no_writer() -> None:
    """rich is loaded by the text writer alone."""
    code = (
        "import sys, bi_contracts.report as r; assert 'rich' not in sys.modules;"
        " r.render([], 'html'); assert 'rich' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_write_makes_folders_and_replaces(tmp_path: Path) -> None:
    """A new file, then a newer one in its place, and no draft left."""
    target = tmp_path / "out" / "report.html"
    write(target, "one é\n")
    write(target, "two\n")
    assert target.read_bytes() == b"two\n"
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no permission bits")
def test_a_report_is_as_readable_as_any_new_file(tmp_path: Path) -> None:
    """The permissions are those the umask gives, not those of a secret."""
    write(tmp_path / "a", "x")
    (tmp_path / "b").write_text("x", encoding="utf-8")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == stat.S_IMODE((tmp_path / "b").stat().st_mode)


def test_a_failed_write_keeps_the_old_file(tmp_path: Path) -> None:
    """Text that cannot be encoded leaves the old report and no draft."""
    target = tmp_path / "report.txt"
    write(target, "old")
    with pytest.raises(UnicodeEncodeError):
        write(target, "\ud800")
    assert target.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """The file behind a symbolic link is replaced, not the link."""
    (tmp_path / "real").write_text("old", encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text(encoding="utf-8") == "new"


@pytest.mark.parametrize("place", ["folder", "file/report.html"])
def test_a_path_that_cannot_be_written_is_named(tmp_path: Path, place: str) -> None:
    """The message holds the path and what to do."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"cannot write the report to .*; choose another file"):
        write(tmp_path / place, "text")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    """A device or pipe stays what it is."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write(pipe, "hello")
        assert os.read(reader, 100) == b"hello"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
