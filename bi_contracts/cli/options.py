"""Options and habits that several verbs share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from ..registry import Target
    from ..report.events import Event
    from ..session import Upstream
    from ..suite import Step
    from ..workspace import Workspace

Command = TypeVar("Command", bound=Callable[..., Any])

REPORT_FORMATS = ("text", "json", "markdown", "html", "junit", "sarif")

globs = click.argument("globs", nargs=-1, metavar="[GLOB]...")
origin = click.option(
    "--from",
    "origin",
    default=None,
    metavar="live|sandbox|URL",
    help="Who answers: the vendors (live, the default), the sandbox in process, or a sandbox served at a URL.",
)
max_pages = click.option("--max-pages", type=click.IntRange(1), default=5, show_default=True, help="Pages an endpoint.")
plain_format = click.option(
    "--format", "format", type=click.Choice(["text", "json"]), default="text", show_default=True
)


def report_options(command: Command) -> Command:
    """`--format` and `--output` of the verbs that end in a report."""
    command = click.option(
        "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the report there, not to stdout."
    )(command)
    return click.option("--format", "format", type=click.Choice(REPORT_FORMATS), default="text", show_default=True)(
        command
    )


def workspace() -> Workspace:
    """The workspace around the current folder."""
    from ..workspace import Workspace

    return Workspace.discover()


def targets(space: Workspace, globs: Sequence[str]) -> tuple[Target, ...]:
    """The endpoints that the globs select; all of them where none is given."""
    from ..registry import select

    return select(globs or ["*"], space)


def recorded_ids(space: Workspace, globs: Sequence[str]) -> tuple[str, ...]:
    """Ids that the globs select: of declared endpoints, and of whatever else is recorded or has a contract here.

    No glob stands for what the workspace has, and where it has nothing, for the packaged reference.
    """
    from ..errors import UnknownEndpoint
    from ..registry import pattern, select

    known = [one.id for one in select(["*"], space)]
    own = {*space.recorded_ids(), *space.contract_ids()}
    if own and not globs:
        globs = sorted(own)
    known += [id for id in (*space.recorded_ids(), *space.contract_ids()) if id not in known]
    found: dict[str, None] = {}
    for glob in globs or ["*"]:
        wanted = pattern(glob)
        matching = [id for id in known if id == wanted or fnmatchcase(id, wanted)]
        if not matching:
            raise UnknownEndpoint(glob, known)
        found |= dict.fromkeys(matching)
    return tuple(id for id in dict.fromkeys(known) if id in found)


def upstream(space: Workspace, origin: str | None) -> Upstream:
    """Who answers. Raises `click.BadParameter` for anything that is neither a word we know nor a URL."""
    from ..errors import ConfigurationError
    from ..session import Upstream

    if origin == "replay":
        raise click.BadParameter("'replay' is neither live, sandbox nor a URL", param_hint="--from")
    try:
        return Upstream(space, origin or ("sandbox" if space.settings.mode == "sandbox" else "live"))
    except ConfigurationError as error:
        raise click.BadParameter(str(error), param_hint="--from") from None


def quiet() -> bool:
    """Whether progress is unwanted: asked for, or nobody is looking."""
    return bool((click.get_current_context().find_root().obj or {}).get("quiet")) or not sys.stderr.isatty()


@contextmanager
def progress(total: int, what: str) -> Iterator[Callable[[str], None]]:
    """A progress bar on stderr; the yielded function names the step that was finished."""
    if quiet():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total or None)

        def done(step: str) -> None:
            bar.update(task, advance=1, description=f"{what}: {step}")

        yield done


def emit(
    events: Sequence[Event], format: str, output: Path | None, fail_on: str, *, plain: dict[str, Any] | None = None
) -> None:
    """Prints or writes a report, then ends the command with the exit code the report deserves.

    `plain` is what JSON shows instead of the report.
    """
    from ..files import write_text
    from ..report import exit_code, render

    if plain is not None and format == "json":
        import json

        text = json.dumps(plain, indent=2)
    else:
        text = render(events, format, width=width(output), color=output is None and use_color())
    if output is None:
        click.echo(text, nl=not text.endswith("\n"))
    else:
        write_text(output, text)
        click.echo(f"report written to {output}", err=True)
    click.get_current_context().exit(int(exit_code(events, fail_on=fail_on)))


def width(output: Path | None) -> int | None:
    """As wide as the terminal, never narrower than a report can be read; the usual width for files."""
    import shutil

    return max(60, min(shutil.get_terminal_size((100, 24)).columns, 140)) if output is None else None


def use_color() -> bool:
    """Colour only for a terminal, and only where NO_COLOR (no-color.org) does not forbid it."""
    import os

    there = sys.stdout is not None and not sys.stdout.closed
    return there and sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def counted(number: int, noun: str) -> str:
    """`1 sample`, `2 samples`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def print_json(value: Any) -> None:
    """A value as indented JSON on stdout."""
    import json

    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def print_table(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> None:
    """Rows as a plain table on stdout; numbers to the right. Made to be read and to be cut by awk."""
    texts = [[str("" if row.get(column) is None else row[column]) for column in columns] for row in rows]
    widths = [max(len(column), *(len(row[at]) for row in texts), 0) for at, column in enumerate(columns)]
    numeric = [all(isinstance(row.get(column), int) for row in rows) for column in columns]
    for line in [list(columns), *texts]:
        cells = (
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numeric, strict=True)
        )
        click.echo("  ".join(cells).rstrip())


def show(rows: Sequence[dict[str, Any]], columns: Sequence[str], format: str) -> None:
    """Rows as a table or as JSON."""
    if format == "json":
        print_json(rows)
    else:
        print_table(rows, columns)


def run_suite(
    title: str, verb: str, steps: Sequence[Step], globs: Sequence[str], format: str, output: Path | None
) -> None:
    """Runs steps over the selected endpoints and reports. What was not recorded is listed, never passed."""
    import time

    from .. import suite
    from ..session import Session

    space = workspace()
    chosen = recorded_ids(space, globs)
    session = Session(space)
    started = time.perf_counter()
    outcomes = []
    with progress(len(chosen), verb) as done:
        for id in chosen:
            outcomes += suite.run(steps, session, [id])
            done(id)
    facts = {"workspace": space.root.name, "mode": "replay"}
    stream = suite.events(title, verb, outcomes, time.perf_counter() - started, **facts)
    emit(stream, format, output, space.settings.fail_on)
