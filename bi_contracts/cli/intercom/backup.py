"""`bi-contracts intercom backup`: a copy of the store while it is in use."""

from __future__ import annotations

from pathlib import Path

import click

from .. import options as common
from . import options
from .progress import bars


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@options.store_option
@click.option("--force", is_flag=True, help="Replace FILE where it is there.")
@click.option("--pg-dump", is_flag=True, help="A store in PostgreSQL: run pg_dump into FILE.")
@common.plain_format
def command(file: Path, store: str | None, force: bool, pg_dump: bool, format: str) -> None:
    """Copy the store to FILE, which only you may read, and check the copy. Syncs and servers go on meanwhile.

    A store in PostgreSQL is copied by pg_dump: --pg-dump runs it.

    \b
    bi-contracts intercom backup copies/monday.db
    """
    with options.held(store) as held:
        if pg_dump and held.kind == "postgresql":
            from ...intercom.store.backup import pg_dump as dump

            made = dump(held, file, force=force)
        elif pg_dump:
            raise click.UsageError("--pg-dump is for a store in PostgreSQL, and this one is a file: leave it out")
        else:
            from ...intercom.store.backup import backup

            with bars() as tell:
                progress = None if tell is None else lambda done, total: tell("copying", done, total, "")
                made = backup(held, file, force=force, progress=progress)
        address, size = held.address, made.stat().st_size
    if format == "json":
        common.print_json({"store": address, "file": str(made), "bytes": size})
    else:
        click.echo(f"{made}: a copy of {address}, {size} bytes")
