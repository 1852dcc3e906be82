"""`bi-contracts intercom network`: the traffic of a sync."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .measuring import measured_sync, sync_options
from .results import result_options, tell


@click.command("network")
@sync_options
@result_options
def command(format: str, output: Path | None, **asked: Any) -> None:
    """Sync into a store of its own and say what went over the wire, seen from the client's own transport.

    JSON has the traffic over time.
    """
    found = measured_sync(**asked)
    from ...intercom.procedure.network import result

    tell(result(found), format, output)
