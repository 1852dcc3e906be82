"""`bi-contracts intercom weekly`: one verdict, kept from week to week."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import options as common
from . import options
from .results import result_options, tell

if TYPE_CHECKING:
    from ...intercom.procedure.result import Result
    from ...intercom.store.store import Store
    from ...intercom.sync import Synced
    from ...session import Upstream
    from ...workspace import Workspace


@click.command("weekly")
@options.store_option
@options.mode_option(
    help="Who is asked. Default: whoever the store was synced from; the sandbox where there is no store."
)
@click.option("--no-sync", is_flag=True, help="Look at the store only.")
@result_options
def command(
    store: str | None, mode: str | None, origin: str | None, no_sync: bool, format: str, output: Path | None
) -> None:
    """Say in one line whether store, sync and API are in order, and keep the figures for the weeks to come.

    How old the store is, a sample of it verified, an incremental sync, new drift, and all that against the weeks
    before. Ends with 1 where there are findings: made for a scheduler.
    """
    from ...errors import StoreMissing
    from ...intercom.procedure.workload import scratch

    space = common.workspace()
    try:
        there = options.held(store)
    except StoreMissing:
        if store is not None or mode == "live":
            raise
        click.echo("there is no store: the sandbox is synced into one that is gone afterwards", err=True)
        with scratch() as folder, options.opener()(folder / "weekly.db") as made:
            # Nothing of it is kept: what a sandbox came to says nothing about the weeks to come.
            return tell(_checked(space, made, "sandbox", origin, no_sync, keep=False), format, output)
    with there:
        known = mode or there.meta("source") or "sandbox"
        return tell(_checked(space, there, known, origin, no_sync, keep=True), format, output)


def _checked(space: Workspace, store: Store, mode: str, origin: str | None, no_sync: bool, *, keep: bool) -> Result:
    from ...intercom.procedure import history, weekly

    now, path, before = time.time(), history.place(space), store.status()
    synced, error = (None, "") if no_sync else _synced(options.upstream(space, mode, origin), store)
    past = [one for one in history.read(path) if one.command == "weekly" and one.source == (before.source or mode)]
    if mode != "live":
        now = _theirs(store, now)
    found = weekly.check(store, before, synced, past, now, error)
    if keep:
        history.add(path, weekly.entry(found, time.time()))
    return found


def _theirs(store: Store, now: float) -> float:
    """The time where a sandbox or a recording lives: that of the last sync."""
    latest = store.status().latest
    return float(latest.ended_at or latest.started_at) if latest is not None else now


def _synced(upstream: Upstream, store: Store) -> tuple[Synced | None, str]:
    """An incremental sync, or why there is none."""
    import asyncio

    from ...errors import BiContractsError
    from ...intercom.sync import Intercom, SyncSettings, sync
    from ...intercom.sync.settings import region_of

    async def run() -> Synced:
        async with Intercom(upstream, region=region_of(store.meta("region"))) as intercom:
            return await sync(store, intercom, SyncSettings())

    try:
        return asyncio.run(run()), ""
    except BiContractsError as error:
        return None, str(error)
