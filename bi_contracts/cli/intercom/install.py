"""`bi-contracts intercom install`: from nothing to a server that answers."""

from __future__ import annotations

from pathlib import Path

import click

from . import options
from .results import result_options, tell


def _told(context: click.Context, option: click.Parameter, mode: str | None) -> str | None:
    """A token that is not used counts only where anything is synced."""
    return options.unused_token(context, option, mode) if context.params.get("api") else mode


@click.command("install")
@click.option("--with-api-test", "api", is_flag=True, help="Sync, too.")
@click.option(
    "--mode", type=click.Choice(["sandbox", "live"]), default="sandbox", show_default=True, help="Who is synced from.",
    callback=_told,
)  # fmt: skip
@click.option("--docker/--no-docker", default=None, help="Insist on a container, or on none. Default: what there is.")
@click.option(
    "--config", "file", type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="JSON with days, image, keep, mode, pip, timeout.",
)  # fmt: skip
@result_options
def command(api: bool, mode: str, docker: bool | None, file: Path | None, format: str, output: Path | None) -> None:
    """Install into a container, or a fresh environment where no Docker answers, and try what was installed.

    Build, startup, command line, MCP server, API (with --with-api-test), cleanup; it says which of the two it was.
    """
    import sys

    options.opener()
    from ...intercom.procedure import install
    from ...intercom.procedure.running import run
    from ...intercom.procedure.workload import scratch
    from . import VERBS

    plan = install.Plan.read(file, api=api) if file else install.Plan(api=api, mode=mode)
    with scratch() as folder:
        place = install.chosen(plan, folder, [sys.executable], docker=docker)
        tell(install.Installation(place, plan, run, folder, tuple(VERBS)).result(), format, output)
