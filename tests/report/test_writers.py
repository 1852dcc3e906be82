"""The registry of formats, and writing to a file."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bi_contracts.errors import BiContractsError, ExitCode
from bi_contracts.report import FORMATS, SUFFIXES, render

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
