"""`bi-contracts health`: how the platforms are, once or for as long as somebody watches."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import options

if TYPE_CHECKING:
    from ..health.look import Look
    from ..health.settings import Settings
    from ..platform import Platform
    from ..session import Upstream

FORMATS = ("text", "json", "prometheus", "html")


@click.command("health")
@options.globs
@click.option(
    "--mode", type=click.Choice(["sandbox", "live", "replay"]), default="sandbox", show_default=True,
    help="Who answers: the sandbox in process, or the platforms. Recordings (replay) are no fresh evidence.",
)  # fmt: skip
@click.option("--from", "url", metavar="URL", help="A sandbox served at this URL answers.")
@click.option("--watch", is_flag=True, help="Look again and again, until interrupted.")
@click.option("--interval", type=click.FloatRange(1, 86_400), metavar="SECONDS", help="Between two looks of a watch.")
@click.option("--rounds", type=click.IntRange(1), metavar="N", help="End a watch after so many looks.")
@click.option(
    "--serve", "port", type=click.IntRange(0, 65_535), metavar="PORT",
    help="Watch, and serve /status, /status.json, /metrics and /healthz on this machine; 0 takes a free port.",
)  # fmt: skip
@click.option(
    "--page", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write a status page in HTML."
)
@click.option(
    "--prometheus-file", "textfile", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Write metrics, for the textfile collector of node_exporter.",
)  # fmt: skip
@click.option("--alerts/--no-alerts", default=None, help="Send messages. Live does so by default, a sandbox does not.")
@click.option("--memory/--no-memory", default=True, help="Remember what was seen from one run to the next.")
@click.option("--format", "format", type=click.Choice(FORMATS), default="text", show_default=True)
def command(
    globs: Sequence[str],
    mode: str,
    url: str | None,
    watch: bool,
    interval: float | None,
    rounds: int | None,
    port: int | None,
    page: Path | None,
    textfile: Path | None,
    alerts: bool | None,
    memory: bool,
    format: str,
) -> None:
    """Ask every platform how it is: up, degraded, down, unknown, or in maintenance.

    One question each, to the endpoint that says whose credential it is. What is remembered in .bi-contracts makes
    the next run, by hand or by cron, know what was seen before: a state changes only when several answers agree, and
    one message tells of the change. Channels are configured under [tool.bi_contracts.health].

    Exit codes: 0 all that could be asked are up; 1 some are degraded or down; 4 all are down; 5 nothing could be
    asked (no credential is set, or the mode is replay).

    \b
    bi-contracts health
    bi-contracts health gong hubspot --mode live --format json
    bi-contracts health --mode live --watch --interval 60 --serve 9464
    bi-contracts health --mode live --page status.html --prometheus-file /var/lib/node_exporter/health.prom
    """
    watching = watch or port is not None
    _check(watching, mode if url is None else "sandbox", rounds, format)
    task = _task(globs, mode, url, interval, memory, alerts)
    with ExitStack() as stack:
        shown = [*_files(page, textfile), stack.enter_context(_screen(format, watching))]
        if port is not None:
            shown.append(stack.enter_context(_served(port)))
        look = asyncio.run(_looked(task, shown, rounds if watching else 1))
    click.get_current_context().exit(5 if look is None else int(look.exit_code))


Show = Callable[["Look"], None]
"""Something that is done with every look."""


@dataclass(frozen=True)
class _Task:
    """What is watched, and how."""

    upstream: Upstream
    platforms: tuple[Platform, ...]
    settings: Settings
    memory: Path | None
    alerts: bool


def _check(watching: bool, mode: str, rounds: int | None, format: str) -> None:
    if watching and mode == "replay":
        raise click.UsageError("recordings do not change: watch with --mode live or --mode sandbox")
    if watching and format in ("prometheus", "html"):
        raise click.UsageError(f"a watch prints text or json; use --serve, --page or --prometheus-file for {format}")
    if rounds is not None and not watching:
        raise click.UsageError("--rounds is for --watch")


def _task(
    globs: Sequence[str], mode: str, url: str | None, interval: float | None, memory: bool, alerts: bool | None
) -> _Task:
    from ..health.memory import place
    from ..health.settings import Settings, checked
    from ..session import Upstream

    space = options.workspace()
    upstream = Upstream(space, mode) if url is None else options.upstream(space, url)
    settings = Settings.of(space)
    if interval is not None:
        settings = checked(replace(settings, interval=interval), "--interval")
    chosen = options.targets(space, globs)
    platforms = tuple({one.platform.name: one.platform for one in chosen}.values())
    live = upstream.origin == "live"
    kept = place(space, "live" if live else "sandbox") if memory and not upstream.recorded else None
    return _Task(upstream, platforms, settings, kept, live if alerts is None else alerts)


async def _looked(task: _Task, shown: Sequence[Show], rounds: int | None) -> Look | None:
    """The last look of a watch; None where it was interrupted before there was one."""
    from ..health.opening import monitor, recorded

    latest: list[Look] = []

    def tell(look: Look) -> None:
        latest[:] = [look]
        for show in shown:
            show(look)

    mode = task.upstream.mode.value
    if task.upstream.recorded:
        tell(recorded(task.platforms, task.settings))
    else:
        stop = _stopping()
        async with monitor(
            task.upstream, task.platforms, task.settings,
            mode=mode, memory=task.memory, send=task.alerts, report=_complain,
        ) as watch:  # fmt: skip
            await watch.watch(tell, rounds=rounds, stop=stop)
    return latest[0] if latest else None


def _stopping() -> asyncio.Event:
    """Set by the first interruption: the look that is under way is finished. The second one ends it at once."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def stopped() -> None:
        stop.set()
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(each)

    with suppress(NotImplementedError, RuntimeError, ValueError):  # not every system and thread has signals
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(each, stopped)
    return stop


