"""`bi-contracts intercom cross-platform`: on every interpreter there is."""

from __future__ import annotations

from pathlib import Path

import click

from .results import result_options, tell

VERSIONS = ("3.11", "3.12", "3.13")


@click.command("cross-platform")
@click.option("--python", "versions", multiple=True, type=click.Choice(VERSIONS), help="Only this one. Repeatable.")
@click.option("--all", "everything", is_flag=True, help="With tox: all tests, not those of the Intercom system.")
@click.option("--no-tox", is_flag=True, help="The procedure from the wheel, even where there is a checkout with tox.")
@result_options
def command(versions: tuple[str, ...], everything: bool, no_tox: bool, format: str, output: Path | None) -> None:
    """Run the tests through tox where there is a checkout, else the procedure on the sandbox from the wheel.

    It says what ran and what was not there; where nothing ran it ends with 5.
    """
    from ...intercom.procedure import platforms
    from ...intercom.procedure.running import run
    from ...intercom.procedure.wheels import checkout
    from ...intercom.procedure.workload import scratch

    found, source = platforms.interpreters(run, versions or VERSIONS), checkout()
    if source is not None and (source / "tox.ini").is_file() and not no_tox:
        return tell(platforms.with_tox(source, found, run, everything=everything), format, output)
    with scratch() as folder:
        return tell(platforms.one_by_one(source, found, folder, run), format, output)
