"""`bi-contracts intercom baseline`: keep figures, and compare new ones with them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import options as common
from . import measuring, options
from .results import result_options, tell

if TYPE_CHECKING:
    from ...intercom.procedure.baseline import Baseline

REPEATS = 3


@click.group("baseline")
def command() -> None:
    """Keep the figures of `performance`, and say later what got worse beyond noise.

    \b
    bi-contracts intercom baseline record
    bi-contracts intercom baseline compare

    `compare` ends with 6 where something got worse, with 1 where a figure is gone.
    """


file_option = click.option(
    "--file", "file", type=click.Path(path_type=Path, dir_okay=False),
    help="The baseline. Default: intercom-baseline.json in the workspace's state folder.",
)  # fmt: skip
repeats_option = click.option(
    "--repeats", type=click.IntRange(1, 100), default=REPEATS, show_default=True, help="Measured so often."
)

written_option = click.option(
    "--written", type=click.IntRange(1), default=1000, show_default=True, help="Made up, for write speed."
)


@command.command("record")
@measuring.sync_options
@written_option
@repeats_option
@file_option
def record(file: Path | None, repeats: int, written: int, **asked: Any) -> None:
    """Measure, and keep the figures together with what they were measured on."""
    from ...intercom.procedure import baseline

    path = file or baseline.place(common.workspace())
    found = _measured(repeats, written, asked)
    found.save(path)
    click.echo(f"{len(found.figures)} figures of {found.source}, measured {repeats} times: {path}", err=True)


@command.command("compare")
@measuring.sync_options
@written_option
@repeats_option
@file_option
@result_options
def compare(file: Path | None, repeats: int, written: int, format: str, output: Path | None, **asked: Any) -> None:
    """Measure again, and say what got worse beyond noise."""
    from ...intercom.procedure import baseline

    old = baseline.Baseline.load(file or baseline.place(common.workspace()))
    tell(baseline.compare(old, _measured(repeats, written, asked)), format, output)


def _measured(repeats: int, written: int, asked: dict[str, Any]) -> Baseline:
    options.opener()
    from ...intercom.procedure import baseline, performance
    from ...intercom.procedure.workload import scratch

    space, runs = common.workspace(), []
    for _ in range(repeats):
        upstream, settings = measuring.asked_of(space, **asked)
        with scratch() as folder:
            runs.append(performance.run(space, upstream, folder, settings, written=written).result())
    given = {name: value for name, value in {**asked, "written": written}.items() if value and name != "origin"}
    return baseline.Baseline.of(runs, given)
