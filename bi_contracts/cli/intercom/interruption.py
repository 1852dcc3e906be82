"""`bi-contracts intercom interruption`: a sync whose connection is cut."""

from __future__ import annotations

from pathlib import Path

import click

from .. import options as common
from . import options
from .results import result_options, tell

LEAST = 3
"""Requests between two cuts; they are spread over the whole sync."""


@click.command("interruption")
@click.option("--cuts", type=click.IntRange(1, 1000), default=5, show_default=True, help="Answers that break off.")
@click.option(
    "--refuse", type=click.FloatRange(0, 10), default=0.3, show_default=True, metavar="SECONDS",
    help="How long new connections are refused after each.",
)  # fmt: skip
@click.option("--conversations", type=click.IntRange(1), default=120, show_default=True, help="That are synced.")
@result_options
def command(cuts: int, refuse: float, conversations: int, format: str, output: Path | None) -> None:
    """Sync from a served sandbox through a proxy that cuts answers in the middle, and compare with a calm sync.

    Nothing but the sandbox is asked: what is encrypted cannot be cut inside.
    """
    options.opener()
    from ...intercom.procedure.cutting_proxy import Cuts
    from ...intercom.procedure.interruption import run
    from ...intercom.procedure.workload import scratch

    with scratch() as folder:
        tell(
            run(common.workspace(), folder, conversations, Cuts(cuts, max(LEAST, conversations // cuts), refuse)),
            format,
            output,
        )
