"""`bi-contracts intercom latency`: how fast the API answers."""

from __future__ import annotations

from pathlib import Path

import click

from .. import options as common
from . import options
from .measuring import mode_option
from .results import result_options, tell


@click.command("latency")
@click.option("--calls", type=click.IntRange(1, 1000), default=20, show_default=True, help="To each endpoint.")
@mode_option
@result_options
def command(calls: int, mode: str, origin: str | None, format: str, output: Path | None) -> None:
    """Ask /me, a search and a conversation N times, one after the other: p50, p95, p99, connecting, first byte."""
    import asyncio

    from ...intercom.procedure.latency import measure

    upstream = options.upstream(common.workspace(), mode, origin)
    tell(asyncio.run(measure(upstream, calls)), format, output)
