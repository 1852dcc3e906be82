"""`bi-contracts intercom sync`: the store brought up to date, from where the last sync stopped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...errors import ExitCode
from .. import options as common
from . import options

if TYPE_CHECKING:
    from ...intercom.store.store import Store
    from ...intercom.sync import Progress, Step, Synced, SyncSettings
    from ...session import Upstream


@click.command("sync")
@options.store_option
@click.option(
    "--workspace", type=click.Path(path_type=Path, file_okay=False), help="Folder of the store, in place of --store."
)
@options.mode_option("live")
@click.option("--days", type=click.FloatRange(0, 36_500, min_open=True), help="Conversations of the last so many days.")
@click.option("--since", metavar="TIME", help="Conversations updated from then on: 2026-03-01, or with a time of day.")
@click.option("--full", is_flag=True, help="Read every head again, and compare what was deleted.")
@click.option("--max-conversations", type=click.IntRange(1), help="Only the newest so many.")
@click.option("--with", "with_", metavar="STREAMS", default="", help="Beside conversations: contacts,tickets.")
@click.option("--reconcile", is_flag=True, help="Look for deletions by comparing counts; else done once a week.")
@click.option("--region", type=click.Choice(["us", "eu", "au"]), help="Where the data of the workspace are hosted.")
@click.option("--intercom-version", metavar="V", default="", help="Intercom-Version to speak; 2.16 lists deletions.")
@click.option("--overlap", type=click.IntRange(0), default=900, show_default=True, help="Seconds that are read again.")
@click.option("--concurrency", type=click.IntRange(1, 200), default=40, show_default=True, help="Calls in flight.")
@click.option("--wait", type=click.FloatRange(0), default=0.0, help="Seconds to wait for another sync of this store.")
@common.plain_format
def command(
    store: str | None,
    workspace: Path | None,
    mode: str,
    origin: str | None,
    since: str | None,
    max_conversations: int | None,
    with_: str,
    region: str | None,
    intercom_version: str,
    format: str,
    **rest: Any,
) -> None:
    """Bring the store up to date: heads first, then whole conversations, the newest first.

    What was written stays when a sync is interrupted, and the next one goes on from there. Where nothing changed, it
    is one call.

    \b
    bi-contracts intercom sync --days 30
    bi-contracts intercom sync --mode sandbox --max-conversations 50
    bi-contracts intercom sync --region eu --intercom-version 2.16 --with contacts,tickets
    """
    from ...intercom.sync import SyncSettings

    if workspace is not None and store is not None:
        raise click.UsageError("--workspace names the folder of the store, and --store the store: leave one out")
    settings = SyncSettings(
        since=_moment(since),
        max_conversations=max_conversations or 0,
        with_=_streams(with_),
        region=region or "",
        version=intercom_version,
        **rest,
    )
    space = common.workspace()
    target = str(workspace / options.STORE_FILE) if workspace is not None else options.address(space, store)
    upstream = options.upstream(space, mode, origin)
    with options.opener()(target) as held:
        found = _run(held, upstream, settings)
        _show(found, held, format)
    click.get_current_context().exit(ExitCode.GOOD if found.run.outcome == "done" else ExitCode.FINDINGS)


def _run(store: Store, upstream: Upstream, settings: SyncSettings) -> Synced:
    import asyncio

    from ...intercom.sync import Intercom, sync

    async def work() -> Synced:
        with shown() as progress:
            async with Intercom.of(upstream, settings) as intercom:
                return await sync(store, intercom, settings, progress=progress)

    return asyncio.run(work())


@contextmanager
def shown() -> Iterator[Progress | None]:
    """A progress bar on stderr with rate, time left and what the rate limit has left; nothing where nobody looks."""
    if common.quiet():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description:<13}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[told]}"),
    )
    with Bars(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def told(step: Step) -> None:
            if step.phase == "done":
                return
            if step.phase not in tasks:
                tasks[step.phase] = bars.add_task(step.phase, told="")
            bars.update(tasks[step.phase], completed=step.done, total=step.total, told=line(step))

        yield told


def line(step: Step) -> str:
    """`149.2/s, 1:05 left, 1203 calls left in the window`."""
    parts = [f"{step.rate:.1f}/s"] if step.rate else []
    if step.eta is not None:
        minutes, seconds = divmod(round(step.eta), 60)
        parts.append(f"{minutes}:{seconds:02d} left")
    if step.budget_remaining is not None:
        parts.append(f"{step.budget_remaining} calls left in the window")
    return ", ".join(parts)


def _moment(since: str | None) -> int | None:
    if since is None:
        return None
    from ...sandbox.clock import moment_of

    return int(moment_of(since))


def _streams(given: str) -> Any:
    """Raises `click.BadParameter` for a stream that is none."""
    names = tuple(dict.fromkeys(name.strip() for name in given.split(",") if name.strip()))
    unknown = [name for name in names if name not in ("contacts", "tickets")]
    if unknown:
        raise click.BadParameter(f"{unknown[0]!r} is neither contacts nor tickets", param_hint="--with")
    return names


def _show(found: Synced, store: Store, format: str) -> None:
    if format == "json":
        common.print_json({"store": store.address, **plain(found)})
        return
    run, written = found.run, found.written
    click.echo(f"{store.address}: {run.kind} sync from {run.source}: {run.outcome}")
    click.echo(
        f"  conversations {found.new} new, {max(0, found.heads - found.new)} changed, {found.deleted} deleted;"
        f" {run.conversations} fetched, {found.pending} still to fetch"
    )
    click.echo(
        f"  messages      {written.parts_new} new, {written.parts_updated} changed, {written.parts_removed} removed"
    )
    each = f", {found.calls_each:.2f} a conversation" if found.calls_each is not None else ""
    click.echo(f"  calls         {run.calls}{each}; {run.refused} refused, {run.retried} tried again")
    rate = f", {found.rate:.1f} conversations/s" if found.run.conversations else ""
    click.echo(f"  time          {run.milliseconds / 1000:.1f} s{rate}")
    for name, number in (("contacts", found.contacts), ("tickets", found.tickets), ("merged", found.merged)):
        if number:
            click.echo(f"  {name:<13} {number}")
    _remarks(found)


def _remarks(found: Synced) -> None:
    """What somebody should look at, on stderr."""
    for note in _worst_first(found):
        click.echo(f"drift, {note['severity']}: {note['rule']} at {note['endpoint']} {note['path']}", err=True)
    for letter in found.dead:
        click.echo(f"not readable, kept as a dead letter: {letter.stream} {letter.id}: {letter.reason}", err=True)
    if found.truncated:
        click.echo(f"{common.counted(found.truncated, 'conversation')} with more parts than Intercom sends", err=True)
    for sentence in found.warnings:
        click.echo(sentence, err=True)


def _worst_first(found: Synced) -> Sequence[dict[str, Any]]:
    order = {"breaking": 0, "warning": 1}
    notes = [
        {name: getattr(note, name) for name in ("endpoint", "rule", "path", "severity", "message")}
        for note in found.drift
    ]
    return sorted(notes, key=lambda note: order.get(note["severity"], 2))


def plain(found: Synced) -> dict[str, Any]:
    """The outcome as JSON values; records that could not be read are named, not shown."""
    from dataclasses import asdict

    return {
        "run": asdict(found.run),
        "written": asdict(found.written),
        **{name: getattr(found, name) for name in _FIGURES},
        "rate": round(found.rate, 2),
        "calls_each": found.calls_each,
        "coverage": [asdict(range) for range in found.coverage],
        "dead_letters": [{"stream": one.stream, "id": one.id, "reason": one.reason} for one in found.dead],
        "drift": list(_worst_first(found)),
        "warnings": list(found.warnings),
    }


_FIGURES = ("heads", "new", "deleted", "merged", "contacts", "tickets", "pending", "truncated", "limit", "window")
