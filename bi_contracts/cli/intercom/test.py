"""`bi-contracts intercom test`: the integration procedure."""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import options
from . import options as shared

if TYPE_CHECKING:
    from ...intercom.procedure.line import Line
    from ...intercom.procedure.run import Run
    from ...intercom.procedure.settings import Settings
    from ...workspace import Workspace

LOG_LEVEL = "FASTINTERCOM_TEST_LOG_LEVEL"
TIMEOUT = "FASTINTERCOM_TEST_TIMEOUT"
FILES = {"json": "json", "markdown": "md", "html": "html", "junit": "xml", "text": "txt"}
"""What `--output` writes -> how the file ends."""


@click.command("test")
@shared.mode_option("sandbox")
@click.option(
    "--days", type=click.FloatRange(0, 36_500, min_open=True), default=7.0, show_default=True, help="How far back."
)
@click.option("--max-conversations", type=click.IntRange(1), default=None, help="Only the newest so many.")
@click.option("--performance-report", is_flag=True, help="Print the performance metrics by themselves, too.")
@click.option("--server", metavar="COMMAND", help="Put another MCP server through it, in place of ours.")
@click.option("--config", type=click.Path(path_type=Path, dir_okay=False), help="JSON with other targets: performance.")
@click.option(
    "--output", metavar="DIRECTORY", type=click.Path(path_type=Path, file_okay=False), help="Write reports there."
)
@click.option("--record", is_flag=True, help="Keep the traffic, redacted, so that --mode replay can repeat the run.")
@click.option("--keep", is_flag=True, help="Leave the run's folder: its database and the server's log.")
@click.option(
    "--format", "format", type=click.Choice(options.REPORT_FORMATS), default="text", show_default=True,
    help="What is printed.",
)  # fmt: skip
@click.option("--fail-on", type=click.Choice(["breaking", "warning"]), default="breaking", show_default=True,
    help="Whether warnings end with 1, too.",
)  # fmt: skip
def command(
    mode: str,
    origin: str | None,
    days: float,
    max_conversations: int | None,
    performance_report: bool,
    server: str | None,
    config: Path | None,
    output: Path | None,
    record: bool,
    keep: bool,
    format: str,
    fail_on: str,
) -> None:
    """The integration procedure: eight steps from the token to a judged report.

    Environment, API connection, database, data sync and its integrity, MCP server, queries, performance, cleanup.
    Everything is made in a temporary folder; nothing is written to Intercom. Ends with 0 (passed, or passed with
    warnings), 1 (failed), 3 (credentials), 4 (Intercom does not answer), 5 (nothing ran), 6 (only targets missed).

    \b
    bi-contracts intercom test                                on made-up data
    bi-contracts intercom test --mode live --days 30 --output reports
    bi-contracts intercom test --mode replay                  without a network
    bi-contracts intercom test --server 'npx my-intercom-mcp'
    """
    from ...intercom.procedure.run import Run
    from ...report import exit_code

    space = options.workspace()
    settings = _settings(
        space,
        mode,
        origin,
        server,
        days=days,
        max_conversations=max_conversations,
        performance=performance_report,
        config=config,
        record=record,
        keep=keep,
    )
    if output is not None:
        _check(output)
    with _progress() as (tell, step):
        run = Run(settings, space, tell, step)
        asyncio.run(run.run())
    stream = _events(run)
    click.echo(_printed(run, format), nl=False)
    if output is not None:
        _write(run, output)  # after it was printed: a disk that is full must not lose it
    if run.recorded:
        click.echo(f"recorded {options.counted(run.recorded, 'exchange')} -> {settings.record}", err=True)
    if run.unrecorded:
        click.echo(run.unrecorded, err=True)
    click.get_current_context().exit(int(exit_code(stream, fail_on)))


