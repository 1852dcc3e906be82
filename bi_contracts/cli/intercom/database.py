"""`bi-contracts intercom database`: how fast the store writes and answers."""

from __future__ import annotations

from pathlib import Path

import click

from .. import options as common
from . import options
from .results import result_options, tell


@click.command("database")
@click.option("--conversations", type=click.IntRange(1), default=1000, show_default=True, help="Made up and written.")
@click.option("--queries", "number", type=click.IntRange(1), default=100, show_default=True, help="Of each kind.")
@click.option("--profile", is_flag=True, help="Show the plan of every query.")
@click.option("--store", metavar="URL", help="Ask this store instead, and write nothing.")
@result_options
def command(
    conversations: int, number: int, profile: bool, store: str | None, format: str, output: Path | None
) -> None:
    """Write made-up conversations into a store of its own, ask it, and say in what state its file is."""
    options.opener()
    from ...intercom.procedure import database
    from ...intercom.procedure.workload import scratch

    if store is not None:
        with options.held(store) as there:
            return tell(database.of_store(there, number, profile), format, output)
    with scratch() as folder:
        return tell(database.measured(common.workspace(), folder, conversations, number, profile), format, output)
