"""`bi-contracts intercom clients`: several MCP clients at once."""

from __future__ import annotations

from pathlib import Path

import click

from .. import options as common
from . import options
from .results import result_options, tell


@click.command("clients")
@click.option("--clients", "number", type=click.IntRange(1, 100), default=5, show_default=True, help="At once.")
@click.option("--rounds", type=click.IntRange(1, 1000), default=2, show_default=True, help="Of the same mixed calls.")
@click.option(
    "--transport", type=click.Choice(["stdio", "http"]), default="stdio", show_default=True,
    help="A server for each client, as desktop programs start them, or one server for all.",
)  # fmt: skip
@click.option("--conversations", type=click.IntRange(1), default=200, show_default=True, help="In a store made for it.")
@click.option("--store", metavar="URL", help="Serve this store instead; it is only read.")
@result_options
def command(
    number: int, rounds: int, transport: str, conversations: int, store: str | None, format: str, output: Path | None
) -> None:
    """Let clients search, read and ask for status at once; each answer must be what a client alone is given."""
    import asyncio

    open_store = options.opener()
    from ...intercom.procedure import clients, data
    from ...intercom.procedure.workload import scratch

    space, http = common.workspace(), transport == "http"
    with scratch() as folder:
        address = store or str(folder / "clients.db")
        with open_store(address, create=store is None) as there:
            if store is None:
                data.put(there, data.made(space, conversations))
            calls, source = clients.workload(there), there.meta("source") or ""
        found, elapsed = asyncio.run(clients.run(address, calls, number, rounds, folder, http=http))
        tell(clients.result(found, elapsed, source, http=http), format, output)