def _complain(line: str) -> None:
    click.echo(f"bi-contracts: {line}", err=True)


def _files(page: Path | None, textfile: Path | None) -> Iterator[Show]:
    """What writes files. Raises `ConfigurationError` where that is impossible from the start."""
    from ..files import check_writable
    from ..health.metrics import exposition
    from ..health.page import render

    for path, text in ((page, render), (textfile, exposition)):
        if path is not None:
            check_writable(path)
            yield _written(path, text)


def _written(path: Path, text: Callable[[Look], str]) -> Show:
    from ..errors import ConfigurationError
    from ..files import write_text

    def show(look: Look) -> None:
        content = text(look)
        try:
            write_text(path, content)
        except ConfigurationError as error:  # a full disk must not end a watch
            _complain(str(error))

    return show


@contextmanager
def _served(port: int) -> Iterator[Show]:
    """A server, for as long as the block lasts."""
    from time import time

    from .. import serving
    from ..health.metrics import check_installed
    from ..health.server import Board

    check_installed()
    board = Board(time)
    with serving.running(board, port=port) as url:
        click.echo(f"health, serving at {url}/status (and /status.json, /metrics, /healthz)", err=True)
        yield board.hang


@contextmanager
def _screen(format: str, watching: bool) -> Iterator[Show]:
    """What prints: tables once, a line a look in a watch, and for somebody who sits there a table that changes."""
    if format == "text" and watching and sys.stdout.isatty():
        with _live() as show:
            yield show
    elif format == "text":
        yield _lines if watching else _table
    else:
        yield _printed(format, watching)


def _printed(format: str, watching: bool) -> Show:
    import json

    def show(look: Look) -> None:
        if format == "json":
            click.echo(json.dumps(look.as_dict(), indent=None if watching else 2, ensure_ascii=False))
        elif format == "prometheus":
            from ..health.metrics import exposition

            click.echo(exposition(look), nl=False)
        else:
            from ..health.page import render

            click.echo(render(look), nl=False)

    return show


_COLUMNS = ("platform", "state", "took", "evidence", "from", "why")


def _rows(look: Look) -> list[dict[str, str]]:
    from ..health.lasting import lasting
    from ..report.values import duration

    return [
        {
            "platform": row.name,
            "state": row.state.value,
            "took": duration(row.evidence.duration if row.evidence else None) or "-",
            "evidence": "never" if row.age is None else f"{lasting(row.age)} old",
            "from": row.source if row.evidence else "-",
            "why": row.words,
        }
        for row in look.rows()
    ]


def _table(look: Look) -> None:
    options.print_table(_rows(look), _COLUMNS)
    click.echo(f"\n{_summary(look)}")
    _messages(look)


def _summary(look: Look) -> str:
    states = [row.state for row in look.rows()]
    counts = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(sorted(states)))
    told = "" if look.mode == "live" else f" ({look.mode}: not evidence about the live APIs)"
    return f"{look.overall()}: {counts}{told}"


def _lines(look: Look) -> None:
    from ..health.lasting import iso

    click.echo(f"{iso(look.at)} {_summary(look)}")
    for change in look.changes:
        why = f": {change.detail}" if change.detail else ""
        click.echo(f"  {change.platform}: {change.before} -> {change.after}{why}")
    _messages(look)


def _messages(look: Look) -> None:
    for message in look.messages:
        click.echo(f"  {message.level}: {message.title} (to {', '.join(message.channels) or 'nobody'})")


_COLOURS = {"up": "green", "degraded": "yellow", "down": "bold red", "maintenance": "cyan", "unknown": "dim"}


@contextmanager
def _live() -> Iterator[Show]:
    from rich.console import Console
    from rich.live import Live
    from rich.table import Table
    from rich.text import Text

    with Live(console=Console(no_color=not options.use_color()), auto_refresh=False) as screen:

        def show(look: Look) -> None:
            table = Table(*_COLUMNS, title=_summary(look), caption="Ctrl-C ends the watch")
            for row in _rows(look):
                state = Text(row["state"], style=_COLOURS[row["state"]])
                table.add_row(row["platform"], state, *(Text(row[name]) for name in _COLUMNS[2:]))
            screen.update(table, refresh=True)

        yield show
