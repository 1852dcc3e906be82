"""How the measuring verbs print what they found."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from ...intercom.procedure.result import Result

Command = TypeVar("Command", bound=Callable[..., Any])


def result_options(command: Command) -> Command:
    """`--format` and `--output`."""
    command = click.option(
        "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write what was found there, too."
    )(command)
    return click.option("--format", "format", type=click.Choice(["text", "json"]), default="text", show_default=True)(
        command
    )


def tell(result: Result, format: str, output: Path | None) -> None:
    """Prints what was found and ends the command with the exit code that it deserves.

    A file is JSON where its name ends so, whatever is printed.
    """
    from ...files import write_text
    from ...intercom.procedure.tree import style_for

    style = style_for(getattr(sys.stdout, "encoding", None))
    click.echo(result.json() if format == "json" else result.text(style), nl=False)
    if output is not None:  # after it was printed: a disk that is full must not lose it
        as_json = format == "json" or output.suffix == ".json"
        write_text(output, result.json() if as_json else result.text())
        click.echo(f"written to {output}", err=True)
    click.get_current_context().exit(int(result.exit_code))
