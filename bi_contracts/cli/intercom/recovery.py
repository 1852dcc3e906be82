"""`bi-contracts intercom recovery`: damage a copy of the store, repair it, compare."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import options as common
from . import options
from .results import result_options, tell

if TYPE_CHECKING:
    from ...intercom.procedure.result import Result
    from ...intercom.store.store import Store
    from ...session import Upstream


@click.command("recovery")
@click.option("--conversations", type=click.IntRange(1), default=60, show_default=True, help="In a store made for it.")
@click.option("--store", metavar="URL", help="Damage copies of this store instead; what is lost is fetched again.")
@result_options
def command(conversations: int, store: str | None, format: str, output: Path | None) -> None:
    """Flip a bit, zero a page, cut the file off, lose rows, empty the index: verify must find each, --repair heal it.

    Each on a copy; the store itself is only read. Of your own store what is lost is asked from whoever answered it,
    which takes the credentials of a sync.
    """
    open_store = options.opener()
    from ...intercom.procedure.workload import sandboxed, scratch

    space = common.workspace()
    with scratch() as folder:
        if store is not None:
            with options.held(store) as there:
                upstream = options.upstream(space, there.meta("source") or "live", None)
                return tell(_run(there, upstream, folder), format, output)
        upstream = sandboxed(space, conversations)
        with open_store(folder / "made.db") as made:
            _sync(made, upstream)
            return tell(_run(made, upstream, folder), format, output)


def _run(store: Store, upstream: Upstream, folder: Path) -> Result:
    from ...intercom.procedure.recovery import run

    return run(store, upstream, folder)


def _sync(store: Store, upstream: Upstream) -> None:
    import asyncio

    from ...intercom.procedure.workload import measured
    from ...intercom.sync import SyncSettings

    asyncio.run(measured(upstream, store, SyncSettings()))
