"""`bi-contracts check`: cassettes against contracts."""

from __future__ import annotations

from pathlib import Path

import click

from . import options


@click.command("check")
@options.globs
@options.report_options
def command(globs: tuple[str, ...], format: str, output: Path | None) -> None:
    """Hold every recorded response against its endpoint's contract. Needs no network.

    \b
    bi-contracts check
    bi-contracts check 'notion/*' --format junit --output report.xml
    """
    from .. import suite

    options.run_suite("Recordings against contracts", "check", [suite.check], globs, format, output)
