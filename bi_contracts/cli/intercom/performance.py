"""`bi-contracts intercom performance`: figures beside their targets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .. import options as common
from . import measuring, options
from .results import result_options, tell


@click.command("performance")
@measuring.sync_options
@click.option("--queries", "number", type=click.IntRange(1), default=100, show_default=True, help="Of each kind.")
@click.option("--written", type=click.IntRange(1), default=1000, show_default=True, help="Made up, for write speed.")
@click.option("--profile", is_flag=True, help="Say where the time of the sync goes, by layer. Costs speed itself.")
@result_options
def command(number: int, written: int, profile: bool, format: str, output: Path | None, **asked: Any) -> None:
    """Sync into a store of its own, ask it, write made-up data, and hold the figures against their targets.

    \b
    bi-contracts intercom performance
    bi-contracts intercom performance --profile --output perftest_results.json
    bi-contracts intercom performance --mode live --days 7

    Ends with 6 where a target is missed by more than a factor of two.
    """
    options.opener()
    from ...intercom.procedure import performance
    from ...intercom.procedure.workload import scratch

    space = common.workspace()
    upstream, settings = measuring.asked_of(space, **asked)
    with scratch() as folder:
        found = performance.run(space, upstream, folder, settings, number=number, profile=profile, written=written)
    tell(found.result(), format, output)
