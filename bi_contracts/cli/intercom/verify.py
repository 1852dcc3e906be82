"""`bi-contracts intercom verify`: whether a store is whole; with `--repair`, so that it is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from .. import options as common
from . import options
from .progress import Tell, bars, left

if TYPE_CHECKING:
    from ...contract import Contract
    from ...intercom.store.repairing import Fetch, Repaired
    from ...intercom.store.verifying import Looking, Progress, Verified
    from ...report import Event
    from ...workspace import Workspace


@click.command("verify")
@options.store_option
@click.option("--repair", is_flag=True, help="Heal what is found; ask Intercom again only for what is damaged.")
@click.option("--quick", is_flag=True, help="Look at a sample of the conversations, and not at the pages of the file.")
@click.option(
    "--mode",
    type=click.Choice(["sandbox", "replay", "live"]),
    help="With --repair, who answers. Default: whoever the store was synced from.",
)
@click.option("--from", "origin", metavar="URL", help="With --repair, a sandbox that is served at a URL answers.")
@click.option("--local", is_flag=True, help="With --repair, ask nobody: what is lost is left to the next sync.")
@click.option("--wait", type=click.FloatRange(0), default=0.0, help="With --repair, seconds to wait for a sync to end.")
@common.report_options
def command(
    store: str | None,
    repair: bool,
    quick: bool,
    mode: str | None,
    origin: str | None,
    local: bool,
    wait: float,
    format: str,
    output: Any,
) -> None:
    """Recompute everything that is held from what Intercom sent, and say what does not agree.

    Looks at the file and its pages, tables and indexes, ids, content hashes, messages and their order, times, links to
    customers, tombstones, the contract, counters and coverage. Changes nothing without --repair. Ends with 1 where
    anything is damaged.

    \b
    bi-contracts intercom verify
    bi-contracts intercom verify --quick
    bi-contracts intercom verify --repair
    """
    if repair and quick:
        raise click.UsageError("--repair looks at everything: leave --quick out")
    if (mode or origin or local) and not repair:
        raise click.UsageError("--mode, --from and --local belong to --repair: verify itself asks nobody")
    space = common.workspace()
    target = options.address(space, store)
    options.opener()
    with _shown() as progress:
        if repair:
            mended = _repaired(space, target, mode, origin, local=local, wait=wait, progress=progress)
            verified, source = mended.after, _source(target)
        else:
            mended, (verified, source) = None, _verified(target, _contract(space), quick=quick, progress=progress)
    if mended is not None:
        _told(mended)
    plain = _plain(verified, mended) | {"store": options.shown(target), "source": source}
    common.emit(_events(verified, source, target), format, output, "breaking", plain=plain)


def _verified(
    target: str, contract: Contract | None, *, quick: bool, progress: Progress | None
) -> tuple[Verified, str]:
    from ...errors import StoreBusy, StoreDamaged, StoreError, StoreFull, StoreMissing
    from ...intercom.store import open_store
    from ...intercom.store.checks.file import header
    from ...intercom.store.examining import examine, expected
    from ...intercom.store.repairing import file_of
    from ...intercom.store.verifying import unopened, verify

    path, found = file_of(target), []
    if path is not None and os.path.isfile(path):  # False, too, where the folder must not be entered
        found = list(header(path) if quick else examine(path, expected()))
    try:
        with open_store(target, create=False, read_only=True) as store:
            source = store.meta("source") or ""
            return verify(store, before=found, contracts=contract, sample=quick, progress=progress), source
    except (StoreBusy, StoreFull, StoreMissing):
        raise
    except StoreError as error:
        if not found and not isinstance(error, StoreDamaged):
            raise
        return unopened(found, str(error)), ""


def _repaired(
    space: Workspace,
    target: str,
    mode: str | None,
    origin: str | None,
    *,
    local: bool,
    wait: float,
    progress: Progress | None,
) -> Repaired:
    from ...intercom.store.repairing import repair

    fetch = None if local else _fetcher(space, mode, origin)
    return repair(target, fetch, contracts=_contract(space), progress=progress, wait=wait)


def _fetcher(space: Workspace, mode: str | None, origin: str | None) -> Fetch:
    """Asks whoever the store was synced from, in its region and by its version, unless told otherwise."""

    def fetch(store: Any, ids: Any) -> None:
        import asyncio

        from ...intercom.sync import Intercom, SyncSettings, refetch
        from ...intercom.sync.settings import region_of

        settings = SyncSettings(region=region_of(store.meta("region")), version=store.meta("version") or "")
        upstream = options.upstream(space, mode or store.meta("source") or "live", origin)

        async def work() -> None:
            async with Intercom.of(upstream, settings) as intercom:
                await refetch(store, intercom, ids, settings=settings)

        asyncio.run(work())

    return fetch


def _contract(space: Workspace) -> Contract | None:
    from ...errors import ContractNotFound
    from ...suite import contract_of

    try:
        return contract_of(space, "intercom/conversation")
    except ContractNotFound:
        return None


def _source(target: str) -> str:
    with options.opener()(target, create=False) as store:
        return store.meta("source") or ""


def _events(verified: Verified, source: str, target: str) -> list[Event]:
    from datetime import UTC, datetime

    from ... import __version__
    from ...intercom.store.outcomes import outcomes
    from ...report import Finished, Started

    looked = f"{verified.conversations} of {verified.of}" if verified.sampled else str(verified.conversations)
    facts = {
        "store": options.shown(target),
        "conversations": looked,
        "messages": str(verified.parts),
        "contacts": str(verified.contacts),
        "tickets": str(verified.tickets),
    }
    title = "A sample of the store" if verified.sampled else "The store"
    started = Started(title, "verify", datetime.now(UTC), __version__, facts)
    return [started, *outcomes(verified, source), Finished(verified.elapsed)]


def _plain(verified: Verified, mended: Repaired | None) -> dict[str, Any]:
    from dataclasses import asdict

    found = {
        "sound": verified.sound,
        "damaged": verified.damaged,
        "sampled": verified.sampled,
        "counts": {check: dict(counts) for check, counts in verified.counts.items()},
        "skipped": dict(verified.skipped),
        "damages": [asdict(damage) for damage in verified.damages],
        **{name: getattr(verified, name) for name in _FIGURES},
    }
    if mended is None:
        return found
    kept = str(mended.kept) if mended.kept else None
    return found | {
        "repaired": {
            "damaged_before": mended.before.damaged,
            "fetched": list(mended.fetched),
            "waiting": list(mended.waiting),
            "read_again": list(mended.read_again),
            "kept": kept,
        }
    }


_FIGURES = ("conversations", "of", "parts", "contacts", "tickets", "elapsed")


def _told(mended: Repaired) -> None:
    """What was done, on stderr: stdout has the report of how the store is now."""
    click.echo(f"{common.counted(mended.before.damaged, 'damage')} found", err=True)
    if mended.kept is not None and mended.salvaged is not None:
        rows = common.counted(mended.salvaged.rows, "row")
        click.echo(f"the damaged file is kept as {mended.kept}; {rows} of it went into a new one", err=True)
        click.echo("start again what had the store open, such as `bi-contracts intercom serve`", err=True)
    if mended.fetched:
        click.echo(f"{common.counted(len(mended.fetched), 'conversation')} fetched again", err=True)
    if mended.waiting:
        waiting = common.counted(len(mended.waiting), "conversation")
        click.echo(f"{waiting} still to be fetched: bi-contracts intercom sync", err=True)
    if mended.read_again:
        extra = [stream for stream in mended.read_again if stream != "conversations"]
        hint = f" --with {','.join(extra)}" if extra else ""
        click.echo(
            f"{', '.join(mended.read_again)}: something may be lost without a trace; the next sync reads them again:"
            f" bi-contracts intercom sync{hint}",
            err=True,
        )


@contextmanager
def _shown() -> Iterator[Progress | None]:
    """Progress with rate and time left; None where nobody looks."""
    with bars() as tell:
        yield None if tell is None else partial(_look, tell)


def _look(tell: Tell, look: Looking) -> None:
    tell(look.phase, look.done, look.total or None, line(look))


def line(look: Looking) -> str:
    """`1200/s, 4:10 left`."""
    if look.eta is None:
        return f"{look.rate:.0f}/s" if look.rate else ""
    return f"{look.rate:.0f}/s, {left(look.eta)}"
