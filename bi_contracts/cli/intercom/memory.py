"""`bi-contracts intercom memory`: watch memory, look for leaks, read what was watched."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...errors import ExitCode
from .results import result_options, tell

if TYPE_CHECKING:
    from ...intercom.procedure.memory import Watch

FILE = Path("memory_usage.jsonl")


@click.group("memory")
def command() -> None:
    """Watch memory, look for leaks, read what was watched.

    \b
    bi-contracts intercom memory monitor --duration 60
    bi-contracts intercom memory monitor -- bi-contracts intercom sync --mode sandbox
    bi-contracts intercom memory analyze
    bi-contracts intercom memory leaks
    """


@command.command("monitor")
@click.argument("program", nargs=-1, type=click.UNPROCESSED)
@click.option("--pid", "pids", multiple=True, type=click.IntRange(1), help="This process and what it starts.")
@click.option("--interval", type=click.FloatRange(0.01, 3600), default=0.5, show_default=True, help="Seconds.")
@click.option("--duration", type=click.FloatRange(0), help="Seconds; until it is told to stop where none are given.")
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), default=FILE, show_default=True,
    help="Samples are added there, one JSON object a line.",
)  # fmt: skip
@click.option("--label", hidden=True, help="Does nothing; `pkill -f` finds the process by it.")
def monitor(
    program: tuple[str, ...],
    pids: tuple[int, ...],
    interval: float,
    duration: float | None,
    output: Path,
    label: str | None,  # noqa: ARG001
) -> None:
    """Sample what PROGRAM, a process, or all commands of bi-contracts hold, until SIGTERM or Ctrl-C."""
    from ...files import check_writable
    from ...intercom.procedure.memory import Watch
    from ...intercom.procedure.sampling import psutil_module

    psutil_module()
    check_writable(output)
    with ExitStack() as stack:
        if program:
            pids = (stack.enter_context(_running(program)),)
        watch = Watch(pids, interval, duration)
        stack.enter_context(_stopping(watch))
        file = stack.enter_context(output.open("a", encoding="utf-8"))
        seen = watch.into(file)
    click.echo(f"{seen} samples added to {output}; bi-contracts intercom memory analyze {output}", err=True)
    click.get_current_context().exit(int(ExitCode.GOOD if seen else ExitCode.NOTHING_RAN))


@command.command("analyze")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), default=FILE)
@click.option("--html", "page", type=click.Path(path_type=Path, dir_okay=False), help="Write a page with a chart.")
@result_options
def analyze(file: Path, page: Path | None, format: str, output: Path | None) -> None:
    """Say what FILE (of `memory monitor`) shows: peak, pattern, and how it went."""
    from ...files import write_text
    from ...intercom.procedure import memory, sampling

    found = sampling.read(file)
    if page is not None:
        write_text(page, memory.html(found))
        click.echo(f"written to {page}", err=True)
    tell(memory.analyze(found, str(file)), format, output)


@command.command("leaks")
@click.option("--rounds", type=click.IntRange(1), default=24, show_default=True, help="The first 8 warm up.")
@click.option("--conversations", type=click.IntRange(1), default=20, show_default=True, help="Synced in each round.")
@result_options
def leaks(rounds: int, conversations: int, format: str, output: Path | None) -> None:
    """Sync and query in rounds, in a process of its own, on the sandbox; growth from round to round is a finding."""
    from ...intercom.procedure.leaks import in_a_process, judge

    tell(judge(in_a_process(rounds, conversations), "sandbox"), format, output)


@contextmanager
def _running(program: Sequence[str]) -> Iterator[int]:
    """The program, started; ended with the block."""
    from ...errors import ConfigurationError

    try:
        process = subprocess.Popen(list(program))
    except OSError as error:
        raise ConfigurationError(f"{program[0]}: cannot be started ({error.strerror})") from None
    try:
        yield process.pid
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
        process.kill()
        process.wait()


@contextmanager
def _stopping(watch: Watch) -> Iterator[None]:
    """SIGTERM and Ctrl-C end the watching, and nothing else."""

    def stop(*_: Any) -> None:
        watch.stop()

    before = {each: signal.signal(each, stop) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
