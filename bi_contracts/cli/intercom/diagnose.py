"""`bi-contracts intercom diagnose`: why a sync is not faster."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .measuring import measured_sync, sync_options
from .results import result_options, tell


@click.command("diagnose")
@sync_options
@result_options
def command(format: str, output: Path | None, **asked: Any) -> None:
    """Sync into a store of its own and say what took the time: rate limit, network, store or processor.

    \b
    bi-contracts intercom diagnose --latency 0.15 --limits
    bi-contracts intercom diagnose --mode live --days 1
    """
    found = measured_sync(**asked)
    from ...intercom.procedure.diagnose import result

    tell(result(found), format, output)