def _settings(
    space: Workspace,
    mode: str,
    origin: str | None,
    server: str | None,
    *,
    days: float,
    max_conversations: int | None,
    performance: bool,
    config: Path | None,
    record: bool,
    keep: bool,
) -> Settings:
    """What is asked for, by options and environment. Raises `click.UsageError`, `ConfigurationError`."""
    from click.core import ParameterSource

    from ...intercom.procedure import recording
    from ...intercom.procedure.settings import Settings
    from ...intercom.procedure.targets import targets_of

    source = click.get_current_context().get_parameter_source
    if mode == "replay":
        given = [name for name in ("days", "max_conversations") if source(name) is ParameterSource.COMMANDLINE]
        if given or record or origin:
            raise click.UsageError(
                "--mode replay repeats a recording: leave --days, --max-conversations, --record, --from out"
            )
    elif origin is not None:
        shared.upstream(space, mode, origin)
    settings = Settings(
        folder=shared.test_workspace(),
        mode=mode,  # type: ignore[arg-type]
        url=origin or "",
        days=days,
        max_conversations=max_conversations or 0,
        server=_command(server),
        performance=performance,
        record=recording.own_file(space) if record else None,
        keep=keep,
        timeout=_timeout(),
        targets=targets_of(config),
    )
    level = os.environ.get(LOG_LEVEL, "")
    if level:
        _log(level)
        settings = replace(settings, environ={"LOG_LEVEL": level.upper()})
    return settings


def _command(server: str | None) -> tuple[str, ...]:
    if server is None:
        return ()
    try:
        words = tuple(shlex.split(server))
    except ValueError as error:
        raise click.BadParameter(f"{server!r}: {error}", param_hint="--server") from None
    if not words:
        raise click.BadParameter("name the command that starts it", param_hint="--server")
    return words


def _timeout() -> float:
    """The seed's budget for the whole procedure, in seconds."""
    from ...errors import ConfigurationError
    from ...intercom.procedure.settings import TIMEOUT as USUAL

    said = os.environ.get(TIMEOUT, "").strip()
    if not said:
        return USUAL
    try:
        seconds = float(said)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise ConfigurationError(f"{TIMEOUT}: {said!r} is no number of seconds above 0")
    return seconds


def _log(level: str) -> None:
    """Our own log lines at the level of the seed's variable, unless LOG_LEVEL already asked for another."""
    from ...errors import ConfigurationError
    from ..logs import configure

    if os.environ.get("LOG_LEVEL"):
        return
    try:
        configure({"LOG_LEVEL": level})
    except ConfigurationError as error:
        raise ConfigurationError(str(error).replace("LOG_LEVEL", LOG_LEVEL)) from None


def _check(folder: Path) -> None:
    from ...files import check_writable

    check_writable(folder / "intercom_test.json")


@contextmanager
def _progress() -> Iterator[tuple[Callable[[Line], None], Callable[[str, float], None]]]:
    """The quick form, line by line on stderr, above a bar for what is being done."""
    if (click.get_current_context().find_root().obj or {}).get("quiet"):
        yield lambda _: None, lambda _what, _share: None
        return
    from ...intercom.procedure.quick import Quick
    from ...intercom.procedure.tree import style_for

    quick = Quick(style_for(getattr(sys.stderr, "encoding", None)))
    if not sys.stderr.isatty():
        yield lambda line: _said(quick.told(line)), lambda _what, _share: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<24}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("integration test", total=1.0)

        def tell(line: Line) -> None:
            if words := quick.told(line):
                bar.console.print(words, markup=False, highlight=False)

        yield tell, lambda what, share: bar.update(task, completed=share, description=what)


def _said(words: str) -> None:
    if words:
        click.echo(words, err=True)


def _events(run: Run) -> list:  # type: ignore[type-arg]
    from ...intercom.procedure.reporting import events

    return events(run)


def _printed(run: Run, format: str) -> str:
    """The tree, or the report of the house in another format."""
    from ...intercom.procedure.reporting import tree
    from ...intercom.procedure.tree import render, style_for
    from ...report import render as written

    if format == "text":
        return render(tree(run), style_for(getattr(sys.stdout, "encoding", None)))
    return written(_events(run), format)


def _write(run: Run, folder: Path) -> None:
    """One file for each format, each whole or not at all."""
    from ...files import write_text
    from ...intercom.procedure.reporting import tree
    from ...intercom.procedure.tree import render
    from ...report import render as written

    stamp = f"{run.started_at:%Y%m%d_%H%M%S}"
    for format, ending in FILES.items():
        path = folder / f"intercom_test_{stamp}.{ending}"
        write_text(path, render(tree(run)) if format == "text" else written(_events(run), format))
        click.echo(f"report written to {path}", err=True)
