"""The command line. Every verb lives in its own file and is imported when it is asked for."""

from __future__ import annotations

import errno
import os
import sys

import click

from .. import __version__
from ..errors import BiContractsError, ExitCode, Failure
from ..startup import without_httpx_cli
from .verbs import Verbs

VERBS = {
    "demo": "The whole story on the sandbox in under a minute; ends in report.html.",
    "init": "Scaffold a workspace: configuration, a test, CI workflows.",
    "doctor": "Say what is set, missing and stale.",
    "platforms": "List the declared endpoints and what is known of each.",
    "record": "Read endpoints and keep the traffic as cassettes.",
    "infer": "Infer contracts from cassettes or from plain responses.",
    "check": "Hold cassettes against contracts.",
    "replay": "Run the suite offline, or serve the cassettes.",
    "drift": "Ask again and say what changed in an API's shape.",
    "contract": "Show, compare and import contracts.",
    "cassette": "Show, import, export, audit and prune cassettes.",
    "rules": "List the drift rules.",
    "run": "Every check of every platform, and all reports.",
    "mock": "Make mock data from contracts.",
    "load": "Measure under load, against thresholds.",
    "health": "Probe the platforms, watch them, send alerts.",
    "gateway": "Serve the business gateway on this machine.",
    "intercom": "Sync, search, serve and verify Intercom conversations; the integration procedure.",
    "sandbox": "Serve the platforms on this machine.",
}


@click.group(
    cls=Verbs,
    table=VERBS,
    package=__name__,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="bi-contracts")
@click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
@click.option("--no-input", is_flag=True, help="Never ask; take the safe answer.")
@click.pass_context
def cli(ctx: click.Context, quiet: bool, no_input: bool) -> None:
    """Record, replay and drift detection for the SaaS APIs your product lives on.

    Data goes to stdout, progress and logs (LOG_LEVEL=DEBUG) to stderr. Exit codes: 0 good, 1 findings, 2 usage,
    3 configuration or credentials, 4 upstream down, 5 nothing ran, 6 SLA breached.
    """
    ctx.obj = {"quiet": quiet, "no_input": no_input}
    if os.environ.get("LOG_LEVEL"):
        from .logs import configure

        configure(os.environ)


def main() -> None:
    """The console script: runs a verb and turns how it ended into an exit code, an error of ours into one line."""
    without_httpx_cli()
    try:
        code = int(cli.main(standalone_mode=False) or ExitCode.GOOD)
    except BaseException as error:  # a person sees a line, and a traceback only for what is our mistake
        code, said = exit_code_of(error)
        if said:
            click.echo(said, err=True)
    sys.exit(code)


def exit_code_of(error: BaseException) -> tuple[int, str]:
    """The exit code and the line for what ended a command. Raises the error again where it is none of ours."""
    match error:
        case click.Abort() | KeyboardInterrupt():
            return 130, "bi-contracts: interrupted; nothing was half-written"
        case click.UsageError():
            where = f"{error.ctx.get_usage()}\n" if error.ctx else ""
            return ExitCode.USAGE, f"{where}bi-contracts: {error.format_message()}"
        case click.ClickException():
            return error.exit_code, f"bi-contracts: {error.format_message()}"
        case BiContractsError() | Failure():
            return error.exit_code, f"bi-contracts: {error}"
        case BrokenPipeError():
            sys.stdout = None  # nobody reads on; the interpreter must not flush into it
            return ExitCode.GOOD, ""
        case SystemExit() if _nobody_reads():
            return ExitCode.GOOD, ""
        case SystemExit():
            return ExitCode.CONFIGURATION, f"bi-contracts: code of the workspace ended the process: {error!r}"
        case OSError(errno=errno.ENOSPC) if error.filename is None:
            sys.stdout = None
            return ExitCode.CONFIGURATION, "bi-contracts: the output cannot be written: no space left on the device"
    raise error


def _nobody_reads() -> bool:
    """Whether click has found the pipe closed: it wraps stdout then, and raises SystemExit."""
    return type(sys.stdout).__name__.endswith("PacifyFlushWrapper")
