"""`bi-contracts intercom sync`: the store brought up to date, from where the last sync stopped."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...errors import ExitCode
from .. import options as common
from . import options, progress, provenance

if TYPE_CHECKING:
    from ...intercom.store.store import Store
    from ...intercom.sync import Progress, Step, Synced, SyncSettings
    from ...session import Upstream


def _version(_context: click.Context, _parameter: click.Parameter, given: str) -> str:
    """Raises `click.BadParameter` for what is written as no version of Intercom's is."""
    if given and not re.fullmatch(r"\d+\.\d+|Preview|Unstable", given):
        raise click.BadParameter(f"{given!r} is no version: write 2.16, Preview or Unstable")
    return given


@click.command("sync")
@options.store_option
@click.option(
    "--workspace", type=click.Path(path_type=Path, file_okay=False), help="Folder of the store, in place of --store."
)
@options.mode_option("live")
@click.option("--days", type=click.FloatRange(0, 36_500, min_open=True), help="Conversations of the last so many days.")
@click.option("--since", metavar="TIME", help="Conversations updated from then on: 2026-03-01, 7d.")
@click.option("--full", is_flag=True, help="Read every head again, of everything unless --days or --since say less.")
@click.option("--max-conversations", type=click.IntRange(1), help="Only the newest so many.")
@click.option("--with", "with_", metavar="STREAMS", default="", help="Beside conversations: contacts,tickets.")
@click.option("--reconcile", is_flag=True, help="Look for deletions by comparing counts; else done once a week.")
@click.option(
    "--believe-deletions", is_flag=True, help="Delete here what is gone there, even more than a tenth of all."
)
@click.option("--region", type=click.Choice(["us", "eu", "au"]), help="Where the data of the workspace are hosted.")
@click.option(
    "--intercom-version",
    metavar="V",
    default="",
    callback=_version,
    help="Intercom-Version to speak; 2.16 lists deletions.",
)
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
    is one call. Without --days and --since it reaches as far back as any sync of the store was asked to: everything,
    where none was asked for less.

    \b
    bi-contracts intercom sync --days 30
    bi-contracts intercom sync --mode sandbox --max-conversations 50
    bi-contracts intercom sync --region eu --intercom-version 2.16 --with contacts,tickets
    """
    from ...errors import ApiError
    from ...intercom.sync import SyncSettings

    if workspace is not None and store is not None:
        raise click.UsageError("--workspace names the folder of the store, and --store the store: leave one out")
    space = common.workspace()
    upstream = options.upstream(space, mode, origin)
    settings = SyncSettings(
        since=_since(since, rest["days"], upstream),
        max_conversations=max_conversations or 0,
        with_=_streams(with_),
        region=region or "",
        version=intercom_version,
        **rest,
    )
    target = str(workspace / options.STORE_FILE) if workspace is not None else options.address(space, store)
    with options.opener()(target) as held:
        try:
            found = _run(held, upstream, settings)
        except ApiError as error:
            if intercom_version and error.code == "intercom_version_invalid":
                said = f"--intercom-version {intercom_version} was refused: {error}"
                raise ApiError(said, status=error.status, code=error.code) from None
            raise
        _show(found, held, format, settings.max_conversations)
    click.get_current_context().exit(ExitCode.GOOD if found.run.outcome == "done" else ExitCode.FINDINGS)


def _run(store: Store, upstream: Upstream, settings: SyncSettings) -> Synced:
    import asyncio

    from ...intercom.sync import Intercom, sync

    async def work() -> Synced:
        with shown() as told:
            async with Intercom.of(upstream, settings) as intercom:
                return await sync(store, intercom, settings, progress=told)

    return asyncio.run(work())


def _since(given: str | None, days: float | None, upstream: Upstream) -> int | None:
    """From when on, by the clock of whoever answers. Raises `click.UsageError` for a time that is still to come."""
    if given is not None and days is not None:
        raise click.UsageError("--days and --since say the same: leave one out")
    now = upstream.sandbox.clock() if given is not None and upstream.in_process else time.time()
    since = options.moment(given, "--since", now)
    if since is not None and since > now:
        raise click.BadParameter(f"{given!r} is still to come: it is {provenance.iso(int(now))}", param_hint="--since")
    return since


@contextmanager
def shown() -> Iterator[Progress | None]:
    """Progress with rate, time left and what the rate limit has left; None where nobody looks."""
    with progress.bars() as tell:
        yield None if tell is None else partial(_told, tell)


def _told(tell: progress.Tell, step: Step) -> None:
    if step.phase != "done":
        tell(step.phase, step.done, step.total, line(step))


def line(step: Step) -> str:
    """`149.2/s, 1:05 left, 1203 calls left in the window`."""
    parts = [f"{step.rate:.1f}/s"] if step.rate else []
    if step.eta is not None:
        parts.append(progress.left(step.eta))
    if step.budget_remaining is not None:
        parts.append(f"{step.budget_remaining} calls left in the window")
    return ", ".join(parts)


def _streams(given: str) -> Any:
    """Raises `click.BadParameter` for a stream that is none."""
    names = tuple(dict.fromkeys(name.strip() for name in given.split(",") if name.strip()))
    unknown = [name for name in names if name not in ("contacts", "tickets")]
    if unknown:
        raise click.BadParameter(f"{unknown[0]!r} is neither contacts nor tickets", param_hint="--with")
    return names


def _show(found: Synced, store: Store, format: str, most: int = 0) -> None:
    if format == "json":
        common.print_json({"store": store.address, **plain(found)})
        return
    run, written = found.run, found.written
    click.echo(f"{store.address}: {run.kind} sync from {run.source}: {run.outcome}")
    click.echo(f"  window        {_window(found, most)}")
    if found.idle:
        click.echo(f"  nothing changed; {found.pending} still to fetch" if found.pending else "  nothing changed")
    else:
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


def _window(found: Synced, most: int) -> str:
    """What was looked at."""
    if found.since is None:
        return f"the newest {most}"
    if found.since == 0:
        return "everything"
    return f"updated after {provenance.iso(found.since)}; --full reads everything"


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


_FIGURES = (
    "since",
    "heads",
    "new",
    "deleted",
    "merged",
    "contacts",
    "tickets",
    "pending",
    "truncated",
    "limit",
    "window",
)
