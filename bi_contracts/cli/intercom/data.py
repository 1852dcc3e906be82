"""`bi-contracts intercom data`: conversations for tests."""

from __future__ import annotations

from pathlib import Path

import click

from .. import options as common
from . import options


@click.command("data")
@click.option("--conversations", type=click.IntRange(0), default=100, show_default=True, help="With their messages.")
@click.option("--contacts", type=click.IntRange(0), default=0, show_default=True)
@click.option("--tickets", type=click.IntRange(0), default=0, show_default=True)
@click.option("--seed", default="bi", show_default=True, help="The same seed gives the same bytes.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write JSON lines there.")
@click.option("--store", metavar="URL", help="Put them into this store; it must be new, or hold made-up data.")
def command(conversations: int, contacts: int, tickets: int, seed: str, output: Path | None, store: str | None) -> None:
    """Make conversations, contacts and tickets in Intercom's own shape, as JSON lines or into a store.

    Every line and the store say `mock`: nothing takes them for what Intercom answered, and no sync adds to them.
    """
    from ...files import write_text
    from ...intercom.procedure import data

    if not conversations + contacts + tickets:
        raise click.UsageError("ask for --conversations, --contacts or --tickets")
    made = data.made(common.workspace(), conversations, contacts=contacts, tickets=tickets, seed=seed)
    if store is not None:
        if output is not None:
            raise click.UsageError("--output and --store: leave one of them out")
        with options.opener()(store) as there:
            counts = data.put(there, made)
            told = ", ".join(f"{count} {stream}" for stream, count in counts.items())
            click.echo(f"{told}, made up with seed {seed}: {there.address}", err=True)
    elif output is not None:
        lines = [one.line() for one in made]
        write_text(output, "".join(f"{line}\n" for line in lines))
        click.echo(f"{len(lines)} records, made up with seed {seed}: {output}", err=True)
    else:
        for one in made:
            click.echo(one.line())
