"""`bi-contracts contract`: show, compare and import contracts."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import ExitCode
from . import options


@click.group("contract")
def command() -> None:
    """Work with contracts."""


@command.command("show")
@click.argument("id")
def show(id: str) -> None:
    """Print an endpoint's contract, as the file has it."""
    from ..registry import target
    from ..suite import contract_of

    click.echo(contract_of(options.workspace(), target(id).id).to_json(), nl=False)


@command.command("diff")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
def diff(old: Path, new: Path) -> None:
    """Compare two contract files; ends with 1 where they differ."""
    from ..contract import Contract, diff_text

    text = diff_text(Contract.load(old), Contract.load(new))
    if text:
        click.echo(text, nl=not text.endswith("\n"))
        click.get_current_context().exit(int(ExitCode.FINDINGS))
