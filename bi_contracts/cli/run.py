"""`bi-contracts run`: every check of every platform, and all reports."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from typing import TYPE_CHECKING

import click

from ..integration.phases import PHASES
from . import options

if TYPE_CHECKING:
    from ..integration.run import Run
    from ..registry import Target
    from ..report.events import Outcome
    from ..session import Upstream
    from ..workspace import Workspace


@click.command("run")
@click.option("--quick", is_flag=True, help="The short form of every phase, for every commit.")
@click.option("--platform", "names", multiple=True, metavar="NAME", help="Only this platform; may be repeated.")
@click.option("--phase", "phases", multiple=True, type=click.Choice(PHASES), help="Only this phase; may be repeated.")
@click.option(
    "--mode",
    type=click.Choice(["replay", "sandbox", "live"]),
    default=None,
    help="Who answers: recordings (the default), the sandbox in process, or the platforms.",
)
@click.option("--from", "url", default=None, metavar="URL", help="A sandbox served at this URL answers.")
@click.option(
    "--output",
    metavar="DIRECTORY",
    default="bi-contracts-reports",
    show_default=True,
    help="Folder of the reports.",
)
@click.option(
    "--format", "format", type=click.Choice(options.REPORT_FORMATS), default="text", show_default=True,
    help="What is printed.",
)  # fmt: skip
@click.option("--fail-on", type=click.Choice(["breaking", "warning", "info"]), default=None, help="Least severity.")
def command(
    quick: bool,
    names: tuple[str, ...],
    phases: tuple[str, ...],
    mode: str | None,
    url: str | None,
    output: str,
    format: str,
    fail_on: str | None,
) -> None:
    """Connection, data flow, workflow, resilience, load and health: every check of every platform.

    Prints a summary and writes every report into a folder: JSON, Markdown, JUnit, and one self-contained HTML page.
    With recordings no connection is opened and no key is needed. What could not be checked is skipped with its
    reason, never passed; a run in which nothing ran ends with 5.

    \b
    bi-contracts run --quick
    bi-contracts run --mode sandbox --platform gong --output reports
    bi-contracts run --mode live --phase connection --phase health
    """
    from ..integration.reports import check_folder, write_reports
    from ..integration.run import Run
    from ..report import exit_code, render

    space = options.workspace()
    upstream = _upstream(space, mode, url)
    chosen = _targets(space, names)
    if not output.strip():
        raise click.BadParameter("name the folder of the reports", param_hint="--output")
    check_folder(output)
    wanted = tuple(name for name in PHASES if name in (phases or PHASES))
    with _progress(wanted) as told:
        run = Run(upstream, chosen, quick=quick, phases=wanted, told=told)
        stopped = _stopped(run)
    for path in write_reports(run.events, output):
        click.echo(f"report written to {path}", err=True)
    click.echo(render(run.events, format, width=options.width(None), color=options.use_color()), nl=False)
    if stopped == signal.SIGINT:
        raise KeyboardInterrupt
    code = exit_code(run.events, fail_on or space.settings.fail_on)
    click.get_current_context().exit(128 + stopped if stopped else int(code))


def _stopped(run: Run) -> int:
    """Runs it. The signal by which somebody stopped it, else 0: what was found until then is reported all the same.

    What checks of the workspace print goes to stderr: stdout has the report.
    """
    terminated: list[int] = []
    try:
        with redirect_stdout(sys.stderr):
            asyncio.run(_terminable(run, terminated))
    except KeyboardInterrupt:
        return signal.SIGINT
    except asyncio.CancelledError:
        if not terminated:
            raise
    return terminated[0] if terminated else 0


async def _terminable(run: Run, terminated: list[int]) -> None:
    """Runs it until it ends or the process is asked to, which is noted."""
    task = asyncio.current_task()
    assert task is not None

    def stop() -> None:
        terminated.append(signal.SIGTERM)
        task.cancel()

    loop = asyncio.get_running_loop()
    with suppress(NotImplementedError, RuntimeError, ValueError):  # Windows, or not in the main thread
        loop.add_signal_handler(signal.SIGTERM, stop)
    await run.run()


def _upstream(space: Workspace, mode: str | None, url: str | None) -> Upstream:
    from ..session import Upstream

    if url is not None and mode is not None:
        raise click.UsageError("--mode and --from both say who answers: give one of them")
    if url is not None:
        return options.upstream(space, url)
    wanted = mode or space.settings.mode
    if wanted == "record":
        raise click.BadParameter("record is no mode of a run: choose replay, sandbox or live", param_hint="--mode")
    return Upstream(space, wanted)


def _targets(space: Workspace, names: tuple[str, ...]) -> tuple[Target, ...]:
    """The endpoints that can be read, of these platforms only. Raises `UnknownEndpoint` for another name."""
    from ..registry import platform, select

    for name in names:
        platform(name, space)
    return select([f"{name}/*" for name in names] or ["*"], space)


@contextmanager
def _progress(phases: tuple[str, ...]) -> Iterator[Callable[[Outcome], None]]:
    """A line for each phase on stderr, with what has come of it."""
    if options.quiet():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:<12}"),
        TextColumn("{task.fields[done]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks = {name: bar.add_task(name, total=None, start=False, done="") for name in phases}
        counts = dict.fromkeys(phases, 0)
        failed = dict.fromkeys(phases, 0)

        def told(outcome: Outcome) -> None:
            name = outcome.phase
            if name not in tasks:
                return
            for other in tasks:
                if counts[other] and other != name:
                    bar.stop_task(tasks[other])
            bar.start_task(tasks[name])
            counts[name] += 1
            failed[name] += outcome.verdict in ("failed", "error")
            bad = f", {failed[name]} not good" if failed[name] else ""
            bar.update(tasks[name], done=f"{counts[name]} checks{bad}  {outcome.subject}")

        yield told
