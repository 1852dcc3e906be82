"""Options and steps that the verbs share which measure a sync into a store of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .. import options as common
from . import options

if TYPE_CHECKING:
    from ...intercom.procedure.workload import Measured
    from ...intercom.sync import SyncSettings
    from ...session import Upstream
    from ...workspace import Workspace

Command = TypeVar("Command", bound=Callable[..., Any])

CONVERSATIONS = 300


def mode_option(command: Command) -> Command:
    """`--mode` and `--from`: who answers. Recordings are not measured: they say nothing of time."""
    command = click.option("--from", "origin", metavar="URL", help="A sandbox that is served at a URL answers.")(
        command
    )
    return click.option(
        "--mode",
        type=click.Choice(["sandbox", "live"]),
        default="sandbox",
        show_default=True,
        help="Who answers: the sandbox in process, or Intercom itself.",
    )(command)


def sync_options(command: Command) -> Command:
    """Who answers, and how much is synced."""
    for option in (
        click.option("--region", type=click.Choice(["us", "eu", "au"]), help="Where a live workspace lives."),
        click.option(
            "--latency", metavar="SECONDS", default="", help="Let the sandbox answer so late: 0.15, lognormal:0.1,0.5."
        ),
        click.option("--limits", is_flag=True, help="Let the sandbox refuse what is over Intercom's rate limit."),
        click.option(
            "--max-conversations", type=click.IntRange(1), default=CONVERSATIONS, show_default=True,
            help="At most so many, the newest; the sandbox has so many.",
        ),
        click.option("--days", type=click.FloatRange(0, min_open=True), help="Updated in the last so many days."),
        mode_option,
    ):  # fmt: skip
        command = option(command)
    return command


def upstream(
    space: Workspace, mode: str, origin: str | None, max_conversations: int, *, limits: bool, latency: str
) -> Upstream:
    """Who answers: a sandbox made for it, or as everywhere."""
    from ...errors import ConfigurationError
    from ...intercom.procedure.workload import sandboxed

    if mode == "sandbox" and origin is None:
        try:
            return sandboxed(space, max_conversations, limits=limits, latency=latency)
        except ConfigurationError as error:
            raise click.BadParameter(str(error), param_hint="--latency") from None
    if limits or latency:
        raise click.UsageError("--limits and --latency are of the sandbox in this process: leave --mode and --from out")
    return options.upstream(space, mode, origin)


def settings(mode: str, days: float | None, max_conversations: int, region: str | None) -> SyncSettings:
    """What is synced. A sandbox is read whole: its conversations are of one moment."""
    from ...intercom.sync import SyncSettings

    if mode == "live" and days is None:
        days = 7.0
    return SyncSettings(days=days, max_conversations=max_conversations, region=region or "")


def measured_sync(
    mode: str, origin: str | None, days: float | None, max_conversations: int, limits: bool, latency: str,
    region: str | None,
) -> Measured:  # fmt: skip
    """A sync into a store that is gone afterwards, measured."""
    import asyncio

    open_store = options.opener()
    from ...intercom.procedure.workload import measured, scratch

    space = common.workspace()
    answering = upstream(space, mode, origin, max_conversations, limits=limits, latency=latency)
    asked = settings(mode, days, max_conversations, region)
    with scratch() as folder, open_store(folder / "measured.db") as store:
        return asyncio.run(measured(answering, store, asked))
