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


mode_option = options.mode_option(
    "sandbox", modes=("sandbox", "live"), help="Who answers: the sandbox in process, or Intercom itself."
)
"""Who answers. Recordings are not measured: they say nothing of time."""


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


def asked_of(
    space: Workspace,
    mode: str,
    origin: str | None,
    days: float | None,
    max_conversations: int,
    limits: bool,
    latency: str,
    region: str | None,
) -> tuple[Upstream, SyncSettings]:
    """Who answers, a sandbox made for it or as everywhere, and what is synced.

    A sandbox is read whole: its conversations are of one moment.
    """
    from ...errors import ConfigurationError
    from ...intercom.procedure.workload import sandboxed
    from ...intercom.sync import SyncSettings

    settings = SyncSettings(
        days=7.0 if mode == "live" and days is None else days,
        max_conversations=max_conversations,
        region=region or "",
    )
    if mode == "sandbox" and origin is None:
        try:
            return sandboxed(space, max_conversations, limits=limits, latency=latency), settings
        except ConfigurationError as error:
            raise click.BadParameter(str(error), param_hint="--latency") from None
    if limits or latency:
        raise click.UsageError("--limits and --latency are of the sandbox in this process: leave --mode and --from out")
    return options.upstream(space, mode, origin), settings


def measured_sync(**asked: Any) -> Measured:
    """A sync into a store that is gone afterwards, measured; `asked` are the values of `sync_options`."""
    import asyncio

    open_store = options.opener()
    from ...intercom.procedure.workload import measured, scratch

    upstream, settings = asked_of(common.workspace(), **asked)
    with scratch() as folder, open_store(folder / "measured.db") as store:
        return asyncio.run(measured(upstream, store, settings))
